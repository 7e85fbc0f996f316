//! `nativize audit`: what an executable was made with, against advisories.

use std::process::Command;

use serde_json::Value;

use crate::sandbox::{HELLO, Sandbox, assert_failure};
use crate::skip::skipped;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const OWNER: &[u8] = b"nativize\0";

/// A sandbox with an executable `app`.
fn with_app(options: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", HELLO);
    let mut arguments = vec!["build", "app.wat", "-o", "app"];
    arguments.extend(options);
    sandbox.succeeds(&arguments);
    sandbox
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let output = sandbox.nativize(&[&["audit", "--json", "app"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    })
}

fn advisory(id: &str, package: &str, patched: &str, more: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2026-11-23\"\n{more}\n\
         [versions]\npatched = [{patched}]\n```\n\n# A flaw\n"
    )
}

/// What the content of the note of this type begins with, and its place in the file.
fn note(app: &[u8], kind: u8) -> usize {
    let mut header = vec![kind, 0, 0, 0];
    header.extend(OWNER);
    let at = app.windows(header.len()).position(|bytes| bytes == header);
    // The name is padded to a multiple of 4 bytes.
    at.expect("the note is there") + 4 + OWNER.len().next_multiple_of(4)
}

#[test]
fn what_made_it_is_told_and_nothing_is_known_against_it() {
    let sandbox = with_app(&["-O1", "--dir", "data:ro", "--target-cpu", "v3"]);
    let report = json(&sandbox, &[]);
    assert_eq!(report["compiler"], VERSION);
    assert!(report["cranelift"].as_str().unwrap().starts_with("0.135."));
    let options: Vec<&str> = report["options"]
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option.as_str().unwrap())
        .collect();
    assert_eq!(options[..2], ["-O1", "--bounds-checks=guard"]);
    assert_eq!(
        options[3],
        "--target-cpu=v2,+avx,+avx2,+fma,+bmi1,+bmi2,+lzcnt"
    );
    assert_eq!(report["policy"]["directories"][0]["host"], "data");
    let packages = report["packages"].as_array().unwrap();
    for name in [
        "cranelift-codegen",
        "nativize",
        "rustix",
        "rustc",
        "wasmparser",
    ] {
        assert!(
            packages.iter().any(|package| package["name"] == name),
            "{name}"
        );
    }
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert!(report["advisories"].as_u64().unwrap() > 5);
    let text = String::from_utf8(sandbox.succeeds(&["audit", "app"])).unwrap();
    for line in [
        &format!("made by: nativize {VERSION}\n"),
        "program: app, for x86_64 linux\n",
        "policy: may read ./data; no network\n",
        " known, 0 affect it\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
}

#[test]
fn nothing_tells_where_and_how_it_was_built() {
    let app = |threads: &str| {
        let sandbox = with_app(&["-j", threads, "--cache", "off"]);
        sandbox.read("app")
    };
    let one = app("1");
    assert!(one == app("3"));
    for needle in ["/tmp", "/home", "/root", "/work"] {
        let mut found = one.windows(needle.len());
        assert!(!found.any(|bytes| bytes == needle.as_bytes()), "{needle}");
    }
}

#[test]
fn stripped_executables_keep_the_notes() {
    let report = json(&with_app(&["--strip"]), &[]);
    assert_eq!(report["compiler"], VERSION);
    let sandbox = with_app(&[]);
    match Command::new("strip")
        .arg("-s")
        .arg(sandbox.path("app"))
        .status()
    {
        Ok(status) => assert!(status.success()),
        Err(_) => return skipped("strip"),
    }
    assert_eq!(json(&sandbox, &[])["compiler"], VERSION);
    assert_eq!(sandbox.execute("app"), "hello\n");
}

