//! `nativize build`: a module becomes a file.

use std::time::Instant;

use nativize_compiler::{Dump, Program};

use super::{read, with_program};
use crate::args::Emit;
use crate::console::{Console, Size};
use crate::error::Failure;
use crate::output::{Mode, exe, obj, text};
use crate::policy;
use crate::settings::Build;
use crate::stdout;

/// Runs the command.
pub(crate) fn run(build: &Build, console: &Console) -> Result<(), Failure> {
    build.target.check(mode(build.emit))?;
    let inputs = read(&build.settings, console)?;
    with_program(inputs, &build.settings, console, |program| {
        emit(program, build, console)
    })
}

fn emit(program: &Program<'_>, build: &Build, console: &Console) -> Result<(), Failure> {
    let settings = &build.settings;
    let dump = |kind| text::dump(program, kind, settings, console).map(String::into_bytes);
    let bytes = match build.emit {
        Emit::Exe => exe::executable(program, settings, console)?,
        Emit::Clif => dump(Dump::Clif)?,
        Emit::Asm => dump(Dump::Asm)?,
        Emit::Obj => {
            if let Some(command) = obj::write(program, &build.target, settings, console)? {
                stdout::print(&format!("{command}\n"))?;
                tell_grants(build, console);
            }
            return Ok(());
        }
    };
    let start = Instant::now();
    build.target.write(&bytes, mode(build.emit))?;
    console.phase("write", start, Size(bytes.len() as u64));
    if build.emit == Emit::Exe {
        tell_grants(build, console);
    }
    Ok(())
}

/// What was built in is not to be seen in the executable: it is said once.
fn tell_grants(build: &Build, console: &Console) {
    if let Some(summary) = policy::summary(&build.settings.policy) {
        console.note(&summary);
    }
}

fn mode(emit: Emit) -> Mode {
    match emit {
        Emit::Exe => Mode::Executable,
        Emit::Obj => Mode::Object,
        Emit::Clif | Emit::Asm => Mode::Text,
    }
}
