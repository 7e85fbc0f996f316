//! Executables under `gdb`: with `-g` it knows lines, functions, variables and types of the source; without, it names functions
//! and unwinds from a trap and from a host call to `_start`.
//!
//! Each test is a session of commands and what must appear in its output, in that order.

use nativize_compiler::{OptLevel, Options, Pass, Program};
use nativize_tests::Executable;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gdb")
}

fn module(name: &str) -> Vec<u8> {
    std::fs::read(source().join(name)).expect("it is checked in")
}

fn debug() -> Options {
    Options {
        debug: true,
        ..Options::default()
    }
}

fn build(name: &str, options: &Options) -> Executable {
    let bytes = module(name);
    let module = nativize_compiler::parse(&bytes).unwrap();
    let program = Program::command(&module, None).unwrap();
    nativize_tests::build(&program, options, &[]).unwrap()
}

/// What `gdb` says to `commands`; `None` if there is no `gdb`.
fn session(executable: &Executable, commands: &[&str]) -> Option<String> {
    let mut gdb = Command::new("gdb");
    // The same whatever the user has set up and whatever the width of the terminal.
    gdb.args(["-nx", "-q", "-batch", "-iex", "set debuginfod enabled off"]);
    gdb.args(["-iex", "set width 0", "-iex", "set auto-load off"]);
    // Nor whatever the user's shell is.
    gdb.args(["-iex", "set startup-with-shell off"]);
    gdb.arg("-iex")
        .arg(format!("set directories {}", source().display()));
    for command in commands {
        gdb.args(["-ex", command]);
    }
    gdb.arg(executable.path())
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    let Ok(output) = gdb.output() else {
        nativize_tests::skipped("gdb");
        return None;
    };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(
        !text.contains("ptrace: Operation not permitted"),
        "gdb must be allowed to trace its children\n{text}"
    );
    Some(text)
}

/// Looks for `expected` in the output, each behind the one before.
#[track_caller]
fn expect(executable: &Executable, commands: &[&str], expected: &[&str]) {
    let Some(text) = session(executable, commands) else {
        return;
    };
    let mut rest = text.as_str();
    for part in expected {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => panic!("`{part}` is not in what is left:\n{rest}\n\nof all:\n{text}"),
        }
    }
    for complaint in [
        "warning: (",
        "Error: pc",
        "DWARF Error",
        "During symbol reading",
    ] {
        assert!(!text.contains(complaint), "gdb complains:\n{text}");
    }
}

#[test]
fn c_optimized() {
    expect(
        &build("lists.wasm", &debug()),
        &[
            "break lists.c:17",
            "run",
            "backtrace",
            "info locals",
            "print *node",
            "print *node->next",
            "print *list",
            "finish",
            "print local.value",
            "break at",
            "delete 1",
            "continue",
        ],
        &[
            "Breakpoint 1, push (list=0x",
            "value=2, name=0x",
            "lists.c:17",
            "17\t    return node;",
            "#0  push (list=0x",
            "#1  0x",
            "in main (argc=1, argv=<optimized out>)",
            "node = 0x",
            "$1 = {value = 2, name = 0x",
            "$2 = {value = 40, name = 0x",
            "next = 0x0}",
            "in main (argc=1",
            "Value returned is $3 = (void *) 0x",
            "$4 = 40",
            "exited normally",
            // A pointer in memory is an offset in linear memory: what gdb would read there is something else.
            "Attempt to dereference a generic pointer",
        ],
    );
}

#[test]
fn c_stepping() {
    expect(
        &build("lists_O0.wasm", &debug()),
        &[
            "break main",
            "run",
            "next",
            "step",
            "next",
            "next",
            "next",
            "next",
            "info locals",
            "print total_calls",
            "tbreak lists.c:26",
            "continue",
            "print total",
            "print total_calls",
        ],
        &[
            "Breakpoint 1, main (argc=1",
            "35\t    struct node local = {40, \"local\", NULL};",
            "36\t    struct node *list = push(&local, 2, \"second\");",
            "push (list=0x",
            "13\t    struct node *node = malloc(sizeof *node);",
            "14\t    node->value = value;",
            "15\t    node->name = name;",
            "16\t    node->next = list;",
            "17\t    return node;",
            "node = 0x",
            "= 3",
            "sum (list=0x",
            "scale=1.5) at lists.c:26",
            "= 30",
            "= 6",
        ],
    );
}

#[test]
fn c_not_optimized() {
    for opt_level in [OptLevel::O0, OptLevel::O2, OptLevel::O3] {
        let options = Options {
            opt_level,
            ..debug()
        };
        expect(
            &build("lists_O0.wasm", &options),
            &[
                "break lists.c:23 if total == -12",
                "run",
                "info args",
                "info locals",
                "print *at",
                "print sizeof(struct node)",
                "ptype at",
                "up",
                "info args",
                "info locals",
                "print numbers[3]",
                "whatis &local",
                "print main",
            ],
            &[
                "sum (list=0x",
                "scale=1.5) at lists.c:23",
                "list = 0x",
                "scale = 1.5",
                "at = 0x",
                "total = -12",
                "= {value = 2, name = 0x",
                "= 12",
                "type = const struct node {\n    int value;\n    void *name;\n    void *next;\n} *",
                "in main (argc=1, argv=0x",
                "lists.c:39",
                "argc = 1",
                "local = {value = 40, name = 0x",
                "numbers = {1, 2, 3, 4}",
                "= 4",
                "type = struct node *",
                "{int (int, void **)} 0x",
            ],
        );
    }
}

