//! Faults: which of them are traps of the guest, and what the others mean.
#![allow(unsafe_code)]

use super::backtrace::Origin;
use super::report::{Access, bug, end, host_caller};
use super::symbols::{Place, Symbols};
use crate::exit::{ABORTED, exit, fail};
use crate::stack;
use crate::sys::arch::{cpu, signal::Context};
use crate::sys::signal::{
    Info, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGSEGV, SIGXFSZ, handle, ignore, set_alternate_stack,
    unblock,
};
use core::cell::UnsafeCell;
use nativize_abi::Trap;
use nativize_abi::address::{EXECUTABLE_BASE, EXECUTABLE_END, PAGE_SIZE, STACK_GUARD};

/// Room for the handler and for the registers that the kernel saves, of which the widest sets take 11 KiB.
#[repr(C, align(16))]
struct AlternateStack(UnsafeCell<[u8; 64 << 10]>);

// SAFETY: only the kernel uses it, for one handler at a time: each blocks what could interrupt it by a fault.
unsafe impl Sync for AlternateStack {}

static ALTERNATE_STACK: AlternateStack = AlternateStack(UnsafeCell::new([0; 64 << 10]));

/// Handles faults, on a stack of their own, and ignores the signals that stand for an error that a system call
/// reports as well.
pub(crate) fn install() {
    // SAFETY: the static is used for nothing else.
    unsafe {
        set_alternate_stack(ALTERNATE_STACK.0.get().cast(), size_of::<AlternateStack>());
    }
    let faults = [SIGSEGV, SIGBUS, SIGILL, SIGFPE];
    for signal in faults {
        handle(signal, on_fault);
    }
    unblock(&faults);
    ignore(SIGPIPE);
    ignore(SIGXFSZ);
}

/// Ends the process because of a signal that somebody sent, with the status that a shell shows for it. (To be killed by it
/// again would take a system call by which a process can signal others too.)
pub(crate) fn end_by(signal: i32) -> ! {
    exit(128 + signal)
}

extern "C" fn on_fault(signal: i32, info: &Info, context: &mut Context) {
    if info.code <= 0 {
        end_by(signal);
    }
    let symbols = crate::program::symbols();
    match classify(signal, info.address, context, &symbols) {
        Some((trap, _)) if stack::is_resumable() => {
            // The handler returns through the kernel, which restores the signal mask.
            context.resume_in(stack::leave, trap as u32);
        }
        Some((trap, bytes)) => {
            let access = Access {
                address: info.address,
                bytes,
                context,
            };
            end(trap, Some(&access), origin(context, &symbols))
        }
        None => explain(signal, info.address, context, &symbols),
    }
}

/// The trap that a fault stands for, if it is one of the guest's, and the bytes of the access.
fn classify(
    signal: i32,
    address: u64,
    context: &Context,
    symbols: &Symbols<'_>,
) -> Option<(Trap, u8)> {
    let bottom = stack::range().start;
    let guard = bottom - STACK_GUARD..bottom;
    // With the stack pointer in the guard, the frame that does not fit may have been touched below the guard first:
    // no frame of the runtime is larger than that, and the guest touches its frames page by page.
    let no_stack = bottom - 2 * STACK_GUARD..bottom;
    if signal == SIGSEGV
        && (guard.contains(&address) || no_stack.contains(&context.stack_pointer()))
    {
        return Some((Trap::StackExhausted, 0));
    }
    // No access to memory that is not there gives this signal.
    if signal == SIGBUS {
        return None;
    }
    symbols.trap_at(context.program_counter())
}

/// Where the backtrace of a fault begins.
fn origin(context: &Context, symbols: &Symbols<'_>) -> Origin {
    let pc = context.program_counter();
    if !symbols.contains(pc) {
        return host_caller();
    }
    let sp = context.stack_pointer();
    let stack = stack::range();
    // There was no room to save the frame pointer: the return address is all that the function has on the stack.
    let is_frameless = symbols.is_function_start(pc)
        && sp.is_multiple_of(8)
        && (stack.start..stack.end - 8).contains(&sp);
    Origin {
        place: Place::Instruction(pc),
        // SAFETY: the 8 bytes lie on the stack.
        caller: is_frameless.then(|| Place::Call(unsafe { *(sp as *const u64) })),
        frame_pointer: context.frame_pointer(),
    }
}

/// Whether code ends at the instruction at `pc`, which faulted for `address`: up to the end of their page only zeros follow, which
/// is what the kernel shows behind the end of a file. (In zeros the processor sees accesses to where `rax` points.)
fn is_cut_off(pc: u64, address: u64) -> bool {
    const LONGEST: u64 = 15;
    // An instruction that could not be fetched cannot be read either.
    let was_fetched = !(pc..pc.saturating_add(LONGEST)).contains(&address);
    if !was_fetched || !(EXECUTABLE_BASE..EXECUTABLE_END).contains(&pc) {
        return false;
    }
    let end = (pc | (PAGE_SIZE - 1)) + 1;
    let next = if pc + LONGEST < end {
        pc + LONGEST
    } else {
        pc + 1
    };
    // SAFETY: the byte at `pc` was fetched, so that its page is mapped, and what can be executed here can be read.
    next < end && (next..end).all(|at| unsafe { *(at as *const u8) } == 0)
}

/// Reports a fault that is no trap, and ends the process.
fn explain(signal: i32, address: u64, context: &Context, symbols: &Symbols<'_>) -> ! {
    if signal == SIGBUS || signal == SIGSEGV && is_cut_off(context.program_counter(), address) {
        fail(ABORTED, |text| {
            text.str("the executable was changed or cut off, or its device failed");
        });
    }
    if signal == SIGILL
        && let Some(feature) = cpu::missing_feature()
    {
        fail(ABORTED, |text| {
            text.str("this machine's processor lacks ")
                .str(feature)
                .str(": the program needs x86-64-v2");
        });
    }
    // The guest has a stack of its own: this one is for start and end only, and the kernel was told not to let it grow.
    let sp = context.stack_pointer();
    if signal == SIGSEGV && !stack::range().contains(&sp) && address.abs_diff(sp) < STACK_GUARD {
        fail(ABORTED, |text| {
            text.str("there is not enough stack to start: raise its limit (`ulimit -s`)");
        });
    }
    bug(
        |text| {
            text.str("signal ")
                .decimal(signal.unsigned_abs().into())
                .str(" at ")
                .hex(context.program_counter());
            if signal == SIGSEGV {
                text.str(" for address ").hex(address);
            }
        },
        origin(context, symbols),
    )
}
