//! `--coredump` and `NATIVIZE_COREDUMP`: what the file says, against a reader of the format.

use wasmparser::{
    CoreDumpInstancesSection, CoreDumpModulesSection, CoreDumpSection, CoreDumpStackSection,
    DataKind, KnownCustom, Operator, Parser, Payload,
};

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use crate::debug_file::program;
use crate::sandbox::{HELLO, Sandbox};
use crate::skip::skipped;

/// Traps in a function that another one calls, with known content of two memories and of globals.
const TRAPS: &str = r#"(module $traps
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 4 9)
  (memory 1)
  (global $counter (mut i32) (i32.const 1))
  (global $wide i64 (i64.const -2))
  (global $half (mut f64) (f64.const 0.5))
  (global $both v128 (v128.const i64x2 3 4))
  (global $null (mut funcref) (ref.func $inner))
  (data (i32.const 70000) "known content")
  (func $inner (param i32)
    (i32.store8 (i32.const 200000) (i32.const 42))
    (i32.store8 1 (i32.const 65535) (i32.const 43))
    (global.set $counter (i32.const -7))
    (drop (memory.grow (i32.const 1)))
    (unreachable))
  (func (export "_start")
    (call $inner (i32.const 1))
    (call $inner (i32.const 2))))"#;

/// Runs `app`, which traps, with the dump in `core`.
#[track_caller]
fn dump(sandbox: &Sandbox) -> Vec<u8> {
    let mut command = sandbox.command(sandbox.path("app"));
    let output = command.env("NATIVIZE_COREDUMP", "core").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(134), "{stderr}");
    assert!(stderr.ends_with("core dump: core\n"), "{stderr}");
    sandbox.read("core")
}

/// The program may have made the link itself, where it may write.
#[test]
fn a_dump_goes_through_no_link() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", TRAPS);
    sandbox.succeeds(&["--coredump", "app.wat"]);
    sandbox.write("other", "content");
    std::os::unix::fs::symlink("other", sandbox.path("core")).unwrap();
    let mut command = sandbox.command(sandbox.path("app"));
    let output = command.env("NATIVIZE_COREDUMP", "core").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(sandbox.read("other"), b"content");
}

#[test]
fn a_dump_says_what_there_was() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", TRAPS);
    sandbox.succeeds(&["--coredump", "app.wat"]);
    let dump = dump(&sandbox);
    let mut customs = Vec::new();
    let mut memories = Vec::new();
    let mut globals = Vec::new();
    let mut contents = [vec![0; 5 << 16], vec![0; 1 << 16]];
    for payload in Parser::new(0).parse_all(&dump) {
        match payload.unwrap() {
            Payload::CustomSection(section) => {
                customs.push(section.name().to_owned());
                match section.as_known() {
                    KnownCustom::CoreDump(CoreDumpSection { name }) => assert_eq!(name, "app"),
                    KnownCustom::CoreDumpModules(CoreDumpModulesSection { modules }) => {
                        assert_eq!(modules, ["traps"]);
                    }
                    KnownCustom::CoreDumpInstances(CoreDumpInstancesSection { instances }) => {
                        assert_eq!(instances.len(), 1);
                        assert_eq!(instances[0].module_index, 0);
                        assert_eq!(instances[0].memories, [0, 1]);
                        assert_eq!(instances[0].globals, [0, 1, 2, 3, 4]);
                    }
                    KnownCustom::CoreDumpStack(CoreDumpStackSection { name, frames }) => {
                        assert_eq!(name, "main");
                        check_frames(&frames);
                    }
                    _ => panic!("an unknown section {}", section.name()),
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory.unwrap();
                    memories.push((memory.initial, memory.maximum));
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global.unwrap();
                    assert!(!global.ty.mutable);
                    globals.push(format!(
                        "{:?}",
                        global.init_expr.get_operators_reader().read().unwrap()
                    ));
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data.unwrap();
                    let DataKind::Active {
                        memory_index,
                        offset_expr,
                    } = data.kind
                    else {
                        panic!("a passive segment");
                    };
                    let offset = match offset_expr.get_operators_reader().read().unwrap() {
                        Operator::I32Const { value } => value as usize,
                        other => panic!("{other:?}"),
                    };
                    let memory = &mut contents[memory_index as usize];
                    memory[offset..offset + data.data.len()].copy_from_slice(data.data);
                }
            }
            _ => {}
        }
    }
    assert_eq!(
        customs,
        ["core", "coremodules", "coreinstances", "corestack"]
    );
    assert_eq!(memories, [(5, Some(9)), (1, None)]);
    assert_eq!(globals[0], "I32Const { value: -7 }");
    assert_eq!(globals[1], "I64Const { value: -2 }");
    assert!(globals[2].contains("4602678819172646912"), "{}", globals[2]);
    assert!(globals[3].starts_with("V128Const"), "{}", globals[3]);
    assert!(globals[4].starts_with("RefNull"), "{}", globals[4]);
    let mut expected = [vec![0; 5 << 16], vec![0; 1 << 16]];
    expected[0][70000..70013].copy_from_slice(b"known content");
    expected[0][200000] = 42;
    expected[1][65535] = 43;
    assert!(contents == expected);
    // A dump is a module, if not one to run.
    wasmparser::validate(&dump).unwrap();
}

