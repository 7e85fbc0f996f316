//! The command line: what is refused, and what its help says.

use crate::sandbox::{HELLO, Sandbox};

fn refuses(arguments: &[&str], lines: &[&str]) {
    let sandbox = Sandbox::new();
    sandbox.write("app.wasm", HELLO);
    sandbox.fails(arguments, 2, lines);
}

#[test]
fn no_arguments() {
    refuses(
        &[],
        &[
            "error: no file is given",
            "  help: `nativize app.wasm -o app`",
        ],
    );
    refuses(&["-v"], &["error: no file is given", "  help: "]);
    for (command, help) in [
        ("build", "`nativize --help`"),
        ("run", "`nativize run --help`"),
    ] {
        let help = format!("  help: {help} lists every option");
        refuses(&[command], &["error: no file is given [usage]", &help]);
    }
}

#[test]
fn numbers_of_threads() {
    refuses(
        &["--jobs", "4", "app.wasm"],
        &["error: unexpected argument '--jobs'", "  help: write -j N"],
    );
    refuses(
        &["-j", "many", "app.wasm"],
        &[
            "error: invalid value 'many'",
            "  help: write a number from 1 on",
        ],
    );
}

#[test]
fn directory_as_input() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("project")).unwrap();
    sandbox.fails(
        &["project"],
        4,
        &[
            "error: cannot read `project` [cannot-read]",
            "  cause: is a directory",
            "  help: name a .wasm or .wat file in that directory",
        ],
    );
}

/// Two commands that read executables only.
#[test]
fn what_is_no_executable() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", HELLO);
    std::fs::create_dir(sandbox.path("project")).unwrap();
    for command in ["verify", "audit"] {
        sandbox.fails(
            &[command, "project"],
            4,
            &[
                "error: cannot read `project` [cannot-read]",
                "  cause: is a directory",
                "  help: name an executable in that directory",
            ],
        );
    }
    sandbox.succeeds(&["app.wat", "--emit", "obj"]);
    sandbox.fails(
        &["verify", "app.o"],
        1,
        &[
            "error: `app.o` cannot be verified [not-made-by-nativize]",
            "  cause: it is an object file, which is not linked to an executable yet",
            "  help: ",
        ],
    );
}

#[test]
fn readers_that_have_seen_enough() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wasm", HELLO);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for arguments in [
        &["app.wasm", "--emit", "asm", "-o", "-"][..],
        &["inspect", "app.wasm"],
    ] {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_nativize"));
        let output = command
            .args(arguments)
            .stdout(writer.try_clone().unwrap())
            .output()
            .unwrap();
        assert_eq!(output.stderr, b"", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
    // Nobody reads half of an executable.
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_nativize"));
    let output = command
        .args(["app.wasm", "-o", "-"])
        .stdout(writer)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with(
            "error: cannot write to standard output [cannot-write]\n  cause: broken pipe"
        ),
        "{stderr}"
    );
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn unknown_flag() {
    refuses(
        &["--stirp", "app.wasm"],
        &[
            "error: unexpected argument '--stirp'",
            "  help: a similar argument exists: '--strip'",
        ],
    );
    refuses(
        &["app.wasm", "--xyzzy"],
        &["error: unexpected argument '--xyzzy'", "  help: "],
    );
}

#[test]
fn misspelt_command() {
    refuses(
        &["inspct", "app.wasm"],
        &[
            "error: there is neither a command nor a file `inspct`",
            "  help: did you mean `nativize inspect`?",
        ],
    );
}

#[test]
fn values() {
    let invalid = |flag: &str, value: &str| {
        refuses(
            &[&format!("{flag}={value}"), "app.wasm"],
            &["error: invalid value", "  help: "],
        );
    };
    invalid("--opt-level", "4");
    invalid("--emit", "llvm");
    invalid("--bounds-checks", "none");
    invalid("--color", "sometimes");
    invalid("--relaxed-simd", "slow");
    invalid("--threads", "0");
    invalid("-Z", "no-such-option");
    let explained = |flag: &str, value: &str| {
        refuses(
            &[&format!("{flag}={value}"), "app.wasm"],
            &["error: invalid value `", "  cause: ", "  help: write"],
        );
    };
    explained("--dir", "::/x");
    explained("--dir", "x::");
    explained("--env", "=x");
    explained("--stack-size", "1");
    explained("--stack-size", "5G");
    explained("--stack-size", "big");
    explained("--target-cpu", "v1");
    explained("--target-cpu", "haswell");
    explained("--target-cpu", "v3,+sse9");
}

#[test]
fn output_would_replace_the_input() {
    let sandbox = Sandbox::new();
    sandbox.write("app", HELLO);
    let lines = [
        "error: the output would replace the input `app`",
        "  help: choose another",
    ];
    sandbox.fails(&["app"], 2, &lines);
    sandbox.fails(&["app", "-o", "./app"], 2, &lines);
}

#[test]
fn verbose_and_quiet() {
    refuses(
        &["-v", "-q", "app.wasm"],
        &["error: the argument", "  help: "],
    );
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", HELLO);
    let output = sandbox.nativize(&["-v", "app.wat"]);
    assert!(output.status.success() && output.stdout.is_empty());
    let stderr = String::from_utf8(output.stderr).unwrap();
    let phases: Vec<_> = stderr
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        phases,
        ["read", "parse", "compile", "cache", "link", "write"],
        "{stderr}"
    );
}

#[test]
fn help_and_version() {
    let sandbox = Sandbox::new();
    let text = |arguments: &[&str]| String::from_utf8(sandbox.succeeds(arguments)).unwrap();
    let help = text(&["--help"]);
    for expected in [
        "--dir",
        "--inherit-env",
        "nativize run app.wasm",
        "Exit status:",
    ] {
        assert!(help.contains(expected), "{help}");
    }
    assert!(text(&["run", "--help"]).contains("Options of nativize come before FILE."));
    assert_eq!(
        text(&["-V"]),
        format!("nativize {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn colors() {
    let sandbox = Sandbox::new();
    let stderr = |arguments: &[&str]| sandbox.nativize(arguments).stderr;
    assert!(
        !stderr(&["x.wasm"]).contains(&0x1b),
        "standard error is not a terminal"
    );
    assert!(stderr(&["x.wasm", "--color=always"]).contains(&0x1b));
    assert!(!stderr(&["x.wasm", "--color", "never"]).contains(&0x1b));
}
