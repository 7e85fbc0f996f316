//! Where the result goes, and the checks that are better made before a long compilation than after it.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::{Mode, Staged};
use crate::code::Code;
use crate::error::Failure;
use crate::stdout;

/// The destination of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

impl Target {
    pub(crate) fn new(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Target::Stdout
        } else {
            Target::File(path)
        }
    }

    /// Refuses what can be seen to fail: a directory, a missing or unwritable folder, binary data for a terminal.
    pub(crate) fn check(&self, mode: Mode) -> Result<(), Failure> {
        let path = match self {
            Target::Stdout if mode != Mode::Text && io::stdout().is_terminal() => {
                return Err(Failure::new(
                    Code::Overwrite,
                    "binary output is not written to a terminal",
                )
                .help("name a file with -o, or redirect standard output"));
            }
            Target::Stdout => return Ok(()),
            Target::File(path) => path,
        };
        let refuse = |error: io::Error| Err(Failure::file("write", path, &error));
        if path.is_dir() {
            return refuse(io::ErrorKind::IsADirectory.into());
        }
        if is_written_in_place(path) {
            return Ok(());
        }
        match rustix::fs::access(folder(path), Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => Ok(()),
            Err(error) => refuse(error.into()),
        }
    }

    /// Writes the result.
    pub(crate) fn write(&self, bytes: &[u8], mode: Mode) -> Result<(), Failure> {
        match self {
            Target::Stdout if mode == Mode::Text => stdout::print(&String::from_utf8_lossy(bytes)),
            Target::Stdout => stdout::write(bytes),
            Target::File(path) if is_written_in_place(path) => {
                write_in_place(path, bytes).map_err(|error| Failure::file("write", path, &error))
            }
            Target::File(path) => Staged::new(path, bytes, mode)
                .and_then(Staged::commit)
                .map_err(|error| Failure::file("write", path, &error)),
        }
    }

    /// The regular file that results, if it is one: files that belong to it can lie beside it.
    pub(crate) fn regular_file(&self) -> Option<&Path> {
        match self {
            Target::File(path) if !is_written_in_place(path) => Some(path),
            _ => None,
        }
    }
}

/// The directory that holds `path`.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A device, a pipe or a socket keeps its name. A symbolic link is replaced as linkers replace it, but for the
/// links in /dev and /proc that stand for an open file, such as /dev/stdout.
fn is_written_in_place(path: &Path) -> bool {
    let Ok(found) = path.symlink_metadata() else {
        return false;
    };
    if !found.is_symlink() {
        return !found.is_file() && !found.is_dir();
    }
    let stands_for_open_file = folder(path)
        .canonicalize()
        .is_ok_and(|folder| folder.starts_with("/dev") || folder.starts_with("/proc"));
    stands_for_open_file
        || path.metadata().is_ok_and(|found| {
            let kind = found.file_type();
            kind.is_char_device() || kind.is_block_device() || kind.is_fifo() || kind.is_socket()
        })
}

fn write_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    file.write_all(bytes)
}

/// `path` with `suffix` after its stem: `app.o` and `.ld` give `app.ld`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path
        .file_stem()
        .map_or_else(OsString::new, |stem| stem.to_owned());
    name.push(suffix);
    path.with_file_name(name)
}
