//! The advisories that are known: those that come with the command, and those of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::advisory::{Advisory, holds_advisory, is_advisory};
use crate::code::Code;
use crate::error::Failure;

/// Names and texts of those that come with the command.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/advisories.rs"));

/// Advisories, each id once.
#[derive(Debug)]
pub(crate) struct Advisories {
    by_id: BTreeMap<String, Advisory>,
}

impl Advisories {
    /// Those that come with the command.
    pub(crate) fn embedded() -> Self {
        let mut advisories = Advisories {
            by_id: BTreeMap::new(),
        };
        for (name, text) in EMBEDDED {
            match Advisory::parse(text) {
                Ok(advisory) => advisories.add(advisory),
                // The tests read each of them.
                Err(error) => unreachable!("{name}: {error}"),
            }
        }
        advisories
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Advisory> {
        self.by_id.values()
    }

    /// Adds an advisory, in place of one with its id. What only we say of that one holds on.
    fn add(&mut self, mut advisory: Advisory) {
        if let Some(known) = self.by_id.get(&advisory.id)
            && advisory.own == Default::default()
        {
            advisory.own = known.own.clone();
        }
        self.by_id.insert(advisory.id.clone(), advisory);
    }

    /// Adds what is at `path`: an advisory, or a directory with advisories anywhere below it and other files beside them.
    /// Gives those of the others that may have been meant as advisories.
    pub(crate) fn add_path(&mut self, path: &Path) -> Result<Vec<PathBuf>, Failure> {
        let unreadable = |error| Failure::file("read", path, &error);
        if !fs::metadata(path).map_err(unreadable)?.is_dir() {
            self.add_file(path, &read(path)?)?;
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        collect(path, &mut files, &mut BTreeSet::new())?;
        // Which of two advisories with one id wins must not depend on the file system.
        files.sort();
        let mut passed_over = Vec::new();
        let mut found = false;
        for file in files {
            let bytes = read(&file)?;
            if is_advisory(&bytes) {
                self.add_file(&file, &bytes)?;
                found = true;
            } else if holds_advisory(&bytes) {
                passed_over.push(file);
            }
        }
        if let Some(file) = passed_over.first().filter(|_| !found) {
            // (Says what is wrong with it.)
            self.add_file(file, &read(file)?)?;
        }
        if !found {
            return Err(Failure::new(
                Code::BadAdvisory,
                format!("no advisories below `{}`", path.display()),
            )
            .help("name a directory with advisories, Markdown files in RustSec's format"));
        }
        Ok(passed_over)
    }

    /// Adds the advisory that the file at `path` holds.
    fn add_file(&mut self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        // As in RustSec's folders: those of Rust itself are `rust/PACKAGE/ID.md`.
        let collection = path.ancestors().nth(2).and_then(Path::file_name);
        let is_of_rust = collection.is_some_and(|name| name == "rust");
        self.add_text(bytes, is_of_rust).map_err(|cause| {
            Failure::new(
                Code::BadAdvisory,
                format!("`{}` is no advisory that can be read", path.display()),
            )
            .cause(cause)
            .help("`nativize explain bad-advisory` says what form it has")
        })
    }

    /// Adds the advisory in a file's bytes.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence without a full stop.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.add_text(bytes, false)
    }

    fn add_text(&mut self, bytes: &[u8], is_of_rust: bool) -> Result<(), String> {
        let text = str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let mut advisory = Advisory::parse(text)?;
        advisory.is_of_rust |= is_of_rust;
        self.add(advisory);
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file("read", path, &error))
}

/// All Markdown files below a directory. Links are followed; they can lead in a circle, so each directory is read once:
/// `seen` has their devices and inodes.
fn collect(
    folder: &Path,
    files: &mut Vec<PathBuf>,
    seen: &mut BTreeSet<(u64, u64)>,
) -> Result<(), Failure> {
    let unreadable = |error| Failure::file("read", folder, &error);
    let found = fs::metadata(folder).map_err(unreadable)?;
    if !seen.insert((found.dev(), found.ino())) {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)
        .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
        .map_err(unreadable)?;
    // By which of its names a directory is read must not depend on the file system either.
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_markdown = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => collect(&path, files, seen)?,
            Ok(found) if found.is_file() && is_markdown => files.push(path),
            Err(error) if is_markdown => return Err(Failure::file("read", &path, &error)),
            // A pipe would wait for its writer, and a link to nowhere is none to an advisory.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_can_be_read_and_is_named_by_its_id() {
        assert!(!EMBEDDED.is_empty());
        for (name, text) in EMBEDDED {
            let advisory = Advisory::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(*name, format!("{}.md", advisory.id));
            assert!(advisory.url.is_some(), "{name}");
        }
        assert_eq!(Advisories::embedded().all().count(), EMBEDDED.len());
    }
}
