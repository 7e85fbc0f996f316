//! Linear memories and the guest's stack: their place in the address space at start, and growth.
//!
//! The kernel has already mapped the images at their final place, and most stacks. What is between and after them, up to a memory's size,
//! is mapped here, with one system call for each piece. Beyond a memory's end and below the stack nothing is mapped,
//! which guards them: nothing else is mapped there, neither by the runtime (see `area`) nor by the kernel.
#![allow(unsafe_code)]

use crate::mutex::Mutex;
use core::sync::atomic::{AtomicU64, Ordering::Release};
use nativize_abi::address::PAGE_SIZE;
#[cfg(all(feature = "standalone", not(test)))]
use nativize_abi::address::{HIGH_SLOTS_BASE, SLOT_SIZE};
use nativize_abi::program::{ImageRange, Memory};
use rustix::mm::{MapFlags, ProtFlags};

/// Calls `map` for each piece of `start..end` that `images`, ascending by address, leave free.
fn each_piece(start: u64, end: u64, images: &[ImageRange], mut map: impl FnMut(u64, u64)) {
    let mut at = start;
    let images = images.iter().map(|image| (image.start, image.end));
    for (gap_end, next) in images
        .filter(|&(image_start, _)| (start..end).contains(&image_start))
        .chain([(end, end)])
    {
        if at < gap_end {
            map(at, gap_end);
        }
        at = next;
    }
}

/// The end of the last page of which `memory` uses a byte when it has `size` bytes.
fn page_end(memory: &Memory, size: u64) -> Option<u64> {
    memory
        .base
        .checked_add(size)?
        .checked_next_multiple_of(PAGE_SIZE)
}

/// The size in bytes of `memory` after growth by `delta` of its pages, if its type allows that.
fn grown(memory: &Memory, delta: u64) -> Option<u64> {
    let delta_bytes = delta.checked_mul(1u64.checked_shl(memory.page_shift)?)?;
    let size = memory.size.checked_add(delta_bytes)?;
    (size <= memory.max).then_some(size)
}

/// Makes `start..end` accessible, where nothing is mapped yet. No swap is set aside for it.
///
/// # Safety
/// The addresses belong to a memory or to the guest's stack.
unsafe fn map(start: u64, end: u64) -> Result<(), rustix::io::Errno> {
    // SAFETY: the kernel refuses to replace a mapping. One too old to know that flag takes the address as a hint,
    // which a mapping in the way makes it ignore.
    let address = unsafe {
        rustix::mm::mmap_anonymous(
            start as *mut _,
            (end - start) as usize,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE,
        )?
    };
    if address as u64 == start {
        Ok(())
    } else {
        Err(rustix::io::Errno::EXIST)
    }
}

/// `memory.grow`: adds `delta` pages and gives the number of pages before, or -1 when the type's maximum or the
/// system forbids it.
///
/// # Safety
/// `memory` is one of the program's records, and nothing else changes it meanwhile.
pub unsafe fn grow(memory: *mut Memory, delta: u64) -> u64 {
    // SAFETY: the caller's promise.
    let (record, memory) = (memory, &unsafe { memory.read() });
    let Some(size) = grown(memory, delta) else {
        return u64::MAX;
    };
    let (Some(start), Some(end)) = (page_end(memory, memory.size), page_end(memory, size)) else {
        return u64::MAX;
    };
    let bytes = size - memory.size;
    let of_thread = is_of_thread(record);
    if of_thread {
        of_thread::add(bytes);
    } else {
        #[cfg(all(feature = "standalone", not(test)))]
        crate::program::check_memory(bytes);
    }
    if start < end {
        // SAFETY: the pages lie in the memory's own slot.
        let result = unsafe { map(start, end) };
        if result.is_err() {
            if of_thread {
                of_thread::remove(bytes);
            }
            return u64::MAX;
        }
    }
    // SAFETY: the caller's promise. Other threads may read it.
    unsafe { AtomicU64::from_ptr(&raw mut (*record).size) }.store(size, Release);
    memory.size >> memory.page_shift
}