#[test]
fn an_advisory_counts_if_it_is_about_a_package_in_its_version() {
    let sandbox = with_app(&["--bounds-checks", "explicit"]);
    let affected = |text: String| {
        sandbox.write("a.md", text);
        let arguments = ["audit", "app", "--advisories", "a.md"];
        let output = sandbox.nativize(&arguments);
        match output.status.code() {
            Some(0) => false,
            Some(1) => {
                let stdout = String::from_utf8(output.stdout).unwrap();
                assert!(stdout.contains("\n  affected: NVZ-2026-0001: "), "{stdout}");
                let stderr = String::from_utf8(output.stderr).unwrap();
                assert!(
                    stderr.starts_with(
                        "error: advisories are about what `app` was made with [affected]\n"
                    ),
                    "{stderr}"
                );
                true
            }
            other => panic!("{other:?} {}", String::from_utf8_lossy(&output.stderr)),
        }
    };
    let id = "NVZ-2026-0001";
    assert!(affected(advisory(id, "nativize", "\">= 99.0.0\"", "")));
    assert!(affected(advisory(id, "nativize", "", "")));
    assert!(!affected(advisory(id, "nativize", "\">= 0.1.0\"", "")));
    assert!(!affected(advisory(id, "serde", "", "")));
    assert!(affected(advisory(id, "rustix", "\">= 99.0.0\"", "")));
    assert!(affected(advisory(
        id,
        "cranelift-codegen",
        "\">= 0.135.9999\"",
        ""
    )));
    assert!(!affected(advisory(
        id,
        "cranelift-codegen",
        "\">= 0.135.0\"",
        ""
    )));
    assert!(!affected(advisory(
        id,
        "nativize",
        "",
        "withdrawn = \"2026-11-24\""
    )));
    assert!(!affected(advisory(
        id,
        "nativize",
        "",
        "informational = \"notice\""
    )));
    let only = |table: &str| {
        affected(
            advisory(id, "nativize", "", "").replace("\n```\n\n", &format!("\n{table}\n```\n\n")),
        )
    };
    assert!(only("[affected]\narch = [\"x86_64\"]\nos = [\"linux\"]"));
    assert!(!only("[affected]\narch = [\"aarch64\"]"));
    assert!(!only("[affected]\nos = [\"windows\"]"));
    assert!(only("[nativize]\noptions = [\"--bounds-checks=explicit\"]"));
    assert!(!only("[nativize]\noptions = [\"--bounds-checks=guard\"]"));
}

/// Cranelift's advisories are published under the name of Wasmtime, with the versions of its releases.
#[test]
fn advisories_of_wasmtime_are_those_of_its_release() {
    let sandbox = with_app(&[]);
    let kinds = |more: &str, patched: &str| {
        let text = advisory("RUSTSEC-2026-9999", "wasmtime", patched, "");
        sandbox.write(
            "a.md",
            text.replace("\n```\n\n", &format!("\n{more}\n```\n\n")),
        );
        let report = json(&sandbox, &["--advisories", "a.md"]);
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| finding["kind"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds("", ""), ["related"]);
    assert_eq!(kinds("[nativize]\ncranelift = true", ""), ["affected"]);
    assert_eq!(
        kinds("[nativize]\ncranelift = true", "\">= 48.0.0\""),
        [""; 0]
    );
    assert_eq!(
        kinds("[nativize]\ncranelift = true", "\">= 49.0.0\""),
        ["affected"]
    );
    sandbox.fails(
        &["audit", "missing", "--advisories", "a.md"],
        4,
        &["error: cannot read `missing`", "  cause: ", "  help: "],
    );
}

#[test]
fn a_directory_of_advisories_updates_those_that_are_known() {
    let sandbox = with_app(&[]);
    let known = json(&sandbox, &[])["advisories"].as_u64().unwrap();
    let folder = sandbox.path("db/crates/nativize");
    std::fs::create_dir_all(&folder).unwrap();
    sandbox.write("db/README.md", "# No advisory\n");
    sandbox.write("db/crates/nativize/image.md", b"\xff\xfe");
    sandbox.write(
        "db/crates/nativize/NVZ-2026-0001.md",
        advisory("NVZ-2026-0001", "nativize", "", ""),
    );
    // One that comes with the command, now said to be in no version patched: its table `[nativize]` still holds.
    sandbox.write(
        "db/new.md",
        advisory("RUSTSEC-2026-0087", "wasmtime", "", ""),
    );
    let report = json(&sandbox, &["--advisories", "db"]);
    assert_eq!(report["advisories"], known + 1);
    let ids: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (&finding["id"], &finding["kind"]))
        .collect();
    assert_eq!(
        ids,
        [
            (&Value::from("NVZ-2026-0001"), &Value::from("affected")),
            (&Value::from("RUSTSEC-2026-0087"), &Value::from("affected"))
        ]
    );
}

