//! What the build granted a program: directories, environment, limits. Encoded by the CLI, read by the runtime.
//!
//! The encoding is a sequence of records, each a tag byte and its fields (LEB128 integers, length-prefixed bytes),
//! ended by the end of the bytes.

use crate::address::{PAGE_SIZE, STACK_MAX, STACK_MIN};
use crate::leb::Reader;

/// One grant or limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Record<'a> {
    /// A directory: its path on the host, the path under which the guest sees it, and whether it is read-only.
    Directory {
        /// Relative paths resolve against the current directory at start.
        host: &'a [u8],
        /// The name of the preopen.
        guest: &'a [u8],
        /// Every mutation is refused.
        read_only: bool,
    },
    /// An environment variable with a value fixed at build.
    Env {
        /// The name.
        key: &'a [u8],
        /// The value.
        value: &'a [u8],
    },
    /// An environment variable that is passed through from the environment at start, when it is set.
    PassEnv {
        /// The name.
        key: &'a [u8],
    },
    /// The whole environment is passed through, but for `NATIVIZE_*`.
    InheritEnv,
    /// A listening TCP socket: the address, 4 or 16 bytes, and the port, 2 bytes, all in network order.
    TcpListen {
        /// The address and the port.
        address: &'a [u8],
    },
    /// The sockets that the process is started with are passed on (`LISTEN_FDS`, as systemd sets it).
    ListenFds,
    /// A read-only directory inside of the executable.
    EmbedDir {
        /// The name of the preopen.
        guest: &'a [u8],
        /// Its [`Node`](crate::embed::Node), without a name.
        tree: &'a [u8],
    },
    /// Bytes of guest stack, a multiple of the page size.
    StackSize(u64),
    /// The name that trap messages use for the program.
    Name(&'a [u8]),
    /// How much there may be of something, or how it is done.
    Setting(Setting, u64),
}

/// What a [`Record::Setting`] is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting(pub u8);

impl Setting {
    /// The kernel enforces what is granted, as far as it can (1), or the program does not start (2).
    pub const SANDBOX: Setting = Setting(1);
    /// The bytes that linear memories may have together.
    pub const MAX_MEMORY: Setting = Setting(2);
    /// How many descriptors may be open at once, standard streams included.
    pub const MAX_DESCRIPTORS: Setting = Setting(3);
    /// Microseconds after which the program is ended.
    pub const TIMEOUT: Setting = Setting(4);
    /// Microseconds of processor time, of all threads, after which the program is ended.
    pub const CPU_TIMEOUT: Setting = Setting(5);
    /// Of the `NATIVIZE_*` variables only `NATIVIZE_DENY` means anything (1).
    pub const NO_KNOBS: Setting = Setting(6);
    /// A trap writes a core dump when the program's user asks for one (1).
    pub const COREDUMP: Setting = Setting(8);
    /// Microseconds of processor time between samples of what runs, if whoever starts it asks for them
    /// ([`crate::profile`]).
    pub const PROFILE: Setting = Setting(7);
}

/// [`Setting::SANDBOX`]: with what the kernel offers.
pub const SANDBOX_AUTO: u64 = 1;
/// [`Setting::SANDBOX`]: not without all of it.
pub const SANDBOX_STRICT: u64 = 2;

impl<'a> Records<'a> {
    /// The value of the first setting of that kind.
    pub fn setting(mut self, kind: Setting) -> Option<u64> {
        self.find_map(|record| match record {
            Record::Setting(found, value) if found == kind => Some(value),
            _ => None,
        })
    }

    /// The size of the guest's stack: what is asked for, in whole pages and within what the address map allows.
    pub fn stack_size(mut self) -> u64 {
        let wanted = self.find_map(|record| match record {
            Record::StackSize(size) => Some(size),
            _ => None,
        });
        wanted
            .unwrap_or(DEFAULT_STACK_SIZE)
            .clamp(STACK_MIN, STACK_MAX)
            .next_multiple_of(PAGE_SIZE)
    }
}

/// What the runtime takes from the configuration without reading it, at [`crate::symbol::HOOKS`]: what a program does not
/// need is not referred to here, and so not part of its executable.
///
/// It is followed by the addresses of the functions of the runtime to call before the main loop, `extern "C" fn()`, in
/// this order, and 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Hooks {
    /// `FLAG_` bits.
    pub flags: u64,
    /// The number of instructions at [`crate::symbol::FILTER`].
    pub filter_len: u64,
    /// The address of [`crate::symbol::LIMIT_MEMORY`], or 0.
    pub check_memory: u64,
    /// The address of [`crate::symbol::LIMIT_DESCRIPTORS`], or 0.
    pub check_descriptors: u64,
    /// [`crate::symbol::STACK_END`].
    pub stack_end: u64,
    /// [`crate::symbol::DATA_IMAGE`].
    pub data_image: u64,
    /// [`crate::symbol::DATA_IMAGE_END`].
    pub data_image_end: u64,
}