/// Whether a record is one of those that the calling thread has of its own.
fn is_of_thread(record: *const Memory) -> bool {
    crate::thread::hooks().is_some_and(|hooks| (hooks.has_state_at)(record as u64))
}

/// The memories that threads have of their own: what they take beyond what the program's records tell.
pub(crate) mod of_thread {
    use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

    static BYTES: AtomicU64 = AtomicU64::new(0);

    /// All of it.
    #[cfg(all(feature = "standalone", not(test)))]
    pub(crate) fn bytes() -> u64 {
        BYTES.load(Relaxed)
    }

    /// Counts `bytes` more, or ends the program if the configuration forbids that.
    pub(crate) fn add(bytes: u64) {
        // The sizes of shared memories are compared together with these.
        super::GROWTH.with(|()| {
            BYTES.fetch_add(bytes, Relaxed);
            #[cfg(all(feature = "standalone", not(test)))]
            crate::program::check_memory(0);
        });
    }

    /// Counts `bytes` less.
    pub(crate) fn remove(bytes: u64) {
        BYTES.fetch_sub(bytes, Relaxed);
    }
}

/// One thread at a time changes what memories that are counted together have.
static GROWTH: Mutex<()> = Mutex::new(());

/// [`grow`] for a memory that other threads use, and grow, at the same time.
///
/// # Safety
/// `memory` is one of the program's records, and of a memory that is shared.
pub unsafe fn grow_shared(memory: *mut Memory, delta: u64) -> u64 {
    // SAFETY: nothing else changes the record meanwhile. Who reads its size finds the old one or the new one, of which
    // all bytes are accessible by then.
    GROWTH.with(|()| unsafe { grow(memory, delta) })
}

/// Maps every memory of the program and the guest's stack, and fills in what is not part of an image.
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) fn map_all() {
    let images = crate::program::images();
    hold_initial_stack();
    for memory in crate::program::memories() {
        if is_shared_with_kernel(memory.base) {
            crate::exit::fail(crate::exit::ABORTED, |text| {
                text.str("the kernel uses addresses of a linear memory: set a limit of the stack (`ulimit -s`)");
            });
        }
        let Some(end) = page_end(&memory, memory.size) else {
            refuse(memory.size);
        };
        each_piece(memory.base, end, images, |start, end| {
            // SAFETY: the piece belongs to this memory.
            if unsafe { map(start, end) }.is_err() {
                refuse(end - start);
            }
        });
    }
    let stack = crate::stack::range();
    // SAFETY: these are the addresses of the stack.
    if crate::program::stack_end().is_none() && unsafe { map(stack.start, stack.end) }.is_err() {
        crate::exit::fail(crate::exit::ABORTED, |text| {
            text.str("cannot map a stack of ")
                .decimal((stack.end - stack.start) >> 10)
                .str(" KiB: the limit on address space (`ulimit -v`) or on memory is too low");
        });
    }

    for copy in crate::program::copies() {
        // SAFETY: the compiler checked that the destination lies in a memory that is mapped by now; the source is
        // read-only data.
        unsafe {
            core::ptr::copy_nonoverlapping(
                copy.source as *const u8,
                copy.destination as *mut u8,
                copy.len as usize,
            );
        }
    }
}

/// Lets the kernel's stack not grow into what is above the last slot, and then through guards: it grows to wherever an access is
/// below it with nothing in between, up to its limit.
#[cfg(all(feature = "standalone", not(test)))]
fn hold_initial_stack() {
    /// More than the kernel puts there at start, and than the runtime uses.
    const LIMIT: u64 = 8 << 20;
    // Where that is refused the limit is what it was.
    let _ = crate::sys::confine::limit_stack(LIMIT);
}

