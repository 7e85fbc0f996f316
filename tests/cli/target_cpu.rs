//! `--target-cpu`: an executable starts on a machine that has what it was built for, and on no other.

use std::process::Command;

use nativize::target_cpu::native;
use nativize_compiler::CpuFeature;

use crate::sandbox::{HELLO, Sandbox};

#[test]
fn this_machine() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    sandbox.succeeds(&["hello.wat", "--target-cpu=native"]);
    assert_eq!(sandbox.execute("hello"), "hello\n");
}

#[test]
fn each_feature() {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    for &feature in CpuFeature::ALL {
        let cpu = format!("--target-cpu=+{}", feature.name());
        sandbox.succeeds(&["hello.wat", &cpu]);
        let output = Command::new(sandbox.path("hello")).output().unwrap();
        let missing: Vec<&str> = feature
            .with_implied()
            .iter()
            .filter(|&needed| !native().contains(needed))
            .map(CpuFeature::name)
            .collect();
        if missing.is_empty() {
            assert!(output.status.success(), "{cpu}: {output:?}");
            continue;
        }
        assert_eq!(output.status.code(), Some(134), "{cpu}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        let expected = format!(
            "error: this program needs a CPU with {}; ",
            missing.join(", ")
        );
        assert!(stderr.starts_with(&expected), "{cpu}: {stderr}");
        assert!(output.stdout.is_empty(), "{cpu}: it ran");
    }
}
