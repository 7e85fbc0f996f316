//! The directories that the build granted, opened at start.

use super::table::{Descriptor, insert};
use nativize_abi::config::Record;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io;

/// Opens every granted directory, in the order of the build, so that they become the descriptors from 3 on. One that
/// cannot be opened ends the process with a message that names the flag and status 1.
pub fn open_all() {
    for record in crate::start::config() {
        if let Record::Directory {
            host,
            guest,
            read_only,
        } = record
            && let Err(error) = open(host, guest, read_only)
        {
            fail(host, error);
        }
    }
}

fn open(host: &[u8], guest: &'static [u8], read_only: bool) -> io::Result<()> {
    let directory = open_directory(host)?;
    insert(directory, Descriptor::directory(read_only, Some(guest)))
        .map(|_| ())
        .map_err(|_| io::Errno::MFILE)
}

fn open_directory(host: &[u8]) -> io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    match openat(CWD, host, flags, Mode::empty()) {
        // It may still be searched, if not listed.
        Err(io::Errno::ACCESS) => openat(CWD, host, flags | OFlags::PATH, Mode::empty()),
        result => result,
    }
}

fn fail(host: &[u8], error: io::Errno) -> ! {
    let reason = match error {
        io::Errno::NOENT => "No such file or directory",
        io::Errno::NOTDIR => "Not a directory",
        io::Errno::ACCESS => "Permission denied",
        io::Errno::LOOP => "Too many levels of symbolic links",
        io::Errno::NAMETOOLONG => "File name too long",
        io::Errno::MFILE | io::Errno::NFILE => "Too many open files",
        _ => "cannot be opened",
    };
    crate::exit::fail(1, |message| {
        message.str("--dir ").untrusted(host).str(": ").str(reason);
    })
}
