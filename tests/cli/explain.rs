//! `nativize explain`, messages as JSON, completions and manual pages.

use std::process::Command;

use serde_json::Value;

use crate::sandbox::{HELLO, Sandbox};
use crate::skip::skipped;

fn text(sandbox: &Sandbox, arguments: &[&str]) -> String {
    String::from_utf8(sandbox.succeeds(arguments)).unwrap()
}

#[test]
fn every_code_is_explained() {
    let sandbox = Sandbox::new();
    let list = text(&sandbox, &["explain"]);
    let names = list.lines().filter_map(|line| line.strip_prefix("  "));
    let names: Vec<&str> = names.filter_map(|line| line.split(' ').next()).collect();
    assert!(names.len() > 30, "{list}");
    for name in names {
        let explained = text(&sandbox, &["explain", name]);
        assert!(explained.starts_with(&format!("{name}: ")), "{explained}");
        assert!(explained.lines().count() > 2, "{explained}");
        assert!(
            explained.lines().skip(1).all(|line| line.len() <= 80),
            "{explained}"
        );
    }
    assert!(text(&sandbox, &["explain", "3"]).contains("component: "));
    sandbox.fails(
        &["explain", "missing-imprt"],
        2,
        &[
            "error: there is no code `missing-imprt` [usage]",
            "  help: did you mean `nativize explain missing-import`?",
        ],
    );
    sandbox.fails(
        &["explain", "E0001"],
        2,
        &["error: ", "  help: `nativize explain` lists"],
    );
}

fn messages(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let output = sandbox.nativize(arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines = stderr.lines();
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}

#[test]
fn messages_as_json() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "app.wasm",
        r#"(module (import "a\1b" "b" (func)) (func (export "_start")))"#,
    );
    sandbox.write("hello.wat", HELLO);
    let found = messages(&sandbox, &["--message-format=json", "app.wasm"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["level"], "error");
    assert_eq!(found[0]["code"], "missing-import");
    assert_eq!(found[0]["status"], 4);
    let message = found[0]["message"].as_str().unwrap();
    assert!(
        message.ends_with("import \"a\u{1b}\" \"b\" is not available"),
        "{message}"
    );
    assert_eq!(found[0]["causes"].as_array().unwrap().len(), 1);
    assert!(found[0]["help"].as_str().unwrap().starts_with("available"));
    // A command line that cannot be read, and what is no failure.
    let found = messages(&sandbox, &["--xyzzy", "--message-format", "json"]);
    assert_eq!(
        (&found[0]["code"], &found[0]["status"]),
        (&"usage".into(), &2.into())
    );
    let found = messages(
        &sandbox,
        &["--message-format=json", "-v", "--dir=.", "hello.wat"],
    );
    let levels: Vec<_> = found.iter().map(|message| &message["level"]).collect();
    let (last, phases) = levels.split_last().unwrap();
    assert_eq!(*last, "note");
    assert_eq!(phases.len(), 6, "{phases:?}");
    assert!(phases.iter().all(|level| *level == "phase"), "{phases:?}");
}

#[test]
fn completions() {
    let sandbox = Sandbox::new();
    for (shell, flag) in [
        ("bash", "--target-cpu"),
        ("zsh", "--target-cpu"),
        ("fish", "-l target-cpu"),
    ] {
        let script = text(&sandbox, &["completions", shell]);
        assert!(
            script.contains(flag) && script.contains("inspect"),
            "{script}"
        );
    }
    sandbox.write("bash", text(&sandbox, &["completions", "bash"]));
    let ask = r#". ./bash; COMP_WORDS=(nativize --bounds-ch); COMP_CWORD=1; _nativize nativize --bounds-ch nativize; echo "${COMPREPLY[*]}""#;
    let mut bash = Command::new("bash");
    bash.current_dir(sandbox.path(""))
        .args(["--norc", "-c", ask]);
    let Ok(output) = bash.output() else {
        skipped("bash");
        return;
    };
    assert_eq!(output.stdout, b"--bounds-checks\n", "{output:?}");
}

#[test]
fn manual_pages() {
    let sandbox = Sandbox::new();
    sandbox.succeeds(&["man", "share/man1"]);
    let page = |name: &str| String::from_utf8(sandbox.read(&format!("share/man1/{name}"))).unwrap();
    assert!(page("nativize.1").contains("nativize\\-build(1)"));
    assert!(page("nativize-run.1").contains("Options of nativize come before FILE"));
    assert!(page("nativize-build.1").contains("\\-\\-inherit\\-env"));
    sandbox.write("file", "");
    sandbox.fails(
        &["man", "file/x"],
        4,
        &["error: cannot write `file/x`", "  cause: ", "  help: "],
    );
}
