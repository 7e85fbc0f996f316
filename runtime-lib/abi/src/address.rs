//! The address map of an executable (x86-64 Linux, `ET_EXEC`).
//!
//! ```text
//! 0x0040_0000            text, read-only data, data and bss of program and runtime
//! 0x3f10_0000 - stack    the guest stack, its guard below it
//! 0x3f10_0000            linear memory in the low slot: 4 GiB of index range, then 2 GiB of guard; or up to 16 GiB
//! 0x4_3f10_0000          a guest stack too large for the place below: its guard, then the stack itself
//! 0x10_0000_0000 + n*S   slots of further memories, S = 16 GiB each
//! ```
//!
//! Executable, stack and the first 15 MiB of memory lie in one GiB, so that they share a page of page tables, and the
//! inaccessible range mostly lies where there are none: a kernel takes 6 us to tear down a GiB that has tables.

/// The first address of the executable's own segments.
pub const EXECUTABLE_BASE: u64 = 0x40_0000;

/// The base address of the linear memory that takes the low slot.
pub const LOW_MEMORY_BASE: u64 = 0x3f10_0000;

/// A guest stack of up to this many bytes ends where that memory begins.
pub const LOW_STACK_MAX: u64 = 256 << 20;

/// Everything of the executable itself, but for images of memory, ends here.
pub const EXECUTABLE_END: u64 = LOW_MEMORY_BASE - LOW_STACK_MAX - STACK_GUARD;

/// The base address of the slot of the first memory that is not in the low slot.
pub const HIGH_SLOTS_BASE: u64 = 0x10_0000_0000;

/// The address space of a slot, which bounds a memory whose own type does not: 16 GiB.
pub const SLOT_SIZE: u64 = 0x4_0000_0000;

/// The number of high slots; the last one ends below the kernel's mmap area in a 47-bit address space.
pub const HIGH_SLOTS: u64 = 6144;

/// The bytes that a 32-bit index reaches.
pub const INDEX_RANGE: u64 = 1 << 32;

/// The inaccessible bytes after the index range: an access whose static offset plus width is at most this much
/// needs no bounds check other than the page protection.
pub const MEMORY_GUARD: u64 = 1 << 31;

/// What one memory reserves when its bounds are held by page protection.
pub const MEMORY_RESERVATION: u64 = INDEX_RANGE + MEMORY_GUARD;

/// The address at which the guard of a guest stack larger than [`LOW_STACK_MAX`] begins.
pub const HIGH_STACK_AREA: u64 = LOW_MEMORY_BASE + SLOT_SIZE;

/// The inaccessible bytes below the guest stack: nothing is ever mapped there. Code in the guest probes every page of a larger frame, and no
/// function of the runtime has a frame that steps over it.
pub const STACK_GUARD: u64 = 0x1_0000;

/// The size of a page of the machine, in bytes.
pub const PAGE_SIZE: u64 = 4096;

/// The address of high slot `index`.
pub const fn high_slot(index: u64) -> u64 {
    HIGH_SLOTS_BASE + index * SLOT_SIZE
}

const _: () = assert!(high_slot(HIGH_SLOTS) < 0x7000_0000_0000);
const _: () = assert!(HIGH_STACK_AREA + (1 << 33) < HIGH_SLOTS_BASE);
