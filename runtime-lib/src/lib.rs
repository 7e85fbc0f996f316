//! The WASI runtime of an executable: no libc, no allocator, system calls only.
#![cfg_attr(not(test), no_std)]
