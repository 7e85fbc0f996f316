//! `--emit obj`: everything that another linker needs to make the executable, and the command for it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use nativize_compiler::Program;

use super::target::beside;
use super::{Mode, Staged, Target, exe};
use crate::audit;
use crate::console::{Console, Size};
use crate::error::Failure;
use crate::explain;
use crate::link;
use crate::runtime::RUNTIME;
use crate::sandbox;
use crate::settings::Settings;

/// Writes the program's object to `target` and, where that is a regular file, the runtime, the configuration and
/// the linker script beside it. Gives the command that links them.
pub(crate) fn write(
    program: &Program<'_>,
    target: &Target,
    settings: &Settings,
    console: &Console,
) -> Result<Option<String>, Failure> {
    let Some(path) = target.regular_file() else {
        let object = exe::object(program, settings, console)?;
        target.write(&object, Mode::Object)?;
        return Ok(None);
    };
    let runtime = beside(path, ".runtime.o");
    let config = beside(path, ".config.o");
    let script = beside(path, ".ld");
    for output in [&runtime, &config, &script] {
        settings.refuse_inputs(output)?;
    }
    let object = exe::object(program, settings, console)?;
    let config_bytes = settings.policy.encode();
    let filter = sandbox::filter(&object, &config_bytes);
    let config_object = link::config_object(
        &config_bytes,
        filter.as_deref(),
        &audit::describe_options(&settings.options),
    );
    let script_text =
        link::linker_script(&object).map_err(|error| explain::link(&error, settings))?;
    let files: [(&Path, &[u8]); 4] = [
        (path, &object),
        (&runtime, RUNTIME),
        (&config, &config_object),
        (&script, script_text.as_bytes()),
    ];
    let start = Instant::now();
    write_all(&files)?;
    let size = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    console.phase("write", start, Size(size));
    Ok(Some(command(path, [&runtime, &config], &script)))
}

/// All files, or none that was not there: each is complete before the first one gets its name.
fn write_all(files: &[(&Path, &[u8])]) -> Result<(), Failure> {
    let failed = |path: &Path, error| Failure::file("write", path, &error);
    let mut staged = Vec::new();
    for &(path, bytes) in files {
        staged.push((
            path,
            Staged::new(path, bytes, Mode::Object).map_err(|error| failed(path, error))?,
        ));
    }
    let mut written: Vec<&Path> = Vec::new();
    for (path, file) in staged {
        let is_new = !path.exists();
        if let Err(error) = file.commit() {
            for path in written {
                let _ = std::fs::remove_file(path);
            }
            return Err(failed(path, error));
        }
        // (What it has replaced cannot come back.)
        if is_new {
            written.push(path);
        }
    }
    Ok(())
}

fn command(object: &Path, others: [&PathBuf; 2], script: &Path) -> String {
    let [runtime, config] = others;
    let mut executable = beside(object, "");
    if executable == object {
        executable = beside(object, ".out");
    }
    format!(
        "ld.lld -T {} --gc-sections --eh-frame-hdr {} {} {} -o {}",
        quoted(script),
        quoted(object),
        quoted(runtime),
        quoted(config),
        quoted(&executable),
    )
}

/// A path as a word of a shell command.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let path = if path.starts_with('-') {
        format!("./{path}")
    } else {
        path
    };
    if path
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "/._-+,=@%".contains(c))
    {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
