//! The source of functions: which lines, and their text where it may be read.
//!
//! A module comes from anywhere, and what it names as its source goes into a page that is shown around. So only files below
//! certain directories are read, and none that is hidden.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path, PathBuf};

/// How many lines around each one are shown.
const CONTEXT: u32 = 3;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 8 << 20;
/// What is read of files in all, in bytes: a module may name one file in many ways.
const MOST: u64 = 64 << 20;
/// The longest part of a line that is shown.
const LONGEST: usize = 300;

/// The directories with sources, and what has been read of them.
#[derive(Debug)]
pub(crate) struct Sources {
    /// What paths in the debug information begin with, and the directory that stands for it.
    roots: Vec<(PathBuf, PathBuf)>,
    files: HashMap<String, Option<String>>,
    /// How many bytes may still be read.
    left: u64,
}

/// A line of a listing: its number, or 0 for one that nothing comes from, and its text.
pub(super) type Row = (u32, String);

/// Where the instruction at an offset in the module comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) offset: u32,
    pub(super) file: usize,
    pub(super) line: u32,
}

/// The lines of some functions.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// The number of the line that each offset comes from.
    pub(super) numbers: HashMap<u32, u32>,
}

impl Sources {
    /// Those below `directories`, each a path or `FROM=PATH`; without any, those below the current one.
    pub(crate) fn new(directories: &[String]) -> Self {
        let current = [".".to_owned()];
        let directories = if directories.is_empty() {
            &current
        } else {
            directories
        };
        let root = |directory: &String| {
            let (from, path) = match directory.split_once('=') {
                Some((from, path)) => (Some(from), path),
                None => (None, directory.as_str()),
            };
            let path = Path::new(path).canonicalize().ok()?;
            Some((from.map_or_else(|| path.clone(), PathBuf::from), path))
        };
        Sources {
            roots: directories.iter().filter_map(root).collect(),
            files: HashMap::new(),
            left: MOST,
        }
    }

    /// The text of a file, if it may be read.
    fn text(&mut self, path: &str) -> Option<&str> {
        let (roots, left) = (&self.roots, &mut self.left);
        let text = self
            .files
            .entry(path.to_owned())
            .or_insert_with(|| roots.iter().find_map(|root| read(path, root, left)));
        text.as_deref()
    }

    /// The lines that functions are made of, file by file.
    pub(super) fn rows(&mut self, files: &[String], places: &[Place]) -> Rows {
        let mut lines: BTreeMap<usize, BTreeMap<u32, u32>> = BTreeMap::new();
        for place in places {
            lines.entry(place.file).or_default().insert(place.line, 0);
        }
        let mut rows = Rows::default();
        let mut next = 0;
        for (&file, lines) in &mut lines {
            let path = files.get(file).map_or("?", String::as_str);
            rows.rows.push((0, path.to_owned()));
            let text = self.text(path);
            for number in lines.values_mut() {
                next += 1;
                *number = next;
            }
            show(text, lines, &mut rows.rows);
        }
        for place in places {
            let number = lines.get(&place.file).and_then(|of| of.get(&place.line));
            rows.numbers
                .extend(number.map(|&number| (place.offset, number)));
        }
        rows
    }
}

/// Adds rows for numbered lines of a file, with their text and what stands around them if that is known.
fn show(text: Option<&str>, lines: &BTreeMap<u32, u32>, rows: &mut Vec<Row>) {
    let Some(text) = text else {
        rows.extend(
            lines
                .iter()
                .map(|(line, &number)| (number, format!("{line:>5}"))),
        );
        return;
    };
    let mut last: Option<u32> = None;
    for (at, text) in (1u32..).zip(text.lines()) {
        let around = at.saturating_sub(CONTEXT)..=at.saturating_add(CONTEXT);
        if lines.range(around).next().is_none() {
            continue;
        }
        if last.is_some_and(|last| last + 1 != at) {
            rows.push((0, "    \u{2026}".to_owned()));
        }
        last = Some(at);
        let number = lines.get(&at).copied().unwrap_or(0);
        let text: String = text.chars().take(LONGEST).collect();
        rows.push((number, format!("{at:>5}  {text}")));
    }
}

