//! The guest's stack, and calls into the guest.
#![allow(unsafe_code)]

use crate::sys::arch::switch;
use core::ops::Range;
use core::slice;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
#[cfg(all(feature = "standalone", not(test)))]
use nativize_abi::address::PAGE_SIZE;
use nativize_abi::address::{EXECUTABLE_BASE, HIGH_STACK_AREA, LOW_STACK_MAX, STACK_GUARD};
use nativize_abi::program::{Entry, Value};

/// Bytes of stack. (Not its end: a static that begins as zero takes no place in the executable.)
static SIZE: AtomicU64 = AtomicU64::new(0);

/// The lowest address of the stack; its guard ends here.
fn bottom() -> u64 {
    #[cfg(all(feature = "standalone", not(test)))]
    if let Some(end) = crate::program::stack_end() {
        return end / PAGE_SIZE * PAGE_SIZE - SIZE.load(Relaxed);
    }
    match SIZE.load(Relaxed) {
        size @ 0..=LOW_STACK_MAX => EXECUTABLE_BASE - size,
        _ => HIGH_STACK_AREA + STACK_GUARD,
    }
}

/// The end of the stack.
fn top() -> u64 {
    #[cfg(all(feature = "standalone", not(test)))]
    if let Some(end) = crate::program::stack_end() {
        return end;
    }
    bottom() + SIZE.load(Relaxed)
}

/// Fixes the stack's size.
pub(crate) fn set_size(size: u64) {
    SIZE.store(size, Relaxed);
}

/// The addresses of the calling thread's stack.
#[inline(never)]
pub(crate) fn range() -> Range<u64> {
    match crate::thread::hooks() {
        None => bottom()..top(),
        Some(hooks) => (hooks.stack)(),
    }
}

/// Bytes of stack of every thread.
pub(crate) fn size() -> u64 {
    SIZE.load(Relaxed)
}

/// Room for the arguments and results of `entry`, zeroed: the uppermost bytes of the stack.
pub(crate) fn values(entry: &Entry) -> &'static mut [Value] {
    let count = entry.params.max(entry.results) as usize;
    let address = top() as usize - count * size_of::<Value>();
    // SAFETY: the stack is mapped, no call is active, and the slice of the call before is not used any more: each
    // main loop takes it anew for each call.
    let values = unsafe { slice::from_raw_parts_mut(address as *mut Value, count) };
    values.fill([0; 2]);
    values
}

/// Calls `entry` with `values`, which hold the results afterwards. Gives 0, or what [`leave`] was given.
pub(crate) fn call(entry: &Entry, values: &mut [Value]) -> u32 {
    // SAFETY: the entry is one of the program's and `values` has room for its arguments and results, see `values`;
    // the stack below them is free as no other call is active.
    unsafe {
        switch::enter(
            entry.call,
            values.as_mut_ptr().cast(),
            values.as_ptr() as u64,
        )
    }
}

/// Returns a status from the [`call`] that is active. It needs no stack of its own: a trap at the end of the guest's
/// stack comes here with none left.
pub(crate) use switch::leave;

/// Whether a trap goes back to the main loop instead of ending the process.
static RESUMABLE: AtomicBool = AtomicBool::new(false);

/// Lets traps return their code from [`call`].
pub(crate) fn set_resumable() {
    RESUMABLE.store(true, Relaxed);
}

/// Whether traps return from [`call`].
pub(crate) fn is_resumable() -> bool {
    RESUMABLE.load(Relaxed)
}
