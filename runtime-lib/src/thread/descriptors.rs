//! Which of the host's descriptors the threads use, so that none is closed, and its number given to another file, while a
//! host function works with it.
//!
//! A host function holds what it has looked up until it is left. Who closes a descriptor has made sure that nobody finds
//! it any more; if a thread holds it, that thread is asked to close it.
#![allow(unsafe_code)]

use super::control::{Control, LIST, current};
use core::sync::atomic::{
    AtomicI32, AtomicU64, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
};
use rustix::fd::RawFd;

/// How many descriptors a host function may use.
const CAPACITY: usize = 1000;

/// Standard streams stay open, and nothing else has their numbers.
const LAST_STANDARD: RawFd = 2;

/// Nothing, in a slot.
const NONE: i32 = 0;
/// Who holds the descriptor is to close it.
const TO_CLOSE: i32 = 1 << 30;

/// The descriptors that a thread holds.
#[repr(transparent)]
pub(super) struct Held(HeldSlots);

struct HeldSlots {
    count: AtomicUsize,
    slots: [AtomicI32; CAPACITY],
}

/// Holds `host` for the calling thread, under the lock of the table of descriptors.
pub(super) fn hold(host: RawFd) -> bool {
    if host <= LAST_STANDARD {
        return true;
    }
    let held = &current().held.0;
    let count = held.count.load(Relaxed);
    let (used, free) = held.slots.split_at(count.min(CAPACITY));
    if used
        .iter()
        .any(|slot| slot.load(Relaxed) & !TO_CLOSE == host)
    {
        return true;
    }
    let Some(slot) = free.first() else {
        return false;
    };
    slot.store(host, SeqCst);
    held.count.store(count + 1, SeqCst);
    true
}

/// The calling thread leaves its host function.
pub(crate) fn leave() {
    let held = &current().held.0;
    let count = held.count.load(Relaxed);
    if count == 0 {
        return;
    }
    held.count.store(0, SeqCst);
    for slot in held.slots.iter().take(count) {
        let host = slot.swap(NONE, SeqCst);
        if host & TO_CLOSE != 0 {
            close(host & !TO_CLOSE);
            CLOSING.fetch_sub(1, SeqCst);
        }
    }
}

/// How many threads were asked to close.
static CLOSING: AtomicU64 = AtomicU64::new(0);

/// How many descriptors are still to be closed.
pub(super) fn closing() -> u64 {
    CLOSING.load(SeqCst)
}

/// Closes `host`, or asks a thread that holds it.
pub(super) fn close(host: RawFd) {
    CLOSING.fetch_add(1, SeqCst);
    let is_asked = LIST.with(|list| list.iter().any(|control| ask(control, host)));
    if !is_asked {
        CLOSING.fetch_sub(1, SeqCst);
        // SAFETY: the table does not have it any more, and nobody holds it.
        unsafe { rustix::io::close(host) };
    }
}

/// Whether the thread holds `host`, and will close it.
fn ask(control: &Control, host: RawFd) -> bool {
    let held = &control.held.0;
    // A thread whose count has fallen is done with what its slots still say.
    let count = held.count.load(SeqCst);
    held.slots.iter().take(count).any(|slot| {
        slot.compare_exchange(host, host | TO_CLOSE, SeqCst, SeqCst)
            .is_ok()
    })
}
