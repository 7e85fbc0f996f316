//! Checked access to the guest's memory from host functions.
//!
//! A pointer or length that leaves the memory, and a pointer that is not aligned for its type, trap, as the witx
//! documentation of pointers asks. The guest does not run while a host function does, so that a [`Guest`] is the
//! only way to its memory for as long as it lives; but other threads of the guest may write to a shared memory at any
//! time. So each value is read once and used as it was read, and nothing that was checked is read again.
#![allow(unsafe_code)]

use crate::trap::raise;
use core::hint::black_box;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Range;
use core::ptr::{NonNull, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicU64, Ordering::Acquire};
use nativize_abi::Trap;
use nativize_abi::program::Memory;
use rustix::io::{IoSlice, IoSliceMut};

/// The memory of the instance that called a host function.
pub struct Guest<'m> {
    base: NonNull<u8>,
    size: usize,
    memory: PhantomData<&'m mut [u8]>,
}

/// How many buffers of a list are used at once. Reads and writes may always be short, and the rest of a longer list
/// is for the next call; the C library's lists have two elements.
const BATCH: usize = 64;

/// Buffers of the guest, as the kernel takes them. Empty ones are left out.
pub struct Buffers<T> {
    slots: [MaybeUninit<T>; BATCH],
    len: usize,
}

impl<T> Buffers<T> {
    const fn new() -> Self {
        Buffers {
            slots: [const { MaybeUninit::uninit() }; BATCH],
            len: 0,
        }
    }

    fn push(&mut self, buffer: T) {
        if let Some(slot) = self.slots.get_mut(self.len) {
            slot.write(buffer);
            self.len += 1;
        }
    }

    /// The buffers.
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: `push` initialised the first `len` slots, and `len` is at most their number.
        unsafe { self.slots.get_unchecked(..self.len).assume_init_ref() }
    }

    /// The buffers, for the kernel to fill.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as in `as_slice`.
        unsafe { self.slots.get_unchecked_mut(..self.len).assume_init_mut() }
    }
}

impl<'m> Guest<'m> {
    /// The memory that `memory` describes now.
    ///
    /// # Traps
    /// When `memory` is null: the instance exports none.
    ///
    /// # Safety
    /// `memory` is null or points to a memory record whose `size` bytes at `base` are accessible, and nothing else
    /// uses them during `'m`.
    pub unsafe fn new(memory: *const Memory) -> Self {
        if memory.is_null() {
            raise(Trap::NoExportedMemory);
        }
        // SAFETY: the caller vouches for the record. Another thread may let a shared memory grow: the size is read once.
        let (base, size) = unsafe {
            let size = AtomicU64::from_ptr((&raw const (*memory).size).cast_mut());
            ((*memory).base, size.load(Acquire))
        };
        let base = with_exposed_provenance_mut(base as usize);
        Guest {
            base: NonNull::new(base).unwrap_or(NonNull::dangling()),
            size: if base.is_null() { 0 } else { size as usize },
            memory: PhantomData,
        }
    }

    /// The address of `len` bytes at `pointer`.
    #[inline]
    fn range(&self, pointer: u32, len: usize, align: u32) -> Result<NonNull<u8>, Trap> {
        let start = pointer as usize;
        if pointer & (align - 1) != 0 {
            return Err(Trap::HostPointerMisaligned);
        }
        if start > self.size || len > self.size - start {
            return Err(Trap::HostPointerOutOfBounds);
        }
        // SAFETY: `start` is at most `size`, and that many bytes follow `base`.
        Ok(unsafe { self.base.add(start) })
    }

    /// The address of element `index` of an array of `size`-byte elements at `pointer`.
    pub fn element(&self, pointer: u32, index: u32, size: u32) -> u32 {
        match index
            .checked_mul(size)
            .and_then(|offset| offset.checked_add(pointer))
        {
            Some(element) => element,
            None => raise(Trap::HostPointerOutOfBounds),
        }
    }

    /// `len` bytes at `pointer`.
    pub fn bytes(&self, pointer: u32, len: u32) -> &[u8] {
        match self.range(pointer, len as usize, 1) {
            // SAFETY: the range is inside the memory, which nothing changes while `self` is borrowed.
            Ok(start) => unsafe { NonNull::slice_from_raw_parts(start, len as usize).as_ref() },
            Err(trap) => raise(trap),
        }
    }

    /// `len` bytes at `pointer`, to be written.
    pub fn bytes_mut(&mut self, pointer: u32, len: u32) -> &mut [u8] {
        match self.range(pointer, len as usize, 1) {
            // SAFETY: the range is inside the memory, which nothing else uses while `self` is borrowed.
            Ok(start) => unsafe { NonNull::slice_from_raw_parts(start, len as usize).as_mut() },
            Err(trap) => raise(trap),
        }
    }

    /// A copy of element `index` of an array of records of `N` bytes at `pointer`, a multiple of `align`, which is a
    /// power of two.
    pub fn record_at<const N: usize>(&self, pointer: u32, index: u32, align: u32) -> [u8; N] {
        match self.range(self.element(pointer, index, N as u32), N, align) {
            // SAFETY: the range is inside the memory. What is used is the copy: the optimizer does not see that the
            // value is the one in the memory.
            Ok(start) => black_box(unsafe { start.cast::<[u8; N]>().read() }),
            Err(trap) => raise(trap),
        }
    }

