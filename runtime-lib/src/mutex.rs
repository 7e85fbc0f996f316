//! A lock for what takes longer than a few instructions: who waits for it sleeps.
#![allow(unsafe_code)]

use core::cell::UnsafeCell;
use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use rustix::thread::futex;

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody may sleep.
const AWAITED: u32 = 2;

/// A value that one thread at a time may use.
///
/// Nothing that can trap runs inside [`Mutex::with`].
pub(crate) struct Mutex<T> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: `state` admits one thread at a time to the value, which may itself move between threads.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    /// A lock around `value`.
    pub(crate) const fn new(value: T) -> Self {
        Mutex {
            state: AtomicU32::new(FREE),
            value: UnsafeCell::new(value),
        }
    }

    /// Calls `f` with the value. Not reentrant.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        if self
            .state
            .compare_exchange(FREE, HELD, Acquire, Relaxed)
            .is_err()
        {
            self.wait();
        }
        // SAFETY: `state` was free and is not now, so that no other reference to the value exists.
        let result = f(unsafe { &mut *self.value.get() });
        if self.state.swap(FREE, Release) == AWAITED {
            // There is nothing to do about an error, of which the kernel has none for this call.
            let _ = futex::wake(&self.state, futex::Flags::PRIVATE, 1);
        }
        result
    }

    #[cold]
    fn wait(&self) {
        while self.state.swap(AWAITED, Acquire) != FREE {
            // However it ends, the state tells.
            let _ = futex::wait(&self.state, futex::Flags::PRIVATE, AWAITED, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mutex;
    use std::thread::{scope, yield_now};

    #[test]
    fn one_at_a_time() {
        let mutex = Mutex::new(0u64);
        scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        mutex.with(|value| {
                            let read = *value;
                            yield_now();
                            *value = read + 1;
                        });
                    }
                });
            }
        });
        assert_eq!(mutex.with(|value| *value), 4000);
    }
}
