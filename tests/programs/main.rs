//! Runs the programs of this folder natively and holds them against their records.
//!
//! `NAME.wasm` or `NAME.wat` is the program, `NAME.run` its record ([`nativize_tests::Case`]): dropping the two in adds
//! a test. What is recorded is what Wasmtime 48 does: `BLESS=1` runs it (`wasmtime` in PATH, or the file that
//! `WASMTIME` names) and rewrites the records. `build.sh` rebuilds the modules from the sources beside them.

use libtest_mimic::{Arguments, Failed, Trial};
use nativize::target_cpu::native;
use nativize_compiler::{BoundsChecks, CpuFeatures, OptLevel, Options, Program};
use nativize_tests::{Case, bless};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What code may use: the baseline, or all that this machine's processor has.
#[derive(Clone, Copy)]
enum Cpu {
    Baseline,
    Native,
}

/// How every program is built: the suffix of the test's name, and the options.
const VARIANTS: [(&str, OptLevel, BoundsChecks, Cpu); 4] = [
    ("", OptLevel::O2, BoundsChecks::Guard, Cpu::Baseline),
    (
        "+explicit",
        OptLevel::O2,
        BoundsChecks::Explicit,
        Cpu::Baseline,
    ),
    ("+O0", OptLevel::O0, BoundsChecks::Guard, Cpu::Baseline),
    ("+native", OptLevel::O2, BoundsChecks::Guard, Cpu::Native),
];

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let names: BTreeSet<PathBuf> = std::fs::read_dir(&root)
        .expect("the folder of this file exists")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| ["wasm", "wat", "run"].iter().any(|e| extension == *e))
        })
        .map(|path| path.with_extension(""))
        .collect();
    let blessing = std::env::var_os("BLESS").is_some();
    let mut trials = Vec::new();
    for path in names {
        let name = path
            .file_name()
            .expect("it is a file")
            .to_string_lossy()
            .into_owned();
        if blessing {
            trials.push(Trial::test(name, move || {
                record(&path).map_err(Failed::from)
            }));
            continue;
        }
        for (suffix, opt_level, bounds_checks, cpu) in VARIANTS {
            let (name, path) = (format!("{name}{suffix}"), path.clone());
            let options = Options {
                opt_level,
                bounds_checks,
                target_cpu: match cpu {
                    Cpu::Baseline => CpuFeatures::NONE,
                    Cpu::Native => native(),
                },
                threads: Some(1),
                ..Options::default()
            };
            trials.push(Trial::test(name.clone(), move || {
                test(&path, &options).map_err(|message| {
                    Failed::from(format!(
                        "{message}\nrerun: {}\nrecord anew: BLESS=1 {}",
                        nativize_tests::rerun("programs", &name),
                        nativize_tests::rerun(
                            "programs",
                            name.split('+').next().expect("a split has a first part")
                        ),
                    ))
                })
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn test(path: &Path, options: &Options) -> Result<(), String> {
    let case = Case::read(&path.with_extension("run"), &[])?;
    let module = std::fs::read(module(path)?).map_err(|error| error.to_string())?;
    let module = wat::parse_bytes(&module).map_err(|error| error.to_string())?;
    let module = nativize_compiler::parse(&module).map_err(|error| error.to_string())?;
    let program = Program::command(&module, None).map_err(|error| error.to_string())?;
    let executable = nativize_tests::build(&program, options, &case.policy().encode())?;
    let finished = case.run(&executable).map_err(|error| error.to_string())?;
    case.check(&finished)
}

/// Runs the program with Wasmtime and writes its record.
fn record(path: &Path) -> Result<(), String> {
    let run = path.with_extension("run");
    let case = if run.exists() {
        Case::read(&run, &[])?
    } else {
        Case::default()
    };
    if case.by_hand {
        return Ok(());
    }
    let wasmtime = nativize_tests::wasmtime().ok_or("BLESS needs wasmtime")?;
    let module = match &case.oracle {
        Some(module) => module.clone(),
        None => module(path)?,
    };
    let finished = case
        .run_with_wasmtime(&wasmtime, &module, &[])
        .map_err(|error| error.to_string())?;
    let status = finished.outcome.status.code().ok_or("it was killed")?;
    bless(&run, status, &finished.outcome.stdout).map_err(|error| error.to_string())
}

fn module(path: &Path) -> Result<PathBuf, String> {
    ["wasm", "wat"]
        .iter()
        .map(|extension| path.with_extension(extension))
        .find(|path| path.exists())
        .ok_or_else(|| format!("there is a record, but no {}.wasm or .wat", path.display()))
}
