//! Path resolution inside of a directory without `openat2`: one component at a time, links expanded by hand.
//!
//! Every step opens a single name without following it, so that nothing another process renames meanwhile leads
//! outside. For `..` the walk starts again from the top with the names that led here but the last, since a
//! directory's own `..` may have been moved elsewhere.

use super::path::{PATH_MAX, terminated};
use core::ffi::CStr;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags, openat, readlinkat_raw};
use rustix::io::{Errno, Result};

/// How many links a resolution may expand, as in the kernel.
pub(super) const MAX_LINKS: u32 = 40;

/// How a directory on the way is opened.
const STEP: OFlags = OFlags::PATH
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Opens `path`, which is resolved inside of `start`.
///
/// # Errors
/// `XDEV` when the path leads outside, else what `openat` gives.
pub(super) fn open(
    start: BorrowedFd<'_>,
    path: &CStr,
    flags: OFlags,
    mode: Mode,
) -> Result<OwnedFd> {
    if path.is_empty() {
        return Err(Errno::NOENT);
    }
    let mut walk = Walk {
        start,
        directory: None,
        names: Names::new(),
        pending: Pending::new(),
        links: 0,
    };
    walk.pending.prepend(path.to_bytes())?;
    loop {
        if let Some(opened) = walk.step(flags, mode)? {
            return Ok(opened);
        }
    }
}

struct Walk<'d> {
    start: BorrowedFd<'d>,
    /// The directory reached so far, when it is not `start`.
    directory: Option<OwnedFd>,
    /// The names that lead to it from `start`, none of them a link.
    names: Names,
    pending: Pending,
    links: u32,
}

