//! `nativize audit`: what an executable was made with, and the advisories about that.

use crate::args::AuditArgs;
use crate::audit::{Advisories, Made, Report};
use crate::code::Code;
use crate::error::{Failure, printable_json};
use crate::link::NoNotes;
use crate::settings::Source;
use crate::stdout;

/// Runs the command.
pub(crate) fn run(args: &AuditArgs) -> Result<(), Failure> {
    let source = Source::new(args.input.clone());
    let bytes = source.read()?;
    let mut advisories = Advisories::embedded();
    for path in &args.advisories {
        advisories.add_path(path)?;
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

fn unreadable(source: &Source, reason: NoNotes) -> Failure {
    let file = source.describe();
    match reason {
        NoNotes::NotOurs => Failure::new(Code::NotOurs, format!("{file} was not made by nativize"))
            .help("give it an executable from `nativize build`"),
        NoNotes::Damaged(cause) => Failure::new(
            Code::DamagedNotes,
            format!("the notes of {file} cannot be read"),
        )
        .cause(cause)
        .help("build it again, or copy it again from where it came from"),
    }
}
