//! Limits of memory, descriptors and time, and what the kernel enforces, seen from outside.

use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sandbox::{HELLO, Sandbox};

/// Grows its memory by a page, again and again, until that fails; then ends with status 0.
const GROWING: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))))"#;

const ENDLESS: &str = r#"(module (func (export "_start") (loop $again (br $again))))"#;

/// Waits for 400 ms.
const WAITING: &str = r#"(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 400000000))
    (call $exit (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"#;

/// Opens the first granted directory until that fails; then ends with the errno.
const OPENING: &str = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) ".")
  (func (export "_start") (local $errno i32) (local $count i32)
    (loop $more
      (local.set $errno
        (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)
          (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 16)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $more (i32.and (i32.eqz (local.get $errno)) (i32.lt_u (local.get $count) (i32.const 6)))))
    (call $exit (local.get $errno))))"#;

fn run(module: &str, arguments: &[&str]) -> Output {
    let sandbox = built(module, arguments);
    sandbox.command(sandbox.path("app")).output().unwrap()
}

fn built(module: &str, arguments: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", module);
    let mut all = vec!["app.wat"];
    all.extend(arguments);
    sandbox.succeeds(&all);
    sandbox
}

#[track_caller]
fn assert_end(output: &Output, status: i32, message: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert_eq!(stderr, message);
}

#[test]
fn memory() {
    // What counts is the size of linear memory, whatever is mapped for it with either way of checking bounds.
    for bounds in ["guard", "explicit"] {
        let bounds = format!("--bounds-checks={bounds}");
        let output = run(GROWING, &["--max-memory=1M", &bounds]);
        assert_end(
            &output,
            134,
            "app: error: limit of memory reached: 1088 KiB of linear memory are more than the 1024 KiB that it may have (--max-memory)\n",
        );
    }
    let bounded = GROWING.replace("1)\n", "1 16)\n");
    assert_end(&run(&bounded, &["--max-memory=1M"]), 0, "");
    assert_end(
        &run(&bounded, &["--max-memory=65535"]),
        134,
        "app: error: limit of memory reached: 64 KiB of linear memory are more than the 65535 bytes that it may have (--max-memory)\n",
    );
    // All memories together.
    let two = bounded.replace("(memory ", "(memory 9 9) (memory ");
    let two = two.replace("memory.grow", "memory.grow 1");
    assert_end(
        &run(&two, &["--max-memory=1M"]),
        134,
        "app: error: limit of memory reached: 1088 KiB of linear memory are more than the 1024 KiB that it may have (--max-memory)\n",
    );
}

#[test]
fn descriptors() {
    // Three standard streams, a directory, and what it opens.
    assert_end(&run(OPENING, &["--dir=.", "--max-fds=10"]), 0, "");
    assert_end(
        &run(OPENING, &["--dir=.", "--max-fds=9"]),
        134,
        "app: error: limit of descriptors reached: more than the 9 that it may have open (--max-fds)\n",
    );
}

#[test]
fn time() {
    let start = Instant::now();
    assert_end(
        &run(ENDLESS, &["--timeout=150ms"]),
        124,
        "app: error: limit of time reached: it ran for 150 ms (--timeout)\n",
    );
    assert_end(
        &run(ENDLESS, &["--cpu-timeout=100ms", "--sandbox=off"]),
        124,
        "app: error: limit of time reached: it used the processor for 100 ms (--cpu-timeout)\n",
    );
    assert_end(
        &run(WAITING, &["--timeout=100ms", "--cpu-timeout=1h"]),
        124,
        "app: error: limit of time reached: it ran for 100 ms (--timeout)\n",
    );
    // Waiting takes no processor time.
    assert_end(&run(WAITING, &["--cpu-timeout=200ms"]), 0, "");
    assert_end(&run(HELLO, &["--timeout=1h", "--cpu-timeout=2"]), 0, "");
    assert!(start.elapsed() > Duration::from_millis(150 + 100 + 100 + 400));
}

