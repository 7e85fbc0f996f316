//! The cache of functions' code: the output is the same whatever is in it, and what did not change is not compiled again.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;

use crate::sandbox::Sandbox;

/// `$leaf` goes in the place of calls in `$a` and `$b`; `$far` does so nowhere, and traps.
const MODULE: &str = r#"(module
  (type $unary (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (table 4 funcref)
  (elem (i32.const 0) $a $b $far)
  (global $count (mut i32) (i32.const 0))
  (global $limit i32 (i32.const 100))
  (data (i32.const 16) "some data")
  (func $leaf (param i32) (result i32)
    (i32.div_u (i32.const 1000) (local.get 0)))
  (func $a (param i32) (result i32)
    (i32.add (call $leaf (local.get 0)) (i32.load (local.get 0))))
  (func $b (param i32) (result i32)
    (loop $again
      (global.set $count (i32.add (global.get $count) (call $leaf (local.get 0))))
      (br_if $again (i32.lt_u (global.get $count) (global.get $limit))))
    (global.get $count))
  (func $far (param i32) (result i32)
    (if (local.get 0) (then unreachable))
    (i64.store (i32.const 8) (i64.const 1))
    (i32.const 7))
  (func (export "_start")
    (drop (call_indirect (type $unary) (i32.const 5) (i32.load (i32.const 32))))))"#;

struct Cached {
    sandbox: Sandbox,
}

impl Cached {
    fn new() -> Self {
        Cached {
            sandbox: Sandbox::new(),
        }
    }

    /// Builds `module` and gives how many functions came from the cache; the output is that without a cache.
    #[track_caller]
    fn reused(&self, module: &str, options: &[&str]) -> usize {
        self.sandbox.write("app.wat", module);
        let build = |more: &[&str]| {
            let arguments = [&["-v", "app.wat", "-o", "app"], options, more].concat();
            let output = self.sandbox.nativize(&arguments);
            let text = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{text}");
            (self.sandbox.read("app"), text)
        };
        let (expected, text) = build(&["--cache", "off"]);
        assert!(!text.contains("reused"), "{text}");
        let (bytes, text) = build(&[]);
        assert!(bytes == expected, "the cache changed the output");
        let reused = text
            .lines()
            .find_map(|line| line.trim().strip_suffix(" functions reused"))
            .and_then(|line| line.split_whitespace().last());
        reused.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
    }

    fn packs(&self) -> Vec<PathBuf> {
        let folder = self.sandbox.path("cache/nativize/functions");
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

#[test]
fn what_did_not_change_is_reused() {
    let cached = Cached::new();
    assert_eq!(cached.reused(MODULE, &[]), 0);
    assert_eq!(cached.packs().len(), 1);
    let mode = cached.packs()[0].metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
    // (The leaf itself is no unit: every call of it was replaced.)
    assert_eq!(cached.reused(MODULE, &[]), 4);
    assert_eq!(cached.reused(MODULE, &["-j1"]), 4);
    assert_eq!(cached.packs().len(), 1, "nothing new was kept");
}

#[test]
fn a_change_reaches_what_depends_on_it() {
    let cached = Cached::new();
    cached.reused(MODULE, &[]);
    // Another body, of another length: all that follow move, and with them the places of their traps.
    let leaf = MODULE.replace("(i32.const 1000)", "(i32.const 5)");
    assert_eq!(cached.reused(&leaf, &[]), 2, "all but $a and $b");
    assert_eq!(cached.reused(&leaf, &[]), 4);
    let far = MODULE.replace("(i32.const 7)", "(i32.const 7777777)");
    assert_eq!(cached.reused(&far, &[]), 3, "all but $far");
    let data = MODULE.replace("some data", "other data, and more of it");
    assert_eq!(cached.reused(&data, &[]), 4, "no code depends on data");
    assert_eq!(cached.reused(MODULE, &[]), 4, "the old code is there still");
}

#[test]
fn changes_of_what_all_share_are_seen() {
    let cached = Cached::new();
    cached.reused(MODULE, &[]);
    for (from, to) in [
        ("(i32.const 100)", "(i32.const 200)"),
        (
            "(memory (export \"memory\") 1)",
            "(memory (export \"memory\") 1 1)",
        ),
        (
            "(memory (export \"memory\") 1)",
            "(memory (export \"memory\") i64 1)",
        ),
        (
            "(global $count (mut i32)",
            "(global (mut i64) (i64.const 1)) (global $count (mut i32)",
        ),
        ("(table 4 funcref)", "(table 5 funcref)"),
        (
            "(table 4 funcref)",
            "(table (export \"table\") 4 8 funcref)",
        ),
        (
            "(type $unary (func",
            "(type (func (result f32))) (type $unary (func",
        ),
        (
            "(i32.const 7)",
            "(table.grow (ref.null func) (i32.const 1))",
        ),
        ("(func $leaf", "(func) (func $leaf"),
        (
            "(elem (i32.const 0) $a $b $far)",
            "(elem (i32.const 0) $far $b $a)",
        ),
    ] {
        let changed = MODULE.replace(from, to);
        assert_ne!(changed, MODULE);
        let changed = if to.contains("i64 1)") && to.starts_with("(memory") {
            wide(&changed)
        } else {
            changed
        };
        cached.reused(&changed, &[]);
    }
}

/// With 64-bit addresses.
fn wide(module: &str) -> String {
    module
        .replace("(data (i32.const 16)", "(data (i64.const 16)")
        .replace(
            "(i32.load (local.get 0))",
            "(i32.load (i64.extend_i32_u (local.get 0)))",
        )
        .replace("(i64.store (i32.const 8)", "(i64.store (i64.const 8)")
        .replace("(i32.load (i32.const 32))", "(i32.load (i64.const 32))")
}

#[test]
fn options_are_part_of_what_is_looked_up() {
    let cached = Cached::new();
    for options in [
        &["-O0"][..],
        &["-O1"],
        &["-O2"],
        &["-O3"],
        &["--bounds-checks=explicit"],
        &["--target-cpu=v3"],
        &["-Z", "no-inline"],
        &["--relaxed-simd=deterministic"],
    ] {
        cached.reused(MODULE, options);
        assert_ne!(cached.reused(MODULE, options), 0, "{options:?}");
    }
}

#[test]
fn damage_is_as_good_as_nothing() {
    let cached = Cached::new();
    cached.reused(MODULE, &[]);
    let pack = cached.packs().remove(0);
    let good = fs::read(&pack).unwrap();
    for at in (0..good.len()).step_by(good.len() / 12) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&pack, &bad).unwrap();
        cached.reused(MODULE, &[]);
        for pack in cached.packs() {
            fs::remove_file(pack).unwrap();
        }
        fs::write(&pack, &good[..at]).unwrap();
        fs::set_permissions(&pack, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(cached.reused(MODULE, &[]), 0);
    }
}

#[test]
fn what_others_can_write_is_not_used() {
    let cached = Cached::new();
    cached.reused(MODULE, &[]);
    let pack = cached.packs().remove(0);
    fs::set_permissions(&pack, Permissions::from_mode(0o666)).unwrap();
    assert_eq!(cached.reused(MODULE, &[]), 0);
}

#[test]
fn builds_at_the_same_time() {
    let cached = Cached::new();
    let sandbox = &cached.sandbox;
    sandbox.write("app.wat", MODULE);
    sandbox.write("app2.wat", MODULE.replace("(i32.const 7)", "(i32.const 9)"));
    let spawn = |number: usize| {
        let module = ["app.wat", "app2.wat"][number % 2];
        sandbox
            .command(env!("CARGO_BIN_EXE_nativize"))
            .args([module, "-o", &format!("out{number}")])
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let builds: Vec<_> = (0..6).map(spawn).collect();
    for mut build in builds {
        assert!(build.wait().unwrap().success());
    }
    for (number, module) in ["app.wat", "app2.wat"].into_iter().enumerate() {
        sandbox.succeeds(&[module, "--cache=off", "-o", "expected"]);
        for number in (number..6).step_by(2) {
            assert!(sandbox.read(&format!("out{number}")) == sandbox.read("expected"));
        }
    }
    assert_eq!(cached.reused(MODULE, &[]), 4);
}

#[test]
fn a_folder_of_the_users_choice() {
    let cached = Cached::new();
    let options = ["--cache", "kept/here"];
    assert_eq!(cached.reused(MODULE, &options), 0);
    assert_eq!(cached.reused(MODULE, &options), 4);
    assert!(!cached.sandbox.path("cache").exists());
    let folder = cached.sandbox.path("kept/here");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    // (What the superuser may do, no permission tells.)
    fs::set_permissions(&folder, Permissions::from_mode(0o500)).unwrap();
    assert_eq!(cached.reused(MODULE, &options), 4);
    let other = MODULE.replace("(i32.const 7)", "(i32.const 9)");
    cached.sandbox.write("app.wat", &other);
    cached.sandbox.succeeds(&["app.wat", "--cache", "off"]);
    let expected = cached.sandbox.read("app");
    let output = cached
        .sandbox
        .nativize(&["app.wat", "--cache", "kept/here"]);
    assert!(output.status.success(), "{output:?}");
    assert!(cached.sandbox.read("app") == expected);
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_folder_that_cannot_be_used() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", MODULE);
    let output = sandbox.nativize(&["app.wat", "--cache", "app.wat/no"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("code is not kept for later builds"), "{text}");
    sandbox.write("cache", "no folder");
    let output = sandbox.nativize(&["app.wat"]);
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "who did not ask is not told");
    let output = sandbox.nativize(&["app.wat", "--cache"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn files_of_others_stay() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", MODULE);
    fs::create_dir(sandbox.path("cache")).unwrap();
    // (What others may change is no cache, whatever the umask is.)
    fs::set_permissions(sandbox.path("cache"), Permissions::from_mode(0o700)).unwrap();
    let names = ["cache/assets.pack", "cache/.nativize-notes", "cache/a.txt"];
    for name in names {
        sandbox.write(name, "mine");
        let file = std::fs::File::options()
            .write(true)
            .open(sandbox.path(name))
            .unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH)
            .unwrap();
    }
    sandbox.succeeds(&["app.wat", "--cache=cache"]);
    for name in names {
        assert_eq!(sandbox.read(name), b"mine", "{name}");
    }
}
