//! Programs that start with less than they are used to: limits of the process, and system calls that are answered with an
//! error or with the end. Each works or says what it lacks.

use super::process::build;
use nativize::policy::{Directory, Policy};
use nativize_compiler::BoundsChecks;
use nativize_tests::deprive::{
    killed_by_system_call, with_address_space_below, with_data_below, with_descriptors_below,
    with_file_size_below, with_stack_below, without_system_call,
};
use nativize_tests::{Executable, Outcome};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// Grows its memory by 16 pages, again and again, at most to 1 GiB; writes to each; says how often that went well.
const GROWS: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1 16384)
  (func (export "_start") (local $old i32) (local $count i32)
    (block $end
      (loop $more
        (local.set $old (memory.grow (i32.const 16)))
        (br_if $end (i32.eq (local.get $old) (i32.const -1)))
        (i32.store8 (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)) (i32.const 1))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $count) (i32.const 100)))))
    (call $exit (local.get $count))))"#;

fn run(executable: &Executable, deprive: impl FnOnce(&mut Command)) -> Outcome {
    let mut command = executable.command();
    deprive(&mut command);
    nativize_tests::run(&mut command, b"").expect("it starts")
}

fn stderr(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.stderr).into_owned()
}

#[test]
fn memory_does_not_grow() {
    for bounds_checks in [BoundsChecks::Guard, BoundsChecks::Explicit] {
        let executable = build(GROWS, bounds_checks, &Policy::default());
        let free = run(&executable, |_| {});
        assert_eq!(free.status.code(), Some(100), "{}", stderr(&free));
        // Guest stack and all else need a few megabytes.
        let outcome = run(&executable, |command| with_data_below(command, 64 << 20));
        let count = outcome.status.code().expect("it ends by itself");
        assert!((30..64).contains(&count), "{count}: {}", stderr(&outcome));
    }
}

#[test]
fn address_space() {
    for bounds_checks in [BoundsChecks::Guard, BoundsChecks::Explicit] {
        let executable = build(GROWS, bounds_checks, &Policy::default());
        let outcome = run(&executable, |command| {
            with_address_space_below(command, 64 << 20);
        });
        let count = outcome.status.code().expect("it ends by itself");
        assert!((30..64).contains(&count), "{count}: {}", stderr(&outcome));
        // With less and less: it works, or says so, or the kernel does not even start it.
        for megabytes in [1, 2, 4, 8, 9, 10, 12, 16, 24] {
            let outcome = run(&executable, |command| {
                with_address_space_below(command, megabytes << 20);
            });
            let message = stderr(&outcome);
            match (outcome.status.code(), outcome.status.signal()) {
                (Some(0..=24), _) => {}
                (Some(134), _) => assert!(message.contains("error: "), "{megabytes}: {message}"),
                // execve(2) has gone too far to return.
                (None, Some(libc::SIGKILL | libc::SIGSEGV)) if message.is_empty() => {}
                other => panic!("{megabytes} MB: {other:?} {message}"),
            }
        }
    }
}

/// Lists its directory, makes a file there, asks for time and random bytes, sleeps and prints; ends with the errno of
/// printing.
const BUSY: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $list (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\05\00\00\00done\0a")
  (data (i32.const 64) "new")
  (func (export "_start")
    (drop (call $list (i32.const 3) (i32.const 4096) (i32.const 4096) (i64.const 0) (i32.const 32)))
    (drop (call $stat (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 3) (i32.const 512)))
    (i32.store (i32.const 36) (i32.const -1))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 3) (i32.const 1)
      (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 36)))
    (drop (call $write (i32.load (i32.const 36)) (i32.const 0) (i32.const 1) (i32.const 32)))
    (drop (call $read (i32.load (i32.const 36)) (i32.const 0) (i32.const 0) (i32.const 32)))
    (drop (call $close (i32.load (i32.const 36))))
    (drop (call $random (i32.const 4096) (i32.const 16)))
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 4096)))
    (drop (call $clock (i32.const 2) (i64.const 0) (i32.const 4096)))
    (i32.store8 (i32.const 80) (i32.const 0))
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (i64.const 1000))
    (drop (call $poll (i32.const 64) (i32.const 256) (i32.const 1) (i32.const 512)))
    (drop (memory.grow (i32.const 1)))
    (call $exit (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))))"#;

fn busy() -> Executable {
    let policy = Policy {
        directories: vec![Directory {
            host: b"data".to_vec(),
            guest: b"/".to_vec(),
            read_only: false,
        }],
        ..Policy::default()
    };
    build(BUSY, BoundsChecks::Guard, &policy)
}

