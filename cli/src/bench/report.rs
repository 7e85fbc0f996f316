//! What a comparison gave, as tables for people and as JSON for machines.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use super::machine::Machine;
use super::peers::Contender;
use super::stats::{Summary, geomean};

/// Programs that are faster than this say more about start-up than about code.
const SHORT: f64 = 0.030;

/// A comparison's results. Lists of results have an element for each contender, in their order.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Where and when.
    pub machine: Machine,
    /// Runs of each program under each contender.
    pub runs: u32,
    /// Names, and what they say their versions are.
    pub contenders: Vec<(String, String)>,
    /// The contender that ratios refer to.
    pub baseline: usize,
    /// Wall time in seconds of a program that does nothing.
    pub startup: Vec<Option<Summary>>,
    /// A program each.
    pub programs: Vec<Row>,
    /// Over the programs that take 30 ms or more under the baseline.
    pub geomeans: Vec<Geomeans>,
    /// What was left out, and why.
    pub failures: Vec<String>,
}

/// One program's results.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The module's name.
    pub program: String,
    /// `None` where it could not be measured.
    pub results: Vec<Option<Measured>>,
}

/// A program under one contender.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    /// User and system time of a run.
    pub cpu_seconds: Summary,
    /// From spawn to exit.
    pub wall_seconds: Summary,
    /// Peak resident memory of a run.
    pub peak_memory_bytes: Summary,
    /// User and system time of compilation, once.
    pub compile_cpu_seconds: f64,
    /// Peak resident memory of compilation.
    pub compile_peak_memory_bytes: u64,
    /// The size of what is run.
    pub file_bytes: u64,
}

/// Geometric means of one contender's ratios to the baseline; `None` where no program has both.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Geomeans {
    /// How many programs.
    pub programs: usize,
    /// Of medians of CPU time.
    pub cpu: Option<f64>,
    /// Of minima of CPU time.
    pub cpu_min: Option<f64>,
    /// Of medians of wall time.
    pub wall: Option<f64>,
    /// Of medians of peak memory.
    pub peak_memory: Option<f64>,
    /// Of CPU time of compilation.
    pub compile_cpu: Option<f64>,
    /// Of sizes.
    pub file: Option<f64>,
}

impl Report {
    pub(super) fn new(contenders: &[Contender], runs: u32) -> Self {
        let baseline = contenders.iter().position(Contender::is_wasmtime);
        Report {
            machine: Machine::this(),
            runs,
            contenders: contenders
                .iter()
                .map(|contender| (contender.name.clone(), contender.version()))
                .collect(),
            baseline: baseline.unwrap_or(0),
            startup: Vec::new(),
            programs: Vec::new(),
            geomeans: Vec::new(),
            failures: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, row: Row, failures: Vec<String>) {
        self.programs.push(row);
        self.failures.extend(failures);
    }

    /// Computes the geometric means.
    pub(super) fn finish(&mut self) {
        self.geomeans = (0..self.contenders.len())
            .map(|contender| {
                let pairs: Vec<(&Measured, &Measured)> = self
                    .programs
                    .iter()
                    .filter_map(|row| {
                        let base = row.results[self.baseline].as_ref()?;
                        let enough = base.cpu_seconds.median >= SHORT;
                        row.results[contender].as_ref().zip(enough.then_some(base))
                    })
                    .collect();
                let of = |value: fn(&Measured) -> f64| {
                    geomean(pairs.iter().map(|(own, base)| value(own) / value(base)))
                };
                Geomeans {
                    programs: pairs.len(),
                    cpu: of(|measured| measured.cpu_seconds.median),
                    cpu_min: of(|measured| measured.cpu_seconds.min),
                    wall: of(|measured| measured.wall_seconds.median),
                    peak_memory: of(|measured| measured.peak_memory_bytes.median),
                    compile_cpu: of(|measured| measured.compile_cpu_seconds),
                    file: of(|measured| measured.file_bytes as f64),
                }
            })
            .collect();
    }

    /// A program's CPU time under a contender as a ratio to the baseline's.
    pub fn ratio(&self, row: &Row, contender: usize) -> Option<f64> {
        let own = row.results[contender]?.cpu_seconds.median;
        Some(own / row.results[self.baseline]?.cpu_seconds.median)
    }

    /// Two tables: programs, then contenders.
    pub fn table(&self) -> String {
        let baseline = &self.contenders[self.baseline].0;
        let mut out = format!(
            "CPU time, medians of {} interleaved runs, ratios to {baseline}\n{}\n\n",
            self.runs,
            self.machine.line()
        );
        let mut rows = vec![vec![String::new()]];
        for (index, (name, _)) in self.contenders.iter().enumerate() {
            rows[0].push(name.clone());
            if index != self.baseline {
                rows[0].push("ratio".to_owned());
            }
        }
        for row in &self.programs {
            let mut cells = vec![row.program.clone()];
            for (index, result) in row.results.iter().enumerate() {
                cells.push(result.map_or("-".to_owned(), |result| {
                    let spread = result.cpu_seconds.spread();
                    format!(
                        "{} ±{:.0}%",
                        seconds(result.cpu_seconds.median),
                        spread * 100.0
                    )
                }));
                if index != self.baseline {
                    cells.push(ratio(self.ratio(row, index)));
                }
            }
            rows.push(cells);
        }
        out.push_str(&aligned(&rows));

        let header = [
            "",
            "programs",
            "CPU",
            "CPU min",
            "wall",
            "memory",
            "compile CPU",
            "size",
            "start-up",
        ];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for (index, geomeans) in self.geomeans.iter().enumerate() {
            let startup = self.startup.get(index).copied().flatten();
            rows.push(vec![
                self.contenders[index].0.clone(),
                geomeans.programs.to_string(),
                ratio(geomeans.cpu),
                ratio(geomeans.cpu_min),
                ratio(geomeans.wall),
                ratio(geomeans.peak_memory),
                ratio(geomeans.compile_cpu),
                ratio(geomeans.file),
                startup.map_or("-".to_owned(), |startup| seconds(startup.median)),
            ]);
        }
        let _ = writeln!(
            out,
            "\nGeometric means of ratios to {baseline}, programs of {} and more; start-up is wall time",
            seconds(SHORT)
        );
        out.push_str(&aligned(&rows));
        for failure in &self.failures {
            let _ = writeln!(out, "left out: {failure}");
        }
        out
    }
}

/// Writes `results` to the file `path`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_json(results: &impl Serialize, path: &Path) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(results)?;
    text.push('\n');
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A ratio of finite numbers, or a dash.
pub fn ratio(ratio: Option<f64>) -> String {
    match ratio {
        Some(ratio) if ratio.is_finite() => format!("{ratio:.2}x"),
        _ => "-".to_owned(),
    }
}

/// Rows of as many cells as columns aligned: the first to the left, the others to the right.
pub fn aligned(rows: &[Vec<String>]) -> String {
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

/// A time for people.
pub fn seconds(value: f64) -> String {
    match value {
        _ if value < 1e-3 => format!("{:.0} µs", value * 1e6),
        _ if value < 1.0 => format!("{:.1} ms", value * 1e3),
        _ => format!("{value:.2} s"),
    }
}

/// A size for people.
pub fn bytes(value: f64) -> String {
    match value {
        _ if value < 1024.0 => format!("{value:.0} B"),
        _ if value < 1024.0 * 1024.0 => format!("{:.1} KiB", value / 1024.0),
        _ => format!("{:.1} MiB", value / (1024.0 * 1024.0)),
    }
}
