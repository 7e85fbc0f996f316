//! What the tests of nativize share: executables on disk and how they are started, lists of expected failures, and
//! the message of a failed test.

mod case;
pub mod deprive;
mod difference;
mod executable;
mod expected;
mod files;
mod lease;
mod line;
mod passes;
mod skip;
mod wasmtime;

use nativize::link::LinkOptions;
use nativize::policy::Policy;
use nativize_compiler::{Options, Program};

pub use case::{Case, Finished, WASMTIME_STACK, bless};
pub use difference::first_difference;
pub use executable::{Executable, Outcome, TIME_LIMIT, run, run_within};
pub use expected::ExpectedFailures;
pub use files::files;
pub use line::{first_line, start_piped};
pub use passes::without_passes;
pub use skip::skipped;
pub use wasmtime::wasmtime;

/// The command that reruns one test of the test binary `target` alone.
pub fn rerun(target: &str, test: &str) -> String {
    format!("cargo test --release -p nativize-tests --test {target} -- --exact '{test}'")
}

/// Compiles `program` and links it with the runtime, as the command line does. `config` is an encoded
/// [`nativize_abi::config`], or empty: then nothing is granted, and the kernel enforces that.
///
/// So each test is also one of the table from which filters of system calls are made: what is missing there ends the
/// program.
///
/// # Errors
/// The compiler's or the linker's.
pub fn build(
    program: &Program<'_>,
    options: &Options,
    config: &[u8],
) -> Result<Executable, String> {
    let nothing = Policy::default().encode();
    let config = if config.is_empty() { &nothing } else { config };
    let options = &without_passes(options);
    let bytes = nativize::build::build(program, options, config, &LinkOptions::default(), &())
        .map_err(|error| error.to_string())?;
    Executable::new(&bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    /// What the next one starts: a test that passes, and does not run.
    #[test]
    #[ignore = "says that something is missing"]
    fn that_is_skipped() {
        super::skipped("nothing");
    }

    /// As `.ci/run` does, with standard error where standard output goes.
    #[test]
    fn skips_are_seen_of_tests_that_pass() {
        let this = std::env::current_exe().unwrap();
        let script =
            "\"$0\" --exact tests::that_is_skipped --ignored 2>&1 | grep '^skipped: needs'";
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", script]).arg(this).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(text, "skipped: needs nothing\n");
    }

    #[test]
    fn no_test_says_it_in_another_way() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in [root, &root.join("../cli/tests")] {
            for file in super::files(folder, "rs") {
                let text = std::fs::read_to_string(&file).unwrap();
                let found = ["println!(\"", "writeln!("].iter().any(|how| {
                    let mut uses = text.split(how).skip(1);
                    uses.any(|rest| rest.lines().next().unwrap_or("").contains("skipped:"))
                });
                assert!(!found, "{}: not by `skipped`", file.display());
            }
        }
    }
}
