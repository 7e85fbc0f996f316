//! x86-64: the parts of the runtime that depend on the instruction set.

#[cfg(any(feature = "standalone", test))]
mod bytes;
pub(crate) mod call;
pub(crate) mod cpu;
pub(crate) mod signal;
pub(crate) mod switch;
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) mod thread;
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) mod throw;
