//! Instructions that programs execute, counted by callgrind: a figure that repeats exactly, whatever else the machine does.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail, ensure};
use nativize::bench::stats::geomean;
use serde::Serialize;

use crate::tools::Tools;
use nativize::bench::on_path;
use nativize::bench::process::CommandLine;

/// Processor features that valgrind emulates, as settings of Wasmtime's compiler. What the machine has beyond them would
/// make Wasmtime refuse its own module under valgrind.
const FEATURES: [&str; 11] = [
    "sse3", "ssse3", "sse41", "sse42", "popcnt", "avx", "avx2", "fma", "bmi1", "bmi2", "lzcnt",
];

/// The program whose count under Wasmtime is Wasmtime's own.
const EMPTY: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;

/// What counting gave.
#[derive(Debug, Serialize)]
pub(crate) struct Counts {
    /// A column each: nativize with a set of options, and Wasmtime.
    columns: Vec<String>,
    rows: Vec<Row>,
    /// Geometric means of the ratios of each column to the first, over rows that have both.
    geomeans: Vec<Option<f64>>,
}

#[derive(Debug, Serialize)]
struct Row {
    module: String,
    /// Instructions in user mode; `None` where it could not be counted.
    instructions: Vec<Option<u64>>,
    /// Why.
    failures: Vec<String>,
}

/// Something that executes modules.
#[derive(Clone)]
enum Engine {
    Nativize(String),
    Wasmtime {
        program: PathBuf,
        /// What an empty program takes.
        startup: u64,
    },
}

/// Counts the instructions of each of `modules`, built with each of `option_sets` (words separated by spaces), and under
/// Wasmtime if there is one.
pub(crate) fn measure(
    tools: &Tools,
    modules: &[PathBuf],
    option_sets: &[String],
    program_arguments: &[OsString],
) -> anyhow::Result<Counts> {
    ensure!(on_path("valgrind").is_some(), "this needs valgrind");
    let directory = tempfile::tempdir()?;
    let mut engines: Vec<Engine> = option_sets
        .iter()
        .map(|options| Engine::Nativize(options.clone()))
        .collect();
    if let Some(program) = &tools.wasmtime {
        let empty = directory.path().join("empty.wat");
        std::fs::write(&empty, EMPTY)?;
        let engine = Engine::Wasmtime {
            program: program.clone(),
            startup: 0,
        };
        let startup = count(tools, &engine, &empty, &[], &directory.path().join("empty"))?;
        engines.push(Engine::Wasmtime {
            program: program.clone(),
            startup,
        });
    }

    let jobs: Vec<(usize, usize)> = (0..modules.len())
        .flat_map(|row| (0..engines.len()).map(move |column| (row, column)))
        .collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(vec![None; jobs.len()]);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(&(row, column)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let file = directory.path().join(format!("{row}-{column}"));
                    let result = count(
                        tools,
                        &engines[column],
                        &modules[row],
                        program_arguments,
                        &file,
                    );
                    let _ = std::fs::remove_file(file);
                    let result = result.map_err(|error| format!("{error:#}"));
                    done.lock().expect("no thread panics")[row * engines.len() + column] =
                        Some(result);
                }
            });
        }
    });

    let done = done.into_inner().expect("no thread panics");
    let columns: Vec<String> = engines.iter().map(Engine::name).collect();
    let rows: Vec<Row> = modules
        .iter()
        .zip(done.chunks(engines.len()))
        .map(|(module, results)| {
            let results = || results.iter().flatten();
            Row {
                module: name(module),
                instructions: results().map(|result| result.clone().ok()).collect(),
                failures: results()
                    .filter_map(|result| result.clone().err())
                    .collect(),
            }
        })
        .collect();
    let geomeans = (0..columns.len())
        .map(|column| geomean(rows.iter().filter_map(|row| row.ratio(column))))
        .collect();
    Ok(Counts {
        columns,
        rows,
        geomeans,
    })
}

