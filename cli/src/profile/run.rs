//! A run under sampling: the executable and its samples are files without a name, so that nothing is left behind.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use nativize_abi::profile::VARIABLE;
use rustix::fs::MemfdFlags;
use wait4::Wait4 as _;

use crate::output::signals;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: ExitStatus,
    /// Seconds of processor time.
    pub(crate) cpu_seconds: f64,
    /// The file of samples.
    pub(crate) samples: Vec<u8>,
}

impl Run {
    /// The status with which a shell would show the end.
    pub(crate) fn shell_status(&self) -> u8 {
        let signal = || self.status.signal().map(|signal| 128 + signal);
        let status = self.status.code().or_else(signal);
        status
            .and_then(|status| u8::try_from(status).ok())
            .unwrap_or(u8::MAX)
    }
}

/// Runs the bytes of an executable with `argv`, and collects what it writes of itself. Its standard streams are ours.
///
/// # Errors
/// It cannot be started.
pub(crate) fn run(executable: &[u8], argv: &[OsString]) -> io::Result<Run> {
    let (mut program, path) = nameless("nativize")?;
    program.write_all(executable)?;
    let (mut samples, samples_path) = nameless("nativize-samples")?;
    let mut command = Command::new(path);
    command
        .arg0(&argv[0])
        .args(&argv[1..])
        .env(VARIABLE, samples_path);
    // Ctrl-C ends the program, and then it is shown what it did.
    let child = signals::pass_on_to(|| command.spawn())?;
    let used = child.wait4();
    signals::stop_passing_on();
    let used = used?;
    let mut bytes = Vec::new();
    samples.rewind()?;
    // What was never written is long and empty.
    let size = written(&samples)?;
    (&mut samples).take(size).read_to_end(&mut bytes)?;
    let cpu = used.rusage.utime + used.rusage.stime;
    Ok(Run {
        status: used.status,
        cpu_seconds: cpu.as_secs_f64(),
        samples: bytes,
    })
}

/// A file without a name, and a path that leads to it while we run.
fn nameless(name: &str) -> io::Result<(File, PathBuf)> {
    let file = File::from(rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC)?);
    let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
    Path::new(&path).try_exists()?;
    Ok((file, PathBuf::from(path)))
}

/// The length of a file up to its last piece that has storage.
fn written(file: &File) -> io::Result<u64> {
    let (mut end, len) = (0, file.metadata()?.len());
    while end < len {
        match rustix::fs::seek(file, rustix::fs::SeekFrom::Data(end)) {
            Ok(data) => end = rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(data))?,
            Err(rustix::io::Errno::NXIO) => break,
            Err(error) => return Err(error.into()),
        }
    }
    rustix::fs::seek(file, rustix::fs::SeekFrom::Start(0))?;
    Ok(end)
}
