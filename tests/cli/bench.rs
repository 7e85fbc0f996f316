//! `nativize bench`, against an engine that is a shell script.

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use serde_json::Value;

use crate::sandbox::{HELLO, Sandbox};

/// Looks like Wasmtime on a command line, and says `$SAYS` in place of a program that says something.
const ENGINE: &str = r#"#!/bin/sh
case "$1" in
  --version) echo "wasmtime 0.0.0 (a script)" ;;
  compile) /bin/cp "$2" "$4" ;;
  run) if /bin/grep -q hello "$3"; then echo "SAYS"; echo "$@" >ARGUMENTS; fi ;;
esac
"#;

/// Runs `bench` with `arguments`, where the only engine on `PATH` says `says`.
fn bench(sandbox: &Sandbox, says: &str, arguments: &[&str]) -> Output {
    let engine = sandbox.path("wasmtime");
    let given = sandbox.path("given");
    let script = ENGINE
        .replace("SAYS", says)
        .replace("ARGUMENTS", given.to_str().unwrap());
    sandbox.write("wasmtime", script);
    std::fs::set_permissions(&engine, PermissionsExt::from_mode(0o755)).unwrap();
    sandbox
        .command(env!("CARGO_BIN_EXE_nativize"))
        .env("PATH", engine.parent().unwrap())
        .args(["bench", "--runs", "2"])
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn alone() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let before = sandbox.files();
    let table = sandbox.succeeds(&["bench", "--runs", "2", "hello.wat"]);
    let table = String::from_utf8(table).unwrap();
    assert!(
        table.contains("2 interleaved runs, ratios to nativize -O2"),
        "{table}"
    );
    assert!(table.contains("\nhello  "), "{table}");
    assert!(!table.contains("left out"), "{table}");
    assert!(sandbox.files() == before, "something was left behind");
}

#[test]
fn with_a_peer() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let options = [
        "--options",
        "-O0",
        "--options",
        "-O2 --stack-size 1M",
        "--json",
        "--html",
        "page.html",
    ];
    let output = bench(
        &sandbox,
        "hello",
        &[&options[..], &["hello.wat", "--", "--help", "x"]].concat(),
    );
    let report: Value = serde_json::from_str(&text(&output)).unwrap();
    assert_eq!(
        report["contenders"],
        serde_json::json!([
            [
                "nativize -O0",
                concat!("nativize ", env!("CARGO_PKG_VERSION"))
            ],
            [
                "nativize -O2 --stack-size 1M",
                concat!("nativize ", env!("CARGO_PKG_VERSION"))
            ],
            ["wasmtime", "wasmtime 0.0.0 (a script)"]
        ])
    );
    assert_eq!(report["baseline"], 2);
    assert_eq!(report["failures"], serde_json::json!([]));
    for result in report["programs"][0]["results"].as_array().unwrap() {
        assert!(
            result["wall_seconds"]["median"].as_f64().unwrap() > 0.0,
            "{result}"
        );
        assert!(result["file_bytes"].as_u64().unwrap() > 0, "{result}");
    }
    for startup in report["startup"].as_array().unwrap() {
        assert!(startup["median"].as_f64().unwrap() > 0.0, "{startup}");
    }
    let given = String::from_utf8(sandbox.read("given")).unwrap();
    assert!(given.ends_with(".cwasm --help x\n"), "{given}");

    let page = String::from_utf8(sandbox.read("page.html")).unwrap();
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert_eq!(page.matches("<circle ").count(), 3, "{page}");
    assert_eq!(
        page.matches("<svg ").count(),
        page.matches("</svg>").count(),
        "{page}"
    );
    // In HTML, a slash that ends a value without quotes belongs to the value.
    let unquoted = page
        .match_indices("/>")
        .find(|&(at, _)| !page[..at].ends_with('"'));
    assert_eq!(unquoted, None, "{page}");
    assert!(
        !page.contains("http"),
        "the page needs something else: {page}"
    );
}

#[test]
fn other_output() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let table = text(&bench(&sandbox, "good-bye", &["hello.wat"]));
    assert!(
        table.contains("left out: hello: wasmtime: its output differs\n"),
        "{table}"
    );
}

#[test]
fn nothing_to_measure() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "traps.wat",
        r#"(module (func (export "_start") unreachable))"#,
    );
    sandbox.fails(
        &["bench", "traps.wat"],
        4,
        &[
            "error: the program does not run under nativize",
            "  cause: traps: nativize -O2 failed: exit status: 134: traps: error: wasm trap: unreachable",
            "  help: ",
        ],
    );
    sandbox.fails(
        &["bench", "missing.wat"],
        4,
        &[
            "error: cannot read `missing.wat`",
            "  cause: no such file or directory",
            "  help: ",
        ],
    );
}
