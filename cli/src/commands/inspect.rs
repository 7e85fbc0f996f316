//! `nativize inspect`: what a module needs, or what an executable was granted.

pub(crate) mod page;

use crate::args::InspectArgs;
use crate::code::Code;
use crate::error::Failure;
use crate::input::{self, Format};
use crate::inspect::{self, Executable, Module, Report};
use crate::settings::Source;
use crate::stdout;

/// Runs the command.
pub(crate) fn run(args: InspectArgs) -> Result<(), Failure> {
    let source = Source::new(args.input.clone());
    let bytes = source.read()?;
    if let Some(path) = &args.html {
        return page::write(path, &source, bytes, &args);
    }
    let report = match input::detect(&bytes) {
        Format::Elf => Report::Executable(executable(&bytes, &source)?),
        _ => Report::Module(module(&input::module(bytes, &source)?, &source)?),
    };
    if args.json {
        stdout::print_json(&report)
    } else {
        stdout::print(&report.to_string())
    }
}

fn executable(bytes: &[u8], source: &Source) -> Result<Executable, Failure> {
    inspect::executable(bytes).ok_or_else(|| {
        Failure::new(
            Code::NotOurs,
            format!("{} was not made by nativize", source.describe()),
        )
        .help("give it a module, or an executable from `nativize build`")
    })
}

fn module(bytes: &[u8], source: &Source) -> Result<Module, Failure> {
    inspect::module(bytes).map_err(|error| {
        Failure::new(
            Code::InvalidModule,
            format!("{} is not a valid module", source.describe()),
        )
        .cause(format!(
            "{} (at offset {:#x})",
            error.message(),
            error.offset()
        ))
        .help("rebuild the module with its toolchain; the file may be damaged or incomplete")
    })
}
