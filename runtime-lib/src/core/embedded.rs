//! Directories inside of the executable: what a path names in them, and files of the host with a file's content.
//!
//! Only a program that was granted one carries this: others reach it through [`hooks`], which are not set.
#![allow(unsafe_code, reason = "it has a symbol of the contract")]

use super::errno::{Errno, Result};
use super::table::{Descriptor, insert_embedded};
use super::walk::{MAX_LINKS, Pending};
use core::ffi::CStr;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use nativize_abi::config::Record;
use nativize_abi::embed::{Kind, Node, Nodes};
use rustix::fd::OwnedFd;
use rustix::fs::{MemfdFlags, SealFlags, SeekFrom, fcntl_add_seals, memfd_create, seek};
use rustix::io;

/// How deep directories nest.
const MAX_DEPTH: usize = 256;

/// A node, and where it is in the configuration, which tells it from all others.
#[derive(Clone, Copy)]
pub struct Found {
    /// The node.
    pub node: Node<'static>,
    /// Its offset.
    pub offset: u32,
}

/// What can be done with directories inside of the executable.
pub struct Hooks {
    /// What a path names in a directory; of a link at its end, where that leads if it is to be followed.
    pub resolve: fn(&Descriptor, &CStr, bool) -> Result<Found>,
    /// What the descriptor itself is.
    pub itself: fn(&Descriptor) -> Result<Found>,
    /// The nodes in a directory.
    pub entries: fn(Found) -> Entries,
    /// A file of the host with the content of a file, which nothing can change.
    pub file: fn(Found) -> Result<OwnedFd>,
}

static HOOKS: AtomicPtr<Hooks> = AtomicPtr::new(null_mut());

/// The functions, when the program has such a directory.
///
/// # Errors
/// `BADF` when it has none.
pub fn hooks() -> Result<&'static Hooks> {
    // SAFETY: it is null, or was stored by `open_all`.
    unsafe { HOOKS.load(Relaxed).as_ref() }.ok_or(Errno::BADF)
}

/// Makes the directories inside of the executable the descriptors after those that were opened, unless they are denied
/// at start.
#[cfg_attr(
    all(feature = "standalone", not(test)),
    unsafe(export_name = "nvz_open_embedded")
)]
pub extern "C" fn open_all() {
    static ALL: Hooks = Hooks {
        resolve: |directory, path, follow| {
            let bytes = crate::start::config_bytes();
            resolve(bytes, directory.node().ok_or(Errno::BADF)?, path, follow)
        },
        itself: |descriptor| {
            let offset = descriptor.node().ok_or(Errno::BADF)?;
            at(crate::start::config_bytes(), offset)
        },
        entries: |directory| entries(crate::start::config_bytes(), directory),
        file,
    };
    HOOKS.store((&raw const ALL).cast_mut(), Relaxed);
    for record in crate::start::config() {
        if let Record::EmbedDir { guest, tree } = record
            && !super::deny::directory(guest)
        {
            let descriptor =
                Descriptor::embedded(offset(crate::start::config_bytes(), tree), Some(guest));
            if let Err(error) = insert_embedded(descriptor) {
                crate::exit::fail(1, |message| {
                    message.str("--embed-dir ").untrusted(guest).str(": ");
                    message.str(super::preopens::reason(error));
                });
            }
        }
    }
}

/// Where `part` begins in `bytes`, of which it is a part. The build refuses trees whose offsets are not small.
fn offset(bytes: &[u8], part: &[u8]) -> u32 {
    (part.as_ptr() as usize - bytes.as_ptr() as usize) as u32
}

/// The node at `offset`.
fn at(bytes: &'static [u8], offset: u32) -> Result<Found> {
    let rest = bytes.get(offset as usize..).unwrap_or_default();
    let (_, node) = Nodes::new(rest).next().ok_or(Errno::IO)?;
    Ok(Found { node, offset })
}

/// The nodes in a directory.
pub struct Entries {
    nodes: Nodes<'static>,
    start: u32,
}

impl Iterator for Entries {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let (offset, node) = self.nodes.next()?;
        Some(Found {
            node,
            offset: self.start + offset as u32,
        })
    }
}

fn entries(bytes: &[u8], directory: Found) -> Entries {
    Entries {
        nodes: Nodes::new(directory.node.content),
        start: offset(bytes, directory.node.content),
    }
}

