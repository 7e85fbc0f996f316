//! What the runtime knows of a thread, and the list of all.
//!
//! The thread register (`fs`) holds the address: no libc has another use for it.
#![allow(unsafe_code)]

use super::Hooks;
use super::descriptors::{self, Held};
use crate::mutex::Mutex;
use crate::sys::arch::thread;
use core::ops::Range;
use core::ptr;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Relaxed, Release},
};
use nativize_abi::program::{GuestFrame, Thread, Threads};
use rustix::thread::futex;

/// A thread.
#[repr(C)]
pub(super) struct Control {
    /// Its own address, which is read at the thread register.
    pub(super) own: *mut Control,
    /// Its number: 0 for the main thread.
    pub(super) id: u32,
    /// What is passed to it.
    pub(super) argument: i32,
    /// `extern "C" fn(thread, id, argument)`, in the guest's code.
    pub(super) start: u64,
    /// Its state.
    pub(super) state: *mut Thread,
    /// What states are like.
    pub(super) threads: &'static Threads,
    /// The guest's stack.
    pub(super) stack: Range<u64>,
    /// All that is mapped for it, but for its memories and tables.
    pub(super) mapping: Range<u64>,
    /// The descriptors that its host function uses.
    pub(super) held: Held,
    /// The next one in the list.
    next: *mut Control,
}

/// All threads.
pub(super) struct List {
    first: *mut Control,
    last_id: u32,
}

// SAFETY: what is in the list is valid until it is taken out, under the lock.
unsafe impl Send for List {}

/// The threads that run.
pub(super) static LIST: Mutex<List> = Mutex::new(List {
    first: ptr::null_mut(),
    last_id: 0,
});

/// Numbers of threads are below this (wasi-threads).
const ID_END: u32 = 1 << 29;

impl List {
    /// Those that run.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Control> {
        let mut next = self.first;
        core::iter::from_fn(move || {
            // SAFETY: what is in the list is valid.
            let control = unsafe { next.as_ref() }?;
            next = control.next;
            Some(control)
        })
    }

    /// A number that no thread has.
    pub(super) fn new_id(&mut self) -> u32 {
        loop {
            self.last_id = (self.last_id + 1) % ID_END;
            let id = self.last_id;
            if id != 0 && self.iter().all(|control| control.id != id) {
                return id;
            }
        }
    }

    /// # Safety
    /// The thread stays until [`List::remove`].
    pub(super) unsafe fn add(&mut self, control: *mut Control) {
        // SAFETY: the caller's promise.
        unsafe { (*control).next = self.first };
        self.first = control;
    }

    /// Takes a thread out.
    pub(super) fn remove(&mut self, control: *mut Control) {
        let mut link = &raw mut self.first;
        // SAFETY: what is in the list is valid.
        unsafe {
            while !(*link).is_null() {
                if *link == control {
                    *link = (*control).next;
                    return;
                }
                link = &raw mut (**link).next;
            }
        }
    }
}

/// The calling thread.
pub(super) fn current() -> &'static Control {
    // SAFETY: the register is set before the hooks are, and in a new thread before any code runs there; what it points
    // to stays as long as the thread.
    unsafe { &*thread::register().cast::<Control>() }
}

/// What the main thread installs.
pub(super) static HOOKS: Hooks = Hooks {
    guest_frame,
    stack: || current().stack.clone(),
    state: || current().state,
    has_state_at,
    claim_report,
    hold: descriptors::hold,
    close: descriptors::close,
    closing: descriptors::closing,
};

fn guest_frame() -> GuestFrame {
    // SAFETY: the state stays as long as the thread, of whose guest only this host function runs.
    unsafe { (*current().state).frame }
}

fn has_state_at(address: u64) -> bool {
    let control = current();
    let start = control.state as u64;
    (start..start + control.threads.size).contains(&address)
}

fn claim_report() {
    static REPORTER: AtomicU32 = AtomicU32::new(0);
    let own = current().id + 1;
    while let Err(other) = REPORTER.compare_exchange(0, own, Relaxed, Relaxed) {
        if other == own {
            // A fault while it reports.
            return;
        }
        // Until the process ends.
        let _ = futex::wait(&REPORTER, futex::Flags::PRIVATE, other, None);
    }
}

/// Lets the rest of the runtime know that there are threads.
pub(super) fn install_hooks() {
    super::HOOKS.store((&raw const HOOKS).cast_mut(), Release);
}
