//! The target `module`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nativize_fuzz_targets::run("module", bytes));

// Half of the mutants of a valid module are valid: those of wasm-mutate.
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0
        && let Some(module) = nativize_fuzz_targets::mutate(&data[..size], u64::from(seed / 2))
        && module.len() <= max_size
    {
        data[..module.len()].copy_from_slice(&module);
        return module.len();
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
});
