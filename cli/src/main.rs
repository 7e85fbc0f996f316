//! The `nativize` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(nativize::run(std::env::args_os()))
}
