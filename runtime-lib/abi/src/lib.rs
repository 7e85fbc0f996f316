//! The contract between compiled guest code and the runtime: symbol names, layouts, trap codes, builtins, host
//! functions and the fixed addresses. Both sides derive from the tables here, so a disagreement is a compile error.
#![no_std]

#[cfg(feature = "encode")]
extern crate alloc;

pub mod address;
mod builtin;
pub mod checks;
pub mod config;
pub mod coredump;
pub mod cpu;
pub mod embed;
pub mod leb;
pub mod lines;
pub mod profile;
pub mod program;
pub mod sandbox;
pub mod sites;
pub mod symbol;
pub mod system_call;
mod trap;
mod wasi_p1;

pub use trap::Trap;

/// Changes whenever a layout or a meaning in this crate does; the runtime refuses a program of another version.
pub const VERSION: u32 = 6;
