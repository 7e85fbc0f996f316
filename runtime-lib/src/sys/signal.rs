//! Signal actions as the kernel takes them, by hand: rustix leaves signals to those who own the process, as we do.
#![allow(unsafe_code)]

use super::arch::{call, signal::Context};

pub(crate) const SIGILL: i32 = 4;
pub(crate) const SIGBUS: i32 = 7;
pub(crate) const SIGFPE: i32 = 8;
pub(crate) const SIGSEGV: i32 = 11;
pub(crate) const SIGPIPE: i32 = 13;
pub(crate) const SIGXFSZ: i32 = 25;

const SIG_DFL: usize = 0;
const SIG_IGN: usize = 1;

const SA_SIGINFO: u64 = 4;
const SA_RESTORER: u64 = 0x0400_0000;
const SA_ONSTACK: u64 = 0x0800_0000;

/// What the kernel says about a signal; `siginfo_t`, of which a fault uses the beginning only.
#[repr(C)]
pub(crate) struct Info {
    pub(crate) signal: i32,
    errno: i32,
    /// Positive when the kernel raised it for what the code did; else another process or this one sent it.
    pub(crate) code: i32,
    padding: i32,
    /// The address that was accessed.
    pub(crate) address: u64,
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
    set(
        signal,
        &Action {
            handler: handler as usize,
            flags: SA_SIGINFO | SA_ONSTACK | SA_RESTORER,
            restorer: super::arch::signal::restore as *const () as usize,
            mask: 0,
        },
    );
}

/// Ignores `signal`.
pub(crate) fn ignore(signal: i32) {
    set(signal, &Action::plain(SIG_IGN));
}

/// Lets the kernel do what it does with a `signal` nobody handles.
pub(crate) fn reset(signal: i32) {
    set(signal, &Action::plain(SIG_DFL));
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

/// Sends `signal` to this thread.
pub(crate) fn raise(signal: i32) {
    let process = rustix::process::getpid().as_raw_nonzero().get();
    let thread = rustix::thread::gettid().as_raw_nonzero().get();
    // SAFETY: the call takes numbers only; the signal's action is valid, see `set`.
    unsafe { call::tgkill(process, thread, signal) };
}
