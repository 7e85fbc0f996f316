//! `fd_fdstat_*` and `fd_filestat_*`: what a descriptor is, and the metadata of what it stands for.

use super::layout::{APPEND, Filestat, Filetype, NONBLOCK, flags, store, timestamps, words};
use crate::core::embedded::hooks;
use crate::core::errno::{Errno, Result};
use crate::core::table::{self, Descriptor, Kind};
use crate::guest::Guest;
use crate::sys::socket_type;
use core::sync::atomic::{AtomicU8, Ordering};
use rustix::fd::{AsRawFd, BorrowedFd};
use rustix::fs::{FileType, OFlags, fcntl_getfl, fcntl_setfl, fstat, ftruncate, futimens};
use rustix::net::SocketType;
use rustix::termios::isatty;

/// Rights are a part of preview 1 that nothing enforces any more: what counts is how a descriptor was opened. They are
/// reported because C libraries derive access modes and `isatty` from them.
mod rights {
    pub(super) const FD_READ: u64 = 1 << 1;
    pub(super) const FD_SEEK: u64 = 1 << 2;
    pub(super) const FD_WRITE: u64 = 1 << 6;
    pub(super) const FD_READDIR: u64 = 1 << 14;
    pub(super) const PATH_FILESTAT_SET_SIZE: u64 = 1 << 19;
    pub(super) const FD_FILESTAT_SET_SIZE: u64 = 1 << 22;
    pub(super) const ALL: u64 = (1 << 30) - 1;

    /// What can be done to a directory: everything on paths but setting sizes, `fd_readdir`, `fd_filestat_get` and
    /// `fd_filestat_set_times`.
    pub(super) const DIRECTORY: u64 =
        0b111 << 24 | 1 << 23 | 1 << 21 | 1 << 20 | 0b1_1111 << 14 | 0b1_1111 << 9;
    /// What can be done to what is opened in a granted directory: the former, and everything on files.
    pub(super) const INHERITED: u64 = DIRECTORY | 1 << 27 | 1 << 22 | 0b1_1111_1111;
}

/// Writes what `fd` is to `out`, 8-aligned:
///
/// ```text
/// 0 filetype: u8    2 fdflags: u16    8 rights: u64    16 rights of what is opened through it: u64
/// ```
///
/// A standard stream is a character device when it is a terminal, and a socket when it is one; otherwise its type is
/// not told.
pub fn fdstat_get(guest: &mut Guest<'_>, fd: u32, out: u32) -> Result<()> {
    let descriptor = table::get(fd)?;
    let (filetype, base, inheriting) = match descriptor.kind {
        Kind::Input => (stream_type(&descriptor), rights::FD_READ, rights::FD_READ),
        Kind::Output => (stream_type(&descriptor), rights::FD_WRITE, rights::FD_WRITE),
        Kind::Directory | Kind::Embedded if descriptor.preopen.is_some() => {
            (Filetype::Directory, rights::DIRECTORY, rights::INHERITED)
        }
        _ => {
            let filetype = filetype(&descriptor)?;
            let mut base = rights::ALL;
            if filetype == Filetype::Directory {
                base &= !(rights::FD_SEEK
                    | rights::FD_FILESTAT_SET_SIZE
                    | rights::PATH_FILESTAT_SET_SIZE);
            }
            if !descriptor.readable {
                base &= !(rights::FD_READ | rights::FD_READDIR);
            }
            if !descriptor.writable {
                base &= !rights::FD_WRITE;
            }
            // A C library opens files through a directory with no more rights than it passes on.
            let inheriting = if filetype == Filetype::Directory {
                rights::ALL
            } else {
                base
            };
            (filetype, base, inheriting)
        }
    };
    let first = filetype as u64 | u64::from(descriptor.flags) << 16;
    store(
        guest,
        out,
        &words::<3, 24>([first, base, inheriting]),
        &[1..2, 4..8],
    );
    Ok(())
}

/// The types of the standard streams, by their descriptors in the host, where they are known.
static STREAM_TYPES: [AtomicU8; 3] = [const { AtomicU8::new(NOT_KNOWN) }; 3];

/// None; the others are one more than their numbers.
const NOT_KNOWN: u8 = 0;

/// The type of a standard stream. It takes two system calls to find out, and stays what it is: nothing closes these
/// descriptors.
fn stream_type(descriptor: &Descriptor) -> Filetype {
    let host = descriptor.host();
    let Some(known) = usize::try_from(host.as_raw_fd())
        .ok()
        .and_then(|index| STREAM_TYPES.get(index))
    else {
        return find_stream_type(host);
    };
    let types = [
        Filetype::CharacterDevice,
        Filetype::SocketDgram,
        Filetype::SocketStream,
        Filetype::Unknown,
    ];
    let is_known = |kind: &&Filetype| **kind as u8 + 1 == known.load(Ordering::Relaxed);
    if let Some(&kind) = types.iter().find(is_known) {
        return kind;
    }
    let kind = find_stream_type(host);
    known.store(kind as u8 + 1, Ordering::Relaxed);
    kind
}

