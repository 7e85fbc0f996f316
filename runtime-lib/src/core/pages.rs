//! Arrays in memory of their own, for what has no bound: the runtime has no allocator.
#![allow(unsafe_code)]

use crate::area;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use rustix::io;
use rustix::mm::{MapFlags, ProtFlags, munmap};

/// A mapped array, unmapped when dropped.
pub struct Pages<T> {
    start: NonNull<T>,
    len: usize,
}

// SAFETY: the mapping belongs to this value alone, as a vector's would.
unsafe impl<T: Send> Send for Pages<T> {}

impl<T> Pages<T> {
    /// An array of `len` copies of `value`.
    ///
    /// # Errors
    /// `ENOMEM` when the kernel has no room for it.
    pub fn new(len: usize, value: T) -> io::Result<Self>
    where
        T: Clone,
    {
        // Elements are forgotten with the mapping.
        const { assert!(!core::mem::needs_drop::<T>()) }
        let bytes = len.checked_mul(size_of::<T>()).ok_or(io::Errno::NOMEM)?;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let start = area::map(bytes.max(1), protection, MapFlags::empty())? as *mut T;
        let start = NonNull::new(start).ok_or(io::Errno::NOMEM)?;
        for index in 0..len {
            // SAFETY: `index < len`, and the mapping has room for `len` elements at a page's alignment.
            unsafe { start.add(index).write(value.clone()) };
        }
        Ok(Pages { start, len })
    }
}

impl<T> Deref for Pages<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `new` initialised `len` elements, and `self` owns them.
        unsafe { NonNull::slice_from_raw_parts(self.start, self.len).as_ref() }
    }
}

impl<T> DerefMut for Pages<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in `deref`, and the borrow of `self` is exclusive.
        unsafe { NonNull::slice_from_raw_parts(self.start, self.len).as_mut() }
    }
}

impl<T> Drop for Pages<T> {
    fn drop(&mut self) {
        let bytes = (self.len * size_of::<T>()).max(1);
        // SAFETY: `new` mapped exactly this range; nothing refers to it any more. The kernel refuses only ranges
        // that are not page-aligned, so there is no error to handle.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), bytes) };
    }
}
