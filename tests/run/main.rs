//! Runs the programs in `tests/run/<area>/*.wat`: each file says in its head how it is started and what it must do.
//!
//! Every file is built twice, with either way of checking bounds. Dropping a file in adds a test; `*.linked.wat` are no
//! tests but what the directive `link` names. Those in `legacy-exceptions` are held against node as well.

mod directives;
mod node;

use directives::Directives;
use libtest_mimic::{Arguments, Failed, Trial};
use nativize_abi::config::{self, Record, SANDBOX_AUTO, Setting};
use nativize_compiler::{BoundsChecks, Linked, Options, Program};
use nativize_tests::{Executable, Outcome};
use std::fmt::Write;
use std::path::Path;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("run");
    let mut trials = Vec::new();
    for path in nativize_tests::files(&root, "wat") {
        if path.to_string_lossy().ends_with(".linked.wat") {
            continue;
        }
        let stem = path
            .strip_prefix(&root)
            .expect("the file is below its root")
            .with_extension("");
        let name = stem.to_string_lossy().into_owned();
        if stem.starts_with(node::FOLDER) {
            let (name, path) = (format!("{name}+node"), path.clone());
            trials.push(Trial::test(name.clone(), move || {
                node::test(&path).map_err(|message| {
                    let rerun = nativize_tests::rerun("run", &name);
                    Failed::from(format!("{message}\nrerun: {rerun}"))
                })
            }));
        }
        for bounds_checks in [BoundsChecks::Guard, BoundsChecks::Explicit] {
            let suffix = match bounds_checks {
                BoundsChecks::Guard => "",
                BoundsChecks::Explicit => "+explicit",
            };
            let (name, path) = (format!("{name}{suffix}"), path.clone());
            trials.push(Trial::test(name.clone(), move || {
                test(&path, bounds_checks).map_err(|message| {
                    Failed::from(format!(
                        "{message}\nrerun: {}",
                        nativize_tests::rerun("run", &name)
                    ))
                })
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn test(path: &Path, bounds_checks: BoundsChecks) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let directives = Directives::parse(&text)?;
    if directives.guard_only && bounds_checks == BoundsChecks::Explicit {
        return Ok(());
    }
    let options = Options {
        threads: Some(1),
        bounds_checks,
        opt_level: directives.opt_level,
        target_cpu: directives.target_cpu,
        relaxed_simd: directives.relaxed_simd,
        ..Options::default()
    };
    let executable = match (build(path, &text, &directives, &options), &directives.error) {
        (Ok(executable), None) => executable,
        (Ok(_), Some(_)) => return Err("the program is accepted".to_owned()),
        (Err(message), Some(expected)) if message.contains(expected) => return Ok(()),
        (Err(message), Some(expected)) => {
            return Err(format!("expected {expected:?}, got: {message}"));
        }
        (Err(message), None) => return Err(message),
    };
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, content) in &directives.files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("below the directory"))
            .and_then(|()| std::fs::write(path, content))
            .map_err(|error| error.to_string())?;
    }
    let mut command = executable.command();
    command
        .args(&directives.args)
        .envs(directives.env.iter().map(|(key, value)| (key, value)))
        .current_dir(directory.path());
    let outcome = nativize_tests::run(&mut command, directives.stdin.as_bytes())
        .map_err(|error| error.to_string())?;
    check(&directives, &outcome, directory.path())
}

fn build(
    path: &Path,
    text: &str,
    directives: &Directives,
    options: &Options,
) -> Result<Executable, String> {
    let bytes = wat::parse_str(text).map_err(|error| error.to_string())?;
    let mut linked = Vec::new();
    for (_, file) in &directives.links {
        let file = path.with_file_name(file);
        linked.push(wat::parse_file(file).map_err(|error| error.to_string())?);
    }
    let parse = |bytes| nativize_compiler::parse(bytes).map_err(|error| error.to_string());
    let main = parse(&bytes)?;
    let modules = linked.iter().map(|bytes| parse(bytes));
    let modules: Vec<_> = modules.collect::<Result<_, _>>()?;
    let named = directives.links.iter().zip(&modules);
    let linked: Vec<_> = named
        .map(|((name, _), module)| Linked { name, module })
        .collect();
    let invoke = directives.invoke.as_deref();
    let program = Program::command_with(&main, &linked, invoke, directives.unknown_imports)
        .map_err(|error| error.to_string())?;
    let mut config = directives.config.clone();
    config::write(&mut config, Record::Name(b"test"));
    // Every program is also a test of the table from which its filter of system calls is made.
    config::write(&mut config, Record::Setting(Setting::SANDBOX, SANDBOX_AUTO));
    nativize_tests::build(&program, options, &config)
}

/// Holds what happened against the directives, and reports every difference at once.
fn check(directives: &Directives, outcome: &Outcome, directory: &Path) -> Result<(), String> {
    let mut report = String::new();
    if outcome.timed_out {
        let _ = writeln!(report, "it was killed because it took too long");
    }
    if outcome.status.code() != Some(directives.exit) {
        let _ = writeln!(
            report,
            "expected exit status {}, got {}",
            directives.exit, outcome.status
        );
    }
    let stdout = String::from_utf8_lossy(&outcome.stdout);
    if stdout != directives.stdout {
        let _ = writeln!(
            report,
            "expected standard output {:?}, got {stdout:?}",
            directives.stdout
        );
    }
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    for part in &directives.stderr_contains {
        if !stderr.contains(part) {
            let _ = writeln!(report, "standard error does not contain {part:?}");
        }
    }
    for part in &directives.stderr_lacks {
        if stderr.contains(part) {
            let _ = writeln!(report, "standard error contains {part:?}");
        }
    }
    if directives.stderr_contains.is_empty() && !stderr.is_empty() {
        let _ = writeln!(report, "standard error is not empty");
    }
    for (name, expected) in &directives.expected_files {
        match std::fs::read_to_string(directory.join(name)) {
            Ok(content) if content == *expected => {}
            Ok(content) => {
                let _ = writeln!(report, "expected {expected:?} in {name}, got {content:?}");
            }
            Err(error) => {
                let _ = writeln!(report, "{name}: {error}");
            }
        }
    }
    if report.is_empty() {
        return Ok(());
    }
    let _ = write!(report, "standard error was:\n{}", stderr.trim_end());
    Err(report)
}
