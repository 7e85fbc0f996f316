//! WASI preview 1: every function of `wasi_snapshot_preview1`, and those of `wasi_unstable` that differ from it.
//!
//! Functions take the parameters of their witx declaration as they arrive, and results as pointers. Where the
//! specification leaves a choice, theirs is Wasmtime's. All of them share:
//!
//! - a pointer or length outside of the memory, or a pointer that is not aligned for its type, traps;
//! - a number that is not one of an enumeration, or has bits that a set of flags does not have, is `INVAL`;
//! - a descriptor that is not open is `BADF`;
//! - a path that is not UTF-8 is `ILSEQ`, one that contains a zero byte `INVAL`, one of 4096 bytes or more
//!   `NAMETOOLONG`, and one that leads out of its directory `PERM`;
//! - the host's errors arrive as they are.

pub mod args;
pub mod clock;
pub mod environ;
pub mod fd;
pub mod fd_io;
pub mod fd_stat;
mod layout;
pub mod path;
pub mod path_open;
pub mod path_stat;
pub mod poll;
pub mod proc;
pub mod random;
pub mod readdir;
pub mod sched;
pub mod sock;

#[cfg(test)]
mod tests;