    /// A record of `N` bytes at `pointer`, to be written.
    pub fn record_mut<const N: usize>(&mut self, pointer: u32, align: u32) -> &mut [u8; N] {
        match self.range(pointer, N, align) {
            // SAFETY: the range is inside the memory, which nothing else uses while `self` is borrowed.
            Ok(start) => unsafe { start.cast::<[u8; N]>().as_mut() },
            Err(trap) => raise(trap),
        }
    }

    /// Element `index` of an array of records of `N` bytes at `pointer`, to be written.
    pub fn record_at_mut<const N: usize>(
        &mut self,
        pointer: u32,
        index: u32,
        align: u32,
    ) -> &mut [u8; N] {
        self.record_mut(self.element(pointer, index, N as u32), align)
    }

    /// Writes a `u16`.
    pub fn store_u16(&mut self, pointer: u32, value: u16) {
        *self.record_mut(pointer, 2) = value.to_le_bytes();
    }

    /// Writes a `u32`: a size, a descriptor or a pointer.
    pub fn store_u32(&mut self, pointer: u32, value: u32) {
        *self.record_mut(pointer, 4) = value.to_le_bytes();
    }

    /// Writes a `u64`: a file size, a timestamp.
    pub fn store_u64(&mut self, pointer: u32, value: u64) {
        *self.record_mut(pointer, 8) = value.to_le_bytes();
    }

    /// Element `index` of a list of `iovec` (or `ciovec`, which has the same layout) at `list`: pointer and length.
    fn iovec(&self, list: u32, index: u32) -> (u32, u32) {
        let element = self.element(list, index, 8);
        let start = match self.range(element, 8, 4) {
            Ok(start) => start.cast::<u32>(),
            Err(trap) => raise(trap),
        };
        // SAFETY: both words are inside the memory, and aligned. Volatile reads happen once each.
        let (pointer, len) = unsafe { (start.read_volatile(), start.add(1).read_volatile()) };
        (u32::from_le(pointer), u32::from_le(len))
    }

    /// The first buffers of a `ciovec` array of `count` elements at `list`.
    pub fn gather(&self, list: u32, count: u32) -> Buffers<IoSlice<'_>> {
        let mut buffers = Buffers::new();
        for index in 0..count {
            let (pointer, len) = self.iovec(list, index);
            if len != 0 {
                buffers.push(IoSlice::new(self.bytes(pointer, len)));
                if buffers.len == BATCH {
                    break;
                }
            }
        }
        buffers
    }

    /// The first buffers of an `iovec` array of `count` elements at `list`, up to one that overlaps an earlier one.
    pub fn scatter(&mut self, list: u32, count: u32) -> Buffers<IoSliceMut<'_>> {
        let mut buffers = Buffers::new();
        let mut ranges = [const { 0..0 }; BATCH];
        for index in 0..count {
            let (pointer, len) = self.iovec(list, index);
            let start = match self.range(pointer, len as usize, 1) {
                Ok(start) => start,
                Err(trap) => raise(trap),
            };
            if len == 0 {
                continue;
            }
            let end = pointer as usize + len as usize;
            let range = pointer as usize..end;
            let (used, free) = ranges.split_at_mut(buffers.len);
            let overlaps =
                |other: &Range<usize>| range.start < other.end && other.start < range.end;
            let Some(place) = free.first_mut() else {
                break;
            };
            if used.iter().any(overlaps) {
                break;
            }
            *place = range;
            // SAFETY: the range is inside the memory and outside of the other buffers; `self` stays borrowed for as
            // long as they are used.
            let bytes = unsafe { NonNull::slice_from_raw_parts(start, len as usize).as_mut() };
            buffers.push(IoSliceMut::new(bytes));
        }
        buffers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(bytes: &mut [u8]) -> Memory {
        Memory {
            base: bytes.as_mut_ptr().expose_provenance() as u64,
            size: bytes.len() as u64,
            max: 0,
            page_shift: 16,
            reserved: 0,
        }
    }

    #[test]
    fn ranges_end_at_the_size() {
        let mut bytes = [0; 64];
        let memory = memory(&mut bytes);
        // SAFETY: the record describes `bytes`, which nothing else uses.
        let guest = unsafe { Guest::new(&raw const memory) };
        assert!(guest.range(64, 0, 1).is_ok());
        assert!(guest.range(56, 8, 8).is_ok());
        assert_eq!(guest.range(65, 0, 1), Err(Trap::HostPointerOutOfBounds));
        assert_eq!(guest.range(64, 1, 1), Err(Trap::HostPointerOutOfBounds));
        assert_eq!(
            guest.range(u32::MAX, u32::MAX as usize, 1),
            Err(Trap::HostPointerOutOfBounds)
        );
        assert_eq!(guest.range(4, 8, 8), Err(Trap::HostPointerMisaligned));
    }

    #[test]
    fn lists_leave_out_empty_buffers_and_stop_at_overlaps() {
        let mut bytes = [0; 256];
        for (index, (pointer, len)) in [(128u32, 0u32), (130, 4), (0, 0), (140, 4), (142, 4)]
            .into_iter()
            .enumerate()
        {
            bytes[index * 8..][..4].copy_from_slice(&pointer.to_le_bytes());
            bytes[index * 8 + 4..][..4].copy_from_slice(&len.to_le_bytes());
        }
        let memory = memory(&mut bytes);
        // SAFETY: the record describes `bytes`, which nothing else uses.
        let mut guest = unsafe { Guest::new(&raw const memory) };
        let gathered = guest.gather(0, 5);
        assert_eq!(gathered.as_slice().len(), 3);
        assert_eq!(guest.scatter(0, 5).as_slice().len(), 2);
        assert_eq!(guest.scatter(0, 1).as_slice().len(), 0);
    }
}
