//! Threads of the operating system: `clone`, the thread register, and the end without a stack.
#![allow(unsafe_code)]

use core::arch::{asm, naked_asm};

const ARCH_SET_FS: u64 = 0x1002;

/// Everything of the process is shared, and the thread register is set.
///
/// `CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS`
const FLAGS: u64 = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000 | 0x4_0000 | 0x8_0000;

/// Starts a thread that calls `entry(register)` on the stack that ends at `stack_top`, with `register` in its thread
/// register. Gives a negative number if the kernel refuses.
///
/// # Safety
/// The stack is the new thread's alone, and aligned to 16 bytes at its top; `entry` accepts `register`.
pub(crate) unsafe fn clone(
    stack_top: u64,
    register: *mut u8,
    entry: unsafe extern "C" fn(*mut u8) -> !,
) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { raw_clone(FLAGS, stack_top, 0, 0, register, entry) }
}

/// The arguments are where the system call takes them, but for the fourth, which is 0.
#[unsafe(naked)]
unsafe extern "C" fn raw_clone(
    flags: u64,
    stack_top: u64,
    parent_id: u64,
    child_id: u64,
    register: *mut u8,
    entry: unsafe extern "C" fn(*mut u8) -> !,
) -> i64 {
    naked_asm!(
        "mov r10, rcx",
        "mov eax, 56",
        "syscall",
        "test rax, rax",
        "jz 2f",
        "ret",
        // The new thread: registers are as they were, but for the stack pointer.
        "2:",
        "xor ebp, ebp",
        "mov rdi, r8",
        "call r9",
        "ud2",
    )
}

/// Calls the guest's `start(state, id, argument)` on the stack of the caller.
///
/// The guest keeps its state in the pinned register (r15) and leaves it there, where the platform's convention has the
/// caller's value. The frame pointer is zero for the callee: walks of the guest's frames end here.
///
/// # Safety
/// `start` is guest code that accepts these arguments.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn enter(start: u64, state: *mut u8, id: i32, argument: i32) {
    naked_asm!(
        "push rbp",
        "push r15",
        "sub rsp, 8",
        "xor ebp, ebp",
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov esi, edx",
        "mov edx, ecx",
        "call rax",
        "add rsp, 8",
        "pop r15",
        "pop rbp",
        "ret",
    )
}

/// Sets the thread register of the calling thread.
///
/// # Safety
/// Nothing else uses it.
pub(crate) unsafe fn set_register(value: *mut u8) {
    // SAFETY: the call takes the address for a number.
    unsafe { super::call::arch_prctl(ARCH_SET_FS, value as u64) };
}

/// The word at the address in the thread register: that address itself. It must have been set.
#[inline(always)]
pub(crate) fn register() -> *mut u8 {
    let value;
    // SAFETY: whoever calls has seen the hooks, which are set after the register.
    unsafe {
        asm!("mov {}, fs:[0]", out(reg) value, options(nostack, preserves_flags, readonly));
    }
    value
}

/// Unmaps the range in which the calling thread's stack lies, and ends the thread.
///
/// # Safety
/// Nothing else uses that range.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn unmap_and_exit(start: u64, len: u64) -> ! {
    naked_asm!(
        "mov eax, 11",
        "syscall",
        "mov eax, 60",
        "xor edi, edi",
        "syscall",
        "ud2",
    )
}
