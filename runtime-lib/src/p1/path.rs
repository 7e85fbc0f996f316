//! `path_*` on names: creating, linking, renaming and removing them.
//!
//! A path is `len` bytes at a pointer, resolved in a directory. Every function is `BADF` when that is not a directory,
//! and `PERM` when only reading is granted there.

use crate::core::embedded::hooks;
use crate::core::errno::{Errno, Result};
use crate::core::path::{PATH_MAX, Path, PathBuffer};
use crate::core::resolve::{Entry, check_directory};
use crate::core::table::{self, Descriptor, Kind};
use crate::guest::Guest;
use nativize_abi::embed;
use rustix::fs::{AtFlags, Mode, linkat, mkdirat, readlinkat_raw, renameat, symlinkat, unlinkat};
use rustix::io;

/// The directory `fd`, in which something is to change.
pub(super) fn mutable(fd: u32) -> Result<Descriptor> {
    let directory = table::get(fd)?;
    if !matches!(directory.kind, Kind::Directory | Kind::Embedded) {
        return Err(Errno::BADF);
    }
    directory.check_mutable()?;
    Ok(directory)
}

/// The entry `path` of `directory`, to be made something that is no directory. With a slash after it, it could only be
/// one.
fn new_entry<'a>(directory: &'a Descriptor, path: Path<'a>) -> Result<Entry<'a>> {
    if path.is_slashed_name() {
        check_directory(directory.host(), &path)?;
        return Err(Errno::EXIST);
    }
    Entry::new(directory.host(), path)
}

/// Creates a directory.
///
/// # Errors
/// `EXIST`, `NOENT` when its parent does not exist.
pub fn create_directory(guest: &mut Guest<'_>, fd: u32, path: u32, len: u32) -> Result<()> {
    let directory = mutable(fd)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.copy(guest.bytes(path, len))?;
    let entry = Entry::new(directory.host(), path)?;
    let mode = Mode::RWXU | Mode::RWXG | Mode::RWXO;
    Ok(mkdirat(entry.directory(), entry.name, mode)?)
}

/// Gives the object `old_path` another name, `new_path`. Symbolic links at the end are not followed: one is given a
/// second name itself.
///
/// # Errors
/// `INVAL` when `old_flags` ask to follow a link, `EXIST`, `PERM` for a directory, `XDEV`.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn link(
    guest: &mut Guest<'_>,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Result<()> {
    let follow = super::layout::follow(old_flags)?;
    let (old_directory, new_directory) = (mutable(old_fd)?, mutable(new_fd)?);
    let (mut old_buffer, mut new_buffer) = (PathBuffer::new(), PathBuffer::new());
    let old_path = old_buffer.copy(guest.bytes(old_path, old_len))?;
    let new_path = new_buffer.copy(guest.bytes(new_path, new_len))?;
    if follow {
        return Err(Errno::INVAL);
    }
    let old = Entry::object(old_directory.host(), old_path)?;
    let new = new_entry(&new_directory, new_path)?;
    Ok(linkat(
        old.directory(),
        old.name,
        new.directory(),
        new.name,
        AtFlags::empty(),
    )?)
}

