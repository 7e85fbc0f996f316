//! Modules, from the parser to the linker.

use std::path::Path;

use arbitrary::Unstructured;

use crate::build::{link, object, options, parse};

pub(crate) fn run(bytes: &[u8]) {
    // What `inspect` takes, the parser may refuse, and the other way round: both see everything.
    let _ = nativize::untrusted::inspect(bytes);
    let Some(module) = parse(bytes) else { return };
    let options = options(bytes);
    if let Some(object) = object(&module, &options) {
        let executable = link(
            &object,
            options.threads == Some(1) && bytes.len().is_multiple_of(2),
        );
        if let Some(executable) = executable {
            nativize::untrusted::inspect(&executable).expect("what is linked can be inspected");
        }
    }
}

/// The module that wasm-smith makes of the bytes.
pub(crate) fn smith(bytes: &[u8]) {
    let mut input = Unstructured::new(bytes);
    let Some(config) = config(&mut input) else {
        return;
    };
    if let Ok(module) = wasm_smith::Module::new(config, &mut input) {
        run(&module.to_bytes());
    }
}

/// All that nativize supports, and more rarely all that wasm-smith makes.
fn config(input: &mut Unstructured<'_>) -> Option<wasm_smith::Config> {
    let everything = input.ratio(1, 8).ok()?;
    Some(wasm_smith::Config {
        compact_imports_enabled: everything,
        custom_page_sizes_enabled: input.arbitrary().ok()?,
        exceptions_enabled: true,
        export_everything: input.ratio(3, 4).ok()?,
        gc_enabled: everything,
        max_imports: if everything { 20 } else { 0 },
        max_memories: 3,
        max_tables: 4,
        memory64_enabled: input.arbitrary().ok()?,
        relaxed_simd_enabled: true,
        simd_enabled: true,
        tail_call_enabled: true,
        threads_enabled: input.arbitrary().ok()?,
        wide_arithmetic_enabled: true,
        ..wasm_smith::Config::default()
    })
}

pub(crate) fn seeds(root: &Path) -> Vec<Vec<u8>> {
    crate::modules(root)
}

pub(crate) fn no_seeds(_: &Path) -> Vec<Vec<u8>> {
    Vec::new()
}
