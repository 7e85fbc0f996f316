//! Results, as a table for people and as JSON for machines.

use std::fmt::Write as _;

use nativize::bench::machine::Machine;
use nativize::bench::process::Run;
use nativize::bench::report::{aligned, bytes, seconds};
use nativize::bench::stats::Summary;
use serde::Serialize;

use crate::tools::Tools;

/// Everything that one invocation measured.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    measured: String,
    machine: Machine,
    versions: Vec<String>,
    runs: u32,
    results: Vec<Measurement>,
    /// What was left out, and why.
    skipped: Vec<String>,
}

/// One command's results.
#[derive(Debug, Serialize)]
struct Measurement {
    name: String,
    wall_seconds: Summary,
    cpu_seconds: Summary,
    peak_memory_bytes: Summary,
    /// Bytes of the file that it runs, or that it made.
    file_bytes: u64,
    /// Medians divided by those of the first command.
    wall_ratio: f64,
    cpu_ratio: f64,
    peak_memory_ratio: f64,
}

impl Report {
    /// A report of `measured`, without results yet.
    pub(crate) fn new(measured: String, tools: &Tools, runs: u32) -> anyhow::Result<Self> {
        Ok(Report {
            measured,
            machine: Machine::this(),
            versions: tools.versions()?,
            runs,
            results: Vec::new(),
            skipped: Vec::new(),
        })
    }

    /// Adds the runs of a command. Ratios refer to the first one that was added.
    pub(crate) fn add(&mut self, name: &str, runs: &[Run], file_bytes: u64) {
        let wall = Summary::of(runs.iter().map(|run| run.wall.as_secs_f64()));
        let cpu = Summary::of(runs.iter().map(|run| run.cpu.as_secs_f64()));
        let peak_memory = Summary::of(runs.iter().map(|run| run.peak_memory as f64));
        let first = self.results.first();
        let ratio =
            |of: &Summary, base: Option<&Summary>| base.map_or(1.0, |base| of.median / base.median);
        self.results.push(Measurement {
            name: name.to_owned(),
            wall_ratio: ratio(&wall, first.map(|first| &first.wall_seconds)),
            cpu_ratio: ratio(&cpu, first.map(|first| &first.cpu_seconds)),
            peak_memory_ratio: ratio(&peak_memory, first.map(|first| &first.peak_memory_bytes)),
            wall_seconds: wall,
            cpu_seconds: cpu,
            peak_memory_bytes: peak_memory,
            file_bytes,
        });
    }

    /// Notes that something was not measured.
    pub(crate) fn skip(&mut self, what: &str, why: &str) {
        self.skipped.push(format!("{what}: skipped: {why}"));
    }

    pub(crate) fn table(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{}, {} runs each, interleaved",
            self.measured, self.runs
        );
        let _ = writeln!(out, "{}; {}", self.machine.line(), self.versions.join(", "));
        let header = [
            "",
            "median",
            "ratio",
            "min",
            "quartiles",
            "CPU",
            "ratio",
            "peak memory",
            "file",
        ];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for result in &self.results {
            let wall = &result.wall_seconds;
            rows.push(vec![
                result.name.clone(),
                seconds(wall.median),
                format!("{:.2}x", result.wall_ratio),
                seconds(wall.min),
                format!(
                    "{} - {}",
                    seconds(wall.quartiles[0]),
                    seconds(wall.quartiles[1])
                ),
                seconds(result.cpu_seconds.median),
                format!("{:.2}x", result.cpu_ratio),
                bytes(result.peak_memory_bytes.median),
                bytes(result.file_bytes as f64),
            ]);
        }
        out.push_str(&aligned(&rows));
        for line in &self.skipped {
            let _ = writeln!(out, "{line}");
        }
        out
    }
}
