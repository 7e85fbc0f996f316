//! A file that appears under its name only when it is complete.
//!
//! The bytes go to a file without a name (`O_TMPFILE`), so that not even SIGKILL leaves anything behind; it is then
//! linked under a temporary name and renamed, which replaces an older file in one step. Where the file system or a
//! missing /proc does not allow that, the file has its temporary name from the start. Whichever name exists is known
//! to [`super::signals`], which removes it when the process is told to end.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, OFlags};

use super::signals::TemporaryName;
use super::target::folder;

/// The permissions of a new file, before the umask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// For everyone, to run.
    Executable,
    /// For everyone, not to run.
    Object,
    /// As `Object`, and fit for a terminal.
    Text,
    /// For its owner only, to run.
    Private,
}

impl Mode {
    fn bits(self) -> u32 {
        match self {
            Mode::Executable => 0o777,
            Mode::Object | Mode::Text => 0o666,
            Mode::Private => 0o700,
        }
    }
}

/// Complete bytes on the right file system, not yet under their name.
#[derive(Debug)]
pub(crate) struct Staged<'a> {
    path: &'a Path,
    bytes: &'a [u8],
    mode: Mode,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Nameless(File),
    Named(TemporaryName),
}

impl<'a> Staged<'a> {
    /// Writes `bytes` to what will be `path`.
    pub(crate) fn new(path: &'a Path, bytes: &'a [u8], mode: Mode) -> io::Result<Self> {
        let place = match open_nameless(path, mode) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                Place::Nameless(file)
            }
            Err(_) => Place::Named(write_named(path, bytes, mode)?),
        };
        Ok(Staged {
            path,
            bytes,
            mode,
            place,
        })
    }

    /// Gives the file its name.
    pub(crate) fn commit(self) -> io::Result<()> {
        let name = match self.place {
            Place::Named(name) => name,
            Place::Nameless(file) => {
                let linked = TemporaryName::create(|| {
                    let name = temporary_name(self.path);
                    link(&file, &name)?;
                    Ok((name, ()))
                });
                match linked {
                    Ok((name, ())) => name,
                    Err(_) => write_named(self.path, self.bytes, self.mode)?,
                }
            }
        };
        name.rename(self.path)
    }
}

fn open_nameless(path: &Path, mode: Mode) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let fd: OwnedFd = rustix::fs::open(folder(path), flags, mode.bits().into())?;
    Ok(File::from(fd))
}

fn link(file: &File, name: &Path) -> io::Result<()> {
    let open_file = format!("/proc/self/fd/{}", file.as_raw_fd());
    rustix::fs::linkat(CWD, open_file, CWD, name, AtFlags::SYMLINK_FOLLOW)?;
    Ok(())
}

fn write_named(path: &Path, bytes: &[u8], mode: Mode) -> io::Result<TemporaryName> {
    let (name, mut file) = TemporaryName::create(|| {
        let name = temporary_name(path);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode.bits())
            .open(&name)?;
        Ok((name, file))
    })?;
    file.write_all(bytes)?;
    Ok(name)
}

/// A hidden name beside `path` that nothing else uses; `create` tries again when something does.
fn temporary_name(path: &Path) -> PathBuf {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(std::process::id());
    folder(path).join(format!(".nativize-{random:016x}.tmp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<PathBuf> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn nothing_has_a_name_before_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let staged = Staged::new(&path, b"new", Mode::Text).unwrap();
        assert!(!path.exists());
        staged.commit().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), [path]);
    }

    #[test]
    fn named_fallback_replaces_and_cleans_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "old").unwrap();
        let name = write_named(&path, b"new", Mode::Private).unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        name.rename(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        drop(write_named(&path, b"newer", Mode::Private).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), [path]);
    }
}