#[track_caller]
fn check_frames(frames: &[wasmparser::CoreDumpStackFrame]) {
    let wasm = wat::parse_str(TRAPS).unwrap();
    // Where each body begins, and where in it the instructions are that trapped or call.
    let mut expected = Vec::new();
    for payload in Parser::new(0).parse_all(&wasm) {
        if let Payload::CodeSectionEntry(body) = payload.unwrap() {
            let start = body.range().start;
            for operator in body
                .get_operators_reader()
                .unwrap()
                .into_iter_with_offsets()
            {
                let (operator, offset) = operator.unwrap();
                if matches!(operator, Operator::Unreachable | Operator::Call { .. }) {
                    expected.push((offset - start) as u32);
                    break;
                }
            }
        }
    }
    let found: Vec<_> = frames
        .iter()
        .map(|frame| (frame.instanceidx, frame.funcidx, frame.codeoffset))
        .collect();
    assert_eq!(found, [(0, 1, expected[0]), (0, 2, expected[1])]);
}

#[test]
fn faults_are_dumped_under_the_sandbox() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wasm", program("lines.wasm"));
    for sandbox_mode in ["--sandbox=strict", "--sandbox=off"] {
        sandbox.succeeds(&["--coredump", sandbox_mode, "--dir", ".", "app.wasm"]);
        assert!(dump(&sandbox).starts_with(b"\0asm"));
    }
}

#[test]
fn only_what_was_built_for_it_writes_a_dump() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", TRAPS);
    sandbox.succeeds(&["app.wat"]);
    let mut command = sandbox.command(sandbox.path("app"));
    let output = command.env("NATIVIZE_COREDUMP", "core").output().unwrap();
    assert_eq!(output.status.code(), Some(134));
    assert!(!sandbox.path("core").exists());
    sandbox.fails(
        &["--coredump", "--no-knobs", "app.wat"],
        2,
        &["error: ", "  help: "],
    );
}

#[test]
fn a_file_that_cannot_be_written_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", TRAPS);
    sandbox.succeeds(&["--coredump", "app.wat"]);
    let run = |file: &str| {
        let mut command = sandbox.command(sandbox.path("app"));
        let output = command.env("NATIVIZE_COREDUMP", file).output().unwrap();
        let status = output.status.code();
        (status, String::from_utf8(output.stderr).unwrap())
    };
    let (status, stderr) = run("missing/core");
    assert_eq!(status, Some(1), "{stderr}");
    assert_eq!(
        stderr,
        "error: NATIVIZE_COREDUMP: cannot open `missing/core`: errno 2\n"
    );
    let (status, stderr) = run("/dev/full");
    assert_eq!(status, Some(134), "{stderr}");
    assert!(
        stderr.ends_with("error: the core dump is not complete: errno 28\n"),
        "{stderr}"
    );
    // Without a trap the file stays empty.
    sandbox.write("hello.wat", HELLO);
    sandbox.succeeds(&["--coredump", "hello.wat", "-o", "app"]);
    let (status, stderr) = run("core");
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
    assert_eq!(sandbox.read("core"), b"");
}

/// Whether the file system with `path` lets executables run as their owner.
fn allows_setuid(path: &Path) -> bool {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let of_path = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, options) = (words.next()?, words.nth(1)?);
        path.starts_with(point).then_some((point.len(), options))
    });
    of_path
        .max_by_key(|&(len, _)| len)
        .is_none_or(|(_, options)| !options.split(',').any(|option| option == "nosuid"))
}

