//! Twelve typical mistakes: what the user sees, each with its remedy.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::sandbox::{HELLO, Sandbox};

/// The command fails, says `lines`, and `nativize explain` knows the code at the end of the first.
#[track_caller]
fn fails(sandbox: &Sandbox, arguments: &[&str], status: i32, lines: &[&str]) {
    sandbox.fails(arguments, status, lines);
    let stderr = String::from_utf8(sandbox.nativize(arguments).stderr).unwrap();
    let message = stderr.lines().next().unwrap();
    let code = message.rsplit_once(" [").unwrap().1.trim_end_matches(']');
    let explained = explain(sandbox, message);
    assert!(explained.starts_with(&format!("{code}: ")), "{explained}");
}

/// What `nativize explain` says about a message, in one line.
#[track_caller]
fn explain(sandbox: &Sandbox, message: &str) -> String {
    let text = String::from_utf8(sandbox.succeeds(&["explain", "--", message])).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A program of `module`, built with `options`, fails with `status` and a message that begins so.
#[track_caller]
fn run_fails(
    sandbox: &Sandbox,
    module: &str,
    options: &[&str],
    status: i32,
    begin: &str,
) -> String {
    sandbox.write("app.wat", module);
    sandbox.succeeds(&[&["app.wat"], options].concat());
    let output = sandbox.command(sandbox.path("app")).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert!(stderr.starts_with(begin), "{stderr}");
    stderr
}

fn with(content: impl AsRef<[u8]>) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.wasm", content);
    sandbox
}

#[test]
fn missing_import() {
    fails(
        &with(r#"(module (import "codec" "decode" (func)) (func (export "_start")))"#),
        &["app.wasm"],
        4,
        &[
            "error: cannot link `app.wasm`: import \"codec\" \"decode\" is not available [missing-import]",
            "  cause: ",
            "  help: available are the functions of wasi_snapshot_preview1 and wasi_unstable; add the module that exports it with --link codec=FILE",
        ],
    );
}

#[test]
fn component_given() {
    fails(
        &with(b"\0asm\x0d\0\x01\0"),
        &["app.wasm"],
        3,
        &[
            "error: cannot compile `app.wasm` [component]",
            "  cause: unsupported feature: components (at offset 0x4)",
            "  help: build it as a core module for WASI preview 1, e.g. with the target wasm32-wasip1",
        ],
    );
}

#[test]
fn wrong_flag() {
    let sandbox = with(HELLO);
    let instead = |flags: &[&str], message: &str, help: &str| {
        let arguments = [flags, &["app.wasm"]].concat();
        fails(&sandbox, &arguments, 2, &[message, help]);
    };
    let unexpected = |flags: &[&str], help: &str| {
        instead(
            flags,
            "error: unexpected argument '-",
            &format!("  help: {help}"),
        );
    };
    unexpected(&["--stirp"], "a similar argument exists: '--strip'");
    // clang, rustc and go.
    unexpected(&["--debug-info"], "write -g");
    unexpected(&["-c"], "write --emit obj");
    unexpected(&["-static"], "leave it out: executables are always static");
    unexpected(&["-s"], "write --strip");
    unexpected(&["-shared"], "there are no shared libraries");
    unexpected(&["-std=c11"], "give it to the compiler that makes");
    unexpected(&["-I."], "give it to the compiler that makes");
    unexpected(&["-flto"], "leave it out: a program is always");
    unexpected(&["-w"], "write -q");
    unexpected(&["--allow-all"], "write what it may touch");
    unexpected(&["--static"], "leave it out: executables are always static");
    unexpected(&["-march=native"], "write --target-cpu native");
    unexpected(&["-C", "target-cpu=native"], "write --target-cpu native");
    unexpected(&["-Copt-level=3"], "write -O3");
    unexpected(&["-C", "opt-level=2"], "leave it out: -O2");
    unexpected(&["-C", "cache=y"], "code generation has flags of its own");
    unexpected(&["-lm"], "write --link NAME=FILE");
    unexpected(&["--release"], "leave it out: -O2");
    instead(
        &["-Os"],
        "error: invalid value 's' for '--opt-level",
        "  help: write -O0",
    );
    instead(
        &["-O"],
        "error: invalid value 'app.wasm'",
        "  help: write -O0",
    );
    fails(
        &sandbox,
        &["app.wasm", "--invoke"],
        2,
        &[
            "error: a value is required for '--invoke",
            "  help: write --invoke NAME with an export",
        ],
    );
    instead(
        &["x.wasm"],
        "error: unexpected argument 'app.wasm'",
        "  help: one file is compiled at a time",
    );
    // Wasmtime and others.
    unexpected(&["-W", "simd"], "leave it out: every proposal");
    unexpected(&["-S", "cli"], "WASI preview 1 is always there");
    unexpected(&["-D", "debug-info"], "write -v");
    unexpected(&["--preload", "a=b.wasm"], "write --link NAME=FILE");
    unexpected(&["--mapdir=/x::y"], "write --dir HOST::GUEST");
    unexpected(&["--fuel", "1"], "write --timeout");
}

#[test]
fn missing_directory() {
    let sandbox = with(HELLO);
    fails(
        &sandbox,
        &["app.wasm", "-o", "no/app"],
        4,
        &[
            "error: cannot write `no/app` [cannot-write]",
            "  cause: no such file or directory",
            "  help: create the directory first, or choose another output with -o",
        ],
    );
    let message = "error: --dir data: No such file or directory";
    let seen = run_fails(&sandbox, HELLO, &["--dir=data"], 1, message);
    assert!(explain(&sandbox, &seen).contains("Create it, start the program elsewhere"));
}

#[test]
fn trap_in_a_release_build() {
    let sandbox = Sandbox::new();
    let message = "app: error: wasm trap: out of bounds memory access (4 bytes at address 0x10004, memory size 0x10000)\n";
    // As a toolchain leaves it that strips names: the export's is there.
    let module = r#"(module (memory 1) (func (export "_start")
        (drop (i32.load (i32.const 0x10004)))))"#;
    let seen = run_fails(&sandbox, module, &[], 134, message);
    assert!(
        seen.contains("_start (wasm function 0) at offset 0x"),
        "{seen}"
    );
    let seen = run_fails(&sandbox, module, &["--strip"], 134, message);
    assert!(
        explain(&sandbox, seen.lines().next().unwrap())
            .contains("build the module with their names")
    );
}

