//! Modules -> objects and executables, as the command makes them, on one thread.

use nativize::link::LinkOptions;
use nativize::policy::Policy;
use nativize_compiler::{
    BoundsChecks, EntryPoint, ExternKind, Features, Main, Module, OptLevel, Options, Program,
    UnknownImports,
};

/// Parses on this thread alone.
pub(crate) fn parse(bytes: &[u8]) -> Option<Module<'_>> {
    let module = nativize_compiler::parse_with(bytes, Features::All, Some(1));
    // The message is made of the input too.
    module.map_err(|error| error.to_string()).ok()
}

/// The object of a module: of the command that it is, or else of all that it exports.
pub(crate) fn object(module: &Module<'_>, options: &Options) -> Option<Vec<u8>> {
    let program = match Program::command_with(module, &[], None, UnknownImports::Trap) {
        Ok(program) => program,
        Err(error) => {
            error.to_string();
            exports(module)?
        }
    };
    nativize_compiler::compile(&program, options, &())
        .map_err(|error| error.to_string())
        .ok()
}

/// A program that the runtime can ask for each export.
fn exports<'a>(module: &'a Module<'a>) -> Option<Program<'a>> {
    let mut program = Program::new();
    program.set_main(Main::Script);
    let instance = program
        .instantiate(module, |program, import| program.wasi(import))
        .ok()?;
    program.add_entry(EntryPoint::Instantiate(instance));
    for export in module.exports() {
        let found = program.export(instance, export.name)?;
        let entry = match (export.kind, found) {
            (ExternKind::Func, nativize_compiler::Extern::Func(id)) => EntryPoint::Call(id),
            (ExternKind::Global, nativize_compiler::Extern::Global(id)) => {
                EntryPoint::ReadGlobal(id)
            }
            _ => continue,
        };
        program.add_entry(entry);
    }
    Some(program)
}

/// Links an object with the runtime and a configuration that grants nothing.
pub(crate) fn link(object: &[u8], strip: bool) -> Option<Vec<u8>> {
    let config = Policy::default().encode();
    nativize::build::link(
        object,
        &Options::default(),
        &config,
        &LinkOptions {
            strip,
            ..LinkOptions::default()
        },
    )
    .map_err(|error| error.to_string())
    .ok()
}

/// Options that depend on the input, so that all of them have their turn.
pub(crate) fn options(bytes: &[u8]) -> Options {
    let sum = bytes
        .iter()
        .fold(0u8, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte));
    Options {
        opt_level: match sum % 4 {
            0 => OptLevel::O0,
            1 => OptLevel::O1,
            2 => OptLevel::O2,
            _ => OptLevel::O3,
        },
        bounds_checks: match sum & 16 {
            0 => BoundsChecks::Guard,
            _ => BoundsChecks::Explicit,
        },
        debug: sum & 32 != 0,
        coredump: sum & 64 != 0,
        threads: Some(1),
        ..Options::default()
    }
}
