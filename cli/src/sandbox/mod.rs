//! The filter of system calls of an executable: what its program refers to -> calls -> a program for the kernel.

mod assemble;
mod simulate;

pub(crate) use simulate::allowed;

use std::collections::BTreeSet;

use nativize_abi::config::{Record, Records, Setting};
use nativize_abi::sandbox::Instruction;
use nativize_abi::symbol::{LIMIT_TIME, START};
use nativize_abi::system_call::{ACCEPT, Given, SystemCall, USES};
use object::{Object as _, ObjectSymbol as _};

/// The filter for the program in a relocatable object, with an encoded configuration; `None` when it asks for none.
///
/// The compiler leaves out what cannot run, so what the object refers to is what the program can call.
pub fn filter(program: &[u8], config: &[u8]) -> Option<Vec<Instruction>> {
    let records = || Records::new(config);
    records().setting(Setting::SANDBOX)?;
    let grants = Grants {
        directories: records().any(|record| matches!(record, Record::Directory { .. })),
        embedded: records().any(|record| matches!(record, Record::EmbedDir { .. })),
        sockets: records()
            .any(|record| matches!(record, Record::TcpListen { .. } | Record::ListenFds)),
    };
    // Of an object that cannot be read, the linker says what is wrong with it.
    let object = object::File::parse(program).ok();
    let mut symbols: BTreeSet<&str> = object
        .iter()
        .flat_map(|object| object.symbols())
        .filter(|symbol| symbol.is_undefined())
        .filter_map(|symbol| symbol.name().ok())
        .collect();
    let is_limited = |limit| records().setting(limit).is_some();
    if is_limited(Setting::TIMEOUT) || is_limited(Setting::CPU_TIMEOUT) {
        symbols.insert(LIMIT_TIME);
    }
    Some(assemble::program(&calls(&symbols, grants)))
}

/// What a program has descriptors of when it starts.
#[derive(Clone, Copy)]
struct Grants {
    directories: bool,
    embedded: bool,
    sockets: bool,
}

/// What the kernel may be asked for by the functions of the runtime in `symbols`.
fn calls(symbols: &BTreeSet<&str>, grants: Grants) -> BTreeSet<SystemCall> {
    USES.iter()
        .filter(|row| row.symbol == START || symbols.contains(row.symbol))
        .filter(|row| match row.given {
            Given::Always => true,
            Given::Descriptor => {
                grants.directories || grants.embedded || grants.sockets || symbols.contains(ACCEPT)
            }
            Given::Directory => grants.directories,
            Given::Embedded => grants.embedded,
        })
        .flat_map(|row| row.calls)
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(symbols: &[&str], directories: bool) -> Vec<&'static str> {
        let grants = Grants {
            directories,
            embedded: false,
            sockets: false,
        };
        let filter = assemble::program(&calls(&symbols.iter().copied().collect(), grants));
        allowed(&filter).iter().map(|call| call.name()).collect()
    }

    #[test]
    fn a_program_gets_what_its_imports_need() {
        let base = ["write", "rt_sigreturn", "exit_group"];
        assert_eq!(names(&[], false), base);
        assert_eq!(names(&[], true), base);
        let random = names(&["nvz_p1_random_get"], false);
        assert_eq!(random.len(), base.len() + 1);
        assert!(random.contains(&"getrandom"));
    }

    #[test]
    fn files_need_a_directory_or_a_connection() {
        let open = ["nvz_p1_path_open", "nvz_p1_fd_sync"];
        assert!(!names(&open, false).contains(&"openat2"));
        assert!(!names(&open, false).contains(&"fsync"));
        let granted = names(&open, true);
        for call in ["openat2", "openat", "readlinkat", "fsync"] {
            assert!(granted.contains(&call), "{call}");
        }
        let accepting = names(&["nvz_p1_sock_accept", "nvz_p1_fd_sync"], false);
        assert!(accepting.contains(&"fsync"));
        assert!(!accepting.contains(&"openat"));
    }

    #[test]
    fn no_program_gets_a_way_out() {
        let all: Vec<&str> = USES.iter().map(|row| row.symbol).collect();
        let allowed = names(&all, true);
        for call in [
            "execve", "execveat", "socket", "connect", "bind", "kill", "ptrace", "fork", "clone3",
            "open", "chmod", "fchmodat", "tgkill",
        ] {
            assert!(!allowed.contains(&call), "{call}");
        }
    }
}
