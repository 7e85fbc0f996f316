//! Custom sections of a module that is otherwise in order: names, producers and whatever else tools write.
//!
//! The first byte says which section it is. The next says whether another one follows, whose bytes are the second half.

use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

use wasm_encoder::{CustomSection, Module, RawSection};

/// The sections that something reads, or may.
const NAMES: [&str; 17] = [
    "name",
    "producers",
    "metadata.code.branch_hint",
    "target_features",
    ".debug_info",
    ".debug_abbrev",
    ".debug_line",
    ".debug_str",
    "sourceMappingURL",
    "\u{1b}[2J\n",
    ".debug_addr",
    ".debug_line_str",
    ".debug_loc",
    ".debug_loclists",
    ".debug_ranges",
    ".debug_rnglists",
    ".debug_str_offsets",
];

/// Two functions that trap and call each other, a local each, and exports; parsed once for all executions.
static BASE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let text = "(module
    (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))
    (tag $tag (param i32))
    (memory 1)
    (func $f (export \"_start\") (local i32)
        (if (i32.eqz (local.get 0)) (then (call $g (i32.const 3)))))
    (func $g (param i32) (local i64)
        (br_if 0 (local.get 0)) (call $exit (i32.load (local.get 0))) (call $f)))";
    wat::parse_str(text).expect("the module is in order")
});

pub(crate) fn run(bytes: &[u8]) {
    let base = BASE.as_slice();
    let mut module = Module::new();
    let (names, rest): (&[u8], &[u8]) = match bytes {
        [first, second, rest @ ..] if second % 2 == 1 => (&[*first, second / 2], rest),
        [first, _, rest @ ..] => (&[*first], rest),
        _ => return,
    };
    let mut sections: Vec<CustomSection<'_>> = Vec::new();
    for (name, data) in names
        .iter()
        .zip(rest.chunks(rest.len().div_ceil(names.len()).max(1)))
    {
        sections.push(CustomSection {
            name: Cow::Borrowed(NAMES[usize::from(*name) % NAMES.len()]),
            data: Cow::Borrowed(data),
        });
    }
    let early = |section: &CustomSection<'_>| section.name.starts_with("metadata.code.");
    for payload in wasmparser::Parser::new(0).parse_all(base) {
        let payload = payload.expect("the module is in order");
        let Some((id, range)) = payload.as_section() else {
            continue;
        };
        if id == wasm_encoder::SectionId::Custom as u8 {
            continue;
        }
        if id == wasm_encoder::SectionId::Code as u8 {
            // Hints stand before what they are for.
            for section in sections.iter().filter(|section| early(section)) {
                module.section(section);
            }
        }
        let range = range.start as usize..range.end as usize;
        module.section(&RawSection {
            id,
            data: &base[range],
        });
    }
    for section in sections.iter().filter(|section| !early(section)) {
        module.section(section);
    }
    crate::module::run(&module.finish());
}

/// The sections of real modules.
pub(crate) fn seeds(root: &Path) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for module in crate::modules(root) {
        for payload in wasmparser::Parser::new(0).parse_all(&module) {
            let Ok(wasmparser::Payload::CustomSection(section)) = payload else {
                continue;
            };
            if let Some(index) = NAMES.iter().position(|name| *name == section.name()) {
                let mut seed = vec![u8::try_from(index).expect("there are few"), 0];
                seed.extend_from_slice(section.data());
                seeds.push(seed);
            }
        }
    }
    seeds
}