/// Whether the kernel has put its own object into the slot at `base`.
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) fn is_shared_with_kernel(base: u64) -> bool {
    const AT_SYSINFO_EHDR: usize = 33;
    /// What the kernel puts next to it, before or after.
    const NEAR: u64 = 1 << 20;
    if base < HIGH_SLOTS_BASE {
        return false;
    }
    crate::start::auxv(AT_SYSINFO_EHDR).is_some_and(|object| {
        let object = object as u64;
        (base.saturating_sub(NEAR)..base + SLOT_SIZE + NEAR).contains(&object)
    })
}

/// Maps a memory whose slot is empty, and its own.
///
/// # Safety
/// Nothing else uses the slot.
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) unsafe fn map_new(memory: &Memory) -> Result<(), rustix::io::Errno> {
    let end = page_end(memory, memory.size).ok_or(rustix::io::Errno::NOMEM)?;
    if memory.base == end {
        return Ok(());
    }
    // SAFETY: the piece belongs to this memory.
    unsafe { map(memory.base, end) }
}

#[cfg(all(feature = "standalone", not(test)))]
fn refuse(bytes: u64) -> ! {
    crate::exit::fail(crate::exit::ABORTED, |text| {
        text.str("cannot map ")
            .decimal(bytes >> 10)
            .str(" KiB of linear memory: a limit (`ulimit -v`) is too low");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(start: u64, end: u64, images: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let images: Vec<_> = images
            .iter()
            .map(|&(start, end)| ImageRange { start, end })
            .collect();
        let mut pieces = Vec::new();
        each_piece(start, end, &images, |start, end| pieces.push((start, end)));
        pieces
    }

    #[test]
    fn pieces_go_around_images() {
        assert_eq!(pieces(10, 50, &[]), [(10, 50)]);
        assert_eq!(pieces(10, 20, &[(10, 15)]), [(15, 20)]);
        assert_eq!(pieces(10, 20, &[(10, 20)]), []);
        assert_eq!(
            pieces(10, 30, &[(2, 4), (12, 15), (15, 18), (20, 30), (60, 70)]),
            [(10, 12), (18, 20)]
        );
        assert_eq!(pieces(10, 10, &[]), []);
    }

    fn memory(size: u64, max: u64, page_shift: u32) -> Memory {
        Memory {
            base: 0x4000_0000,
            size,
            max,
            page_shift,
            reserved: 0,
        }
    }

    #[test]
    fn growth_is_checked() {
        let wasm = memory(0x1_0000, 0x4_0000, 16);
        assert_eq!(grown(&wasm, 0), Some(0x1_0000));
        assert_eq!(grown(&wasm, 3), Some(0x4_0000));
        assert_eq!(grown(&wasm, 4), None);
        assert_eq!(grown(&wasm, 1 << 48), None);
        assert_eq!(grown(&wasm, u64::MAX), None);
        let bytes = memory(3, u64::MAX, 0);
        assert_eq!(grown(&bytes, u64::MAX - 3), Some(u64::MAX));
        assert_eq!(grown(&bytes, u64::MAX - 2), None);
        assert_eq!(page_end(&bytes, 3), Some(0x4000_1000));
        assert_eq!(page_end(&bytes, u64::MAX), None);
    }

    #[test]
    fn memory_grows_in_place() {
        // A range that is free in every process of this kind: far from where the kernel puts anything.
        let mut memory = Memory {
            base: 0x220_0000_0000,
            ..memory(0, 0x3_0000, 16)
        };
        // SAFETY: the record is ours.
        let mut grow = |delta| unsafe { grow(&raw mut memory, delta) };
        assert_eq!(grow(1), 0);
        assert_eq!(grow(0), 1);
        assert_eq!(grow(2), 1);
        assert_eq!(grow(1), u64::MAX);
        // SAFETY: growth has mapped these bytes.
        unsafe {
            let last = (memory.base as *mut u8).add(0x2_ffff);
            assert_eq!(*last, 0);
            *last = 1;
        }
    }
}
