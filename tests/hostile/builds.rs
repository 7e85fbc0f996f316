//! Builds that the machine fails: no room, a file system that is full, another build of the same file, an end at any
//! moment. What is left is the older output or a whole new one.

#[path = "../src/skip.rs"]
mod skip;

use super::many::{Parts, body};
use super::write;
use skip::skipped;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use wasm_encoder::{ConstExpr, Elements, ValType};

/// A program of that many functions, all of which are needed; `_start` ends well.
fn program(functions: u32, salt: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.types.ty().function([ValType::I32], [ValType::I32]);
    for number in 0..functions {
        parts.function(
            1,
            &body(|code| {
                for step in 0..30 {
                    code.local_get(0)
                        .i32_const((number * 31 + step + salt).cast_signed());
                    code.i32_xor().i32_const(7).i32_rotl().local_set(0);
                }
                code.local_get(0);
            }),
        );
    }
    let all: Vec<u32> = (0..functions).collect();
    parts.table(functions.into());
    parts.elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions(all.into()),
    );
    parts.start(
        functions,
        &body(|code| {
            code.i32_const(1).i32_const(0).call_indirect(0, 1).drop();
        }),
    );
    parts.finish()
}

/// `nativize module.wasm` in `folder`, with a shell's limits before it.
fn limited(folder: &Path, limits: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits}; exec \"$@\""), "sh"]);
    command.arg(env!("CARGO_BIN_EXE_nativize")).args(arguments);
    command.current_dir(folder).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.output().expect("there is a shell")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The names in a directory, but for the module.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is readable");
    let names = entries.map(|entry| entry.expect("it is readable").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name != "module.wasm")
        .collect();
    names.sort();
    names
}

