//! Text on standard output.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::error::{Failure, printable_json};

/// Prints `text`. A reader that has seen enough and closed the pipe is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::stdout(&error)),
        _ => Ok(()),
    }
}

/// Writes `bytes`, all of which have to arrive.
pub(crate) fn write(bytes: &[u8]) -> Result<(), Failure> {
    write_all(bytes).map_err(|error| Failure::stdout(&error))
}

fn write_all(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Prints `value` as JSON in which nothing drives a terminal.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| {
        crate::bug::failure(
            &format!("the report cannot be printed as JSON: {error}"),
            &[],
        )
    })?;
    print(&format!("{}\n", printable_json(&json)))
}
