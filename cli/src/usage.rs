//! What the command line's parser says, in the form of every other message.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::COMMANDS;
use crate::code::Code;
use crate::error::Failure;
use crate::stdout;

/// Writes the subcommand that a command line leaves out: `nativize app.wasm` is `nativize build app.wasm`.
pub(crate) fn complete(mut argv: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let mut at = 1;
    // Only what is the same for every subcommand can come before it.
    while let Some(argument) = argv.get(at).and_then(|argument| argument.to_str()) {
        at += match argument {
            "-v" | "--verbose" | "-q" | "--quiet" => 1,
            "--color" | "--message-format" => 2,
            _ if argument.starts_with("--color=") || argument.starts_with("--message-format=") => 1,
            _ => break,
        };
    }
    let Some(word) = argv.get(at) else {
        return Err(Failure::new(Code::Usage, "no file is given").help(
            "`nativize app.wasm -o app` compiles app.wasm; `nativize --help` has more examples",
        ));
    };
    let of_all = ["-h", "--help", "-V", "--version"];
    if !of_all.iter().chain(&COMMANDS).any(|name| word == name) {
        refuse_misspelling(word)?;
        argv.insert(at, "build".into());
    }
    Ok(argv)
}

/// A word that is almost a subcommand and names no file.
fn refuse_misspelling(word: &OsStr) -> Result<(), Failure> {
    let Some(text) = word.to_str() else {
        return Ok(());
    };
    let nearest = COMMANDS
        .iter()
        .find(|command| strsim::damerau_levenshtein(text, command) <= command.len() / 3);
    match nearest {
        Some(command) if !Path::new(word).exists() => Err(Failure::new(
            Code::Usage,
            format!("there is neither a command nor a file `{text}`"),
        )
        .help(format!("did you mean `nativize {command}`?"))),
        _ => Ok(()),
    }
}

/// Prints help and version; everything else is a failure.
pub(crate) fn explain(error: &clap::Error) -> Result<(), Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return stdout::print(&error.render().to_string());
        }
        _ => {}
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n");
    let first = paragraphs.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    // What a flag accepts is on lines of its own.
    let message: Vec<&str> = message.lines().map(str::trim).collect();
    let tip = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("tip: "));
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.split(['=', ' ']).next(),
        _ => None,
    };
    let written_instead = argument.and_then(|argument| instead(argument, error.kind()));
    let code = match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => Code::BadValue,
        _ => Code::Usage,
    };
    Err(Failure::new(code, message.join(" ")).help(
        written_instead
            .or(tip)
            .unwrap_or("`nativize --help` lists every option, with examples"),
    ))
}

/// What to write for a flag that compilers and engines have and nativize has not.
fn instead(argument: &str, kind: ErrorKind) -> Option<&'static str> {
    if kind == ErrorKind::InvalidValue && argument == "--opt-level" {
        return Some("write -O0, -O1, -O2 (what is done without it) or -O3");
    }
    if kind != ErrorKind::UnknownArgument {
        return None;
    }
    Some(match argument {
        "--debug-info" => "write -g",
        "-W" | "--wasm" | "--wasm-features" | "--enable-all" | "-f" => {
            "leave it out: every proposal that is supported is on; `nativize inspect FILE` lists what a module needs"
        }
        "-S" | "--wasi" => {
            "WASI preview 1 is always there, and --dir, --env and --tcp-listen grant the rest; assembly is --emit asm"
        }
        "-C" | "--codegen" | "-m" => {
            "code generation has flags of its own: -O0 to -O3, --target-cpu, --bounds-checks"
        }
        "-D" => {
            "write -v for times and sizes; NATIVIZE_BACKTRACE=0 at run time leaves backtraces out"
        }
        "-c" => "write --emit obj",
        "-s" | "--strip-all" => {
            "write --strip to leave out the symbols; executables are always static"
        }
        "-l" | "-L" | "--preload" => "write --link NAME=FILE, once for each module to link",
        "-t" => "write --target x86_64-linux, or leave it out",
        "--static" | "-static" => "leave it out: executables are always static",
        "--release" => "leave it out: -O2 is what is done without it; -O3 optimizes more",
        "--mapdir" | "--volume" => "write --dir HOST::GUEST",
        "--fuel" => "write --timeout TIME or --cpu-timeout TIME",
        "--net" | "--listen" => "write --tcp-listen ADDR",
        "--max-wasm-stack" => "write --stack-size SIZE",
        "--max-memory-size" => "write --max-memory SIZE",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(words: &str) -> String {
        let argv = words.split(' ').map(OsString::from).collect();
        let argv = complete(argv).unwrap();
        argv.join(OsStr::new(" ")).into_string().unwrap()
    }

    #[test]
    fn build_is_the_default() {
        assert_eq!(completed("n a.wasm run"), "n build a.wasm run");
        assert_eq!(completed("n -O2 a.wasm"), "n build -O2 a.wasm");
        assert_eq!(
            completed("n -v --color never run a"),
            "n -v --color never run a"
        );
        assert_eq!(
            completed("n --color=never -q a"),
            "n --color=never -q build a"
        );
        assert_eq!(completed("n -"), "n build -");
        assert_eq!(completed("n --help"), "n --help");
    }

    #[test]
    fn command_line_is_consistent() {
        use clap::CommandFactory;
        crate::args::CommandLine::command().debug_assert();
    }
}
