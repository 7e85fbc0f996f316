//! The advisories that are known: those that come with the command, and those of files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::advisory::{Advisory, is_advisory};
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
    pub(crate) fn add_path(&mut self, path: &Path) -> Result<(), Failure> {
        let unreadable = |error| Failure::file("read", path, &error);
        if !fs::metadata(path).map_err(unreadable)?.is_dir() {
            return self.add_file(path, false).map(|_| ());
        }
        let mut files = Vec::new();
        collect(path, &mut files)?;
        // Which of two advisories with one id wins must not depend on the file system.
        files.sort();
        let mut found = false;
        for file in &files {
            found |= self.add_file(file, true)?;
        }
        if !found {
            return Err(Failure::new(
                Code::BadAdvisory,
                format!("no advisories below `{}`", path.display()),
            )
            .help("name a directory with advisories, Markdown files in RustSec's format"));
        }
        Ok(())
    }

    /// Adds the advisory in a file. Gives false if it is none, and may be something else.
    fn add_file(&mut self, path: &Path, may_be_other: bool) -> Result<bool, Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
        if may_be_other && !is_advisory(&bytes) {
            return Ok(false);
        }
        self.add_bytes(&bytes).map_err(|cause| {
            Failure::new(
                Code::BadAdvisory,
                format!("`{}` is no advisory that can be read", path.display()),
            )
            .cause(cause)
            .help("`nativize explain bad-advisory` says what form it has")
        })?;
        Ok(true)
    }

    /// Adds the advisory in a file's bytes.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence without a full stop.
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), String> {
        let text = str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        self.add(Advisory::parse(text)?);
        Ok(())
    }
}

/// All Markdown files below a directory. Links are not followed: they could lead in a circle.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable = |error| Failure::file("read", folder, &error);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        if kind.is_dir() {
            collect(&path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
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
