//! System calls of x86-64 Linux: number in `rax`, arguments in `rdi rsi rdx r10 r8 r9`, `rcx` and `r11` clobbered.
#![allow(unsafe_code)]

use core::arch::asm;

/// Ends every thread of the process.
pub fn exit_group(code: i32) -> ! {
    // SAFETY: the call takes no address and does not return.
    unsafe { asm!("syscall", "ud2", in("rax") 231, in("rdi") code, options(noreturn, nostack)) }
}
