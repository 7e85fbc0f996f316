//! `nativize verify`: whether the guest code of an executable is proven to stay inside.

use std::thread::available_parallelism;

use object::read::elf::FileHeader as _;
use object::{LittleEndian, elf};

use crate::args::VerifyArgs;
use crate::code::Code;
use crate::error::Failure;
use crate::input::{self, Format};
use crate::settings::Source;
use crate::stdout;
use crate::verify;

/// Runs the command.
pub(crate) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let source = Source::new(args.input.clone());
    let bytes = source.read_executable()?;
    let threads = match args.threads {
        Some(threads) => threads.get(),
        None => available_parallelism().map_or(1, |threads| threads.get()),
    };
    let report = if input::detect(&bytes) != Format::Elf {
        Err("it is no executable".to_owned())
    } else if is_object(&bytes) {
        Err("it is an object file, which is not linked to an executable yet".to_owned())
    } else {
        verify::verify(&bytes, threads)
    };
    let report = report.map_err(|reason| {
        Failure::new(
            Code::NotOurs,
            format!("{} cannot be verified", source.describe()),
        )
        .cause(reason)
        .help("give it an executable from `nativize build`, built without --strip")
    })?;
    if args.json {
        stdout::print_json(&report)?;
    } else {
        stdout::print(&report.to_string())?;
    }
    if report.is_rejected() {
        return Err(Failure::new(
            Code::Rejected,
            format!("{} breaks a rule of isolation", source.describe()),
        ));
    }
    if !report.is_proven() {
        return Err(Failure::new(
            Code::NotProven,
            format!("{} is not proven whole", source.describe()),
        ));
    }
    Ok(())
}

/// Whether an ELF file is one that `--emit obj` writes.
fn is_object(bytes: &[u8]) -> bool {
    let header = elf::FileHeader64::<LittleEndian>::parse(bytes);
    header.is_ok_and(|header| header.e_type.get(LittleEndian) == elf::ET_REL)
}
