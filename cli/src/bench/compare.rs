//! One interleaved measurement of programs under several contenders.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::peers::{Contender, Prepared};
use super::process::{CommandLine, Run, interleave};
use super::report::{Measured, Report, Row};
use super::stats::Summary;

/// A program that does nothing: what a contender takes for it is its start-up.
const EMPTY: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")))"#;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Ratios refer to Wasmtime if it is there, else to the first.
    pub contenders: Vec<Contender>,
    /// The programs.
    pub modules: Vec<PathBuf>,
    /// The arguments of each of them.
    pub arguments: Vec<OsString>,
    /// How often each is run under each contender.
    pub runs: u32,
}

/// Compiles, checks that all print the same, and measures. `progress` hears of each module before its turn.
///
/// A contender that cannot compile or run a program, or prints something else than the first one, has no figures for
/// it, and the report says why.
///
/// # Errors
/// When a module cannot be read, nothing can be written to the temporary directory, or a program that ran before fails.
pub fn measure(comparison: &Comparison, mut progress: impl FnMut(&str)) -> anyhow::Result<Report> {
    let mut report = Report::new(&comparison.contenders, comparison.runs);
    let folder = tempfile::tempdir()?;

    progress("start-up");
    let empty = folder.path().join("empty.wasm");
    let text = wast::parser::ParseBuffer::new(EMPTY)?;
    std::fs::write(
        &empty,
        wast::parser::parse::<wast::Wat<'_>>(&text)?.encode()?,
    )?;
    let (row, _) = one(
        comparison,
        &empty,
        &[],
        comparison.runs * 4,
        &folder.path().join("e"),
    )?;
    report.startup = row
        .results
        .into_iter()
        .map(|result| result.map(|result| result.wall_seconds))
        .collect();

    for (number, module) in comparison.modules.iter().enumerate() {
        std::fs::metadata(module).with_context(|| format!("cannot read {}", module.display()))?;
        let place = folder.path().join(number.to_string());
        let stem = module.file_stem().unwrap_or(module.as_os_str());
        progress(&stem.to_string_lossy());
        let (row, failures) = one(
            comparison,
            module,
            &comparison.arguments,
            comparison.runs,
            &place,
        )?;
        report.add(row, failures);
        std::fs::remove_dir_all(place)?;
    }
    report.finish();
    Ok(report)
}

/// What compilation by a contender took.
struct Compiled {
    prepared: Prepared,
    cpu: f64,
    peak_memory: u64,
}

fn one(
    comparison: &Comparison,
    module: &Path,
    arguments: &[OsString],
    runs: u32,
    folder: &Path,
) -> anyhow::Result<(Row, Vec<String>)> {
    let name = module.file_stem().unwrap_or(module.as_os_str());
    let name = name.to_string_lossy().into_owned();
    let mut failures = Vec::new();
    let mut expected: Option<Vec<u8>> = None;
    let mut compiled: Vec<Option<Compiled>> = Vec::new();
    for (number, contender) in comparison.contenders.iter().enumerate() {
        let place = folder.join(number.to_string());
        std::fs::create_dir_all(&place)?;
        let Some(prepared) = contender.prepare(module, arguments, &place) else {
            compiled.push(None);
            continue;
        };
        let result = compile(prepared).and_then(|compiled| {
            let output = compiled.prepared.run.output()?;
            match &expected {
                Some(expected) => anyhow::ensure!(output == *expected, "its output differs"),
                None => expected = Some(output),
            }
            Ok(compiled)
        });
        compiled.push(match result {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                let error = format!("{error:#}");
                let line = error.lines().next().unwrap_or_default();
                failures.push(if line.starts_with(&contender.name) {
                    format!("{name}: {line}")
                } else {
                    format!("{name}: {}: {line}", contender.name)
                });
                None
            }
        });
    }
    let commands: Vec<CommandLine> = compiled
        .iter()
        .flatten()
        .map(|compiled| compiled.prepared.run.clone())
        .collect();
    let mut measured = interleave(&commands, runs, None)?.into_iter();
    let results = compiled
        .into_iter()
        .map(|compiled| {
            let compiled = compiled?;
            let runs = measured.next()?;
            let of = |value: fn(&Run) -> f64| Summary::of(runs.iter().map(value));
            Some(Measured {
                cpu_seconds: of(|run| run.cpu.as_secs_f64()),
                wall_seconds: of(|run| run.wall.as_secs_f64()),
                peak_memory_bytes: of(|run| run.peak_memory as f64),
                compile_cpu_seconds: compiled.cpu,
                compile_peak_memory_bytes: compiled.peak_memory,
                file_bytes: compiled
                    .prepared
                    .file
                    .metadata()
                    .map_or(0, |found| found.len()),
            })
        })
        .collect();
    Ok((
        Row {
            program: name,
            results,
        },
        failures,
    ))
}

/// Compiles, and measures that.
fn compile(prepared: Prepared) -> anyhow::Result<Compiled> {
    let (mut cpu, mut peak_memory) = (0.0, 0);
    for command in &prepared.compile {
        let run = command.run()?;
        cpu += run.cpu.as_secs_f64();
        peak_memory = peak_memory.max(run.peak_memory);
    }
    Ok(Compiled {
        prepared,
        cpu,
        peak_memory,
    })
}
