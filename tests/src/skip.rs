//! How a test says that it does not run. Tests of other crates have this file as a module of their own.

use std::io::{Write as _, stderr};

/// Says what a test needs that is not there; the test then passes. `.ci/run` looks for these words: with `leave` first it is
/// something that the machine does not let its users do, else a tool that can be installed.
///
/// It is written past the test's own output, which nobody sees of one that passes.
#[allow(unreachable_pub, reason = "in other crates it is a private module")]
pub fn skipped(needs: &str) {
    // One write, so that what other tests say is not in the middle of it. Where nobody reads it, nobody needs it.
    let _ = stderr().write_all(format!("skipped: needs {needs}\n").as_bytes());
}
