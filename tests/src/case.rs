//! A recorded run of a program: how it is started, and what it must print and leave behind.
//!
//! The record is a text file of lines `KEY: VALUE`; `#` starts a comment.
//!
//! ```text
//! module: FILE       the program; without it the .wasm or .wat of the record's own name
//! link: NAME=FILE    a module whose exports are the imports from NAME, as Wasmtime's `--preload` takes them
//! oracle: FILE       another build of the same source that Wasmtime runs instead, where it rejects the program or both
//!                    must agree
//! argv0: NAME        argv[0], where the program looks at it
//! arg: TEXT          an argument, verbatim to the end of the line; one line for each
//! env: K=V           an environment variable
//! dir: HOST::GUEST   a granted directory, read-only where the line ends in `:ro`
//! scratch: GUEST     a fresh writable directory, granted as GUEST
//! file: FILE         a file that is copied into the scratch directory
//! produces: NAME     a file that the program leaves in the scratch directory
//! stdin: FILE        standard input, empty if not given
//! stderr: TEXT       a part of standard error
//! status: N          the exit status, 0 if not given
//! by: hand           the record is what the source prints natively or another engine: Wasmtime does not run the program
//! stdout:            the last key: everything after its line is standard output, byte for byte
//! ```
//!
//! Paths are relative to the record, and `{NAME}` in a value stands for a variable of the harness.

use nativize::policy::{Directory, EnvVar, Policy};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

use crate::{Executable, Outcome, first_difference};

/// Wasmtime's own default is a sixteenth of nativize's 8 MiB, and the thread it runs on has 8 MiB.
pub const WASMTIME_STACK: &str = "max-wasm-stack=6291456";

/// A record.
#[derive(Debug, Default)]
pub struct Case {
    /// The program.
    pub module: Option<PathBuf>,
    /// The modules that it imports from, by name.
    pub links: Vec<(String, PathBuf)>,
    /// What Wasmtime runs instead of the program.
    pub oracle: Option<PathBuf>,
    /// The exit status; `None` when it is not recorded.
    pub status: Option<i32>,
    /// Standard output; `None` when it is not recorded.
    pub stdout: Option<Vec<u8>>,
    /// Parts of standard error.
    pub stderr: Vec<String>,
    /// Wasmtime does not run it.
    pub by_hand: bool,
    /// Files that must be in the scratch directory afterwards.
    pub produces: Vec<PathBuf>,
    argv0: Option<String>,
    args: Vec<String>,
    env: Vec<(String, String)>,
    dirs: Vec<Grant>,
    scratch: Option<String>,
    files: Vec<PathBuf>,
    stdin: Option<PathBuf>,
}

#[derive(Debug)]
struct Grant {
    host: PathBuf,
    guest: String,
    read_only: bool,
}

