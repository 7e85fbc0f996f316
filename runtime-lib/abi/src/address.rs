//! The address map of an executable (x86-64 Linux, `ET_EXEC`).
//!
//! ```text
//! 0                      nothing, ever: where no kernel maps by default
//! 0x1_0000               linear memory in the low slot: 4 GiB of index range, then 2 GiB of guard; or up to 16 GiB
//! 0x4_1050_0000 - stack  the guest stack, its guard below it; or the stack, and data and bss that fit there
//! 0x4_1050_0000          text, read-only data, data and bss of program and runtime
//! 0x4_8000_0000          a guest stack too large for the place below: its guard, then the stack itself
//! 0x10_0000_0000         what the runtime maps for itself: threads, tables that have grown, ...
//! 0x100_0000_0000 + n*S  slots of further memories, S = 16 GiB each
//! ```
//!
//! The lowest 4 GiB hold nothing but the linear memory in the low slot. So an access whose address is computed in 32
//! bits (the prefix 0x67) stays inside of it, whatever its operands hold, and adds as WebAssembly's `i32.add` does.
//!
//! Guards are addresses where nothing is mapped. Nothing needs to be reserved for that, as long as nobody lets the kernel choose an
//! address: it prefers those below the initial stack (or from a third of the address space on), but takes any that are free when
//! there is no room, and with an unlimited stack begins 21 TiB from zero. So whatever is mapped after the start is mapped at an
//! address of this map; and a slot in which the kernel has put its own object (the vDSO) is not used.
//!
//! The end of the stack and the beginning of the executable lie in the same 2 MiB: they share pages of page tables, of
//! which each costs as much at start as a system call.

/// The base address of the linear memory that takes the low slot: the lowest that kernels map (`vm.mmap_min_addr`).
pub const LOW_MEMORY_BASE: u64 = 0x1_0000;

/// The most bytes of a memory there whose accesses compute addresses in 32 bits.
pub const WRAPPING_MEMORY_MAX: u64 = (1 << 32) - LOW_MEMORY_BASE;

/// The first address of the executable's own segments.
pub const EXECUTABLE_BASE: u64 = 0x4_1050_0000;

/// Everything of the executable itself, but for images of memory, ends here.
pub const EXECUTABLE_END: u64 = 0x4_8000_0000;

/// A guest stack of up to this many bytes ends where the executable begins.
pub const LOW_STACK_MAX: u64 = 256 << 20;

/// The first address of what the runtime maps for itself.
pub const RUNTIME_AREA: u64 = 0x10_0000_0000;

/// What the runtime maps for itself ends here.
pub const RUNTIME_AREA_END: u64 = HIGH_SLOTS_BASE;

/// The base address of the slot of the first memory that is not in the low slot.
pub const HIGH_SLOTS_BASE: u64 = 0x100_0000_0000;

/// The address space of a slot, which bounds a memory whose own type does not: 16 GiB.
pub const SLOT_SIZE: u64 = 0x4_0000_0000;

/// The number of high slots; the last one ends below the kernel's mmap area in a 47-bit address space, as it usually is.
pub const HIGH_SLOTS: u64 = 6080;

/// The bytes that a 32-bit index reaches.
pub const INDEX_RANGE: u64 = 1 << 32;

/// The inaccessible bytes after the index range: an access whose static offset plus width is at most this much
/// needs no bounds check other than the page protection.
pub const MEMORY_GUARD: u64 = 1 << 31;

/// What belongs to one memory whose bounds are held by page protection.
pub const GUARDED_RANGE: u64 = INDEX_RANGE + MEMORY_GUARD;

/// The address at which the guard of a guest stack larger than [`LOW_STACK_MAX`] begins.
pub const HIGH_STACK_AREA: u64 = EXECUTABLE_END;

/// The inaccessible bytes below the guest stack: nothing is ever mapped there. Code in the guest probes every page of a larger frame, and no
/// function of the runtime has a frame that steps over it.
pub const STACK_GUARD: u64 = 0x1_0000;

/// What a guest stack must have for the runtime's own functions.
pub const STACK_MIN: u64 = 64 << 10;

/// The most that a guest stack can have.
pub const STACK_MAX: u64 = RUNTIME_AREA - HIGH_STACK_AREA - STACK_GUARD;

/// The size of a page of the machine, in bytes.
pub const PAGE_SIZE: u64 = 4096;

/// The address of high slot `index`.
pub const fn high_slot(index: u64) -> u64 {
    HIGH_SLOTS_BASE + index * SLOT_SIZE
}

const _: () = assert!(high_slot(HIGH_SLOTS) < 0x7000_0000_0000);
const _: () = assert!(LOW_MEMORY_BASE + SLOT_SIZE + STACK_GUARD + LOW_STACK_MAX <= EXECUTABLE_BASE);
const _: () = assert!(HIGH_STACK_AREA + (1 << 33) < RUNTIME_AREA);
