//! A command that is told to end leaves nothing behind.

use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::sandbox::Sandbox;

/// A module that takes a while: many functions with many additions.
fn large_module() -> Vec<u8> {
    let body =
        "(local.set 0 (i32.add (local.get 0) (i32.mul (local.get 0) (i32.const 3))))".repeat(300);
    let functions = format!("(func (param i32) {body})").repeat(300);
    let text = format!("(module {functions} (func (export \"_start\")))");
    let buffer = wast::parser::ParseBuffer::new(&text).unwrap();
    let mut module = wast::parser::parse::<wast::Wat<'_>>(&buffer).unwrap();
    module.encode().unwrap()
}

#[test]
fn nothing_is_left() {
    let sandbox = Sandbox::new();
    sandbox.write("large.wasm", large_module());
    sandbox.write("app", "an older file");
    let before = sandbox.files();
    // Wherever the signal arrives: the older file or the new one, and nothing else.
    for (delay, signal) in [
        (1, "INT"),
        (5, "TERM"),
        (20, "HUP"),
        (60, "INT"),
        (150, "KILL"),
        (400, "TERM"),
    ] {
        let child = sandbox
            .command(env!("CARGO_BIN_EXE_nativize"))
            .args(["large.wasm", "-o", "app"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(delay));
        let mut kill = sandbox.command("/bin/sh");
        let script = format!("kill -{signal} {}", child.id());
        kill.args(["-c", &script])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let status = child.wait_with_output().unwrap().status;
        let files = sandbox.files();
        assert!(files.keys().eq(before.keys()), "{:?}", files.keys());
        if status.signal().is_some() {
            let app = sandbox.read("app");
            assert!(app == b"an older file" || app.starts_with(b"\x7fELF"));
        } else {
            assert!(status.success(), "{status}");
        }
    }
}
