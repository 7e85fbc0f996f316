//! The guest's descriptors: which of the host's each number stands for.
#![allow(unsafe_code)]

use super::errno::{Errno, Result};
use super::lock::Lock;
use super::pages::Pages;
use rustix::fd::{AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use rustix::io::fcntl_dupfd_cloexec;

/// What a descriptor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Nothing: the number is free.
    Free,
    /// Standard input, which can only be read, in order.
    Input,
    /// Standard output or standard error, which can only be written, in order.
    Output,
    /// A directory.
    Directory,
    /// A directory inside of the executable.
    Embedded,
    /// Anything else: a file, a device, a pipe, a socket.
    File,
}

/// An open descriptor of the guest.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    host: RawFd,
    /// What it is.
    pub kind: Kind,
    /// It was opened for reading.
    pub readable: bool,
    /// It was opened for writing.
    pub writable: bool,
    /// It lies in a directory that is granted read-only: every mutation is refused.
    pub read_only: bool,
    /// The `fdflags` with which it was opened, or that were set since.
    pub flags: u16,
    /// The guest's name of a directory that was granted.
    pub preopen: Option<&'static [u8]>,
    /// One more than where its node inside of the executable is in the configuration, or 0 for what is the host's.
    node: u32,
}

const FREE: Descriptor = Descriptor {
    host: -1,
    kind: Kind::Free,
    readable: false,
    writable: false,
    read_only: false,
    flags: 0,
    preopen: None,
    node: 0,
};

const fn stdio(host: RawFd, kind: Kind) -> Descriptor {
    Descriptor { host, kind, ..FREE }
}

impl Descriptor {
    /// A directory, with the guest's name for it when it was granted.
    pub const fn directory(read_only: bool, preopen: Option<&'static [u8]>) -> Self {
        Descriptor {
            kind: Kind::Directory,
            readable: true,
            read_only,
            preopen,
            ..FREE
        }
    }

    /// A directory inside of the executable, whose node is at `offset` in the configuration. What stands for it where the
    /// host's descriptor would is none: a function that does not know it gets `EBADF` from the kernel.
    pub const fn embedded(offset: u32, preopen: Option<&'static [u8]>) -> Self {
        Descriptor {
            host: i32::MIN,
            node: offset + 1,
            kind: Kind::Embedded,
            readable: true,
            read_only: true,
            preopen,
            ..FREE
        }
    }

    /// The same, of a file whose node inside of the executable is at `offset` in the configuration.
    pub const fn of_node(mut self, offset: u32) -> Self {
        self.node = offset + 1;
        self
    }

    /// The offset of its node, if it is inside of the executable.
    pub fn node(&self) -> Option<u32> {
        self.node.checked_sub(1)
    }

    /// Anything else, opened for reading, for writing or both, with `fdflags`.
    pub const fn file(readable: bool, writable: bool, flags: u16) -> Self {
        Descriptor {
            kind: Kind::File,
            readable,
            writable,
            flags,
            ..FREE
        }
    }

    /// The same in a directory that is granted read-only, if `read_only`.
    pub const fn within(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// The host's descriptor.
    pub fn host(&self) -> BorrowedFd<'static> {
        // SAFETY: it is open: descriptors are closed only by the guest, which does not run while a host function
        // uses a copy of this one, or while it is held (see `get`); those of the standard streams never are.
        unsafe { BorrowedFd::borrow_raw(self.host) }
    }

    /// Whether this is one of the standard streams of the process.
    pub fn is_stdio(&self) -> bool {
        matches!(self.kind, Kind::Input | Kind::Output)
    }

    /// Fails unless mutation is granted.
    pub fn check_mutable(&self) -> Result<()> {
        if self.read_only && !cfg!(feature = "unchecked") {
            Err(Errno::PERM)
        } else {
            Ok(())
        }
    }

    /// Closes the host's descriptor, unless it is one of the process's standard streams: traps are reported there,
    /// and the host's lowest numbers must not be given to files.
    fn close(self) {
        if !self.is_stdio() && self.host >= 0 {
            if let Some(hooks) = crate::thread::hooks() {
                return (hooks.close)(self.host);
            }
            // SAFETY: the caller has taken this value out of the table, which owned the host's descriptor.
            unsafe { rustix::io::close(self.host) };
        }
    }
}

