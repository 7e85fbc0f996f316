//! What a program is granted: parsed from flags, encoded into the executable, read back from it.

pub(crate) mod file;
mod summary;
pub(crate) mod tree;
pub(crate) mod values;

pub(crate) use summary::summary;

use std::ffi::OsStr;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::ffi::OsStrExt;

use nativize_abi::config::{self, Record, Records, SANDBOX_AUTO, SANDBOX_STRICT, Setting};

use crate::code::Code;
use crate::error::Failure;

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
    /// Directories inside of the executable.
    pub embedded: Vec<Embedded>,
    /// Where the program listens when it starts.
    pub tcp_listen: Vec<SocketAddr>,
    /// The sockets that it is started with are passed on.
    pub listen_fds: bool,
    /// Bytes of guest stack, a multiple of the page size; `None` is the default.
    pub stack_size: Option<u64>,
    /// How the kernel enforces all this.
    pub sandbox: Sandbox,
    /// Bytes that linear memories may have together.
    pub max_memory: Option<u64>,
    /// Descriptors that may be open at once.
    pub max_fds: Option<u64>,
    /// Microseconds that it may run.
    pub timeout: Option<u64>,
    /// Microseconds of processor time that it may use.
    pub cpu_timeout: Option<u64>,
    /// `NATIVIZE_*` variables mean nothing, but for the one that narrows the grants.
    pub no_knobs: bool,
    /// Microseconds of processor time between samples of what runs, in a build for profiling.
    pub profile: Option<u64>,
    /// A trap writes a core dump when the program's user asks for one.
    pub coredump: bool,
}

/// What the kernel enforces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sandbox {
    /// Nothing.
    Off,
    /// What it can.
    #[default]
    Auto,
    /// All of it, or the program does not start.
    Strict,
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

/// A directory inside of the executable, which nothing can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// The path under which the guest sees it.
    pub guest: Vec<u8>,
    /// An [`embed::Node`](nativize_abi::embed::Node).
    pub tree: Vec<u8>,
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
        for Embedded { guest, tree } in &self.embedded {
            config::write(&mut out, Record::EmbedDir { guest, tree });
        }
        if self.listen_fds {
            config::write(&mut out, Record::ListenFds);
        }
        for address in &self.tcp_listen {
            let address = encode_address(*address);
            config::write(&mut out, Record::TcpListen { address: &address });
        }
        if let Some(bytes) = self.stack_size {
            config::write(&mut out, Record::StackSize(bytes));
        }
        let sandbox = match self.sandbox {
            Sandbox::Off => None,
            Sandbox::Auto => Some(SANDBOX_AUTO),
            Sandbox::Strict => Some(SANDBOX_STRICT),
        };
        for (kind, value) in [
            (Setting::SANDBOX, sandbox),
            (Setting::MAX_MEMORY, self.max_memory),
            (Setting::MAX_DESCRIPTORS, self.max_fds),
            (Setting::TIMEOUT, self.timeout),
            (Setting::CPU_TIMEOUT, self.cpu_timeout),
            (Setting::NO_KNOBS, self.no_knobs.then_some(1)),
            (Setting::PROFILE, self.profile),
            (Setting::COREDUMP, self.coredump.then_some(1)),
        ] {
            if let Some(value) = value {
                config::write(&mut out, Record::Setting(kind, value));
            }
        }
        out
    }

    /// The policy in an executable's configuration.
    pub fn decode(bytes: &[u8]) -> Self {
        let mut policy = Policy {
            sandbox: Sandbox::Off,
            ..Policy::default()
        };
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
                Record::EmbedDir { guest, tree } => policy.embedded.push(Embedded {
                    guest: guest.to_vec(),
                    tree: tree.to_vec(),
                }),
                Record::ListenFds => policy.listen_fds = true,
                Record::TcpListen { address } => policy.tcp_listen.extend(decode_address(address)),
                Record::StackSize(bytes) => policy.stack_size = Some(bytes),
                Record::Setting(kind, value) => match kind {
                    Setting::SANDBOX if value == SANDBOX_STRICT => {
                        policy.sandbox = Sandbox::Strict;
                    }
                    Setting::SANDBOX => policy.sandbox = Sandbox::Auto,
                    Setting::MAX_MEMORY => policy.max_memory = Some(value),
                    Setting::MAX_DESCRIPTORS => policy.max_fds = Some(value),
                    Setting::TIMEOUT => policy.timeout = Some(value),
                    Setting::CPU_TIMEOUT => policy.cpu_timeout = Some(value),
                    Setting::NO_KNOBS => policy.no_knobs = true,
                    Setting::PROFILE => policy.profile = Some(value),
                    Setting::COREDUMP => policy.coredump = true,
                    _ => {}
                },
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
    refuse_nul("--dir", text)?;
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

/// What ends at a NUL byte for the kernel, or for the program, must not go on after it for who reads a summary. (A policy file can
/// have one.)
pub(crate) fn refuse_nul(flag: &str, text: &OsStr) -> Result<(), Failure> {
    if text.as_bytes().contains(&0) {
        return Err(usage(
            flag,
            text,
            "it contains a NUL byte",
            "leave that out",
        ));
    }
    Ok(())
}

/// `K` or `K=V`.
pub(crate) fn parse_env(text: &OsStr) -> Result<EnvVar, Failure> {
    let bytes = text.as_bytes();
    let (key, value) = match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => (&bytes[..at], Some(bytes[at + 1..].to_vec())),
        None => (bytes, None),
    };
    refuse_nul("--env", text)?;
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

/// An address and a port.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, Failure> {
    let refused = |why, help| usage("--tcp-listen", OsStr::new(text), why, help);
    match text.parse() {
        Ok(SocketAddr::V6(address)) if address.scope_id() != 0 => Err(refused(
            "a scope is an interface's number, which differs from machine to machine",
            "leave `%` and the number out, or pass a socket with --listen-fds",
        )),
        Ok(address) => Ok(address),
        Err(_) => Err(refused(
            "not an address and a port in numbers",
            "write it as 127.0.0.1:8080 or [::1]:8080; 0.0.0.0 and [::] are every address",
        )),
    }
}