/// However a file of a directory is named and begins, it is read, or said not to be.
#[test]
fn no_advisory_of_a_directory_is_passed_over_silently() {
    let sandbox = with_app(&[]);
    std::fs::create_dir_all(sandbox.path("db/sub")).unwrap();
    std::fs::create_dir(sandbox.path("other")).unwrap();
    let text = |id: &str| advisory(id, "nativize", "", "");
    sandbox.write("db/mark.md", format!("\u{feff}{}", text("A-1")));
    sandbox.write("db/empty.md", format!("\r\n\n{}", text("A-2")));
    sandbox.write("db/UPPER.MD", text("A-3"));
    sandbox.write("linked", text("A-4"));
    sandbox.write("other/there.md", text("A-5"));
    let link = |to: &str, at: &str| std::os::unix::fs::symlink(to, sandbox.path(at)).unwrap();
    link("../linked", "db/link.md");
    link("../other", "db/others");
    link("..", "db/sub/circle");
    link("nowhere", "db/broken");
    let ids = || {
        let report = json(&sandbox, &["--advisories", "db"]);
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| finding["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(), ["A-1", "A-2", "A-3", "A-4", "A-5"]);
    let audit = || sandbox.nativize(&["audit", "app", "--advisories", "db"]);
    let stderr =
        |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!stderr(&audit()).contains("warning"));
    sandbox.write("db/late.md", format!("# First\n\n{}", text("A-6")));
    let warning = "warning: `db/late.md` is not read as an advisory\n  help: ";
    assert!(stderr(&audit()).starts_with(warning));
    // Alone it is an error, as a file that is named is, and a link to nowhere.
    std::fs::create_dir(sandbox.path("late")).unwrap();
    std::fs::rename(sandbox.path("db/late.md"), sandbox.path("late/late.md")).unwrap();
    let fails = |path: &str, lines: &[&str]| {
        sandbox.fails(&["audit", "app", "--advisories", path], 4, lines);
    };
    let cause = "  cause: it does not begin with a line ```toml";
    let message = "error: `late/late.md` is no advisory that can be read";
    fails("late", &[message, cause, "  help: "]);
    link("nowhere", "db/broken.md");
    fails(
        "db",
        &["error: cannot read `db/broken.md`", "  cause: ", "  help: "],
    );
}

/// The standard library is part of the runtime, in the version of the compiler.
#[test]
fn advisories_of_rust_are_about_its_version() {
    let sandbox = with_app(&[]);
    let finding = |file: &str, package: &str, patched: &str, more: &str| {
        let _ = std::fs::remove_dir_all(sandbox.path("db"));
        let path = sandbox.path("db").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, advisory("CVE-2099-1", package, patched, more)).unwrap();
        let report = json(&sandbox, &["--advisories", "db"]);
        let first = report["findings"].as_array().unwrap().first()?.clone();
        assert_eq!(first["package"], package);
        assert_eq!(first["kind"], "affected");
        let packages = report["packages"].as_array().unwrap();
        let rustc = packages.iter().find(|package| package["name"] == "rustc");
        assert_eq!(first["version"], rustc.unwrap()["version"]);
        Some(())
    };
    for package in ["std", "core", "alloc", "rustc"] {
        assert!(
            finding("a.md", package, "\">= 99.0.0\"", "").is_some(),
            "{package}"
        );
        assert!(
            finding("a.md", package, "\">= 1.60.0\"", "").is_none(),
            "{package}"
        );
    }
    // There is a crate of this name too, in other versions.
    let builtins = "compiler_builtins";
    assert!(finding("a.md", builtins, "", "").is_none());
    assert!(finding("crates/compiler_builtins/a.md", builtins, "", "").is_none());
    assert!(finding("a.md", builtins, "", "collection = \"rust\"").is_some());
    assert!(finding("rust/compiler_builtins/a.md", builtins, "", "").is_some());
    assert!(finding("rust/rustdoc/a.md", "rustdoc", "", "").is_none());
}

