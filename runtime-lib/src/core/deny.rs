//! What whoever starts the program takes from its grants: `NATIVIZE_DENY`, a list such as `dir:/data,env:HOME`.
//!
//! It can only take away. What it names need not have been granted, so that one list can serve many programs; what it
//! means must be clear, so a word that says nothing ends the program before it runs.

use super::path::names;

const VARIABLE: &str = "NATIVIZE_DENY";

/// The lists of the host's environment, which may have the variable more than once: each denies something.
fn lists() -> impl Iterator<Item = &'static [u8]> {
    crate::start::values(VARIABLE)
}

/// Whether one of `lists` has that.
fn any_contains<'a>(mut lists: impl Iterator<Item = &'a [u8]>, kind: &[u8], name: &[u8]) -> bool {
    lists.any(|list| contains(list, kind, name))
}

/// Whether `list` has `kind`, `kind:name` or `all`.
fn contains(list: &[u8], kind: &[u8], name: &[u8]) -> bool {
    words(list).any(|word| {
        word == b"all"
            || word.strip_prefix(kind).is_some_and(|rest| {
                rest.is_empty()
                    || rest.strip_prefix(b":").is_some_and(|denied| match kind {
                        b"dir" => is_same_path(denied, name),
                        _ => denied == name,
                    })
            })
    })
}

/// Whether two paths differ by `/` and `.` that say nothing at most: `data/` is `./data`.
fn is_same_path(one: &[u8], other: &[u8]) -> bool {
    let is_absolute = |path: &[u8]| path.first() == Some(&b'/');
    is_absolute(one) == is_absolute(other) && names(one).eq(names(other))
}

fn words(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b',')
        .filter(|word| !word.is_empty())
}

/// The first word that says nothing.
fn unknown(list: &[u8]) -> Option<&[u8]> {
    words(list).find(|word| {
        let named = [&b"dir:"[..], b"env:"].iter().any(|kind| {
            word.strip_prefix(*kind)
                .is_some_and(|name| !name.is_empty())
        });
        !(named || matches!(*word, b"all" | b"dir" | b"env" | b"network"))
    })
}

/// Whether the directory that the guest calls `guest` is taken away.
pub fn directory(guest: &[u8]) -> bool {
    any_contains(lists(), b"dir", guest)
}

/// Whether the variable `name` of the environment is taken away.
pub fn variable(name: &[u8]) -> bool {
    any_contains(lists(), b"env", name)
}

/// Whether every socket that was granted is taken away.
pub fn network() -> bool {
    any_contains(lists(), b"network", b"")
}

/// Ends the process if the list is not clear.
#[cfg(all(feature = "standalone", not(test)))]
#[allow(unsafe_code, reason = "it has a symbol of the contract")]
#[unsafe(no_mangle)]
extern "C" fn nvz_check_deny() {
    if let Some(word) = lists().find_map(unknown) {
        crate::exit::fail(1, |text| {
            text.str(VARIABLE)
                .str(": `")
                .untrusted(word)
                .str("` is none of dir[:GUEST], env[:NAME], network and all");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied() {
        let denies = |list: &str, kind: &str, name: &str| {
            contains(list.as_bytes(), kind.as_bytes(), name.as_bytes())
        };
        assert!(denies("dir:/data,env:HOME", "dir", "/data"));
        assert!(denies("dir:/data,env:HOME", "env", "HOME"));
        assert!(!denies("dir:/data,env:HOME", "env", "/data"));
        assert!(!denies("dir:/data", "dir", "/dat"));
        assert!(!denies("dir:/data", "dir", "/data/x"));
        assert!(denies("dir:/data/", "dir", "/data"));
        assert!(denies("dir:data", "dir", "./data//"));
        assert!(denies("dir:.", "dir", "./"));
        assert!(!denies("dir:data", "dir", "/data"));
        assert!(!denies("dir:.", "dir", "/"));
        assert!(!denies("dir:/data/..", "dir", "/"));
        assert!(!denies("env:A/", "env", "A"));
        assert!(denies("dir", "dir", "/data"));
        assert!(!denies("dir", "env", "A"));
        assert!(denies("all", "env", "A"));
        assert!(denies("x,network", "network", ""));
        assert!(!denies("", "dir", ""));
        assert!(denies(",,env:A:B,", "env", "A:B"));
    }

    #[test]
    fn every_list_counts() {
        let lists = || [&b""[..], b"dir:/a", b"env"].into_iter();
        assert!(any_contains(lists(), b"dir", b"/a"));
        assert!(any_contains(lists(), b"env", b"A"));
        assert!(!any_contains(lists(), b"dir", b"/b"));
    }

    #[test]
    fn what_is_not_clear() {
        for clear in ["", "all", "dir", "dir:a,env:b,network", ",env,"] {
            assert_eq!(unknown(clear.as_bytes()), None, "{clear}");
        }
        for (list, word) in [
            ("dirs", "dirs"),
            ("dir:", "dir:"),
            ("dir:a, env", " env"),
            ("network:1", "network:1"),
            ("All", "All"),
        ] {
            assert_eq!(unknown(list.as_bytes()), Some(word.as_bytes()));
        }
    }
}
