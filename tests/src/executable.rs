//! Executables in temporary files: writing, starting, feeding and waiting with a time limit.

use crate::lease::wait_for_writers;
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

/// After this long a program is considered hung.
pub const TIME_LIMIT: Duration = Duration::from_secs(60);

/// An executable in a temporary directory of its own.
#[derive(Debug)]
pub struct Executable {
    path: tempfile::TempPath,
}

/// What a finished program left behind.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: ExitStatus,
    /// All of its standard output.
    pub stdout: Vec<u8>,
    /// All of its standard error.
    pub stderr: Vec<u8>,
    /// It was killed because it took too long.
    pub timed_out: bool,
}

impl Executable {
    /// Writes the bytes of an ELF file to a temporary file that can be executed.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut file = tempfile::Builder::new().prefix("nvz-test-").tempfile()?;
        file.write_all(bytes)?;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o755))?;
        let path = file.into_temp_path();
        wait_for_writers(&path)?;
        Ok(Executable { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A command that starts it with an empty environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.env_clear();
        command
    }

    /// Starts it with `args`, writes `stdin` and collects what it prints.
    ///
    /// # Errors
    /// It could not be started.
    pub fn run<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        stdin: &[u8],
    ) -> io::Result<Outcome> {
        let mut command = self.command();
        command.args(args);
        run(&mut command, stdin)
    }
}

/// Runs `command` with `stdin` and collects what it prints.
///
/// # Errors
/// It could not be started.
pub fn run(command: &mut Command, stdin: &[u8]) -> io::Result<Outcome> {
    run_within(command, stdin, TIME_LIMIT)
}

/// The same with another limit than [`TIME_LIMIT`].
///
/// # Errors
/// It could not be started.
pub fn run_within(command: &mut Command, stdin: &[u8], limit: Duration) -> io::Result<Outcome> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().expect("stdin is piped");
    let mut output = child.stdout.take().expect("stdout is piped");
    let mut errors = child.stderr.take().expect("stderr is piped");
    let child = Mutex::new(child);
    let (done, watch) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let child = &child;
        let watchdog = scope.spawn(move || {
            let late = watch.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
            if late {
                // It may have ended just now: nothing is lost then.
                let _ = child.lock().expect("no thread panics with the lock").kill();
            }
            late
        });
        // A program may end before it has read everything, which is its own business.
        scope.spawn(move || drop(input.write_all(stdin)));
        let stderr = scope.spawn(move || {
            let mut bytes = Vec::new();
            errors.read_to_end(&mut bytes).map(|_| bytes)
        });
        let mut stdout = Vec::new();
        let read = output.read_to_end(&mut stdout);
        let stderr = stderr.join().expect("reading does not panic");
        drop(done);
        let timed_out = watchdog.join().expect("the watchdog does not panic");
        let status = child
            .lock()
            .expect("no thread panics with the lock")
            .wait()?;
        read?;
        Ok(Outcome {
            status,
            stdout,
            stderr: stderr?,
            timed_out,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// While other threads start processes all the time, which inherit what is open just then.
    #[test]
    fn a_new_executable_can_be_started() {
        let done = AtomicBool::new(false);
        let script = b"#!/bin/sh\nexit 7\n";
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        let mut command = Command::new("true");
                        crate::deprive::without_descriptor(&mut command, 0);
                        command.status().expect("it is there");
                    }
                });
            }
            let results: Vec<_> = (0..300)
                .map(|_| {
                    let executable = Executable::new(script).expect("there is room");
                    executable.command().status().map(|status| status.code())
                })
                .collect();
            done.store(true, Ordering::Relaxed);
            for result in results {
                assert_eq!(result.expect("nobody writes to it"), Some(7));
            }
        });
    }
}
