//! The WASI runtime of an executable: no libc, no allocator, system calls only.
//!
//! With the feature `standalone` it is the whole of what is linked to compiled code: `_start`, the main loops, traps,
//! memories and the host functions. Without it, it is an ordinary crate that is tested on the host.
#![cfg_attr(not(test), no_std)]

pub mod exit;
pub mod memory;
pub mod start;
pub mod sys;
pub mod table;
pub mod trap;

#[cfg(all(feature = "standalone", not(test)))]
mod panic;
