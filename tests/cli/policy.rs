//! What a build grants: what it says about it, policy files, and taking grants away at start.

use serde_json::Value;

use crate::sandbox::{HELLO, Sandbox};

/// Prints the names of the granted directories, then the environment, each ended by a zero byte.
const GRANTS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $write (param $address i32) (param $len i32)
    (i32.store (i32.const 0) (local.get $address))
    (i32.store (i32.const 4) (local.get $len))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start") (local $fd i32)
    (local.set $fd (i32.const 3))
    (block $end
      (loop $next
        (br_if $end (call $prestat (local.get $fd) (i32.const 16)))
        (drop (call $name (local.get $fd) (i32.const 4096) (i32.load (i32.const 20))))
        (call $write (i32.const 4096) (i32.add (i32.load (i32.const 20)) (i32.const 1)))
        (memory.fill (i32.const 4096) (i32.const 0) (i32.const 256))
        (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
        (br $next)))
    (drop (call $sizes (i32.const 24) (i32.const 28)))
    (drop (call $environ (i32.const 1024) (i32.const 8192)))
    (call $write (i32.const 8192) (i32.load (i32.const 28)))))"#;

/// What the program sees with this environment.
fn seen(sandbox: &Sandbox, env: &[(&str, &str)]) -> Vec<String> {
    let output = sandbox
        .command(sandbox.path("app"))
        .env_clear()
        .envs(env.iter().copied())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

fn built(arguments: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", GRANTS);
    for folder in ["a", "b"] {
        std::fs::create_dir(sandbox.path(folder)).unwrap();
    }
    let mut all = vec!["app.wat"];
    all.extend(arguments);
    sandbox.succeeds(&all);
    sandbox
}

#[test]
fn a_build_says_what_it_grants() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let said = |arguments: &[&str]| {
        let mut all = vec!["hello.wat"];
        all.extend(arguments);
        let output = sandbox.nativize(&all);
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(said(&[]), "");
    assert_eq!(said(&["--env=A=fixed", "--timeout=5s"]), "");
    let read = ["--dir=data::/data:ro"];
    assert_eq!(said(&read), "note: may read ./data; no network\n");
    assert_eq!(said(&["--dir=data::/data:ro", "-q"]), "");
    assert_eq!(said(&["--dir=data", "--emit=asm", "-o", "x.s"]), "");
    assert_eq!(
        said(&["--grant-cwd-and-env"]),
        "note: may read and change the current directory; sees the whole environment; no network\n"
    );
}

#[test]
fn cwd_and_env_is_what_it_says() {
    let sandbox = built(&["--grant-cwd-and-env"]);
    assert_eq!(seen(&sandbox, &[("A", "1")]), [".", "A=1"]);
}

#[test]
fn grants_are_taken_away_at_start() {
    let sandbox = built(&[
        "--dir=a::/a",
        "--dir=b::/b:ro",
        "--env=X=1",
        "--inherit-env",
    ]);
    let with = |deny: &str| seen(&sandbox, &[("A", "1"), ("NATIVIZE_DENY", deny)]);
    assert_eq!(with(""), ["/a", "/b", "A=1", "X=1"]);
    assert_eq!(with("dir:/a"), ["/b", "A=1", "X=1"]);
    assert_eq!(with("dir:/b/,env:X"), ["/a", "A=1"]);
    assert_eq!(with("dir,env:A,network"), ["X=1"]);
    assert_eq!(with("env"), ["/a", "/b"]);
    assert_eq!(with("all"), [""; 0]);
    // What was never granted cannot be given.
    assert_eq!(with("dir:/c,env:NOT"), ["/a", "/b", "A=1", "X=1"]);
    let output = sandbox
        .command(sandbox.path("app"))
        .env("NATIVIZE_DENY", "dirs")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: NATIVIZE_DENY: `dirs` is none of dir[:GUEST], env[:NAME], network and all\n"
    );
    // A missing directory that is denied is not missed.
    std::fs::remove_dir(sandbox.path("a")).unwrap();
    assert_eq!(with("dir:/a"), ["/b", "A=1", "X=1"]);
}

