//! `nativize profile`: what it samples is so, however the program ends.

use std::process::Stdio;

use serde_json::Value;

use crate::line::start_piped;
use crate::sandbox::{HELLO, Sandbox};
use crate::skip::skipped;

/// A program of which `seven` takes seven tenths and `three` three, which ends as `end` says.
fn split(end: &str) -> String {
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $spin (param $n i32) (result i32) (local $x i32)
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func $seven (result i32) (call $spin (i32.const 700000)))
  (func $three (result i32) (call $spin (i32.const 300000)))
  (func (export "_start") (local $i i32)
    (local.set $i (i32.const 700))
    (loop $again
      (i32.store (i32.const 0) (i32.add (call $seven) (call $three)))
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    {end}))"#
    )
}

struct Shares {
    profile: Value,
}

impl Shares {
    fn read(sandbox: &Sandbox, name: &str) -> Self {
        Shares {
            profile: serde_json::from_slice(&sandbox.read(name)).unwrap(),
        }
    }

    fn samples(&self) -> f64 {
        self.profile["samples"].as_f64().unwrap()
    }

    /// Of all samples, those in a function or in what it called.
    fn total(&self, name: &str) -> f64 {
        let frames = self.profile["frames"].as_array().unwrap();
        let mut frames = frames.iter().filter(|frame| frame["name"] == name);
        let samples = frames
            .next()
            .map_or(0.0, |frame| frame["total"].as_f64().unwrap());
        samples / self.samples()
    }

    /// Whether the split is what it should be. (With 100 samples, a share strays by 14 hundredths once in 400 runs.)
    #[track_caller]
    fn check(&self) {
        assert_eq!(self.profile["format"], "nativize-profile");
        assert_eq!(self.profile["version"], 1);
        assert!(self.samples() >= 20.0, "{}", self.profile);
        let (seven, three) = (self.total("seven"), self.total("three"));
        assert!((0.45..0.92).contains(&seven), "{}", self.profile);
        assert!((0.08..0.55).contains(&three), "{}", self.profile);
        assert!(seven + three > 0.95, "{}", self.profile);
        assert!(self.total("_start") > 0.95, "{}", self.profile);
        assert!(self.total("spin") > 0.95, "{}", self.profile);
    }
}

#[test]
fn shares_are_those_of_the_program() {
    let sandbox = Sandbox::new();
    sandbox.write("split.wat", split("(call $proc_exit (i32.const 7))"));
    // Bodies in the place of calls, and calls.
    for level in ["-O2", "-O0"] {
        let output = sandbox.nativize(&["profile", level, "split.wat"]);
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(7), "{stdout}");
        assert!(stdout.contains(" samples in "), "{stdout}");
        assert!(stdout.contains("%  spin\n"), "{stdout}");
        Shares::read(&sandbox, "split.profile.json").check();
        let picture = String::from_utf8(sandbox.read("split.svg")).unwrap();
        assert!(picture.contains("data-name=\"seven\""), "{picture}");
    }
}

#[test]
fn traps_and_limits_end_a_run_and_not_its_profile() {
    let sandbox = Sandbox::new();
    sandbox.write("trap.wat", split("unreachable"));
    sandbox.write("loop.wat", split("(loop $on (br $on))"));
    let output = sandbox.nativize(&["profile", "trap.wat"]);
    assert_eq!(output.status.code(), Some(134));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("wasm trap: unreachable"), "{stderr}");
    Shares::read(&sandbox, "trap.profile.json").check();
    // The same clock counts for the limit: the kernel's time does not count for the samples then.
    let output = sandbox.nativize(&["profile", "--cpu-timeout", "500ms", "loop.wat"]);
    assert_eq!(output.status.code(), Some(124));
    let shares = Shares::read(&sandbox, "loop.profile.json");
    assert_eq!(shares.profile["clock"], "user");
    assert!(shares.samples() > 20.0);
}

