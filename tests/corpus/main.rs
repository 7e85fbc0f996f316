//! Runs real programs natively and under Wasmtime, and holds standard output, exit status and produced files together. What
//! Wasmtime rejects is held to the case's record.
//!
//! `tests/corpus/fetch.sh` builds or fetches the programs. Without them, and in an ordinary test run, every case is
//! ignored:
//!
//! ```text
//! tests/corpus/fetch.sh
//! cargo test --release -p nativize-tests --test corpus -- --ignored
//! ```
//!
//! `NATIVIZE_CORPUS` is where the programs are, by default `.corpus` at the top of the repository; `WASMTIME` names the
//! oracle when it is not in PATH. `NAME.run` is a case ([`nativize_tests::Case`]); `{corpus}` in it is that folder.

mod table;

use libtest_mimic::{Arguments, Failed, Trial};
use nativize::link::LinkOptions;
use nativize_compiler::{Linked, Options, Program};
use nativize_tests::{Case, Executable, Finished, first_difference};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use table::{Row, Table};

/// What is shared by the cases: several use the same program.
#[derive(Default)]
struct Corpus {
    root: PathBuf,
    /// By program and what is linked to it.
    objects: Mutex<HashMap<Vec<PathBuf>, Arc<Compiled>>>,
    table: Mutex<Table>,
}

/// A program's object, and how long it took.
struct Compiled {
    object: Vec<u8>,
    wasm_size: usize,
    time: Duration,
}

fn main() -> std::process::ExitCode {
    let mut arguments = Arguments::from_args();
    // The times in the table are to mean something.
    arguments.test_threads = Some(1);
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = std::env::var_os("NATIVIZE_CORPUS").map_or_else(
        || tests.parent().expect("it is in a folder").join(".corpus"),
        PathBuf::from,
    );
    let root = std::path::absolute(root).expect("there is a current directory");
    let corpus = Arc::new(Corpus {
        root,
        ..Corpus::default()
    });
    let trials = nativize_tests::files(&tests.join("corpus"), "run")
        .into_iter()
        .map(|path| {
            let name = path
                .file_stem()
                .expect("it is a file")
                .to_string_lossy()
                .into_owned();
            let corpus = Arc::clone(&corpus);
            Trial::test(name.clone(), move || {
                corpus.test(&name, &path).map_err(|message| {
                    Failed::from(format!(
                        "{message}\nrerun: {} --ignored",
                        nativize_tests::rerun("corpus", &name)
                    ))
                })
            })
            .with_ignored_flag(true)
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    print!("{}", corpus.table.lock().expect("no case panics with it"));
    conclusion.exit_code()
}

impl Corpus {
    fn test(&self, name: &str, path: &Path) -> Result<(), String> {
        let case = Case::read(path, &[("corpus", &self.root)])?;
        let module = case.module.as_ref().ok_or("the case names no module")?;
        let links = case.links.iter().map(|(_, path)| path);
        if let Some(missing) = links.chain([module]).find(|path| !path.exists()) {
            return Err(format!(
                "{} is missing: run tests/corpus/fetch.sh",
                missing.display()
            ));
        }
        let compiled = self.compile(module, &case.links)?;
        let executable = nativize::build::link(
            &compiled.object,
            &Options::default(),
            &case.policy().encode(),
            &LinkOptions::default(),
        )
        .map_err(|error| error.to_string())?;
        let executable_size = executable.len();
        let executable = Executable::new(&executable).map_err(|error| error.to_string())?;
        let (ours, native_time) = timed(|| case.run(&executable))?;
        let (result, wasmtime_time) = if case.by_hand {
            (case.check(&ours), None)
        } else {
            let (theirs, time) = self.run_with_wasmtime(&case, module)?;
            (compare(&case, &ours, &theirs), Some(time))
        };
        self.table.lock().expect("no case panics with it").add(Row {
            name: name.to_owned(),
            wasm_size: compiled.wasm_size,
            compile_time: compiled.time,
            executable_size,
            native_time,
            wasmtime_time,
            passed: result.is_ok(),
        });
        result
    }

    fn run_with_wasmtime(
        &self,
        case: &Case,
        module: &Path,
    ) -> Result<(Finished, Duration), String> {
        let wasmtime = nativize_tests::wasmtime()
            .ok_or("wasmtime is neither in PATH nor named by WASMTIME")?;
        let oracle = case.oracle.as_deref().unwrap_or(module);
        let precompiled = precompile(&wasmtime, &self.root, oracle)?;
        let links = case.links.iter();
        let links: Vec<PathBuf> = links
            .map(|(_, path)| precompile(&wasmtime, &self.root, path))
            .collect::<Result<_, _>>()?;
        timed(|| case.run_with_wasmtime(&wasmtime, &precompiled, &links))
    }

    fn compile(&self, module: &Path, links: &[(String, PathBuf)]) -> Result<Arc<Compiled>, String> {
        let mut objects = self.objects.lock().expect("compiling does not panic");
        let linked_paths = links.iter().map(|(_, path)| path.clone());
        let key: Vec<PathBuf> = linked_paths.chain([module.to_owned()]).collect();
        if let Some(compiled) = objects.get(&key) {
            return Ok(Arc::clone(compiled));
        }
        let bytes = key.iter().map(wat::parse_file);
        let bytes: Vec<Vec<u8>> = bytes
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let start = Instant::now();
        let modules = bytes.iter().map(|bytes| nativize_compiler::parse(bytes));
        let modules: Vec<_> = modules
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let (main, linked) = modules.split_last().ok_or("there is no program")?;
        let linked: Vec<Linked<'_>> = links
            .iter()
            .zip(linked)
            .map(|((name, _), module)| Linked { name, module })
            .collect();
        let program =
            Program::linked_command(main, &linked, None).map_err(|error| error.to_string())?;
        let object = nativize_compiler::compile(&program, &Options::default(), &())
            .map_err(|error| error.to_string())?;
        let compiled = Arc::new(Compiled {
            object,
            wasm_size: bytes.iter().map(Vec::len).sum(),
            time: start.elapsed(),
        });
        objects.insert(key, Arc::clone(&compiled));
        Ok(compiled)
    }
}

fn timed(run: impl FnOnce() -> std::io::Result<Finished>) -> Result<(Finished, Duration), String> {
    let start = Instant::now();
    let finished = run().map_err(|error| error.to_string())?;
    Ok((finished, start.elapsed()))
}

/// What `wasmtime compile` makes of the module, kept beside the corpus as long as the module is not newer.
fn precompile(wasmtime: &Path, root: &Path, module: &Path) -> Result<PathBuf, String> {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified());
    let name = module.file_stem().ok_or("the module is a file")?;
    let cache = root.join("cache");
    std::fs::create_dir_all(&cache).map_err(|error| error.to_string())?;
    let output = cache.join(name).with_extension("cwasm");
    if let (Ok(output_time), Ok(module_time)) = (modified(&output), modified(module))
        && output_time >= module_time
    {
        return Ok(output);
    }
    let status = Command::new(wasmtime)
        .arg("compile")
        .args(["-W", nativize_tests::WASMTIME_STACK])
        .arg(module)
        .arg("-o")
        .arg(&output)
        .status()
        .map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("wasmtime compile: {status}"));
    }
    Ok(output)
}

