//! The entry point, and what the kernel and the build hand the process.
#![allow(unsafe_code)]

use core::ffi::CStr;
use nativize_abi::config::Records;

/// The command line, the program's name included.
pub fn args() -> impl Iterator<Item = &'static CStr> {
    core::iter::empty()
}

/// The host's environment, as `NAME=VALUE` strings.
pub fn environ() -> impl Iterator<Item = &'static CStr> {
    core::iter::empty()
}

/// What the build granted.
pub fn config() -> Records<'static> {
    Records::new(&[])
}

/// An entry of the auxiliary vector.
pub fn auxv(kind: usize) -> Option<usize> {
    let _ = kind;
    None
}

#[cfg(all(feature = "standalone", not(test)))]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    crate::exit::exit(0)
}
