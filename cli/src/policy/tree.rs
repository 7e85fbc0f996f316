//! Directories that become part of the executable.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nativize_abi::embed::{self, Kind, Node};

use super::{Embedded, refuse_nul, usage};
use crate::code::Code;
use crate::error::Failure;

/// The runtime finds nodes by offsets of 30 bits.
const MAX_SIZE: usize = 1 << 30;

/// Reads `HOST::GUEST`. Names come in their order and times are left out, so that the same files give the same bytes.
pub(crate) fn read(text: &OsStr) -> Result<Embedded, Failure> {
    let bytes = text.as_bytes();
    let parts = bytes.windows(2).position(|pair| pair == b"::");
    let (host, guest) = match parts {
        Some(at) if at > 0 && at + 2 < bytes.len() => (&bytes[..at], &bytes[at + 2..]),
        _ => {
            return Err(usage(
                "--embed-dir",
                text,
                "it is not a directory of the host and a path for the program",
                "write it as HOST::GUEST, e.g. --embed-dir assets::/assets",
            ));
        }
    };
    refuse_nul("--embed-dir", text)?;
    let host = Path::new(OsStr::from_bytes(host));
    let content = Reading {
        host,
        left: MAX_SIZE as u64,
    }
    .directory(host)?;
    let mut tree = Vec::new();
    let root = Node {
        kind: Kind::Directory,
        name: b"",
        content: &content,
    };
    embed::write(&mut tree, &root);
    if tree.len() > MAX_SIZE {
        return Err(too_large(host));
    }
    Ok(Embedded {
        guest: guest.to_vec(),
        tree,
    })
}

fn too_large(host: &Path) -> Failure {
    Failure::new(
        Code::CannotEmbed,
        format!("`{}` is too large to be embedded", host.display()),
    )
    .cause("it has more than 1 GiB")
    .help("grant it with --dir instead, and ship it beside the executable")
}

/// A tree that is being read, no further than it can be embedded.
struct Reading<'a> {
    host: &'a Path,
    /// How many bytes of files there is room for.
    left: u64,
}

impl Reading<'_> {
    /// The nodes in a directory.
    fn directory(&mut self, path: &Path) -> Result<Vec<u8>, Failure> {
        let failure = |error| Failure::file("read", path, &error);
        let mut entries = fs::read_dir(path)
            .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
            .map_err(failure)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut nodes = Vec::new();
        for entry in entries {
            let path = entry.path();
            let failure = |error| Failure::file("read", &path, &error);
            let file_type = entry.file_type().map_err(failure)?;
            let (kind, content) = if file_type.is_dir() {
                (Kind::Directory, self.directory(&path)?)
            } else if file_type.is_symlink() {
                let target = fs::read_link(&path).map_err(failure)?;
                (Kind::Link, target.into_os_string().as_bytes().to_vec())
            } else if file_type.is_file() {
                (Kind::File, self.file(&path)?)
            } else {
                return Err(Failure::new(
                    Code::CannotEmbed,
                    format!("`{}` cannot be embedded", path.display()),
                )
                .cause("it is neither a file, nor a directory, nor a symbolic link")
                .help("move it elsewhere, or grant the directory with --dir"));
            };
            let name = entry.file_name();
            let node = Node {
                kind,
                name: name.as_bytes(),
                content: &content,
            };
            embed::write(&mut nodes, &node);
        }
        Ok(nodes)
    }

    /// The bytes of a file. One that is too large, as a sparse file soon is, is not read.
    fn file(&mut self, path: &Path) -> Result<Vec<u8>, Failure> {
        let failure = |error| Failure::file("read", path, &error);
        let file = fs::File::open(path).map_err(failure)?;
        let size = file.metadata().map_err(failure)?.len();
        if size > self.left {
            return Err(too_large(self.host));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        // It may have grown since.
        file.take(self.left + 1)
            .read_to_end(&mut bytes)
            .map_err(failure)?;
        self.left = self
            .left
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| too_large(self.host))?;
        Ok(bytes)
    }
}