#[test]
fn an_interrupt_ends_the_program_and_its_profile_is_shown() {
    let sandbox = Sandbox::new();
    let end = r#"
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 32)))
    (loop $on (br $on))"#;
    let module = split(end).replacen(
        "(memory",
        r#"(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 8) "\10\00\00\00\06\00\00\00there\n")
  (memory"#,
        1,
    );
    sandbox.write("loop.wat", module);
    sandbox.succeeds(&["build", "--profiling", "loop.wat"]);
    // (Who runs the tests may ignore the signal, which is inherited.)
    let mut command = sandbox.command("/usr/bin/env");
    command
        .arg("--default-signal=INT")
        .arg(env!("CARGO_BIN_EXE_nativize"))
        .args(["profile", "loop"]);
    let (child, line) = start_piped(&mut command);
    assert_eq!(line, "there\n");
    sandbox.signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(Shares::read(&sandbox, "loop.profile.json").total("_start") > 0.9);
}

#[test]
fn calls_of_the_runtime_have_their_callers() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "host.wat",
        r#"(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 64)
  (func $ask (drop (call $random_get (i32.const 0) (i32.const 65536))))
  (func $move (memory.copy (i32.const 0) (i32.const 65536) (i32.const 2000000)))
  (func (export "_start") (local $i i32)
    (local.set $i (i32.const 1500))
    (loop $again
      (call $ask)
      (call $move)
      (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))"#,
    );
    for level in ["-O2", "-O0"] {
        let output = sandbox.nativize(&["profile", level, "host.wat"]);
        assert!(output.status.success(), "{output:?}");
        let shares = Shares::read(&sandbox, "host.profile.json");
        assert!(shares.samples() > 20.0);
        let (ask, moved) = (shares.total("ask"), shares.total("move"));
        let (random, copy) = (shares.total("random_get"), shares.total("memory.copy"));
        assert!(random > 0.05 && copy > 0.05, "{}", shares.profile);
        assert!(
            ask >= random - 0.02 && moved >= copy - 0.02,
            "{}",
            shares.profile
        );
        assert!(shares.total("_start") > 0.95, "{}", shares.profile);
    }
}

#[test]
fn other_executables_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    sandbox.succeeds(&["hello.wat"]);
    let remedy = "  help: build it with --profiling";
    sandbox.fails(
        &["profile", "hello"],
        2,
        &["error: `hello` was not", remedy],
    );
    let command = env!("CARGO_BIN_EXE_nativize");
    let other = "  help: give it a module, or an executable from";
    sandbox.fails(&["profile", command], 1, &["error: `", other]);
}

#[test]
fn few_samples_are_no_answer() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let output = sandbox.nativize(&["profile", "hello.wat"]);
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("samples tell little"), "{stderr}");
    assert!(output.stdout.starts_with(b"hello\n"));
    // Whoever starts it decides, and an ordinary program has none of this.
    sandbox.succeeds(&["build", "--profiling", "--no-knobs", "hello.wat"]);
    let output = sandbox.nativize(&["profile", "hello"]);
    assert_eq!(output.status.code(), Some(4));
    sandbox.succeeds(&["build", "hello.wat"]);
    let path = sandbox.path("raw");
    let mut plain = sandbox.command(sandbox.path("hello"));
    plain.stdout(Stdio::null());
    assert!(
        plain
            .env("NATIVIZE_PROFILE", &path)
            .status()
            .unwrap()
            .success()
    );
    assert!(!path.exists());
    sandbox.succeeds(&["build", "--profiling", "hello.wat"]);
    let mut profiling = sandbox.command(sandbox.path("hello"));
    profiling.stdout(Stdio::null());
    assert!(
        profiling
            .env("NATIVIZE_PROFILE", &path)
            .status()
            .unwrap()
            .success()
    );
    assert!(path.exists());
    // A link may be the program's own.
    sandbox.write("other", "content");
    std::os::unix::fs::symlink("other", sandbox.path("link")).unwrap();
    for link in ["link", "/proc/self/cwd/link"] {
        let mut through = sandbox.command(sandbox.path("hello"));
        let output = through.env("NATIVIZE_PROFILE", link).output().unwrap();
        assert_eq!(output.status.code(), Some(134), "{output:?}");
    }
    assert_eq!(sandbox.read("other"), b"content");
    let mut nowhere = sandbox.command(sandbox.path("hello"));
    let output = nowhere
        .env("NATIVIZE_PROFILE", sandbox.path("missing/x"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(134), "{output:?}");
}

