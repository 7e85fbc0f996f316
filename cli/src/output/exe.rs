//! `--emit exe`: the executable.

use std::time::Instant;

use nativize_compiler::Program;

use crate::build;
use crate::console::{Console, Size};
use crate::error::Failure;
use crate::explain;
use crate::link::LinkOptions;
use crate::settings::Settings;

/// Compiles and links `program`.
pub(crate) fn executable(
    program: &Program<'_>,
    settings: &Settings,
    console: &Console,
) -> Result<Vec<u8>, Failure> {
    let object = object(program, settings, console)?;
    let start = Instant::now();
    let options = LinkOptions {
        strip: settings.strip,
    };
    let executable = build::link(&object, &settings.policy.encode(), &options)
        .map_err(|error| explain::link(&error, settings))?;
    console.phase("link", start, Size(executable.len() as u64));
    Ok(executable)
}

/// Compiles `program` to a relocatable object.
pub(super) fn object(
    program: &Program<'_>,
    settings: &Settings,
    console: &Console,
) -> Result<Vec<u8>, Failure> {
    let start = Instant::now();
    let progress = console.progress();
    let object = nativize_compiler::compile(program, &settings.options, &progress)
        .map_err(|error| explain::compile(error, settings))?;
    drop(progress);
    console.phase("compile", start, Size(object.len() as u64));
    Ok(object)
}
