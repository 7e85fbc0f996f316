//! `--emit exe`: the executable.

use std::time::Instant;

use nativize_compiler::{CodeCache, Program};

use crate::build;
use crate::cache::functions::{Functions, Place};
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
        ..LinkOptions::default()
    };
    let executable = build::link(
        &object,
        &settings.options,
        &settings.policy.encode(),
        &options,
    )
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
    let cache = Functions::open(&settings.cache).unwrap_or_else(|reason| {
        no_cache(settings, console, start, &reason);
        None
    });
    let store = cache.as_ref().map(|cache| cache as &dyn CodeCache);
    let object = nativize_compiler::compile_with(program, &settings.options, &progress, store)
        .map_err(|error| explain::compile(error, settings))?;
    progress.finish(console);
    console.phase("compile", start, Size(object.len() as u64));
    if let Some(cache) = cache {
        let start = Instant::now();
        let found = cache.found();
        match cache.finish() {
            Ok(()) => console.phase("cache", start, format_args!("{found} functions reused")),
            Err(error) => no_cache(settings, console, start, &error.to_string()),
        }
    }
    Ok(object)
}

/// The cache is a convenience; only who asked for it hears more than a line of `-v` if it cannot be used.
fn no_cache(settings: &Settings, console: &Console, start: Instant, reason: &str) {
    match settings.cache {
        Place::Folder(_) => console.warning(
            &format!("code is not kept for later builds: {reason}"),
            "choose another directory with --cache, or --cache off",
        ),
        Place::Default | Place::Nowhere => console.phase("cache", start, reason),
    }
}
