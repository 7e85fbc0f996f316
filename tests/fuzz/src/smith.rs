//! Modules from wasm-smith, in several configurations.

use crate::instrument::instrument;
use crate::random::Random;
use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

/// What each call may spend before the module's first call.
const FUEL: u32 = 400;

pub(crate) fn generate(random: &mut Random) -> Option<Vec<u8>> {
    let pages = 1 + random.below(4) as u64;
    let wide = random.chance(4);
    let config = Config {
        canonicalize_nans: true,
        compact_imports_enabled: false,
        custom_page_sizes_enabled: random.chance(6),
        disallow_traps: !random.chance(3),
        exceptions_enabled: random.chance(4),
        export_everything: true,
        gc_enabled: false,
        max_data_segments: 4,
        max_element_segments: 4,
        max_funcs: 8,
        min_funcs: 1,
        max_globals: 8,
        max_imports: 0,
        max_instructions: random.pick(&[50, 100, 200, 400]),
        max_memories: random.pick(&[1, 1, 1, 3]),
        min_memories: 1,
        max_memory32_bytes: pages << 16,
        max_memory64_bytes: u128::from(pages) << 16,
        max_table_elements: 100,
        max_tables: 2,
        max_tags: 3,
        max_type_size: 50,
        max_types: 10,
        max_values: 6,
        memory64_enabled: wide,
        memory_max_size_required: true,
        relaxed_simd_enabled: true,
        simd_enabled: !random.chance(3),
        allow_floats: !random.chance(5),
        table_max_size_required: true,
        tail_call_enabled: random.chance(2),
        threads_enabled: false,
        wide_arithmetic_enabled: random.chance(3),
        ..Config::default()
    };
    let size = random.pick(&[500, 2000, 6000]);
    let bytes = random.bytes(size);
    let mut module = Module::new(config, &mut Unstructured::new(&bytes)).ok()?;
    let fuel = module.ensure_termination(FUEL).ok()?;
    instrument(&module.to_bytes(), Some(fuel))
}
