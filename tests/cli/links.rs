//! `--link`: several modules in one executable, and every way in which they do not fit together.

use std::fs;

use crate::sandbox::Sandbox;

/// Prints `hello`, from the memory and with the function of another module.
const MAIN: &str = r#"(module
  (import "lib" "memory" (memory 1))
  (import "lib" "print" (func $print (param i32 i32)))
  (data (i32.const 64) "hello\n")
  (func (export "_start") (call $print (i32.const 64) (i32.const 6))))"#;

/// Prints a range of its memory, after a mark that the test chooses.
const LIB: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "1 ")
  (func (export "print") (param i32 i32)
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 2))
    (i32.store (i32.const 8) (local.get 0))
    (i32.store (i32.const 12) (local.get 1))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 16)))))"#;

fn sandbox(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", MAIN);
    sandbox.write("lib.wat", LIB);
    for (name, content) in files {
        sandbox.write(name, content);
    }
    sandbox
}

/// The links are refused by `build` and `run` alike.
#[track_caller]
fn fails(files: &[(&str, &str)], links: &[&str], status: i32, lines: &[&str]) {
    let sandbox = sandbox(files);
    for command in ["build", "run"] {
        let mut arguments = vec![command];
        for link in links {
            arguments.extend(["--link", link]);
        }
        arguments.push("app.wat");
        sandbox.fails(&arguments, status, lines);
    }
}

#[test]
fn build_and_run() {
    let sandbox = sandbox(&[]);
    sandbox.succeeds(&["app.wat", "--link", "lib=lib.wat"]);
    assert_eq!(sandbox.execute("app"), "1 hello\n");
    let output = sandbox.succeeds(&["run", "--link=lib=lib.wat", "app.wat"]);
    assert_eq!(output, b"1 hello\n");
    let main = MAIN.as_bytes();
    let output = sandbox.nativize_reading(&["-", "--link", "lib=lib.wat", "-o", "other"], main);
    assert!(output.status.success());
    assert!(sandbox.read("other").starts_with(b"\x7fELF"));
}

#[test]
fn symbols_name_the_module() {
    let sandbox = sandbox(&[]);
    // Calls stay calls.
    sandbox.succeeds(&["-O1", "app.wat", "--link", "lib=lib.wat"]);
    let bytes = sandbox.read("app");
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    assert!(has(b"\0lib!print\0"));
    assert!(has(b"\0_start\0"));
    let text = sandbox.succeeds(&[
        "-O1",
        "app.wat",
        "--link",
        "lib=lib.wat",
        "--emit=clif",
        "-o",
        "-",
    ]);
    assert!(String::from_utf8(text).unwrap().contains("(lib!print)"));
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let sandbox = sandbox(&[]);
    for (threads, output) in [("1", "a"), ("3", "b")] {
        sandbox.succeeds(&[
            "app.wat",
            "--link=lib=lib.wat",
            "--cache=off",
            "-j",
            threads,
            "-o",
            output,
        ]);
    }
    assert!(sandbox.read("a") == sandbox.read("b"));
}

#[test]
fn the_cache_knows_linked_modules() {
    let sandbox = sandbox(&[]);
    let run = |link: &str| {
        let output = sandbox.succeeds(&["run", "--link", link, "app.wat"]);
        String::from_utf8(output).unwrap()
    };
    let entries = || {
        fs::read_dir(sandbox.path("cache/nativize"))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().is_file())
            .count()
    };
    assert_eq!(run("lib=lib.wat"), "1 hello\n");
    assert_eq!(run("lib=lib.wat"), "1 hello\n");
    assert_eq!(entries(), 1);
    sandbox.write("copy.wat", LIB);
    assert_eq!(run("lib=copy.wat"), "1 hello\n");
    assert_eq!(entries(), 1, "where a module lies changes nothing");
    sandbox.write("lib.wat", LIB.replace("\"1 \"", "\"2 \""));
    assert_eq!(run("lib=lib.wat"), "2 hello\n");
    assert_eq!(entries(), 2);
    sandbox.nativize(&[
        "run",
        "--link=lib=lib.wat",
        "--link=lib2=lib.wat",
        "app.wat",
    ]);
    assert_eq!(entries(), 3);
}

#[test]
fn values() {
    let refuses = |values: &[&str], cause: &str| {
        fails(
            &[],
            values,
            2,
            &[
                "error: invalid value `",
                &format!("  cause: {cause}"),
                "  help: ",
            ],
        );
    };
    refuses(&["lib.wat"], "it has no `=`");
    refuses(&["lib="], "the file's path is empty");
    refuses(
        &["lib=-"],
        "only the main module is read from standard input",
    );
    refuses(
        &["lib=lib.wat", "lib=other.wat"],
        "a module of this name is linked already",
    );
}

#[test]
fn outputs_replace_no_linked_module() {
    let sandbox = sandbox(&[]);
    sandbox.fails(
        &["app.wat", "--link", "lib=lib.wat", "-o", "lib.wat"],
        2,
        &[
            "error: the output would replace the input `lib.wat`",
            "  help: ",
        ],
    );
}

