//! What is mapped while programs run: what keeps guards free is that it is nowhere else.

use crate::process::build;
use nativize::policy::Policy;
use nativize_abi::address::{
    EXECUTABLE_BASE, EXECUTABLE_END, GUARDED_RANGE, HIGH_SLOTS, HIGH_SLOTS_BASE, LOW_MEMORY_BASE,
    LOW_STACK_MAX, RUNTIME_AREA, RUNTIME_AREA_END, SLOT_SIZE, high_slot,
};
use nativize_compiler::BoundsChecks;
use nativize_tests::deprive::with_stack_below;
use nativize_tests::{Executable, start_piped};
use std::fmt::Write;
use std::process::{Child, Command};

/// Threads with memories and tables of their own, all of which have grown, that wait; then something is read, and the
/// main thread reads beyond a memory.
fn program(threads: u32, memories: u32, tables: u32) -> Executable {
    let mut text = String::from(
        r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4 4 shared)
  (tag $tag (param i64))
  (data (i32.const 0) "\10\00\00\00\06\00\00\00ready\n")
"#,
    );
    for _ in 0..memories {
        text += "(memory 0 65536)\n";
    }
    for _ in 0..tables {
        text += "(table 1 10000000 funcref)\n";
    }
    text += "(func $grow (result exnref) (local $kept exnref)\n";
    for memory in 1..=memories {
        // Some have no page.
        let pages = memory % 3;
        writeln!(text, "(drop (memory.grow {memory} (i32.const {pages})))").unwrap();
    }
    for table in 0..tables {
        for by in [1000, 9_000_000] {
            writeln!(
                text,
                "(drop (table.grow {table} (ref.null func) (i32.const {by})))"
            )
            .unwrap();
        }
    }
    write!(
        text,
        r#"
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (throw $tag (i64.const 1)))
      (ref.null exn))
    (local.set $kept)
    ;; A thousand clocks that are over.
    (drop (call $poll (i32.const 1024) (i32.const 65536) (i32.const 1000) (i32.const 64)))
    (local.get $kept))
  (func (export "wasi_thread_start") (param i32 i32)
    (drop (call $grow))
    (drop (i32.atomic.rmw.add (i32.const 32) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 32) (i32.const 1)))
    (drop (memory.atomic.wait32 (i32.const 40) (i32.const 0) (i64.const -1))))
  (func (export "_start") (local $n i32) (local $seen i32)
    (drop (call $grow))
    (block $done (loop $more
      (br_if $done (i32.eq (local.get $n) (i32.const {threads})))
      (br_if $done (i32.lt_s (call $spawn (i32.const 0)) (i32.const 0)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (loop $wait
        (local.set $seen (i32.atomic.load (i32.const 32)))
        (if (i32.lt_u (local.get $seen) (local.get $n)) (then
          (drop (memory.atomic.wait32 (i32.const 32) (local.get $seen) (i64.const -1)))
          (br $wait))))
      (br $more)))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 6))
    (i64.store (i32.const 16) (i64.const 0x0a7964616572))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i64.store (i32.const 0xf000_0000) (i64.const 1))))
"#
    )
    .unwrap();
    build(&text, BoundsChecks::Guard, &Policy::default())
}

fn start(command: &mut Command) -> Child {
    let (child, line) = start_piped(command);
    assert_eq!(line, "ready\n");
    child
}

/// Whether something may be mapped there: in a memory, as far as it can be accessible, or where no guard is.
fn is_allowed(start: u64, end: u64, name: &str) -> bool {
    let high_end = high_slot(HIGH_SLOTS);
    let within = |from: u64, to: u64| from <= start && end <= to;
    let in_slot = within(HIGH_SLOTS_BASE, high_end)
        && (start - HIGH_SLOTS_BASE).is_multiple_of(SLOT_SIZE)
        && end - start < GUARDED_RANGE;
    // Where the stack is unlimited the kernel's object may be anywhere.
    let is_kernels = name.starts_with("[v") || start >= high_end;
    within(LOW_MEMORY_BASE, LOW_MEMORY_BASE + (4 << 16))
        || within(EXECUTABLE_BASE - LOW_STACK_MAX, EXECUTABLE_END)
        || within(RUNTIME_AREA, RUNTIME_AREA_END)
        || in_slot
        || is_kernels
}

/// Holds the process to that, then to its trap.
fn check(mut child: Child) {
    let process = format!("/proc/{}", child.id());
    let maps = std::fs::read_to_string(format!("{process}/maps")).expect("it runs");
    let mut own = 0;
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        let number = |digits| u64::from_str_radix(digits, 16).unwrap();
        let (start, end) = (number(start), number(end));
        let name = words.nth(4).unwrap_or_default();
        assert!(is_allowed(start, end, name), "{line}\n{maps}");
        own += u32::from((RUNTIME_AREA..RUNTIME_AREA_END).contains(&start));
    }
    assert!(own > 1, "{maps}");
    let limits = std::fs::read_to_string(format!("{process}/limits")).expect("it runs");
    let stack = limits
        .lines()
        .find(|line| line.starts_with("Max stack size"));
    let soft = stack.and_then(|line| line.split_whitespace().nth(3));
    let soft: u64 = soft
        .and_then(|number| number.parse().ok())
        .expect("a limit");
    assert!(soft <= 8 << 20, "the initial stack may grow to {soft}");
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("it ends");
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(134), "{message}");
    assert!(
        message.contains("out of bounds memory access (8 bytes at address 0xf0000000"),
        "{message}"
    );
}

#[test]
fn nothing_is_mapped_where_a_guard_may_be() {
    let executable = program(8, 5, 3);
    check(start(&mut executable.command()));
    let mut command = executable.command();
    with_stack_below(&mut command, u64::MAX);
    check(start(&mut command));
    // The layout of old kernels, which containers forbid.
    let old = || {
        let mut command = Command::new("setarch");
        command.args(["x86_64", "--addr-compat-layout"]);
        command
    };
    if old()
        .arg("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        check(start(old().arg(executable.path())));
    } else {
        nativize_tests::skipped("leave to ask for the layout of old kernels");
    }
}

/// What a program maps without end finds no place at last, and none in a guard.
#[test]
fn address_space_runs_out() {
    // Each thread takes 7 GiB for its tables, of the 960 that there are.
    let executable = program(200, 1, 100);
    check(start(&mut executable.command()));
    let mut command = executable.command();
    with_stack_below(&mut command, u64::MAX);
    check(start(&mut command));
}

/// So many memories that some would lie where the kernel puts its own object when the stack is unlimited.
#[test]
fn memories_next_to_the_kernel() {
    let executable = program(20, 90, 1);
    for _ in 0..4 {
        let mut command = executable.command();
        with_stack_below(&mut command, u64::MAX);
        check(start(&mut command));
    }
}
