//! What a run printed and left behind, as text; and how two such texts differ.

use std::fmt::Write;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// What the program reads.
const STDIN: &[u8] = b"what standard input has, some of it read and some not";

/// The lines of a record.
pub(crate) struct Record(String);

/// A fresh directory, in memory where the system has a place for that: the tests make tens of thousands of files.
pub(crate) fn scratch() -> std::io::Result<tempfile::TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

/// Runs `command` in a directory with what the guests expect to be granted.
pub(crate) fn run(mut command: Command) -> Result<Record, String> {
    let text = |error: std::io::Error| error.to_string();
    let directory = scratch().map_err(text)?;
    let root = directory.path();
    for name in ["data", "other"] {
        fs::create_dir(root.join(name)).map_err(text)?;
    }
    // What `../file` leads to from what is granted, and a link that no guest can make.
    fs::write(root.join("file"), "outside").map_err(text)?;
    symlink("/etc/passwd", root.join("data/absolute")).map_err(text)?;
    command.current_dir(root);
    let outcome = nativize_tests::run(&mut command, STDIN).map_err(text)?;
    if outcome.timed_out {
        return Err("it was killed because it took too long".to_owned());
    }
    let mut record = String::from_utf8_lossy(&outcome.stdout).into_owned();
    // What a trap prints is not compared, only that there was one.
    match outcome.status.code() {
        Some(0) => record += &String::from_utf8_lossy(&outcome.stderr),
        status => writeln!(record, "exit status {status:?}").expect("text can be written"),
    }
    record += "files:\n";
    let mut files = Vec::new();
    list(root, "", &mut files).map_err(text)?;
    let template: Vec<String> = files
        .iter()
        .filter_map(|line| line.strip_prefix("data/template").map(str::to_owned))
        .collect();
    let mut files = files.as_slice();
    // Trees that began as the template are told by what is different.
    while let Some((line, rest)) = files.split_first() {
        let name = line.split(' ').next().unwrap_or_default();
        let end = rest
            .iter()
            .position(|line| !line.starts_with(&format!("{name}/")))
            .unwrap_or(rest.len());
        let is_tree =
            name.starts_with("data/") && name.matches('/').count() == 1 && name != "data/template";
        if is_tree && !template.is_empty() && end > 10 {
            let tree: Vec<String> = files[..=end]
                .iter()
                .map(|line| line[name.len()..].to_owned())
                .collect();
            let changes = differences(&template, &tree);
            if !changes.is_empty() {
                writeln!(record, "{name}:").expect("text can be written");
            }
            for change in changes {
                writeln!(record, "  {change}").expect("text can be written");
            }
            files = &rest[end..];
        } else {
            writeln!(record, "{line}").expect("text can be written");
            files = rest;
        }
    }
    Ok(Record(record))
}

/// A line for each file below `folder`, which is called `below`: path, type, permissions of the owner, content or target, times that were set.
fn list(folder: &Path, below: &str, lines: &mut Vec<String>) -> std::io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().as_bytes().escape_ascii().to_string();
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        let metadata = entry.metadata()?;
        let mut line = format!("{path} {:o}", metadata.permissions().mode() >> 6);
        if metadata.is_file() {
            let content = fs::read(entry.path())?;
            write!(line, " {} bytes", content.len()).expect("text can be written");
            if content.len() <= 100 {
                write!(line, " \"{}\"", content.escape_ascii()).expect("text can be written");
            }
            if metadata.nlink() > 1 {
                write!(line, " {} links", metadata.nlink()).expect("text can be written");
            }
        } else if metadata.is_symlink() {
            let target = fs::read_link(entry.path())?;
            write!(line, " -> {}", target.as_os_str().as_bytes().escape_ascii())
                .expect("text can be written");
        }
        // A time before 2020 was set by the guest. Reading a file or directory changes the time of access.
        if metadata.mtime() < 1_577_836_800 {
            write!(
                line,
                " modified {}.{:09}",
                metadata.mtime(),
                metadata.mtime_nsec()
            )
            .expect("text can be written");
        }
        lines.push(line);
        if metadata.is_dir() {
            list(&entry.path(), &path, lines)?;
        }
    }
    Ok(())
}

impl Record {
    pub(crate) fn new(text: String) -> Self {
        Record(text)
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }

    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        fs::read_to_string(path)
            .map(Record)
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        fs::write(path, &self.0).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The lines of `other` that are new (`+`), and those that it lacks (`-`).
    pub(crate) fn differences(&self, other: &Record) -> Vec<String> {
        let lines = |record: &Record| record.0.lines().map(str::to_owned).collect::<Vec<_>>();
        differences(&lines(self), &lines(other))
    }
}

/// A shortest list of lines to take away (`-`) and add (`+`), in order.
fn differences(old: &[String], new: &[String]) -> Vec<String> {
    let equal = |(a, b): &(&String, &String)| a == b;
    let start = old.iter().zip(new).take_while(equal).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(equal)
        .count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    // Lengths of the longest common parts of what follows.
    let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut changes = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            changes.push(format!("- {}", old[i]));
            i += 1;
        } else {
            changes.push(format!("+ {}", new[j]));
            j += 1;
        }
    }
    changes
}

/// Holds differences against the list of those that are meant.
pub(crate) fn judge(list: &Path, found: &[String]) -> Result<(), String> {
    let listed = fs::read_to_string(list).unwrap_or_default();
    let listed: Vec<String> = listed.lines().map(str::to_owned).collect();
    let changes = differences(&listed, found);
    if changes.is_empty() {
        return Ok(());
    }
    Err(format!(
        "it differs from Wasmtime, or no longer does:\n{}",
        changes.join("\n")
    ))
}

/// Rewrites a list.
pub(crate) fn accept(list: &Path, found: &[String]) -> Result<(), String> {
    if found.is_empty() {
        // There may be none.
        let _ = fs::remove_file(list);
        return Ok(());
    }
    fs::write(list, found.join("\n") + "\n").map_err(|error| error.to_string())
}
