//! Measures nativize against its peers: `startup` of programs, and `compile` times. `benches/README.md` states the method.

mod bare;
mod compile;
mod instructions;
mod report;
mod startup;
mod tools;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use nativize::bench::compare::{self, Comparison};
use nativize::bench::html;
use nativize::bench::peers::Contender;

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
    /// CPU and wall time, start-up, compilation, memory and size, of programs under nativize and the engines on PATH
    Compare {
        #[command(flatten)]
        common: Common,
        /// Options for nativize, separated by spaces; repeat it to compare
        #[arg(
            long,
            value_name = "OPTIONS",
            default_value = "-O2",
            allow_hyphen_values = true
        )]
        options: Vec<String>,
        /// How often to run each program under each engine
        #[arg(long, default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
        /// A folder of native executables, named as the modules are (`programs/build.sh --native FOLDER`)
        #[arg(long, value_name = "FOLDER")]
        native: Option<PathBuf>,
        /// Include interpreters
        #[arg(long)]
        interpreters: bool,
        /// Also write a web page with plots
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// An argument for the programs; repeatable
        #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
        argument: Vec<OsString>,
        /// The modules
        #[arg(required = true)]
        modules: Vec<PathBuf>,
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
        Command::Compare {
            common,
            options,
            runs,
            native,
            interpreters,
            html,
            argument,
            modules,
        } => {
            let tools = tools::Tools::find(common.nativize.as_deref(), common.wasmtime.as_deref())?;
            let own = options
                .iter()
                .map(|set| Contender::nativize(&tools.nativize, set));
            let mut contenders: Vec<Contender> = own.collect();
            contenders.extend(tools.wasmtime.as_deref().map(Contender::wasmtime));
            let others = Contender::on_path(interpreters).into_iter();
            contenders.extend(others.filter(|contender| !contender.is_wasmtime()));
            contenders.extend(native.as_deref().map(Contender::native));
            let comparison = Comparison {
                contenders,
                modules,
                arguments: argument,
                runs,
            };
            let report = compare::measure(&comparison, |what| eprintln!("{what}"))?;
            print!("{}", report.table());
            if let Some(path) = html {
                std::fs::write(path, html::page(&report))?;
            }
            if let Some(path) = common.json {
                nativize::bench::report::write_json(&report, &path)?;
            }
            return Ok(());
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
                nativize::bench::report::write_json(&counts, &path)?;
            }
            return Ok(());
        }
    };
    print!("{}", report.table());
    if let Some(path) = common.json {
        nativize::bench::report::write_json(&report, &path)?;
    }
    Ok(())
}
