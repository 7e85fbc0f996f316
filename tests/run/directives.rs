//! The directives at the head of a test file: how its program is built and started, and what must come of it.
//!
//! Each is a line `;;! KEY: VALUE`. Words are separated by spaces; a word or text in double quotes may contain the
//! escapes of Rust's strings.
//!
//! ```text
//! args: WORD...            arguments of the program
//! env: K=V...              environment at start
//! stdin: TEXT              standard input
//! file: NAME TEXT          a file in the current directory at start
//! grant-dir: HOST GUEST    a granted directory, writable
//! grant-dir-ro: HOST GUEST the same, read-only
//! grant-env: K=V... or K...   variables set at build, or passed through
//! inherit-env: yes         the whole environment is passed through
//! stack: BYTES             size of the guest stack
//! unknown-imports: trap    functions that nothing provides trap when they are called
//! invoke: NAME             an export to call instead of _start
//! link: NAME FILE          a module of the same folder that others import from as NAME
//! opt-level: 0             levels other than the default
//! target-cpu: native       built for all that this machine has
//! relaxed-simd: deterministic   instead of whatever is fast
//! bounds: guard            not built a second time with explicit bounds checks
//! exit: N                  exit status, 0 if not given
//! stdout: TEXT             all of standard output, nothing if not given; several are joined
//! stderr-contains: TEXT    a part of standard error, which is empty if none is given
//! stderr-lacks: TEXT       what standard error must not contain
//! expect-file: NAME TEXT   a file's content afterwards
//! error: TEXT              the program is refused with a message that contains this
//! ```

use nativize::target_cpu::native;
use nativize_abi::config::{self, Record};
use nativize_compiler::{CpuFeatures, OptLevel, RelaxedSimd, UnknownImports};

/// What a file asks for.
#[derive(Debug, Default)]
pub(crate) struct Directives {
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) stdin: String,
    pub(crate) files: Vec<(String, String)>,
    /// Encoded grants and limits.
    pub(crate) config: Vec<u8>,
    pub(crate) invoke: Option<String>,
    pub(crate) unknown_imports: UnknownImports,
    /// Names and files.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) opt_level: OptLevel,
    pub(crate) target_cpu: CpuFeatures,
    pub(crate) relaxed_simd: RelaxedSimd,
    pub(crate) guard_only: bool,
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr_contains: Vec<String>,
    pub(crate) stderr_lacks: Vec<String>,
    pub(crate) expected_files: Vec<(String, String)>,
    pub(crate) error: Option<String>,
}

impl Directives {
    /// Reads the directives of a file's text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut directives = Directives::default();
        for line in text.lines().filter_map(|line| line.strip_prefix(";;!")) {
            let (key, value) = line
                .split_once(':')
                .ok_or_else(|| format!("a directive without a key: {line}"))?;
            let words = words(value).map_err(|message| format!("{message}: {line}"))?;
            directives
                .set(key.trim(), words)
                .ok_or_else(|| format!("not a directive: {line}"))?;
        }
        Ok(directives)
    }

    fn set(&mut self, key: &str, words: Vec<String>) -> Option<()> {
        match key {
            "args" => self.args.extend(words),
            "env" => {
                for word in words {
                    let (key, value) = word.split_once('=')?;
                    self.env.push((key.to_owned(), value.to_owned()));
                }
            }
            "stdin" => self.stdin += &one(words)?,
            "file" => self.files.push(two(words)?),
            "grant-dir" | "grant-dir-ro" => {
                let (host, guest) = two(words)?;
                self.grant(Record::Directory {
                    host: host.as_bytes(),
                    guest: guest.as_bytes(),
                    read_only: key == "grant-dir-ro",
                });
            }
            "grant-env" => {
                for word in words {
                    self.grant(match word.split_once('=') {
                        Some((key, value)) => Record::Env {
                            key: key.as_bytes(),
                            value: value.as_bytes(),
                        },
                        None => Record::PassEnv {
                            key: word.as_bytes(),
                        },
                    });
                }
            }
            "inherit-env" if words == ["yes"] => self.grant(Record::InheritEnv),
            "stack" => {
                let bytes = one(words)?.parse().ok()?;
                self.grant(Record::StackSize(bytes));
            }
            "unknown-imports" if words == ["trap"] => self.unknown_imports = UnknownImports::Trap,
            "invoke" => self.invoke = Some(one(words)?),
            "link" => self.links.push(two(words)?),
            "opt-level" => {
                self.opt_level = match one(words)?.as_str() {
                    "0" => OptLevel::O0,
                    "1" => OptLevel::O1,
                    "3" => OptLevel::O3,
                    _ => return None,
                }
            }
            "target-cpu" if words == ["native"] => self.target_cpu = native(),
            "relaxed-simd" if words == ["deterministic"] => {
                self.relaxed_simd = RelaxedSimd::Deterministic;
            }
            "bounds" if words == ["guard"] => self.guard_only = true,
            "exit" => self.exit = one(words)?.parse().ok()?,
            "stdout" => self.stdout += &one(words)?,
            "stderr-contains" => self.stderr_contains.push(one(words)?),
            "stderr-lacks" => self.stderr_lacks.push(one(words)?),
            "expect-file" => self.expected_files.push(two(words)?),
            "error" => self.error = Some(one(words)?),
            _ => return None,
        }
        Some(())
    }

    fn grant(&mut self, record: Record<'_>) {
        config::write(&mut self.config, record);
    }
}

fn one(words: Vec<String>) -> Option<String> {
    let [word] = words.try_into().ok()?;
    Some(word)
}

fn two(words: Vec<String>) -> Option<(String, String)> {
    let [first, second] = words.try_into().ok()?;
    Some((first, second))
}

/// Splits at spaces outside of quotes.
fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(&first) = characters.peek() {
        if first == ' ' {
            characters.next();
            continue;
        }
        let mut word = String::new();
        if first == '"' {
            characters.next();
            loop {
                match characters.next().ok_or("a quote that does not end")? {
                    '"' => break,
                    '\\' => word.push(match characters.next() {
                        Some('n') => '\n',
                        Some('t') => '\t',
                        Some('0') => '\0',
                        Some(escaped @ ('"' | '\\')) => escaped,
                        _ => return Err("an unknown escape".to_owned()),
                    }),
                    other => word.push(other),
                }
            }
        } else {
            while let Some(character) = characters.next_if(|&character| character != ' ') {
                word.push(character);
            }
        }
        words.push(word);
    }
    Ok(words)
}
