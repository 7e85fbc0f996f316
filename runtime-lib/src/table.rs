//! Tables that grow.
#![allow(unsafe_code)]

use crate::area;
use core::ptr;
use nativize_abi::address::PAGE_SIZE;
use nativize_abi::program::Table;
use rustix::mm::{MapFlags, ProtFlags};

const ENTRY_SIZE: u64 = 8;

/// The length of `table` after growth by `delta` entries, if its type allows that.
fn grown(table: &Table, delta: u64) -> Option<u64> {
    let len = table.len.checked_add(delta)?;
    (len <= table.max).then_some(len)
}

/// The bytes of storage for at least `len` entries: whole pages.
fn storage_size(len: u64) -> Option<usize> {
    let bytes = len
        .checked_mul(ENTRY_SIZE)?
        .checked_next_multiple_of(PAGE_SIZE)?;
    // More than half of the address space is no request that could succeed.
    usize::try_from(bytes)
        .ok()
        .filter(|&bytes| isize::try_from(bytes).is_ok())
}

/// Whether the storage of `table` is still its first, with others' in one place; else it is a mapping of its own.
fn is_first(table: &Table) -> bool {
    table.capacity == 0
}

/// Gives `table` storage for `size` bytes, with all of its entries; what is new is zero.
///
/// # Safety
/// `table` is one of the program's records, and `size` a multiple of the page size not below its storage.
unsafe fn enlarge(table: &mut Table, size: usize) -> Result<(), rustix::io::Errno> {
    table.base = if is_first(table) {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let storage = area::map(size, protection, MapFlags::NORESERVE)?;
        // SAFETY: the old storage is valid for its length, and the new one is larger.
        unsafe {
            ptr::copy_nonoverlapping(
                table.base as *const u64,
                storage as *mut u64,
                table.len as usize,
            );
        }
        storage
    } else {
        let old = table.base..table.base + table.capacity * ENTRY_SIZE;
        // SAFETY: this is how the storage was mapped, and nothing but the record points to it.
        unsafe { area::enlarge(old, size)? }
    };
    table.capacity = size as u64 / ENTRY_SIZE;
    Ok(())
}

/// `table.grow`: adds `delta` entries with the value `init` and gives the length before, or -1 when the type's
/// maximum or the system forbids it.
///
/// # Safety
/// `table` is one of the program's records, and nothing else changes it meanwhile.
pub unsafe fn grow(table: *mut Table, delta: u64, init: u64) -> u64 {
    // SAFETY: the caller's promise.
    let table = unsafe { &mut *table };
    let old_len = table.len;
    let Some(len) = grown(table, delta) else {
        return u64::MAX;
    };
    if len > table.capacity.max(old_len) {
        // Twice as much as before, so that a table that grows by ones is not moved each time; when that is refused,
        // what was asked for.
        let sizes = [len.max(old_len.saturating_mul(2)).min(table.max), len];
        let enlarged = sizes
            .into_iter()
            .filter_map(storage_size)
            // SAFETY: the table is the program's; sizes are page multiples that hold more than the present capacity.
            .any(|size| unsafe { enlarge(table, size) }.is_ok());
        if !enlarged {
            return u64::MAX;
        }
    }
    // Pages of a mapping of our own are zero already: null entries there cost no memory. (The first storage has no room.)
    if init != 0 {
        // SAFETY: the storage holds at least `len` entries.
        unsafe { fill((table.base as *mut u64).add(old_len as usize), init, delta) };
    }
    table.len = len;
    old_len
}

/// Gives back the storage of `table`, if that is a mapping of its own.
///
/// # Safety
/// Nothing uses the table any more.
pub unsafe fn unmap(table: &Table) {
    if !is_first(table) {
        let size = (table.capacity * ENTRY_SIZE) as usize;
        // SAFETY: the caller's promise.
        let _ = unsafe { rustix::mm::munmap(table.base as *mut _, size) };
    }
}

/// `table.fill`: writes `value` to `count` entries.
///
/// # Safety
/// The entries are storage of a table.
pub unsafe fn fill(first: *mut u64, value: u64, count: u64) {
    for index in 0..count as usize {
        // SAFETY: the caller's promise.
        unsafe { first.add(index).write(value) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_checked() {
        let table = Table {
            base: 0,
            len: 10,
            max: 20,
            capacity: 10,
        };
        assert_eq!(grown(&table, 10), Some(20));
        assert_eq!(grown(&table, 11), None);
        assert_eq!(grown(&table, u64::MAX), None);
        assert_eq!(storage_size(1), Some(4096));
        assert_eq!(storage_size(513), Some(8192));
        assert_eq!(storage_size(u64::MAX / 8), None);
        assert_eq!(storage_size(u64::MAX), None);
    }

    #[test]
    fn storage_moves_and_keeps_its_entries() {
        // As if it had moved out of the executable before: an empty table has storage nowhere.
        let mut table = Table {
            base: 0,
            len: 0,
            max: 100_000,
            capacity: 0,
        };
        let read = |table: &Table, index: u64| {
            assert!(index < table.len);
            // SAFETY: the index is below the length.
            unsafe { *(table.base as *const u64).add(index as usize) }
        };
        // SAFETY: the record is ours.
        unsafe {
            assert_eq!(grow(&raw mut table, 0, 7), 0);
            assert_eq!(grow(&raw mut table, 3, 7), 0);
            assert_eq!(grow(&raw mut table, 50_000, 0), 3);
            assert_eq!(grow(&raw mut table, 49_997, 9), 50_003);
            assert_eq!(grow(&raw mut table, 1, 9), u64::MAX);
        }
        assert_eq!(read(&table, 2), 7);
        assert_eq!(read(&table, 50_002), 0);
        assert_eq!(read(&table, 50_003), 9);
        assert_eq!(read(&table, 99_999), 9);
        assert_eq!(table.len, 100_000);
    }
}
