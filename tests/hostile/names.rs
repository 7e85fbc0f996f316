//! Names that are long, many, misleading, or do something to whoever prints them.

use super::many::{Parts, body};
use super::{child, compile, write};
use std::process::{Command, Output};
use wasm_encoder::{EntityType, ExportKind, NameMap, NameSection};

fn with_names(count: u32, name: impl Fn(u32) -> String) -> Vec<u8> {
    let mut parts = Parts::new();
    let mut names = NameSection::new();
    let mut map = NameMap::new();
    // None of them can be left out or put into another.
    for number in 0..count {
        map.append(number, &name(number));
        parts.function(
            0,
            &body(|code| {
                if number > 0 {
                    code.loop_(wasm_encoder::BlockType::Empty);
                    code.i32_const(0).br_if(0).call(number - 1).end();
                } else {
                    code.unreachable();
                }
            }),
        );
    }
    names.functions(&map);
    parts.names = Some(names);
    parts.start(
        count,
        &body(|code| {
            code.call(count - 1);
        }),
    );
    parts.finish()
}

/// Export, import and function of a name of that many bytes.
pub(crate) fn long(bytes: u32) -> Vec<u8> {
    let name = "n".repeat(bytes as usize);
    let mut parts = Parts::new();
    parts.imports.import(&name, &name, EntityType::Function(0));
    parts.start(
        1,
        &body(|code| {
            code.call(0);
        }),
    );
    parts.exports.export(&name, ExportKind::Func, 1);
    let mut names = NameSection::new();
    let mut map = NameMap::new();
    map.append(1, &name);
    names.module(&name);
    names.functions(&map);
    parts.names = Some(names);
    parts.finish()
}

pub(crate) fn long_beyond(bytes: u32) -> Vec<u8> {
    long(bytes)
}

pub(crate) fn many_long(count: u32) -> Vec<u8> {
    with_names(count, |number| format!("{number}{}", "x".repeat(99_000)))
}

pub(crate) fn equal(count: u32) -> Vec<u8> {
    with_names(count, |_| "_start".to_owned())
}

/// Mangled names of C++ and Rust that are short and mean something very long.
pub(crate) fn mangled_bombs(count: u32) -> Vec<u8> {
    with_names(count, |number| match number % 2 {
        0 => cpp_bomb(20),
        _ => rust_bomb(20),
    })
}

/// Each argument is a template of the two before: as text, twice as long as those.
fn cpp_bomb(depth: u32) -> String {
    let mut name = "_Z1fI1aS_E1bIS0_S0_E".to_owned();
    name.clear();
    name.push_str("_Z1f");
    name.push_str("1AI1BS0_E");
    for level in 1..depth {
        // S_ is A, S0_ is B, S1_ the first template, and so on.
        let previous = base36(level);
        name.push_str(&format!("S_IS{previous}_S{previous}_E"));
    }
    name
}

fn base36(number: u32) -> String {
    let digit = |value: u32| char::from_digit(value, 36).map(|c| c.to_ascii_uppercase());
    match number {
        0..36 => digit(number).into_iter().collect(),
        _ => [digit(number / 36), digit(number % 36)]
            .into_iter()
            .flatten()
            .collect(),
    }
}

/// Tuples whose two elements are the tuple before, by reference.
fn rust_bomb(depth: u32) -> String {
    let mut name = "_RINvC1a1f".to_owned();
    let mut before = None;
    for _ in 0..depth {
        let at = name.len() - 2;
        let element = match before {
            None => "l".to_owned(),
            Some(at) => format!("B{}_", base62(at)),
        };
        name.push_str(&format!("T{element}{element}E"));
        before = Some(at);
    }
    name.push('E');
    name
}

fn base62(position: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    // `B_` is 0, and `B0_` is 1.
    let mut rest = match position.checked_sub(1) {
        None => return String::new(),
        Some(rest) => rest,
    };
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(DIGITS[rest % 62]));
        rest /= 62;
        if rest == 0 {
            break;
        }
    }
    digits.iter().rev().collect()
}

/// The same name twice, after that many others.
pub(crate) fn duplicate_exports(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.start(0, &body(|_| {}));
    for number in 2..count {
        parts
            .exports
            .export(&format!("e{number}"), ExportKind::Func, 0);
    }
    parts.exports.export("_start", ExportKind::Func, 0);
    parts.finish()
}

/// What a terminal obeys, what ends a line, what reorders it, what a shell or `printf` reads.
const ODD: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\n\r\t\u{9b}31m\u{85}\u{202e}\u{2066}\u{7f}%s%n$(id)`id`\u{0}\u{feff}end";

/// Whether a terminal would obey any of it.
fn obeyed(bytes: &[u8]) -> Option<char> {
    let text = String::from_utf8_lossy(bytes);
    text.chars().find(|&c| {
        c != '\n'
            && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    })
}

#[track_caller]
fn check(what: &str, output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        let found = obeyed(bytes);
        assert_eq!(found, None, "{what}: {}", String::from_utf8_lossy(bytes));
    }
}