/// What `path` names in the directory at `directory` of `bytes`.
///
/// # Errors
/// `PERM` when it leads out of that directory, and those of path resolution.
fn resolve(bytes: &'static [u8], directory: u32, path: &CStr, follow: bool) -> Result<Found> {
    if path.is_empty() {
        return Err(Errno::NOENT);
    }
    let outside = |error| match error {
        io::Errno::XDEV => Errno::PERM,
        error => error.into(),
    };
    let mut pending = Pending::new();
    pending.prepend(path.to_bytes()).map_err(outside)?;
    let mut parents = [0; MAX_DEPTH];
    let (mut depth, mut links) = (0, 0);
    let mut current = at(bytes, directory)?;
    loop {
        let component = pending.component()?;
        match component.name().to_bytes() {
            b"." => {}
            b".." => {
                depth = usize::checked_sub(depth, 1).ok_or(Errno::PERM)?;
                current = at(bytes, parents.get(depth).copied().unwrap_or_default())?;
            }
            name => {
                let mut entries = entries(bytes, current);
                let found = entries
                    .find(|found| found.node.name == name)
                    .ok_or(Errno::NOENT)?;
                let directory_wanted = !component.last || component.slash;
                if found.node.kind == Kind::Link && (directory_wanted || follow) {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Errno::LOOP);
                    }
                    pending.skip(&component);
                    pending.prepend(found.node.content).map_err(outside)?;
                    continue;
                }
                if !directory_wanted {
                    return Ok(found);
                }
                if found.node.kind != Kind::Directory {
                    return Err(Errno::NOTDIR);
                }
                *parents.get_mut(depth).ok_or(Errno::NAMETOOLONG)? = current.offset;
                depth += 1;
                current = found;
            }
        }
        pending.consume(&component);
        if component.last {
            return Ok(current);
        }
    }
}

fn file(found: Found) -> Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = memfd_create(c"embedded", flags)?;
    let mut rest = found.node.content;
    while !rest.is_empty() {
        match io::write(&file, rest) {
            Ok(len) => rest = rest.get(len..).unwrap_or_default(),
            Err(io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    fcntl_add_seals(&file, seals)?;
    seek(&file, SeekFrom::Start(0))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a/b/file`, `a/up -> ../file`, `a/out -> ../../file`, `absolute -> /x`, `file`, `loop -> loop`, in a directory at
    /// offset 3.
    fn tree() -> &'static [u8] {
        fn node(kind: u8, name: &str, content: &[u8]) -> Vec<u8> {
            let mut bytes = vec![kind, name.len() as u8];
            bytes.extend(name.bytes());
            bytes.push(content.len() as u8);
            bytes.extend(content);
            bytes
        }
        let b = node(1, "b", &node(2, "file", b"inner"));
        let a = [b, node(3, "out", b"../../file"), node(3, "up", b"../file")].concat();
        let root = [
            node(1, "a", &a),
            node(3, "absolute", b"/x"),
            node(2, "file", b"outer"),
            node(3, "loop", b"loop"),
        ]
        .concat();
        let mut bytes = vec![9, 9, 9];
        bytes.extend(node(1, "", &root));
        bytes.leak()
    }

    #[test]
    fn paths_stay_inside() {
        let bytes = tree();
        let content =
            |path: &CStr, follow| resolve(bytes, 3, path, follow).map(|found| found.node.content);
        assert_eq!(content(c"file", true), Ok(&b"outer"[..]));
        assert_eq!(content(c"a/b/file", false), Ok(&b"inner"[..]));
        assert_eq!(content(c"a/./b//../b/file", false), Ok(&b"inner"[..]));
        assert_eq!(content(c"a/up", true), Ok(&b"outer"[..]));
        assert_eq!(content(c"a/up", false), Ok(&b"../file"[..]));
        assert_eq!(content(c"a/..", true), content(c".", true));
        for (path, error) in [
            (c"", Errno::NOENT),
            (c"missing", Errno::NOENT),
            (c"missing/x", Errno::NOENT),
            (c"file/", Errno::NOTDIR),
            (c"file/x", Errno::NOTDIR),
            (c"a/up/", Errno::NOTDIR),
            (c"..", Errno::PERM),
            (c"a/../..", Errno::PERM),
            (c"a/out", Errno::PERM),
            (c"/file", Errno::PERM),
            (c"absolute", Errno::PERM),
            (c"loop", Errno::LOOP),
        ] {
            assert_eq!(content(path, true), Err(error), "{path:?}");
        }
        let a = resolve(bytes, 3, c"a", true).unwrap().offset;
        assert!(resolve(bytes, a, c"b/file", true).is_ok());
        assert!(matches!(
            resolve(bytes, a, c"../file", true),
            Err(Errno::PERM)
        ));
        assert!(matches!(resolve(bytes, a, c"up", true), Err(Errno::PERM)));
    }

    #[test]
    fn files_cannot_be_changed() {
        let found = resolve(tree(), 3, c"file", true).unwrap();
        let file = file(found).unwrap();
        let mut bytes = [0; 16];
        assert_eq!(io::read(&file, &mut bytes), Ok(5));
        assert_eq!(bytes[..5], *b"outer");
        assert_eq!(io::write(&file, b"x"), Err(io::Errno::PERM));
        assert_eq!(rustix::fs::ftruncate(&file, 0), Err(io::Errno::PERM));
    }
}
