//! What the tests of nativize share: executables on disk and how they are started, lists of expected failures, and
//! the message of a failed test.

mod executable;
mod expected;
mod files;

pub use executable::{Executable, Outcome, run};
pub use expected::ExpectedFailures;
pub use files::files;

/// The command that reruns one test of the test binary `target` alone.
pub fn rerun(target: &str, test: &str) -> String {
    format!("cargo test --release -p nativize-tests --test {target} -- --exact '{test}'")
}

/// Links a program object with the runtime, as the command line does. `config` is an encoded
/// [`nativize_abi::config`].
///
/// # Errors
/// The linker's.
pub fn link(object: &[u8], config: &[u8]) -> Result<Vec<u8>, String> {
    use nativize::link::{Input, LinkOptions, config_object};
    let config = config_object(config);
    let inputs = [
        ("program", object),
        ("runtime", nativize::runtime::RUNTIME),
        ("configuration", &config),
    ];
    nativize::link::link(
        &inputs.map(|(name, bytes)| Input { name, bytes }),
        &LinkOptions::default(),
    )
    .map_err(|error| error.to_string())
}