/// A module that has odd names wherever one can be.
fn odd_everywhere(import: bool) -> Vec<u8> {
    let mut parts = Parts::new();
    if import {
        parts.imports.import(ODD, ODD, EntityType::Function(0));
    } else {
        parts.function(
            0,
            &body(|code| {
                code.unreachable();
            }),
        );
    }
    parts.start(
        1,
        &body(|code| {
            code.call(0);
        }),
    );
    parts.exports.export(ODD, ExportKind::Func, 1);
    let mut names = NameSection::new();
    let mut map = NameMap::new();
    map.append(0, ODD);
    map.append(1, ODD);
    names.module(ODD);
    names.functions(&map);
    parts.names = Some(names);
    let mut module = parts.finish();
    // An empty custom section of that name.
    let length = u8::try_from(ODD.len()).expect("it is short");
    module.extend([0, length + 1, length]);
    module.extend(ODD.as_bytes());
    module
}

#[test]
fn no_name_drives_a_terminal() {
    let folder = tempfile::tempdir().expect("there is room");
    let nativize = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nativize"));
        command.current_dir(folder.path()).env_clear();
        command.args(args).output().expect("it starts")
    };
    for import in [false, true] {
        write(folder.path(), &odd_everywhere(import));
        check("inspect", &nativize(&["inspect", "module.wasm"]));
        check(
            "inspect --json",
            &nativize(&["inspect", "--json", "module.wasm"]),
        );
        for message in [&[][..], &["--message-format=json"], &["-v"]] {
            let flags = [&["module.wasm", "--cache=off", "-o", "out"], message].concat();
            check("build", &nativize(&flags));
            let unknown = [&flags[..], &["--invoke", "no\u{1b}[2Jsuch"]].concat();
            check("--invoke", &nativize(&unknown));
        }
        let trap = [
            "module.wasm",
            "--cache=off",
            "--unknown-imports=trap",
            "-o",
            "out",
        ];
        let built = nativize(&trap);
        assert!(built.status.success(), "{built:?}");
        let run = Command::new(folder.path().join("out"))
            .output()
            .expect("it starts");
        assert_eq!(run.status.code(), Some(134));
        check("a backtrace", &run);
        assert!(run.stderr.ends_with(b"\n"));
        check("inspect", &nativize(&["inspect", "out"]));
        check(
            "explain",
            &nativize(&["explain", ODD.split('\0').next().unwrap_or_default()]),
        );
    }
}

#[test]
fn file_names_drive_no_terminal_either() {
    let folder = tempfile::tempdir().expect("there is room");
    let name = ODD.replace(['\0', '/'], "");
    let module = folder.path().join(format!("{name}.wasm"));
    std::fs::write(&module, odd_everywhere(false)).expect("any byte may be in a name");
    let mut command = Command::new(env!("CARGO_BIN_EXE_nativize"));
    command.arg(&module).args(["--cache=off", "-v", "-o"]);
    let output = folder.path().join("out");
    check("build", &command.arg(&output).output().expect("it starts"));
    let run = Command::new(&output).output().expect("it starts");
    assert_eq!(run.status.code(), Some(134));
    check("a trap", &run);
    let mut inspect = Command::new(env!("CARGO_BIN_EXE_nativize"));
    check(
        "inspect",
        &inspect
            .arg("inspect")
            .arg(&output)
            .output()
            .expect("it starts"),
    );
    let missing = folder.path().join(format!("{name}.missing"));
    let mut absent = Command::new(env!("CARGO_BIN_EXE_nativize"));
    check(
        "a missing file",
        &absent.arg(missing).output().expect("it starts"),
    );
}

/// Symbols of the runtime and of libraries, as exports, functions and imports at once.
#[test]
fn names_of_symbols_clash_with_nothing() {
    const SYMBOLS: [&str; 12] = [
        "_start",
        "main",
        "memcpy",
        "memset",
        "nvz_program",
        "nvz_config",
        "nvz_start",
        "nativize_start",
        "__libc_start_main",
        "rust_eh_personality",
        "_Unwind_Resume",
        ".text",
    ];
    let mut parts = Parts::new();
    let mut map = NameMap::new();
    for (index, name) in (0..).zip(SYMBOLS) {
        parts.imports.import(name, name, EntityType::Function(0));
        map.append(index, name);
    }
    let count = SYMBOLS.len() as u32;
    for (index, name) in (count..).zip(SYMBOLS) {
        parts.function(0, &body(|_| {}));
        if name != "_start" {
            parts.exports.export(name, ExportKind::Func, index);
        }
        map.append(index, name);
    }
    parts.start(
        2 * count,
        &body(|code| {
            for index in count..2 * count {
                code.call(index);
            }
            code.call(0);
        }),
    );
    let mut names = NameSection::new();
    names.functions(&map);
    parts.names = Some(names);
    let folder = tempfile::tempdir().expect("there is room");
    let path = write(folder.path(), &parts.finish());
    let built = compile(folder.path(), &path, &[]);
    assert_eq!(built.status, Some(0), "{}", built.stderr);
    let run = child::measure(
        &Command::new(folder.path().join("out")),
        child::Tool::Program,
    );
    assert_eq!(run.status, Some(134));
    let trap = "wasm trap: unknown import called: _start._start";
    assert!(run.stderr.contains(trap), "{}", run.stderr);
}
