//! `fd_*` on descriptors themselves: closing, renumbering, granted directories, synchronization.

use crate::core::errno::{Errno, Result};
use crate::core::table;
use crate::guest::Guest;
use core::num::NonZeroU64;
use rustix::fs::{Advice, FallocateFlags, fadvise, fallocate, fdatasync, fsync};

/// Closes `fd`. The process's own standard streams stay open, though the guest no longer reaches them.
pub fn close(guest: &mut Guest<'_>, fd: u32) -> Result<()> {
    let _ = guest;
    table::close(fd)
}

/// Makes `to`, which must be open, stand for what `from` did, and frees `from`.
pub fn renumber(guest: &mut Guest<'_>, from: u32, to: u32) -> Result<()> {
    let _ = guest;
    table::renumber(from, to)
}

/// Writes what kind of granted resource `fd` is to `out`, 4-aligned:
///
/// ```text
/// 0 tag: u8 = 0, a directory    4 length of its name: u32
/// ```
///
/// # Errors
/// `BADF` when it is not a granted directory.
pub fn prestat_get(guest: &mut Guest<'_>, fd: u32, out: u32) -> Result<()> {
    let name = table::get(fd)?.preopen.ok_or(Errno::BADF)?;
    let len = u32::try_from(name.len()).map_err(|_| Errno::OVERFLOW)?;
    let [tag, _, _, _, rest @ ..] = guest.record_mut::<8>(out, 4);
    *tag = 0;
    *rest = len.to_le_bytes();
    Ok(())
}

/// Writes the guest's name of the granted directory `fd` to the `len` bytes at `buffer`, without a terminator.
///
/// # Errors
/// `NOTDIR` when it is not a granted directory, `NAMETOOLONG` when the buffer is too short.
pub fn prestat_dir_name(guest: &mut Guest<'_>, fd: u32, buffer: u32, len: u32) -> Result<()> {
    let name = table::get(fd)?.preopen.ok_or(Errno::NOTDIR)?;
    match u32::try_from(name.len()) {
        Ok(needed) if needed <= len => {
            guest.bytes_mut(buffer, needed).copy_from_slice(name);
            Ok(())
        }
        _ => Err(Errno::NAMETOOLONG),
    }
}

/// Writes what the host buffers of `fd` to its device. Directories can be synchronized too, which is how names are
/// made durable.
///
/// # Errors
/// `BADF` for a standard stream.
pub fn sync(guest: &mut Guest<'_>, fd: u32) -> Result<()> {
    let _ = guest;
    let descriptor = table::get(fd)?;
    if descriptor.is_stdio() {
        return Err(Errno::BADF);
    }
    Ok(fsync(descriptor.host())?)
}

/// As [`sync`], but for metadata that is not needed to read the data back.
pub fn datasync(guest: &mut Guest<'_>, fd: u32) -> Result<()> {
    let _ = guest;
    let descriptor = table::get(fd)?;
    if descriptor.is_stdio() {
        return Err(Errno::BADF);
    }
    Ok(fdatasync(descriptor.host())?)
}

/// Tells the host how the `len` bytes at `offset` of the file `fd` will be used; a `len` of 0 means all that follow.
///
/// # Errors
/// `BADF` when it is not a file, `SPIPE` for a pipe.
pub fn advise(guest: &mut Guest<'_>, fd: u32, offset: u64, len: u64, advice: u32) -> Result<()> {
    let _ = guest;
    let advice = match advice {
        0 => Advice::Normal,
        1 => Advice::Sequential,
        2 => Advice::Random,
        3 => Advice::WillNeed,
        4 => Advice::DontNeed,
        5 => Advice::NoReuse,
        _ => return Err(Errno::INVAL),
    };
    let file = table::file(fd)?;
    Ok(fadvise(file.host(), offset, NonZeroU64::new(len), advice)?)
}

/// Allocates the `len` bytes at `offset` of the file `fd`, which grows when it is shorter.
///
/// # Errors
/// `BADF` when it is not a file that is open for writing, `NOTSUP` when the file system cannot, `INVAL` when `len` is
/// zero.
pub fn allocate(guest: &mut Guest<'_>, fd: u32, offset: u64, len: u64) -> Result<()> {
    let _ = guest;
    let file = table::file(fd)?;
    Ok(fallocate(
        file.host(),
        FallocateFlags::empty(),
        offset,
        len,
    )?)
}
