//! Compilation: time, CPU time and peak memory.

use std::path::Path;

use anyhow::Context as _;

use crate::report::Report;
use crate::tools::Tools;
use nativize::bench::process::{CommandLine, interleave};

/// Measures `runs` compilations of `module` by each compiler.
pub(crate) fn measure(tools: &Tools, module: &Path, runs: u32) -> anyhow::Result<Report> {
    // Read before anything is measured, so that the first compiler does not pay for the disk.
    let size = std::fs::read(module)
        .with_context(|| format!("cannot read {}", module.display()))?
        .len();
    let directory = tempfile::tempdir()?;
    let executable = directory.path().join("executable");
    let mut commands = vec![CommandLine::new(
        "nativize",
        &tools.nativize,
        [
            module.as_os_str(),
            "--cache=off".as_ref(),
            "-o".as_ref(),
            executable.as_os_str(),
        ],
    )];
    let mut files = vec![executable];
    if let Some(wasmtime) = &tools.wasmtime {
        let output = directory.path().join("module.cwasm");
        commands.push(CommandLine::new(
            "wasmtime compile",
            wasmtime,
            [
                "compile".as_ref(),
                module.as_os_str(),
                "-o".as_ref(),
                output.as_os_str(),
            ],
        ));
        files.push(output);
    }

    let name = module.file_name().unwrap_or(module.as_os_str());
    let measured = format!("compilation of {} ({size} bytes)", name.display());
    let mut report = Report::new(measured, tools, runs)?;
    let results = interleave(&commands, runs, None)?;
    for ((command, results), file) in commands.iter().zip(&results).zip(&files) {
        report.add(&command.name, results, file.metadata()?.len());
    }
    if tools.wasmtime.is_none() {
        report.skip("wasmtime compile", "needs wasmtime");
    }
    Ok(report)
}
