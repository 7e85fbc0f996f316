//! Limits of memory, descriptors and time, and what the kernel enforces, seen from outside.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::line::start_piped;
use crate::sandbox::{HELLO, Sandbox};
use crate::skip::skipped;

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

/// Says that it is there, and waits.
const STAYING: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 200) "\d0\00\00\00\06\00\00\00there\n")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 220)))
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 1000000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"#;

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

/// Who starts a program may have set a timer, which goes on in it.
#[test]
fn a_timer_of_others() {
    let sandbox = built(ENDLESS, &["--cpu-timeout=1h"]);
    let output = sandbox
        .command("/usr/bin/perl")
        .args(["-e", "alarm 1; exec @ARGV", "--"])
        .arg(sandbox.path("app"))
        .output();
    let Ok(output) = output else {
        return skipped("perl");
    };
    assert_end(&output, 142, "");
}

#[test]
fn signals_of_others() {
    for (name, status) in [("SEGV", 139), ("ALRM", 142), ("SYS", 159)] {
        let sandbox = built(STAYING, &["--timeout=1h"]);
        let (mut child, line) = start_piped(&mut sandbox.command(sandbox.path("app")));
        assert_eq!(line, "there\n");
        sandbox.signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(status), "{name}");
    }
}

#[test]
fn a_wait_that_was_stopped_goes_on() {
    let sandbox = built(WAITING, &[]);
    let mut child = sandbox.command(sandbox.path("app")).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(100));
    sandbox.signal(&child, "STOP");
    std::thread::sleep(Duration::from_millis(50));
    // The kernel now lets the process call `restart_syscall`.
    sandbox.signal(&child, "CONT");
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

/// Fills what reads its standard error, and computes on; so does a thread.
const TALKING: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 65536))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))
    (loop $again (br $again))))"#;

/// The same with a thread that computes.
fn talking_with_a_thread() -> String {
    TALKING
        .replace(
            "(module",
            r#"(module (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))"#,
        )
        .replace("2)\n", "2 2 shared)\n")
        .replace(
            r#"(func (export "_start")"#,
            r#"(func (export "wasi_thread_start") (param i32 i32) (loop $again (br $again)))
  (func (export "_start") (drop (call $spawn (i32.const 0)))"#,
        )
}

#[test]
fn time_is_over_though_nobody_reads() {
    for module in [TALKING, &talking_with_a_thread()] {
        for limit in ["--timeout=100ms", "--cpu-timeout=100ms"] {
            let sandbox = built(module, &[limit]);
            // As large as Linux makes it.
            let (reader, writer) = std::io::pipe().unwrap();
            let mut child = sandbox
                .command(sandbox.path("app"))
                .stderr(writer)
                .spawn()
                .unwrap();
            let start = Instant::now();
            let status = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                if start.elapsed() > Duration::from_secs(20) {
                    child.kill().unwrap();
                    panic!("{limit} does not end it");
                }
                std::thread::sleep(Duration::from_millis(10));
            };
            assert_eq!(status.code(), Some(124), "{limit}");
            drop(reader);
        }
    }
}

#[test]
fn threads_end_while_time_is_over() {
    let churn = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func (export "wasi_thread_start") (param i32 i32))
  (func (export "_start") (loop $again (drop (call $spawn (i32.const 1))) (br $again))))"#;
    let sandbox = built(churn, &["--cpu-timeout=20ms"]);
    for _ in 0..20 {
        let output = sandbox.command(sandbox.path("app")).output().unwrap();
        assert_end(
            &output,
            124,
            "app: error: limit of time reached: it used the processor for 20 ms (--cpu-timeout)\n",
        );
    }
}

#[test]
fn memories_that_grow_at_once() {
    // A shared memory and that of a thread, each by less than the limit. The thread stays: its end would give back what it has.
    let module = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory $shared (export "memory") 1 65535 shared)
  (memory $own 1 65535)
  (func (export "wasi_thread_start") (param i32 i32)
    (i32.atomic.store (i32.const 0) (i32.const 1))
    (loop $wait (br_if $wait (i32.eqz (i32.atomic.load (i32.const 4)))))
    (drop (memory.grow $own (i32.const 400)))
    (i32.atomic.store (i32.const 8) (i32.const 1))
    (loop $stay (br $stay)))
  (func (export "_start")
    (drop (call $spawn (i32.const 1)))
    (loop $wait (br_if $wait (i32.eqz (i32.atomic.load (i32.const 0)))))
    (i32.atomic.store (i32.const 4) (i32.const 1))
    (drop (memory.grow $shared (i32.const 400)))
    (loop $wait (br_if $wait (i32.eqz (i32.atomic.load (i32.const 8)))))))"#;
    let sandbox = built(module, &["--max-memory=32M"]);
    for _ in 0..40 {
        let output = sandbox.command(sandbox.path("app")).output().unwrap();
        assert_eq!(output.status.code(), Some(134), "{output:?}");
    }
}

#[test]
fn embedded_directories_are_descriptors() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("data")).unwrap();
    sandbox.write("app.wat", OPENING);
    let run = |limit: &str| {
        sandbox.succeeds(&["app.wat", "-q", "--embed-dir=data::/", limit]);
        sandbox.command(sandbox.path("app")).output().unwrap()
    };
    assert_end(&run("--max-fds=10"), 0, "");
    assert_end(
        &run("--max-fds=9"),
        134,
        "app: error: limit of descriptors reached: more than the 9 that it may have open (--max-fds)\n",
    );
}

#[test]
fn descriptors_that_threads_still_read_from_are_open() {
    // Each thread reads from a pipe in which there is nothing, whose descriptor is closed meanwhile.
    let module = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (data (i32.const 80) "\c8\00\00\00\04\00\00\00")
  (data (i32.const 100) "pipe")
  (func (export "wasi_thread_start") (param i32 i32)
    (i32.atomic.store (i32.const 64) (i32.const 1))
    (drop (call $read (local.get 1) (i32.const 80) (i32.const 1) (i32.const 96))))
  (func (export "_start") (local $n i32)
    (loop $again
      (i32.atomic.store (i32.const 64) (i32.const 0))
      (if (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 4) (i32.const 0)
            (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 8))
        (then (unreachable)))
      (drop (call $spawn (i32.load (i32.const 8))))
      (loop $wait (br_if $wait (i32.eqz (i32.atomic.load (i32.const 64)))))
      ;; Until it most likely reads.
      (drop (memory.atomic.wait32 (i32.const 128) (i32.const 0) (i64.const 3000000)))
      (drop (call $close (i32.load (i32.const 8))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 100))))))"#;
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("data")).unwrap();
    let made = Command::new("mkfifo")
        .arg(sandbox.path("data/pipe"))
        .status();
    assert!(made.unwrap().success());
    sandbox.write("app.wat", module);
    sandbox.succeeds(&["app.wat", "-q", "--dir=data::/", "--max-fds=20"]);
    let output = sandbox.command(sandbox.path("app")).output().unwrap();
    assert_end(
        &output,
        134,
        "app: error: limit of descriptors reached: more than the 20 that it may have open (--max-fds)\n",
    );
}