/// Descriptors that fit without a mapping.
const INLINE: usize = 16;

/// More than the host gives a process: those of the executable's own directories take nothing there.
const MOST: usize = 1 << 20;

struct Table {
    inline: [Descriptor; INLINE],
    /// In use instead of `inline` once that was too short.
    mapped: Option<Pages<Descriptor>>,
    /// Numbers that were ever in use are below this.
    len: usize,
    /// How many numbers below `len` are free.
    holes: usize,
}

impl Table {
    /// All zero, and no table.
    const NONE: Table = Table {
        inline: [Descriptor { host: 0, ..FREE }; INLINE],
        mapped: None,
        len: 0,
        holes: 0,
    };

    fn new() -> Self {
        let mut inline = [FREE; INLINE];
        inline[0] = stdio(0, Kind::Input);
        inline[1] = stdio(1, Kind::Output);
        inline[2] = stdio(2, Kind::Output);
        Table {
            inline,
            mapped: None,
            len: 3,
            holes: 0,
        }
    }

    fn slots(&mut self) -> &mut [Descriptor] {
        match &mut self.mapped {
            Some(pages) => pages,
            None => &mut self.inline,
        }
    }

    fn slot(&mut self, fd: u32) -> Result<&mut Descriptor> {
        match self.slots().get_mut(fd as usize) {
            Some(slot) if slot.kind != Kind::Free => Ok(slot),
            _ => Err(Errno::BADF),
        }
    }

    /// Ends the program if it may not have another descriptor.
    #[allow(clippy::unused_self, reason = "only an executable has limits")]
    fn check_limit(&self) {
        #[cfg(all(feature = "standalone", not(test)))]
        {
            // What is closed in the table may still be open in the host.
            let closing = crate::thread::hooks().map_or(0, |hooks| (hooks.closing)());
            let open = (self.len - self.holes) as u64 + closing;
            crate::program::check_descriptors(open + 1);
        }
    }

    /// The number that the next descriptor gets: the highest that was closed, else the next one, as Wasmtime does.
    fn unused(&mut self) -> Result<usize> {
        if self.holes > 0 {
            let len = self.len;
            let used = self.slots().get(..len).unwrap_or_default();
            if let Some(hole) = used.iter().rposition(|slot| slot.kind == Kind::Free) {
                self.holes -= 1;
                return Ok(hole);
            }
        }
        if self.len >= MOST {
            return Err(Errno::MFILE);
        }
        if self.len == self.slots().len() {
            let mut pages = Pages::new(self.len * 8, FREE)?;
            for (new, old) in pages.iter_mut().zip(self.slots()) {
                *new = *old;
            }
            self.mapped = Some(pages);
        }
        self.len += 1;
        Ok(self.len - 1)
    }

    fn insert(&mut self, descriptor: Descriptor) -> Result<u32> {
        let index = self.unused()?;
        let fd = u32::try_from(index).map_err(|_| Errno::MFILE)?;
        if let Some(slot) = self.slots().get_mut(index) {
            *slot = descriptor;
        }
        Ok(fd)
    }

    fn remove(&mut self, fd: u32) -> Result<Descriptor> {
        let removed = core::mem::replace(self.slot(fd)?, FREE);
        self.holes += 1;
        Ok(removed)
    }

    fn renumber(&mut self, from: u32, to: u32) -> Result<Option<Descriptor>> {
        self.slot(to)?;
        let moved = *self.slot(from)?;
        if from == to {
            return Ok(None);
        }
        self.remove(from)?;
        Ok(Some(core::mem::replace(self.slot(to)?, moved)))
    }
}

static TABLE: Lock<Table> = Lock::new(Table::NONE);

/// What it begins as is not in the file, where it could be something else.
fn with_table<R>(with: impl FnOnce(&mut Table) -> R) -> R {
    TABLE.with(|table| {
        if table.len == 0 {
            *table = Table::new();
        }
        with(table)
    })
}

/// What `fd` stands for.
///
/// # Errors
/// `BADF` when it is not open, `NOMEM` when a host function uses too many where there are threads.
pub fn get(fd: u32) -> Result<Descriptor> {
    with_table(|table| {
        let slot = table.slot(fd)?;
        // Another thread may close it as soon as the table is free.
        match crate::thread::hooks() {
            Some(hooks) if !(hooks.hold)(slot.host) => Err(Errno::NOMEM),
            _ => Ok(*slot),
        }
    })
}

