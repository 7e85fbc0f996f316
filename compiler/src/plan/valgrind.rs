//! Where valgrind leaves room: its own code lies at 0x5800_0000, its heap at 0x10_0200_0000, and it sets 8 MiB aside for
//! `brk` after the last segment of an executable.

use super::image::MappedRange;
use nativize_abi::address::{LOW_MEMORY_BASE, PAGE_SIZE};

/// What a memory in the low slot reserves: up to where [`last_segment`] lies.
const LOW_RESERVATION: u64 = 376 << 20;

/// What a memory at `base` reserves.
pub(super) fn reservation(base: u64) -> u64 {
    if base == LOW_MEMORY_BASE {
        LOW_RESERVATION
    } else {
        32 << 20
    }
}

/// A segment after the low memory, so that what valgrind sets aside lies behind it instead of behind an image in it.
pub(super) fn last_segment() -> MappedRange {
    MappedRange {
        address: LOW_MEMORY_BASE + LOW_RESERVATION,
        bytes: vec![0; PAGE_SIZE as usize],
    }
}

const _: () = assert!(LOW_MEMORY_BASE + LOW_RESERVATION + PAGE_SIZE + (8 << 20) < 0x5800_0000);
