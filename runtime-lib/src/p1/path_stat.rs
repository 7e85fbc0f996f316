//! `path_filestat_*`: the metadata of what a path names.

use super::layout::{Filestat, follow, timestamps};
use crate::core::embedded::hooks;
use crate::core::errno::{Errno, Result};
use crate::core::path::PathBuffer;
use crate::core::resolve::{self, Entry};
use crate::core::table::{self, Kind};
use crate::guest::Guest;
use rustix::fd::BorrowedFd;
use rustix::fs::{AtFlags, Mode, OFlags, Timestamps, futimens, utimensat};

fn filestat(guest: &Guest<'_>, fd: u32, lookup: u32, path: u32, len: u32) -> Result<Filestat> {
    let follow = follow(lookup)?;
    let directory = table::get(fd)?;
    if !matches!(directory.kind, Kind::Directory | Kind::Embedded) {
        return Err(Errno::BADF);
    }
    let mut buffer = PathBuffer::new();
    let mut path = buffer.copy(guest.bytes(path, len))?;
    if directory.kind == Kind::Embedded {
        if !follow {
            path.trim_end();
        }
        let found = (hooks()?.resolve)(&directory, path.as_c_str(), follow)?;
        return Ok(Filestat::embedded(&found));
    }
    Filestat::new(&resolve::stat(directory.host(), &mut path, follow)?)
}

/// Writes the metadata of what `path` names, a `filestat` of 64 bytes, to `out`. `lookup` says whether a symbolic link at
/// its end is followed.
///
/// # Errors
/// `BADF` when `fd` is not a directory, `NOENT`.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn filestat_get(
    guest: &mut Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    out: u32,
) -> Result<()> {
    let stat = filestat(guest, fd, lookup, path, len)?;
    stat.store(guest, out);
    Ok(())
}

/// As [`filestat_get`], with the record of `wasi_unstable`, 56 bytes.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn filestat_get_unstable(
    guest: &mut Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    out: u32,
) -> Result<()> {
    let stat = filestat(guest, fd, lookup, path, len)?;
    stat.store_unstable(guest, out);
    Ok(())
}

/// Sets the times of what `path` names as `fd_filestat_set_times` does. `lookup` says whether a symbolic link at its
/// end is followed.
///
/// # Errors
/// `INVAL` when a time is to be both given and now, `BADF` when `fd` is not a directory, `PERM` where only reading is
/// granted, `NOENT`.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn filestat_set_times(
    guest: &mut Guest<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    atim: u64,
    mtim: u64,
    fstflags: u32,
) -> Result<()> {
    let follow = follow(lookup)?;
    let times = timestamps(atim, mtim, fstflags)?;
    let directory = super::path::mutable(fd)?;
    let mut buffer = PathBuffer::new();
    let path = buffer.copy(guest.bytes(path, len))?;
    if follow {
        return set_times(directory.host(), path.as_c_str(), &times);
    }
    let entry = Entry::object(directory.host(), path)?;
    Ok(utimensat(
        entry.directory(),
        entry.name,
        &times,
        AtFlags::SYMLINK_NOFOLLOW,
    )?)
}

/// Sets the times of what `path` leads to, links followed.
fn set_times(directory: BorrowedFd<'_>, path: &core::ffi::CStr, times: &Timestamps) -> Result<()> {
    let object = resolve::open(directory, path, OFlags::PATH, Mode::empty())?;
    match utimensat(&object, c"", times, AtFlags::EMPTY_PATH).map_err(Errno::from) {
        // Before Linux 5.8 the object has to be opened for something.
        Err(Errno::INVAL) => {
            let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
            let object = resolve::open(directory, path, flags, Mode::empty())?;
            Ok(futimens(&object, times)?)
        }
        result => result,
    }
}