#[test]
fn a_program_with_more_rights_than_its_user_writes_no_files_for_them() {
    let sandbox = Sandbox::new();
    if !rustix::process::geteuid().is_root() || !allows_setuid(&sandbox.path(".")) {
        skipped(
            "leave to give files the rights of their owner: root, and a file system without nosuid",
        );
        return;
    }
    sandbox.write("app.wat", TRAPS);
    sandbox.succeeds(&["--coredump", "--profiling", "app.wat"]);
    let app = sandbox.path("app");
    let set_mode = |path: &Path, mode| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    };
    // Whoever it runs as could write there.
    set_mode(&sandbox.path("."), 0o777);
    let run = || {
        let mut command = sandbox.command(&app);
        command.env("NATIVIZE_COREDUMP", "core");
        command.env("NATIVIZE_PROFILE", sandbox.path("samples"));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(134));
        let made = ["core", "samples"].map(|name| sandbox.path(name).exists());
        (made, String::from_utf8(output.stderr).unwrap())
    };
    chown(&app, Some(1), Some(1)).unwrap();
    set_mode(&app, 0o4755);
    let (made, stderr) = run();
    assert_eq!(made, [false, false], "{stderr}");
    assert!(
        stderr.starts_with("app: error: wasm trap: unreachable\n"),
        "{stderr}"
    );
    assert!(!stderr.contains("core dump"), "{stderr}");
    // With no more rights than its user has, it does.
    set_mode(&app, 0o755);
    assert_eq!(run().0, [true, true]);
}

/// Another thread than the main one traps, with a global, a shared memory and a memory of its own.
const THREADS: &str = r#"(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (memory $shared (export "memory") 1 3 shared)
  (memory $own 1)
  (global $number (mut i32) (i32.const 1))
  (func $trap (unreachable))
  (func (export "wasi_thread_start") (param $id i32) (param $argument i32)
    (global.set $number (local.get $argument))
    (drop (memory.grow $shared (i32.const 1)))
    (drop (memory.grow $own (i32.const 2)))
    (i32.store8 $shared (i32.const 0x1ffff) (i32.const 42))
    (i32.store8 $own (i32.const 0x2ffff) (i32.const 43))
    (call $trap))
  (func (export "_start")
    (global.set $number (i32.const 2))
    (i32.store8 $own (i32.const 0) (i32.const 44))
    (drop (call $spawn (i32.const 77)))
    ;; What it does while the dump is written.
    (loop $again
      (i32.store $shared (i32.and (i32.load $own (i32.const 8)) (i32.const 0xfffc)) (i32.load $own (i32.const 8)))
      (i32.store $own (i32.const 8) (i32.add (i32.load $own (i32.const 8)) (i32.const 4)))
      (br $again))))"#;

#[test]
fn a_thread_is_dumped() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", THREADS);
    sandbox.succeeds(&["--coredump", "app.wat"]);
    let mut command = sandbox.command(sandbox.path("app"));
    let output = command.env("NATIVIZE_COREDUMP", "core").output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(134), "{stderr}");
    assert!(
        stderr.ends_with("core dump: core (of thread 1; others are not in it)\n"),
        "{stderr}"
    );
    let dump = sandbox.read("core");
    let mut seen = Vec::new();
    for payload in Parser::new(0).parse_all(&dump) {
        match payload.unwrap() {
            Payload::CustomSection(section) => {
                if let KnownCustom::CoreDumpStack(CoreDumpStackSection { name, frames }) =
                    section.as_known()
                {
                    let functions = frames.iter().map(|frame| frame.funcidx.to_string());
                    let functions: Vec<String> = functions.collect();
                    seen.push(format!("{name}: {}", functions.join(" ")));
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory.unwrap();
                    seen.push(format!("{} {}", memory.initial, memory.shared));
                }
            }
            Payload::GlobalSection(section) => {
                let global = section.into_iter().next().unwrap().unwrap();
                let value = global.init_expr.get_operators_reader().read().unwrap();
                seen.push(format!("{value:?}"));
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data.unwrap().data;
                    seen.push(format!("{} bytes, last {:?}", data.len(), data.last()));
                }
            }
            _ => {}
        }
    }
    let expected = [
        "thread 000000001: 1 2",
        "2 true",
        "3 false",
        "I32Const { value: 77 }",
        "131072 bytes, last Some(42)",
        "65536 bytes, last Some(43)",
    ];
    assert_eq!(seen, expected);
}
