//! `-Z`.

use std::process::Command;

use crate::sandbox::{HELLO, Sandbox};

/// A shortened reservation fits where the whole one is refused, and the build says what that costs.
#[test]
fn valgrind() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let limited = |name: &str| {
        Command::new("sh")
            .args(["-c", "ulimit -v 1048576 && exec \"$0\""])
            .arg(sandbox.path(name))
            .output()
            .unwrap()
    };
    sandbox.succeeds(&["hello.wat", "-o", "whole"]);
    assert_eq!(limited("whole").status.code(), Some(134));
    let built = sandbox.nativize(&["hello.wat", "-o", "short", "-Z", "valgrind"]);
    assert!(built.status.success());
    let said = String::from_utf8(built.stderr).unwrap();
    assert!(
        said.contains("sandbox of this executable has a hole"),
        "{said}"
    );
    let output = limited("short");
    assert!(output.status.success());
    assert_eq!(output.stdout, b"hello\n");
}

#[test]
fn memory_ends_with_the_short_reservation() {
    let sandbox = Sandbox::new();
    // 376 MiB are 6016 pages.
    let module = |pages: u32| {
        format!(
            r#"(module (memory {pages})
              (func (export "_start")
                (if (i32.ne (memory.grow (i32.const {})) (i32.const {pages})) (then unreachable))
                (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))))"#,
            6016 - pages
        )
    };
    sandbox.write("small.wat", module(1));
    sandbox.succeeds(&["-q", "small.wat", "-o", "small", "-Z", "valgrind"]);
    assert_eq!(sandbox.execute("small"), "");
    sandbox.write(
        "large.wat",
        "(module (memory 6017) (func (export \"_start\")))",
    );
    let refused = sandbox.nativize(&["large.wat", "-o", "large", "-Z", "valgrind"]);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains("under valgrind there is room for 376"),
        "{said}"
    );
}
