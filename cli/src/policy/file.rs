//! A policy file: the flags of grants and limits, as TOML with the same names and values.

use std::ffi::OsString;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use crate::args::{GrantArgs, LimitArgs, SandboxMode};
use crate::code::Code;
use crate::error::Failure;

/// What a file may say. A key that is not here is an error.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct File {
    dir: Vec<String>,
    env: Vec<String>,
    inherit_env: bool,
    grant_cwd_and_env: bool,
    embed_dir: Vec<String>,
    tcp_listen: Vec<String>,
    listen_fds: bool,
    sandbox: Option<SandboxMode>,
    no_knobs: bool,
    coredump: bool,
    stack_size: Option<Amount>,
    max_memory: Option<Amount>,
    max_fds: Option<u64>,
    timeout: Option<Amount>,
    cpu_timeout: Option<Amount>,
}

/// A number, or a number with a unit.
#[derive(Debug)]
struct Amount(String);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Text(String),
        }
        match Either::deserialize(deserializer) {
            Ok(Either::Number(number)) => Ok(Amount(number.to_string())),
            Ok(Either::Text(text)) => Ok(Amount(text)),
            Err(_) => Err(D::Error::custom(
                "expected a number, or a string with a number and a unit",
            )),
        }
    }
}

/// Adds what the file at `path` says to what the command line does. Where both set something, the command line wins;
/// lists are joined, the file's first.
pub(crate) fn apply(
    path: &Path,
    grants: &mut GrantArgs,
    limits: &mut LimitArgs,
) -> Result<(), Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::file("read", path, &error))?;
    add(&text, path, grants, limits)
}

/// As [`apply`], with the text of the file.
pub(crate) fn add(
    text: &str,
    path: &Path,
    grants: &mut GrantArgs,
    limits: &mut LimitArgs,
) -> Result<(), Failure> {
    let file: File = toml::from_str(text).map_err(|error| {
        let failure = Failure::new(
            Code::BadValue,
            format!("the policy `{}` is not valid", path.display()),
        );
        let place = error.span().map(|span| position(text, span.start));
        let message = error.message();
        failure
            .cause(match place {
                Some((line, column)) => format!("line {line}, column {column}: {message}"),
                None => message.to_owned(),
            })
            .help("its keys are flags without `--`, e.g. dir = [\"data::/data:ro\"] or timeout = \"5s\"")
    })?;
    let strings = |values: Vec<String>| values.into_iter().map(OsString::from);
    grants.dirs.splice(0..0, strings(file.dir));
    grants.env.splice(0..0, strings(file.env));
    grants.inherit_env |= file.inherit_env;
    grants.embed_dirs.splice(0..0, strings(file.embed_dir));
    grants.tcp_listen.splice(0..0, file.tcp_listen);
    grants.listen_fds |= file.listen_fds;
    grants.grant_cwd_and_env |= file.grant_cwd_and_env;
    limits.no_knobs |= file.no_knobs;
    limits.coredump |= file.coredump;
    limits.sandbox = limits.sandbox.or(file.sandbox);
    for (flag, value) in [
        (&mut limits.stack_size, file.stack_size),
        (&mut limits.max_memory, file.max_memory),
        (&mut limits.timeout, file.timeout),
        (&mut limits.cpu_timeout, file.cpu_timeout),
    ] {
        if flag.is_none() {
            *flag = value.map(|Amount(text)| text);
        }
    }
    limits.max_fds = limits.max_fds.or(file.max_fds);
    Ok(())
}

/// Line and column of a byte, from 1 on.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[line..].chars().count() + 1,
    )
}