#[test]
fn stack_exhausted() {
    let sandbox = Sandbox::new();
    let module = r#"(module (func $f (export "_start") (call $f) (call $f)))"#;
    let message = "app: error: wasm trap: call stack exhausted (build with --stack-size)\n";
    let seen = run_fails(&sandbox, module, &["--stack-size=64K"], 134, message);
    assert!(explain(&sandbox, seen.lines().next().unwrap()).contains("--stack-size 64M"));
}

#[test]
fn text_instead_of_wasm() {
    fails(
        &with("int main(void) { return 0; }\n"),
        &["app.wasm"],
        1,
        &[
            "error: `app.wasm` is not a WebAssembly module [not-wasm]",
            "  cause: it starts with \"int \", not with \"\\0asm\"",
            "  help: give it a .wasm file, or text that starts with `(module`",
        ],
    );
}

#[test]
fn proposal_unsupported() {
    fails(
        &with("(module (type (struct)) (func (export \"_start\")))"),
        &["app.wasm"],
        3,
        &[
            "error: cannot compile `app.wasm` [unsupported-feature]",
            "  cause: unsupported feature: garbage collection ",
            "  help: rebuild the module without that feature",
        ],
    );
}

/// Ends with the errno of making the file `new` in the first granted directory.
const CREATES: &str = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "new")
  (func (export "_start")
    (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 3)
      (i32.const 1) (i64.const 64) (i64.const 64) (i32.const 0) (i32.const 16)))))"#;

#[test]
fn permission_refused_at_run_time() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("data")).unwrap();
    // The program gets an error and words it itself: BADF without a directory, PERM in one that is only read.
    run_fails(&sandbox, CREATES, &[], 8, "");
    run_fails(&sandbox, CREATES, &["--dir=data:ro"], 63, "");
    assert!(!sandbox.path("data/new").exists());
    let granted = String::from_utf8(sandbox.succeeds(&["inspect", "app"])).unwrap();
    assert!(
        granted.contains("data") && granted.contains("read"),
        "{granted}"
    );
    let remedy = explain(&sandbox, "cannot create new: Operation not permitted");
    assert!(
        remedy.contains("Grant more with --dir HOST::GUEST (without"),
        "{remedy}"
    );
    run_fails(&sandbox, CREATES, &["--dir=data"], 0, "");
}

#[test]
fn output_not_writable() {
    let sandbox = with(HELLO);
    fs::create_dir(sandbox.path("locked")).unwrap();
    fs::set_permissions(sandbox.path("locked"), Permissions::from_mode(0o555)).unwrap();
    // Root may write there all the same, but not into /proc.
    let output = if rustix::process::geteuid().is_root() {
        "/proc/app"
    } else {
        "locked/app"
    };
    fails(
        &sandbox,
        &["app.wasm", "-o", output],
        4,
        &[
            &format!("error: cannot write `{output}` [cannot-write]"),
            "  cause: ",
            "  help: c",
        ],
    );
}

#[test]
fn unknown_target() {
    let sandbox = with(HELLO);
    for (target, help) in [
        (
            "aarch64-unknown-linux-gnu",
            "  help: leave --target out, or write --target x86_64-linux",
        ),
        (
            "x86_64-apple-darwin",
            "  help: leave --target out, or write --target x86_64-linux",
        ),
        (
            "wasm32-wasip1",
            "  help: leave --target out; nativize takes the module as it is",
        ),
    ] {
        let message = format!("error: unknown target `{target}` [unknown-target]");
        fails(
            &sandbox,
            &["--target", target, "app.wasm"],
            2,
            &[&message, "  cause: ", help],
        );
    }
    sandbox.succeeds(&["--target=x86_64-unknown-linux-gnu", "app.wasm"]);
    assert_eq!(sandbox.execute("app"), "hello\n");
}

