//! Start-up: from spawn to exit, of programs that do next to nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::bare;
use crate::report::Report;
use crate::tools::Tools;
use nativize::bench::process::{CommandLine, interleave};

/// Rounds before those that count.
const WARM_UP: u32 = 20;

/// Measures `runs` runs of each command.
pub(crate) fn measure(tools: &Tools, runs: u32) -> anyhow::Result<Report> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs = [
        ("hello.wat", root.join("programs/hello.wat")),
        ("hello.c", root.join("../tests/programs/hello.wasm")),
    ];
    let directory = tempfile::tempdir()?;
    let mut commands = Vec::new();
    let mut files: Vec<PathBuf> = Vec::new();

    let bare_path = directory.path().join("bare");
    std::fs::write(&bare_path, bare::executable()?)?;
    std::fs::set_permissions(&bare_path, std::fs::Permissions::from_mode(0o755))?;
    commands.push(CommandLine::new("exits only", &bare_path, [""; 0]));
    files.push(bare_path);

    for (name, source) in &programs {
        let without = directory.path().join(format!("{name}-off"));
        CommandLine::new(
            format!("nativize {name} --sandbox=off"),
            &tools.nativize,
            [
                source.as_os_str(),
                "--sandbox=off".as_ref(),
                "-o".as_ref(),
                without.as_os_str(),
            ],
        )
        .output()?;
        let label = format!("{name}, --sandbox=off");
        commands.push(CommandLine::new(label, &without, [""; 0]));
        files.push(without);

        let executable = directory.path().join(name);
        let build = CommandLine::new(
            format!("nativize {name}"),
            &tools.nativize,
            [source.as_os_str(), "-o".as_ref(), executable.as_os_str()],
        );
        build.output()?;
        let command = CommandLine::new(format!("{name}, nativize"), &executable, [""; 0]);
        let output = command.output()?;
        ensure!(!output.is_empty(), "{name} says nothing");

        if let Some(wasmtime) = &tools.wasmtime {
            let module = directory.path().join(name).with_extension("cwasm");
            CommandLine::new(
                format!("wasmtime compile {name}"),
                wasmtime,
                [
                    "compile".as_ref(),
                    source.as_os_str(),
                    "-o".as_ref(),
                    module.as_os_str(),
                ],
            )
            .output()?;
            let other = CommandLine::new(
                format!("{name}, wasmtime, precompiled"),
                wasmtime,
                [
                    "run".as_ref(),
                    "--allow-precompiled".as_ref(),
                    module.as_os_str(),
                ],
            );
            ensure!(other.output()? == output, "the outputs of {name} differ");
            commands.extend([command, other]);
            files.extend([executable, module]);
        } else {
            commands.push(command);
            files.push(executable);
        }
    }

    let mut report = Report::new("start-up, from spawn to exit".to_owned(), tools, runs)?;
    let before = Some(&commands[0]);
    interleave(&commands, WARM_UP.min(runs), before)?;
    let results = interleave(&commands, runs, before)?;
    for ((command, results), file) in commands.iter().zip(&results).zip(&files) {
        let size = file
            .metadata()
            .with_context(|| format!("cannot read {}", file.display()))?
            .len();
        report.add(&command.name, results, size);
    }
    if tools.wasmtime.is_none() {
        report.skip("wasmtime run --allow-precompiled", "needs wasmtime");
    }
    Ok(report)
}
