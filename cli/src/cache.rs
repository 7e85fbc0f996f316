//! Executables of `nativize run`, kept between runs.
//!
//! An entry is named by a hash of everything that went into it: the modules, the options, the policy and this very
//! nativize. It is the executable with one more hash appended, of name and content, which a loader does not look at.
//! An entry is used only if it and the directory belong to the user, nobody else can write either, and the hash
//! matches; otherwise it is made again.

pub(crate) mod functions;
pub(crate) mod pack;

use std::fs::{self, DirBuilder};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nativize_compiler::Options;

use crate::input::{Inputs, open_regular};
use crate::output::{Mode, Staged};
use crate::settings::Settings;

/// Bytes of the hash at an entry's end.
const HASH_SIZE: usize = blake3::OUT_LEN;
/// What was not used for this long is removed.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How exact the time of an entry's last use is kept.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The user's cache directory.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

/// An entry's name: 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    /// The key of what `inputs` become with `settings`.
    pub(crate) fn new(inputs: &Inputs, settings: &Settings) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut part = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        part(&inputs.main);
        part(&inputs.linked.len().to_le_bytes());
        for (link, bytes) in settings.links.iter().zip(&inputs.linked) {
            part(link.name.as_bytes());
            part(bytes);
        }
        part(inputs.debug.as_ref().map_or(&[], |file| &file.bytes));
        part(&settings.policy.encode());
        // The number of threads does not change the output.
        let options = Options {
            threads: None,
            ..settings.options.clone()
        };
        let Settings {
            invoke,
            unknown_imports,
            strip,
            ..
        } = settings;
        part(format!("{options:?} {invoke:?} {unknown_imports:?} {strip}").as_bytes());
        part(compiler().as_bytes());
        Key(hasher.finalize().to_hex().to_string())
    }
}

impl Cache {
    /// Opens the cache, creating its directory for the user alone.
    ///
    /// # Errors
    /// Why there is no cache, as a sentence.
    pub(crate) fn open() -> Result<Self, String> {
        Cache::open_in(&default_base()?)
    }

    fn open_in(base: &Path) -> Result<Self, String> {
        let folder = private_folder(base)?;
        Ok(Cache { folder })
    }

    /// The path of the entry, if there is one that can be trusted.
    pub(crate) fn find(&self, key: &Key) -> Option<PathBuf> {
        let path = self.folder.join(&key.0);
        let (mut file, found) = open_regular(&path)?;
        if !belongs_to_user_alone(&found, 0o022) {
            return None;
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content).ok()?;
        let (executable, hash) = content.split_last_chunk::<HASH_SIZE>()?;
        if blake3::Hash::from_bytes(*hash) != seal(key, executable) {
            return None;
        }
        if age(&found).is_some_and(|age| age > DAY) {
            let _ = file.set_modified(SystemTime::now());
        }
        Some(path)
    }

    /// Adds an entry and gives its path. Appends the entry's hash to `executable`, which stays executable.
    pub(crate) fn insert(&self, key: &Key, executable: &mut Vec<u8>) -> io::Result<PathBuf> {
        let hash = seal(key, executable);
        executable.extend_from_slice(hash.as_bytes());
        let path = self.folder.join(&key.0);
        Staged::new(&path, executable, Mode::Private)?.commit()?;
        self.remove_old();
        Ok(path)
    }

    /// Keeps the cache from growing for ever. Whatever cannot be removed now can be the next time.
    fn remove_old(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            let old = entry
                .metadata()
                .is_ok_and(|found| age(&found).is_some_and(|age| age > LIFETIME));
            if old {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Where caches of the user are.
fn default_base() -> Result<PathBuf, String> {
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .ok_or_else(|| "neither XDG_CACHE_HOME nor HOME is an absolute path".to_owned())
}

/// The folder of nativize among them, created for the user alone.
fn private_folder(base: &Path) -> Result<PathBuf, String> {
    let folder = base.join("nativize");
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|error| format!("cannot create `{}`: {error}", folder.display()))?;
    let found = folder
        .symlink_metadata()
        .map_err(|error| format!("cannot open `{}`: {error}", folder.display()))?;
    if !found.is_dir() || !belongs_to_user_alone(&found, 0o077) {
        return Err(format!(
            "`{}` is not a directory that only its owner, you, can access",
            folder.display()
        ));
    }
    Ok(folder)
}

/// Which nativize this is. A rebuilt one has the same version and may generate other code.
fn compiler() -> String {
    // (Some systems give all files the same time of change; none does so with the inode's.)
    let file = fs::metadata("/proc/self/exe").map(|found| {
        format!(
            "{} {}.{} {}.{} {}:{}",
            found.size(),
            found.mtime(),
            found.mtime_nsec(),
            found.ctime(),
            found.ctime_nsec(),
            found.dev(),
            found.ino()
        )
    });
    // Of one that cannot be told, nothing is found again.
    let file =
        file.unwrap_or_else(|_| format!("process {} {:?}", std::process::id(), SystemTime::now()));
    format!("{} {file}", env!("CARGO_PKG_VERSION"))
}

fn seal(key: &Key, executable: &[u8]) -> blake3::Hash {
    blake3::Hasher::new()
        .update(key.0.as_bytes())
        .update(executable)
        .finalize()
}

fn absolute(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os(variable)?);
    path.is_absolute().then_some(path)
}

fn belongs_to_user_alone(found: &fs::Metadata, forbidden: u32) -> bool {
    found.uid() == rustix::process::geteuid().as_raw() && found.mode() & forbidden == 0
}

fn age(found: &fs::Metadata) -> Option<Duration> {
    found.modified().ok()?.elapsed().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn key() -> Key {
        Key("00".repeat(32))
    }

    #[test]
    fn entries_are_found_again() {
        let base = tempfile::tempdir().unwrap();
        let cache = Cache::open_in(base.path()).unwrap();
        assert_eq!(cache.find(&key()), None);
        let path = cache.insert(&key(), &mut b"content".to_vec()).unwrap();
        assert_eq!(cache.find(&key()), Some(path.clone()));
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o700);
        assert_eq!(cache.find(&Key("11".repeat(32))), None);
    }

    #[test]
    fn altered_and_foreign_entries_are_not_used() {
        let base = tempfile::tempdir().unwrap();
        let cache = Cache::open_in(base.path()).unwrap();
        let path = cache.insert(&key(), &mut b"content".to_vec()).unwrap();
        let other = Key("11".repeat(32));
        fs::copy(&path, cache.folder.join(&other.0)).unwrap();
        assert_eq!(cache.find(&other), None, "an entry under another name");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o720)).unwrap();
        assert_eq!(cache.find(&key()), None, "others can write it");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(cache.find(&key()), None, "other content");
        fs::write(&path, b"short").unwrap();
        assert_eq!(cache.find(&key()), None, "truncated");
    }

    #[test]
    fn others_must_not_reach_the_directory() {
        let base = tempfile::tempdir().unwrap();
        let cache = Cache::open_in(base.path()).unwrap();
        fs::set_permissions(&cache.folder, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(Cache::open_in(base.path()).is_err());
    }

    #[test]
    fn unused_entries_are_removed() {
        let base = tempfile::tempdir().unwrap();
        let cache = Cache::open_in(base.path()).unwrap();
        let path = cache.insert(&key(), &mut b"content".to_vec()).unwrap();
        fs::File::open(&path)
            .unwrap()
            .set_modified(SystemTime::now() - LIFETIME - DAY)
            .unwrap();
        cache
            .insert(&Key("11".repeat(32)), &mut b"x".to_vec())
            .unwrap();
        assert!(!path.exists());
    }
}
