//! The nativize command line as a library: input, compilation, linking, output.
//!
//! [`build::build`] is the whole way from a program to an executable in memory; [`run`] is the command around it.

pub mod audit;
pub mod bench;
pub mod build;
pub mod link;
pub mod policy;
pub mod runtime;
pub mod sandbox;
pub mod target_cpu;
pub mod untrusted;
pub mod verify;

mod args;
mod bug;
mod cache;
mod code;
mod commands;
mod console;
mod error;
mod explain;
mod html;
mod input;
mod inspect;
mod output;
mod profile;
mod settings;
mod stdout;
mod target;
mod text;
mod unstable;
mod usage;

use std::ffi::OsString;

use clap::Parser;

use args::{Command, CommandLine};
use console::Console;
use error::Failure;

/// Runs the command line `argv`, whose first item is the name of the command, and gives the exit status.
pub fn run(argv: impl IntoIterator<Item = OsString>) -> u8 {
    let argv: Vec<OsString> = argv.into_iter().collect();
    let mut console = Console::unconfigured(&argv);
    bug::collect_panics();
    output::heed_file_size_limit();
    let result = bug::caught(|| {
        let argv = usage::complete(argv)?;
        let line = match CommandLine::try_parse_from(&argv) {
            Ok(line) => line,
            Err(error) => return usage::explain(&error, &argv).map(|()| 0),
        };
        console = Console::new(&line.console);
        dispatch(line.command, &console)
    });
    match result {
        Ok(status) => status,
        Err(failure) => {
            console.failure(&failure);
            failure.code.status() as u8
        }
    }
}

/// Runs a subcommand, and gives the exit status if it succeeds.
fn dispatch(command: Command, console: &Console) -> Result<u8, Failure> {
    match command {
        Command::Profile(args) => return commands::profile::run(args, console),
        Command::Build(args) => commands::build::run(&settings::Build::new(args)?, console),
        Command::Run(args) => commands::run::run(&settings::Run::new(args)?, console),
        Command::Inspect(args) => commands::inspect::run(args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Audit(args) => commands::audit::run(&args, console),
        Command::Bench(args) => commands::bench::run(args, console),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Completions(args) => commands::shell::completions(&args),
        Command::Man(args) => commands::shell::man(&args),
    }
    .map(|()| 0)
}
