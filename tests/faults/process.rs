//! What happens to the process while the guest runs, and to its stack: signals from outside, exhaustion wherever it may
//! be noticed.

use nativize::policy::Policy;
use nativize_compiler::{BoundsChecks, Options, Program};
use nativize_tests::deprive::{with_default_signals, with_signal_blocked};
use nativize_tests::{Executable, Outcome, start_piped};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// The executable of a module in text format, which is granted nothing.
pub(crate) fn build(text: &str, bounds_checks: BoundsChecks, policy: &Policy) -> Executable {
    let bytes = wat::parse_str(text).expect("the module is in order");
    let module = nativize_compiler::parse(&bytes).expect("the module is valid");
    let program = Program::command(&module, None).expect("it is a command");
    let options = Options {
        bounds_checks,
        ..Options::default()
    };
    nativize_tests::build(&program, &options, &policy.encode()).expect("it builds")
}

pub(crate) fn guarded(text: &str) -> Executable {
    build(text, BoundsChecks::Guard, &Policy::default())
}

/// Says that it is there, and then runs in guest code for ever.
pub(crate) const SPINS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00there\0a")
  (func (export "_start") (local i32)
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (loop $again
      (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
      (br $again))))"#;

/// Says that it is there, and then is in a host function for a thousand seconds.
const SLEEPS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00there\0a")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (i64.const 1_000_000_000_000))
    (drop (call $poll (i32.const 64) (i32.const 256) (i32.const 1) (i32.const 512)))))"#;

/// As the first, in a thread, while the main thread waits.
const SPINS_IN_A_THREAD: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00there\0a")
  (func (export "wasi_thread_start") (param i32 i32)
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (loop $again
      (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
      (br $again)))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 72) (i32.const 0) (i64.const -1)))))"#;

/// Starts it and waits until it is there.
pub(crate) fn started(executable: &Executable) -> Child {
    let mut command = executable.command();
    with_default_signals(&mut command);
    let (child, line) = start_piped(&mut command);
    assert_eq!(line, "there\n");
    child
}

/// Waits for its end, which has to come soon.
pub(crate) fn ended(mut child: Child) -> (ExitStatus, String) {
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it is a child") {
            break status;
        }
        if start.elapsed() > Duration::from_secs(30) {
            child.kill().expect("it is a child");
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .expect("it is piped")
        .read_to_string(&mut stderr)
        .expect("it is text");
    (status, stderr)
}

#[test]
fn signals_from_outside() {
    for (what, text) in [
        ("in guest code", SPINS),
        ("in a host function", SLEEPS),
        ("in a thread", SPINS_IN_A_THREAD),
    ] {
        let executable = guarded(text);
        // Those that mean the end, and say nothing.
        for signal in [
            libc::SIGTERM,
            libc::SIGINT,
            libc::SIGHUP,
            libc::SIGQUIT,
            libc::SIGUSR1,
            libc::SIGALRM,
            libc::SIGABRT,
            libc::SIGKILL,
        ] {
            let child = started(&executable);
            nativize_tests::deprive::signal(child.id().cast_signed(), signal);
            let (status, stderr) = ended(child);
            assert_eq!(status.signal(), Some(signal), "{what}: {stderr}");
            assert_eq!(stderr, "", "{what}");
        }
        // Those that would be faults of the guest, if it had caused them: they are not taken for traps.
        for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL] {
            let child = started(&executable);
            nativize_tests::deprive::signal(child.id().cast_signed(), signal);
            let (status, stderr) = ended(child);
            let shown = status.code().or(status.signal().map(|signal| 128 + signal));
            assert_eq!(shown, Some(128 + signal), "{what}: {status} {stderr}");
            assert!(!stderr.contains("wasm trap"), "{what}: {stderr}");
        }
        // Those that mean nothing, a hundred times.
        let child = started(&executable);
        for _ in 0..100 {
            for signal in [libc::SIGCHLD, libc::SIGWINCH, libc::SIGURG, libc::SIGPIPE] {
                nativize_tests::deprive::signal(child.id().cast_signed(), signal);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
        nativize_tests::deprive::signal(child.id().cast_signed(), libc::SIGTERM);
        let (status, stderr) = ended(child);
        assert_eq!(status.signal(), Some(libc::SIGTERM), "{what}: {stderr}");
    }
}

#[track_caller]
fn exhausted(what: &str, outcome: &Outcome) {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert!(!outcome.timed_out, "{what}");
    assert_eq!(outcome.status.code(), Some(134), "{what}: {stderr}");
    assert!(
        stderr.contains("wasm trap: call stack exhausted"),
        "{what}: {stderr}"
    );
}

/// A recursion with that many locals that live across the call, and what it does at each level.
fn recursion(locals: usize, each: &str) -> String {
    let declared = "i64 ".repeat(locals);
    let set: String = (0..locals)
        .map(|local| {
            format!(
                "(local.set {} (i64.load (i32.const {})))",
                local + 1,
                8 * local
            )
        })
        .collect();
    let used: String = (0..locals)
        .map(|local| {
            format!(
                "(i64.store (i32.const {}) (local.get {}))",
                8 * local,
                local + 1
            )
        })
        .collect();
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $down (param i32) (local {declared})
    {set}
    {each}
    (call $down (i32.add (local.get 0) (i32.const 1)))
    {used})
  (func (export "_start") (call $down (i32.const 0))))"#
    )
}

