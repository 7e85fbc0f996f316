//! Results, as a table for people and as JSON for machines.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::machine::Machine;
use crate::process::Run;
use crate::stats::Summary;
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

/// Writes `results` to the file `path`.
pub(crate) fn write_json(results: &impl Serialize, path: &Path) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(results)?;
    text.push('\n');
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Rows of as many cells as columns aligned: the first to the left, the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if column == 0 {
                let _ = write!(line, "{cell:<width$}");
            } else {
                let _ = write!(line, "  {cell:>width$}");
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn seconds(value: f64) -> String {
    match value {
        _ if value < 1e-3 => format!("{:.0} µs", value * 1e6),
        _ if value < 1.0 => format!("{:.1} ms", value * 1e3),
        _ => format!("{value:.2} s"),
    }
}

fn bytes(value: f64) -> String {
    match value {
        _ if value < 1024.0 => format!("{value:.0} B"),
        _ if value < 1024.0 * 1024.0 => format!("{:.1} KiB", value / 1024.0),
        _ => format!("{:.1} MiB", value / (1024.0 * 1024.0)),
    }
}
