//! The kernel's enforcement of what was granted: Landlock for files, seccomp for everything.
//!
//! Both are the last things that happen before the program runs. What the kernel does not offer ends a strict executable
//! and is only reported on request by others: the host functions' own checks hold in any case.
#![allow(unsafe_code, reason = "it has symbols of the contract")]

use crate::core::table::{self, Kind};
use crate::exit::{ABORTED, exit};
use crate::program;
use crate::sys::arch::signal::Context;
use crate::sys::confine::{Handled, Ruleset, landlock_version, no_new_privileges, set_filter};
use crate::sys::signal::{Info, SIGSYS, handle};
use crate::text::Text;
use crate::trap;
use nativize_abi::config::FLAG_STRICT;
use nativize_abi::sandbox::X86_64;
use nativize_abi::system_call::name_of;
use rustix::io::Errno;

/// The first version of Landlock with which files can move between directories.
const MOVES: usize = 2;
/// The first one that knows truncation apart from writing, without which a read-only grant is not one.
const TRUNCATION: usize = 3;
/// The first one that knows ports.
const PORTS: usize = 4;
/// The first one that knows operations on devices.
const DEVICES: usize = 5;
/// The first one that keeps a process from signalling others, and from sockets that have no file.
const SCOPES: usize = 6;

/// `LANDLOCK_ACCESS_FS_READ_FILE` and `READ_DIR`.
const READ: u64 = 1 << 2 | 1 << 3;
/// `WRITE_FILE`, `REMOVE_DIR`, `REMOVE_FILE`, `MAKE_DIR`, `MAKE_REG`, `MAKE_SOCK`, `MAKE_FIFO`, `MAKE_SYM`, `REFER` and
/// `TRUNCATE`. Sockets and pipes cannot be made, but renamed; devices cannot even be that.
const CHANGE: u64 =
    1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12 | 1 << 13 | 1 << 14;

/// The operations on files that a version knows.
fn known(version: usize) -> u64 {
    let count = match version {
        ..TRUNCATION => 14,
        ..DEVICES => 15,
        _ => 16,
    };
    (1 << count) - 1
}

/// Holds the process to the granted directories, which are open by now.
#[unsafe(no_mangle)]
extern "C" fn nvz_confine_directories() {
    if let Err(error) = confine_directories() {
        missing("Landlock 2", error);
    }
}

fn confine_directories() -> Result<(), Errno> {
    let version = landlock_version()?;
    if version < MOVES {
        return Err(Errno::NOSYS);
    }
    let mut handled = Handled {
        files: known(version),
        ..Handled::default()
    };
    if version >= PORTS {
        // To bind and to connect; listeners that are granted are open by now.
        handled.network = 0b11;
    }
    if version >= SCOPES {
        handled.scope = 0b11;
    }
    let rules = Ruleset::new(&handled)?;
    for fd in 3.. {
        let Ok(descriptor) = table::get(fd) else {
            break;
        };
        if descriptor.kind == Kind::Directory {
            let operations = if descriptor.read_only {
                READ
            } else {
                READ | CHANGE
            };
            rules.allow(descriptor.host(), operations & handled.files)?;
        }
    }
    no_new_privileges()?;
    rules.restrict()?;
    if version < TRUNCATION {
        missing("protection from truncation (Landlock 3)", Errno::NOSYS);
    }
    Ok(())
}

/// Holds the process to the system calls that its program needs.
#[unsafe(no_mangle)]
extern "C" fn nvz_confine_calls() {
    handle(SIGSYS, on_denied);
    if let Err(error) = no_new_privileges().and_then(|()| set_filter(program::filter())) {
        missing("seccomp", error);
    }
}

/// The kernel does not offer `what`: ends a strict executable, and is told to whoever asks by `NATIVIZE_TRACE=1`.
#[cold]
fn missing(what: &str, error: Errno) {
    let strict = program::flag(FLAG_STRICT);
    if strict || crate::start::knob("NATIVIZE_TRACE") == Some(b"1") {
        let mut text = if strict {
            trap::named()
        } else {
            Text::stderr()
        };
        text.str("sandbox: the kernel offers no ")
            .str(what)
            .str(" (errno ")
            .decimal(error.raw_os_error().unsigned_abs().into())
            .str(")\n")
            .flush();
    }
    if strict {
        exit(ABORTED);
    }
}

extern "C" fn on_denied(signal: i32, info: &Info, _: &mut Context) {
    if info.code <= 0 {
        trap::end_by(signal);
    }
    let mut text = trap::named();
    text.str("system call ").decimal(info.system_call.into());
    if info.architecture != X86_64 {
        text.str(" of 32-bit code");
    } else if let Some(name) = name_of(info.system_call) {
        text.str(" (").untrusted(name).str(")");
    }
    text.str(" denied\n");
    trap::denied(text)
}
