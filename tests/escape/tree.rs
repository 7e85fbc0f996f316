//! The host's files around what is granted, and how to tell that something of them was seen or changed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What the files outside hold, so often that their size is like no other.
const SECRET: &str = "SECRET";
const SECRET_SIZE: usize = 4242;

/// What must stay as it is.
const UNTOUCHED: [&str; 3] = ["outside", "ro", "grant2"];

/// A directory with what is granted and what is not.
pub(crate) struct Tree {
    directory: TempDir,
    before: BTreeMap<PathBuf, String>,
}

impl Tree {
    pub(crate) fn new() -> io::Result<Self> {
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
        let root = directory.path();
        for name in [
            "outside/inner",
            "outside/empty",
            "grant/dir",
            "grant/swap/empty",
            "grant/deep/swap",
            "ro/dir",
            "ro/empty",
            "second",
            "grant2",
        ] {
            fs::create_dir_all(root.join(name))?;
        }
        let secret = SECRET.repeat(SECRET_SIZE / SECRET.len());
        for name in ["outside/secretname", "outside/inner/secretname"] {
            fs::write(root.join(name), &secret)?;
        }
        for name in [
            "grant/file",
            "grant/dir/in",
            "grant/swap/secretname",
            "grant/deep/swap/secretname",
            "ro/file",
            "ro/dir/in",
            "second/file",
            "grant2/file",
        ] {
            fs::write(root.join(name), "content")?;
        }
        let absolute = |path: &str| root.join(path).to_string_lossy().into_owned();
        let links = [
            ("outside/link", "secretname".to_owned()),
            ("grant/absolute", absolute("outside/secretname")),
            ("grant/absdir", absolute("outside")),
            ("grant/up", "../outside/secretname".to_owned()),
            ("grant/updir", "../outside".to_owned()),
            ("grant/upup", "dir/../../outside".to_owned()),
            ("grant/root", "/".to_owned()),
            (
                "grant/proc",
                format!("/proc/self/root{}", absolute("outside")),
            ),
            ("grant/procfd", "/proc/self/fd/3/../outside".to_owned()),
            ("grant/procfds", "/proc/self/fd".to_owned()),
            ("grant/cwd", "/proc/self/cwd".to_owned()),
            ("grant/exe", "/proc/self/exe".to_owned()),
            ("grant/dev", "/dev/zero".to_owned()),
            ("grant/chain", "chain2".to_owned()),
            ("grant/chain2", "dir/../updir".to_owned()),
            ("grant/dangling", "../outside/new".to_owned()),
            ("grant/danglingabs", absolute("outside/new")),
            ("grant/toro", "../ro/file".to_owned()),
            ("grant/bait", "../outside".to_owned()),
            ("grant/deep/bait", "../../outside".to_owned()),
            ("second/updir", "../outside".to_owned()),
            ("ro/link", "file".to_owned()),
        ];
        for (name, target) in links {
            symlink(target, root.join(name))?;
        }
        let before = snapshot(root)?;
        Ok(Tree { directory, before })
    }

    pub(crate) fn root(&self) -> &Path {
        self.directory.path()
    }

    /// What of the outside was changed, or is in the `text` that the program printed.
    pub(crate) fn escapes(&self, text: &str) -> Vec<String> {
        let mut escapes = Vec::new();
        let size = format!("size {}", SECRET.repeat(SECRET_SIZE / SECRET.len()).len());
        let password = "root:";
        for seen in [
            SECRET,
            "entry inner",
            "entry passwd",
            "target secretname",
            password,
            &size,
        ] {
            if text.contains(seen) {
                escapes.push(format!("it saw {seen:?}"));
            }
        }
        let after = match snapshot(self.root()) {
            Ok(after) => after,
            Err(error) => return vec![format!("what is outside cannot be read any more: {error}")],
        };
        for path in self.before.keys().chain(after.keys()) {
            let (before, after) = (self.before.get(path), after.get(path));
            if before != after {
                escapes.push(format!("{}: {before:?} became {after:?}", path.display()));
            }
        }
        escapes
    }
}

/// All that can change of what is outside, and the names in the directory that holds all.
fn snapshot(root: &Path) -> io::Result<BTreeMap<PathBuf, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(root)? {
        files.insert(entry?.path(), "is there".to_owned());
    }
    for name in UNTOUCHED {
        visit(&root.join(name), &mut files)?;
    }
    Ok(files)
}

fn visit(path: &Path, files: &mut BTreeMap<PathBuf, String>) -> io::Result<()> {
    let found = path.symlink_metadata()?;
    let mut text = format!(
        "mode {:o}, {} links, modified {}.{}, changed {}.{}, {} blocks",
        found.mode(),
        found.nlink(),
        found.mtime(),
        found.mtime_nsec(),
        found.ctime(),
        found.ctime_nsec(),
        found.blocks(),
    );
    if found.is_file() {
        text += &format!(", content {}", String::from_utf8_lossy(&fs::read(path)?));
    } else if found.is_symlink() {
        text += &format!(", to {}", fs::read_link(path)?.display());
    }
    files.insert(path.to_owned(), text);
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            visit(&entry?.path(), files)?;
        }
    }
    Ok(())
}