#[test]
fn truncated_file() {
    let sandbox = with(b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01");
    fails(
        &sandbox,
        &["app.wasm"],
        1,
        &[
            "error: `app.wasm` is not a valid module [invalid-module]",
            "  cause: unexpected end",
            "  help: rebuild the module with its toolchain; the file may be damaged or incomplete",
        ],
    );
}

#[test]
fn commands_of_others() {
    let sandbox = with(HELLO);
    sandbox.succeeds(&["compile", "app.wasm", "-o", "made"]);
    assert_eq!(sandbox.execute("made"), "hello\n");
    let help = sandbox.succeeds(&["help"]);
    assert_eq!(help, sandbox.succeeds(&["--help"]));
    assert_eq!(
        sandbox.succeeds(&["help", "run"]),
        sandbox.succeeds(&["run", "--help"])
    );
    assert_eq!(sandbox.succeeds(&["version"]), sandbox.succeeds(&["-V"]));
    let none =
        |word: &str| format!("error: there is neither a command nor a file `{word}` [usage]");
    for (arguments, help) in [
        (
            &["serve", "app.wasm"][..],
            "  help: `nativize FILE` compiles",
        ),
        (&["init"], "  help: `nativize FILE` compiles"),
        (
            &["objdump", "app.wasm"],
            "  help: did you mean `nativize inspect`?",
        ),
    ] {
        fails(&sandbox, arguments, 2, &[&none(arguments[0]), help]);
    }
}

#[test]
fn files_that_are_none() {
    let sandbox = with(HELLO);
    fails(
        &sandbox,
        &["."],
        4,
        &[
            "error: cannot read `.` [cannot-read]",
            "  cause: is a directory",
            "  help: name a .wasm or .wat file in that directory",
        ],
    );
    fails(
        &sandbox,
        &["app.wasm", "-o", "."],
        4,
        &[
            "error: cannot write `.` [cannot-write]",
            "  cause: is a directory",
            "  help: name a file in that directory with -o",
        ],
    );
    fails(
        &sandbox,
        &["app.wasm", "-o", "app.wasm"],
        2,
        &[
            "error: the output would replace the input `app.wasm` [would-overwrite]",
            "  help: choose another output with -o",
        ],
    );
    // Standard input is empty.
    fails(
        &sandbox,
        &["-"],
        1,
        &[
            "error: standard input is not a WebAssembly module [not-wasm]",
            "  cause: it is empty",
            "  help: check that the toolchain or the download that wrote the file completed",
        ],
    );
}

#[test]
fn mistake_in_text() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "app.wat",
        "(module\n  (func (export \"_start\") i32.fadd drop))",
    );
    fails(
        &sandbox,
        &["app.wat"],
        1,
        &[
            "error: `app.wat` is not a WebAssembly module [not-wasm]",
            "  cause: unknown operator or unexpected token (line 2, column 27)",
            "  help: correct the text format; `(module)` is the smallest module",
        ],
    );
    sandbox.write(
        "app.wat",
        "(module\n  (func (export \"_start\") i32.add drop))",
    );
    fails(
        &sandbox,
        &["app.wat"],
        1,
        &[
            "error: `app.wat` is not a valid module [invalid-module]",
            "  cause: type mismatch: expected i32 but nothing on stack (line 2, column 27)",
            "  help: correct the text",
        ],
    );
}

/// A type of a thousand references to a type of a thousand: what a message says of it can be read.
#[test]
fn large_types_are_not_written_out() {
    let sandbox = Sandbox::new();
    let many = |ty: &str| format!("{ty} ").repeat(1000);
    let module = format!(
        "(module (type $a (func (param {}))) (type $b (func (param {}) (result {}))) {})",
        many("externref"),
        many("(ref null $a)"),
        many("(ref null $a)"),
        r#"(import "x" "y" (func (type $b)))"#.repeat(100),
    );
    sandbox.write("app.wat", module);
    let output = sandbox.nativize(&["app.wat"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.len() < 100_000, "{} bytes", stderr.len());
    assert!(stderr.contains("... (1000 in all)"), "{stderr}");
}

/// Names of 99,000 bytes are not compared, which would take seconds.
#[test]
fn long_names_are_not_misspelt() {
    let sandbox = Sandbox::new();
    let long = "a".repeat(99_000);
    sandbox.write(
        "app.wat",
        format!(r#"(module (import "x" "{long}b" (func)))"#),
    );
    let exports: String = (0..20)
        .map(|index| format!(r#"(func (export "{long}{index}"))"#))
        .collect();
    sandbox.write("x.wat", format!("(module {exports})"));
    let output = sandbox.nativize(&["app.wat", "--link", "x=x.wat"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(!stderr.contains("did you mean"), "{}", stderr.len());
}