/// Host functions that are called at every level: some call is the one that does not fit.
#[test]
fn the_stack_ends_in_a_host_function() {
    let calls = [
        ("nothing", ""),
        (
            "fd_write",
            "(drop (call $write (i32.const 1) (i32.const 4096) (i32.const 0) (i32.const 8192)))",
        ),
        (
            "random_get",
            "(drop (call $random (i32.const 4096) (i32.const 16)))",
        ),
        (
            "clock_time_get",
            "(drop (call $clock (i32.const 1) (i64.const 0) (i32.const 8192)))",
        ),
        (
            "args_sizes_get",
            "(drop (call $args (i32.const 8192) (i32.const 8196)))",
        ),
        ("memory.grow", "(drop (memory.grow (i32.const 0)))"),
        (
            "memory.fill",
            "(memory.fill (i32.const 4096) (i32.const 1) (i32.const 4096))",
        ),
        (
            "poll_oneoff",
            "(i32.store (i32.const 4112) (i32.const 0))
             (drop (call $poll (i32.const 4096) (i32.const 8192) (i32.const 1) (i32.const 12000)))",
        ),
    ];
    // A small stack, so that it takes no time; frames of several sizes, so that its end is met at several distances.
    let policy = Policy {
        stack_size: Some(64 << 10),
        ..Policy::default()
    };
    for (name, call) in calls {
        for locals in [0, 1, 2, 5, 17, 40] {
            let text = recursion(locals, call);
            let executable = build(&text, BoundsChecks::Guard, &policy);
            let outcome = executable.run([] as [&str; 0], b"").expect("it starts");
            exhausted(&format!("{name} with {locals} locals"), &outcome);
        }
    }
}

#[test]
fn the_stack_of_a_thread_ends() {
    let text = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory (export "memory") 1 1 shared)
  (func $down (param i32) (result i32)
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 1024)))
    (i32.add (local.get 0) (call $down (i32.add (local.get 0) (i32.const 1)))))
  (func (export "wasi_thread_start") (param i32 i32) (drop (call $down (i32.const 0))))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 72) (i32.const 0) (i64.const -1)))))"#;
    let outcome = guarded(text).run([] as [&str; 0], b"").expect("it starts");
    exhausted("in a thread", &outcome);
}

/// Whoever starts it has blocked the signal of its trap.
#[test]
fn a_trap_whose_signal_is_blocked() {
    let executable = guarded(
        r#"(module (memory 1) (func (export "_start") (drop (i32.load (i32.const 0x20000)))))"#,
    );
    let mut command = executable.command();
    with_signal_blocked(&mut command, libc::SIGSEGV);
    let outcome = nativize_tests::run(&mut command, b"").expect("it starts");
    let message = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(outcome.status.code(), Some(134), "{message}");
    assert!(message.contains("out of bounds memory access"), "{message}");
}

/// Half a million frames of a function with thousands of sites: what is reported does not take longer for that.
#[test]
fn the_stack_ends_in_a_function_with_many_sites() {
    let mut text = String::from(
        r#"(module (memory 1)
  (func $f (param i32) (result i32)
    (if (i32.eq (local.get 0) (i32.const -1)) (then"#,
    );
    for index in 0..4000 {
        text += &format!("(if (i32.load (i32.const {index})) (then (unreachable)))");
    }
    text += r#"))
    (i32.add (call $f (i32.add (local.get 0) (i32.const 2))) (i32.const 1)))
  (func (export "_start") (drop (call $f (i32.const 0)))))"#;
    let outcome = nativize_tests::run(&mut guarded(&text).command(), b"").expect("it starts");
    let message = String::from_utf8_lossy(&outcome.stderr);
    assert!(!outcome.timed_out);
    assert_eq!(outcome.status.code(), Some(134), "{message}");
    assert!(message.contains("call stack exhausted"), "{message}");
    assert!(message.contains("frames omitted"), "{message}");
}
