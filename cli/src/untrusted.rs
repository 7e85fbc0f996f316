//! What reads files that anybody may have written, as functions of their bytes: for tests that give it anything.

use std::fs;
use std::path::Path;

use crate::args::{GrantArgs, InspectArgs, LimitArgs};
use crate::audit::{Advisories, Made};
use crate::cache::pack::{Pack, Writer};
use crate::commands::inspect::page;
use crate::inspect::{self, Report};
use crate::policy::{self, Policy};
use crate::profile::Profile;
use crate::settings::{self, Source};
use crate::{audit, input, sandbox};

/// The binary module in a file that holds one, as binary or as text.
///
/// # Errors
/// The message of the command, of several lines.
pub fn module(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    input::module(bytes, &Source::Stdin).map_err(|failure| failure.to_string())
}

/// What `nativize inspect` prints, for people and as JSON, of a binary module or an executable.
///
/// # Errors
/// It is neither.
pub fn inspect(bytes: &[u8]) -> Result<(String, String), String> {
    let report = match input::detect(bytes) {
        input::Format::Elf => Report::Executable(
            inspect::executable(bytes).ok_or_else(|| "not made by nativize".to_owned())?,
        ),
        _ => Report::Module(inspect::module(bytes).map_err(|error| error.to_string())?),
    };
    let json = serde_json::to_string(&report).map_err(|error| error.to_string())?;
    Ok((report.to_string(), json))
}

/// The page of `nativize inspect --html` about a module or an executable, with what a profile says of its functions.
///
/// # Errors
/// The message of the command, of several lines.
pub fn page(bytes: &[u8], profile: Option<&[u8]>) -> Result<String, String> {
    let profile = profile.map(Profile::read).transpose()?;
    let args = InspectArgs {
        input: "-".into(),
        json: false,
        html: None,
        module: None,
        profile: None,
        functions: Vec::new(),
        // Below what is no directory, there is no source that debug information could name.
        sources: vec!["/dev/null/none".to_owned()],
    };
    page::page(&Source::Stdin, bytes.to_vec(), profile.as_ref(), &args)
        .map_err(|failure| failure.to_string())
}

/// What `nativize audit` prints of an executable, for people and as JSON. `advisory` is one more, if it is one.
///
/// # Errors
/// It was not made by nativize, or its notes are damaged.
pub fn audit(bytes: &[u8], advisory: &[u8]) -> Result<(String, String), String> {
    let mut advisories = Advisories::embedded();
    // Why it is none is told.
    let _ = advisories.add_bytes(advisory);
    let made = Made::read(bytes).map_err(|reason| format!("{reason:?}"))?;
    let report = audit::Report::new(made, &advisories);
    let json = serde_json::to_string(&report).map_err(|error| error.to_string())?;
    Ok((report.to_string(), json))
}

/// The policy in the text of a policy file. Directories to embed are left out: reading them is not part of it.
///
/// # Errors
/// The message of the command, of several lines.
pub fn policy(text: &str) -> Result<Policy, String> {
    let (mut grants, mut limits) = (GrantArgs::default(), LimitArgs::default());
    policy::file::add(text, Path::new("policy.toml"), &mut grants, &mut limits)
        .map_err(|failure| failure.to_string())?;
    grants.embed_dirs.clear();
    let policy = settings::policy(grants, limits).map_err(|failure| failure.to_string())?;
    // What the executable says about it, and to whom it is told.
    policy::summary(&policy);
    Ok(policy)
}

/// The system calls that a filter for `object`, any bytes, allows.
pub fn filter(object: &[u8], config: &[u8]) -> usize {
    sandbox::filter(object, config).map_or(0, |filter| sandbox::allowed(&filter).len())
}

/// Writes a pack of functions' code with `entries` to the directory `folder`, lets `damage` change its bytes, and gives
/// what is then found of each entry.
///
/// # Errors
/// The file system's.
pub fn damaged_pack(
    folder: &Path,
    entries: &[([u8; 32], &[u8])],
    damage: impl FnOnce(&mut Vec<u8>),
) -> std::io::Result<Vec<Option<Vec<u8>>>> {
    let build = blake3::hash(b"a build");
    let mut writer = Writer::new(folder, &build)?;
    for (key, bytes) in entries {
        writer.add(key, bytes)?;
    }
    writer.finish(folder)?;
    let files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    let path = files[0].path();
    let mut bytes = fs::read(&path)?;
    damage(&mut bytes);
    fs::write(&path, &bytes)?;
    let pack = Pack::open(&path, &build);
    Ok(entries
        .iter()
        .map(|(key, _)| pack.as_ref()?.get(key))
        .collect())
}
