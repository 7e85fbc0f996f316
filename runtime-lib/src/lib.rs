//! The WASI runtime of an executable: no libc, no allocator, system calls only.
//!
//! With the feature `standalone` it is the whole of what is linked to compiled code: `_start`, the main loops, traps,
//! memories and the host functions. Without it, it is an ordinary crate that is tested on the host.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(all(feature = "standalone", not(test))),
    allow(dead_code, reason = "without `_start` nothing uses some of it")
)]

pub mod core;
pub mod exit;
pub mod guest;
pub mod memory;
pub mod p1;
pub mod start;
pub mod sys;
pub mod table;
pub mod trap;

mod area;
mod exports;
mod fma;
mod mutex;
mod number;
mod text;
mod thread;
mod unwind;
mod wait;

#[cfg(all(feature = "standalone", not(test)))]
mod builtin;
#[cfg(all(feature = "standalone", not(test)))]
mod coredump;
#[cfg(all(feature = "standalone", not(test)))]
mod limits;
#[cfg(all(feature = "standalone", not(test)))]
mod panic;
mod profile;
#[cfg(all(feature = "standalone", not(test)))]
mod program;
#[cfg(all(feature = "standalone", not(test)))]
mod run;
#[cfg(all(feature = "standalone", not(test)))]
mod sandbox;
#[cfg(all(feature = "standalone", not(test)))]
mod stack;