#[test]
fn c_trap() {
    expect(
        &build("lists_O0.wasm", &debug()),
        &[
            "run 1 2",
            "backtrace",
            "info args",
            "up",
            "print numbers",
            "continue",
        ],
        &[
            "Program received signal SIGSEGV",
            "at (numbers=0x",
            "index=3) at lists.c:31",
            "31\t    return numbers[index];",
            "#0  ",
            "at (numbers=0x",
            "#1  ",
            "in main (argc=3, argv=0x",
            "numbers = 0x",
            "index = 3",
            "= {1, 2, 3, 4}",
            "exited with code 0206",
            "wasm trap: out of bounds memory access",
        ],
    );
}

#[test]
fn rust() {
    expect(
        &build("shapes.wasm", &debug()),
        &[
            "break shapes.rs:38",
            "run",
            "backtrace",
            "info locals",
            "print *shape",
            "print self.factor",
            "print *self",
            "next",
            "next",
            "step",
            "print *self",
            "finish",
            "delete",
            "continue",
            "backtrace",
        ],
        &[
            "Breakpoint 1, shapes::Canvas::measure (self=0x",
            "limit=1000) at shapes.rs:38",
            "38\t            self.total += area * self.factor;",
            "#0  shapes::Canvas::measure",
            "#1  0x",
            "in shapes::_start () at shapes.rs:53",
            "in _start ()",
            "area = 12",
            "shape = 0x",
            "$1 = shapes::Shape::Circle{radius: 2}",
            "$2 = 10",
            "shapes::Canvas {",
            "factor: 10, total: 0}",
            "36\t        for shape in self.shapes {",
            "37\t            let area = shape.area();",
            "shapes::Shape::area (self=0x",
            "= shapes::Shape::Rectangle{width: 3, height: 4}",
            "Value returned is",
            "= 12",
            "Program received signal SIGILL",
            "shapes.rs:55",
        ],
    );
}

#[test]
fn symbols_and_unwinding_without_debug_information() {
    // Functions that the compiler puts in the place of calls have no frame then; here it does not.
    let options = Options {
        disabled_passes: Pass::ALL.into_iter().collect(),
        ..Options::default()
    };
    expect(
        &build("lists.wasm", &options),
        &["run 1 2", "set backtrace past-main on", "backtrace"],
        &[
            "Program received signal SIGSEGV",
            "#0  0x",
            "in at ()",
            "in main ()",
            "in [entry 1] ()",
            "in nvz_main_command ()",
            "in _start ()",
        ],
    );
    for options in [Options::default(), debug()] {
        let executable = build("lists.wasm", &options);
        expect(
            &executable,
            &[
                "catch syscall writev",
                "run",
                "set backtrace past-main on",
                "backtrace",
            ],
            &[
                "call to syscall writev",
                "in nvz_p1_fd_write ()",
                "in wasi_snapshot_preview1.fd_write ()",
                "in __stdio_write (",
                "in printf",
                "in sum (",
                "in [entry 1] ()",
                "in nvz_main_command ()",
                "in _start ()",
            ],
        );
    }
}

/// The places of debug sections in a module.
fn debug_sections(module: &[u8]) -> Vec<std::ops::Range<usize>> {
    let payloads = wasmparser::Parser::new(0).parse_all(module);
    let sections = payloads.filter_map(|payload| match payload.unwrap() {
        wasmparser::Payload::CustomSection(section) if section.name().starts_with(".debug_") => {
            let start = usize::try_from(section.data_offset()).unwrap();
            Some(start..start + section.data().len())
        }
        _ => None,
    });
    sections.collect()
}

#[test]
fn damaged_debug_information_builds() {
    let whole = module("shapes.wasm");
    let sections = debug_sections(&whole);
    assert!(sections.len() > 4);
    let mut state = 1u64;
    let mut random = move |below: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    for round in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..1 + round % 7 {
            let section = &sections[random(sections.len())];
            let at = section.start + random(section.len());
            bytes[at] = [0, 0x7f, 0x80, 0xff, random(256) as u8][random(5)];
        }
        let module = nativize_compiler::parse(&bytes).unwrap();
        let program = Program::command(&module, None).unwrap();
        nativize_compiler::compile(&program, &debug(), &()).unwrap();
    }
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let bytes = module("lists.wasm");
    let module = nativize_compiler::parse(&bytes).unwrap();
    let program = Program::command(&module, None).unwrap();
    let object = |threads| {
        let options = Options {
            threads: Some(threads),
            ..debug()
        };
        nativize_compiler::compile(&program, &options, &()).unwrap()
    };
    assert!(object(1) == object(5));
}
