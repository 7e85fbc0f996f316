//! Threads of the guest (wasi-threads), and what the rest of the runtime sees of them.
//!
//! A program that starts threads sets [`HOOKS`] before its first code runs. In any other the rest of the runtime finds
//! nothing there, and the linker leaves all of this out.
#![allow(unsafe_code)]

#[cfg(all(feature = "standalone", not(test)))]
mod control;
#[cfg(all(feature = "standalone", not(test)))]
mod descriptors;
#[cfg(all(feature = "standalone", not(test)))]
mod slots;
#[cfg(all(feature = "standalone", not(test)))]
mod spawn;

#[cfg(all(feature = "standalone", not(test)))]
pub(crate) use {
    descriptors::leave,
    spawn::{spawn, state},
};

use core::ops::Range;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Acquire};
use nativize_abi::program::{GuestFrame, Thread};
use rustix::fd::RawFd;

/// What changes where there are threads.
pub(crate) struct Hooks {
    /// Where the calling thread has left the guest.
    pub(crate) guest_frame: fn() -> GuestFrame,
    /// The guest's stack of the calling thread.
    pub(crate) stack: fn() -> Range<u64>,
    /// The calling thread's state.
    pub(crate) state: fn() -> *mut Thread,
    /// Whether an address is of the calling thread's state.
    pub(crate) has_state_at: fn(u64) -> bool,
    /// Returns in the first thread that calls it, which ends the process. Others that want to report something sleep.
    pub(crate) claim_report: fn(),
    /// Keeps a descriptor of the host open until the host function that runs is left; false if those are too many.
    pub(crate) hold: fn(RawFd) -> bool,
    /// Closes a descriptor of the host that no host function can find any more, as soon as none holds it.
    pub(crate) close: fn(RawFd),
    /// How many descriptors of the host are to be closed, and held.
    pub(crate) closing: fn() -> u64,
}

static HOOKS: AtomicPtr<Hooks> = AtomicPtr::new(ptr::null_mut());

/// The hooks of a program that starts threads.
#[inline(always)]
pub(crate) fn hooks() -> Option<&'static Hooks> {
    // SAFETY: it is null or a static that never changes.
    unsafe { HOOKS.load(Acquire).as_ref() }
}
