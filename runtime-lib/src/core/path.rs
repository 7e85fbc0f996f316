//! Paths from the guest, copied out of its memory and terminated for the kernel.

use super::errno::{Errno, Result};
use core::ffi::CStr;

/// The kernel's limit on the length of a path, its terminator included.
pub const PATH_MAX: usize = 4096;

/// Room for a [`Path`].
pub struct PathBuffer([u8; PATH_MAX]);

/// A path of the guest: UTF-8 without zero bytes, followed by one.
pub struct Path<'b> {
    bytes: &'b mut [u8],
}

impl PathBuffer {
    /// An empty buffer.
    #[allow(clippy::new_without_default, reason = "nothing asks for a default")]
    pub const fn new() -> Self {
        PathBuffer([0; PATH_MAX])
    }

    /// Copies a path of the host, up to a zero byte.
    ///
    /// # Errors
    /// `NAMETOOLONG`.
    pub fn copy_host(&mut self, bytes: &[u8]) -> Result<&CStr> {
        let room = self.0.get_mut(..=bytes.len()).ok_or(Errno::NAMETOOLONG)?;
        if let Some((end, path)) = room.split_last_mut() {
            path.copy_from_slice(bytes);
            *end = 0;
        }
        Ok(terminated(room))
    }

    /// Copies a path of the guest.
    ///
    /// # Errors
    /// `ILSEQ` when it is not UTF-8, `INVAL` when it contains a zero byte, `NAMETOOLONG`.
    pub fn copy(&mut self, bytes: &[u8]) -> Result<Path<'_>> {
        let room = self.0.get_mut(..=bytes.len()).ok_or(Errno::NAMETOOLONG)?;
        if let Some((end, path)) = room.split_last_mut() {
            // The copy is what is checked: another thread may change the original.
            path.copy_from_slice(bytes);
            *end = 0;
            if core::str::from_utf8(path).is_err() {
                return Err(Errno::ILSEQ);
            }
            if path.contains(&0) {
                return Err(Errno::INVAL);
            }
        }
        Ok(Path { bytes: room })
    }
}

/// The first component of a path, and what follows it.
pub(super) fn first(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut path = path;
    loop {
        let start = path.iter().position(|&byte| byte != b'/')?;
        let (_, from) = path.split_at(start);
        let end = from.iter().position(|&byte| byte == b'/');
        let (component, rest) = from.split_at(end.unwrap_or(from.len()));
        if component != b"." {
            return Some((component, rest));
        }
        path = rest;
    }
}

/// The components of a path, without those that say nothing.
pub(super) fn names(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = path;
    core::iter::from_fn(move || {
        let (component, left) = first(rest)?;
        rest = left;
        Some(component)
    })
}

/// The parts of a path that names a directory entry.
#[derive(Debug, PartialEq, Eq)]
pub struct Split<'b> {
    /// The directory that holds the entry; `None` when it is the one that the path starts from.
    pub parent: Option<&'b CStr>,
    /// The entry: one component, or `.` when the path names its parent itself.
    pub name: &'b CStr,
}

impl<'b> Path<'b> {
    /// The whole path.
    pub fn as_c_str(&self) -> &CStr {
        terminated(self.bytes)
    }

    /// Whether the path is one component that is neither `.` nor `..` nor followed by a slash: then the kernel
    /// resolves it without walking anywhere.
    pub fn is_name(&self) -> bool {
        let bytes = self.as_c_str().to_bytes();
        !bytes.is_empty() && !bytes.contains(&b'/') && bytes != b"." && bytes != b".."
    }

    /// Whether slashes follow the name of an entry.
    pub fn is_slashed_name(&self) -> bool {
        let bytes = self.as_c_str().to_bytes();
        let end = bytes.iter().rposition(|&byte| byte != b'/');
        let (name, slashes) = bytes.split_at(end.map_or(0, |last| last + 1));
        let name = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        !slashes.is_empty() && !matches!(name, b"" | b"." | b"..")
    }

    /// Takes away slashes and `.` components at the end, unless nothing else would be left.
    pub fn trim_end(&mut self) {
        let path = self.as_c_str().to_bytes();
        let mut len = path.len();
        while let Some((head, _)) = path.split_at_checked(len) {
            len = match head {
                [_, .., b'/'] => len - 1,
                [_, .., b'/', b'.'] => len - 2,
                _ => break,
            };
        }
        if let Some(end) = self.bytes.get_mut(len) {
            *end = 0;
        }
    }