#[test]
fn small_limits() {
    let executable = busy();
    let try_with = |name: &str, deprive: &dyn Fn(&mut Command)| {
        let folder = tempfile::tempdir().expect("there is room");
        std::fs::create_dir(folder.path().join("data")).expect("the directory is new");
        let outcome = run(&executable, |command| {
            command.current_dir(folder.path());
            deprive(command);
        });
        let message = stderr(&outcome);
        assert!(!outcome.timed_out, "{name}");
        assert!(!message.contains("wasm trap"), "{name}: {message}");
        (outcome, message)
    };
    let (outcome, message) = try_with("none", &|_| {});
    assert_eq!(
        (outcome.status.code(), &outcome.stdout[..]),
        (Some(0), &b"done\n"[..]),
        "{message}"
    );
    // The guest's stack is not the kernel's.
    for bytes in [8 << 10, 64 << 10, 1 << 20] {
        let (outcome, message) = try_with("stack", &|command| with_stack_below(command, bytes));
        let killed = outcome.status.signal().is_some() && message.is_empty();
        let told = outcome.status.code() == Some(134) && message.contains("(`ulimit -s`)");
        assert!(
            killed || told || outcome.stdout == b"done\n",
            "{bytes}: {message}"
        );
    }
    for count in 0..8 {
        let (outcome, message) = try_with("descriptors", &|command| {
            with_descriptors_below(command, count);
        });
        match outcome.status.code() {
            Some(0) => assert!(outcome.stdout == b"done\n", "{count}: {message}"),
            Some(1 | 134) => assert!(message.contains("error: "), "{count}: {message}"),
            other => panic!("{count} descriptors: {other:?} {message}"),
        }
    }
    for bytes in [0, 1, 4] {
        let (outcome, message) = try_with("file size", &|command| {
            with_file_size_below(command, bytes);
        });
        assert_eq!(outcome.status.code(), Some(0), "{bytes}: {message}");
        assert_eq!(outcome.stdout, b"done\n");
    }
}

macro_rules! numbers {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        /// Numbers and names of the system calls that the runtime knows.
        const CALLS: &[(u32, &str)] = &[$(($number, $text)),*];
    };
}
nativize_abi::for_each_system_call!(numbers);

/// Others that a start might make.
const MORE: [(u32, &str); 8] = [
    (14, "rt_sigprocmask"),
    (12, "brk"),
    (28, "madvise"),
    (157, "prctl"),
    (218, "set_tid_address"),
    (302, "prlimit64"),
    (317, "seccomp"),
    (444, "landlock_create_ruleset"),
];

/// What cannot be taken away: without these nothing starts or ends, or is told.
const NEEDED: [&str; 4] = ["execve", "exit_group", "write", "exit"];

#[test]
fn each_system_call_refused() {
    let executable = busy();
    for &(number, name) in CALLS.iter().chain(&MORE) {
        if NEEDED.contains(&name) {
            continue;
        }
        let folder = tempfile::tempdir().expect("there is room");
        std::fs::create_dir(folder.path().join("data")).expect("the directory is new");
        for errno in [libc::EPERM, libc::ENOSYS] {
            let outcome = run(&executable, |command| {
                command.current_dir(folder.path());
                let errno = u16::try_from(errno).expect("it is small");
                without_system_call(command, number, errno);
            });
            let message = stderr(&outcome);
            assert!(!outcome.timed_out, "{name}");
            assert!(!message.contains("wasm trap"), "{name}: {message}");
            match outcome.status.code() {
                Some(0) => assert_eq!(outcome.stdout, b"done\n", "{name}: {message}"),
                // The guest is told: PERM or NOSYS.
                Some(63 | 52) if name == "writev" => {}
                Some(1 | 134 | 159) => assert!(message.contains("error: "), "{name}: {message}"),
                other => panic!("without {name}: {other:?} {} {message}", outcome.status),
            }
        }
        let outcome = run(&executable, |command| {
            command.current_dir(folder.path());
            killed_by_system_call(command, number);
        });
        let message = stderr(&outcome);
        assert!(!outcome.timed_out, "{name}");
        match (outcome.status.code(), outcome.status.signal()) {
            (Some(0), _) => assert_eq!(outcome.stdout, b"done\n", "{name}: {message}"),
            (None, Some(libc::SIGSYS)) => {}
            (Some(1 | 134 | 159), _) => assert!(message.contains("error: "), "{name}: {message}"),
            other => panic!("killed by {name}: {other:?} {message}"),
        }
    }
}

/// As in a container of nothing else: another root without /proc and /dev, and another user.
#[test]
fn alone_in_a_container() {
    let executable = busy();
    let folder = tempfile::tempdir().expect("there is room");
    std::fs::create_dir(folder.path().join("data")).expect("the directory is new");
    std::fs::hard_link(executable.path(), folder.path().join("app")).expect("one file system");
    let contained = || {
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-root-user",
            "--mount",
            "--pid",
            "--fork",
            "--net",
            "--ipc",
        ]);
        command
    };
    let probe = contained().arg("true").status();
    if !probe.is_ok_and(|status| status.success()) {
        nativize_tests::skipped("leave to make a user namespace");
        return;
    }
    let mut command = contained();
    command.arg("--root").arg(folder.path()).arg("/app");
    let outcome = nativize_tests::run(&mut command, b"").expect("it starts");
    assert_eq!(outcome.status.code(), Some(0), "{}", stderr(&outcome));
    assert_eq!(outcome.stdout, b"done\n");
}
