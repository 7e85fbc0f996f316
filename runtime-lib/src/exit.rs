//! Ends the process.

use crate::text::Text;

/// The exit status after a trap and after an error of the runtime, as a shell reports `SIGABRT`.
pub(crate) const ABORTED: i32 = 134;

/// The exit status after a system call that the sandbox denies, as a shell reports `SIGSYS`.
pub(crate) const DENIED: i32 = 159;
/// The exit status of a program whose time is over, as `timeout` gives it.
pub(crate) const TIMED_OUT: i32 = 124;

/// Ends the process and all of its threads with status `code`, of which the parent sees the low 8 bits.
pub fn exit(code: i32) -> ! {
    crate::sys::exit_group(code)
}

/// Prints `error: ` and what `message` adds, and ends the process with `code`.
pub(crate) fn fail(code: i32, message: impl FnOnce(&mut Text)) -> ! {
    let mut text = Text::stderr();
    text.str("error: ");
    message(&mut text);
    text.str("\n");
    text.flush();
    exit(code)
}
