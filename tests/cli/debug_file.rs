//! Source lines in backtraces: `--debug-file`, the file that a module names, `--strip`, and debug information that is
//! damaged.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{HELLO, Sandbox};

/// A frame of `lines.wasm`, whose source is beside it.
const FRAME: &str = "1: twice (wasm function 2) at /source/lines.c:15:12 [0x19d]";

pub(crate) fn program(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/programs");
    fs::read(folder.join(name)).expect("it is there")
}

/// The sections of a module, with the names of custom ones, each as it is.
fn sections(module: &[u8]) -> Vec<(String, &[u8])> {
    fn number(bytes: &[u8], at: &mut usize) -> usize {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = bytes[*at];
            *at += 1;
            value |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return value;
            }
        }
    }
    let mut found = Vec::new();
    let mut at = 8;
    while at < module.len() {
        let start = at;
        let id = module[at];
        at += 1;
        let len = number(module, &mut at);
        let end = at + len;
        let name = if id == 0 {
            let len = number(module, &mut at);
            String::from_utf8(module[at..at + len].to_vec()).unwrap()
        } else {
            String::new()
        };
        found.push((name, &module[start..end]));
        at = end;
    }
    found
}

/// The module with some of its sections.
fn with_sections(module: &[u8], keep: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut out = module[..8].to_vec();
    for (name, bytes) in sections(module) {
        if keep(&name) {
            out.extend(bytes);
        }
    }
    out
}

fn is_debug(name: &str) -> bool {
    name.starts_with(".debug_")
}

/// `lines.wasm` whole, without debug sections, and nothing but these.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let whole = program("lines.wasm");
    sandbox.write("app.wasm", with_sections(&whole, |name| !is_debug(name)));
    sandbox.write("only.wasm", with_sections(&whole, is_debug));
    sandbox.write("whole.wasm", whole);
    sandbox
}

/// What the trap of the executable `app` shows.
#[track_caller]
fn trap(sandbox: &Sandbox, environment: &[(&str, &str)]) -> String {
    let mut command = sandbox.command(sandbox.path("app"));
    let output = command.envs(environment.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(134));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn split_files_give_lines() {
    let sandbox = sandbox();
    sandbox.succeeds(&["app.wasm"]);
    let plain = trap(&sandbox, &[]);
    assert!(
        plain.contains("1: twice (wasm function 2) at offset 0x19d"),
        "{plain}"
    );
    assert!(!plain.contains("lines.c"), "{plain}");
    for file in ["whole.wasm", "only.wasm"] {
        sandbox.succeeds(&["app.wasm", "--debug-file", file]);
        let shown = trap(&sandbox, &[]);
        assert!(shown.contains(FRAME), "{shown}");
        assert!(
            shown.contains("0: element at /source/lines.c:3:12 (inlined)\n       sum (wasm"),
            "{shown}"
        );
    }
    // `run` keeps what it compiles: with another file it is another program.
    for (options, expected) in [
        (&["run", "app.wasm"][..], false),
        (&["run", "--debug-file", "only.wasm", "app.wasm"], true),
        (&["run", "app.wasm"], false),
    ] {
        let output = sandbox.nativize(options);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.contains(FRAME), expected, "{stderr}");
    }
}

#[test]
fn a_module_names_the_file_beside_it() {
    let sandbox = sandbox();
    let named = |file: &str| {
        let mut module = sandbox.read("app.wasm");
        let mut content = vec![19];
        content.extend(b"external_debug_info");
        content.push(file.len() as u8);
        content.extend(file.as_bytes());
        module.extend([0, content.len() as u8]);
        module.extend(content);
        sandbox.write("named.wasm", module);
    };
    named("only.wasm");
    sandbox.succeeds(&["named.wasm", "-o", "app"]);
    assert!(trap(&sandbox, &[]).contains(FRAME));
    // Nothing else on the machine is read.
    fs::create_dir(sandbox.path("folder")).unwrap();
    sandbox.write("folder/only.wasm", sandbox.read("only.wasm"));
    for file in ["missing.wasm", "folder/only.wasm", "../only.wasm", "folder"] {
        named(file);
        sandbox.succeeds(&["named.wasm", "-o", "app"]);
        assert!(!trap(&sandbox, &[]).contains("lines.c"), "{file}");
    }
    // What never ends: a pipe; and what lies beside a module that comes from one.
    let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    named("pipe");
    sandbox.succeeds(&["named.wasm", "-o", "app"]);
    named("zero");
    let module = sandbox.read("named.wasm");
    let output = sandbox.nativize_reading(&["/dev/stdin", "-o", "app"], &module);
    assert!(output.status.success(), "{output:?}");
    named("templates.wasm");
    sandbox.write("templates.wasm", program("templates.wasm"));
    let output = sandbox.nativize(&["named.wasm", "-o", "app"]);
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("warning: `templates.wasm` is no debug information of `named.wasm`: it belongs to other code\n"),
        "{stderr}"
    );
}

