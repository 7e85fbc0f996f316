//! The subcommands, one a file: settings -> what they do.

pub(crate) mod build;
pub(crate) mod inspect;
pub(crate) mod run;

use std::time::Instant;

use nativize_compiler::Program;

use crate::console::{Console, Size};
use crate::error::Failure;
use crate::settings::Settings;
use crate::{explain, input};

/// Parses the module in `bytes` and hands its program to `then`.
fn with_program<T>(
    bytes: Vec<u8>,
    settings: &Settings,
    console: &Console,
    then: impl FnOnce(&Program<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let start = Instant::now();
    let bytes = input::module(bytes, &settings.input)?;
    let failed = |error| explain::compile(error, settings);
    let module = nativize_compiler::parse(&bytes).map_err(failed)?;
    let program = Program::command(&module, settings.invoke.as_deref()).map_err(failed)?;
    console.phase("parse", start, Size(bytes.len() as u64));
    then(&program)
}

/// Reads the module's file.
fn read(settings: &Settings, console: &Console) -> Result<Vec<u8>, Failure> {
    let start = Instant::now();
    let bytes = settings.input.read()?;
    console.phase("read", start, Size(bytes.len() as u64));
    Ok(bytes)
}
