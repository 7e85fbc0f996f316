//! `nativize inspect`, of modules and of executables.

use serde_json::Value;

use crate::sandbox::{HELLO, Sandbox};

fn json(sandbox: &Sandbox, file: &str) -> Value {
    let stdout = sandbox.succeeds(&["inspect", "--json", file]);
    serde_json::from_slice(&stdout).unwrap()
}

#[test]
fn module() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let report = json(&sandbox, "hello.wat");
    assert_eq!(report["kind"], "module");
    assert_eq!(report["entry"][0], "_start");
    assert_eq!(report["imports"][0]["module"], "wasi_snapshot_preview1");
    assert_eq!(
        report["imports"][0]["type"],
        "(func (param i32 i32 i32 i32) (result i32))"
    );
    assert_eq!(report["exports"][0]["type"], "(memory 1)");
    assert_eq!(report["memories"][0]["page_size"], 65536);
    assert_eq!(report["features"].as_array().unwrap().len(), 0);
    let text = String::from_utf8(sandbox.succeeds(&["inspect", "hello.wat"])).unwrap();
    assert!(text.starts_with("WebAssembly module, "), "{text}");
    assert!(
        text.contains("\n  wasi_snapshot_preview1 fd_write (func "),
        "{text}"
    );
}

#[test]
fn features() {
    let features = |module: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("m.wat", module);
        let report = json(&sandbox, "m.wat");
        let names = report["features"].as_array().unwrap().clone();
        let names: Vec<_> = names
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        names.join(" ")
    };
    assert_eq!(features("(module)"), "");
    assert_eq!(
        features("(module (func (result i32 i32) i32.const 1 i32.const 2))"),
        "multi-value"
    );
    assert_eq!(features("(module (memory 1 2 shared))"), "threads");
    assert_eq!(
        features("(module (memory i64 1) (memory 1))"),
        "memory64 multi-memory"
    );
    assert_eq!(features("(module (func (local v128)))"), "simd");
    assert_eq!(features("(module (table 1 externref))"), "reference-types");
    assert_eq!(features("(module (tag))"), "exceptions");
    assert_eq!(
        features(
            "(module (func (param f32) (drop (i32.extend8_s (i32.trunc_sat_f32_s (local.get 0))))))"
        ),
        "saturating-float-to-int sign-extension"
    );
    assert_eq!(
        features("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))"),
        "extended-const"
    );
    assert_eq!(
        features("(module (import \"a\" \"b\" (global (mut i32))))"),
        "mutable-global"
    );
    assert_eq!(features("(module (func return_call 0))"), "tail-call");
    assert_eq!(features("(module (type (struct)))"), "gc");
    assert_eq!(features("(module (memory 1) (data \"x\"))"), "bulk-memory");
}

#[test]
fn executable() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    sandbox.succeeds(&[
        "hello.wat",
        "--dir=data::/d:ro",
        "--dir=/tmp",
        "--env=A=b=c",
        "--env=HOME",
        "--inherit-env",
        "--stack-size=1M",
        "--strip",
    ]);
    let report = json(&sandbox, "hello");
    assert_eq!(report["kind"], "executable");
    assert_eq!(report["compiler"], env!("CARGO_PKG_VERSION"));
    assert_eq!(report["name"], "hello");
    assert_eq!(report["directories"][0]["host"], "data");
    assert_eq!(report["directories"][0]["guest"], "/d");
    assert_eq!(report["directories"][0]["read_only"], true);
    assert_eq!(report["directories"][1]["guest"], "/tmp");
    assert_eq!(report["env"][0]["value"], "b=c");
    assert_eq!(report["env"][1]["value"], Value::Null);
    assert_eq!(report["inherit_env"], true);
    assert_eq!(report["stack_size"], 1 << 20);
    let text = String::from_utf8(sandbox.succeeds(&["inspect", "hello"])).unwrap();
    assert!(text.contains("\n  data as /d, read only\n"), "{text}");
}

#[test]
fn nothing_is_granted_by_default() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    sandbox.succeeds(&["hello.wat"]);
    let report = json(&sandbox, "hello");
    assert_eq!(report["directories"].as_array().unwrap().len(), 0);
    assert_eq!(report["env"].as_array().unwrap().len(), 0);
    assert_eq!(report["inherit_env"], false);
}

#[test]
fn other_files() {
    let sandbox = Sandbox::new();
    sandbox.fails(
        &["inspect", env!("CARGO_BIN_EXE_nativize")],
        1,
        &["error: `", "  help: give it a module"],
    );
    sandbox.write("text", "x");
    sandbox.fails(
        &["inspect", "text"],
        1,
        &["error: `text` is not", "  cause: ", "  help: "],
    );
    sandbox.write("bad.wasm", b"\0asm\x01\0\0\0\x01");
    sandbox.fails(
        &["inspect", "bad.wasm"],
        1,
        &["error: `bad.wasm` is not a valid", "  cause: ", "  help: "],
    );
}
