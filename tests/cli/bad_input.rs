//! Bad input, a case a test: one line for what is wrong, its cause and the remedy, the right status, nothing left.

use crate::sandbox::{HELLO, Sandbox, assert_failure};

/// A module that declares `(type (func))` and ends within the next section.
const TRUNCATED: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01";
/// A function of result i32 without a body's value.
const INVALID: &[u8] =
    b"\0asm\x01\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";

fn fails(content: impl AsRef<[u8]>, status: i32, lines: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write("app.wasm", content);
    sandbox.fails(&["app.wasm"], status, lines);
    sandbox.fails(&["app.wasm", "-o", "other"], status, lines);
    sandbox.fails(&["run", "app.wasm"], status, lines);
}

#[test]
fn empty_file() {
    fails(
        "",
        1,
        &[
            "error: `app.wasm` is not a WebAssembly module",
            "  cause: it is empty",
            "  help: ",
        ],
    );
}

#[test]
fn text_file() {
    fails(
        "Hello, world\n",
        1,
        &[
            "error: `app.wasm` is not a WebAssembly module",
            "  cause: it starts with \"Hell\", not with \"\\0asm\"",
            "  help: give it a .wasm file",
        ],
    );
}

#[test]
fn text_format_with_an_error() {
    fails(
        "(module\n  (fun))",
        1,
        &[
            "error: `app.wasm` is not a WebAssembly module",
            "  cause: expected valid module field (line 2, column 4)",
            "  help: ",
        ],
    );
}

#[test]
fn text_format_that_is_not_utf8() {
    fails(
        b"(module \xff)",
        1,
        &[
            "error: ",
            "  cause: the text is not UTF-8 (at offset 0x8)",
            "  help: save",
        ],
    );
}

#[test]
fn magic_cut_short() {
    fails(
        b"\0as",
        1,
        &[
            "error: ",
            "  cause: it ends after 3 of the 4 bytes",
            "  help: check",
        ],
    );
}

#[test]
fn truncated_module() {
    fails(
        TRUNCATED,
        1,
        &[
            "error: `app.wasm` is not a valid module",
            "  cause: unexpected end",
            "  help: rebuild",
        ],
    );
}

#[test]
fn module_that_fails_validation() {
    fails(
        INVALID,
        1,
        &[
            "error: `app.wasm` is not a valid module",
            "  cause: type mismatch",
            "  help: rebuild",
        ],
    );
    let sandbox = Sandbox::new();
    sandbox.write("app.wasm", INVALID);
    let output = sandbox.nativize(&["app.wasm"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("(at offset 0x"));
}

#[test]
fn component() {
    let lines = [
        "error: cannot compile `app.wasm`",
        "  cause: unsupported feature: components (at offset 0x4)",
        "  help: build it as a core module",
    ];
    fails(b"\0asm\x0d\0\x01\0", 3, &lines);
    fails("(component)", 3, &lines);
}

#[test]
fn unsupported_feature() {
    fails(
        "(module (type (struct)) (func (export \"_start\")))",
        3,
        &[
            "error: cannot compile `app.wasm`",
            "  cause: unsupported feature: ",
            "  help: ",
        ],
    );
}

#[test]
fn executable_as_input() {
    fails(
        b"\x7fELF\x02\x01\x01",
        1,
        &[
            "error: ",
            "  cause: it is a native executable",
            "  help: `nativize inspect`",
        ],
    );
}

#[test]
fn missing_import() {
    fails(
        r#"(module (import "env" "foo" (func)) (func (export "_start")))"#,
        4,
        &[
            "error: cannot link `app.wasm`: import \"env\" \"foo\" is not available",
            "  cause: ",
            "  help: available are the functions of wasi_snapshot_preview1",
        ],
    );
}

#[test]
fn misspelt_import() {
    fails(
        r#"(module (import "wasi_snapshot_preview1" "fd_wriet" (func)) (func (export "_start")))"#,
        4,
        &[
            "error: cannot link",
            "  cause: ",
            "  help: did you mean \"fd_write\"?",
        ],
    );
}

#[test]
fn import_of_another_type() {
    fails(
        r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)) (func (export "_start")))"#,
        4,
        &[
            "error: cannot link `app.wasm`: import \"wasi_snapshot_preview1\" \"fd_write\" has another type",
            "  cause: ",
            "  help: rebuild",
        ],
    );
}

#[test]
fn names_cannot_break_lines() {
    fails(
        "(module (import \"env\" \"a\\0ab\\1b[2J\" (func)) (func (export \"_start\")))",
        4,
        &["error: cannot link", "  cause: ", "  help: "],
    );
}

#[test]
fn nothing_to_run() {
    fails(
        r#"(module (func (export "add")) (func (export "sub")))"#,
        4,
        &[
            "error: cannot link `app.wasm`",
            "  cause: the module exports neither `_start` nor `_initialize`",
            "  cause: it exports add, sub",
            "  help: choose the function to run, e.g. --invoke add",
        ],
    );
    fails(
        "(module)",
        4,
        &[
            "error: ",
            "  cause: ",
            "  cause: it exports no function",
            "  help: ",
        ],
    );
}

#[test]
fn start_of_another_type() {
    fails(
        r#"(module (func (export "_start") (param i32)))"#,
        4,
        &[
            "error: cannot link `app.wasm`",
            "  cause: `_start` has parameters or results",
            "  help: call it with arguments: --invoke _start",
        ],
    );
}

#[test]
fn nothing_of_that_name_to_invoke() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wasm", r#"(module (func (export "add")))"#);
    sandbox.fails(
        &["--invoke", "ad", "app.wasm"],
        4,
        &[
            "error: cannot link `app.wasm`: no function \"ad\"",
            "  cause: it exports add",
            "  help: ",
        ],
    );
}

#[test]
fn missing_file() {
    Sandbox::new().fails(
        &["app.wasm"],
        4,
        &[
            "error: cannot read `app.wasm`",
            "  cause: no such file",
            "  help: check the path",
        ],
    );
}

#[test]
fn directory_as_input() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["."][..],
        &["..", "-o", "x"],
        &["run", "."],
        &["inspect", "."],
    ] {
        sandbox.fails(
            arguments,
            4,
            &[
                "error: cannot read `.",
                "  cause: is a directory",
                "  help: name a .wasm",
            ],
        );
    }
}

#[test]
fn standard_input() {
    let sandbox = Sandbox::new();
    let output = sandbox.nativize_reading(&["-", "-o", "app"], b"");
    assert_failure(
        &output,
        1,
        &[
            "error: standard input is not a WebAssembly module",
            "  cause: it is empty",
            "  help: ",
        ],
    );
    let output = sandbox.nativize_reading(&["-", "-o", "app"], HELLO.as_bytes());
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sandbox.execute("app"), "hello\n");
}
