//! Where valgrind leaves room: its own code lies at 0x5800_0000, its heap at 0x10_0200_0000.

use nativize_abi::address::LOW_MEMORY_BASE;

const LOW_ROOM: u64 = 376 << 20;

/// The bytes that a memory at `base` may have.
pub(super) fn room(base: u64) -> u64 {
    if base == LOW_MEMORY_BASE {
        LOW_ROOM
    } else {
        32 << 20
    }
}

const _: () = assert!(LOW_MEMORY_BASE + LOW_ROOM < 0x5800_0000);
