//! Start-up: from spawn to exit, of programs that do next to nothing.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::bare;
use crate::report::Report;
use crate::tools::Tools;
use nativize::bench::process::{CommandLine, interleave};

/// Rounds before those that count.
const WARM_UP: u32 = 20;

/// Pages of 4 KiB that the large image has.
const IMAGE_PAGES: usize = 5120;

/// Writes a program with that image, which does something to an address of every hundredth page. (Not by way of a string: a
/// child's peak memory begins with the runner's.)
fn write_with_image(path: &Path, access: &str) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write!(
        out,
        r#"(module (memory (export "memory") 400) (data (i32.const 65536) ""#
    )?;
    let page = "The quick brown fox jumps over the lazy dog....".repeat(100);
    for _ in 0..IMAGE_PAGES {
        out.write_all(&page.as_bytes()[..4096])?;
    }
    write!(
        out,
        r#"")
  (func (export "_start")
    (local $at i32)
    (local.set $at (i32.const 65536))
    (loop $next
      {access}
      (local.set $at (i32.add (local.get $at) (i32.const 409600)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const {end}))))))"#,
        end = 65536 + 4096 * IMAGE_PAGES,
    )?;
    Ok(out.flush()?)
}

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

    for (name, access) in [
        ("nothing touched", ""),
        ("1% of the pages read", "(drop (i32.load (local.get $at)))"),
        (
            "1% of the pages written",
            "(i32.store (local.get $at) (i32.const 1))",
        ),
    ] {
        let source = directory.path().join("image.wat");
        write_with_image(&source, access)?;
        let executable = directory.path().join(name.replace(' ', "-"));
        CommandLine::new(
            format!("nativize {name}"),
            &tools.nativize,
            [
                source.as_os_str(),
                "--sandbox=off".as_ref(),
                "-o".as_ref(),
                executable.as_os_str(),
            ],
        )
        .output()?;
        let label = format!("20 MiB of data, {name}, --sandbox=off");
        commands.push(CommandLine::new(label, &executable, [""; 0]));
        files.push(executable);
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
