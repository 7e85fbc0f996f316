//! The kernel's enforcement alone: a runtime whose own checks are taken out (its feature `unchecked`, which is never
//! shipped) tries to reach what was not granted.
//!
//! `attempt.c` does one operation for its arguments; `attempt.wasm` is built from it as the programs of
//! `tests/programs` are. On a kernel without Landlock or seccomp the tests say so and pass.

#[path = "../../cli/build/elf.rs"]
mod elf;
#[path = "../../cli/build/runtime.rs"]
mod runtime;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};
use nativize::link::{self, Input, LinkOptions};
use nativize::policy::{Directory, Policy, Sandbox};
use nativize_compiler::{Options, Program};
use nativize_tests::{Executable, Outcome};
use tempfile::TempDir;

/// What must never be read.
const SECRET: &str = "the secret";

/// Paths to a file that was not granted, from the directory `in`. Those that end in a link serve only operations that
/// follow it.
const FILES: [(&str, &str, bool); 7] = [
    ("absolute", "@/outside/secret", false),
    ("dotdot", "../outside/secret", false),
    ("through", "folder/secret", false),
    ("process", "/proc/self/cwd/outside/secret", false),
    ("root", "/proc/self/root@/outside/secret", false),
    ("link", "link", true),
    ("relative-link", "relative", true),
];

/// Operations on such a file: `$` is its path, `%` one beside it that does not exist, `#` an empty directory beside it.
/// Of those that follow a link at the end, the last field is true.
const CONTENT: [(&str, &[&str], bool); 12] = [
    ("read", &["$"], true),
    ("write", &["$"], true),
    ("truncate", &["$"], true),
    ("create", &["%"], false),
    ("mkdir", &["%"], false),
    ("rmdir", &["#"], false),
    ("list", &["#"], false),
    ("unlink", &["$"], false),
    ("rename", &["$", "stolen"], false),
    ("rename", &["file", "%"], false),
    ("link", &["$", "stolen"], false),
    ("symlink", &["anything", "%"], false),
];

/// What Landlock cannot refuse: none of it reads or changes content. A program that does not import these functions is
/// held off by its filter of system calls.
const UNMEDIATED: [&str; 3] = ["stat", "times", "readlink"];

/// Operations in a directory that is granted for reading.
const CHANGES: [(&str, &[&str]); 9] = [
    ("write", &["file"]),
    ("truncate", &["file"]),
    ("create", &["new"]),
    ("mkdir", &["new"]),
    ("rmdir", &["folder"]),
    ("unlink", &["file"]),
    ("rename", &["file", "new"]),
    ("link", &["file", "new"]),
    ("symlink", &["anything", "new"]),
];

