//! `nativize verify`: proves of a finished executable that its guest code stays inside.
//!
//! It works from the file alone and shares nothing with the compiler but the contract (`nativize-abi`). What is proven, what
//! is assumed and how is in `README.md` next to this file.

mod access;
mod allowed;
mod blocks;
mod call;
#[cfg(test)]
mod concrete;
mod condition;
mod demands;
mod encoding;
mod exception;
mod file;
mod flow;
mod join;
mod memory;
mod origins;
mod probe;
mod program;
mod records;
mod relations;
mod report;
mod rounds;
mod runtime;
mod state;
mod step;
mod summary;
mod tables;
mod value;

use file::File;
use program::Program;
pub use report::{Finding, Report, Verdict};

/// Checks an executable, with so many threads.
///
/// # Errors
/// Why it is none of nativize's, or what of it cannot be read.
pub fn verify(bytes: &[u8], threads: usize) -> Result<Report, String> {
    let program = Program::new(File::new(bytes)?)?;
    Ok(rounds::run(&program, threads))
}
