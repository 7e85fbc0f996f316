//! `nativize profile`: a program runs under sampling, and what took its time is shown.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::with_program;
use crate::args::ProfileArgs;
use crate::code::Code;
use crate::console::{Console, Size};
use crate::error::Failure;
use crate::input::{self, Format, Inputs};
use crate::link;
use crate::output::{Mode, Target, exe};
use crate::policy::Policy;
use crate::profile::{self, Image, Samples};
use crate::settings::Profile;
use crate::stdout;

/// Runs the command and gives the status of the program.
pub(crate) fn run(args: ProfileArgs, console: &Console) -> Result<u8, Failure> {
    let settings = Profile::new(args)?;
    let inputs = Inputs::read(&settings.run.settings)?;
    let executable = match input::detect(&inputs.main) {
        Format::Elf => built(inputs.main, &settings)?,
        _ => with_program(inputs, &settings.run.settings, console, |program| {
            exe::executable(program, &settings.run.settings, console)
        })?,
    };
    let input = settings.run.settings.input.describe();
    let start = Instant::now();
    let argv: &[OsString] = &settings.run.argv;
    let run = profile::run::run(&executable, argv).map_err(|error| {
        Failure::new(
            Code::CannotRun,
            format!("cannot run {input} under sampling"),
        )
        .cause(error)
        .help("it needs /proc, and memory files that can be executed")
    })?;
    console.phase("run", start, run.status);
    let status = run.shell_status();
    let Some(samples) = Samples::read(&run.samples) else {
        return Err(Failure::new(Code::NoSamples, format!("{input} left no samples"))
            .cause(format!("it ended before they began: {}", run.status))
            .help("run it without sampling to see whether it starts; with --no-knobs none are taken"));
    };
    let image = Image::new(&executable, Some(samples.program))
        .ok_or_else(|| crate::bug::failure("the executable's tables cannot be read", &[]))?;
    let name = link::read_notes(&executable)
        .map(|notes| String::from_utf8_lossy(&Policy::decode(notes.config).name).into_owned())
        .unwrap_or_default();
    let profile = profile::profile(&samples, &image, &name, run.cpu_seconds);
    let start = Instant::now();
    let json = serde_json::to_vec(&profile)
        .map_err(|error| crate::bug::failure(&format!("the profile is no JSON: {error}"), &[]))?;
    write(&settings.data, &json)?;
    write(
        &settings.flame_graph,
        profile::flame_graph(&profile).as_bytes(),
    )?;
    console.phase("write", start, Size(json.len() as u64));
    console.note(&format!(
        "`{}` shows the calls as a flame graph in a browser, `{}` is the profile",
        settings.flame_graph.display(),
        settings.data.display()
    ));
    if profile.samples < FEW {
        console.warning(
            &format!("{} samples tell little", profile.samples),
            "the kernel takes one at most every few milliseconds of processor time: let the program do more",
        );
    }
    stdout::print(&profile::table(&profile, settings.top))?;
    Ok(status)
}

/// With fewer samples than this, shares are guesses.
const FEW: u64 = 30;

/// An executable that was built for profiling.
fn built(executable: Vec<u8>, settings: &Profile) -> Result<Vec<u8>, Failure> {
    let input = settings.run.settings.input.describe();
    let Some(notes) = link::read_notes(&executable) else {
        return Err(
            Failure::new(Code::NotOurs, format!("{input} was not made by nativize"))
                .help("give it a module, or an executable from `nativize build --profiling`"),
        );
    };
    if Policy::decode(notes.config).profile.is_none() {
        return Err(Failure::new(
            Code::NotForProfiling,
            format!("{input} was not built for profiling"),
        )
        .help("build it with --profiling, or give the module instead"));
    }
    Ok(executable)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    Target::new(PathBuf::from(path)).write(bytes, Mode::Object)
}
