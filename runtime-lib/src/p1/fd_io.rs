//! `fd_read`, `fd_write` and what else moves data or the position.

use crate::core::errno::{Errno, Result};
use crate::core::table::{self, Descriptor, Kind};
use crate::guest::Guest;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::SeekFrom;
use rustix::io;

/// Calls `transfer` again for as long as it was interrupted, or would block on a standard stream: those always block
/// for the guest, even where another process has set them not to.
fn transfer(
    descriptor: &Descriptor,
    readiness: PollFlags,
    mut transfer: impl FnMut() -> io::Result<usize>,
) -> Result<u32> {
    loop {
        match transfer() {
            Ok(len) => return u32::try_from(len).map_err(|_| Errno::OVERFLOW),
            Err(io::Errno::INTR) => {}
            Err(io::Errno::AGAIN) if descriptor.is_stdio() => {
                let host = descriptor.host();
                // Whatever goes wrong here goes wrong again in the transfer.
                let _ = poll(&mut [PollFd::from_borrowed_fd(host, readiness)], None);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reads from `fd` at its position, which advances, into the buffers of the `iovec` array `iovs` of `count`
/// elements. Writes the number of bytes, a `u32`, to `out`; it may be less than there was room for, and is zero at
/// the end.
///
/// # Errors
/// `BADF` when `fd` is not open for reading or is a directory, `AGAIN` when it does not block and has nothing yet.
pub fn read(guest: &mut Guest<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Result<()> {
    let descriptor = table::get(fd)?;
    if !matches!(descriptor.kind, Kind::File | Kind::Input) {
        return Err(Errno::BADF);
    }
    let mut buffers = guest.scatter(iovs, count);
    let read = transfer(&descriptor, PollFlags::IN, || {
        io::readv(descriptor.host(), buffers.as_mut_slice())
    })?;
    guest.store_u32(out, read);
    Ok(())
}

/// As [`read`], from `offset`, and without regard to the position.
///
/// # Errors
/// `SPIPE` when `fd` has no positions, and those of [`read`].
pub fn pread(
    guest: &mut Guest<'_>,
    fd: u32,
    iovs: u32,
    count: u32,
    offset: u64,
    out: u32,
) -> Result<()> {
    let descriptor = table::get(fd)?;
    match descriptor.kind {
        Kind::File => {}
        Kind::Input => return Err(Errno::SPIPE),
        _ => return Err(Errno::BADF),
    }
    let mut buffers = guest.scatter(iovs, count);
    let read = transfer(&descriptor, PollFlags::IN, || {
        io::preadv(descriptor.host(), buffers.as_mut_slice(), offset)
    })?;
    guest.store_u32(out, read);
    Ok(())
}

/// Writes the buffers of the `ciovec` array `iovs` of `count` elements to `fd` at its position, which advances, or at
/// the end when it is open for appending. Writes the number of bytes, a `u32`, to `out`; it may be less than there
/// were.
///
/// # Errors
/// `BADF` when `fd` is not open for writing, `PIPE` when nobody reads any more, `AGAIN` when it does not block and has
/// no room.
pub fn write(guest: &mut Guest<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Result<()> {
    let descriptor = table::get(fd)?;
    if !matches!(descriptor.kind, Kind::File | Kind::Output) {
        return Err(Errno::BADF);
    }
    let buffers = guest.gather(iovs, count);
    let written = transfer(&descriptor, PollFlags::OUT, || {
        io::writev(descriptor.host(), buffers.as_slice())
    })?;
    guest.store_u32(out, written);
    Ok(())
}

/// As [`write`], at `offset`, and without regard to the position. A file that is open for appending is appended to.
///
/// # Errors
/// `SPIPE` when `fd` has no positions, and those of [`write`].
pub fn pwrite(
    guest: &mut Guest<'_>,
    fd: u32,
    iovs: u32,
    count: u32,
    offset: u64,
    out: u32,
) -> Result<()> {
    let descriptor = table::get(fd)?;
    match descriptor.kind {
        Kind::File => {}
        Kind::Output => return Err(Errno::SPIPE),
        _ => return Err(Errno::BADF),
    }
    let buffers = guest.gather(iovs, count);
    let written = transfer(&descriptor, PollFlags::OUT, || {
        io::pwritev(descriptor.host(), buffers.as_slice(), offset)
    })?;
    guest.store_u32(out, written);
    Ok(())
}

/// Moves the position of the file `fd` by `offset` from the start (`whence` 0), from where it is (1) or from the end
/// (2), and writes what it is then, a `u64`, to `out`.
///
/// # Errors
/// `SPIPE` for a standard stream and whatever else has no positions, `BADF` for a directory, `INVAL` when it would be
/// negative.
pub fn seek(guest: &mut Guest<'_>, fd: u32, offset: u64, whence: u32, out: u32) -> Result<()> {
    let position = match whence {
        0 => Whence::Start,
        1 => Whence::Current,
        2 => Whence::End,
        _ => return Err(Errno::INVAL),
    };
    seek_from(guest, fd, offset, position, out)
}

/// As [`seek`], with the numbers that `wasi_unstable` has for `whence`: from where it is (0), from the end (1), from
/// the start (2).
pub fn seek_unstable(
    guest: &mut Guest<'_>,
    fd: u32,
    offset: u64,
    whence: u32,
    out: u32,
) -> Result<()> {
    let position = match whence {
        0 => Whence::Current,
        1 => Whence::End,
        2 => Whence::Start,
        _ => return Err(Errno::INVAL),
    };
    seek_from(guest, fd, offset, position, out)
}

enum Whence {
    Start,
    Current,
    End,
}

fn seek_from(guest: &mut Guest<'_>, fd: u32, offset: u64, whence: Whence, out: u32) -> Result<()> {
    let file = seekable(fd)?;
    let offset = offset.cast_signed();
    let position = rustix::fs::seek(
        file.host(),
        match whence {
            Whence::Start => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::INVAL)?),
            Whence::Current => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        },
    )?;
    guest.store_u64(out, position);
    Ok(())
}

/// Writes the position of the file `fd`, a `u64`, to `out`.
///
/// # Errors
/// `SPIPE` for a standard stream and whatever else has no positions, `BADF` for a directory.
pub fn tell(guest: &mut Guest<'_>, fd: u32, out: u32) -> Result<()> {
    let position = rustix::fs::tell(seekable(fd)?.host())?;
    guest.store_u64(out, position);
    Ok(())
}

fn seekable(fd: u32) -> Result<Descriptor> {
    let descriptor = table::get(fd)?;
    match descriptor.kind {
        Kind::File => Ok(descriptor),
        Kind::Input | Kind::Output => Err(Errno::SPIPE),
        _ => Err(Errno::BADF),
    }
}
