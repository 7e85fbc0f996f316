//! The directories that the build granted, opened at start.
#![allow(unsafe_code, reason = "it has a symbol of the contract")]

use super::errno::{Errno, Result};
use super::path::{PathBuffer, first, names};
use super::table::{Descriptor, insert};
use nativize_abi::config::Record;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, openat};

/// Opens every granted directory that is not denied at start, in the order of the build, so that they become the
/// descriptors from 3 on. One that
/// cannot be opened ends the process with a message that names the flag and status 1.
#[cfg_attr(
    all(feature = "standalone", not(test)),
    unsafe(export_name = "nvz_open_directories")
)]
pub extern "C" fn open_all() {
    let is_writable = |record| {
        matches!(
            record,
            Record::Directory {
                read_only: false,
                ..
            }
        )
    };
    if crate::start::config().any(is_writable) {
        super::own::find();
    }
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
    let open_with = |flags| match outer(host) {
        Some((outer, rest)) => open_below(outer, rest, flags),
        None => open_path(host, flags),
    };
    let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = match open_with(flags) {
        // It may still be searched, if not listed.
        Err(Errno::ACCES) => open_with(flags | OFlags::PATH),
        result => result,
    }?;
    insert(directory, Descriptor::directory(read_only, Some(guest)))?;
    Ok(())
}

fn open_path(host: &[u8], flags: OFlags) -> Result<OwnedFd> {
    let mut buffer = PathBuffer::new();
    let host = buffer.copy_host(host)?;
    Ok(openat(CWD, host, flags, Mode::empty())?)
}

/// Opens what is below a directory in which the program may have put links in an earlier run: they must not lead out of it.
fn open_below(outer: &[u8], rest: &[u8], flags: OFlags) -> Result<OwnedFd> {
    let outer = open_path(outer, OFlags::DIRECTORY | OFlags::PATH | OFlags::CLOEXEC)?;
    let mut buffer = PathBuffer::new();
    let rest = buffer.copy_host(rest)?;
    super::resolve::open(outer.as_fd(), rest, flags, Mode::empty())
}

/// The writable grant farthest out that `host` is below by its name, and the path from there.
fn outer(host: &[u8]) -> Option<(&'static [u8], &[u8])> {
    let outers = crate::start::config().filter_map(|record| match record {
        Record::Directory {
            host: outer,
            read_only: false,
            ..
        } if !is_root(outer) => Some((outer, below(host, outer)?)),
        _ => None,
    });
    outers.max_by_key(|(_, rest)| rest.len())
}

/// Nothing leads out of it.
fn is_root(path: &[u8]) -> bool {
    path.starts_with(b"/") && names(path).next().is_none()
}

/// What is left of the path `host` after that of a directory that it is in, if that can be told from the paths alone.
fn below<'a>(host: &'a [u8], outer: &[u8]) -> Option<&'a [u8]> {
    if host.starts_with(b"/") != outer.starts_with(b"/") {
        return None;
    }
    let mut host = host;
    for component in names(outer) {
        let (same, left) = first(host)?;
        if component != same {
            return None;
        }
        host = left;
    }
    // The directory itself is not in it.
    first(host)?;
    let mut depth = 0u32;
    for component in names(host) {
        // Nor is what goes further up.
        depth = if component == b".." {
            depth.checked_sub(1)?
        } else {
            depth + 1
        };
    }
    let start = host.iter().position(|&byte| byte != b'/')?;
    host.get(start..)
}

fn fail(host: &[u8], error: Errno) -> ! {
    let reason = match error {
        Errno::PERM => "Not permitted, or a link leads out of a writable directory that it is in",
        error => reason(error),
    };
    crate::exit::fail(1, |message| {
        message.str("--dir ").untrusted(host).str(": ").str(reason);
    })
}

/// Why something that was granted cannot be opened.
pub(super) fn reason(error: Errno) -> &'static str {
    match error {
        Errno::NOENT => "No such file or directory",
        Errno::NOTDIR => "Not a directory",
        Errno::ACCES => "Permission denied",
        Errno::PERM => "Operation not permitted",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_directory() {
        for (host, outer, rest) in [
            ("work/sub", "work", "sub"),
            ("work/sub/", "work/", "sub/"),
            ("./work//./sub/x", "work", "./sub/x"),
            ("sub", ".", "sub"),
            ("/srv/a/b", "/srv", "a/b"),
            ("/srv", "/", "srv"),
            ("../a/b", "../a", "b"),
            ("work/x/../y", "work", "x/../y"),
        ] {
            let found = below(host.as_bytes(), outer.as_bytes());
            assert_eq!(found, Some(rest.as_bytes()), "{host} {outer}");
        }
        for (host, outer) in [
            ("work", "work"),
            ("work/.", "work"),
            ("works/sub", "work"),
            ("work", "work/sub"),
            ("/work/sub", "work"),
            ("work/../sub", "work"),
            ("work/x/../../y", "work"),
            (".", "."),
        ] {
            let found = below(host.as_bytes(), outer.as_bytes());
            assert_eq!(found, None, "{host} {outer}");
        }
    }
}
