//! The target `verify`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nativize_fuzz_targets::run("verify", bytes));
