//! What went wrong, in the form in which a user reads it: one line for each of message, causes and remedy.

use std::fmt;
use std::io;
use std::path::Path;

use crate::code::Code;

/// Exit statuses of `nativize` other than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// The input is not valid WebAssembly.
    Invalid = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The input is valid, but needs something that is not supported.
    Unsupported = 3,
    /// Files or linking: something could not be read, written or resolved.
    Files = 4,
    /// A bug in nativize.
    Bug = 101,
}

/// A command that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Of which kind it is; the exit status follows from that.
    pub(crate) code: Code,
    /// What did not work.
    pub(crate) message: String,
    /// Why, from the nearest cause to the deepest.
    pub(crate) causes: Vec<String>,
    /// What the user can do about it.
    pub(crate) help: Option<String>,
}

impl Failure {
    /// A failure without cause or remedy.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Failure {
            code,
            message: message.into(),
            causes: Vec::new(),
            help: None,
        }
    }

    /// Adds a cause below those that are there.
    #[must_use]
    pub(crate) fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Says what the user can do.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A file operation that failed; `action` reads as in "cannot *write* app".
    pub(crate) fn file(action: &str, path: &Path, error: &io::Error) -> Self {
        let code = match action {
            "read" => Code::CannotRead,
            _ => Code::CannotWrite,
        };
        let failure = Failure::new(code, format!("cannot {action} `{}`", path.display()))
            .cause(describe(error));
        match remedy(action, error.kind()) {
            Some(help) => failure.help(help),
            None => failure,
        }
    }

    /// A failure to write to standard output.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        let failure = Failure::new(Code::CannotWrite, "cannot write to standard output");
        failure.cause(describe(error))
    }
}

impl fmt::Display for Failure {
    /// The message, its causes and the remedy: a line each, whatever characters a module's names contain.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "error: {} [{}]",
            Printable(&self.message),
            self.code.name()
        )?;
        for cause in &self.causes {
            write!(f, "\n  cause: {}", Printable(cause))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {}", Printable(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

/// Text that comes from files, with control characters escaped: it can neither break a line nor drive a terminal.
pub(crate) struct Printable<'a>(pub(crate) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(unsafe_to_print) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            let mut chars = tail.chars();
            if let Some(c) = chars.next() {
                write!(f, "{}", c.escape_default())?;
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}

/// The bidirectional overrides reorder a line on the terminal as escape sequences would.
fn unsafe_to_print(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// JSON text in which nothing drives a terminal. What JSON itself does not escape is left in strings alone.
pub(crate) fn printable_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if unsafe_to_print(c) && c != '\n' {
            // All of them have four digits.
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// The operating system's words for an error, without the error number.
fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    let text = match text.split_once(" (os error") {
        Some((words, _)) => words,
        None => &text,
    };
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn remedy(action: &str, kind: io::ErrorKind) -> Option<&'static str> {
    use io::ErrorKind::*;
    Some(match (action, kind) {
        ("read", NotFound | NotADirectory) => {
            "check the path; a relative path starts at the current directory"
        }
        ("read", IsADirectory) => "name a .wasm or .wat file in that directory",
        ("read", PermissionDenied) => "check the permissions of the file and of its directories",
        (_, NotFound | NotADirectory) => {
            "create the directory first, or choose another output with -o"
        }
        (_, IsADirectory) => "name a file in that directory with -o",
        (_, PermissionDenied | ReadOnlyFilesystem) => "choose a writable place with -o",
        (_, StorageFull | QuotaExceeded | FileTooLarge) => {
            "free some space, or choose another place with -o"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({ "name": "a\u{9b}2J\u{7f}\u{202e}\u{1b}\n" });
        let text = printable_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(
            !text.contains(|c| unsafe_to_print(c) && c != '\n'),
            "{text}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn every_part_stays_on_its_line() {
        let failure = Failure::new(Code::CannotRead, "a\nb\x1b[2J")
            .cause("c\r\n")
            .help("d\u{202e}");
        assert_eq!(
            failure.to_string(),
            "error: a\\nb\\u{1b}[2J [cannot-read]\n  cause: c\\r\\n\n  help: d\\u{202e}"
        );
    }
}