#[test]
fn advisories_that_cannot_be_read_are_never_passed_over() {
    let sandbox = with_app(&[]);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    sandbox.write("broken.md", advisory("A", "nativize", "\"soon\"", ""));
    std::fs::create_dir(sandbox.path("db")).unwrap();
    sandbox.write("db/broken.md", "```toml\n[advisory]\n```\n# T\n");
    sandbox.write("other.md", "# Other\n");
    let fails = |path: &str, lines: &[&str]| {
        sandbox.fails(&["audit", "app", "--advisories", path], 4, lines)
    };
    fails(
        "empty",
        &[
            "error: no advisories below `empty` [bad-advisory]",
            "  help: ",
        ],
    );
    fails(
        "missing",
        &[
            "error: cannot read `missing` [cannot-read]",
            "  cause: ",
            "  help: ",
        ],
    );
    fails(
        "broken.md",
        &[
            "error: `broken.md` is no advisory that can be read [bad-advisory]",
            "  cause: `soon` is no version requirement",
            "  help: ",
        ],
    );
    fails(
        "db",
        &[
            "error: `db/broken.md` is no advisory that can be read",
            "  cause: missing field",
            "  help: ",
        ],
    );
    fails(
        "other.md",
        &[
            "error: `other.md` is no advisory that can be read",
            "  cause: it does not begin with a line ```toml",
            "  help: ",
        ],
    );
}

#[test]
fn other_files_are_refused() {
    let sandbox = with_app(&[]);
    sandbox.write("text", "hello\n");
    let this = std::env::current_exe().unwrap();
    let app = sandbox.read("app");
    sandbox.write("cut", &app[..40]);
    for file in ["app.wat", "text", "cut", this.to_str().unwrap()] {
        sandbox.fails(
            &["audit", file],
            1,
            &[
                &format!("error: `{file}` was not made by nativize [not-made-by-nativize]"),
                "  help: ",
            ],
        );
    }
}

#[test]
fn damaged_notes_are_said_to_be() {
    let sandbox = with_app(&["--dir", "data"]);
    let app = sandbox.read("app");
    let damaged = |at: usize, byte: u8, cause: &str| {
        let mut changed = app.clone();
        assert_ne!(changed[at], byte);
        changed[at] = byte;
        sandbox.write("changed", changed);
        let cause = format!("  cause: {cause}");
        sandbox.fails(
            &["audit", "changed"],
            1,
            &[
                "error: the notes of `changed` cannot be read [damaged-notes]",
                &cause,
                "  help: ",
            ],
        );
    };
    damaged(note(&app, 1), b'x', "the compiler's version is no version");
    damaged(
        note(&app, 1),
        b'7',
        "they disagree about the version of nativize",
    );
    damaged(note(&app, 1), 0xff, "text in one of them is not UTF-8");
    damaged(note(&app, 2), 0x77, "the policy has another form");
    damaged(note(&app, 5) + 1, 0xff, "text in one of them is not UTF-8");
    let packages = note(&app, 5);
    let space = packages
        + app[packages..]
            .iter()
            .position(|&byte| byte == b' ')
            .unwrap();
    damaged(space, b'-', "the list of packages has another form");
    // The types: of one that is missing then, and of one that is there twice.
    let kind = |kind| note(&app, kind) - OWNER.len().next_multiple_of(4) - 4;
    damaged(kind(5), 9, "the list of packages is missing");
    damaged(kind(4), 9, "the options of the build are missing");
    damaged(kind(1), 9, "the compiler's version is missing");
    damaged(kind(4), 5, "one occurs twice");
    // The length of the content.
    damaged(kind(4) - 1, 0x7f, "one does not end where they end");
}