/// System calls that no import of a program without files brings: number, and the name that the message has.
const CALLS: [(u32, &str); 20] = [
    (0, "read"),
    (2, "open"),
    (9, "mmap"),
    (10, "mprotect"),
    (41, "socket"),
    (42, "connect"),
    (49, "bind"),
    (57, "fork"),
    (59, "execve"),
    (62, "kill"),
    (90, "chmod"),
    (101, "ptrace"),
    (257, "openat"),
    (262, "newfstatat"),
    (267, "readlinkat"),
    (268, "fchmodat"),
    (280, "utimensat"),
    (322, "execveat"),
    (435, "clone3"),
    (437, "openat2"),
];

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    let mut add = |name: String, test: Box<dyn FnOnce() -> Result<(), String> + Send>| {
        trials.push(Trial::test(name.clone(), move || {
            test().map_err(|message| {
                let rerun = nativize_tests::rerun("kernel", &name);
                Failed::from(format!("{message}\nrerun: {rerun}"))
            })
        }));
    };
    for (form, path, is_link) in FILES {
        for (index, (operation, paths, follows)) in CONTENT.into_iter().enumerate() {
            if follows || !is_link {
                add(
                    format!("outside/{form}/{index}-{operation}"),
                    Box::new(move || refused(operation, 3, paths, path)),
                );
            }
        }
    }
    for (operation, paths) in CHANGES {
        add(
            format!("read-only/{operation}"),
            Box::new(move || refused(operation, 4, paths, "")),
        );
    }
    for operation in UNMEDIATED {
        add(
            format!("unmediated/{operation}"),
            Box::new(move || unmediated(operation)),
        );
    }
    add("granted".to_owned(), Box::new(granted));
    for (number, name) in CALLS {
        add(
            format!("call/{name}"),
            Box::new(move || denied(number, name)),
        );
    }
    add("call/none-without-sandbox".to_owned(), Box::new(unconfined));
    for (call, what) in [(317, "seccomp"), (444, "Landlock 2")] {
        add(
            format!("missing/{call}"),
            Box::new(move || missing(call, what)),
        );
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A tree with two granted directories, `in` and `ro`, and one that is not, `outside`.
struct Tree(TempDir);

impl Tree {
    fn new() -> std::io::Result<Self> {
        let tree = Tree(tempfile::tempdir()?);
        for folder in ["in", "ro/folder", "outside/secret-empty"] {
            std::fs::create_dir_all(tree.path(folder))?;
        }
        for file in ["in/file", "ro/file"] {
            std::fs::write(tree.path(file), "as it was")?;
        }
        std::fs::write(tree.path("outside/secret"), SECRET)?;
        symlink("secret", tree.path("outside/pointer"))?;
        symlink(tree.path("outside/secret"), tree.path("in/link"))?;
        symlink("../outside/secret", tree.path("in/relative"))?;
        symlink(tree.path("outside"), tree.path("in/folder"))?;
        Ok(tree)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The content of everything that must stay as it is.
    fn content(&self) -> std::io::Result<BTreeMap<PathBuf, Vec<u8>>> {
        fn collect(folder: &Path, content: &mut BTreeMap<PathBuf, Vec<u8>>) -> std::io::Result<()> {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_symlink() {
                    let target = std::fs::read_link(&path)?;
                    content.insert(path, target.into_os_string().into_encoded_bytes());
                } else if path.is_dir() {
                    collect(&path, content)?;
                    content.insert(path, b"directory".to_vec());
                } else {
                    let bytes = std::fs::read(&path)?;
                    content.insert(path, bytes);
                }
            }
            Ok(())
        }
        let mut content = BTreeMap::new();
        collect(&self.path("outside"), &mut content)?;
        collect(&self.path("ro"), &mut content)?;
        Ok(content)
    }

    /// Runs one operation; `None` where the kernel cannot confine it.
    fn attempt(
        &self,
        operation: &str,
        directory: u32,
        paths: &[String],
    ) -> Result<Option<Attempt>, String> {
        static ATTEMPT: OnceLock<Result<Executable, String>> = OnceLock::new();
        let directory_of = |host: &str, guest: &str| Directory {
            host: host.into(),
            guest: guest.into(),
            read_only: host == "ro",
        };
        let executable = ATTEMPT
            .get_or_init(|| {
                let policy = Policy {
                    directories: vec![directory_of("in", "/in"), directory_of("ro", "/ro")],
                    sandbox: Sandbox::Strict,
                    ..Policy::default()
                };
                build(include_bytes!("attempt.wasm"), &policy)
            })
            .as_ref()?;
        let mut command = executable.command();
        command
            .current_dir(self.0.path())
            .arg(operation)
            .arg(directory.to_string())
            .args(paths);
        let outcome = nativize_tests::run(&mut command, b"").map_err(|error| error.to_string())?;
        if is_skipped(&outcome) {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
        let errno = text
            .trim_end()
            .lines()
            .last()
            .and_then(|line| line.parse().ok());
        let errno = errno.ok_or_else(|| {
            let stderr = String::from_utf8_lossy(&outcome.stderr);
            format!("it ended with {} and said {text}{stderr}", outcome.status)
        })?;
        Ok(Some(Attempt { errno, text }))
    }
}

struct Attempt {
    errno: u32,
    text: String,
}

/// Whether a strict executable refused to start.
fn is_skipped(outcome: &Outcome) -> bool {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let skipped = stderr.contains("the kernel offers no");
    if skipped {
        nativize_tests::skipped(&format!(
            "a kernel of which nobody says: {}",
            stderr.trim_end()
        ));
    }
    skipped
}

/// An operation that must fail, and leave no trace.
fn refused(operation: &str, directory: u32, paths: &[&str], outside: &str) -> Result<(), String> {
    let tree = Tree::new().map_err(|error| error.to_string())?;
    let paths: Vec<String> = paths
        .iter()
        .map(|path| {
            path.replace('$', outside)
                .replace('%', &format!("{outside}-new"))
                .replace('#', &format!("{outside}-empty"))
                .replace('@', &tree.0.path().display().to_string())
        })
        .collect();
    let before = tree.content().map_err(|error| error.to_string())?;
    let Some(attempt) = tree.attempt(operation, directory, &paths)? else {
        return Ok(());
    };
    if attempt.errno == 0 || attempt.text.contains(SECRET) {
        return Err(format!("{operation} {paths:?} succeeded: {}", attempt.text));
    }
    let after = tree.content().map_err(|error| error.to_string())?;
    if before != after {
        return Err(format!(
            "{operation} {paths:?}: {before:?} became {after:?}"
        ));
    }
    Ok(())
}

/// An operation that the kernel is known to let pass. When it no longer does, the list can be shortened.
fn unmediated(operation: &str) -> Result<(), String> {
    let tree = Tree::new().map_err(|error| error.to_string())?;
    let before = tree.content().map_err(|error| error.to_string())?;
    let path = tree.path("outside/pointer").display().to_string();
    let Some(attempt) = tree.attempt(operation, 3, &[path])? else {
        return Ok(());
    };
    if attempt.errno != 0 {
        return Err(format!("{operation} is refused: {}", attempt.text));
    }
    let after = tree.content().map_err(|error| error.to_string())?;
    if before != after {
        return Err(format!("{operation} changed content"));
    }
    Ok(())
}

/// What was granted works: the attempts above do not fail for want of anything else.
fn granted() -> Result<(), String> {
    let steps: [(&str, u32, &[&str], &str); 14] = [
        ("read", 3, &["file"], "as it was"),
        ("read", 4, &["file"], "as it was"),
        ("list", 4, &["."], "folder"),
        ("create", 3, &["new"], ""),
        ("truncate", 3, &["file"], ""),
        ("read", 3, &["file"], "changed"),
        ("mkdir", 3, &["sub"], ""),
        ("rename", 3, &["new", "sub/moved"], ""),
        ("link", 3, &["sub/moved", "again"], ""),
        ("symlink", 3, &["again", "pointer"], ""),
        ("write", 3, &["pointer"], ""),
        ("unlink", 3, &["sub/moved"], ""),
        ("rmdir", 3, &["sub"], ""),
        ("stat", 3, &["again"], ""),
    ];
    let tree = Tree::new().map_err(|error| error.to_string())?;
    for (operation, directory, paths, expected) in steps {
        let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
        let Some(attempt) = tree.attempt(operation, directory, &paths)? else {
            return Ok(());
        };
        if attempt.errno != 0 || !attempt.text.contains(expected) {
            return Err(format!("{operation} {paths:?}: {}", attempt.text));
        }
    }
    Ok(())
}

/// A program that makes a system call and then ends with status 3.
fn calling(number: u32, sandbox: Sandbox) -> Result<Outcome, String> {
    let module = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (func (export "_start") (drop (call $raise (i32.const {number}))) (call $exit (i32.const 3))))"#
    );
    let policy = Policy {
        name: b"caller".to_vec(),
        sandbox,
        ..Policy::default()
    };
    let executable = build(module.as_bytes(), &policy)?;
    nativize_tests::run(&mut executable.command(), b"").map_err(|error| error.to_string())
}