fn encode_address(address: SocketAddr) -> Vec<u8> {
    let mut bytes = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    bytes.extend(address.port().to_be_bytes());
    bytes
}

fn decode_address(bytes: &[u8]) -> Option<SocketAddr> {
    let (address, port) = bytes.split_last_chunk()?;
    let ip = match <[u8; 4]>::try_from(address) {
        Ok(octets) => IpAddr::from(octets),
        Err(_) => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
    };
    Some(SocketAddr::new(ip, u16::from_be_bytes(*port)))
}

fn usage(flag: &str, value: &OsStr, why: &str, help: &str) -> Failure {
    Failure::new(
        Code::BadValue,
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
    fn addresses() {
        for bad in [
            "",
            "8080",
            "localhost:80",
            "1.2.3.4",
            "1.2.3.4:99999",
            "::1:80",
            "[fe80::1%2]:80",
        ] {
            assert!(parse_address(bad).is_err(), "{bad}");
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
            embedded: vec![Embedded {
                guest: b"/assets".to_vec(),
                tree: vec![1, 0, 0],
            }],
            tcp_listen: vec![
                parse_address("127.0.0.1:8080").unwrap(),
                parse_address("[::1]:80").unwrap(),
            ],
            listen_fds: true,
            stack_size: Some(1 << 20),
            sandbox: Sandbox::Strict,
            max_memory: Some(1 << 30),
            max_fds: Some(10),
            timeout: Some(1_500_000),
            cpu_timeout: Some(1),
            no_knobs: true,
            profile: Some(1000),
            coredump: true,
        };
        assert_eq!(Policy::decode(&policy.encode()), policy);
        for sandbox in [Sandbox::Off, Sandbox::Auto] {
            let policy = Policy {
                sandbox,
                ..Policy::default()
            };
            assert_eq!(Policy::decode(&policy.encode()).sandbox, sandbox);
        }
    }
}
