//! The directories that the build granted, opened at start.
#![allow(unsafe_code, reason = "it has a symbol of the contract")]

use super::errno::{Errno, Result};
use super::path::PathBuffer;
use super::table::{Descriptor, insert};
use nativize_abi::config::Record;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io;

/// Opens every granted directory that is not denied at start, in the order of the build, so that they become the
/// descriptors from 3 on. One that
/// cannot be opened ends the process with a message that names the flag and status 1.
#[cfg_attr(
    all(feature = "standalone", not(test)),
    unsafe(export_name = "nvz_open_directories")
)]
pub extern "C" fn open_all() {
    for record in crate::start::config() {
        if let Record::Directory {
            host,
            guest,
            read_only,
        } = record
            && !super::deny::directory(guest)
            && let Err(error) = open(host, guest, read_only)
        {
            fail(host, error);
        }
    }
}

fn open(host: &[u8], guest: &'static [u8], read_only: bool) -> Result<()> {
    let mut buffer = PathBuffer::new();
    let host = buffer.copy_host(host)?;
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = match openat(CWD, host, flags, Mode::empty()) {
        // It may still be searched, if not listed.
        Err(io::Errno::ACCESS) => openat(CWD, host, flags | OFlags::PATH, Mode::empty()),
        result => result,
    }?;
    insert(directory, Descriptor::directory(read_only, Some(guest)))?;
    Ok(())
}

fn fail(host: &[u8], error: Errno) -> ! {
    crate::exit::fail(1, |message| {
        message
            .str("--dir ")
            .untrusted(host)
            .str(": ")
            .str(reason(error));
    })
}

/// Why something that was granted cannot be opened.
pub(super) fn reason(error: Errno) -> &'static str {
    match error {
        Errno::NOENT => "No such file or directory",
        Errno::NOTDIR => "Not a directory",
        Errno::ACCES => "Permission denied",
        Errno::LOOP => "Too many levels of symbolic links",
        Errno::NAMETOOLONG => "File name too long",
        Errno::MFILE | Errno::NFILE => "Too many open files",
        Errno::ADDRINUSE => "Address already in use",
        Errno::ADDRNOTAVAIL => "Cannot assign requested address",
        Errno::AFNOSUPPORT => "Address family not supported",
        Errno::NOTSOCK => "Not a socket",
        Errno::BADF => "Not open",
        _ => "cannot be opened",
    }
}