/// What is in the way from one granted directory to another is a program's that may write there.
#[test]
fn a_directory_in_another_is_in_it() {
    use std::os::unix::fs::symlink;
    let sandbox = built(&["--dir=a::/a", "--dir=./a/in/b::/b"]);
    let run = || sandbox.command(sandbox.path("app")).output().unwrap();
    std::fs::create_dir_all(sandbox.path("a/in/b")).unwrap();
    assert!(run().status.success());
    std::fs::rename(sandbox.path("a/in"), sandbox.path("a/other")).unwrap();
    symlink("./other", sandbox.path("a/in")).unwrap();
    assert!(run().status.success());
    std::fs::remove_file(sandbox.path("a/in")).unwrap();
    symlink("..", sandbox.path("a/in")).unwrap();
    let output = run();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: --dir ./a/in/b: Not permitted, or a link leads out of a writable directory that it is in\n"
    );
}

#[test]
fn a_policy_file_says_what_flags_say() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    sandbox.write(
        "policy.toml",
        "# All keys.\n\
         dir = [\"data::/d:ro\", \"/tmp\"]\nenv = [\"A=b=c\", \"HOME\"]\ninherit-env = true\n\
         grant-cwd-and-env = false\nsandbox = \"strict\"\nno-knobs = true\nstack-size = \"1M\"\n\
         max-memory = 1048576\nmax-fds = 9\ntimeout = 5\ncpu-timeout = \"1500ms\"\n",
    );
    sandbox.succeeds(&["hello.wat", "--policy=policy.toml"]);
    let by_file = sandbox.read("hello");
    sandbox.succeeds(&[
        "hello.wat",
        "--dir=data::/d:ro",
        "--dir=/tmp",
        "--env=A=b=c",
        "--env=HOME",
        "--inherit-env",
        "--sandbox=strict",
        "--no-knobs",
        "--stack-size=1M",
        "--max-memory=1M",
        "--max-fds=9",
        "--timeout=5s",
        "--cpu-timeout=1500ms",
    ]);
    assert!(by_file == sandbox.read("hello"));
    let stdout = sandbox.succeeds(&["inspect", "--json", "hello"]);
    let report: Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(report["sandbox"], "strict");
    assert_eq!(report["no_knobs"], true);
    assert_eq!(report["max_memory"], 1 << 20);
    assert_eq!(report["max_fds"], 9);
    assert_eq!(report["timeout_ms"], 5000);
    assert_eq!(report["cpu_timeout_ms"], 1500);
    // Flags win, and lists are joined.
    sandbox.succeeds(&[
        "hello.wat",
        "--policy=policy.toml",
        "--sandbox=off",
        "--timeout=1s",
        "--dir=more",
    ]);
    let stdout = sandbox.succeeds(&["inspect", "--json", "hello"]);
    let report: Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(report["sandbox"], "off");
    assert_eq!(report["system_calls"], Value::Null);
    assert_eq!(report["timeout_ms"], 1000);
    assert_eq!(report["directories"][2]["host"], "more");
}

#[test]
fn bad_policies() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let fails = |content: &str, cause: &str| {
        sandbox.write("p.toml", content);
        sandbox.fails(
            &["hello.wat", "--policy=p.toml"],
            2,
            &["error: the policy `p.toml` is not valid", cause, "  help: "],
        );
    };
    fails(
        "inherit-env = true\n\nnetwork = true\n",
        "  cause: line 3, column 1: unknown field `network`",
    );
    fails("dir = \"data\"\n", "  cause: line 1, column 7: ");
    fails("sandbox = \"on\"\n", "  cause: line 1, column 11: ");
    fails("timeout = 1.5\n", "  cause: line 1, column 11: ");
    fails("= 1", "  cause: line 1, column 1: ");
    // Whoever reads what is granted would read on where the kernel does not.
    for (flag, line) in [
        ("--dir", r#"dir = ["data\u0000/x:ro"]"#),
        ("--env", r#"env = ["A\u0000B=1"]"#),
        ("--embed-dir", r#"embed-dir = ["data::/\u0000x"]"#),
    ] {
        sandbox.write("p.toml", line);
        let output = sandbox.nativize(&["hello.wat", "--policy=p.toml"]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains(flag) && stderr.contains("it contains a NUL byte"),
            "{stderr}"
        );
    }
    sandbox.write("p.toml", "timeout = \"1d\"\n");
    sandbox.fails(
        &["hello.wat", "--policy=p.toml"],
        2,
        &[
            "error: invalid value `1d` for `--timeout`",
            "  cause: not a time",
            "  help: ",
        ],
    );
    sandbox.fails(
        &["hello.wat", "--policy=missing.toml"],
        4,
        &["error: cannot read `missing.toml`", "  cause: ", "  help: "],
    );
}
