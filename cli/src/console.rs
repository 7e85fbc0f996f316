//! What is said on standard error: failures, warnings, phases, and a progress bar for what takes long.

use std::ffi::OsString;
use std::fmt;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use crate::args::{ColorChoice, ConsoleArgs, MessageFormat};
use crate::error::{Failure, Printable, printable_json};

/// What takes less time than this shows no progress bar.
const QUIET_TIME: Duration = Duration::from_millis(500);

/// The user's terminal, or whatever standard error is.
#[derive(Debug)]
pub(crate) struct Console {
    verbosity: Verbosity,
    color: bool,
    terminal: bool,
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

impl Console {
    /// A console as the flags ask.
    pub(crate) fn new(args: &ConsoleArgs) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Console {
            verbosity: match (args.quiet, args.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, true) => Verbosity::Verbose,
                _ => Verbosity::Normal,
            },
            color: match args.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => {
                    let no_color = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
                    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
                    terminal && !no_color && !dumb
                }
            },
            terminal,
            json: args.message_format == MessageFormat::Json,
        }
    }

    /// The console of a command line that could not be read; who reads its messages is known all the same.
    pub(crate) fn unconfigured(argv: &[OsString]) -> Self {
        let json = argv.iter().any(|word| word == "--message-format=json")
            || argv
                .windows(2)
                .any(|words| words[0] == "--message-format" && words[1] == "json");
        Console::new(&ConsoleArgs {
            verbose: false,
            quiet: false,
            color: ColorChoice::Auto,
            message_format: if json {
                MessageFormat::Json
            } else {
                MessageFormat::Human
            },
        })
    }

    /// Reports why the command failed.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            let status = failure.code.status() as u8;
            return write_json(&json!({
                "level": "error",
                "code": failure.code.name(),
                "status": status,
                "message": failure.message,
                "causes": failure.causes,
                "help": failure.help,
            }));
        }
        let red = AnsiColor::Red.on_default().bold();
        let message = format!("{} [{}]", failure.message, failure.code.name());
        self.labelled(0, "error", red, &message);
        for cause in &failure.causes {
            self.labelled(2, "cause", Style::new().bold(), cause);
        }
        if let Some(help) = &failure.help {
            let cyan = AnsiColor::Cyan.on_default().bold();
            self.labelled(2, "help", cyan, help);
        }
    }

    /// Reports something that does not stop the command.
    pub(crate) fn warning(&self, message: &str, help: &str) {
        if self.verbosity >= Verbosity::Normal && self.json {
            write_json(&json!({"level": "warning", "message": message, "help": help}));
        } else if self.verbosity >= Verbosity::Normal {
            let yellow = AnsiColor::Yellow.on_default().bold();
            self.labelled(0, "warning", yellow, message);
            self.labelled(2, "help", AnsiColor::Cyan.on_default().bold(), help);
        }
    }

    /// Reports something that is as it should be.
    pub(crate) fn note(&self, message: &str) {
        if self.verbosity >= Verbosity::Normal && self.json {
            write_json(&json!({"level": "note", "message": message}));
        } else if self.verbosity >= Verbosity::Normal {
            self.labelled(0, "note", Style::new().bold(), message);
        }
    }

    /// With `-v`, reports a phase, the time since `start`, and what came out of it.
    pub(crate) fn phase(&self, name: &str, start: Instant, result: impl fmt::Display) {
        if self.verbosity == Verbosity::Verbose {
            let milliseconds = start.elapsed().as_secs_f64() * 1e3;
            let result = result.to_string();
            if self.json {
                return write_json(&json!({
                    "level": "phase",
                    "name": name,
                    "milliseconds": milliseconds,
                    "result": result,
                }));
            }
            let result = Printable(&result);
            write_line(format_args!("{name:>10} {milliseconds:>10.1} ms  {result}"));
        }
    }

    /// A progress bar for the phase that begins now.
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            shown: self.terminal && !self.json && self.verbosity > Verbosity::Quiet,
            start: Instant::now(),
            done: AtomicU64::new(0),
            bar: OnceLock::new(),
            warnings: Mutex::new(Vec::new()),
            malformed: OnceLock::new(),
        }
    }

    fn labelled(&self, indent: usize, label: &str, style: Style, text: &str) {
        let style = if self.color { style } else { Style::new() };
        let text = Printable(text);
        write_line(format_args!(
            "{:indent$}{style}{label}:{style:#} {text}",
            ""
        ));
    }
}

/// One object, in a line.
fn write_json(message: &serde_json::Value) {
    write_line(format_args!("{}", printable_json(&message.to_string())));
}

/// One write for a line, so that lines of several processes do not mix. Nobody is left to tell when it fails.
fn write_line(line: fmt::Arguments<'_>) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// A progress bar that appears once the phase has taken a while.
pub(crate) struct Progress {
    shown: bool,
    start: Instant,
    done: AtomicU64,
    bar: OnceLock<ProgressBar>,
    warnings: Mutex<Vec<String>>,
    /// What is wrong with the DWARF of a module.
    malformed: OnceLock<String>,
}

impl Progress {
    /// Ends the bar, and warns of what was found on the way.
    pub(crate) fn finish(mut self, console: &Console) {
        let malformed = self.malformed.take();
        let warnings = self.warnings.get_mut();
        let warnings = std::mem::take(warnings.unwrap_or_else(PoisonError::into_inner));
        drop(self);
        if let Some(problem) = malformed {
            console.warning(
                &format!("the debug information of the module is malformed: {problem}"),
                "backtraces lack the source lines that it does not tell; it may come from a tool that changed the module later",
            );
        }
        for warning in warnings {
            console.warning(
                &warning,
                "the program is not affected; gdb knows its functions by their symbols all the same",
            );
        }
    }
}

impl nativize_compiler::Progress for Progress {
    fn warning(&self, message: &str) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        warnings.push(message.to_owned());
    }

    fn compiled(&self, done: u64, total: u64) {
        // Threads report in any order; the bar never goes back.
        let done = self.done.fetch_max(done, Ordering::Relaxed).max(done);
        if self.shown && self.start.elapsed() >= QUIET_TIME {
            self.bar
                .get_or_init(|| {
                    let style = ProgressStyle::with_template(
                        " compiling [{bar:40}] {percent:>3}%  {eta} left",
                    )
                    .expect("the template is constant")
                    .progress_chars("=> ");
                    ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
                        .with_style(style)
                        .with_elapsed(self.start.elapsed())
                })
                .set_position(done);
        }
    }

    fn malformed_debug_info(&self, problem: &str) {
        self.malformed.get_or_init(|| problem.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// A number of bytes for people.
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0;
        match bytes {
            0..1024 => write!(f, "{bytes} bytes"),
            1024..0x10_0000 => write!(f, "{:.1} KiB", bytes as f64 / 1024.0),
            _ => write!(f, "{:.1} MiB", bytes as f64 / 1_048_576.0),
        }
    }
}