fn compare(case: &Case, ours: &Finished, theirs: &Finished) -> Result<(), String> {
    let mut report = Vec::new();
    if ours.outcome.timed_out || theirs.outcome.timed_out {
        report.push("killed because it took too long".to_owned());
    }
    if ours.outcome.status.code() != theirs.outcome.status.code() {
        report.push(format!(
            "expected {}, got {}",
            theirs.outcome.status, ours.outcome.status
        ));
    }
    if case.status.unwrap_or(0) != theirs.outcome.status.code().unwrap_or(-1) {
        report.push(format!(
            "Wasmtime ended with {}, not with the case's status",
            theirs.outcome.status
        ));
    }
    if let Some(difference) = first_difference(&theirs.outcome.stdout, &ours.outcome.stdout) {
        report.push(format!("standard output: {difference}"));
    }
    for (path, content) in &theirs.files {
        match ours.files.get(path) {
            Some(found) if found == content => {}
            Some(_) => report.push(format!("{} has another content", path.display())),
            None => report.push(format!("{} is missing", path.display())),
        }
    }
    for path in &case.produces {
        if !theirs.files.contains_key(path) {
            report.push(format!("Wasmtime leaves no {}", path.display()));
        }
    }
    for path in ours
        .files
        .keys()
        .filter(|path| !theirs.files.contains_key(*path))
    {
        report.push(format!("{} should not exist", path.display()));
    }
    if report.is_empty() {
        return Ok(());
    }
    let stderr = |finished: &Finished| {
        let text = String::from_utf8_lossy(&finished.outcome.stderr).into_owned();
        text.trim_end().to_owned()
    };
    report.push(format!("standard error was:\n{}", stderr(ours)));
    report.push(format!("and Wasmtime's:\n{}", stderr(theirs)));
    Err(report.join("\n"))
}