    /// Splits off the last component, to create, rename or remove the entry of that name. Slashes that follow stay
    /// with it: operations on an entry do not follow it, and the kernel knows which of them need it to be a
    /// directory.
    pub fn split_entry(self) -> Result<Split<'b>> {
        self.split(true)
    }

    /// Splits off the last component, to look at the object of that name without following it. A path that ends in
    /// a slash names a directory, through a link where it has to, and gives that directory's `.`.
    pub fn split_object(self) -> Result<Split<'b>> {
        self.split(false)
    }

    fn split(self, keep_slashes: bool) -> Result<Split<'b>> {
        if cfg!(feature = "unchecked") {
            return Ok(Split {
                parent: None,
                name: terminated(self.bytes),
            });
        }
        let path = self.as_c_str().to_bytes();
        let end = path
            .iter()
            .rposition(|&byte| byte != b'/')
            .map(|last| last + 1);
        // Only slashes: the root. Nothing at all: no entry.
        let Some(end) = end else {
            return if path.is_empty() {
                Err(Errno::NOENT)
            } else {
                Err(Errno::PERM)
            };
        };
        let trailing = end < path.len();
        let (head, _) = path.split_at(end);
        let slash = head.iter().rposition(|&byte| byte == b'/');
        let start = slash.map_or(0, |slash| slash + 1);
        let (_, name) = head.split_at(start);
        if name == b"." || name == b".." || (trailing && !keep_slashes) {
            return Ok(Split {
                parent: Some(terminated(self.bytes)),
                name: c".",
            });
        }
        let Some(slash) = slash else {
            return Ok(Split {
                parent: None,
                name: terminated(self.bytes),
            });
        };
        if slash == 0 {
            return Err(Errno::PERM);
        }
        let (parent, name) = self.bytes.split_at_mut(start);
        if let Some(slash) = parent.last_mut() {
            *slash = 0;
        }
        Ok(Split {
            parent: Some(terminated(parent)),
            name: terminated(name),
        })
    }
}

/// The string that ends at the first zero of `bytes`.
pub fn terminated(bytes: &[u8]) -> &CStr {
    CStr::from_bytes_until_nul(bytes).unwrap_or(c"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, entry: (Option<&CStr>, &CStr), object: (Option<&CStr>, &CStr)) {
        let mut buffer = PathBuffer::new();
        let split = buffer.copy(path.as_bytes()).unwrap().split_entry();
        let (parent, name) = entry;
        assert_eq!(split, Ok(Split { parent, name }), "entry {path}");
        let split = buffer.copy(path.as_bytes()).unwrap().split_object();
        let (parent, name) = object;
        assert_eq!(split, Ok(Split { parent, name }), "object {path}");
    }

    #[test]
    fn the_last_component_is_split_off() {
        let both = |path, parent, name| check(path, (parent, name), (parent, name));
        both("foo", None, c"foo");
        both("foo/bar", Some(c"foo"), c"bar");
        both("foo//bar", Some(c"foo/"), c"bar");
        both("../foo", Some(c".."), c"foo");
        both(".", Some(c"."), c".");
        both("foo/..", Some(c"foo/.."), c".");
        both("foo/./", Some(c"foo/./"), c".");
        check("foo/", (None, c"foo/"), (Some(c"foo/"), c"."));
        check("a/b//", (Some(c"a"), c"b//"), (Some(c"a/b//"), c"."));
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        let mut buffer = PathBuffer::new();
        let mut split = |path: &[u8]| buffer.copy(path)?.split_entry().map(|_| ());
        assert_eq!(split(b""), Err(Errno::NOENT));
        assert_eq!(split(b"/"), Err(Errno::PERM));
        assert_eq!(split(b"//foo"), Ok(()));
        assert_eq!(split(b"/foo"), Err(Errno::PERM));
        assert_eq!(split(b"a\0b"), Err(Errno::INVAL));
        assert_eq!(split(b"\xff"), Err(Errno::ILSEQ));
        assert_eq!(split(&[b'a'; 4096]), Err(Errno::NAMETOOLONG));
        assert_eq!(split(&[b'a'; 4095]), Ok(()));
    }
}
