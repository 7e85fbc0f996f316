//! An executable -> what its notes say.

use nativize_abi::config::DEFAULT_STACK_SIZE;

use super::{Directory, Embedded, EnvVar, Executable};
use crate::link;
use crate::policy::{self, Policy};
use crate::sandbox;

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
        embedded: policy
            .embedded
            .iter()
            .map(|embedded| Embedded {
                guest: String::from_utf8_lossy(&embedded.guest).into_owned(),
                size: embedded.tree.len() as u64,
            })
            .collect(),
        tcp_listen: policy.tcp_listen.iter().map(ToString::to_string).collect(),
        listen_fds: policy.listen_fds,
        stack_size: policy.stack_size.unwrap_or(DEFAULT_STACK_SIZE),
        sandbox: match policy.sandbox {
            policy::Sandbox::Off => "off",
            policy::Sandbox::Auto => "auto",
            policy::Sandbox::Strict => "strict",
        },
        system_calls: notes.instructions().map(|filter| {
            let calls = sandbox::allowed(&filter);
            calls.iter().map(|call| call.name()).collect()
        }),
        max_memory: policy.max_memory,
        max_fds: policy.max_fds,
        timeout_ms: policy.timeout.map(|time| time / 1000),
        cpu_timeout_ms: policy.cpu_timeout.map(|time| time / 1000),
        no_knobs: policy.no_knobs,
        coredump: policy.coredump,
    })
}
