//! Runs a command once and measures it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use wait4::Wait4 as _;

/// A command line to measure.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// What the report calls it.
    pub name: String,
    /// The executable.
    pub program: PathBuf,
    /// What comes after its name.
    pub arguments: Vec<OsString>,
}

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// From before the process was spawned until its exit was known.
    pub wall: Duration,
    /// In user and in system mode, of all its threads.
    pub cpu: Duration,
    /// Peak resident memory in bytes.
    pub peak_memory: u64,
}

impl CommandLine {
    /// `program` with `arguments`, called `name`.
    pub fn new(
        name: impl Into<String>,
        program: &Path,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        CommandLine {
            name: name.into(),
            program: program.to_owned(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// The same with more arguments.
    pub fn with(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null());
        command
    }

    /// Runs it and gives all that it says.
    pub fn captured(&self) -> anyhow::Result<Output> {
        self.command()
            .output()
            .with_context(|| format!("cannot run {}", self.program.display()))
    }

    /// Runs it and gives its standard output; fails unless it exits with status 0, with the first line of what it says.
    ///
    /// # Errors
    /// When it cannot be run, or fails.
    pub fn output(&self) -> anyhow::Result<Vec<u8>> {
        let output = self.captured()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("it says nothing");
        ensure!(
            output.status.success(),
            "{} failed: {}: {said}",
            self.name,
            output.status
        );
        Ok(output.stdout)
    }

    /// Runs it once, without output, and measures it.
    pub fn run(&self) -> anyhow::Result<Run> {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        let used = child.wait4()?;
        let wall = start.elapsed();
        ensure!(
            used.status.success(),
            "{} failed: {}",
            self.name,
            used.status
        );
        Ok(Run {
            wall,
            cpu: used.rusage.utime + used.rusage.stime,
            peak_memory: used.rusage.maxrss,
        })
    }
}

/// Runs each command once per round, `runs` rounds, so that what else the machine does meets all of them alike. Gives
/// the runs of each command.
///
/// What ran before leaves its traces in caches and in the kernel, and a heavy process leaves more: in a fixed cycle each
/// command would inherit those of one other. So the order is shuffled each round, by a generator that always starts alike,
/// and where there is a `before`, it runs, without counting, ahead of each run that counts.
pub fn interleave(
    commands: &[CommandLine],
    runs: u32,
    before: Option<&CommandLine>,
) -> anyhow::Result<Vec<Vec<Run>>> {
    let mut results = vec![Vec::with_capacity(runs as usize); commands.len()];
    let mut order: Vec<usize> = (0..commands.len()).collect();
    let mut random = 1u64;
    for _ in 0..runs {
        for last in (1..order.len()).rev() {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            order.swap(last, (random >> 33) as usize % (last + 1));
        }
        for &index in &order {
            if let Some(before) = before {
                before.run()?;
            }
            results[index].push(commands[index].run()?);
        }
    }
    Ok(results)
}