fn find_stream_type(host: BorrowedFd<'_>) -> Filetype {
    if isatty(host) {
        return Filetype::CharacterDevice;
    }
    match socket_type(host) {
        Ok(kind) => socket_filetype(kind),
        Err(_) => Filetype::Unknown,
    }
}

fn socket_filetype(kind: SocketType) -> Filetype {
    if kind == SocketType::DGRAM {
        Filetype::SocketDgram
    } else {
        Filetype::SocketStream
    }
}

fn filetype(descriptor: &Descriptor) -> Result<Filetype> {
    if matches!(descriptor.kind, Kind::Directory | Kind::Embedded) {
        return Ok(Filetype::Directory);
    }
    let stat = fstat(descriptor.host())?;
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::Socket => socket_filetype(socket_type(descriptor.host())?),
        kind => kind.into(),
    })
}

/// Sets the `fdflags` of the file `fd`.
///
/// # Errors
/// `BADF` for anything but a file, `INVAL` for flags that are decided when a file is opened: only appending and
/// non-blocking can change.
pub fn fdstat_set_flags(guest: &mut Guest<'_>, fd: u32, fdflags: u32) -> Result<()> {
    let _ = guest;
    let wanted = flags(fdflags, 0b1_1111)?;
    let file = table::file(fd)?;
    if wanted & !(APPEND | NONBLOCK) != 0 {
        return Err(Errno::INVAL);
    }
    let mut host = fcntl_getfl(file.host())?;
    host.set(OFlags::APPEND, wanted & APPEND != 0);
    host.set(OFlags::NONBLOCK, wanted & NONBLOCK != 0);
    fcntl_setfl(file.host(), host)?;
    let kept = file.flags & !(APPEND | NONBLOCK);
    table::set_flags(fd, kept | wanted)
}

/// Rights are not enforced, so they cannot be given up.
///
/// # Errors
/// `NOTSUP`, always; `BADF` for a standard stream.
pub fn fdstat_set_rights(guest: &mut Guest<'_>, fd: u32, base: u64, inheriting: u64) -> Result<()> {
    let _ = (guest, base, inheriting);
    if table::get(fd)?.is_stdio() {
        return Err(Errno::BADF);
    }
    Err(Errno::NOTSUP)
}

fn filestat(fd: u32) -> Result<Filestat> {
    let descriptor = table::get(fd)?;
    if descriptor.is_stdio() {
        return Ok(Filestat::of_type(stream_type(&descriptor)));
    }
    if descriptor.node().is_some() {
        return Ok(Filestat::embedded(&(hooks()?.itself)(&descriptor)?));
    }
    Filestat::new(&fstat(descriptor.host())?)
}

/// Writes the metadata of what `fd` stands for, a `filestat` of 64 bytes, to `out`. Of a standard stream it tells the
/// type only.
pub fn filestat_get(guest: &mut Guest<'_>, fd: u32, out: u32) -> Result<()> {
    let stat = filestat(fd)?;
    stat.store(guest, out);
    Ok(())
}

/// As [`filestat_get`], with the record of `wasi_unstable`, 56 bytes.
pub fn filestat_get_unstable(guest: &mut Guest<'_>, fd: u32, out: u32) -> Result<()> {
    let stat = filestat(fd)?;
    stat.store_unstable(guest, out);
    Ok(())
}

/// Makes the file `fd` `size` bytes long; what is added is zero.
///
/// # Errors
/// `BADF` when it is not a file, `PERM` where only reading is granted, `INVAL` when it is not open for writing.
pub fn filestat_set_size(guest: &mut Guest<'_>, fd: u32, size: u64) -> Result<()> {
    let _ = guest;
    let file = table::file(fd)?;
    file.check_mutable()?;
    Ok(ftruncate(file.host(), size)?)
}

/// Sets the times of access and modification of what `fd` stands for, in nanoseconds, as far as `fstflags` say: to
/// `atim` (1), to now (2); to `mtim` (4), to now (8).
///
/// # Errors
/// `INVAL` when a time is to be both, `BADF` for a standard stream, `PERM` where only reading is granted.
pub fn filestat_set_times(
    guest: &mut Guest<'_>,
    fd: u32,
    atim: u64,
    mtim: u64,
    fstflags: u32,
) -> Result<()> {
    let _ = guest;
    let times = timestamps(atim, mtim, fstflags)?;
    let descriptor = table::get(fd)?;
    if descriptor.is_stdio() {
        return Err(Errno::BADF);
    }
    descriptor.check_mutable()?;
    Ok(futimens(descriptor.host(), &times)?)
}
