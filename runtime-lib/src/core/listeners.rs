//! The sockets that the build granted: addresses to listen at, and what the process is started with.
#![allow(unsafe_code, reason = "it has a symbol of the contract")]

use super::errno::Result;
use super::table::{Descriptor, insert};
use crate::number::parse_integer;
use crate::sys::{inherited, socket_type};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use nativize_abi::config::Record;
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::net::sockopt::{set_ipv6_v6only, set_socket_reuseaddr};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 128;

/// The first descriptor that is passed on, as `sd_listen_fds(3)` says.
const FIRST: i32 = 3;

/// Opens the granted sockets, unless they are denied at start: those that are passed on, then each that is to listen, in
/// the order of the build. They become the descriptors after those of directories, which C libraries look for until there
/// is a descriptor that is none.
#[cfg_attr(
    all(feature = "standalone", not(test)),
    unsafe(export_name = "nvz_open_listeners")
)]
pub extern "C" fn open_all() {
    if super::deny::network() {
        return;
    }
    if crate::start::config().any(|record| record == Record::ListenFds) {
        inherit();
    }
    for record in crate::start::config() {
        if let Record::TcpListen { address } = record
            && let Some(address) = decode(address)
            && let Err(error) = open(address)
        {
            crate::exit::fail(1, |message| {
                message.str("--tcp-listen port ");
                message.decimal(address.port().into()).str(": ");
                message.str(super::preopens::reason(error));
            });
        }
    }
}

/// The address in a record.
fn decode(bytes: &[u8]) -> Option<SocketAddr> {
    let (address, &[high, low]) = bytes.split_last_chunk()?;
    let address = match *address {
        [a, b, c, d] => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        _ => IpAddr::V6(Ipv6Addr::from_octets(address.try_into().ok()?)),
    };
    Some(SocketAddr::new(address, u16::from_be_bytes([high, low])))
}

fn open(address: SocketAddr) -> Result<()> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    // A program that is started again takes its address back at once.
    set_socket_reuseaddr(&socket, true)?;
    if address.is_ipv6() {
        // What is granted is this address, not also every one of IPv4.
        set_ipv6_v6only(&socket, true)?;
    }
    bind(&socket, &address)?;
    listen(&socket, BACKLOG)?;
    insert(socket, Descriptor::file(true, true, 0))?;
    Ok(())
}

/// Takes over the sockets that `LISTEN_FDS` counts, if `LISTEN_PID` says that they are meant for this process.
fn inherit() {
    let number = |name| crate::start::variable(name).and_then(|text| parse_integer(text, 64));
    let process = rustix::process::getpid().as_raw_nonzero().get();
    if number("LISTEN_PID") != u64::try_from(process).ok() {
        return;
    }
    // The kernel allows no more descriptors than this.
    let count = number("LISTEN_FDS").unwrap_or(0).min(1 << 20) as i32;
    for fd in FIRST..FIRST + count {
        let socket = inherited(fd);
        let taken = fcntl_setfd(&socket, FdFlags::CLOEXEC)
            .and_then(|()| socket_type(rustix::fd::AsFd::as_fd(&socket)))
            .map_err(super::errno::Errno::from)
            .and_then(|_| insert(socket, Descriptor::file(true, true, 0)));
        if let Err(error) = taken {
            crate::exit::fail(1, |message| {
                message.str("--listen-fds: descriptor ");
                message.decimal(fd.unsigned_abs().into()).str(": ");
                message.str(super::preopens::reason(error));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let decoded = |bytes: &[u8]| decode(bytes).map(|address| address.to_string());
        assert_eq!(
            decoded(&[127, 0, 0, 1, 0x1f, 0x90]).unwrap(),
            "127.0.0.1:8080"
        );
        let mut bytes = [0; 18];
        bytes[15..].copy_from_slice(&[1, 0, 80]);
        assert_eq!(decoded(&bytes).unwrap(), "[::1]:80");
        assert_eq!(decoded(&[1, 2, 3]), None);
        assert_eq!(decoded(&[1]), None);
    }
}
