//! The way in and out of the guest's stack.
//!
//! The runtime's main loop runs on the stack that the kernel made, the guest on its own. `enter` leaves the loop's
//! callee-saved registers on the kernel's stack and their address in [`RESUME`], so that a trap can come back there
//! from any depth of guest and host frames: none of those own anything that would have to be released.
#![allow(unsafe_code)]

use core::arch::naked_asm;
use core::sync::atomic::AtomicU64;

/// The stack pointer of the innermost `enter`.
static RESUME: AtomicU64 = AtomicU64::new(0);

/// Calls `function(values)` on the stack that ends at `stack_top`. Gives 0, or what [`leave`] was given.
///
/// The frame pointer is zero for the callee: walks of the guest's frames end here.
///
/// # Safety
/// `function` is an `extern "C"` function and accepts `values`; `stack_top` is aligned to 16 and ends a stack that
/// nothing uses.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn enter(function: u64, values: *mut u8, stack_top: u64) -> u32 {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rip + {resume}], rsp",
        "mov rsp, rdx",
        "mov rax, rdi",
        "mov rdi, rsi",
        "xor ebp, ebp",
        "call rax",
        "xor edi, edi",
        "jmp {leave}",
        resume = sym RESUME,
        leave = sym leave,
    )
}

/// Returns `status` from the innermost `enter`, whatever the guest and the host functions under it were doing.
///
/// # Safety
/// An `enter` must be active, and nothing above it may rely on its frames being left in order.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn leave(status: u32) -> ! {
    naked_asm!(
        "mov eax, edi",
        "mov rsp, [rip + {resume}]",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        resume = sym RESUME,
    )
}

/// The entry point of the executable. At `[rsp]` the kernel left argc, argv, the environment and the auxiliary vector.
#[cfg(all(feature = "standalone", not(test)))]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",
        "mov rdi, rsp",
        "and rsp, -16",
        "call {start}",
        "ud2",
        start = sym crate::start::start,
    )
}
