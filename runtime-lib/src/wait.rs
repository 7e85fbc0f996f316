//! `memory.atomic.wait` and `memory.atomic.notify`.
//!
//! The kernel's futexes compare 32 bits, and a wait compares 32 or 64. So those who wait stand in queues of our own, found
//! by the address that they wait at, and each sleeps at a futex of its own: the comparison and the place in the queue
//! are one step for whoever notifies, and one notification reaches waits of both widths, the longest first.
//! Source: threads proposal, "Wait and Notify operators".
#![allow(unsafe_code)]

use crate::core::clock::{now, timespec};
use crate::mutex::Mutex;
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Release, SeqCst},
};
use rustix::thread::futex;
use rustix::time::ClockId;

/// How a wait ended, as the instruction's result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub(crate) enum Outcome {
    /// It was notified.
    Woken = 0,
    /// Another value was there.
    NotEqual = 1,
    /// It took too long.
    TimedOut = 2,
}

/// A thread that waits. It lies on that thread's stack, and stays there until the waiter is out of its queue.
struct Waiter {
    address: u64,
    /// The one that came next. It belongs to the queue.
    next: *mut Waiter,
    /// Not 0 once it was notified; then it is in no queue any more.
    notified: AtomicU32,
}

/// Waiters in the order in which they came.
struct Queue {
    first: *mut Waiter,
    last: *mut Waiter,
}

// SAFETY: a waiter's links are used by whoever holds the lock of its queue, on any thread.
unsafe impl Send for Queue {}

impl Queue {
    const EMPTY: Queue = Queue {
        first: ptr::null_mut(),
        last: ptr::null_mut(),
    };

    /// # Safety
    /// `waiter` is in no queue, and stays where it is while it is in this one.
    unsafe fn push(&mut self, waiter: *mut Waiter) {
        if self.last.is_null() {
            self.first = waiter;
        } else {
            // SAFETY: what is in the queue is valid.
            unsafe { (*self.last).next = waiter };
        }
        self.last = waiter;
    }

    /// Takes out each waiter that `wanted` says, and gives it to `take`.
    fn take(&mut self, mut wanted: impl FnMut(*mut Waiter) -> bool, take: impl Fn(*mut Waiter)) {
        let (mut previous, mut at) = (ptr::null_mut::<Waiter>(), self.first);
        while !at.is_null() {
            // SAFETY: what is in the queue is valid, and nobody else uses the links.
            let next = unsafe { (*at).next };
            if wanted(at) {
                if previous.is_null() {
                    self.first = next;
                } else {
                    // SAFETY: as above.
                    unsafe { (*previous).next = next };
                }
                if next.is_null() {
                    self.last = previous;
                }
                take(at);
            } else {
                previous = at;
            }
            at = next;
        }
    }
}

const QUEUES: usize = 64;

static TABLE: [Mutex<Queue>; QUEUES] = [const { Mutex::new(Queue::EMPTY) }; QUEUES];

/// The queue of an address. Words that are neighbours have different ones.
fn queue(address: u64) -> &'static Mutex<Queue> {
    let index = (address >> 2) as usize % QUEUES;
    // SAFETY: the remainder is less than the length.
    unsafe { TABLE.get_unchecked(index) }
}

/// Waits at `address` for as long as 32 bits there are `expected` at first.
///
/// # Safety
/// An aligned value lies there in a memory.
pub(crate) unsafe fn wait32(address: u64, expected: u32, timeout: i64) -> Outcome {
    // SAFETY: the caller's promise; memories are never unmapped.
    let cell = unsafe { AtomicU32::from_ptr(address as *mut u32) };
    wait(address, timeout, || cell.load(SeqCst) == expected)
}

/// The same for 64 bits.
///
/// # Safety
/// As for [`wait32`].
pub(crate) unsafe fn wait64(address: u64, expected: u64, timeout: i64) -> Outcome {
    // SAFETY: as above.
    let cell = unsafe { AtomicU64::from_ptr(address as *mut u64) };
    wait(address, timeout, || cell.load(SeqCst) == expected)
}

