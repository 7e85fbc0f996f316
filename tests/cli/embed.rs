//! `--embed-dir`: a directory inside of the executable, looked at by the program of the escape corpus.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::sandbox::{Sandbox, assert_failure};

/// A directory `assets`, embedded as `/assets` into `app`, and gone from the host.
fn embedded(more: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/escape/guest.wasm");
    sandbox.write("guest.wasm", fs::read(guest).unwrap());
    let assets = sandbox.path("assets");
    for directory in ["", "dir", "dir/deep", "empty"] {
        fs::create_dir_all(assets.join(directory)).unwrap();
    }
    fs::write(assets.join("file"), "content of the file").unwrap();
    fs::write(assets.join("dir/in"), "inner").unwrap();
    fs::write(assets.join("large"), vec![b'x'; 300_000]).unwrap();
    for (name, target) in [
        ("link", "dir/in"),
        ("dir/up", "../file"),
        ("out", "../guest.wasm"),
        ("absolute", "/etc/passwd"),
        ("loop", "loop"),
    ] {
        symlink(target, assets.join(name)).unwrap();
    }
    let arguments = [
        "-q",
        "guest.wasm",
        "-o",
        "app",
        "--embed-dir",
        "assets::/assets",
    ];
    sandbox.succeeds(&[&arguments[..], more].concat());
    fs::remove_dir_all(assets).unwrap();
    sandbox
}

/// What the program prints for these commands, a line each.
#[track_caller]
fn run(sandbox: &Sandbox, commands: &[&str]) -> Vec<String> {
    let output = sandbox
        .command(sandbox.path("app"))
        .args(commands)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{stderr}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(str::to_owned);
    lines
        .filter(|line| line != "done" && !line.ends_with("failed"))
        .collect()
}

#[test]
fn files_and_directories() {
    let sandbox = embedded(&[]);
    for (commands, expected) in [
        (
            &["open|3|file|0|0|2"][..],
            &["open: 0", "read content of the file", "is 4"][..],
        ),
        (
            &["open|3|dir/in|0|0|2", "read|4", "fdstat|4"],
            &[
                "open: 0",
                "read inner",
                "is 4",
                "fdstat: 0",
                "type 4 size 5",
            ],
        ),
        (
            &["open|3|dir/deep/../in|0|0|2"],
            &["open: 0", "read inner", "is 4"],
        ),
        (&["open|3|link|1|0|2"], &["open: 0", "read inner", "is 4"]),
        (
            &["open|3|dir/up|1|0|2"],
            &["open: 0", "read content of the file", "is 4"],
        ),
        (
            &["open|3|dir|0|2|2"],
            &[
                "open: 0",
                "entry .",
                "entry ..",
                "entry deep",
                "entry in",
                "entry up",
                "is 4",
            ],
        ),
        (
            &["open|3|dir|0|2|0", "open|4|in|0|0|2"],
            &["open: 0", "is 4", "open: 0", "read inner", "is 5"],
        ),
        (
            &["open|3|empty|0|2|0", "list|4"],
            &["open: 0", "is 4", "entry .", "entry .."],
        ),
        (
            &["list|3"],
            &[
                "entry .",
                "entry ..",
                "entry absolute",
                "entry dir",
                "entry empty",
                "entry file",
                "entry large",
                "entry link",
                "entry loop",
                "entry out",
            ],
        ),
        (
            &[
                "stat|3|large|0",
                "stat|3|link|0",
                "stat|3|link|1",
                "stat|3|dir|0",
                "stat|3|.|0",
            ],
            &[
                "stat: 0",
                "type 4 size 300000",
                "stat: 0",
                "type 7 size 6",
                "stat: 0",
                "type 4 size 5",
                "stat: 0",
                "type 3 size 0",
                "stat: 0",
                "type 3 size 0",
            ],
        ),
        (&["fdstat|3"], &["fdstat: 0", "type 3 size 0"]),
        (
            &["readlink|3|link", "readlink|3|file", "readlink|3|absolute"],
            &[
                "readlink: 0",
                "target dir/in",
                "readlink: 28",
                "readlink: 63",
            ],
        ),
    ] {
        assert_eq!(run(&sandbox, commands), expected, "{commands:?}");
    }
}

