//! System calls: the number in `rax`, arguments in `rdi rsi rdx r10 r8 r9`; `rcx` and `r11` are clobbered.
#![allow(unsafe_code)]

use crate::sys::signal::{Action, AlternateStack};
use core::arch::asm;

const GETSOCKOPT: u64 = 55;
const SOL_SOCKET: u64 = 1;
const SO_TYPE: u64 = 3;
const RT_SIGACTION: u64 = 13;
const RT_SIGPROCMASK: u64 = 14;
const SETITIMER: u64 = 38;
const SIGALTSTACK: u64 = 131;
const PRCTL: u64 = 157;
#[cfg(all(feature = "standalone", not(test)))]
const ARCH_PRCTL: u64 = 158;
const EXIT_GROUP: u64 = 231;
const PRLIMIT64: u64 = 302;
const SECCOMP: u64 = 317;
const LANDLOCK_CREATE_RULESET: u64 = 444;
const LANDLOCK_ADD_RULE: u64 = 445;
const LANDLOCK_RESTRICT_SELF: u64 = 446;

/// Bytes of a signal mask of the kernel.
const MASK_SIZE: u64 = 8;

/// Ends every thread of the process.
pub fn exit_group(code: i32) -> ! {
    // SAFETY: the call takes no address and does not return.
    unsafe {
        asm!("syscall", "ud2", in("rax") EXIT_GROUP, in("rdi") code, options(noreturn, nostack))
    }
}

/// # Safety
/// The action must name a handler that may run at any time, with a restorer where it needs one.
pub(in crate::sys) unsafe fn rt_sigaction(signal: i32, action: &Action) -> isize {
    // SAFETY: the record outlives the call, which writes nothing as the third argument is null.
    unsafe {
        call(
            RT_SIGACTION,
            [
                signal as u64,
                core::ptr::from_ref(action) as u64,
                0,
                MASK_SIZE,
                0,
            ],
        )
    }
}

/// # Safety
/// Nothing else may use the memory of the stack.
pub(in crate::sys) unsafe fn sigaltstack(stack: &AlternateStack) -> isize {
    // SAFETY: the record outlives the call, which writes nothing as the second argument is null.
    unsafe { call(SIGALTSTACK, [core::ptr::from_ref(stack) as u64, 0, 0, 0, 0]) }
}

pub(in crate::sys) const SIG_BLOCK: u64 = 0;
pub(in crate::sys) const SIG_UNBLOCK: u64 = 1;

/// Blocks or unblocks the signals in `mask`, of which bit 0 is signal 1.
///
/// # Safety
/// Handlers of signals that are unblocked must be fit to run from now on.
pub(in crate::sys) unsafe fn rt_sigprocmask(how: u64, mask: &u64) -> isize {
    // SAFETY: the mask outlives the call, which writes nothing as the third argument is null.
    unsafe {
        call(
            RT_SIGPROCMASK,
            [how, core::ptr::from_ref(mask) as u64, 0, MASK_SIZE, 0],
        )
    }
}

/// Sets one of the process's interval timers: interval and time, each in seconds and microseconds.
pub(in crate::sys) fn setitimer(timer: u64, value: &[u64; 4]) -> isize {
    // SAFETY: the record outlives the call, which writes nothing as the third argument is null.
    unsafe {
        call(
            SETITIMER,
            [timer, core::ptr::from_ref(value) as u64, 0, 0, 0],
        )
    }
}

/// Gives one of the process's limits, soft and hard, as it was, and changes it if there is another one.
pub(in crate::sys) fn prlimit(resource: u64, new: Option<&[u64; 2]>, old: &mut [u64; 2]) -> isize {
    let new = new.map_or(0, |new| core::ptr::from_ref(new) as u64);
    // SAFETY: the records outlive the call, which writes the second alone.
    unsafe {
        call(
            PRLIMIT64,
            [0, resource, new, core::ptr::from_mut(old) as u64, 0],
        )
    }
}

/// `prctl` with numbers only.
///
/// # Safety
/// The operation takes no address.
pub(in crate::sys) unsafe fn prctl(operation: u64, value: u64) -> isize {
    // SAFETY: the caller's promise.
    unsafe { call(PRCTL, [operation, value, 0, 0, 0]) }
}

/// # Safety
/// `arguments` is what the operation asks for.
pub(in crate::sys) unsafe fn seccomp(operation: u64, flags: u64, arguments: u64) -> isize {
    // SAFETY: the caller's promise.
    unsafe { call(SECCOMP, [operation, flags, arguments, 0, 0]) }
}

/// # Safety
/// `attributes` is the address of `size` bytes, or null.
pub(in crate::sys) unsafe fn landlock_create_ruleset(
    attributes: u64,
    size: u64,
    flags: u64,
) -> isize {
    // SAFETY: the caller's promise.
    unsafe { call(LANDLOCK_CREATE_RULESET, [attributes, size, flags, 0, 0]) }
}

/// # Safety
/// `attributes` is the address of a rule of that kind.
pub(in crate::sys) unsafe fn landlock_add_rule(ruleset: i32, kind: u64, attributes: u64) -> isize {
    // SAFETY: the caller's promise.
    unsafe { call(LANDLOCK_ADD_RULE, [ruleset as u64, kind, attributes, 0, 0]) }
}

pub(in crate::sys) fn landlock_restrict_self(ruleset: i32) -> isize {
    // SAFETY: the call takes numbers only.
    unsafe { call(LANDLOCK_RESTRICT_SELF, [ruleset as u64, 0, 0, 0, 0]) }
}

/// # Safety
/// What the code asks of its argument.
#[cfg(all(feature = "standalone", not(test)))]
pub(super) unsafe fn arch_prctl(code: u64, argument: u64) -> isize {
    // SAFETY: the caller's promise.
    unsafe { call(ARCH_PRCTL, [code, argument, 0, 0, 0]) }
}

/// The `SO_TYPE` of a socket (`SOCK_STREAM` and so on), or the negated error. By hand because rustix asserts the size of
/// the answer, which would bring the formatting of numbers into every executable that writes.
pub(in crate::sys) fn socket_type(descriptor: i32) -> Result<u32, isize> {
    let mut value = 0u32;
    let mut len = size_of::<u32>() as u32;
    // SAFETY: the kernel writes at most `len` bytes to `value`, and the length.
    let result = unsafe {
        call(
            GETSOCKOPT,
            [
                descriptor as u64,
                SOL_SOCKET,
                SO_TYPE,
                (&raw mut value) as u64,
                (&raw mut len) as u64,
            ],
        )
    };
    if result < 0 { Err(result) } else { Ok(value) }
}

/// A system call with zeros for arguments.
#[cfg(feature = "unchecked")]
pub(in crate::sys) fn bare(number: u64) -> isize {
    // SAFETY: no call of those that the tests make accesses memory at null, or does anything else, without arguments.
    unsafe { call(number, [0; 5]) }
}

/// # Safety
/// What the system call of that number asks of its arguments.
unsafe fn call(number: u64, arguments: [u64; 5]) -> isize {
    let [first, second, third, fourth, fifth] = arguments;
    let result;
    // SAFETY: the registers are those of the kernel's convention; memory is not declared untouched, so whatever the
    // call reads or writes is seen.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") first,
            in("rsi") second,
            in("rdx") third,
            in("r10") fourth,
            in("r8") fifth,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result
}
