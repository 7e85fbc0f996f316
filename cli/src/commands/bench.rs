//! `nativize bench`: a program under nativize and under the engines that are on `PATH`.

use std::path::PathBuf;

use crate::args::BenchArgs;
use crate::bench::compare::{Comparison, measure};
use crate::bench::html;
use crate::bench::peers::Contender;
use crate::code::Code;
use crate::console::Console;
use crate::error::Failure;
use crate::stdout;

/// Runs the command.
pub(crate) fn run(args: BenchArgs, console: &Console) -> Result<(), Failure> {
    let failed = |error: anyhow::Error| {
        Failure::new(Code::Bench, "the measurement failed").cause(format!("{error:#}"))
    };
    let nativize = std::env::current_exe().map_err(|error| failed(error.into()))?;
    let mut argv = args.argv;
    if argv.get(1).is_some_and(|argument| argument == "--") {
        argv.remove(1);
    }
    let module = PathBuf::from(argv.remove(0));
    std::fs::metadata(&module).map_err(|error| Failure::file("read", &module, &error))?;
    let mut contenders: Vec<Contender> = args
        .options
        .iter()
        .map(|options| Contender::nativize(&nativize, options))
        .collect();
    contenders.extend(Contender::on_path(args.interpreters));
    let comparison = Comparison {
        contenders,
        arguments: argv,
        modules: vec![module],
        runs: args.runs,
    };
    let report = measure(&comparison, |what| {
        console.phase("bench", std::time::Instant::now(), what);
    })
    .map_err(failed)?;
    let own = report.programs.iter().flat_map(|row| &row.results).next();
    if own.is_none_or(Option::is_none) {
        let mut failure = Failure::new(Code::Bench, "the program does not run under nativize");
        for why in &report.failures {
            failure = failure.cause(why);
        }
        return Err(failure.help("`nativize build` says why when it does not compile"));
    }
    if let Some(path) = &args.html {
        std::fs::write(path, html::page(&report))
            .map_err(|error| Failure::file("write", path, &error))?;
    }
    if args.json {
        let text = serde_json::to_string_pretty(&report);
        stdout::print(&format!(
            "{}\n",
            text.map_err(|error| failed(error.into()))?
        ))
    } else {
        stdout::print(&report.table())
    }
}