fn runs(path: &Path) -> bool {
    let status = Command::new(path).stdin(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[test]
fn a_limit_of_file_sizes() {
    let folder = tempfile::tempdir().expect("there is room");
    write(folder.path(), &program(200, 0));
    fs::write(folder.path().join("app"), "older").expect("there is room");
    // Blocks of 512 bytes: far less than the executable.
    let output = limited(
        folder.path(),
        "ulimit -f 8",
        &["module.wasm", "--cache=off", "-o", "app"],
    );
    assert_eq!(
        output.status.code(),
        Some(4),
        "{} {}",
        output.status,
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("[cannot-write]"),
        "{}",
        stderr(&output)
    );
    assert_eq!(names(folder.path()), ["app"]);
    assert_eq!(
        fs::read(folder.path().join("app")).expect("it is there"),
        b"older"
    );
}

#[test]
fn a_full_device() {
    let folder = tempfile::tempdir().expect("there is room");
    write(folder.path(), &program(20, 0));
    let output = limited(
        folder.path(),
        ":",
        &["module.wasm", "--cache=off", "-o", "/dev/full"],
    );
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
}

/// Output and cache on a file system without room for either.
#[test]
fn a_full_file_system() {
    let folder = tempfile::tempdir().expect("there is room");
    write(folder.path(), &program(2000, 0));
    fs::create_dir(folder.path().join("small")).expect("the directory is new");
    let mount = "mount -t tmpfs -o size=64k,mode=700 tmpfs small && chmod 700 small";
    let enter = |then: &str| {
        Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
            .arg(format!("{mount} && {{ {then}; }}"))
            .arg(env!("CARGO_BIN_EXE_nativize"))
            .current_dir(folder.path())
            .output()
            .expect("unshare is there")
    };
    if !enter("true").status.success() {
        skipped("leave to mount a file system");
        return;
    }
    let output = enter(
        "echo older >small/app; \"$0\" module.wasm --cache=off -o small/app; echo $?; ls -A small; cat small/app",
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text, "4\napp\nolder\n", "{}", stderr(&output));
    assert!(
        stderr(&output).contains("[cannot-write]"),
        "{}",
        stderr(&output)
    );
    // Without room for the cache there is still an executable.
    let output = enter(
        "mkdir -m 700 small/c; \"$0\" module.wasm --cache small/c -o app; echo $?; ls -A small/c",
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text, "0\n", "{}", stderr(&output));
    assert!(stderr(&output).contains("warning"), "{}", stderr(&output));
    assert!(runs(&folder.path().join("app")));
}

#[test]
fn little_memory() {
    let folder = tempfile::tempdir().expect("there is room");
    write(folder.path(), &program(2000, 0));
    // It has enough, or ends with a message or by the allocator's abort; never with a part of an output.
    for kilobytes in [20_000, 40_000, 80_000, 160_000, 640_000] {
        let limit = format!("ulimit -c 0; ulimit -v {kilobytes}");
        let output = limited(
            folder.path(),
            &limit,
            &["module.wasm", "--cache=off", "-o", "app"],
        );
        if output.status.success() {
            assert!(runs(&folder.path().join("app")));
            fs::remove_file(folder.path().join("app")).expect("it is there");
        } else {
            assert!(!output.stderr.is_empty(), "{kilobytes}: {}", output.status);
        }
        assert_eq!(names(folder.path()), [""; 0], "{kilobytes}");
    }
}

/// Whoever is last wins, and nobody sees anything but one of the two.
#[test]
fn two_builds_of_the_same_output() {
    let folder = tempfile::tempdir().expect("there is room");
    let (one, other) = (program(300, 0), program(300, 1));
    let mut whole = Vec::new();
    for (name, bytes) in [("one.wasm", &one), ("other.wasm", &other)] {
        fs::write(folder.path().join(name), bytes).expect("there is room");
        let output = limited(folder.path(), ":", &[name, "--cache=off", "-o", "alone"]);
        assert!(output.status.success(), "{}", stderr(&output));
        whole.push(fs::read(folder.path().join("alone")).expect("it is there"));
    }
    assert_ne!(whole[0], whole[1]);
    for _ in 0..6 {
        let children: Vec<_> = ["one.wasm", "other.wasm", "one.wasm", "other.wasm"]
            .iter()
            .map(|name| {
                Command::new(env!("CARGO_BIN_EXE_nativize"))
                    .args([name, "--cache", "cache", "-o", "both"])
                    .current_dir(folder.path())
                    .stderr(Stdio::piped())
                    .spawn()
                    .expect("it starts")
            })
            .collect();
        let both = folder.path().join("both");
        let mut pending = children;
        while !pending.is_empty() {
            if let Ok(bytes) = fs::read(&both) {
                // The executable carries the name of its module.
                assert!(whole.contains(&bytes), "{} bytes of neither", bytes.len());
            }
            let (done, rest): (Vec<_>, Vec<_>) = pending
                .into_iter()
                .map(|mut child| (child.try_wait().expect("it is a child").is_some(), child))
                .partition(|(done, _)| *done);
            for (_, child) in done {
                let output = child.wait_with_output().expect("it is a child");
                assert!(output.status.success(), "{}", stderr(&output));
            }
            pending = rest.into_iter().map(|(_, child)| child).collect();
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    let left = ["alone", "both", "cache", "one.wasm", "other.wasm"];
    assert_eq!(names(folder.path()), left);
}

/// Killed at forty moments between its start and its end; after each, another build finds all in order.
#[test]
fn killed_at_any_moment() {
    let folder = tempfile::tempdir().expect("there is room");
    let app = folder.path().join("app");
    write(folder.path(), &program(600, 5));
    let build = |cache: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nativize"));
        command.args(["module.wasm", "--cache", cache, "-o", "app"]);
        command.current_dir(folder.path()).stderr(Stdio::null());
        command
    };
    let start = Instant::now();
    assert!(build("off").status().expect("it starts").success());
    let whole_time = start.elapsed();
    let whole = fs::read(&app).expect("it is there");
    for moment in 0..40 {
        fs::remove_file(&app).expect("it is there");
        // Every third time the cache has nothing: then the build is long.
        if moment % 3 == 0 {
            let _ = fs::remove_dir_all(folder.path().join("cache"));
        }
        let mut child = build("cache").spawn().expect("it starts");
        std::thread::sleep(whole_time * moment / 36);
        child.kill().expect("it is a child");
        child.wait().expect("it is a child");
        if let Ok(bytes) = fs::read(&app) {
            assert!(bytes == whole, "moment {moment}: a part of an output");
        }
        let again = build("cache").output().expect("it starts");
        assert!(again.status.success(), "moment {moment}: {}", again.status);
        let bytes = fs::read(&app).expect("it is there");
        assert!(bytes == whole, "moment {moment}: another output");
    }
    // At most the name that a kill left between link and rename.
    let left = names(folder.path());
    let known = |name: &String| name == "app" || name == "cache" || name.starts_with(".nativize-");
    assert!(left.iter().all(known), "{left:?}");
    assert!(left.len() <= 4, "{left:?}");
}

/// What a build asks of the kernel: no program is started but itself, no socket is made, and no file is changed outside of
/// its folder and its cache.
#[test]
fn nothing_is_started_called_or_changed() {
    let folder = tempfile::tempdir().expect("there is room");
    write(folder.path(), &program(50, 0));
    let trace = "execve,execveat,socket,connect,bind,sendto,sendmsg,open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,\
                 renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,truncate,chmod,fchmodat,mknod,mknodat";
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "trace", "-e", &format!("trace={trace}")])
        .args([
            env!("CARGO_BIN_EXE_nativize"),
            "module.wasm",
            "--cache=cache",
            "-o",
            "app",
        ])
        .current_dir(folder.path())
        .env("TMPDIR", folder.path())
        .output();
    let Ok(output) = output else {
        return skipped("strace");
    };
    if stderr(&output).contains("ptrace") {
        return skipped("leave to trace");
    }
    assert!(output.status.success(), "{}", stderr(&output));
    let text = fs::read_to_string(folder.path().join("trace")).expect("it was traced");
    let calls: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(_, call)| call.trim_start())
        // (`???` is a thread that ended between two calls; what begins with `<` ends a call that another came between.)
        .filter(|call| !call.starts_with(['-', '+', '?', '<']))
        .collect();
    let started = calls.iter().filter(|call| call.starts_with("exec")).count();
    assert_eq!(started, 1, "{text}");
    let here = folder.path().to_string_lossy();
    for call in &calls {
        let is_reading =
            call.starts_with("open") && call.contains("O_RDONLY") && !call.contains("O_CREAT");
        if call.starts_with("exec") || is_reading {
            continue;
        }
        // What is changed is named from here, or from a descriptor of a directory below.
        let mut names: Vec<&str> = call.split('"').skip(1).step_by(2).collect();
        if call.starts_with("linkat") && names[0].starts_with("/proc/self/fd/") {
            // A file without a name gets its first one.
            names.remove(0);
        }
        let is_here = |name: &&str| {
            name.starts_with(&*here) || !(name.starts_with('/') || name.contains(".."))
        };
        assert!(!names.is_empty() && names.iter().all(is_here), "{call}");
    }
    // The trace sees what it is about.
    assert!(
        calls
            .iter()
            .any(|call| call.contains("\"app\"") || call.contains("/app\"")),
        "{text}"
    );
}
