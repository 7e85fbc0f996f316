//! Traps: their message and backtrace.
#![allow(unsafe_code)]

use nativize_abi::Trap;

/// Ends the guest with `trap`, from a host function.
pub fn raise(trap: Trap) -> ! {
    let _ = trap;
    crate::exit::exit(134)
}
