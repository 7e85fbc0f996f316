//! Address space for the memories that a thread has of its own: the high slots that no memory of the program takes.
#![allow(unsafe_code)]

use crate::memory::{self, of_thread};
use crate::mutex::Mutex;
use nativize_abi::address::{HIGH_SLOTS, HIGH_SLOTS_BASE, SLOT_SIZE, high_slot};
use nativize_abi::program::Memory;
use rustix::io::Errno;

/// A bit for each slot that a thread has taken.
static TAKEN: Mutex<[u64; (HIGH_SLOTS / 64) as usize]> =
    Mutex::new([0; (HIGH_SLOTS / 64) as usize]);

/// Gives `memory` a place from slot `first` on, and maps it.
///
/// # Errors
/// `EAGAIN` when all slots are taken, or the kernel's.
pub(super) fn map(memory: &mut Memory, first: u64) -> Result<(), Errno> {
    memory.base = loop {
        let base = high_slot(TAKEN.with(|taken| take(taken, first)).ok_or(Errno::AGAIN)?);
        // One that is not used stays taken.
        if !memory::is_shared_with_kernel(base) {
            break base;
        }
    };
    of_thread::add(memory.size);
    // SAFETY: the slot is this memory's alone.
    let result = unsafe { memory::map_new(memory) };
    if result.is_err() {
        unmap(memory);
    }
    result
}

/// A slot from the one with this number on that was free.
fn take(taken: &mut [u64], first: u64) -> Option<u64> {
    let mut slots = (0..).zip(taken.iter_mut());
    slots.find_map(|(word, bits)| {
        // Slots below the first one are never free.
        let below = first.saturating_sub(word * 64).min(64);
        let reserved = 1u64
            .checked_shl(below as u32)
            .map_or(u64::MAX, |bit| bit - 1);
        let free = (!(*bits | reserved)).trailing_zeros();
        let bit = 1u64.checked_shl(free)?;
        *bits |= bit;
        Some(word * 64 + u64::from(free))
    })
}

/// Gives back what [`map`] has given to `memory`, with all that it has grown by.
pub(super) fn unmap(memory: &Memory) {
    // SAFETY: the slot is this memory's alone, and its thread does not run any more.
    let _ = unsafe { rustix::mm::munmap(memory.base as *mut _, SLOT_SIZE as usize) };
    of_thread::remove(memory.size);
    let slot = (memory.base - HIGH_SLOTS_BASE) / SLOT_SIZE;
    TAKEN.with(|taken| {
        if let Some(bits) = taken.get_mut((slot / 64) as usize) {
            *bits &= !(1 << (slot % 64));
        }
    });
}
