//! Code of functions, kept for later builds.
//!
//! A build writes what it compiled to one new [`Pack`], which appears whole or not at all and never changes; so builds at
//! the same time do not meet. It looks in all packs that this very nativize has written. When its code is spread over
//! many of them, the build gathers it in its new one and removes them. Whatever fails, the function is compiled.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use nativize_compiler::{CodeCache, Key};

use super::pack::{EXTENSION, Pack, TEMPORARY, Writer};
use super::{LIFETIME, age, belongs_to_user_alone, compiler, default_base, private_folder};

/// What the packs may take; the least recently used ones go first.
const CAPACITY: u64 = 1 << 30;
/// From so many packs a build gathers its code.
const SPREAD: usize = 8;

/// Where a build looks for code and keeps what it makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the user's cache directory.
    #[default]
    Default,
    Folder(PathBuf),
    Nowhere,
}

/// The cache of one build.
pub(crate) struct Functions {
    folder: PathBuf,
    /// Which nativize this is.
    build: blake3::Hash,
    /// The most recently used first.
    packs: Vec<Pack>,
    new: Mutex<New>,
    found: AtomicUsize,
}

/// What the build makes.
#[derive(Default)]
struct New {
    writer: Option<Writer>,
    /// Why nothing more is kept.
    failure: Option<io::Error>,
}

impl New {
    fn add(&mut self, functions: &Functions, key: &Key, bytes: &[u8]) {
        if self.failure.is_none()
            && let Err(error) = self.try_add(functions, key, bytes)
        {
            self.failure = Some(error);
            self.writer = None;
        }
    }

    fn try_add(&mut self, functions: &Functions, key: &Key, bytes: &[u8]) -> io::Result<()> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => none.insert(Writer::new(&functions.folder, &functions.build)?),
        };
        writer.add(key, bytes)
    }
}

impl Functions {
    /// Opens the cache; none if there is to be none.
    ///
    /// # Errors
    /// Why there is none, as a sentence.
    pub(crate) fn open(place: &Place) -> Result<Option<Self>, String> {
        let folder = match place {
            Place::Nowhere => return Ok(None),
            Place::Default => {
                let folder = private_folder(&default_base()?)?.join("functions");
                create(&folder)?;
                folder
            }
            Place::Folder(folder) => {
                create(folder)?;
                folder.clone()
            }
        };
        let found = fs::metadata(&folder)
            .map_err(|error| format!("cannot open `{}`: {error}", folder.display()))?;
        if !found.is_dir() || !belongs_to_user_alone(&found, 0o022) {
            return Err(format!(
                "`{}` is not a directory that only its owner, you, can write",
                folder.display()
            ));
        }
        Ok(Some(Functions::new(folder, &compiler())))
    }

    fn new(folder: PathBuf, compiler: &str) -> Self {
        let build = blake3::hash(compiler.as_bytes());
        let mut packs: Vec<Pack> = files(&folder)
            .into_iter()
            .filter_map(|file| Pack::open(&file.path, &build))
            .collect();
        packs.sort_by(|a, b| (b.used(), &b.path).cmp(&(a.used(), &a.path)));
        Functions {
            folder,
            build,
            packs,
            new: Mutex::default(),
            found: AtomicUsize::new(0),
        }
    }

    /// How many functions were found.
    pub(crate) fn found(&self) -> usize {
        self.found.load(Ordering::Relaxed)
    }

    /// Keeps what was made, once the build has succeeded.
    ///
    /// # Errors
    /// Why it is not kept.
    pub(crate) fn finish(self) -> io::Result<()> {
        let sources: Vec<&Pack> = self.packs.iter().filter(|pack| pack.hits() > 0).collect();
        let mut new = std::mem::take(&mut *self.new.lock().unwrap_or_else(PoisonError::into_inner));
        let gathers = sources.len() >= SPREAD;
        if gathers {
            for pack in &sources {
                for (key, bytes) in pack.found() {
                    new.add(&self, &key, &bytes);
                }
            }
        }
        if let Some(failure) = new.failure {
            return Err(failure);
        }
        let Some(writer) = new.writer else {
            sources.iter().for_each(|pack| pack.touch());
            return Ok(());
        };
        writer.finish(&self.folder)?;
        for pack in sources {
            if gathers {
                // Another build may have done it.
                let _ = fs::remove_file(&pack.path);
            } else {
                pack.touch();
            }
        }
        remove_old(&self.folder, CAPACITY);
        Ok(())
    }
}

impl CodeCache for Functions {
    fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let bytes = self.packs.iter().find_map(|pack| pack.get(key))?;
        self.found.fetch_add(1, Ordering::Relaxed);
        Some(bytes)
    }

    fn put(&self, key: &Key, bytes: &[u8]) {
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        new.add(self, key, bytes);
    }
}

fn create(folder: &Path) -> Result<(), String> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| format!("cannot create `{}`: {error}", folder.display()))
}

