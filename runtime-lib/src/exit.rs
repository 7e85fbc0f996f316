//! Ends the process.

/// Ends the process and all of its threads with status `code`, of which the parent sees the low 8 bits.
pub fn exit(code: i32) -> ! {
    crate::sys::exit_group(code)
}
