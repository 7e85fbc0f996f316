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
    if of_all.iter().chain(&COMMANDS).any(|name| word == name) {
        return Ok(argv);
    }
    match elsewhere(word)? {
        Some("--help") => {
            // After the subcommand that help is asked for.
            argv.remove(at);
            argv.insert(argv.len().min(at + 1), "--help".into());
        }
        Some(here) => argv[at] = here.into(),
        None => argv.insert(at, "build".into()),
    }
    Ok(argv)
}

/// What is written here for a word that names no file and is a subcommand elsewhere.
fn elsewhere(word: &OsStr) -> Result<Option<&'static str>, Failure> {
    let Some(text) = word.to_str() else {
        return Ok(None);
    };
    // A file has an extension, a folder before it, or is there.
    if text.starts_with('-') || text.contains(['.', '/']) || Path::new(word).exists() {
        return Ok(None);
    }
    match text {
        "compile" => return Ok(Some("build")),
        "help" => return Ok(Some("--help")),
        "version" => return Ok(Some("--version")),
        _ => {}
    }
    let similar = |command: &&&str| strsim::damerau_levenshtein(text, command) <= command.len() / 3;
    let help = match (text, COMMANDS.iter().find(similar)) {
        ("objdump" | "disas" | "explore" | "validate" | "info", _) => {
            "did you mean `nativize inspect`?".to_owned()
        }
        (_, Some(command)) => format!("did you mean `nativize {command}`?"),
        _ => "`nativize FILE` compiles a file, and `nativize --help` lists the commands".to_owned(),
    };
    let message = format!("there is neither a command nor a file `{text}`");
    Err(Failure::new(Code::Usage, message).help(help))
}

/// Prints help and version; everything else is a failure to understand `argv`.
pub(crate) fn explain(error: &clap::Error, argv: &[OsString]) -> Result<(), Failure> {
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
        .filter_map(|line| line.trim_start().strip_prefix("tip: "))
        // No file begins with a dash as often as a flag is unknown.
        .find(|tip| !tip.starts_with("to pass "));
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.split(['=', ' ']).next(),
        _ => None,
    };
    let mut message = message.join(" ");
    let written_instead = argument.and_then(|argument| {
        let (word, next) = as_written(argument, argv).unwrap_or((argument, None));
        if word != argument && error.kind() == ErrorKind::UnknownArgument {
            message = message.replacen(argument, word, 1);
        }
        of_compilers(word, next, error.kind()).or_else(|| instead(argument, error.kind()))
    });
    let code = match error.kind() {
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => Code::BadValue,
        _ => Code::Usage,
    };
    let command = argv.iter().skip(1).find_map(|word| {
        let mut commands = COMMANDS.iter();
        commands.find(|&command| word == command)
    });
    // (What `nativize --help` shows are those of the command that may be left out.)
    let command = command.filter(|&&command| command != "build");
    let help = match command {
        Some(command) => format!("`nativize {command} --help` lists every option, with examples"),
        None => "`nativize --help` lists every option, with examples".to_owned(),
    };
    let is_missing = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(missing)) => {
            error.kind() == ErrorKind::MissingRequiredArgument
                && missing
                    .iter()
                    .any(|argument| argument.starts_with("<FILE>"))
        }
        _ => false,
    };
    if is_missing {
        return Err(Failure::new(code, "no file is given").help(help));
    }
    let help = written_instead.or(tip).map_or(help, str::to_owned);
    Err(Failure::new(code, message).help(help))
}

/// The word of `argv` that begins with a flag of one letter which the parser found in it, and the next one.
fn as_written<'a>(argument: &str, argv: &'a [OsString]) -> Option<(&'a str, Option<&'a str>)> {
    if argument.len() != 2 || !argument.starts_with('-') {
        return None;
    }
    let words = argv.iter().map(|word| word.to_str());
    let at = words
        .clone()
        .position(|word| word.is_some_and(|word| word.starts_with(argument)))?;
    let next = argv.get(at + 1).and_then(|next| next.to_str());
    Some((argv[at].to_str()?, next))
}

