//! Every function of WASI preview 1, held against what Wasmtime does on the same module: results, error numbers, what
//! is written to memory, and the files that are left.
//!
//! `c.wasm` and `rust.wasm` (sources in `guest`) test the function that their argument names and print what happens.
//! `expected/GUEST/FUNCTION.txt` is what Wasmtime 48 makes of it. Where nativize differs on purpose,
//! `FUNCTION.differs` beside it lists how, and `DIFFERENCES.md` says why; a difference that is not listed fails, and so
//! does a listed one that is gone. With `wasmtime` in PATH, or named by `WASMTIME`:
//!
//! ```text
//! ORACLE=1 cargo test --release -p nativize-tests --test conformance    hold the records against Wasmtime
//! BLESS=1 cargo test --release -p nativize-tests --test conformance     record anew
//! ACCEPT=1 cargo test --release -p nativize-tests --test conformance    rewrite the lists of differences
//! ```

mod pointers;
mod record;

use libtest_mimic::{Arguments, Failed, Trial};
use nativize_abi::for_each_wasi_p1;
use nativize_tests::Executable;
use record::{Record, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

/// The guests, each a module.
const GUESTS: [&str; 2] = ["c", "rust"];

/// Tests that are no function's name: more about one.
const MORE: [&str; 1] = ["path_open_flags"];

/// What the program is told.
const ARGS: [&str; 4] = ["two words", "", "\u{fc}n\u{ef}\u{20ac}", "--dir"];
const ENV: [(&str, &str); 4] = [
    ("PLAIN", "value"),
    ("EMPTY", ""),
    ("EQUALS", "a=b=c"),
    ("UNICODE", "\u{fc}n\u{ef}\u{20ac}"),
];

/// The names of the functions of `wasi_snapshot_preview1`.
macro_rules! names {
    ($($module:tt, $name:tt, $symbol:ident $parameters:tt $(-> $result:ident)?;)*) => {
        [$(($module, $name)),*].into_iter()
            .filter(|&(module, _)| module == "wasi_snapshot_preview1")
            .map(|(_, name)| name)
    };
}

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let asked = |name| std::env::var_os(name).is_some();
    let mode = if asked("BLESS") {
        Mode::Bless
    } else if asked("ORACLE") {
        Mode::Oracle
    } else if asked("ACCEPT") {
        Mode::Accept
    } else {
        Mode::Check
    };
    let mut trials = Vec::new();
    for guest in GUESTS {
        let module = root.join(guest).with_extension("wasm");
        let executable = Arc::new(OnceLock::new());
        for function in for_each_wasi_p1!(names).chain(MORE) {
            if guest == "rust" && MORE.contains(&function) {
                continue;
            }
            let name = format!("{guest}/{function}");
            let expected = root.join("expected").join(format!("{name}.txt"));
            let (module, executable) = (module.clone(), Arc::clone(&executable));
            let natively = {
                let module = module.clone();
                move || {
                    let built = executable.get_or_init(|| build_file(&module));
                    natively(built.as_ref().map_err(String::clone)?, function)
                }
            };
            let oracle = move |wasmtime: &Path| with_wasmtime(wasmtime, &module, function);
            trials.push(trial(mode, name, expected, natively, oracle));
        }
    }
    let module = root.join("c.wasm");
    trials.push(trial(
        mode,
        "numbers".to_owned(),
        root.join("expected/numbers.txt"),
        {
            let module = module.clone();
            move || {
                let executable = build_file(&module)?;
                numbers(|| executable.command())
            }
        },
        move |wasmtime| numbers(|| wasmtime_command(wasmtime, &module)),
    ));
    for function in for_each_wasi_p1!(names) {
        trials.push(trial(
            mode,
            format!("pointers/{function}"),
            root.join(format!("expected/pointers/{function}.txt")),
            move || {
                let executable = build(&pointers::module(function))?;
                pointers::walk(function, || executable.command(), 134).map(Record::new)
            },
            move |wasmtime| {
                let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
                let module = folder.path().join("module.wasm");
                std::fs::write(&module, pointers::module(function))
                    .map_err(|error| error.to_string())?;
                pointers::walk(function, || wasmtime_command(wasmtime, &module), 1).map(Record::new)
            },
        ));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// What is done with the records.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Hold nativize against them.
    Check,
    /// Hold Wasmtime against them.
    Oracle,
    /// Record Wasmtime.
    Bless,
    /// Record how nativize differs.
    Accept,
}

fn trial(
    mode: Mode,
    name: String,
    expected: PathBuf,
    natively: impl FnOnce() -> Result<Record, String> + Send + 'static,
    oracle: impl FnOnce(&Path) -> Result<Record, String> + Send + 'static,
) -> Trial {
    Trial::test(name.clone(), move || {
        if matches!(mode, Mode::Oracle | Mode::Bless) {
            let Some(wasmtime) = nativize_tests::wasmtime() else {
                nativize_tests::skipped("wasmtime");
                return Ok(());
            };
            let record = oracle(&wasmtime)?;
            if mode == Mode::Bless {
                return Ok(record.write(&expected)?);
            }
            let differences = Record::read(&expected)?.differences(&record);
            if differences.is_empty() {
                return Ok(());
            }
            let differences = differences.join("\n");
            return Err(format!("Wasmtime differs from the record:\n{differences}").into());
        }
        let differences = Record::read(&expected)?.differences(&natively()?);
        let list = expected.with_extension("differs");
        if mode == Mode::Accept {
            return Ok(record::accept(&list, &differences)?);
        }
        record::judge(&list, &differences).map_err(|message| {
            let rerun = nativize_tests::rerun("conformance", &name);
            Failed::from(format!("{message}\nrerun: {rerun}"))
        })
    })
}

fn build_file(module: &Path) -> Result<Executable, String> {
    build(&std::fs::read(module).map_err(|error| error.to_string())?)
}

fn build(bytes: &[u8]) -> Result<Executable, String> {
    use nativize::policy::{Directory, EnvVar, Policy};
    let module = nativize_compiler::parse(bytes).map_err(|error| error.to_string())?;
    let program =
        nativize_compiler::Program::command(&module, None).map_err(|error| error.to_string())?;
    let directory = |host: &str, guest: &str| Directory {
        host: host.into(),
        guest: guest.into(),
        read_only: false,
    };
    let policy = Policy {
        name: b"test".to_vec(),
        directories: vec![directory("data", "/"), directory("other", "/other")],
        env: ENV
            .map(|(key, value)| EnvVar {
                key: key.into(),
                value: Some(value.into()),
            })
            .to_vec(),
        ..Policy::default()
    };
    nativize_tests::build(
        &program,
        &nativize_compiler::Options::default(),
        &policy.encode(),
    )
}

fn natively(executable: &Executable, function: &str) -> Result<Record, String> {
    use std::os::unix::process::CommandExt;
    let mut command = executable.command();
    command.arg0("guest").arg(function).args(ARGS);
    run(command)
}

fn with_wasmtime(wasmtime: &Path, module: &Path, function: &str) -> Result<Record, String> {
    let mut command = wasmtime_command(wasmtime, module);
    command.arg(function).args(ARGS);
    run(command)
}

/// Runs `module` with what the executables are granted.
fn wasmtime_command(wasmtime: &Path, module: &Path) -> Command {
    let mut command = Command::new(wasmtime);
    command.args([
        "run",
        "--argv0",
        "guest",
        "--dir",
        "data::/",
        "--dir",
        "other::/other",
    ]);
    for (key, value) in ENV {
        command.arg("--env").arg(format!("{key}={value}"));
    }
    command.arg(module);
    command
}

/// Calls with numbers that no enumeration has, a process for each.
fn numbers(command: impl Fn() -> Command) -> Result<Record, String> {
    let mut record = String::new();
    for number in 0.. {
        let mut command = command();
        command.args(["bad", &number.to_string()]);
        let text = run(command)?.into_text();
        let (head, _) = text.split_once("files:").unwrap_or_default();
        if head.starts_with("no such test") {
            break;
        }
        if head.contains("exit status") {
            record += &format!("{number}: ended\n");
        } else {
            record += &format!("{number}: {head}");
        }
    }
    Ok(Record::new(record))
}
