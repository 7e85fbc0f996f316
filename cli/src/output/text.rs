//! `--emit clif` and `--emit asm`: what the compiler makes of each function, as text.

use std::time::Instant;

use nativize_compiler::{Dump, Program};

use crate::console::{Console, Size};
use crate::error::Failure;
use crate::explain;
use crate::settings::Settings;

/// The text of all functions.
pub(crate) fn dump(
    program: &Program<'_>,
    kind: Dump,
    settings: &Settings,
    console: &Console,
) -> Result<String, Failure> {
    let start = Instant::now();
    let mut text = String::new();
    nativize_compiler::dump(program, &settings.options, kind, &mut text)
        .map_err(|error| explain::compile(error, settings))?;
    console.phase("compile", start, Size(text.len() as u64));
    Ok(text)
}
