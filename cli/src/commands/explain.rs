//! `nativize explain`: what a code, an exit status or a message means, and what to do about it.

use std::fmt::Write;
use std::io::IsTerminal;

use crate::args::ExplainArgs;
use crate::code::{Code, ENDS};
use crate::error::Failure;
use crate::stdout;

/// The width of lines for whoever is no terminal, and the widest for one.
const WIDTH: usize = 80;
const MAX_WIDTH: usize = 110;

/// What can be explained.
struct Entry {
    name: &'static str,
    /// In a line: what it means and the exit status, or for the end of a program what that prints.
    title: String,
    text: &'static str,
}

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let mut text = String::new();
    if args.topic.is_empty() {
        text.push_str("Codes of nativize, in brackets after a message:\n");
        for code in Code::ALL {
            let _ = writeln!(text, "  {:<28} {}", code.name(), code.title());
        }
        text.push_str("\nEnds of programs, with status 134 if it is not their own:\n");
        for (name, messages, _) in ENDS {
            let message = messages[0];
            let _ = writeln!(text, "  {name:<28} {message}");
        }
        return stdout::print(&text);
    }
    let topic = args.topic.join(" ");
    let found = find(&topic);
    if found.is_empty() {
        let names = entries().map(|entry| (strsim::damerau_levenshtein(&topic, entry.name), entry));
        let nearest = names.min_by_key(|(distance, _)| *distance);
        let failure = Failure::new(Code::Usage, format!("there is no code `{topic}`"));
        return Err(failure.help(match nearest {
            Some((distance, entry)) if distance <= entry.name.len() / 3 => {
                format!("did you mean `nativize explain {}`?", entry.name)
            }
            _ => "`nativize explain` lists all codes".to_owned(),
        }));
    }
    for (number, entry) in found.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let (name, title) = (entry.name, &entry.title);
        let between = if name == "status" { " " } else { ": " };
        let _ = writeln!(text, "{name}{between}{title}\n");
        text.push_str(&wrapped(entry.text, width()));
    }
    stdout::print(&text)
}

fn entries() -> impl Iterator<Item = Entry> {
    let failures = Code::ALL.iter().map(|code| Entry {
        name: code.name(),
        title: format!("{} (exit status {})", code.title(), code.status() as u8),
        text: code.text(),
    });
    failures.chain(ENDS.iter().map(|&(name, messages, text)| Entry {
        name,
        title: format!("a program prints `{}`", messages.join("` or `")),
        text,
    }))
}

/// The entry with that name; otherwise those with that exit status, or whose words are in a message.
fn find(topic: &str) -> Vec<Entry> {
    let name = topic.trim_matches(['[', ']']);
    if let Some(entry) = entries().find(|entry| entry.name == name) {
        return vec![entry];
    }
    let status = topic.parse::<u8>().ok();
    let of_status = entries()
        .zip(Code::ALL)
        .filter(|(_, code)| Some(code.status() as u8) == status)
        .map(|(entry, _)| entry)
        .chain(status.and_then(of_program));
    let message = topic.to_lowercase();
    let in_brackets = |entry: &Entry| message.ends_with(&format!("[{}]", entry.name));
    let words = |entry: &Entry| {
        let of_end = ENDS.iter().find(|end| end.0 == entry.name);
        of_end.is_some_and(|end| {
            let mut messages = end.1.iter();
            messages.any(|words| message.contains(&words.to_lowercase()))
        })
    };
    of_status
        .chain(entries().filter(|entry| in_brackets(entry) || words(entry)))
        .collect()
}

/// The end of a program that has this exit status, unless it is of its own choice.
fn of_program(status: u8) -> Option<Entry> {
    let (title, text) = match status {
        124 => (
            "a program reached its limit of time".to_owned(),
            "It was built with --timeout or --cpu-timeout, and ran for longer. Build it with a larger value; `nativize \
             inspect app` shows the one that it has.",
        ),
        134 => (
            "a program ended by a trap, or could not start".to_owned(),
            "Standard error says which and where: `nativize explain` takes that message. Traps that say nothing come from a \
             standard error that was closed. A program reaches its limit of memory or of descriptors with this status, too, \
             and --sandbox=strict does not start without what the kernel has to offer.",
        ),
        159 => (
            "the kernel refused what a program asked for".to_owned(),
            "The message names the system call: none that the program's imports and grants need, which is a bug in nativize, \
             or something got hold of the program. Please report it, and build with --sandbox=off only if you trust it.",
        ),
        129..=192 => (
            format!(
                "a program was ended by signal {}, as shells show it",
                status - 128
            ),
            "Somebody sent it, `kill -l` names it: 130 is Ctrl-C, 137 `kill -9` or the kernel that ran out of memory, 143 \
             `kill`. A fault of the program itself is a trap, and has the status 134.",
        ),
        _ => return None,
    };
    Some(Entry {
        name: "status",
        title: format!("{status}: {title}"),
        text,
    })
}

fn width() -> usize {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return WIDTH;
    }
    match rustix::termios::tcgetwinsize(&stdout) {
        Ok(size) if size.ws_col >= 20 => usize::from(size.ws_col).min(MAX_WIDTH),
        _ => WIDTH,
    }
}

/// `text` in indented lines of at most `width` characters.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut length = usize::MAX;
    for word in text.split_whitespace() {
        let count = word.chars().count();
        if length.saturating_add(1 + count) > width {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str("  ");
            length = 2;
        } else {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += count;
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found() {
        let names = |topic: &str| -> Vec<_> { find(topic).iter().map(|e| e.name).collect() };
        assert_eq!(names("missing-import"), ["missing-import"]);
        assert_eq!(
            names("error: cannot link `a` [missing-import]"),
            ["missing-import"]
        );
        assert_eq!(
            names("a: error: wasm trap: call stack exhausted"),
            ["stack-exhausted"]
        );
        assert_eq!(names("101"), ["bug"]);
        for status in ["124", "134", "137", "159"] {
            assert_eq!(names(status), ["status"]);
        }
        assert_eq!(names("5"), [""; 0]);
        assert_eq!(names("nonsense"), [""; 0]);
    }

    #[test]
    fn lines_have_the_width() {
        let text = wrapped("aaa bbb ccc dddddddddddd e", 10);
        assert_eq!(text, "  aaa bbb\n  ccc\n  dddddddddddd\n  e\n");
    }
}