fn name(module: &Path) -> String {
    let stem = module.file_stem().unwrap_or(module.as_os_str());
    stem.to_string_lossy().into_owned()
}

impl Engine {
    fn name(&self) -> String {
        match self {
            Engine::Nativize(options) => options.clone(),
            Engine::Wasmtime { .. } => "wasmtime".to_owned(),
        }
    }
}

/// Compiles `module` to `file` and counts the instructions of one run.
fn count(
    tools: &Tools,
    engine: &Engine,
    module: &Path,
    program_arguments: &[OsString],
    file: &Path,
) -> anyhow::Result<u64> {
    match engine {
        Engine::Nativize(options) => {
            let mut arguments = vec!["-q", "-Z", "valgrind"];
            arguments.extend(options.split_whitespace());
            let build = CommandLine::new("nativize", &tools.nativize, arguments);
            build
                .with([module.as_os_str(), "-o".as_ref(), file.as_os_str()])
                .output()?;
            callgrind(&[file.as_os_str()], program_arguments)
        }
        Engine::Wasmtime { program, startup } => {
            let mut arguments = vec!["compile".to_owned()];
            arguments.extend(["--target", "x86_64-unknown-linux-gnu"].map(str::to_owned));
            for feature in FEATURES {
                arguments.extend(["-C".to_owned(), format!("cranelift-has_{feature}=true")]);
            }
            let build = CommandLine::new("wasmtime compile", program, arguments);
            build
                .with([module.as_os_str(), "-o".as_ref(), file.as_os_str()])
                .output()?;
            let run = [
                program.as_os_str(),
                "run".as_ref(),
                "--allow-precompiled".as_ref(),
                file.as_os_str(),
            ];
            Ok(callgrind(&run, program_arguments)?.saturating_sub(*startup))
        }
    }
}

/// The instructions that a command executes in user mode.
fn callgrind(command: &[&OsStr], arguments: &[OsString]) -> anyhow::Result<u64> {
    let valgrind = on_path("valgrind").context("this needs valgrind")?;
    let options = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let output = CommandLine::new("valgrind", &valgrind, options)
        .with(command)
        .with(arguments)
        .captured()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let own: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with("=="))
            .collect();
        bail!("{}: {}", output.status, own.join(" "));
    }
    text.lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
        .context("valgrind gives no count")
}

impl Row {
    /// The count of `column` divided by that of the first.
    fn ratio(&self, column: usize) -> Option<f64> {
        Some(self.instructions[column]? as f64 / self.instructions[0]? as f64)
    }
}

impl Counts {
    /// Millions of instructions, and ratios to the first column.
    pub(crate) fn table(&self) -> String {
        let mut rows = vec![vec!["Minstructions".to_owned()]];
        for (index, column) in self.columns.iter().enumerate() {
            rows[0].push(column.clone());
            if index > 0 {
                rows[0].push("ratio".to_owned());
            }
        }
        let ratio =
            |ratio: Option<f64>| ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
        for row in &self.rows {
            let mut cells = vec![row.module.clone()];
            for (index, count) in row.instructions.iter().enumerate() {
                cells.push(
                    count.map_or("-".to_owned(), |count| format!("{:.2}", count as f64 / 1e6)),
                );
                if index > 0 {
                    cells.push(ratio(row.ratio(index)));
                }
            }
            rows.push(cells);
        }
        let mut last = vec!["geomean".to_owned(), String::new()];
        for &geomean in &self.geomeans[1..] {
            last.extend([String::new(), ratio(geomean)]);
        }
        rows.push(last);
        let mut text = nativize::bench::report::aligned(&rows);
        for row in &self.rows {
            for failure in &row.failures {
                let line = failure.lines().next().unwrap_or_default();
                text.push_str(&format!("{}: {line}\n", row.module));
            }
        }
        text
    }
}
