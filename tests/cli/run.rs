//! `nativize run`: arguments, the cache, and what happens without one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::sandbox::{HELLO, Sandbox};

/// Prints argv, a line each.
const ARGUMENTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $at i32) (local $end i32)
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (drop (call $get (i32.const 1024) (i32.const 4096)))
    (local.set $at (i32.const 4096))
    (local.set $end (i32.add (i32.const 4096) (i32.load (i32.const 4))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (if (i32.eqz (i32.load8_u (local.get $at)))
          (then (i32.store8 (local.get $at) (i32.const 10))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 16) (i32.const 4096))
    (i32.store (i32.const 20) (i32.load (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))))"#;

/// Ends with status 7.
const SEVEN: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 7))))"#;

fn with(module: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", module);
    sandbox
}

fn run(sandbox: &Sandbox, arguments: &[&str]) -> String {
    String::from_utf8(sandbox.succeeds(arguments)).unwrap()
}

fn entries(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(sandbox.path("cache/nativize"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    entries.sort();
    entries
}

#[test]
fn arguments_are_the_programs() {
    let sandbox = with(ARGUMENTS);
    assert_eq!(run(&sandbox, &["run", "app.wat"]), "app.wat\n");
    assert_eq!(
        run(&sandbox, &["run", "app.wat", "a", "b c"]),
        "app.wat\na\nb c\n"
    );
    assert_eq!(
        run(
            &sandbox,
            &["run", "-O1", "./app.wat", "--help", "-v", "--dir", "x"]
        ),
        "./app.wat\n--help\n-v\n--dir\nx\n"
    );
    assert_eq!(
        run(&sandbox, &["run", "app.wat", "--", "-O2", "--"]),
        "app.wat\n-O2\n--\n"
    );
    assert_eq!(
        run(&sandbox, &["run", "app.wat", "--", "--", ""]),
        "app.wat\n--\n\n"
    );
}

#[test]
fn exit_status_is_the_programs() {
    let sandbox = with(SEVEN);
    for _ in 0..2 {
        assert_eq!(sandbox.nativize(&["run", "app.wat"]).status.code(), Some(7));
    }
}

#[test]
fn invoke() {
    let sandbox = with(
        "(module (func (export \"add\") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))",
    );
    assert_eq!(
        run(&sandbox, &["run", "--invoke", "add", "app.wat", "2", "3"]),
        "5\n"
    );
}

#[test]
fn entries_are_reused_and_private() {
    let sandbox = with(HELLO);
    assert_eq!(run(&sandbox, &["run", "app.wat"]), "hello\n");
    let first = entries(&sandbox);
    assert_eq!(first.len(), 1);
    let created = first[0].metadata().unwrap().modified().unwrap();
    assert_eq!(run(&sandbox, &["run", "-j1", "app.wat", "x"]), "hello\n");
    assert_eq!(entries(&sandbox), first);
    assert_eq!(first[0].metadata().unwrap().modified().unwrap(), created);
    for path in [sandbox.path("cache/nativize"), first[0].clone()] {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
    assert_eq!(
        run(&sandbox, &["run", "--env", "A=b", "app.wat"]),
        "hello\n"
    );
    assert_eq!(run(&sandbox, &["run", "-O0", "app.wat"]), "hello\n");
    assert_eq!(
        entries(&sandbox).len(),
        3,
        "grants and options are part of the key"
    );
}

#[test]
fn altered_entries_are_made_again() {
    let sandbox = with(HELLO);
    run(&sandbox, &["run", "app.wat"]);
    let entry = entries(&sandbox).remove(0);
    let good = fs::read(&entry).unwrap();
    let altered = String::from_utf8_lossy(&good).contains("hello");
    assert!(altered);
    let at = good
        .windows(5)
        .position(|window| window == b"hello")
        .unwrap();
    let mut bad = good.clone();
    bad[at] = b'j';
    fs::write(&entry, bad).unwrap();
    assert_eq!(run(&sandbox, &["run", "app.wat"]), "hello\n");
    assert_eq!(fs::read(&entry).unwrap(), good);
}

#[test]
fn cache_that_others_can_reach_is_not_used() {
    let sandbox = with(HELLO);
    let folder = sandbox.path("cache/nativize");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let output = sandbox.nativize(&["run", "app.wat"]);
    assert_eq!(output.stdout, b"hello\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("warning: running without the cache: "),
        "{stderr}"
    );
    assert!(entries(&sandbox).is_empty());
    assert_eq!(run(&sandbox, &["-q", "run", "app.wat"]), "hello\n");
}

#[test]
fn no_place_for_a_cache() {
    let sandbox = with(HELLO);
    let output = sandbox
        .command(env!("CARGO_BIN_EXE_nativize"))
        .env_remove("XDG_CACHE_HOME")
        .args(["run", "app.wat"])
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"hello\n", "{output:?}");
    sandbox.write("cache", "not a directory");
    let output = sandbox.nativize(&["run", "app.wat"]);
    assert_eq!(output.stdout, b"hello\n", "{output:?}");
}

#[test]
fn standard_input() {
    let sandbox = Sandbox::new();
    let output = sandbox.nativize_reading(&["run", "-", "x"], ARGUMENTS.as_bytes());
    assert_eq!(output.stdout, b"-\nx\n", "{output:?}");
}