fn wait(address: u64, timeout: i64, is_expected: impl FnOnce() -> bool) -> Outcome {
    // A negative timeout never comes.
    let deadline = u64::try_from(timeout)
        .ok()
        .map(|timeout| now(ClockId::Monotonic).saturating_add(timeout));
    let waiter = UnsafeCell::new(Waiter {
        address,
        next: ptr::null_mut(),
        notified: AtomicU32::new(0),
    });
    let queued = queue(address).with(|queue| {
        let expected = is_expected();
        if expected {
            // SAFETY: it is in no queue, and this function does not return before it is out of this one.
            unsafe { queue.push(waiter.get()) };
        }
        expected
    });
    if !queued {
        return Outcome::NotEqual;
    }
    // SAFETY: the waiter lies above; only its links are changed by others.
    let notified = unsafe { &(*waiter.get()).notified };
    while notified.load(Acquire) == 0 {
        let left = deadline.map(|deadline| deadline.saturating_sub(now(ClockId::Monotonic)));
        if left == Some(0) {
            let mut found = false;
            queue(address).with(|queue| {
                queue.take(|other| other == waiter.get(), |_| {});
                found = notified.load(Acquire) == 0;
            });
            return if found {
                Outcome::TimedOut
            } else {
                Outcome::Woken
            };
        }
        // However it ends: what it waits for is looked at again.
        let _ = futex::wait(
            notified,
            futex::Flags::PRIVATE,
            0,
            left.map(timespec).as_ref(),
        );
    }
    Outcome::Woken
}

/// Ends the waits of at most `count` threads at `address`, the longest first, and gives their number.
pub(crate) fn notify(address: u64, count: u32) -> u32 {
    let mut woken = 0;
    queue(address).with(|queue| {
        queue.take(
            |waiter| {
                // SAFETY: what is in the queue is valid.
                let wanted = woken < count && unsafe { (*waiter).address } == address;
                woken += u32::from(wanted);
                wanted
            },
            |waiter| {
                // SAFETY: it is valid until it is notified.
                let notified = unsafe { &raw const (*waiter).notified };
                // SAFETY: as above.
                unsafe { (*notified).store(1, Release) };
                // The waiter may be gone by now: then nobody sleeps at that address, or somebody who looks again.
                // SAFETY: the kernel takes the address for a number unless somebody sleeps there.
                let _ = futex::wake(unsafe { &*notified }, futex::Flags::PRIVATE, 1);
            },
        );
    });
    woken
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::{scope, yield_now};

    fn notify_until(address: u64, count: u32, total: u32) {
        let mut woken = 0;
        while woken < total {
            let now = notify(address, count);
            assert!(now <= count);
            woken += now;
            yield_now();
        }
        assert_eq!(woken, total);
    }

    #[test]
    fn a_wait_compares() {
        let cell = AtomicU64::new(1 << 32);
        let address = cell.as_ptr() as u64;
        // SAFETY: the cell is there.
        unsafe {
            assert_eq!(wait32(address, 1, -1), Outcome::NotEqual);
            assert_eq!(wait64(address, 1, -1), Outcome::NotEqual);
            assert_eq!(wait64(address, 0, -1), Outcome::NotEqual);
            assert_eq!(wait32(address, 0, 0), Outcome::TimedOut);
            assert_eq!(wait64(address, 1 << 32, 1_000_000), Outcome::TimedOut);
        }
        assert_eq!(notify(address, u32::MAX), 0);
    }

    #[test]
    fn a_notification_reaches_waits_of_both_widths() {
        let cell = AtomicU64::new(7);
        let address = cell.as_ptr() as u64;
        scope(|scope| {
            for _ in 0..3 {
                // SAFETY: the cell is there.
                scope.spawn(|| assert_eq!(unsafe { wait32(address, 7, -1) }, Outcome::Woken));
                // SAFETY: the cell is there.
                scope.spawn(|| assert_eq!(unsafe { wait64(address, 7, -1) }, Outcome::Woken));
            }
            assert_eq!(notify(address + 4, 9), 0);
            assert_eq!(notify(address + 4 * QUEUES as u64, 9), 0);
            notify_until(address, 1, 2);
            notify_until(address, 9, 4);
        });
        assert_eq!(notify(address, 9), 0);
    }

    #[test]
    fn a_waiter_leaves_the_middle_of_its_queue() {
        let cell = AtomicU32::new(7);
        let address = cell.as_ptr() as u64;
        scope(|scope| {
            for _ in 0..2 {
                // SAFETY: the cell is there.
                scope.spawn(|| assert_eq!(unsafe { wait32(address, 7, -1) }, Outcome::Woken));
                // SAFETY: the cell is there.
                assert_eq!(unsafe { wait32(address, 7, 3_000_000) }, Outcome::TimedOut);
            }
            notify_until(address, 9, 2);
        });
    }
}
