//! `nativize audit`: what an executable was made with, and the advisories about that.

use crate::args::AuditArgs;
use crate::audit::{Advisories, Made, Report, Unreadable};
use crate::code::Code;
use crate::console::Console;
use crate::error::{Failure, printable_json};
use crate::link::NoNotes;
use crate::settings::Source;
use crate::stdout;

/// Runs the command.
pub(crate) fn run(args: &AuditArgs, console: &Console) -> Result<(), Failure> {
    let source = Source::new(args.input.clone());
    let bytes = source.read_executable()?;
    let mut advisories = Advisories::embedded();
    for path in &args.advisories {
        for passed_over in advisories.add_path(path)? {
            console.warning(
                &format!("`{}` is not read as an advisory", passed_over.display()),
                "an advisory begins with a line ```toml; this has [advisory] elsewhere",
            );
        }
    }
    let made = Made::read(&bytes).map_err(|reason| unreadable(&source, reason))?;
    let report = Report::new(made, &advisories);
    if args.json {
        let json = serde_json::to_string_pretty(&report).map_err(|error| {
            crate::bug::failure(
                &format!("the report cannot be printed as JSON: {error}"),
                &[],
            )
        })?;
        stdout::print(&format!("{}\n", printable_json(&json)))?;
    } else {
        stdout::print(&report.to_string())?;
    }
    if report.is_affected() {
        let failure = Failure::new(
            Code::Affected,
            format!(
                "advisories are about what {} was made with",
                source.describe()
            ),
        );
        return Err(failure.help("build it again with a nativize that has a patched version"));
    }
    Ok(())
}

fn unreadable(source: &Source, reason: Unreadable) -> Failure {
    let file = source.describe();
    let (message, cause) = match reason {
        Unreadable::Notes(NoNotes::NotOurs) => {
            return Failure::new(Code::NotOurs, format!("{file} was not made by nativize"))
                .help("give it an executable from `nativize build`");
        }
        Unreadable::Notes(NoNotes::Damaged(cause)) => {
            (format!("the notes of {file} cannot be read"), cause)
        }
        Unreadable::Executable(cause) => (format!("{file} is not as nativize wrote it"), cause),
    };
    Failure::new(Code::DamagedNotes, message)
        .cause(cause)
        .help("build it again, or copy it again from where it came from")
}
