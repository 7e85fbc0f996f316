//! `sock_*`: sockets that the program was started with, and what they accept.
//!
//! Every function is `BADF` when the descriptor is not open, and `NOTSOCK` when it is not a socket or is a standard stream of the other
//! direction.

use super::layout::{NONBLOCK, flags};
use crate::core::errno::{Errno, Result};
use crate::core::table::{self, Descriptor, Kind};
use crate::guest::Guest;
use rustix::io;
use rustix::net::{
    RecvAncillaryBuffer, RecvFlags, ReturnFlags, SendAncillaryBuffer, SendFlags, Shutdown,
    SocketFlags, accept_with, recvmsg, sendmsg, shutdown,
};

/// `riflags`
const RECV_PEEK: u16 = 1;
const RECV_WAITALL: u16 = 1 << 1;
/// `roflags`
const RECV_DATA_TRUNCATED: u16 = 1;
/// `sdflags`
const SHUT_RD: u16 = 1;
const SHUT_WR: u16 = 1 << 1;

/// Calls `f` again for as long as it was interrupted.
fn uninterrupted<T>(mut f: impl FnMut() -> io::Result<T>) -> Result<T> {
    loop {
        match f() {
            Err(io::Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}

/// Fails for standard output and standard error, which may be sockets.
fn check_input(socket: &Descriptor) -> Result<()> {
    match socket.kind {
        Kind::Output => Err(Errno::NOTSOCK),
        _ => Ok(()),
    }
}

/// Fails for standard input, which may be a socket.
fn check_output(socket: &Descriptor) -> Result<()> {
    match socket.kind {
        Kind::Input => Err(Errno::NOTSOCK),
        _ => Ok(()),
    }
}

/// Accepts a connection of the listening socket `fd` and writes its descriptor, a `u32`, to `out`. Of `fdflags`,
/// `nonblock` says whether it blocks.
///
/// # Errors
/// `AGAIN` when the socket does not block and there is none, `INVAL` for other flags or when it does not listen.
pub fn accept(guest: &mut Guest<'_>, fd: u32, fdflags: u32, out: u32) -> Result<()> {
    let wanted = flags(fdflags, NONBLOCK)?;
    let socket = table::get(fd)?;
    check_input(&socket)?;
    let mut host_flags = SocketFlags::CLOEXEC;
    host_flags.set(SocketFlags::NONBLOCK, wanted & NONBLOCK != 0);
    let accepted = uninterrupted(|| accept_with(socket.host(), host_flags))?;
    let fd = table::insert(accepted, Descriptor::file(true, true, wanted))?;
    guest.store_u32(out, fd);
    Ok(())
}

/// Receives into the buffers of the `iovec` array `iovs` of `count` elements. `riflags` ask to leave the data in the
/// queue (1) or to wait until there is room for no more (2). Writes the number of bytes, a `u32`, to `out`, and
/// `roflags`, a `u16`, to `out_flags`: 1 when a message was cut off.
///
/// # Errors
/// `AGAIN` when the socket does not block and has nothing yet.
#[allow(clippy::too_many_arguments, reason = "the witx declaration")]
pub fn recv(
    guest: &mut Guest<'_>,
    fd: u32,
    iovs: u32,
    count: u32,
    riflags: u32,
    out: u32,
    out_flags: u32,
) -> Result<()> {
    let wanted = flags(riflags, RECV_PEEK | RECV_WAITALL)?;
    let socket = table::get(fd)?;
    let mut host_flags = RecvFlags::empty();
    host_flags.set(RecvFlags::PEEK, wanted & RECV_PEEK != 0);
    host_flags.set(RecvFlags::WAITALL, wanted & RECV_WAITALL != 0);
    let mut buffers = guest.scatter(iovs, count);
    check_input(&socket)?;
    let received = uninterrupted(|| {
        let mut control = RecvAncillaryBuffer::default();
        recvmsg(
            socket.host(),
            buffers.as_mut_slice(),
            &mut control,
            host_flags,
        )
    })?;
    let len = u32::try_from(received.bytes).map_err(|_| Errno::OVERFLOW)?;
    let truncated = received.flags.contains(ReturnFlags::TRUNC);
    guest.store_u32(out, len);
    guest.store_u16(out_flags, if truncated { RECV_DATA_TRUNCATED } else { 0 });
    Ok(())
}

/// Sends the buffers of the `ciovec` array `iovs` of `count` elements and writes the number of bytes, a `u32`, to
/// `out`. No `siflags` are defined.
///
/// # Errors
/// `PIPE` when the other side has closed the connection, `AGAIN` when the socket does not block and has no room.
pub fn send(
    guest: &mut Guest<'_>,
    fd: u32,
    iovs: u32,
    count: u32,
    siflags: u32,
    out: u32,
) -> Result<()> {
    flags(siflags, 0)?;
    let socket = table::get(fd)?;
    let buffers = guest.gather(iovs, count);
    check_output(&socket)?;
    let sent = uninterrupted(|| {
        let mut control = SendAncillaryBuffer::default();
        sendmsg(
            socket.host(),
            buffers.as_slice(),
            &mut control,
            SendFlags::NOSIGNAL,
        )
    })?;
    let len = u32::try_from(sent).map_err(|_| Errno::OVERFLOW)?;
    guest.store_u32(out, len);
    Ok(())
}

/// Ends receiving (`how` 1), sending (2) or both (3).
///
/// # Errors
/// `INVAL` for other values of `how`, `NOTCONN`.
pub fn shut_down(guest: &mut Guest<'_>, fd: u32, how: u32) -> Result<()> {
    let _ = guest;
    const BOTH: u16 = SHUT_RD | SHUT_WR;
    let wanted = flags(how, BOTH)?;
    let how = match wanted {
        SHUT_RD => Shutdown::Read,
        SHUT_WR => Shutdown::Write,
        BOTH => Shutdown::Both,
        _ => return Err(Errno::INVAL),
    };
    let socket = table::get(fd)?;
    if wanted & SHUT_RD != 0 {
        check_input(&socket)?;
    }
    if wanted & SHUT_WR != 0 {
        check_output(&socket)?;
    }
    Ok(shutdown(socket.host(), how)?)
}