/// What a run printed, and the content of its scratch directory afterwards.
#[derive(Debug)]
pub struct Finished {
    /// How it ended and what it printed.
    pub outcome: Outcome,
    /// The files of the scratch directory by their path in it; a directory is `None`.
    pub files: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Case {
    /// Reads the record at `path`. `variables` are what `{NAME}` stands for.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is not understood.
    pub fn read(path: &Path, variables: &[(&str, &Path)]) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (head, stdout) = split(&bytes);
        let head = std::str::from_utf8(head).map_err(|error| error.to_string())?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut case = Case {
            stdout: stdout.map(<[u8]>::to_vec),
            ..Case::default()
        };
        for line in head.lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let (key, value) = line
                .split_once(':')
                .ok_or_else(|| format!("{}: no key in {line:?}", path.display()))?;
            let mut value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            for (name, content) in variables {
                value = value.replace(&format!("{{{name}}}"), &content.to_string_lossy());
            }
            case.set(key, value, folder)
                .ok_or_else(|| format!("{}: not understood: {line:?}", path.display()))?;
        }
        Ok(case)
    }

    fn set(&mut self, key: &str, value: String, folder: &Path) -> Option<()> {
        match key {
            "module" => self.module = Some(folder.join(value)),
            "link" => {
                let (name, path) = value.split_once('=')?;
                self.links.push((name.to_owned(), folder.join(path)));
            }
            "oracle" => self.oracle = Some(folder.join(value)),
            "argv0" => self.argv0 = Some(value),
            "arg" => self.args.push(value),
            "env" => {
                let (key, value) = value.split_once('=')?;
                self.env.push((key.to_owned(), value.to_owned()));
            }
            "dir" => {
                let (path, read_only) = match value.strip_suffix(":ro") {
                    Some(path) => (path, true),
                    None => (value.as_str(), false),
                };
                let (host, guest) = path.split_once("::")?;
                self.dirs.push(Grant {
                    host: folder.join(host),
                    guest: guest.to_owned(),
                    read_only,
                });
            }
            "scratch" => self.scratch = Some(value),
            "file" => self.files.push(folder.join(value)),
            "produces" => self.produces.push(value.into()),
            "stdin" => self.stdin = Some(folder.join(value)),
            "stderr" => self.stderr.push(value),
            "status" => self.status = Some(value.parse().ok()?),
            "by" if value == "hand" => self.by_hand = true,
            _ => return None,
        }
        Some(())
    }

    /// What the program is granted, to be built into it.
    pub fn policy(&self) -> Policy {
        let mut directories: Vec<Directory> = self
            .dirs
            .iter()
            .map(|grant| Directory {
                host: grant.host.as_os_str().as_encoded_bytes().to_vec(),
                guest: grant.guest.clone().into_bytes(),
                read_only: grant.read_only,
            })
            .collect();
        // The scratch directory is another one in each run, so it is granted as the current directory at start.
        directories.extend(self.scratch.iter().map(|guest| Directory {
            host: b".".to_vec(),
            guest: guest.clone().into_bytes(),
            read_only: false,
        }));
        Policy {
            name: b"test".to_vec(),
            directories,
            env: self
                .env
                .iter()
                .map(|(key, value)| EnvVar {
                    key: key.clone().into_bytes(),
                    value: Some(value.clone().into_bytes()),
                })
                .collect(),
            ..Policy::default()
        }
    }

    /// Runs an executable that was built with [`Case::policy`].
    ///
    /// # Errors
    /// It could not be prepared or started.
    pub fn run(&self, executable: &Executable) -> io::Result<Finished> {
        let scratch = self.prepare()?;
        let mut command = executable.command();
        if let Some(name) = &self.argv0 {
            command.arg0(name);
        }
        command.args(&self.args).current_dir(scratch.path());
        self.finish(command, &scratch)
    }

    /// Runs `module` (or what `wasmtime compile` made of it) with Wasmtime, granting the same; `links` are the modules of
    /// [`Case::links`] in their order, or what was made of them. It has no read-only directories.
    ///
    /// # Errors
    /// It could not be prepared or started.
    pub fn run_with_wasmtime(
        &self,
        wasmtime: &Path,
        module: &Path,
        links: &[PathBuf],
    ) -> io::Result<Finished> {
        let scratch = self.prepare()?;
        let mut command = Command::new(wasmtime);
        command.args(["run", "--allow-precompiled", "-W", WASMTIME_STACK]);
        if let Some(name) = &self.argv0 {
            command.arg("--argv0").arg(name);
        }
        for ((name, _), path) in self.links.iter().zip(links) {
            command
                .arg("--preload")
                .arg(format!("{name}={}", path.display()));
        }
        for (key, value) in &self.env {
            command.arg("--env").arg(format!("{key}={value}"));
        }
        for grant in &self.dirs {
            command
                .arg("--dir")
                .arg(format!("{}::{}", grant.host.display(), grant.guest));
        }
        if let Some(guest) = &self.scratch {
            command
                .arg("--dir")
                .arg(format!("{}::{guest}", scratch.path().display()));
        }
        command
            .arg(module)
            .args(&self.args)
            .current_dir(scratch.path());
        self.finish(command, &scratch)
    }

    /// Holds a run and the record together.
    ///
    /// # Errors
    /// What is not as recorded.
    pub fn check(&self, finished: &Finished) -> Result<(), String> {
        let outcome = &finished.outcome;
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        let mut report = Vec::new();
        if outcome.timed_out {
            report.push("it was killed because it took too long".to_owned());
        }
        if outcome.status.code() != Some(self.status.unwrap_or(0)) {
            report.push(format!(
                "expected exit status {}, got {}",
                self.status.unwrap_or(0),
                outcome.status
            ));
        }
        let expected = self.stdout.as_deref().unwrap_or_default();
        if let Some(difference) = first_difference(expected, &outcome.stdout) {
            report.push(format!("standard output: {difference}"));
        }
        for path in &self.produces {
            if !finished.files.contains_key(path) {
                report.push(format!("{} is missing", path.display()));
            }
        }
        for part in &self.stderr {
            if !stderr.contains(part) {
                report.push(format!("standard error does not contain {part:?}"));
            }
        }
        if report.is_empty() {
            return Ok(());
        }
        report.push(format!("standard error was:\n{}", stderr.trim_end()));
        Err(report.join("\n"))
    }

    fn prepare(&self) -> io::Result<TempDir> {
        let scratch = tempfile::tempdir()?;
        for file in &self.files {
            let name = file.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            std::fs::copy(file, scratch.path().join(name))?;
        }
        Ok(scratch)
    }

    fn finish(&self, mut command: Command, scratch: &TempDir) -> io::Result<Finished> {
        let stdin = match &self.stdin {
            Some(path) => std::fs::read(path)?,
            None => Vec::new(),
        };
        let outcome = crate::run(&mut command, &stdin)?;
        let mut files = BTreeMap::new();
        snapshot(scratch.path(), Path::new(""), &mut files)?;
        Ok(Finished { outcome, files })
    }
}

/// Replaces what the record at `path` says of standard output and the exit status.
///
/// # Errors
/// The file cannot be written.
pub fn bless(path: &Path, status: i32, stdout: &[u8]) -> io::Result<()> {
    let old = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        old => old?,
    };
    let head = String::from_utf8_lossy(split(&old).0).into_owned();
    let mut new: Vec<u8> = Vec::new();
    for line in head.lines().filter(|line| !line.starts_with("status:")) {
        new.extend(line.bytes().chain([b'\n']));
    }
    if status != 0 {
        new.extend(format!("status: {status}\n").bytes());
    }
    new.extend(b"stdout:\n");
    new.extend(stdout);
    std::fs::write(path, new)
}

/// The lines before `stdout:`, and what follows that line.
fn split(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    const MARK: &[u8] = b"stdout:\n";
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(MARK) {
            return (&bytes[..at], Some(&bytes[at + MARK.len()..]));
        }
        at += bytes[at..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(bytes.len() - at, |length| length + 1);
    }
    (bytes, None)
}

fn snapshot(
    root: &Path,
    below: &Path,
    files: &mut BTreeMap<PathBuf, Option<Vec<u8>>>,
) -> io::Result<()> {
    for entry in std::fs::read_dir(root.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            files.insert(path.clone(), None);
            snapshot(root, &path, files)?;
        } else if entry.file_type()?.is_symlink() {
            let target = std::fs::read_link(entry.path())?;
            files.insert(path, Some(target.into_os_string().into_encoded_bytes()));
        } else {
            files.insert(path, Some(std::fs::read(entry.path())?));
        }
    }
    Ok(())
}