/// Creates the symbolic link `path` to `target`, which need not exist.
///
/// # Errors
/// `PERM` when the target is an absolute path, `EXIST`.
pub fn symlink(
    guest: &mut Guest<'_>,
    target: u32,
    target_len: u32,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<()> {
    let directory = mutable(fd)?;
    let (mut target_buffer, mut buffer) = (PathBuffer::new(), PathBuffer::new());
    let target = target_buffer.copy(guest.bytes(target, target_len))?;
    let path = buffer.copy(guest.bytes(path, len))?;
    let target = target.as_c_str();
    // It would lead nowhere here, but somewhere for other programs that come across it.
    if target.to_bytes().first() == Some(&b'/') && !cfg!(feature = "unchecked") {
        return Err(Errno::PERM);
    }
    let entry = new_entry(&directory, path)?;
    Ok(symlinkat(target, entry.directory(), entry.name)?)
}

/// Writes the target of the symbolic link `path` to the `room` bytes at `out`, cut off where they end, and the number
/// of bytes written, a `u32`, to `used`. Reading is always granted.
///
/// # Errors
/// `INVAL` when it is not a symbolic link, `PERM` when its target is an absolute path: where that leads is not the
/// guest's business.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn readlink(
    guest: &mut Guest<'_>,
    fd: u32,
    path: u32,
    len: u32,
    out: u32,
    room: u32,
    used: u32,
) -> Result<()> {
    let directory = table::get(fd)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.copy(guest.bytes(path, len))?;
    let mut target = [0; PATH_MAX];
    let target = match directory.kind {
        Kind::Directory => {
            let entry = Entry::object(directory.host(), path)?;
            let len = readlinkat_raw(entry.directory(), entry.name, &mut target[..])?;
            target.get(..len).unwrap_or_default()
        }
        Kind::Embedded => {
            let found = (hooks()?.resolve)(&directory, path.as_c_str(), false)?;
            if found.node.kind != embed::Kind::Link {
                return Err(Errno::INVAL);
            }
            found.node.content
        }
        _ => return Err(Errno::BADF),
    };
    if target.first() == Some(&b'/') {
        return Err(Errno::PERM);
    }
    let len = u32::try_from(target.len()).unwrap_or(room).min(room);
    for (place, byte) in guest.bytes_mut(out, len).iter_mut().zip(target) {
        *place = *byte;
    }
    guest.store_u32(used, len);
    Ok(())
}

/// Removes an empty directory.
///
/// # Errors
/// `NOTDIR`, `NOTEMPTY`, `INVAL` for `.` itself.
pub fn remove_directory(guest: &mut Guest<'_>, fd: u32, path: u32, len: u32) -> Result<()> {
    remove(guest, fd, path, len, AtFlags::REMOVEDIR)
}

/// Removes a name of anything but a directory. Symbolic links are not followed.
///
/// # Errors
/// `ISDIR`; `NOTDIR` when the path ends in a slash.
pub fn unlink_file(guest: &mut Guest<'_>, fd: u32, path: u32, len: u32) -> Result<()> {
    remove(guest, fd, path, len, AtFlags::empty())
}

fn remove(guest: &mut Guest<'_>, fd: u32, path: u32, len: u32, flags: AtFlags) -> Result<()> {
    let directory = mutable(fd)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.copy(guest.bytes(path, len))?;
    let slashed = path.is_slashed_name();
    if slashed {
        check_directory(directory.host(), &path)?;
        if flags.is_empty() {
            return Err(Errno::ISDIR);
        }
    }
    let entry = Entry::new(directory.host(), path)?;
    match unlinkat(entry.directory(), entry.name, flags) {
        // A link to a directory.
        Err(io::Errno::NOTDIR) if slashed => Err(Errno::INVAL),
        result => Ok(result?),
    }
}

/// Renames `old_path` to `new_path`, which is replaced when it exists.
///
/// # Errors
/// `NOTEMPTY`, `ISDIR` or `NOTDIR` when what is replaced is not of the same kind, `XDEV`.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn rename(
    guest: &mut Guest<'_>,
    old_fd: u32,
    old_path: u32,
    old_len: u32,
    new_fd: u32,
    new_path: u32,
    new_len: u32,
) -> Result<()> {
    let (old_directory, new_directory) = (mutable(old_fd)?, mutable(new_fd)?);
    let (mut old_buffer, mut new_buffer) = (PathBuffer::new(), PathBuffer::new());
    let old_path = old_buffer.copy(guest.bytes(old_path, old_len))?;
    let new_path = new_buffer.copy(guest.bytes(new_path, new_len))?;
    let old = Entry::new(old_directory.host(), old_path)?;
    let new = Entry::new(new_directory.host(), new_path)?;
    Ok(renameat(
        old.directory(),
        old.name,
        new.directory(),
        new.name,
    )?)
}
