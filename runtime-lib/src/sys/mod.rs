//! System calls that rustix does not offer, standard descriptors, and the code that only assembly can express.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
#[path = "arch/x86_64/mod.rs"]
pub(crate) mod arch;
pub(crate) mod confine;
pub(crate) mod signal;

pub use arch::call::exit_group;

use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::SocketType;

/// What kind of socket a descriptor is.
///
/// # Errors
/// `ENOTSOCK` when it is none, `EBADF` when it is closed.
pub fn socket_type(descriptor: BorrowedFd<'_>) -> Result<SocketType, Errno> {
    match arch::call::socket_type(descriptor.as_raw_fd()) {
        Ok(kind) => Ok(SocketType::from_raw(kind)),
        Err(error) => Err(Errno::from_raw_os_error(-(error as i32))),
    }
}

/// Makes a system call with zeros for arguments.
#[cfg(feature = "unchecked")]
pub fn system_call(number: u32) -> isize {
    arch::call::bare(number.into())
}

/// A descriptor that the process was started with, open or not, which is taken over.
pub fn inherited(descriptor: i32) -> OwnedFd {
    // SAFETY: nothing else in the process owns it: the caller asks once for each, before anything is opened in its place.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

/// Standard output, open or not.
pub fn stdout() -> BorrowedFd<'static> {
    // SAFETY: a system call on a descriptor that is closed fails with EBADF; nothing else relies on it being open.
    unsafe { BorrowedFd::borrow_raw(1) }
}

/// Standard error, open or not.
pub fn stderr() -> BorrowedFd<'static> {
    // SAFETY: as for standard output.
    unsafe { BorrowedFd::borrow_raw(2) }
}

/// Standard input, open or not.
pub fn stdin() -> BorrowedFd<'static> {
    // SAFETY: as for standard output.
    unsafe { BorrowedFd::borrow_raw(0) }
}
