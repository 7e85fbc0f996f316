//! Processes that are measured: time on all threads, the largest resident size, how they end.

use std::io::{Read, Seek};
use std::process::{Command, Stdio};
use wait4::Wait4;

/// What is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Nativize,
    Oracle,
    Program,
}

/// What a process took.
#[derive(Debug)]
pub(crate) struct Measured {
    /// `None` when a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) stderr: String,
    pub(crate) seconds: f64,
    pub(crate) megabytes: u64,
}

/// Processor time, per second and thread, after which the kernel ends a compiler.
const TIME_LIMIT: u32 = 900;

/// Runs a command to its end. Its memory is limited so that a mistake here does not take the machine's.
pub(crate) fn measure(command: &Command, tool: Tool) -> Measured {
    let mut output = tempfile::tempfile().expect("there is room");
    let mut limited = Command::new("sh");
    let limits = match tool {
        // Wasmtime and guests reserve address space that they never use.
        Tool::Nativize => format!("ulimit -v 16000000; ulimit -t {TIME_LIMIT}; exec \"$@\""),
        Tool::Oracle => format!("ulimit -t {TIME_LIMIT}; exec \"$@\""),
        Tool::Program => "ulimit -t 60; exec \"$@\"".to_owned(),
    };
    limited
        .args(["-c", &limits, "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(output.try_clone().expect("there are descriptors"));
    let child = limited.spawn().expect("there is a shell");
    let used = child.wait4().expect("it is a child");
    let mut bytes = Vec::new();
    output.rewind().expect("it is a file");
    output.read_to_end(&mut bytes).expect("it is readable");
    Measured {
        status: used.status.code(),
        stderr: String::from_utf8_lossy(&bytes).into_owned(),
        seconds: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        megabytes: used.rusage.maxrss >> 20,
    }
}

/// The result as two cells of a table.
pub(crate) fn cells(measured: &Measured) -> String {
    let outcome = match measured.status {
        Some(0) => "compiled".to_owned(),
        Some(status) => {
            let causes = measured.stderr.lines().rev();
            let cause = causes
                .map(str::trim)
                .find(|line| line.starts_with("cause:") || line.contains("rror"));
            let cause = cause.unwrap_or_default().trim_start_matches("cause: ");
            format!("{status}: {}", cause.chars().take(60).collect::<String>())
        }
        None => "killed".to_owned(),
    };
    format!(
        "{outcome} | {:.1} s, {} MB",
        measured.seconds, measured.megabytes
    )
}
