//! An executable -> what its notes say.

use nativize_abi::config::DEFAULT_STACK_SIZE;

use super::{Directory, EnvVar, Executable};
use crate::link;
use crate::policy::Policy;

/// Reads an executable; `None` when it was not made by nativize.
pub(crate) fn executable(bytes: &[u8]) -> Option<Executable> {
    let notes = link::read_notes(bytes)?;
    let policy = Policy::decode(notes.config);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Executable {
        size: bytes.len() as u64,
        compiler: notes.version.to_owned(),
        name: text(&policy.name),
        directories: policy
            .directories
            .iter()
            .map(|directory| Directory {
                host: text(&directory.host),
                guest: text(&directory.guest),
                read_only: directory.read_only,
            })
            .collect(),
        env: policy
            .env
            .iter()
            .map(|variable| EnvVar {
                key: text(&variable.key),
                value: variable.value.as_deref().map(text),
            })
            .collect(),
        inherit_env: policy.inherit_env,
        stack_size: policy.stack_size.unwrap_or(DEFAULT_STACK_SIZE),
    })
}