/// A file whose path begins as a root says, if it is below the directory.
fn read(path: &str, (from, directory): &(PathBuf, PathBuf), left: &mut u64) -> Option<String> {
    let path = Path::new(path);
    let below = match path.strip_prefix(from) {
        Ok(below) => below,
        Err(_) if path.is_relative() => path,
        Err(_) => return None,
    };
    // Links and `..` lead elsewhere.
    let file = directory.join(below).canonicalize().ok()?;
    let metadata = file.metadata().ok()?;
    // What is hidden is no source, and may be a secret: `.git/config`, `.env`.
    let below = file.strip_prefix(directory).ok()?;
    let is_hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    if below.components().any(is_hidden) || !metadata.is_file() || metadata.len() > LARGEST {
        return None;
    }
    *left = left.checked_sub(metadata.len())?;
    std::fs::read(&file)
        .ok()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(offset: u32, line: u32) -> Place {
        Place {
            offset,
            file: 0,
            line,
        }
    }

    #[test]
    fn lines_have_their_surroundings() {
        let folder = tempfile::tempdir().unwrap();
        let text: String = (1..=40).map(|line| format!("line {line}\n")).collect();
        std::fs::write(folder.path().join("a.c"), text).unwrap();
        let directory = folder.path().to_str().unwrap();
        let files = [folder.path().canonicalize().unwrap().join("a.c")];
        let files = files.map(|file| file.to_str().unwrap().to_owned());
        let places = [place(100, 2), place(104, 4), place(108, 30), place(109, 2)];
        let rows = Sources::new(&[directory.to_owned()]).rows(&files, &places);
        let shown: Vec<_> = rows.rows.iter().map(|(number, _)| *number).collect();
        let expected = [0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0];
        assert_eq!(shown, expected, "{:?}", rows.rows);
        assert_eq!(rows.rows[2].1, "    2  line 2");
        assert_eq!(rows.numbers[&109], 1);
        // The same file from a directory that it is not below of, and from one that stands for another.
        let other = tempfile::tempdir().unwrap();
        let elsewhere = other.path().to_str().unwrap().to_owned();
        let rows = Sources::new(&[elsewhere]).rows(&files, &places);
        assert_eq!(rows.rows[1], (1, "    2".to_owned()));
        assert_eq!(rows.rows.len(), 4);
        let built = ["/build/a.c".to_owned()];
        let rows = Sources::new(&[format!("/build={directory}")]).rows(&built, &places);
        assert_eq!(rows.rows[2].1, "    2  line 2");
    }

    #[test]
    fn nothing_outside_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::os::unix::fs::symlink("../secret", inside.join("link")).unwrap();
        std::fs::write(inside.join("file"), "text").unwrap();
        let root = inside.canonicalize().unwrap();
        let root = (root.clone(), root);
        let path = |name: &str| format!("{}/{name}", root.0.display());
        std::fs::create_dir(inside.join(".git")).unwrap();
        for hidden in [".git/config", ".env"] {
            std::fs::write(inside.join(hidden), "secret").unwrap();
        }
        let read = |name: &str, root| super::read(name, root, &mut 4);
        assert_eq!(read(&path("file"), &root).as_deref(), Some("text"));
        assert_eq!(read("file", &root).as_deref(), Some("text"));
        for name in ["../secret", "link", "", "missing", ".git/config", ".env"] {
            assert_eq!(read(&path(name), &root), None, "{name}");
            assert_eq!(read(name, &root), None, "{name}");
        }
        assert_eq!(read("/etc/passwd", &root), None);
        // Too much in all.
        assert_eq!(super::read("file", &root, &mut 3), None);
    }
}