/// The program does not start without what its sandbox needs.
pub const FLAG_STRICT: u64 = 1;
/// [`Setting::NO_KNOBS`].
pub const FLAG_NO_KNOBS: u64 = 2;
/// [`Setting::PROFILE`].
pub const FLAG_PROFILE: u64 = 4;

const _: () = assert!(core::mem::size_of::<Hooks>() == 56);

/// The guest stack's size when the configuration does not set one: 8 MiB.
pub const DEFAULT_STACK_SIZE: u64 = 8 << 20;

/// Reads the records of an encoded configuration. Malformed bytes end the sequence.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    reader: Reader<'a>,
}

impl<'a> Records<'a> {
    /// The records in `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Records {
            reader: Reader::new(bytes),
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    // One copy for all that look for something.
    #[inline(never)]
    fn next(&mut self) -> Option<Record<'a>> {
        let reader = &mut self.reader;
        Some(match reader.u8()? {
            1 => Record::Directory {
                host: reader.bytes()?,
                guest: reader.bytes()?,
                read_only: reader.u8()? != 0,
            },
            2 => Record::Env {
                key: reader.bytes()?,
                value: reader.bytes()?,
            },
            3 => Record::PassEnv {
                key: reader.bytes()?,
            },
            4 => Record::InheritEnv,
            5 => Record::StackSize(reader.unsigned()?),
            6 => Record::Name(reader.bytes()?),
            9 => Record::Setting(Setting(reader.u8()?), reader.unsigned()?),
            32 => Record::TcpListen {
                address: reader.bytes()?,
            },
            33 => Record::ListenFds,
            34 => Record::EmbedDir {
                guest: reader.bytes()?,
                tree: reader.bytes()?,
            },
            _ => return None,
        })
    }
}

/// Appends one record.
#[cfg(feature = "encode")]
pub fn write(out: &mut alloc::vec::Vec<u8>, record: Record<'_>) {
    use crate::leb::{write_bytes, write_unsigned};
    match record {
        Record::Directory {
            host,
            guest,
            read_only,
        } => {
            out.push(1);
            write_bytes(out, host);
            write_bytes(out, guest);
            out.push(u8::from(read_only));
        }
        Record::Env { key, value } => {
            out.push(2);
            write_bytes(out, key);
            write_bytes(out, value);
        }
        Record::PassEnv { key } => {
            out.push(3);
            write_bytes(out, key);
        }
        Record::InheritEnv => out.push(4),
        Record::StackSize(bytes) => {
            out.push(5);
            write_unsigned(out, bytes);
        }
        Record::Name(name) => {
            out.push(6);
            write_bytes(out, name);
        }
        Record::Setting(kind, value) => {
            out.extend([9, kind.0]);
            write_unsigned(out, value);
        }
        Record::TcpListen { address } => {
            out.push(32);
            write_bytes(out, address);
        }
        Record::ListenFds => out.push(33),
        Record::EmbedDir { guest, tree } => {
            out.push(34);
            write_bytes(out, guest);
            write_bytes(out, tree);
        }
    }
}

#[cfg(all(test, feature = "encode"))]
mod tests {
    use super::*;

    #[test]
    fn records_round_trip() {
        let records = [
            Record::Directory {
                host: b"/tmp/x",
                guest: b"/",
                read_only: true,
            },
            Record::Env {
                key: b"K",
                value: b"V=1",
            },
            Record::PassEnv { key: b"HOME" },
            Record::InheritEnv,
            Record::StackSize(1 << 20),
            Record::Name(b"app"),
            Record::Setting(Setting::SANDBOX, SANDBOX_STRICT),
            Record::Setting(Setting::TIMEOUT, u64::MAX),
            Record::TcpListen {
                address: &[127, 0, 0, 1, 0x1f, 0x90],
            },
            Record::ListenFds,
            Record::EmbedDir {
                guest: b"/",
                tree: b"\x01\0\0",
            },
        ];
        let mut bytes = alloc::vec::Vec::new();
        for record in records {
            write(&mut bytes, record);
        }
        assert!(Records::new(&bytes).eq(records));
    }
}
