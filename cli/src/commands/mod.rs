//! The subcommands, one a file: settings -> what they do.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod profile;
pub(crate) mod run;
pub(crate) mod shell;
pub(crate) mod verify;

use std::time::Instant;

use nativize_compiler::{DebugSections, Linked, Mismatch, Module, Program, unused_links};

use crate::code::Code;

use crate::console::{Console, Size};
use crate::error::Failure;
use crate::input;
use crate::input::{DebugFile, Format, Inputs};
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
            "memory ends before what an index reaches, and nothing holds that; use it for measurements, with modules that you trust",
        );
    }
    let start = Instant::now();
    let debug = inputs.debug;
    let main_bytes = input::module(inputs.main, &settings.input)?;
    let mut main = parse(&main_bytes, &settings.input)?;
    if let Some(file) = &debug {
        replace_debug(&mut main, file, settings, console)?;
    }
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

/// Takes a module's debug information from `file`. One that only the module asks for may be unfit.
fn replace_debug<'a>(
    module: &mut Module<'a>,
    file: &'a DebugFile,
    settings: &Settings,
    console: &Console,
) -> Result<(), Failure> {
    let cause = match DebugSections::of_file(&file.bytes) {
        _ if input::detect(&file.bytes) != Format::Wasm => "it is no binary module".to_owned(),
        Ok(sections) => match module.replace_debug(sections) {
            Ok(()) => return Ok(()),
            Err(Mismatch::Empty) => "it has no sections `.debug_*`".to_owned(),
            Err(Mismatch::Other) => "it belongs to other code".to_owned(),
        },
        Err(error) => error.to_string(),
    };
    let path = file.path.display();
    let input = settings.input.describe();
    let message = format!("`{path}` is no debug information of {input}");
    let help =
        "give the file that was split from this very module, or the module before it was stripped";
    if file.is_named_by_module {
        console.warning(&format!("{message}: {cause}"), help);
        return Ok(());
    }
    Err(Failure::new(Code::DebugFile, message)
        .cause(cause)
        .help(help))
}

fn parse<'a>(bytes: &'a [u8], source: &Source) -> Result<Module<'a>, Failure> {
    nativize_compiler::parse(bytes).map_err(|error| crate::explain::parse(&error, source, bytes))
}

/// Reads the files of all modules.
fn read(settings: &Settings, console: &Console) -> Result<Inputs, Failure> {
    let start = Instant::now();
    let inputs = Inputs::read(settings)?;
    console.phase("read", start, Size(inputs.size()));
    Ok(inputs)
}