impl Walk<'_> {
    fn directory(&self) -> BorrowedFd<'_> {
        match &self.directory {
            Some(directory) => directory.as_fd(),
            None => self.start,
        }
    }

    /// Resolves one component; gives the result when it was the last.
    fn step(&mut self, flags: OFlags, mode: Mode) -> Result<Option<OwnedFd>> {
        let component = self.pending.component()?;
        match component.name().to_bytes() {
            b"." => {}
            b".." => self.parent()?,
            _ => return self.named(&component, flags, mode),
        }
        self.pending.consume(&component);
        if component.last {
            let flags = flags - OFlags::NOFOLLOW;
            return openat(self.directory(), c".", flags, mode).map(Some);
        }
        Ok(None)
    }

    fn named(
        &mut self,
        component: &Component,
        flags: OFlags,
        mode: Mode,
    ) -> Result<Option<OwnedFd>> {
        let name = component.name();
        let directory_wanted = !component.last || component.slash;
        let exclusive = flags.contains(OFlags::CREATE | OFlags::EXCL);
        let follow = directory_wanted || !(flags.contains(OFlags::NOFOLLOW) || exclusive);
        if follow {
            let mut target = [0; PATH_MAX];
            match readlinkat_raw(self.directory(), name, &mut target[..]) {
                Ok(len) => {
                    self.expand(component, target.get(..len).unwrap_or_default())?;
                    return Ok(None);
                }
                // Not a link, or nothing at all, which may be what is to be created.
                Err(Errno::INVAL | Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
        if !component.last {
            let next = openat(self.directory(), name, STEP, Mode::empty())?;
            self.names.push(name)?;
            self.directory = Some(next);
            self.pending.consume(component);
            return Ok(None);
        }
        let mut flags = flags | OFlags::NOFOLLOW;
        if component.slash {
            if flags.contains(OFlags::CREATE) {
                return Err(Errno::ISDIR);
            }
            flags |= OFlags::DIRECTORY;
        }
        match openat(self.directory(), name, flags, mode) {
            // It became a link since: look again.
            Err(Errno::LOOP) if follow => {
                self.count_link()?;
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    fn count_link(&mut self) -> Result<()> {
        self.links += 1;
        if self.links > MAX_LINKS {
            return Err(Errno::LOOP);
        }
        Ok(())
    }

    /// Replaces a component by the target of the link that it names.
    fn expand(&mut self, component: &Component, target: &[u8]) -> Result<()> {
        self.count_link()?;
        if target.is_empty() {
            return Err(Errno::NOENT);
        }
        self.pending.skip(component);
        self.pending.prepend(target)
    }

    /// Goes up one directory.
    fn parent(&mut self) -> Result<()> {
        self.names.pop()?;
        let mut directory = None;
        for name in self.names.iter() {
            let from = match &directory {
                Some(directory) => AsFd::as_fd(directory),
                None => self.start,
            };
            directory = Some(openat(from, name, STEP, Mode::empty())?);
        }
        self.directory = directory;
        Ok(())
    }
}

/// The names that led from the start to the directory reached, each terminated by a zero.
struct Names {
    bytes: [u8; PATH_MAX],
    len: usize,
}

impl Names {
    const fn new() -> Self {
        Names {
            bytes: [0; PATH_MAX],
            len: 0,
        }
    }

    fn push(&mut self, name: &CStr) -> Result<()> {
        let name = name.to_bytes_with_nul();
        let end = self.len + name.len();
        self.bytes
            .get_mut(self.len..end)
            .ok_or(Errno::NAMETOOLONG)?
            .copy_from_slice(name);
        self.len = end;
        Ok(())
    }

    /// Drops the last name. There is none at the start, above which nothing may be reached.
    fn pop(&mut self) -> Result<()> {
        let used = self.bytes.get(..self.len).unwrap_or_default();
        let (_, names) = used.split_last().ok_or(Errno::XDEV)?;
        self.len = names
            .iter()
            .rposition(|&byte| byte == 0)
            .map_or(0, |end| end + 1);
        Ok(())
    }

    fn iter(&self) -> impl Iterator<Item = &CStr> {
        self.bytes
            .get(..self.len)
            .unwrap_or_default()
            .split_inclusive(|&byte| byte == 0)
            .map(terminated)
    }
}

/// What is still to be resolved, at the end of a buffer so that links can be expanded in front of it.
pub(super) struct Pending {
    bytes: [u8; 2 * PATH_MAX],
    start: usize,
}

/// The first component of what is pending.
pub(super) struct Component {
    name: [u8; 256],
    len: usize,
    /// Nothing but slashes follows.
    pub(super) last: bool,
    /// A slash follows.
    pub(super) slash: bool,
}

impl Component {
    pub(super) fn name(&self) -> &CStr {
        terminated(&self.name)
    }
}

impl Pending {
    pub(super) const fn new() -> Self {
        Pending {
            bytes: [0; 2 * PATH_MAX],
            start: 2 * PATH_MAX,
        }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Puts `path` in front. Absolute paths lead outside.
    pub(super) fn prepend(&mut self, path: &[u8]) -> Result<()> {
        if path.first() == Some(&b'/') {
            return Err(Errno::XDEV);
        }
        let start = self
            .start
            .checked_sub(path.len())
            .ok_or(Errno::NAMETOOLONG)?;
        if let Some(room) = self.bytes.get_mut(start..self.start) {
            room.copy_from_slice(path);
        }
        self.start = start;
        Ok(())
    }

    pub(super) fn component(&self) -> Result<Component> {
        let rest = self.rest();
        let len = rest
            .iter()
            .position(|&byte| byte == b'/')
            .unwrap_or(rest.len());
        let (bytes, after) = rest.split_at(len);
        let mut name = [0; 256];
        // One byte stays zero, as the terminator.
        if len == name.len() {
            return Err(Errno::NAMETOOLONG);
        }
        name.get_mut(..len)
            .ok_or(Errno::NAMETOOLONG)?
            .copy_from_slice(bytes);
        Ok(Component {
            name,
            len,
            last: after.iter().all(|&byte| byte == b'/'),
            slash: !after.is_empty(),
        })
    }

    /// Drops a component, and leaves the slashes after it.
    pub(super) fn skip(&mut self, component: &Component) {
        self.start += component.len;
    }

    /// Drops a component and the slashes after it.
    pub(super) fn consume(&mut self, component: &Component) {
        self.skip(component);
        let slashes = self.rest().iter().take_while(|&&byte| byte == b'/');
        self.start += slashes.count();
    }
}
