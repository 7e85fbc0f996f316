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
    // For debuggers the caller is found through the kernel's stack pointer, which lies where the guest's stack begins: it
    // is loaded (DW_OP_breg7 0, DW_OP_deref), and 56 above it (DW_OP_plus_uconst 56) the caller's frame begins.
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rip + {resume}], rsp",
        "lea rdx, [rdx - 16]",
        "mov [rdx], rsp",
        "mov rsp, rdx",
        ".cfi_escape 0x0f, 0x05, 0x77, 0x00, 0x06, 0x23, 0x38",
        ".cfi_offset rbp, -16",
        ".cfi_offset rbx, -24",
        ".cfi_offset r12, -32",
        ".cfi_offset r13, -40",
        ".cfi_offset r14, -48",
        ".cfi_offset r15, -56",
        "mov rax, rdi",
        "mov rdi, rsi",
        "xor ebp, ebp",
        "call rax",
        "xor edi, edi",
        "jmp {leave}",
        ".cfi_endproc",
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
        ".cfi_startproc",
        ".cfi_undefined rip",
        "xor ebp, ebp",
        "mov rdi, rsp",
        "and rsp, -16",
        "call {start}",
        "ud2",
        ".cfi_endproc",
        start = sym crate::start::start,
    )
}
