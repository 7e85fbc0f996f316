//! Signal actions as the kernel takes them, by hand: rustix leaves signals to those who own the process, as we do.
#![allow(unsafe_code)]

use super::arch::{call, signal::Context};

pub(crate) const SIGILL: i32 = 4;
pub(crate) const SIGBUS: i32 = 7;
pub(crate) const SIGFPE: i32 = 8;
pub(crate) const SIGSEGV: i32 = 11;
pub(crate) const SIGPIPE: i32 = 13;
pub(crate) const SIGALRM: i32 = 14;
pub(crate) const SIGXFSZ: i32 = 25;
pub(crate) const SIGVTALRM: i32 = 26;
pub(crate) const SIGPROF: i32 = 27;
pub(crate) const SIGSYS: i32 = 31;

const SIG_IGN: usize = 1;

const SA_SIGINFO: u64 = 4;
const SA_RESTORER: u64 = 0x0400_0000;
const SA_ONSTACK: u64 = 0x0800_0000;
const SA_RESTART: u64 = 0x1000_0000;
const SA_NODEFER: u64 = 0x4000_0000;

/// What the kernel says about a signal; `siginfo_t`, of which a fault uses the beginning only.
#[repr(C)]
pub(crate) struct Info {
    pub(crate) signal: i32,
    errno: i32,
    /// Positive when the kernel raised it for what the code did; else another process or this one sent it.
    pub(crate) code: i32,
    padding: i32,
    /// The address that was accessed, or that called.
    pub(crate) address: u64,
    /// For `SIGSYS`, the number of the system call.
    pub(crate) system_call: u32,
    /// For `SIGSYS`, by which convention it was made: an `AUDIT_ARCH_` number.
    pub(crate) architecture: u32,
}

pub(crate) type Handler = extern "C" fn(i32, &Info, &mut Context);

/// `struct sigaction` of the kernel, which is not the one of a libc.
#[repr(C)]
pub(super) struct Action {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: u64,
}

/// `stack_t`.
#[repr(C)]
pub(super) struct AlternateStack {
    address: usize,
    flags: i32,
    size: usize,
}

/// Handles `signal` by `handler`, on the alternate stack and with the same signal blocked.
pub(crate) fn handle(signal: i32, handler: Handler) {
    handle_with(signal, handler, 0);
}

/// The same with a handler that returns: system calls that it interrupts go on, as far as the kernel lets them.
pub(crate) fn handle_between(signal: i32, handler: Handler) {
    handle_with(signal, handler, SA_RESTART);
}

/// The same with a handler that the same signal interrupts.
pub(crate) fn handle_nested(signal: i32, handler: Handler) {
    handle_with(signal, handler, SA_NODEFER);
}

// (Folded into its callers where there is one only.)
#[inline]
fn handle_with(signal: i32, handler: Handler, flags: u64) {
    set(
        signal,
        &Action {
            handler: handler as usize,
            flags: SA_SIGINFO | SA_ONSTACK | SA_RESTORER | flags,
            restorer: super::arch::signal::restore as *const () as usize,
            mask: 0,
        },
    );
}

/// Ignores `signal`.
pub(crate) fn ignore(signal: i32) {
    set(signal, &Action::plain(SIG_IGN));
}

impl Action {
    fn plain(handler: usize) -> Self {
        Action {
            handler,
            flags: SA_RESTORER,
            restorer: 0,
            mask: 0,
        }
    }
}

fn set(signal: i32, action: &Action) {
    // SAFETY: the action is valid for reads, and its handler is the default, none, or a function with the signature
    // that `SA_SIGINFO` promises and a restorer.
    unsafe { call::rt_sigaction(signal, action) };
}

/// Lets `signals` arrive, even where whoever started the process had blocked them.
pub(crate) fn unblock(signals: &[i32]) {
    let mask = signals
        .iter()
        .fold(0, |mask, signal| mask | 1 << (signal - 1));
    // SAFETY: the call reads a mask that outlives it.
    unsafe { call::rt_sigprocmask(call::SIG_UNBLOCK, &mask) };
}

/// Lets no signal arrive in the calling thread any more.
pub(crate) fn block_all() {
    // SAFETY: the call reads a mask that outlives it.
    unsafe { call::rt_sigprocmask(call::SIG_BLOCK, &u64::MAX) };
}

/// Lets signal handlers run on the `size` bytes at `address`.
///
/// # Safety
/// Nothing else may use those bytes from now on.
pub(crate) unsafe fn set_alternate_stack(address: *mut u8, size: usize) {
    // SAFETY: the record is valid for reads; the caller vouches for the stack.
    unsafe {
        call::sigaltstack(&AlternateStack {
            address: address as usize,
            flags: 0,
            size,
        });
    }
}