/// A file of the cache's.
struct Entry {
    path: PathBuf,
    used: SystemTime,
    size: u64,
}

/// Whether a file is one of ours, finished or not, by its name.
fn is_pack(name: &str) -> bool {
    let is_hash = |name: &str| {
        name.len() == 2 * blake3::OUT_LEN && name.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let finished = name
        .strip_suffix(EXTENSION)
        .and_then(|name| name.strip_suffix('.'));
    finished.is_some_and(is_hash) || name.starts_with(TEMPORARY)
}

/// The packs in a folder, finished or not; nothing else is ever touched.
fn files(folder: &Path) -> Vec<Entry> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_pack));
    ours.filter_map(|entry| {
        let found = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        Some(Entry {
            path: entry.path(),
            used: found.modified().ok()?,
            size: found.size(),
        })
    })
    .collect()
}

/// Keeps the cache from growing for ever. Whatever cannot be removed now can be the next time.
fn remove_old(folder: &Path, capacity: u64) {
    let mut files = files(folder);
    files.sort_by_key(|file| std::cmp::Reverse(file.used));
    let mut total = 0;
    for file in files {
        total += file.size;
        let old = fs::metadata(&file.path)
            .is_ok_and(|found| age(&found).is_some_and(|age| age > LIFETIME));
        if total > capacity || old {
            let _ = fs::remove_file(&file.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> Key {
        [number; 32]
    }

    fn open(folder: &Path) -> Functions {
        Functions::new(folder.to_owned(), "this one")
    }

    fn add(folder: &Path, entries: &[(u8, &[u8])]) {
        let functions = open(folder);
        for &(number, bytes) in entries {
            functions.put(&key(number), bytes);
        }
        functions.finish().unwrap();
    }

    #[test]
    fn entries_are_found_by_the_same_build_only() {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), &[(2, b"two"), (1, b"one"), (3, b"")]);
        let functions = open(folder.path());
        assert_eq!(functions.get(&key(1)).unwrap(), b"one");
        assert_eq!(functions.get(&key(2)).unwrap(), b"two");
        assert_eq!(functions.get(&key(3)).unwrap(), b"");
        assert_eq!(functions.get(&key(4)), None);
        assert_eq!(functions.found(), 3);
        let other = Functions::new(folder.path().to_owned(), "another");
        assert_eq!(other.get(&key(1)), None);
    }

    #[test]
    fn damage_anywhere_loses_entries_and_changes_none() {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), &[(1, b"one"), (2, b"two")]);
        let path = files(folder.path()).remove(0).path;
        let good = fs::read(&path).unwrap();
        let mut found = 0;
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            fs::write(&path, bad).unwrap();
            let functions = open(folder.path());
            for (number, expected) in [(1, b"one"), (2, b"two")] {
                if let Some(bytes) = functions.get(&key(number)) {
                    assert_eq!(bytes, expected, "byte {at}");
                    found += 1;
                }
            }
            fs::write(&path, &good[..at]).unwrap();
            assert_eq!(
                open(folder.path()).get(&key(1)),
                None,
                "{at} bytes are left"
            );
        }
        assert!(found > 0, "damage to one entry leaves the other");
    }

    #[test]
    fn code_from_many_packs_is_gathered() {
        let folder = tempfile::tempdir().unwrap();
        let count = u8::try_from(SPREAD).unwrap();
        for number in 0..count {
            add(folder.path(), &[(number, &[number])]);
        }
        assert_eq!(files(folder.path()).len(), SPREAD);
        let functions = open(folder.path());
        for number in 0..count {
            assert_eq!(functions.get(&key(number)).unwrap(), [number]);
        }
        functions.finish().unwrap();
        assert_eq!(files(folder.path()).len(), 1);
        let functions = open(folder.path());
        for number in 0..count {
            assert_eq!(functions.get(&key(number)).unwrap(), [number]);
        }
    }

    #[test]
    fn the_least_recently_used_goes_first_and_strangers_stay() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        add(folder.path(), &[(1, &[1; 1000])]);
        add(folder.path(), &[(2, &[2; 1000])]);
        let old = SystemTime::now() - std::time::Duration::from_secs(60);
        for file in files(folder.path()) {
            let opened = fs::File::open(&file.path).unwrap();
            opened.set_modified(old).unwrap();
        }
        let functions = open(folder.path());
        assert!(functions.get(&key(1)).is_some());
        functions.finish().unwrap();
        remove_old(folder.path(), 1500);
        let functions = open(folder.path());
        assert!(functions.get(&key(1)).is_some());
        assert!(functions.get(&key(2)).is_none());
        remove_old(folder.path(), 0);
        assert!(files(folder.path()).is_empty());
        assert!(folder.path().join("notes.txt").exists());
    }

    #[test]
    fn a_build_that_does_not_finish_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let functions = open(folder.path());
        functions.put(&key(1), b"one");
        drop(functions);
        assert!(files(folder.path()).is_empty());
    }
}
