//! Text on standard output.

use std::io::{self, ErrorKind, Write};
use std::path::Path;

use serde::Serialize;

use crate::error::{Failure, printable_json};

/// Prints `text`. A reader that has seen enough and closed the pipe is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::file("write", Path::new("standard output"), &error))
        }
        _ => Ok(()),
    }
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