#[test]
fn unused() {
    let sandbox = sandbox(&[("extra.wat", "(module)")]);
    let output = sandbox.nativize(&[
        "app.wat",
        "--link",
        "lib=lib.wat",
        "--link",
        "lbi=extra.wat",
    ]);
    assert!(output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{stderr}");
    assert_eq!(
        lines[0],
        "warning: nothing imports from the linked module \"lbi\""
    );
    assert!(lines[1].starts_with("  help: "), "{stderr}");
    assert_eq!(sandbox.execute("app"), "1 hello\n");
}

#[test]
fn file_that_is_not_there() {
    fails(
        &[],
        &["lib=none.wat"],
        4,
        &[
            "error: cannot read `none.wat`",
            "  cause: no such file",
            "  help: ",
        ],
    );
}

#[test]
fn file_that_is_no_module() {
    fails(
        &[("bad.wat", "(module (fun))")],
        &["lib=bad.wat"],
        1,
        &[
            "error: `bad.wat` is not a WebAssembly module",
            "  cause: ",
            "  help: ",
        ],
    );
    fails(
        &[("bad.wat", "(module (func (result i32)))")],
        &["lib=bad.wat"],
        1,
        &[
            "error: `bad.wat` is not a valid module",
            "  cause: type mismatch",
            "  help: ",
        ],
    );
}

#[test]
fn not_linked() {
    fails(
        &[],
        &[],
        4,
        &[
            "error: cannot link `app.wat`: import \"lib\" \"memory\" is not available",
            "  cause: unknown import: nothing provides memory 1..",
            "  help: available are the functions of wasi_snapshot_preview1 and wasi_unstable; add the module that \
             exports it with --link lib=FILE",
        ],
    );
}

#[test]
fn missing_export() {
    let misspelt = LIB.replace("\"print\"", "\"pritn\"");
    fails(
        &[("lib.wat", &misspelt)],
        &["lib=lib.wat"],
        4,
        &[
            "error: cannot link `app.wat`: import \"lib\" \"print\" is not available",
            "  cause: `lib.wat` does not export it (wanted: func (i32, i32) -> ())",
            "  cause: it exports memory, pritn",
            "  help: did you mean \"pritn\"?",
        ],
    );
    fails(
        &[("lib.wat", "(module)")],
        &["lib=lib.wat"],
        4,
        &[
            "error: cannot link `app.wat`: import \"lib\" \"memory\" is not available",
            "  cause: `lib.wat` does not export it (wanted: memory 1..)",
            "  cause: it exports nothing",
            "  help: link a module that exports \"memory\" as \"lib\"",
        ],
    );
}

#[test]
fn mismatch() {
    let mismatch = |content: &str, name: &str, cause: &str| {
        let subject =
            format!("error: cannot link `app.wat`: import \"lib\" \"{name}\" has another type");
        let cause = format!("  cause: incompatible import type: {cause}");
        let help = format!("  help: link a module that exports \"{name}\" with that type");
        fails(
            &[("lib.wat", content)],
            &["lib=lib.wat"],
            4,
            &[&subject, &cause, &help],
        );
    };
    mismatch(
        &LIB.replace(
            "(func (export \"print\") (param i32 i32)",
            "(func (export \"print\") (param i32 i32 i32)",
        ),
        "print",
        "expected func (i32, i32) -> (), found func (i32, i32, i32) -> ()",
    );
    mismatch(
        r#"(module (memory (export "memory") 0) (func (export "print") (param i32 i32)))"#,
        "memory",
        "expected memory 1.., found memory 0..",
    );
    mismatch(
        r#"(module (global (export "memory") (mut i64) (i64.const 0)) (func (export "print") (param i32 i32)))"#,
        "memory",
        "expected memory 1.., found global mut i64",
    );
}

#[test]
fn error_in_a_linked_module_names_its_file() {
    fails(
        &[("lib.wat", r#"(module (import "env" "foo" (func)))"#)],
        &["lib=lib.wat"],
        4,
        &[
            "error: cannot link `lib.wat`: import \"env\" \"foo\" is not available",
            "  cause: ",
            "  help: ",
        ],
    );
}

#[test]
fn cycle() {
    let importing =
        |name: &str| format!(r#"(module (import "{name}" "f" (func $f)) (export "f" (func $f)))"#);
    fails(
        &[
            ("a.wat", &importing("b")),
            ("b.wat", &importing("c")),
            ("c.wat", &importing("b")),
        ],
        &["a=a.wat", "b=b.wat", "c=c.wat", "lib=lib.wat"],
        4,
        &[
            "error: cannot link `app.wat`",
            "  cause: linked modules import from each other in a cycle: \"b\" imports from \"c\", which imports from \"b\"",
            "  help: move what they share",
        ],
    );
    fails(
        &[("a.wat", &importing("a"))],
        &["a=a.wat", "lib=lib.wat"],
        4,
        &[
            "error: cannot link `app.wat`",
            "  cause: the linked module \"a\" imports from itself",
            "  help: ",
        ],
    );
}

#[test]
fn commands_serve_nobody() {
    let refuses = |content: &str, cause: &str| {
        fails(
            &[("lib.wat", content)],
            &["lib=lib.wat"],
            4,
            &[
                "error: cannot link with `lib.wat`",
                &format!("  cause: {cause}"),
                "  help: build it as a reactor",
            ],
        );
    };
    refuses(
        r#"(module (memory (export "memory") 1) (func (export "_start")))"#,
        "it exports `_start`: it is a command",
    );
    refuses(
        r#"(module (func (export "_start")) (func (export "_initialize")))"#,
        "it exports both `_start` and `_initialize`",
    );
    refuses(
        r#"(module (func (export "_initialize") (param i32)))"#,
        "its export `_initialize` is not a function without parameters and results, but func (i32) -> ()",
    );
}
