//! `-Z`.

use crate::sandbox::{HELLO, Sandbox};

/// The build says what it costs.
#[test]
fn valgrind() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    let built = sandbox.nativize(&["hello.wat", "-o", "short", "-Z", "valgrind"]);
    assert!(built.status.success());
    let said = String::from_utf8(built.stderr).unwrap();
    assert!(
        said.contains("sandbox of this executable has a hole"),
        "{said}"
    );
    assert_eq!(sandbox.execute("short"), "hello\n");
}

#[test]
fn memory_ends_below_valgrind() {
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
