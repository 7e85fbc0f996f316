//! Traps: how they arise in host functions and by signals, and what the user sees of them.

mod backtrace;
#[cfg(all(feature = "standalone", not(test)))]
mod check;
#[cfg(all(feature = "standalone", not(test)))]
mod report;
#[cfg(all(feature = "standalone", not(test)))]
mod signal;
#[cfg(all(feature = "standalone", not(test)))]
mod source;
mod symbols;

pub(crate) use backtrace::caller;
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) use {
    backtrace::{Origin, walk},
    report::{denied, internal_error, named, uncaught},
    signal::{end_by, install},
    symbols::{Location, Seen, Symbols},
};

use nativize_abi::Trap;

/// Ends the guest's run with `trap`, from a host function.
pub fn raise(trap: Trap) -> ! {
    #[cfg(all(feature = "standalone", not(test)))]
    report::raise(trap);
    // On the host there is no guest.
    #[cfg(not(all(feature = "standalone", not(test))))]
    panic!("wasm trap: {}", trap.message())
}