#[test]
fn nothing_changes_and_nothing_leads_out() {
    let sandbox = embedded(&["--dir", ".::/here"]);
    for (command, errno) in [
        ("open|4|missing|0|0|2", 44),
        ("open|4|file/|0|0|2", 54),
        ("open|4|file/x|0|0|2", 54),
        ("open|4|link|0|0|2", 32),
        ("open|4|loop|1|0|2", 32),
        ("open|4|file|0|2|2", 54),
        ("open|4|out|1|0|2", 63),
        ("open|4|absolute|1|0|2", 63),
        ("open|4|..|1|2|2", 63),
        ("open|4|dir/../../guest.wasm|1|0|2", 63),
        ("open|4|/etc/passwd|1|0|2", 63),
        ("open|4||1|0|2", 44),
        ("open|4|file|0|0|64", 63),
        ("open|4|file|0|8|2", 63),
        ("open|4|new|0|1|2", 63),
        ("mkdir|4|new", 63),
        ("rmdir|4|empty", 63),
        ("unlink|4|file", 63),
        ("times|4|file|0", 63),
        ("fdtimes|4", 63),
        ("rename|4|file|4|new", 63),
        ("rename|4|file|3|new", 63),
        ("rename|3|guest.wasm|4|new", 63),
        ("link|4|file|0|3|new", 63),
        ("link|3|guest.wasm|0|4|new", 63),
        ("symlink|x|4|new", 63),
        ("size|4|0", 8),
        ("allocate|4|10", 8),
        ("append|4|1", 8),
        ("write|4|x", 8),
    ] {
        let name = command.split('|').next().unwrap();
        assert_eq!(
            run(&sandbox, &[command]),
            [format!("{name}: {errno}")],
            "{command}"
        );
    }
    // Files that were opened, too: what they hold is a copy of it, which is sealed.
    let opened = run(
        &sandbox,
        &[
            "open|4|file|0|0|2",
            "write|5|x",
            "size|5|0",
            "allocate|5|99",
            "fdtimes|5",
        ],
    );
    assert_eq!(
        opened[3..],
        ["write: 63", "size: 63", "allocate: 63", "fdtimes: 63"]
    );
}

#[test]
fn denied_at_start() {
    let sandbox = embedded(&[]);
    let mut command = sandbox.command(sandbox.path("app"));
    let output = command
        .env("NATIVIZE_DENY", "dir:/assets")
        .args(["list|3"])
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("entry"));
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let (first, second) = (embedded(&[]), embedded(&[]));
    assert!(first.read("app") == second.read("app"));
}

#[test]
fn inspect_shows_it() {
    let sandbox = embedded(&[]);
    let text = String::from_utf8(sandbox.succeeds(&["inspect", "app"])).unwrap();
    assert!(text.contains("inside: /assets, "), "{text}");
}

#[test]
fn what_cannot_be_embedded() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", crate::sandbox::HELLO);
    for (value, status) in [("assets", 2), ("::/x", 2), ("a::", 2), ("missing::/x", 4)] {
        let output = sandbox.nativize(&["hello.wat", "--embed-dir", value]);
        assert_failure(&output, status, &["error: ", "  ", "  help: "]);
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", crate::sandbox::HELLO);
    fs::create_dir(sandbox.path("tree")).unwrap();
    let sparse = fs::File::create(sandbox.path("tree/sparse")).unwrap();
    // More than there is memory for.
    sparse.set_len(1 << 43).unwrap();
    let output = sandbox.nativize(&["hello.wat", "--embed-dir", "tree::/x"]);
    let start = "error: `tree` is too large to be embedded";
    assert_failure(
        &output,
        4,
        &[start, "  cause: it has more than 1 GiB", "  help: "],
    );
}

/// Ends with a status that says which word differs between what a path and an open file tell of a file.
const SAME: &str = r#"(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $fd_stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_filestat_get" (func $path_stat (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "file")
  (func $check (param $errno i32) (if (local.get $errno) (then (call $exit (i32.const 99)))))
  (func (export "_start") (local $at i32)
    (call $check (call $path_stat (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 128)))
    (call $check (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4)
      (i32.const 0) (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 16)))
    (call $check (call $fd_stat (i32.load (i32.const 16)) (i32.const 256)))
    (if (i64.eqz (i64.load offset=8 (i32.const 128))) (then (call $exit (i32.const 98))))
    (loop $next
      (if (i64.ne (i64.load offset=128 (local.get $at)) (i64.load offset=256 (local.get $at)))
        (then (call $exit (i32.add (local.get $at) (i32.const 1)))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 64))))))"#;

#[test]
fn a_file_is_the_same_by_its_path_and_open() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("tree")).unwrap();
    sandbox.write("tree/file", "content");
    sandbox.write("same.wat", SAME);
    sandbox.succeeds(&["-q", "same.wat", "--embed-dir", "tree::/tree"]);
    let output = sandbox.command(sandbox.path("same")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
