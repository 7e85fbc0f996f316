//! Path resolution that cannot leave a directory.
//!
//! The kernel does it where it can (`openat2` with `RESOLVE_BENEATH`, Linux 5.6), component by component otherwise.
//! Whatever leads outside, an absolute path, a `..` too many or a symbolic link, is `PERM`.

use super::errno::{Errno, Result};
use super::path::{Path, Split};
use super::walk;
use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat2, statat};
use rustix::io;

/// The kernel has no `openat2`.
static NO_OPENAT2: AtomicBool = AtomicBool::new(false);

/// Opens `path`, which is resolved inside of `directory`.
///
/// `flags` are those of `openat2`, which refuses combinations that `openat` ignores; the descriptor is always closed on
/// `exec`. `mode` is zero unless a file may be created.
///
/// # Errors
/// `PERM` when the path leads outside, else what `openat` gives.
pub fn open(directory: BorrowedFd<'_>, path: &CStr, flags: OFlags, mode: Mode) -> Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC;
    if cfg!(feature = "unchecked") {
        return Ok(rustix::fs::openat(directory, path, flags, mode)?);
    }
    match open_beneath(directory, path, flags, mode) {
        Err(io::Errno::NOSYS) => walk::open(directory, path, flags, mode),
        result => result,
    }
    .map_err(|error| match error {
        io::Errno::XDEV => Errno::PERM,
        error => error.into(),
    })
}

/// Resolution by the kernel, or `NOSYS` when it has to be done another way.
fn open_beneath(
    directory: BorrowedFd<'_>,
    path: &CStr,
    flags: OFlags,
    mode: Mode,
) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    if NO_OPENAT2.load(Relaxed) {
        return Err(io::Errno::NOSYS);
    }
    // A `..` during a rename anywhere on the host is EAGAIN. That can go on for as long as somebody renames, so the
    // number of attempts is limited.
    for _ in 0..4 {
        match openat2(directory, path, flags, mode, resolve) {
            Err(io::Errno::AGAIN | io::Errno::INTR) => {}
            // Sandboxes answer with EPERM to what they do not know. Where it means what it says, the other way finds
            // that out too.
            Err(io::Errno::PERM) => break,
            Err(io::Errno::NOSYS) => {
                NO_OPENAT2.store(true, Relaxed);
                break;
            }
            result => return result,
        }
    }
    Err(io::Errno::NOSYS)
}

/// A directory and a name in it that the kernel can be given, because it is a single component.
pub struct Entry<'a> {
    start: BorrowedFd<'a>,
    opened: Option<OwnedFd>,
    /// The name. It may be a symbolic link to anywhere, which must not be followed.
    pub name: &'a CStr,
}

impl<'a> Entry<'a> {
    /// The entry that `path` names, for operations that create, rename or remove it.
    ///
    /// # Errors
    /// As [`open`], for the directory that holds the entry.
    pub fn new(directory: BorrowedFd<'a>, path: Path<'a>) -> Result<Self> {
        Self::open(directory, path.split_entry()?)
    }

    /// The object that `path` names, for operations that look at it without following it.
    ///
    /// # Errors
    /// As [`open`], for the directory that holds the entry.
    pub fn object(directory: BorrowedFd<'a>, path: Path<'a>) -> Result<Self> {
        Self::open(directory, path.split_object()?)
    }

    fn open(start: BorrowedFd<'a>, split: Split<'a>) -> Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let opened = match split.parent {
            Some(parent) => Some(open(start, parent, flags, Mode::empty())?),
            None => None,
        };
        Ok(Entry {
            start,
            opened,
            name: split.name,
        })
    }

    /// The directory that holds the entry.
    pub fn directory(&self) -> BorrowedFd<'_> {
        match &self.opened {
            Some(opened) => opened.as_fd(),
            None => self.start,
        }
    }
}

/// Finds out that `path`, which ends in a slash, leads to a directory, links followed.
///
/// # Errors
/// As [`open`], `NOTDIR` when it leads to anything else.
pub fn check_directory(directory: BorrowedFd<'_>, path: &Path<'_>) -> Result<()> {
    let flags = OFlags::PATH | OFlags::DIRECTORY;
    open(directory, path.as_c_str(), flags, Mode::empty()).map(drop)
}

/// The metadata of what `path` names inside of `directory`; of a symbolic link itself unless `follow`, and then slashes
/// at its end mean nothing.
///
/// # Errors
/// As [`open`].
pub fn stat(directory: BorrowedFd<'_>, path: &mut Path<'_>, follow: bool) -> Result<Stat> {
    if !follow {
        path.trim_end();
    }
    if path.is_name() {
        let stat = statat(directory, path.as_c_str(), AtFlags::SYMLINK_NOFOLLOW)?;
        if !(follow && FileType::from_raw_mode(stat.st_mode) == FileType::Symlink) {
            return Ok(stat);
        }
    }
    let mut flags = OFlags::PATH;
    flags.set(OFlags::NOFOLLOW, !follow);
    let object = open(directory, path.as_c_str(), flags, Mode::empty())?;
    Ok(fstat(&object)?)
}

#[cfg(test)]
mod tests;
