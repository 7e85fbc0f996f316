//! A directory of its own for each test, and the command in it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A command that prints `hello` and ends with status 0.
pub(crate) const HELLO: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00hello\n")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;

/// A temporary directory in which commands run.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Sandbox {
            folder: tempfile::tempdir().expect("a temporary directory can be made"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the sandbox is writable");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Every file but the cache, with its content.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).expect("the folder can be listed") {
                let path = entry.expect("the entry can be read").path();
                if path.is_dir() {
                    collect(&path, files);
                } else if path.is_file() {
                    let content = fs::read(&path).unwrap_or_default();
                    files.insert(path, content);
                }
            }
        }
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files.retain(|path, _| !path.starts_with(self.path("cache")));
        files
    }

    /// A command of this name, in the sandbox, with nothing in its environment but where its cache is.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", self.path("nothing"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .stdin(Stdio::null());
        command
    }

    /// Sends a signal to a program that it runs.
    pub(crate) fn signal(&self, child: &Child, name: &str) {
        let mut kill = self.command("/bin/sh");
        kill.args(["-c", &format!("kill -{name} {}", child.id())]);
        assert!(kill.status().unwrap().success());
    }

    pub(crate) fn nativize(&self, arguments: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_nativize"))
            .args(arguments)
            .output()
            .expect("the command starts")
    }

    /// As `nativize`, with standard input.
    pub(crate) fn nativize_reading(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .command(env!("CARGO_BIN_EXE_nativize"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        // The command may end without reading all of it.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().expect("the command ends")
    }

    /// Runs the command, which has to fail with `status` and these `lines`, leaving every file as it was.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &[&str], status: i32, lines: &[&str]) {
        let before = self.files();
        let output = self.nativize(arguments);
        assert_failure(&output, status, lines);
        assert!(
            self.files() == before,
            "files changed: {:?}",
            self.files().keys()
        );
    }

    /// Runs the command, which has to succeed in silence, but for a line about what it grants.
    #[track_caller]
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.nativize(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        let rest = stderr
            .lines()
            .filter(|line| !line.starts_with("note: may "));
        assert_eq!(rest.collect::<Vec<_>>(), [""; 0]);
        output.stdout
    }

    /// Runs the executable `name` without arguments and gives what it prints.
    #[track_caller]
    pub(crate) fn execute(&self, name: &str) -> String {
        let output = self.command(self.path(name)).output().expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}\n{stderr}", output.status);
        String::from_utf8(output.stdout).expect("it prints text")
    }
}

/// A failure says what is wrong, why, and what to do: a line each, beginning with `lines`; and nothing else.
#[track_caller]
pub(crate) fn assert_failure(output: &Output, status: i32, lines: &[&str]) {
    let stderr = String::from_utf8(output.stderr.clone()).expect("messages are text");
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert_eq!(output.stdout, b"", "{stderr}");
    let found: Vec<&str> = stderr.lines().collect();
    assert_eq!(found.len(), lines.len(), "{stderr}");
    for (found, expected) in found.iter().zip(lines) {
        assert!(
            found.starts_with(expected),
            "expected {expected:?} in\n{stderr}"
        );
    }
    assert!(found[0].starts_with("error: "), "{stderr}");
    assert!(found[found.len() - 1].starts_with("  help: "), "{stderr}");
    assert!(
        !stderr.contains("panicked") && !stderr.contains("\x1b"),
        "{stderr}"
    );
}
