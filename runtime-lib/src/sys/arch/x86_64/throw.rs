//! The way from a throw in guest code into the runtime, and from there to the handler.
//!
//! The guest's convention passes the first arguments as the platform's does. Frames of guest code begin with the frame
//! pointer, so it is that of the function that throws, and the return address lies at the stack pointer. `r15` is the
//! pinned register in a program that starts threads: handlers find it as it was.
#![allow(unsafe_code)]

use core::arch::naked_asm;
use nativize_abi::program::{Exception, Exceptions};

#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_throw(exception: *const Exception, exceptions: *const Exceptions) -> ! {
    naked_asm!(
        "mov rdx, [rsp]",
        "mov rcx, rbp",
        "mov r8, r15",
        "jmp {throw}",
        throw = sym crate::unwind::throw,
    )
}

/// Goes on in a handler: see [`nativize_abi::program::Handler`].
///
/// # Safety
/// The compiler recorded the handler for a call that is active in the frame of that frame pointer.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn resume(
    program_counter: u64,
    frame_pointer: u64,
    stack_pointer: u64,
    exception: *const Exception,
    pinned: u64,
) -> ! {
    naked_asm!(
        "mov rax, rcx",
        "mov rbp, rsi",
        "mov rsp, rdx",
        "mov r15, r8",
        "jmp rdi"
    )
}
