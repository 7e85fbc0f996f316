//! System calls that rustix does not offer.

#[cfg_attr(target_arch = "x86_64", path = "arch/x86_64.rs")]
mod arch;

pub use arch::exit_group;
