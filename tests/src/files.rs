//! Finds test files.

use std::path::{Path, PathBuf};

/// The files below `root` with this extension, in order of their paths.
///
/// # Panics
/// When a directory cannot be read.
pub fn files(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory).expect("a directory of tests is readable") {
            let path = entry.expect("a directory of tests is readable").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
