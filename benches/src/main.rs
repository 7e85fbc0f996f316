//! Measures nativize against its peers: `startup` of programs, and `compile` times. `benches/README.md` states the method.

mod bare;
mod compile;
mod instructions;
mod machine;
mod process;
mod report;
mod startup;
mod stats;
mod tools;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Measures nativize against its peers.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// From spawn to exit: programs that say hello, against an executable that only exits and against Wasmtime
    Startup {
        #[command(flatten)]
        common: Common,
        /// How often to run each command
        #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
    },
    /// Time, CPU time and peak memory of compilation, against Wasmtime
    Compile {
        #[command(flatten)]
        common: Common,
        /// How often to compile with each compiler
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
        /// The module to compile
        module: PathBuf,
    },
    /// Instructions executed, counted by valgrind: nativize with one or more sets of options, and Wasmtime
    Instructions {
        #[command(flatten)]
        common: Common,
        /// Options for nativize, separated by spaces; repeat it to compare. Ratios refer to the first
        #[arg(
            long,
            value_name = "OPTIONS",
            default_value = "-O2",
            allow_hyphen_values = true
        )]
        options: Vec<String>,
        /// An argument for the programs; repeatable. Those of benches/programs do the Nth part of their work for N
        #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
        argument: Vec<OsString>,
        /// The modules
        #[arg(required = true)]
        modules: Vec<PathBuf>,
    },
}

#[derive(Args)]
struct Common {
    /// Also write the results to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The nativize to measure [default: the one built beside this program]
    #[arg(long, value_name = "PATH")]
    nativize: Option<PathBuf>,
    /// The Wasmtime to compare with [default: the one on PATH]
    #[arg(long, value_name = "PATH")]
    wasmtime: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let (common, report) = match Arguments::parse().command {
        Command::Startup { common, runs } => {
            let tools = tools::Tools::find(common.nativize.as_deref(), common.wasmtime.as_deref())?;
            let report = startup::measure(&tools, runs)?;
            (common, report)
        }
        Command::Compile {
            common,
            runs,
            module,
        } => {
            let tools = tools::Tools::find(common.nativize.as_deref(), common.wasmtime.as_deref())?;
            let report = compile::measure(&tools, &module, runs)?;
            (common, report)
        }
        Command::Instructions {
            common,
            options,
            argument,
            modules,
        } => {
            let tools = tools::Tools::find(common.nativize.as_deref(), common.wasmtime.as_deref())?;
            let counts = instructions::measure(&tools, &modules, &options, &argument)?;
            print!("{}", counts.table());
            if let Some(path) = common.json {
                report::write_json(&counts, &path)?;
            }
            return Ok(());
        }
    };
    print!("{}", report.table());
    if let Some(path) = common.json {
        report::write_json(&report, &path)?;
    }
    Ok(())
}
