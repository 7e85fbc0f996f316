//! A policy in one line, for who has just built it in.

use super::{Directory, Policy};

/// What the program may do besides reading its arguments and using its standard streams; `None` when that is nothing.
pub(crate) fn summary(policy: &Policy) -> Option<String> {
    let list = |read_only: bool| {
        let directories = policy.directories.iter();
        let names: Vec<String> = directories
            .filter(|directory| directory.read_only == read_only)
            .map(name)
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let variables: Vec<_> = policy
        .env
        .iter()
        .filter(|variable| variable.value.is_none())
        .map(|variable| String::from_utf8_lossy(&variable.key))
        .collect();
    let mut parts = Vec::new();
    if let Some(names) = list(true) {
        parts.push(format!("may read {names}"));
    }
    if let Some(names) = list(false) {
        parts.push(format!("may read and change {names}"));
    }
    if policy.inherit_env {
        parts.push("sees the whole environment".to_owned());
    } else if !variables.is_empty() {
        parts.push(format!("sees {} of the environment", variables.join(", ")));
    }
    let mut listens: Vec<String> = policy.tcp_listen.iter().map(ToString::to_string).collect();
    if policy.listen_fds {
        listens.push("the sockets that it is started with".to_owned());
    }
    if !listens.is_empty() {
        parts.push(format!("listens at {}", listens.join(", ")));
    }
    if parts.is_empty() {
        return None;
    }
    if listens.is_empty() {
        parts.push("no network".to_owned());
    }
    Some(parts.join("; "))
}

/// A path that is written so that it is seen to be one.
fn name(directory: &Directory) -> String {
    let host = String::from_utf8_lossy(&directory.host);
    if host == "." {
        "the current directory".to_owned()
    } else if host.starts_with(['/', '.']) {
        host.into_owned()
    } else {
        format!("./{host}")
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::super::{parse_directory, parse_env};
    use super::*;

    fn of(dirs: &[&str], env: &[&str], inherit_env: bool) -> Option<String> {
        summary(&Policy {
            directories: dirs
                .iter()
                .map(|dir| parse_directory(OsStr::new(dir)).unwrap())
                .collect(),
            env: env
                .iter()
                .map(|env| parse_env(OsStr::new(env)).unwrap())
                .collect(),
            inherit_env,
            ..Policy::default()
        })
    }

    #[test]
    fn one_line() {
        assert_eq!(of(&[], &[], false), None);
        assert_eq!(of(&[], &["A=fixed"], false), None);
        assert_eq!(
            of(&["data:ro"], &[], false).unwrap(),
            "may read ./data; no network"
        );
        assert_eq!(
            of(&["a::/x:ro", "/b:ro", "../c", "."], &["HOME", "A=1"], false).unwrap(),
            "may read ./a, /b; may read and change ../c, the current directory; sees HOME of the environment; no network"
        );
        assert_eq!(
            of(&[], &["HOME"], true).unwrap(),
            "sees the whole environment; no network"
        );
    }
}
