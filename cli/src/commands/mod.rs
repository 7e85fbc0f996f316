//! The subcommands, one a file: settings -> what they do.

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod profile;
pub(crate) mod run;
pub(crate) mod shell;

use std::time::Instant;

use nativize_compiler::{Linked, Module, Program, unused_links};

use crate::console::{Console, Size};
use crate::error::Failure;
use crate::input;
use crate::input::Inputs;
use crate::settings::{Settings, Source};

/// Parses the modules in `inputs` and hands their program to `then`.
fn with_program<T>(
    inputs: Inputs,
    settings: &Settings,
    console: &Console,
    then: impl FnOnce(&Program<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    if settings.options.valgrind {
        console.warning(
            "-Z valgrind: the sandbox of this executable has a hole",
            "memory reserves less than an index reaches; use it for measurements, with modules that you trust",
        );
    }
    let start = Instant::now();
    let main_bytes = input::module(inputs.main, &settings.input)?;
    let main = parse(&main_bytes, &settings.input)?;
    let sources = || settings.links.iter().map(|link| &link.source);
    let bytes: Vec<Vec<u8>> = std::iter::zip(inputs.linked, sources())
        .map(|(bytes, source)| input::module(bytes, source))
        .collect::<Result<_, _>>()?;
    let modules: Vec<Module<'_>> = std::iter::zip(&bytes, sources())
        .map(|(bytes, source)| parse(bytes, source))
        .collect::<Result<_, _>>()?;
    let linked: Vec<Linked<'_>> = std::iter::zip(&modules, &settings.links)
        .map(|(module, link)| Linked {
            name: &link.name,
            module,
        })
        .collect();
    let invoke = settings.invoke.as_deref();
    let program = Program::command_with(&main, &linked, invoke, settings.unknown_imports)
        .map_err(|error| crate::explain::compile(error, settings))?;
    for name in unused_links(&main, &linked) {
        console.warning(
            &format!("nothing imports from the linked module \"{name}\""),
            "it is part of the program all the same; leave its --link out, or check the name",
        );
    }
    let size = main_bytes.len() + bytes.iter().map(Vec::len).sum::<usize>();
    console.phase("parse", start, Size(size as u64));
    then(&program)
}

fn parse<'a>(bytes: &'a [u8], source: &Source) -> Result<Module<'a>, Failure> {
    nativize_compiler::parse(bytes).map_err(|error| crate::explain::parse(&error, source))
}

/// Reads the files of all modules.
fn read(settings: &Settings, console: &Console) -> Result<Inputs, Failure> {
    let start = Instant::now();
    let inputs = Inputs::read(settings)?;
    console.phase("read", start, Size(inputs.size()));
    Ok(inputs)
}
