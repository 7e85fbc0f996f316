//! What a program is granted: parsed from flags, encoded into the executable, read back from it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use nativize_abi::address::{PAGE_SIZE, STACK_GUARD};
use nativize_abi::config::{self, Record, Records};

use crate::error::{Failure, Status};

/// The smallest stack: the guard's size, so that a program never has more guard than stack.
const MIN_STACK_SIZE: u64 = STACK_GUARD;
/// The largest stack: the address map keeps 4 GiB for it.
const MAX_STACK_SIZE: u64 = 1 << 32;

/// The grants and limits of one program. Strings are bytes, as the kernel's are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The name that trap messages use.
    pub name: Vec<u8>,
    /// Directories, in the order in which the guest sees them.
    pub directories: Vec<Directory>,
    /// Environment variables.
    pub env: Vec<EnvVar>,
    /// Pass the whole environment through.
    pub inherit_env: bool,
    /// Bytes of guest stack, a multiple of the page size; `None` is the default.
    pub stack_size: Option<u64>,
}

/// A granted directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// Its path on the host; a relative one resolves at start.
    pub host: Vec<u8>,
    /// The path under which the guest sees it.
    pub guest: Vec<u8>,
    /// Every mutation is refused.
    pub read_only: bool,
}

/// A granted environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvVar {
    /// Its name.
    pub key: Vec<u8>,
    /// Its value; `None` takes the one at start.
    pub value: Option<Vec<u8>>,
}

impl Policy {
    /// The bytes that the runtime reads ([`nativize_abi::config`]).
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        config::write(&mut out, Record::Name(&self.name));
        for directory in &self.directories {
            config::write(
                &mut out,
                Record::Directory {
                    host: &directory.host,
                    guest: &directory.guest,
                    read_only: directory.read_only,
                },
            );
        }
        for EnvVar { key, value } in &self.env {
            config::write(
                &mut out,
                match value {
                    Some(value) => Record::Env { key, value },
                    None => Record::PassEnv { key },
                },
            );
        }
        if self.inherit_env {
            config::write(&mut out, Record::InheritEnv);
        }
        if let Some(bytes) = self.stack_size {
            config::write(&mut out, Record::StackSize(bytes));
        }
        out
    }

    /// The policy in an executable's configuration.
    pub fn decode(bytes: &[u8]) -> Self {
        let mut policy = Policy::default();
        for record in Records::new(bytes) {
            match record {
                Record::Name(name) => policy.name = name.to_vec(),
                Record::Directory {
                    host,
                    guest,
                    read_only,
                } => policy.directories.push(Directory {
                    host: host.to_vec(),
                    guest: guest.to_vec(),
                    read_only,
                }),
                Record::Env { key, value } => policy.env.push(EnvVar {
                    key: key.to_vec(),
                    value: Some(value.to_vec()),
                }),
                Record::PassEnv { key } => policy.env.push(EnvVar {
                    key: key.to_vec(),
                    value: None,
                }),
                Record::InheritEnv => policy.inherit_env = true,
                Record::StackSize(bytes) => policy.stack_size = Some(bytes),
            }
        }
        policy
    }
}

/// `HOST[::GUEST][:ro]`.
pub(crate) fn parse_directory(text: &OsStr) -> Result<Directory, Failure> {
    let bytes = text.as_bytes();
    let (path, read_only) = match bytes.strip_suffix(b":ro") {
        Some(path) => (path, true),
        None => (bytes, false),
    };
    let (host, guest) = match path.windows(2).position(|pair| pair == b"::") {
        Some(at) => (&path[..at], &path[at + 2..]),
        None => (path, path),
    };
    if host.is_empty() || guest.is_empty() {
        return Err(usage(
            "--dir",
            text,
            "a directory's path is empty",
            "write it as HOST, HOST::GUEST or either with :ro, e.g. --dir ./data::/data:ro",
        ));
    }
    Ok(Directory {
        host: host.to_vec(),
        guest: guest.to_vec(),
        read_only,
    })
}

/// `K` or `K=V`.
pub(crate) fn parse_env(text: &OsStr) -> Result<EnvVar, Failure> {
    let bytes = text.as_bytes();
    let (key, value) = match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (&bytes[..at], Some(bytes[at + 1..].to_vec())),
        None => (bytes, None),
    };
    if key.is_empty() {
        return Err(usage(
            "--env",
            text,
            "the variable's name is empty",
            "write it as K=V to set a value, or as K to pass it through when the program starts",
        ));
    }
    Ok(EnvVar {
        key: key.to_vec(),
        value,
    })
}

/// A number of bytes, optionally with a binary unit, rounded up to whole pages.
pub(crate) fn parse_stack_size(text: &str) -> Result<u64, Failure> {
    let refuse = |why: &str| {
        usage(
            "--stack-size",
            OsStr::new(text),
            why,
            "write bytes or a unit, from 64K to 4G, e.g. --stack-size 16M",
        )
    };
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(refuse("not a number of bytes")),
    };
    let bytes = digits
        .parse::<u64>()
        .map_err(|_| refuse("not a number of bytes"))?
        .checked_mul(1 << shift)
        .filter(|&bytes| bytes <= MAX_STACK_SIZE)
        .ok_or_else(|| refuse("too large"))?;
    if bytes < MIN_STACK_SIZE {
        return Err(refuse("too small"));
    }
    Ok(bytes.next_multiple_of(PAGE_SIZE))
}

fn usage(flag: &str, value: &OsStr, why: &str, help: &str) -> Failure {
    Failure::new(
        Status::Usage,
        format!("invalid value `{}` for `{flag}`", value.display()),
    )
    .cause(why)
    .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(text: &str) -> (String, String, bool) {
        let directory = parse_directory(OsStr::new(text)).unwrap();
        (
            String::from_utf8(directory.host).unwrap(),
            String::from_utf8(directory.guest).unwrap(),
            directory.read_only,
        )
    }

    #[test]
    fn directories() {
        assert_eq!(directory("."), (".".into(), ".".into(), false));
        assert_eq!(directory("/a:ro"), ("/a".into(), "/a".into(), true));
        assert_eq!(directory("a::/b"), ("a".into(), "/b".into(), false));
        assert_eq!(directory("a::/:ro"), ("a".into(), "/".into(), true));
        for bad in ["", "::", "::/b", "a::", "a:::ro", ":ro"] {
            assert!(parse_directory(OsStr::new(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn stack_sizes() {
        assert_eq!(parse_stack_size("65537").unwrap(), 69632);
        assert_eq!(parse_stack_size("1M").unwrap(), 1 << 20);
        assert_eq!(parse_stack_size("4GiB").unwrap(), 1 << 32);
        for bad in [
            "",
            "M",
            "1x",
            "-1",
            "63K",
            "5G",
            "99999999999999999999",
            "17179869184G",
            "1M1",
        ] {
            assert!(parse_stack_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn policies_round_trip() {
        let policy = Policy {
            name: b"app".to_vec(),
            directories: vec![parse_directory(OsStr::new("a::/b:ro")).unwrap()],
            env: vec![
                parse_env(OsStr::new("K=V=1")).unwrap(),
                parse_env(OsStr::new("HOME")).unwrap(),
            ],
            inherit_env: true,
            stack_size: Some(1 << 20),
        };
        assert_eq!(Policy::decode(&policy.encode()), policy);
    }
}