/// What its notes say is no answer about a file that is not what nativize wrote.
#[test]
fn executables_that_are_not_whole_get_no_answer() {
    let sandbox = with_app(&[]);
    let app = sandbox.read("app");
    let fails = |changed: &[u8], cause: &str| {
        sandbox.write("changed", changed);
        sandbox.fails(
            &["audit", "changed"],
            1,
            &[
                "error: `changed` is not as nativize wrote it [damaged-notes]",
                &format!("  cause: {cause}"),
                "  help: ",
            ],
        );
    };
    // The notes come first, the section headers last.
    let notes = note(&app, 5) + 600;
    let part = (app.len() - notes) / 20;
    for end in (notes..app.len()).step_by(part).chain([app.len() - 1]) {
        fails(&app[..end], "it is cut off: the file ends before its ");
    }
    let change = |at: usize, bytes: &[u8], cause: &str| {
        let mut changed = app.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        fails(&changed, cause);
    };
    let other = "it is for another machine than x86-64";
    change(18, &183_u16.to_le_bytes(), other);
    change(18, &243_u16.to_le_bytes(), other);
    change(5, &[2], other);
    change(16, &3_u16.to_le_bytes(), "it is no executable");
    // Without section headers, as some tools leave it, it is whole.
    let mut without = app.clone();
    without[40..48].fill(0);
    without[60..64].fill(0);
    sandbox.write("app", without);
    assert_eq!(json(&sandbox, &[])["compiler"], VERSION);
    // Of an ELF of 32 bits nothing can be read.
    let mut small = app.clone();
    small[4] = 1;
    sandbox.write("small", small);
    let message = "error: `small` was not made by nativize [not-made-by-nativize]";
    sandbox.fails(&["audit", "small"], 1, &[message, "  help: "]);
}

/// Whatever becomes of the notes, there is an answer.
#[test]
fn no_change_of_the_notes_is_a_crash() {
    let sandbox = with_app(&["--dir", "data"]);
    let app = sandbox.read("app");
    let start = note(&app, 1) - 20;
    let end = note(&app, 5) + 40;
    for (count, at) in (start..end).step_by(7).enumerate() {
        let mut changed = app.clone();
        changed[at] ^= 1 << (count % 8);
        sandbox.write("changed", changed);
        let output = sandbox.nativize(&["audit", "changed"]);
        let status = output.status.code();
        assert!(matches!(status, Some(0 | 1)), "byte {at}: {status:?}");
    }
}

#[test]
fn names_cannot_drive_the_terminal() {
    let sandbox = Sandbox::new();
    sandbox.write("a\x1b[2J.wat", HELLO);
    sandbox.succeeds(&["a\x1b[2J.wat", "-o", "app"]);
    let mut text = advisory("A", "nativize", "", "");
    text = text.replace("# A flaw", "# A \u{202e}\x1b[2Jflaw");
    sandbox.write("a.md", text);
    for arguments in [
        &["audit", "app", "--advisories", "a.md"][..],
        &["audit", "app", "--json", "--advisories", "a.md"],
    ] {
        let stdout = String::from_utf8(sandbox.nativize(arguments).stdout).unwrap();
        assert!(stdout.contains("2Jflaw"), "{stdout}");
        assert!(!stdout.contains(['\x1b', '\u{202e}']), "{stdout}");
    }
}

#[test]
fn standard_input_is_an_executable_too() {
    let sandbox = with_app(&[]);
    let app = sandbox.read("app");
    let output = sandbox.nativize_reading(&["audit", "-"], &app);
    assert_eq!(output.status.code(), Some(0));
    let output = sandbox.nativize_reading(&["audit", "-"], b"");
    assert_failure(
        &output,
        1,
        &["error: standard input was not made by nativize", "  help: "],
    );
}
