//! `path_open`.

use super::layout::{APPEND, DSYNC, NONBLOCK, RSYNC, SYNC, flags, follow};
use crate::core::embedded::hooks;
use crate::core::errno::{Errno, Result};
use crate::core::own;
use crate::core::path::{Path, PathBuffer};
use crate::core::resolve;
use crate::core::table::{self, Descriptor, Kind};
use crate::guest::Guest;
use nativize_abi::embed;
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::fs::{FileType, Mode, OFlags, PROC_SUPER_MAGIC, fstat, fstatfs};

/// `oflags`
const CREAT: u16 = 1;
const DIRECTORY: u16 = 1 << 1;
const EXCL: u16 = 1 << 2;
const TRUNC: u16 = 1 << 3;

/// `rights`
const FD_READ: u64 = 1 << 1;
const FD_WRITE: u64 = 1 << 6;

/// Opens a file or directory, and writes its descriptor, a `u32`, to `out`.
///
/// `lookup` says whether a symbolic link at the end is followed. Of the rights, `fd_read` and `fd_write` choose how it is
/// opened; without either it is for reading. Creating and truncating open it for writing too. What is opened through
/// a directory has no rights of its own: `inheriting` means nothing.
///
/// # Errors
/// `NOTDIR` when `fd` is a file and `BADF` when it is a standard stream; `INVAL` when a directory is to be created or
/// truncated; `PERM` when something is to be changed where only reading is granted; `LOOP` for a link that is not to be
/// followed; those of `open`.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn open(
    guest: &mut Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    oflags: u32,
    rights: u64,
    inheriting: u64,
    fdflags: u32,
    out: u32,
) -> Result<()> {
    let _ = inheriting;
    let follow = follow(lookup)?;
    let oflags = flags(oflags, CREAT | DIRECTORY | EXCL | TRUNC)?;
    let fdflags = flags(fdflags, APPEND | DSYNC | NONBLOCK | RSYNC | SYNC)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.copy(guest.bytes(path, len))?;
    let directory = table::get(fd)?;
    match directory.kind {
        Kind::Directory | Kind::Embedded => {}
        Kind::File => return Err(Errno::NOTDIR),
        _ => return Err(Errno::BADF),
    }
    if oflags & DIRECTORY != 0 && oflags & (CREAT | EXCL | TRUNC) != 0 {
        return Err(Errno::INVAL);
    }
    let writable = rights & FD_WRITE != 0 || oflags & (CREAT | TRUNC) != 0;
    let readable = rights & FD_READ != 0 || rights & FD_WRITE == 0;
    if writable {
        directory.check_mutable()?;
    }
    if directory.kind == Kind::Embedded {
        let hooks = hooks()?;
        let found = (hooks.resolve)(&directory, path.as_c_str(), follow)?;
        let fd = match found.node.kind {
            embed::Kind::Link => return Err(Errno::LOOP),
            embed::Kind::Directory => {
                table::insert_embedded(Descriptor::embedded(found.offset, None))?
            }
            embed::Kind::File if oflags & DIRECTORY != 0 => return Err(Errno::NOTDIR),
            embed::Kind::File => {
                let descriptor = Descriptor::file(readable, false, fdflags)
                    .within(true)
                    .of_node(found.offset);
                table::insert((hooks.file)(found)?, descriptor)?
            }
        };
        guest.store_u32(out, fd);
        return Ok(());
    }

    let mode = if oflags & CREAT != 0 {
        Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::WGRP | Mode::ROTH | Mode::WOTH
    } else {
        Mode::empty()
    };
    let mut host_flags = host_flags(oflags, fdflags);
    host_flags |= match (readable, writable) {
        (true, true) => OFlags::RDWR,
        (false, true) => OFlags::WRONLY,
        _ => OFlags::RDONLY,
    };
    host_flags.set(OFlags::NOFOLLOW, !follow);
    let opened = match resolve::open(directory.host(), path.as_c_str(), host_flags, mode) {
        // The kernel says so of a link to a directory too.
        Err(Errno::NOTDIR) if !follow && oflags & DIRECTORY != 0 => {
            return Err(not_a_directory(directory.host(), path));
        }
        opened => opened?,
    };

    if writable && !cfg!(feature = "unchecked") && is_procfs(&opened)? {
        return Err(Errno::PERM);
    }
    // (Linux says so itself, but for some versions from 6.11 on.)
    if writable && own::is(&opened)? {
        return Err(Errno::TXTBSY);
    }

    // The kernel opens no directory for writing.
    let is_directory = oflags & DIRECTORY != 0
        || !writable && FileType::from_raw_mode(fstat(&opened)?.st_mode) == FileType::Directory;
    let descriptor = if is_directory {
        Descriptor::directory(directory.read_only, None)
    } else {
        Descriptor::file(readable, writable, fdflags).within(directory.read_only)
    };
    let fd = table::insert(opened, descriptor)?;
    guest.store_u32(out, fd);
    Ok(())
}

/// Whether a file is of a process: that of the own one's memory may be written whatever protects a page.
fn is_procfs(file: &OwnedFd) -> Result<bool> {
    Ok(fstatfs(file)?.f_type == PROC_SUPER_MAGIC)
}

/// Why `path` cannot be opened as a directory unless links are followed.
#[cold]
fn not_a_directory(directory: BorrowedFd<'_>, mut path: Path<'_>) -> Errno {
    if path.is_slashed_name() {
        return Errno::NOTDIR;
    }
    match resolve::stat(directory, &mut path, false) {
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => Errno::LOOP,
        _ => Errno::NOTDIR,
    }
}

/// The flags of `open` that `oflags` and `fdflags` stand for.
fn host_flags(oflags: u16, fdflags: u16) -> OFlags {
    let mut host = OFlags::NOCTTY;
    host.set(OFlags::CREATE, oflags & CREAT != 0);
    // Without creation the kernel leaves its meaning open.
    host.set(OFlags::EXCL, oflags & (CREAT | EXCL) == CREAT | EXCL);
    host.set(OFlags::TRUNC, oflags & TRUNC != 0);
    host.set(OFlags::DIRECTORY, oflags & DIRECTORY != 0);
    host.set(OFlags::APPEND, fdflags & APPEND != 0);
    host.set(OFlags::NONBLOCK, fdflags & NONBLOCK != 0);
    if fdflags & DSYNC != 0 {
        host |= OFlags::DSYNC;
    }
    // Linux has no weaker form of it for reading.
    if fdflags & (SYNC | RSYNC) != 0 {
        host |= OFlags::SYNC;
    }
    host
}