#[test]
fn threads_are_sampled_and_end_in_peace() {
    let sandbox = Sandbox::new();
    // Many short threads, one after the other: samples meet their beginnings and ends.
    sandbox.write(
        "threads.wat",
        r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (func $work (param $n i32) (local $x i32)
    (loop $again
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.store (i32.const 8) (local.get $x)))
  (func (export "wasi_thread_start") (param i32 i32)
    (call $work (i32.const 500000))
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
  (func (export "_start") (local $done i32)
    (loop $next
      (if (i32.lt_s (call $spawn (i32.const 0)) (i32.const 0)) (then unreachable))
      (loop $wait
        (drop (memory.atomic.wait32 (i32.const 0) (local.get $done) (i64.const 1000000)))
        (br_if $wait (i32.eq (i32.atomic.load (i32.const 0)) (local.get $done))))
      (local.set $done (i32.add (local.get $done) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $done) (i32.const 600))))))"#,
    );
    sandbox.succeeds(&["threads.wat", "-o", "plain"]);
    sandbox.execute("plain");
    let output = sandbox.nativize(&["profile", "threads.wat"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let shares = Shares::read(&sandbox, "threads.profile.json");
    assert!(shares.samples() >= 20.0, "{}", shares.profile);
    assert!(shares.total("work") > 0.5, "{}", shares.profile);
}

/// Runs `perf`, which may be missing or forbidden: then it says so.
fn perf(sandbox: &Sandbox, arguments: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let perf = std::env::split_paths(&path)
        .map(|folder| folder.join("perf"))
        .find(|file| file.is_file());
    let Some(perf) = perf else {
        skipped("perf");
        return None;
    };
    let output = sandbox.command(perf).args(arguments).output().unwrap();
    if !output.status.success() {
        skipped("leave to sample with perf");
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn perf_sees_names_and_calls_without_debug_information() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", split("nop"));
    sandbox.succeeds(&["-Z", "no-inline", "app.wat"]);
    let record = "record -q -e cpu-clock:u -F 500 -g -o data ./app";
    let record: Vec<&str> = record.split(' ').collect();
    if perf(&sandbox, &record).is_none() {
        return;
    }
    let script = "script -i data --no-inline -F ip,sym";
    let script: Vec<&str> = script.split(' ').collect();
    let samples = perf(&sandbox, &script).expect("it reads what it wrote");
    // Each sample is a paragraph with a line for each frame, the innermost first.
    let whole = samples.split("\n\n").filter(|sample| {
        let names = sample
            .lines()
            .filter_map(|line| line.split_whitespace().nth(1));
        let names: Vec<&str> = names.collect();
        matches!(names[..], ["spin", "seven" | "three", "_start", ..])
    });
    let (whole, all) = (whole.count(), samples.split("\n\n").count());
    assert!(whole * 10 > all * 8, "{whole} of {all}:\n{samples:.2000}");
}

/// The file of samples lies where the program may write, and it does.
#[test]
fn a_program_writes_into_its_samples() {
    let module = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite" (func $pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\c8\00\00\00\08\00\00\00")
  (data (i32.const 100) "samples")
  (func $spin (local $n i32)
    (loop $again (br_if $again (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2000000)))))
  (func (export "_start") (local $m i32)
    (if (call $open (i32.const 3) (i32.const 1) (i32.const 100) (i32.const 7) (i32.const 0)
          (i64.const 66) (i64.const 0) (i32.const 0) (i32.const 8))
      (then (unreachable)))
    ;; How many words are used: as many as bring the next sample to before the file.
    (i64.store (i32.const 200) (i64.const -4))
    (loop $again
      (if (call $pwrite (i32.load (i32.const 8)) (i32.const 0) (i32.const 1) (i64.const 32) (i32.const 16))
        (then (unreachable)))
      (call $spin)
      (br_if $again (i32.lt_u (local.tee $m (i32.add (local.get $m) (i32.const 1))) (i32.const 150))))))"#;
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("data")).unwrap();
    sandbox.write("app.wat", module);
    sandbox.succeeds(&["app.wat", "--profiling", "--dir=data::/"]);
    let output = sandbox
        .command(sandbox.path("app"))
        .env("NATIVIZE_PROFILE", sandbox.path("data/samples"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
