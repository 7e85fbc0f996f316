//! The runtime that is linked into every executable, built by `build.rs`.

/// A relocatable ELF object for x86-64. It defines what `nativize_abi` lists and needs the program object and the
/// configuration object.
pub static RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/runtime.o"));