/// What `fd` stands for, when it is a file.
///
/// # Errors
/// `BADF` when it is not open or something else.
pub fn file(fd: u32) -> Result<Descriptor> {
    of_kind(fd, Kind::File)
}

/// What `fd` stands for, when it is a directory.
///
/// # Errors
/// `BADF` when it is not open or something else.
pub fn directory(fd: u32) -> Result<Descriptor> {
    of_kind(fd, Kind::Directory)
}

fn of_kind(fd: u32, kind: Kind) -> Result<Descriptor> {
    let descriptor = get(fd)?;
    if descriptor.kind == kind {
        Ok(descriptor)
    } else {
        Err(Errno::BADF)
    }
}

/// Gives `host` a number. `descriptor` says what it is.
///
/// # Errors
/// `NOMEM` when there is no room for a longer table, `MFILE` when the host has no number above the standard ones, or for more
/// than 2^20.
pub fn insert(host: OwnedFd, descriptor: Descriptor) -> Result<u32> {
    // A process may be started with a standard stream closed. Its number is then the first that the host gives out,
    // and would be taken for the stream.
    let host = if host.as_raw_fd() < 3 {
        fcntl_dupfd_cloexec(&host, 3)?
    } else {
        host
    };
    let fd = with_table(|table| {
        table.check_limit();
        table.insert(Descriptor {
            host: host.as_raw_fd(),
            ..descriptor
        })
    })?;
    // The table owns it from now on.
    let _ = host.into_raw_fd();
    Ok(fd)
}

/// Gives a directory inside of the executable a number.
///
/// # Errors
/// As [`insert`].
pub fn insert_embedded(descriptor: Descriptor) -> Result<u32> {
    with_table(|table| {
        table.check_limit();
        table.insert(descriptor)
    })
}

/// Frees `fd` and closes what it stood for.
///
/// # Errors
/// `BADF` when it is not open.
pub fn close(fd: u32) -> Result<()> {
    with_table(|table| table.remove(fd))?.close();
    Ok(())
}

/// Makes `to` stand for what `from` did, which is freed; closes what `to` stood for.
///
/// # Errors
/// `BADF` when either is not open.
pub fn renumber(from: u32, to: u32) -> Result<()> {
    if let Some(replaced) = with_table(|table| table.renumber(from, to))? {
        replaced.close();
    }
    Ok(())
}

/// Records the `fdflags` of `fd`.
///
/// # Errors
/// `BADF` when it is not open.
pub fn set_flags(fd: u32, flags: u16) -> Result<()> {
    with_table(|table| {
        table.slot(fd)?.flags = flags;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_reused_from_the_highest() {
        let mut table = Table::new();
        for expected in 3..200 {
            assert_eq!(table.insert(Descriptor::file(true, true, 0)), Ok(expected));
        }
        table.remove(7).unwrap();
        table.remove(100).unwrap();
        assert_eq!(table.insert(Descriptor::file(true, true, 0)), Ok(100));
        assert_eq!(table.insert(Descriptor::file(true, true, 0)), Ok(7));
        assert_eq!(table.insert(Descriptor::file(true, true, 0)), Ok(200));
        assert_eq!(table.remove(7).map(|_| ()), Ok(()));
        assert_eq!(table.remove(7).map(|_| ()), Err(Errno::BADF));
        assert_eq!(table.slot(1000).map(|_| ()), Err(Errno::BADF));
    }

    #[test]
    fn renumbering_frees_the_source() {
        let mut table = Table::new();
        let first = Descriptor::file(true, true, 1);
        let second = Descriptor::file(true, true, 2);
        table.insert(first).unwrap();
        table.insert(second).unwrap();
        assert_eq!(table.renumber(4, 5).map(|_| ()), Err(Errno::BADF));
        assert!(table.renumber(4, 4).unwrap().is_none());
        assert_eq!(table.renumber(4, 3).unwrap().unwrap().flags, 1);
        assert_eq!(table.slot(3).unwrap().flags, 2);
        assert!(table.slot(4).is_err());
        assert_eq!(table.insert(first), Ok(4));
    }
}
