//! What ends the guest's run: the message and the backtrace, or the way back into a main loop that carries on.
#![allow(unsafe_code)]

use super::backtrace::{self, Origin};
use super::check;
use super::symbols::Place;
use crate::exit::{ABORTED, DENIED, exit};
use crate::sys::arch::signal::Context;
use crate::text::Text;
use core::panic::Location;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use nativize_abi::Trap;
use nativize_abi::address::{GUARDED_RANGE, INDEX_RANGE, LOW_MEMORY_BASE};
use nativize_abi::config::Record;
use nativize_abi::program::GuestFrame;

/// [`GuestFrame`], as both sides access it.
#[repr(C)]
struct SharedGuestFrame {
    frame_pointer: AtomicU64,
    return_address: AtomicU64,
}

const _: () = assert!(size_of::<SharedGuestFrame>() == size_of::<GuestFrame>());

/// The guest frame that called the host function that runs.
#[allow(non_upper_case_globals, reason = "the name of the contract")]
#[unsafe(no_mangle)]
static nvz_guest_frame: SharedGuestFrame = SharedGuestFrame {
    frame_pointer: AtomicU64::new(0),
    return_address: AtomicU64::new(0),
};

/// The guest's caller of the host function that runs, or that ran last.
#[inline(never)]
pub(super) fn host_caller() -> Origin {
    let frame = match crate::thread::hooks() {
        None => GuestFrame {
            frame_pointer: nvz_guest_frame.frame_pointer.load(Relaxed),
            return_address: nvz_guest_frame.return_address.load(Relaxed),
        },
        Some(hooks) => (hooks.guest_frame)(),
    };
    Origin {
        place: Place::Call(frame.return_address),
        caller: None,
        frame_pointer: frame.frame_pointer,
    }
}

/// Ends the guest's run with `trap`, from a host function.
pub(super) fn raise(trap: Trap) -> ! {
    if crate::stack::is_resumable() {
        // SAFETY: the host function runs for the guest, so a call is active; frames of the runtime own nothing.
        unsafe { crate::stack::leave(trap as u32) }
    }
    end(trap, None, host_caller())
}

/// Ends the guest's run because of an exception that nothing catches, thrown by a call that returns to that address.
pub(crate) fn uncaught(
    describe: impl FnOnce(&mut Text),
    return_address: u64,
    frame_pointer: u64,
) -> ! {
    let trap = Trap::UncaughtException;
    if crate::stack::is_resumable() {
        // SAFETY: the guest runs, so a call is active; frames of the runtime own nothing.
        unsafe { crate::stack::leave(trap as u32) }
    }
    let mut text = headline(trap);
    describe(&mut text);
    text.str("\n");
    let origin = Origin {
        place: Place::Call(return_address),
        caller: None,
        frame_pointer,
    };
    finish(text, origin, ABORTED)
}

/// Ends the guest's run because it called the import `name`, which nothing provides.
///
/// # Safety
/// `len` bytes at `name` are readable.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_unknown_import(name: *const u8, len: u64) -> ! {
    let trap = Trap::UnknownImport;
    if crate::stack::is_resumable() {
        // SAFETY: the guest runs, so a call is active; frames of the runtime own nothing.
        unsafe { crate::stack::leave(trap as u32) }
    }
    // SAFETY: the caller's promise.
    let name = unsafe { core::slice::from_raw_parts(name, len as usize) };
    let mut text = headline(trap);
    text.str(": ").untrusted(name).str("\n");
    finish(text, host_caller(), ABORTED)
}

/// The instruction whose fault is a trap.
pub(super) struct Access<'a> {
    /// What the kernel says: the first address that could not be accessed, if that was the reason.
    pub(super) address: u64,
    /// The bytes that it accesses, if they are known, else 0.
    pub(super) bytes: u8,
    pub(super) context: &'a Context,
}

/// Reports `trap` and ends the process. A fault may be the reason.
pub(super) fn end(trap: Trap, access: Option<&Access<'_>>, origin: Origin) -> ! {
    let mut text = headline(trap);
    if trap == Trap::StackExhausted {
        text.str(" (build with --stack-size)");
    }
    if let Some(access) = access {
        guarded(&mut text, access);
        check::show(&mut text, access.context);
    }
    text.str("\n");
    finish(text, origin, ABORTED)
}

/// ` (4 bytes at address 0x10400, memory size 0x10000)` of an access to the guard of a memory.
fn guarded(text: &mut Text, access: &Access<'_>) {
    let address = access.address;
    // Elsewhere, e.g. at the instruction that a failed compare leads to, it is in no memory's guard.
    // (A loop: `find` makes every executable larger.)
    for memory in crate::program::memories() {
        let mut offset = address.wrapping_sub(memory.base);
        // Below the low slot: the address was computed in 32 bits.
        if address != 0 && address < LOW_MEMORY_BASE && memory.base == LOW_MEMORY_BASE {
            offset &= INDEX_RANGE - 1;
        }
        if (memory.size..GUARDED_RANGE).contains(&offset) {
            text.str(" (");
            if access.bytes != 0 {
                text.decimal(access.bytes.into());
                // At the end of the memory, it may have begun inside.
                text.str(if offset == memory.size && access.bytes > 1 {
                    " bytes reaching "
                } else if access.bytes > 1 {
                    " bytes at "
                } else {
                    " byte at "
                });
            }
            text.str("address ")
                .hex(offset)
                .str(", memory size ")
                .hex(memory.size)
                .str(")");
        }
    }
}

/// `NAME: error: wasm trap: REASON`
// Inlined as it was before there were exceptions: programs without them do not pay for a second caller.
#[inline(always)]
fn headline(trap: Trap) -> Text {
    let mut text = named();
    text.str("wasm trap: ").str(trap.message());
    text
}

/// `NAME: error: `
pub(crate) fn named() -> Text {
    let mut text = Text::stderr();
    let name = crate::start::config().find_map(|record| match record {
        Record::Name(name) => Some(name),
        _ => None,
    });
    if let Some(name) = name {
        text.untrusted(name).str(": ");
    }
    text.str("error: ");
    text
}

/// Ends the process because the kernel refused what the host function that runs asked for.
pub(crate) fn denied(text: Text) -> ! {
    finish(text, host_caller(), DENIED)
}

/// Reports that `what` happened, which must not.
pub(super) fn bug(what: impl FnOnce(&mut Text), origin: Origin) -> ! {
    let mut text = Text::stderr();
    text.str("error: internal error: ");
    what(&mut text);
    text.str("; this is a bug in nativize\n");
    finish(text, origin, ABORTED)
}

/// Reports a panic of the runtime.
pub(crate) fn internal_error(location: Option<&Location<'_>>) -> ! {
    bug(
        |text| {
            text.str("the runtime panicked");
            if let Some(location) = location {
                text.str(" at ")
                    .str(location.file())
                    .str(":")
                    .decimal(location.line().into());
            }
        },
        host_caller(),
    )
}

/// Adds the backtrace and ends the process with `status`.
fn finish(mut text: Text, origin: Origin, status: i32) -> ! {
    let wanted = crate::start::knob("NATIVIZE_BACKTRACE");
    if wanted != Some(b"0") {
        // SAFETY: the stack is mapped before the guest, or a host function, can run.
        unsafe {
            backtrace::print(
                &mut text,
                &crate::program::symbols(),
                origin,
                crate::stack::range(),
                // (`full`)
                wanted.is_some_and(|wanted| wanted.starts_with(b"f")),
            );
        }
    }
    text.flush();
    crate::coredump::dump(&origin);
    exit(status)
}
