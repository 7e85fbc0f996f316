//! The registers of interrupted code, and the way back to it.
#![allow(unsafe_code)]

use core::arch::naked_asm;

/// `struct ucontext` up to the program counter.
#[repr(C)]
pub(crate) struct Context {
    flags: u64,
    link: u64,
    stack: [u64; 3],
    r8_to_r15: [u64; 8],
    rdi: u64,
    rsi: u64,
    rbp: u64,
    rbx: u64,
    rdx: u64,
    rax: u64,
    rcx: u64,
    rsp: u64,
    rip: u64,
}

const _: () = assert!(core::mem::offset_of!(Context, rip) == 168);

impl Context {
    /// The instruction that faulted.
    pub(crate) fn program_counter(&self) -> u64 {
        self.rip
    }

    pub(crate) fn stack_pointer(&self) -> u64 {
        self.rsp
    }

    pub(crate) fn frame_pointer(&self) -> u64 {
        self.rbp
    }

    /// A register by the number that instructions have for it.
    pub(crate) fn register(&self, number: u8) -> u64 {
        match number {
            0 => self.rax,
            1 => self.rcx,
            2 => self.rdx,
            3 => self.rbx,
            4 => self.rsp,
            5 => self.rbp,
            6 => self.rsi,
            7 => self.rdi,
            _ => self.r8_to_r15[usize::from(number % 8)],
        }
    }

    /// Lets the handler return into `function(argument)`, which never returns, on the stack at `stack_pointer`.
    pub(crate) fn resume_in(&mut self, function: unsafe extern "C" fn(u32) -> !, argument: u32) {
        self.rip = function as usize as u64;
        self.rdi = u64::from(argument);
    }
}

/// What a handler returns to: `rt_sigreturn`, which restores registers and mask.
///
/// Debuggers and unwinders know a signal frame by exactly these instructions.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn restore() {
    naked_asm!("mov rax, 15", "syscall")
}
