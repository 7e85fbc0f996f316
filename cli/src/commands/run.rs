//! `nativize run`: a module runs as if it were an executable.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rustix::fs::MemfdFlags;

use super::{read, with_program};
use crate::cache::{Cache, Key};
use crate::code::Code;
use crate::console::Console;
use crate::error::Failure;
use crate::output::exe;
use crate::settings::Run;

/// Replaces the process by the program; comes back only with a failure.
///
/// The cache is a convenience: where there is none, or the place forbids execution, the program runs from memory.
pub(crate) fn run(run: &Run, console: &Console) -> Result<(), Failure> {
    let inputs = read(&run.settings, console)?;
    let build = |inputs| {
        with_program(inputs, &run.settings, console, |program| {
            exe::executable(program, &run.settings, console)
        })
    };
    let cache = Cache::open().map_err(|reason| {
        console.warning(
            &format!("running without the cache: {reason}"),
            "set XDG_CACHE_HOME to a directory of your own, or `chmod 700` that one",
        );
    });
    let Ok(cache) = cache else {
        return Err(execute_from_memory(&build(inputs)?, run));
    };
    let key = Key::new(&inputs, &run.settings);
    let start = Instant::now();
    if let Some(path) = cache.find(&key) {
        console.phase("cache", start, path.display());
        let error = execute(&path, run);
        console.phase("exec", start, error);
        return Err(execute_from_memory(&build(inputs)?, run));
    }
    let mut executable = build(inputs)?;
    let start = Instant::now();
    match cache.insert(&key, &mut executable) {
        Ok(path) => {
            console.phase("cache", start, path.display());
            let error = execute(&path, run);
            console.phase("exec", start, error);
        }
        Err(error) => console.warning(
            &format!("running without the cache: {error}"),
            "free some space, or set XDG_CACHE_HOME to another directory",
        ),
    }
    Err(execute_from_memory(&executable, run))
}

fn execute(path: &Path, run: &Run) -> io::Error {
    Command::new(path)
        .arg0(&run.argv[0])
        .args(&run.argv[1..])
        .exec()
}

/// Executes bytes that have no file.
fn execute_from_memory(executable: &[u8], run: &Run) -> Failure {
    let execute = || -> io::Result<Infallible> {
        let mut file = File::from(rustix::fs::memfd_create("nativize", MemfdFlags::CLOEXEC)?);
        file.write_all(executable)?;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        Err(execute(Path::new(&path), run))
    };
    let Err(error) = execute();
    Failure::new(
        Code::CannotRun,
        format!("cannot run {}", run.settings.input.describe()),
    )
    .cause(error)
    .help("build it with `nativize build` into a directory that allows execution")
}
