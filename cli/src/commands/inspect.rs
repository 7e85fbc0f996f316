//! `nativize inspect`: what a module needs, or what an executable was granted.

use crate::args::InspectArgs;
use crate::code::Code;
use crate::error::{Failure, printable_json};
use crate::input::{self, Format};
use crate::inspect::{self, Report};
use crate::settings::Source;
use crate::stdout;

/// Runs the command.
pub(crate) fn run(args: InspectArgs) -> Result<(), Failure> {
    let source = Source::new(args.input);
    let bytes = source.read()?;
    let report = match input::detect(&bytes) {
        Format::Elf => Report::Executable(inspect::executable(&bytes).ok_or_else(|| {
            Failure::new(
                Code::NotOurs,
                format!("{} was not made by nativize", source.describe()),
            )
            .help("give it a module, or an executable from `nativize build`")
        })?),
        _ => {
            let bytes = input::module(bytes, &source)?;
            Report::Module(inspect::module(&bytes).map_err(|error| {
                Failure::new(
                    Code::InvalidModule,
                    format!("{} is not a valid module", source.describe()),
                )
                .cause(format!(
                    "{} (at offset {:#x})",
                    error.message(),
                    error.offset()
                ))
                .help(
                    "rebuild the module with its toolchain; the file may be damaged or incomplete",
                )
            })?)
        }
    };
    if args.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| {
            crate::bug::failure(
                &format!("the report cannot be printed as JSON: {error}"),
                &[],
            )
        })?;
        stdout::print(&format!("{}\n", printable_json(&json)))
    } else {
        stdout::print(&report.to_string())
    }
}
