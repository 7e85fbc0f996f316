//! What the runtime maps for itself: in a part of the address space where no memory, table or stack of a program has a guard.
//!
//! A guard is where nothing is mapped, so the kernel must not choose: where no room is left elsewhere, or the stack is unlimited, it
//! chooses addresses among the memories.
#![allow(unsafe_code)]

use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use nativize_abi::address::{PAGE_SIZE, RUNTIME_AREA, RUNTIME_AREA_END};
use rustix::io::{Errno, Result};
use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, mremap_fixed, munmap};

/// The runtime's.
static AREA: Area<RUNTIME_AREA, RUNTIME_AREA_END> = Area::new();

/// How often another place is tried: first the next ones, then each twice as far from the last one.
const ATTEMPTS: u32 = 24;
const NEAR_ATTEMPTS: u32 = 8;
/// How far the first of those further away is.
const STEP: u64 = 1 << 20;

/// [`Area::map`] where the runtime maps.
///
/// # Errors
/// As there.
pub(crate) fn map(size: usize, protection: ProtFlags, flags: MapFlags) -> Result<u64> {
    AREA.map(size, protection, flags)
}

/// [`Area::enlarge`] where the runtime maps.
///
/// # Errors
/// As there.
///
/// # Safety
/// As there.
pub(crate) unsafe fn enlarge(mapping: Range<u64>, size: usize) -> Result<u64> {
    // SAFETY: the caller's promise.
    unsafe { AREA.enlarge(mapping, size) }
}

/// Addresses from `START` to `END` that are given out one after the other, and again from the first on when all were. (They are
/// no fields: what a file says that variables begin as is zero.)
struct Area<const START: u64, const END: u64> {
    /// Where the next mapping is tried, counted from the start.
    next: AtomicU64,
}

impl<const START: u64, const END: u64> Area<START, END> {
    const fn new() -> Self {
        Area {
            next: AtomicU64::new(0),
        }
    }

    /// Where `size` bytes may find room; where that is tried next, `skip` more are left out.
    fn place(&self, size: u64, skip: u64) -> Option<u64> {
        let all = END - START;
        let first = |next| if size > all - next { 0 } else { next };
        let after = |next| {
            let end = first(next).checked_add(size).filter(|&end| end <= all)?;
            Some(if skip == 0 { end } else { (end + skip) % all })
        };
        let next = self.next.fetch_update(Relaxed, Relaxed, after).ok()?;
        Some(START + first(next))
    }

    /// Maps `size` bytes that are zero, in whole pages: anonymous, private, and with these `flags`. Gives their address.
    ///
    /// # Errors
    /// `ENOMEM` when there is no room, or the kernel's.
    fn map(&self, size: usize, protection: ProtFlags, flags: MapFlags) -> Result<u64> {
        let size = size
            .max(1)
            .checked_next_multiple_of(PAGE_SIZE as usize)
            .ok_or(Errno::NOMEM)?;
        let flags = flags | MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE;
        for attempt in 0..ATTEMPTS {
            let skip = match attempt.checked_sub(NEAR_ATTEMPTS) {
                None => 0,
                Some(far) => STEP << far,
            };
            let address = self.place(size as u64, skip).ok_or(Errno::NOMEM)?;
            // SAFETY: the kernel refuses to replace a mapping. One too old to know that flag takes the address as a hint,
            // which a mapping in the way makes it ignore.
            match unsafe { mmap_anonymous(address as *mut _, size, protection, flags) } {
                Ok(mapped) if mapped as u64 == address => return Ok(address),
                Ok(elsewhere) => {
                    // SAFETY: the mapping is new.
                    let _ = unsafe { munmap(elsewhere, size) };
                }
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Errno::NOMEM)
    }

    /// Makes a mapping larger, elsewhere if need be. Gives its address from now on.
    ///
    /// # Errors
    /// `ENOMEM` when there is no room, or the kernel's.
    ///
    /// # Safety
    /// It is one of [`Area::map`], whole, and only the caller knows where it is.
    unsafe fn enlarge(&self, mapping: Range<u64>, size: usize) -> Result<u64> {
        let old_size = (mapping.end - mapping.start) as usize;
        let start = mapping.start as *mut _;
        if size as u64 <= END - mapping.start {
            // SAFETY: it grows where nothing is mapped, or not at all.
            let grown = unsafe { mremap(start, old_size, size, MremapFlags::empty()) };
            if grown.is_ok() {
                return Ok(mapping.start);
            }
        }
        let place = self.map(size, ProtFlags::empty(), MapFlags::NORESERVE)?;
        let to = place as *mut _;
        // SAFETY: the place was mapped for this.
        let moved = unsafe { mremap_fixed(start, old_size, size, MremapFlags::MAYMOVE, to) };
        if let Err(error) = moved {
            // SAFETY: nothing else is there.
            let _ = unsafe { munmap(to, size) };
            return Err(error);
        }
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ_WRITE: ProtFlags = ProtFlags::READ.union(ProtFlags::WRITE);

    #[test]
    fn nothing_is_mapped_elsewhere() {
        const START: u64 = 0x200_0000_0000;
        const SIZE: usize = 1 << 20;
        const END: u64 = START + 64 * SIZE as u64;
        let area = Area::<START, END>::new();
        let map = |size| {
            let start = area.map(size, ProtFlags::empty(), MapFlags::NORESERVE)?;
            assert!(START <= start && start + size as u64 <= END);
            Ok(start)
        };
        // SAFETY: all of it is ours.
        let unmap = |start: u64| unsafe { munmap(start as *mut _, SIZE) }.unwrap();
        for _ in 0..256 {
            unmap(map(SIZE).unwrap());
        }
        let mappings: Vec<_> = (0..64).map(|_| map(SIZE).unwrap()).collect();
        assert_eq!(map(SIZE), Err(Errno::NOMEM));
        assert_eq!(map(1), Err(Errno::NOMEM));
        unmap(mappings[33]);
        let found = (0..64).find_map(|_| map(SIZE).ok());
        assert_eq!(found, Some(mappings[33]));
        mappings.into_iter().for_each(unmap);
        assert_eq!(map(65 * SIZE), Err(Errno::NOMEM));
        assert_eq!(map(usize::MAX), Err(Errno::NOMEM));
    }

    #[test]
    fn what_cannot_grow_in_its_place_is_moved() {
        const START: u64 = 0x210_0000_0000;
        let area = Area::<START, { START + (64 << 12) }>::new();
        let map = |size| area.map(size, READ_WRITE, MapFlags::NORESERVE).unwrap();
        let (first, _) = (map(4096), map(4096));
        // SAFETY: they are ours.
        unsafe {
            *(first as *mut u64) = 7;
            let moved = area.enlarge(first..first + 4096, 2 << 12).unwrap();
            assert_eq!(moved, START + (2 << 12));
            assert_eq!(*(moved as *const u64), 7);
            // In its place, but not beyond the end.
            let range = moved..moved + (2 << 12);
            assert_eq!(area.enlarge(range, 62 << 12), Ok(moved));
            let range = moved..moved + (62 << 12);
            assert_eq!(area.enlarge(range, 63 << 12), Err(Errno::NOMEM));
        }
    }
}