fn denied(number: u32, name: &str) -> Result<(), String> {
    let outcome = calling(number, Sandbox::Strict)?;
    if is_skipped(&outcome) {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let message = format!("caller: error: system call {number} ({name}) denied\n");
    if outcome.status.code() != Some(159) || !stderr.starts_with(&message) {
        return Err(format!("{}, {stderr}", outcome.status));
    }
    Ok(())
}

/// It is the sandbox that denies them.
fn unconfined() -> Result<(), String> {
    let outcome = calling(267, Sandbox::Off)?;
    if outcome.status.code() != Some(3) {
        return Err(format!("it ended with {}", outcome.status));
    }
    Ok(())
}

/// On a kernel that lacks the system call `call`, a program says so on request, or does not start.
fn missing(call: u32, what: &str) -> Result<(), String> {
    const ENOSYS: u16 = 38;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs/hello.wasm");
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let module = nativize_compiler::parse(&bytes).map_err(|error| error.to_string())?;
    let program = Program::command(&module, None).map_err(|error| error.to_string())?;
    let root = Directory {
        host: b"/".to_vec(),
        guest: b"/".to_vec(),
        read_only: true,
    };
    for (sandbox, trace, status, message) in [
        (Sandbox::Auto, "", 0, ""),
        (Sandbox::Auto, "1", 0, "sandbox: the kernel offers no "),
        (
            Sandbox::Strict,
            "",
            134,
            "hello: error: sandbox: the kernel offers no ",
        ),
        (Sandbox::Off, "1", 0, ""),
    ] {
        let policy = Policy {
            name: b"hello".to_vec(),
            // Landlock is for directories.
            directories: if call == 444 {
                vec![root.clone()]
            } else {
                vec![]
            },
            sandbox,
            ..Policy::default()
        };
        let executable = nativize_tests::build(&program, &Options::default(), &policy.encode())?;
        let mut command = executable.command();
        command.env("NATIVIZE_TRACE", trace);
        nativize_tests::deprive::without_system_call(&mut command, call, ENOSYS);
        let outcome = nativize_tests::run(&mut command, b"").map_err(|error| error.to_string())?;
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        let expected = if message.is_empty() {
            String::new()
        } else {
            format!("{message}{what} (errno {ENOSYS})\n")
        };
        if outcome.status.code() != Some(status) || stderr != expected {
            return Err(format!(
                "{sandbox:?} {trace:?}: {}, {stderr}instead of {expected}",
                outcome.status
            ));
        }
        if (status == 0) == outcome.stdout.is_empty() {
            return Err(format!("{sandbox:?}: it ran, or it did not"));
        }
    }
    Ok(())
}

/// Links a module with the runtime that checks nothing.
fn build(module: &[u8], policy: &Policy) -> Result<Executable, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let module = wat::parse_bytes(module).map_err(|error| text(&error))?;
    let module = nativize_compiler::parse(&module).map_err(|error| text(&error))?;
    let program = Program::command(&module, None).map_err(|error| text(&error))?;
    let object = nativize_compiler::compile(&program, &Options::default(), &())
        .map_err(|error| text(&error))?;
    let config = policy.encode();
    let filter = nativize::sandbox::filter(&object, &config);
    let config = link::config_object(&config, filter.as_deref(), "");
    let inputs = [
        ("program", &object[..]),
        ("runtime", unchecked_runtime()?),
        ("configuration", &config),
    ];
    let inputs = inputs.map(|(name, bytes)| Input {
        name,
        bytes,
        local_symbols: false,
    });
    let executable = link::link(&inputs, &LinkOptions::default()).map_err(|error| text(&error))?;
    Executable::new(&executable).map_err(|error| text(&error))
}

/// Built once for all tests, and kept in the target directory.
fn unchecked_runtime() -> Result<&'static [u8], String> {
    static RUNTIME: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let target_directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unchecked-runtime");
        std::fs::create_dir_all(&target_directory).map_err(|error| error.to_string())?;
        let object = target_directory.join("runtime.o");
        runtime::Build {
            cargo: env!("CARGO").into(),
            workspace: &workspace,
            target: "",
            target_directory: &target_directory,
            features: "standalone,unchecked",
        }
        .object(&object)?;
        let bytes = std::fs::read(&object).map_err(|error| error.to_string())?;
        elf::without_debug(&bytes).ok_or_else(|| "it is no ELF object".to_owned())
    });
    runtime.as_deref().map_err(Clone::clone)
}