#[test]
fn a_file_has_to_fit() {
    let sandbox = sandbox();
    sandbox.write("hello.wat", HELLO);
    let templates = program("templates.wasm");
    sandbox.write("other.wasm", with_sections(&templates, is_debug));
    sandbox.write("templates.wasm", templates);
    sandbox.write("short.wasm", &sandbox.read("whole.wasm")[..60]);
    let fails = |file: &str, cause: &str| {
        sandbox.fails(
            &["app.wasm", "--debug-file", file],
            4,
            &[
                &format!("error: `{file}` is no debug information of `app.wasm` [debug-file]"),
                &format!("  cause: {cause}"),
                "  help: give the file that was split from this very module",
            ],
        );
    };
    fails("templates.wasm", "it belongs to other code");
    fails("other.wasm", "it belongs to other code");
    fails("app.wasm", "it has no sections `.debug_*`");
    fails("short.wasm", "unexpected end");
    fails("hello.wat", "it is no binary module");
    sandbox.fails(
        &["app.wasm", "--debug-file", "missing.wasm"],
        4,
        &["error: cannot read `missing.wasm`", "  cause: ", "  help: "],
    );
    // The output is no place for what was read.
    sandbox.fails(
        &["app.wasm", "--debug-file", "only.wasm", "-o", "only.wasm"],
        2,
        &["error: ", "  help: "],
    );
}

#[test]
fn strip_leaves_lines_out() {
    let sandbox = sandbox();
    sandbox.succeeds(&["whole.wasm", "-o", "app"]);
    let size = sandbox.read("app").len();
    assert!(trap(&sandbox, &[]).contains(FRAME));
    assert_eq!(
        trap(&sandbox, &[("NATIVIZE_BACKTRACE", "1")]),
        trap(&sandbox, &[])
    );
    sandbox.succeeds(&["--strip", "whole.wasm", "-o", "app"]);
    assert!(sandbox.read("app").len() < size);
    let shown = trap(&sandbox, &[]);
    assert!(
        shown.contains("1: twice (wasm function 2) at offset 0x19d"),
        "{shown}"
    );
    // As if the module had none, to the byte.
    let other = Sandbox::new();
    other.write("whole.wasm", sandbox.read("app.wasm"));
    other.succeeds(&["--strip", "whole.wasm", "-o", "app"]);
    assert!(other.read("app") == sandbox.read("app"));
}

#[test]
fn full_backtraces_show_what_is_around_the_guest() {
    let sandbox = sandbox();
    sandbox.succeeds(&["whole.wasm", "-o", "app"]);
    let shown = trap(&sandbox, &[("NATIVIZE_BACKTRACE", "full")]);
    for part in [
        FRAME,
        "       native code at 0x4",
        "       [glue] at 0x4",
        "       [runtime] at 0x4",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    let shown = trap(&sandbox, &[("NATIVIZE_BACKTRACE", "0")]);
    assert_eq!(shown.lines().count(), 1, "{shown}");
}

#[test]
fn damaged_debug_information_is_a_warning() {
    let sandbox = sandbox();
    let mut module = sandbox.read("whole.wasm");
    let needle = b"\x0b.debug_info";
    let at = module
        .windows(needle.len())
        .position(|window| window == needle)
        .unwrap();
    // The length of the first unit.
    module[at + needle.len()] ^= 0x40;
    sandbox.write("damaged.wasm", module);
    let output = sandbox.nativize(&["damaged.wasm", "-o", "app"]);
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("warning: the debug information of the module is malformed: "),
        "{stderr}"
    );
    let shown = trap(&sandbox, &[]);
    assert!(
        shown.contains("1: twice (wasm function 2) at offset 0x19d"),
        "{shown}"
    );
}

#[test]
fn debug_information_names_functions_that_the_module_does_not() {
    let sandbox = sandbox();
    let bare = with_sections(&sandbox.read("app.wasm"), |name| name != "name");
    sandbox.write("app.wasm", bare);
    sandbox.succeeds(&["app.wasm", "--debug-file", "only.wasm"]);
    let shown = trap(&sandbox, &[]);
    assert!(shown.contains(FRAME), "{shown}");
}