/// What to write for a flag of more letters after one dash, or with a value, that compilers have.
fn of_compilers(word: &str, next: Option<&str>, kind: ErrorKind) -> Option<&'static str> {
    if kind != ErrorKind::UnknownArgument {
        return None;
    }
    if let Some(setting) = word.strip_prefix("-C") {
        let setting = if setting.is_empty() { next? } else { setting };
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        return Some(match (name, value) {
            ("opt-level", "0") => "write -O0",
            ("opt-level", "1" | "s" | "z") => "write -O1",
            ("opt-level", "2") => "leave it out: -O2 is what is done without it",
            ("opt-level", _) => "write -O3",
            ("target-cpu", _) => "write --target-cpu native, or v2, v3 or v4",
            ("debuginfo", _) => "write -g",
            ("strip", _) => "write --strip",
            ("lto" | "codegen-units" | "panic" | "link-arg" | "link-args", _) => {
                "give it to rustc when it makes the module; here, a program is always optimized whole"
            }
            _ => return None,
        });
    }
    Some(match word {
        "-static" => "leave it out: executables are always static",
        "-shared" => "there are no shared libraries; write --emit obj for an object to link",
        _ if ["-march", "-mcpu", "-mtune"]
            .iter()
            .any(|flag| word.starts_with(flag)) =>
        {
            "write --target-cpu native, or v2, v3 or v4"
        }
        _ if ["-flto", "-fPIC", "-fPIE", "-fpic", "-fpie"]
            .iter()
            .any(|flag| word.starts_with(flag)) =>
        {
            "leave it out: a program is always optimized whole, and placed at fixed addresses"
        }
        _ if [
            "-std", "-I", "-isystem", "-include", "-ldflags", "-tags", "-gcflags",
        ]
        .iter()
        .any(|flag| word.starts_with(flag)) =>
        {
            "give it to the compiler that makes the module"
        }
        _ => return None,
    })
}

/// What to write for a flag that compilers and engines have and nativize has not.
fn instead(argument: &str, kind: ErrorKind) -> Option<&'static str> {
    if kind == ErrorKind::InvalidValue && argument == "--opt-level" {
        return Some("write -O0, -O1, -O2 (what is done without it) or -O3");
    }
    if kind == ErrorKind::InvalidValue && argument == "--invoke" {
        return Some("write --invoke NAME with an export; `nativize inspect FILE` lists them");
    }
    if kind == ErrorKind::ValueValidation && argument == "--threads" {
        return Some("write a number from 1 on, e.g. -j 4; without it, all processors are used");
    }
    if kind != ErrorKind::UnknownArgument {
        return None;
    }
    if !argument.starts_with('-') {
        return Some(
            "one file is compiled at a time: `nativize run FILE ARGS` runs it with arguments, and --link NAME=FILE \
             adds another module",
        );
    }
    Some(match argument {
        "--debug-info" => "write -g",
        "-W" | "--wasm" | "--wasm-features" | "--enable-all" | "-f" => {
            "leave it out: every proposal that is supported is on; `nativize inspect FILE` lists what a module needs"
        }
        "-A" | "--allow-all" | "--allow-read" | "--allow-write" | "--allow-net" | "--allow-env" => {
            "write what it may touch: --dir DIRECTORY, --env NAME or --inherit-env, --tcp-listen ADDR"
        }
        "-w" => "write -q, which leaves notes and warnings out",
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
        "--jobs" => "write -j N",
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
            completed("n --color=never -q a.wasm"),
            "n --color=never -q build a.wasm"
        );
        assert_eq!(completed("n -"), "n build -");
        assert_eq!(completed("n --help"), "n --help");
        assert_eq!(completed("n compile a.wasm"), "n build a.wasm");
        assert_eq!(completed("n help"), "n --help");
        assert_eq!(completed("n -q help run"), "n -q run --help");
        assert_eq!(completed("n version"), "n --version");
        assert_eq!(completed("n dir/compile a"), "n build dir/compile a");
    }

    #[test]
    fn command_line_is_consistent() {
        use clap::CommandFactory;
        crate::args::CommandLine::command().debug_assert();
    }
}