fn signal(sandbox: &Sandbox, child: &Child, name: &str) {
    let mut kill = sandbox.command("/bin/sh");
    kill.args(["-c", &format!("kill -{name} {}", child.id())]);
    assert!(kill.status().unwrap().success());
}

#[test]
fn signals_of_others() {
    for (name, status) in [("SEGV", 139), ("ALRM", 142), ("SYS", 159)] {
        let sandbox = built(WAITING, &["--timeout=1h"]);
        let mut child = sandbox
            .command(sandbox.path("app"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(100));
        signal(&sandbox, &child, name);
        assert_eq!(child.wait().unwrap().code(), Some(status), "{name}");
    }
}

#[test]
fn a_wait_that_was_stopped_goes_on() {
    let sandbox = built(WAITING, &[]);
    let mut child = sandbox.command(sandbox.path("app")).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(100));
    signal(&sandbox, &child, "STOP");
    std::thread::sleep(Duration::from_millis(50));
    // The kernel now lets the process call `restart_syscall`.
    signal(&sandbox, &child, "CONT");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn system_calls(module: &str, arguments: &[&str]) -> Vec<String> {
    let sandbox = built(module, arguments);
    let stdout = sandbox.succeeds(&["inspect", "--json", "app"]);
    let report: Value = serde_json::from_slice(&stdout).unwrap();
    let calls = report["system_calls"].as_array().unwrap();
    calls
        .iter()
        .map(|call| call.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_filter_has_what_the_imports_need() {
    let base = ["write", "rt_sigreturn", "exit_group"];
    assert_eq!(system_calls(ENDLESS, &[]), base);
    assert_eq!(system_calls(ENDLESS, &["--dir=."]), base);
    assert!(!system_calls(OPENING, &[]).contains(&"openat2".to_owned()));
    assert!(system_calls(OPENING, &["--dir=."]).contains(&"openat2".to_owned()));
}

/// Whether this kernel can confine a program; where it cannot, a strict one says so and does not start.
#[test]
fn strict_holds_or_does_not_start() {
    let sandbox = built(HELLO, &["--sandbox=strict", "--dir=."]);
    let output = sandbox.command(sandbox.path("app")).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => assert_eq!(output.stdout, b"hello\n"),
        status => {
            assert_eq!(status, Some(134), "{stderr}");
            let refusal = "app: error: sandbox: the kernel offers no ";
            assert!(stderr.starts_with(refusal), "{stderr}");
        }
    }
}

/// Three threads that stay, each with a memory of 1 MiB of its own as the first one has; then that one's grows by 1 MiB.
const THREADS: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory $shared (export "memory") 1 1 shared)
  (memory $own 16 64)
  (func (export "wasi_thread_start") (param i32 i32)
    (drop (memory.atomic.wait32 $shared (i32.const 0) (i32.const 0) (i64.const -1))))
  (func (export "_start") (local $count i32)
    (loop $next
      (if (i32.lt_s (call $spawn (i32.const 0)) (i32.const 0)) (then (unreachable)))
      (br_if $next (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 3))))
    (if (i32.ne (memory.grow $own (i32.const 16)) (i32.const 16)) (then (unreachable)))))"#;

#[test]
fn memories_that_threads_have_of_their_own() {
    let reached = |wanted: u32, limit: u32| {
        format!(
            "app: error: limit of memory reached: {wanted} KiB of linear memory are more than the {limit} KiB that it may \
             have (--max-memory)\n"
        )
    };
    let memory = |mib: u32| 64 + 1024 * mib;
    assert_end(&run(THREADS, &["--max-memory=6M"]), 0, "");
    // The growth is one too much, or the third thread.
    for (limit, wanted) in [(5, memory(5)), (4, memory(4))] {
        let output = run(THREADS, &[&format!("--max-memory={limit}M")]);
        assert_end(&output, 134, &reached(wanted, limit * 1024));
    }
}
