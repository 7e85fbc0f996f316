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
