//! The target `custom`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nativize_fuzz_targets::run("custom", bytes));
