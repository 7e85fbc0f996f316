//! Attempts to leave what is granted, by the WASI layer alone: none may read, create, change or remove anything outside.
//!
//! Each runs where the kernel has `openat2`, where it says that it has not, and where a container refuses it, so that
//! resolution goes component by component. What an attempt must not see is in the content, the size and the names of
//! what lies outside; what it must not touch is compared before and after. A test of the tests grants what is otherwise
//! outside, and has to find that it is seen and touched. `VERBOSE=1` prints what the attempts gave.

mod attempts;
mod tree;

use attempts::{ATTEMPTS, Attempt, RACES};
use libtest_mimic::{Arguments, Failed, Trial};
use nativize::policy::{Directory, Policy, Sandbox};
use nativize_tests::Executable;
use nativize_tests::deprive::{OPENAT2, exchange, without_system_call};
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use tree::Tree;

/// What the kernel answers to `openat2`, when it does not do it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kernel {
    HasOpenat2,
    LacksOpenat2,
    RefusesOpenat2,
}

const KERNELS: [(Kernel, &str); 3] = [
    (Kernel::HasOpenat2, "openat2"),
    (Kernel::LacksOpenat2, "no openat2"),
    (Kernel::RefusesOpenat2, "openat2 refused"),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (kernel, suffix) in KERNELS {
        for (attempts, is_race) in [(ATTEMPTS, false), (RACES, true)] {
            for attempt in attempts {
                if is_race && kernel == Kernel::RefusesOpenat2 {
                    continue;
                }
                let name = format!("{} ({suffix})", attempt.0);
                trials.push(Trial::test(name.clone(), move || {
                    run(attempt, kernel, is_race).map_err(|message| {
                        let rerun = nativize_tests::rerun("escape", &name);
                        Failed::from(format!("{message}\nrerun: {rerun}"))
                    })
                }));
            }
        }
    }
    trials.push(Trial::test("the tests find an escape", || {
        Ok(find_escapes()?)
    }));
    assert!(ATTEMPTS.len() + RACES.len() >= 60);
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The program with what the attempts expect to be granted.
fn executable() -> Result<&'static Executable, String> {
    static EXECUTABLE: OnceLock<Result<Executable, String>> = OnceLock::new();
    EXECUTABLE
        .get_or_init(|| build(["grant", "ro", "second", "/proc"]))
        .as_ref()
        .map_err(String::clone)
}

/// The program with four grants, of which the second and the fourth are read-only.
fn build(grants: [&str; 4]) -> Result<Executable, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("escape/guest.wasm");
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let module = nativize_compiler::parse(&bytes).map_err(|error| error.to_string())?;
    let program =
        nativize_compiler::Program::command(&module, None).map_err(|error| error.to_string())?;
    let directories = grants.into_iter().enumerate();
    let policy = Policy {
        name: b"test".to_vec(),
        directories: directories
            .map(|(index, host)| Directory {
                host: host.into(),
                guest: format!("/{index}").into_bytes(),
                read_only: index % 2 == 1 && host != "outside",
            })
            .collect(),
        // What holds is to be the WASI layer alone.
        sandbox: Sandbox::Off,
        ..Policy::default()
    };
    nativize_tests::build(
        &program,
        &nativize_compiler::Options::default(),
        &policy.encode(),
    )
}

fn run(attempt: &Attempt, kernel: Kernel, is_race: bool) -> Result<(), String> {
    let tree = Tree::new().map_err(|error| error.to_string())?;
    let text = attempt_in(&tree, executable()?, attempt, kernel, is_race)?;
    if std::env::var_os("VERBOSE").is_some() {
        println!("{}: {text}", attempt.0);
    }
    let escapes = tree.escapes(&text);
    if escapes.is_empty() {
        return Ok(());
    }
    Err(format!(
        "it escaped: {}\nit printed:\n{text}",
        escapes.join("\n")
    ))
}

/// Makes an attempt and gives what the program printed.
fn attempt_in(
    tree: &Tree,
    executable: &Executable,
    (_, commands): &Attempt,
    kernel: Kernel,
    is_race: bool,
) -> Result<String, String> {
    let mut command = executable.command();
    command.current_dir(tree.root());
    let root = tree.root().to_string_lossy().into_owned();
    command.args(
        commands
            .iter()
            .map(|command| command.replace("{root}", &root)),
    );
    match kernel {
        Kernel::HasOpenat2 => {}
        Kernel::LacksOpenat2 => {
            without_system_call(&mut command, OPENAT2, libc::ENOSYS as u16);
        }
        Kernel::RefusesOpenat2 => {
            without_system_call(&mut command, OPENAT2, libc::EPERM as u16);
        }
    }
    let ended = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        if is_race {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    for directory in ["grant", "grant/deep"] {
                        // The program may have renamed or removed one of the two.
                        let _ = exchange(&tree.root().join(directory), "swap", "bait");
                    }
                }
            });
        }
        let outcome = nativize_tests::run(&mut command, b"");
        ended.store(true, Ordering::Relaxed);
        outcome
    })
    .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
    if !outcome.status.success() || !text.ends_with("done\n") {
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        return Err(format!("it ended with {}\n{text}{stderr}", outcome.status));
    }
    Ok(text)
}

/// Grants what lies outside in place of the read-only directory, and finds that reading, writing, creating, removing
/// and looking there are each found out.
fn find_escapes() -> Result<(), String> {
    let executable = build(["grant", "outside", "second", "/proc"])?;
    let successes: [&Attempt; 6] = [
        &("read", &["open|4|secretname|1|0|2"]),
        &("write", &["open|4|secretname|1|0|64"]),
        &("create", &["mkdir|4|new"]),
        &("remove", &["unlink|4|secretname"]),
        &("look", &["stat|4|secretname|0"]),
        &("list", &["list|4"]),
    ];
    for attempt in successes {
        let tree = Tree::new().map_err(|error| error.to_string())?;
        let text = attempt_in(&tree, &executable, attempt, Kernel::HasOpenat2, false)?;
        if tree.escapes(&text).is_empty() {
            return Err(format!("{} is not found out:\n{text}", attempt.0));
        }
    }
    Ok(())
}
