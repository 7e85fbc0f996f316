//! The table of source locations against another reader of DWARF, and with DWARF that is damaged.

use super::{DebugSections, Wanted, write};
use crate::Module;
use nativize_abi::lines::Lines;

/// Programs by clang and rustc, with DWARF of versions 4 and 5.
const PROGRAMS: [&str; 3] = ["lines", "templates", "generics"];

fn program(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/programs");
    std::fs::read(format!("{folder}/{name}.wasm")).unwrap()
}

/// The table for every byte of a module's code, and what is wrong with its DWARF.
fn table(module: &Module<'_>) -> (Option<Vec<u8>>, Option<String>) {
    let start = module.debug.code_start() as u32;
    let wanted = Wanted {
        number: 0,
        module,
        offsets: (start..start + module.debug.code_len() as u32).collect(),
    };
    let tables = write(vec![wanted], Some(1));
    (tables.lines, tables.problem)
}

/// Name, file, line and column of a frame; the name of the function itself is not in the table.
type Shown = (Option<String>, Option<(String, u32, u32)>);

fn own(table: &[u8], offset: u32) -> Vec<Shown> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut frames = Vec::new();
    for frame in Lines::new(table).frames(0, offset) {
        let name = frame.inlined.and_then(|inlined| inlined.name).map(text);
        let position = frame.position.map(|at| (text(at.file), at.line, at.column));
        frames.push((name, position));
    }
    frames
}

fn expected(dwarf: &addr2line::Context<super::unit::Slice<'_>>, address: u64) -> Vec<Shown> {
    let mut frames = Vec::new();
    let mut found = dwarf.find_frames(address).skip_all_loads().unwrap();
    while let Some(frame) = found.next().unwrap() {
        let name = frame.function.map(|function| {
            let name = function.raw_name().unwrap();
            crate::names::demangle(&name)
        });
        let position = frame.location.and_then(|at| {
            let (file, line) = (at.file?, at.line?);
            Some((file.to_owned(), line, at.column.unwrap_or(0)))
        });
        frames.push((name, position));
    }
    if let Some(outermost) = frames.last_mut() {
        outermost.0 = None;
    }
    if frames == [(None, None)] {
        frames.clear();
    }
    frames
}

#[test]
fn every_place_is_where_addr2line_finds_it() {
    for name in PROGRAMS {
        let wasm = program(name);
        let module = crate::parse(&wasm).unwrap();
        let (table, problem) = table(&module);
        assert_eq!(problem, None);
        let table = table.unwrap();
        let section = |id: gimli::SectionId| -> Result<_, std::convert::Infallible> {
            let bytes = module.debug.get(id.name()).unwrap_or_default();
            Ok(super::unit::Slice::new(bytes, gimli::LittleEndian))
        };
        let Ok(dwarf) = gimli::Dwarf::load(section);
        let dwarf = addr2line::Context::from_dwarf(dwarf).unwrap();
        let mut inlined = 0;
        // (At 0 there is the number of functions.)
        for address in 1..module.debug.code_len() as u64 {
            let offset = (module.debug.code_start() + address) as u32;
            let own = own(&table, offset);
            inlined = inlined.max(own.len());
            assert_eq!(own, expected(&dwarf, address), "{name} at {offset:#x}");
        }
        assert!(inlined >= 2, "{name}");
    }
}

#[test]
fn damaged_dwarf_does_no_harm() {
    let mut state = 1u64;
    let mut random = |limit: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
        (state >> 33) as usize % limit
    };
    let mut complaints = 0;
    for name in PROGRAMS {
        let wasm = program(name);
        let original = crate::parse(&wasm).unwrap();
        for _ in 0..300 {
            let mut sections: Vec<(&str, Vec<u8>)> = Vec::new();
            for &(name, bytes) in &original.debug.sections {
                sections.push((name, bytes.to_vec()));
            }
            for _ in 0..=random(8) {
                let count = sections.len();
                let (_, bytes) = &mut sections[random(count)];
                if bytes.is_empty() {
                    continue;
                }
                let at = random(bytes.len());
                match random(3) {
                    0 => bytes.truncate(at),
                    1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random(5)],
                    _ => bytes[at] ^= 1 << random(8),
                }
            }
            let mut module = crate::parse(&wasm).unwrap();
            let own = &original.debug;
            module.debug = DebugSections {
                sections: sections
                    .iter()
                    .map(|(name, bytes)| (*name, &bytes[..]))
                    .collect(),
                ..own.clone()
            };
            let (table, problem) = table(&module);
            complaints += usize::from(problem.is_some());
            for offset in 0..own.code_len() as u32 {
                if let Some(table) = &table {
                    Lines::new(table)
                        .frames(0, own.code_start() as u32 + offset)
                        .count();
                }
            }
        }
    }
    assert!(complaints > 100, "{complaints}");
}

/// Units that all name the largest tables there are.
#[test]
fn what_is_read_again_and_again_is_refused() {
    // Of DWARF 4: entries with code 1 have a line program, which is at 0.
    let abbreviations = [1, 0x11, 0, 0x10, 0x17, 0, 0, 0];
    let mut info = Vec::new();
    for _ in 0..40_000 {
        info.extend(12u32.to_le_bytes());
        info.extend(4u16.to_le_bytes());
        info.extend(0u32.to_le_bytes());
        info.extend([4, 1, 0, 0, 0, 0]);
    }
    let names = 200_000u32;
    let header = 7 + 1 + 2 * names + 1;
    let mut lines = Vec::new();
    lines.extend((2 + 4 + header).to_le_bytes());
    lines.extend(4u16.to_le_bytes());
    lines.extend(header.to_le_bytes());
    lines.extend([1, 1, 1, 0, 1, 1, 0]);
    lines.extend((0..names).flat_map(|_| [b'x', 0]));
    lines.push(0);
    lines.push(0);
    let wasm = wat::parse_str("(module (func))").unwrap();
    let mut module = crate::parse(&wasm).unwrap();
    module.debug.sections = vec![
        (".debug_abbrev", &abbreviations),
        (".debug_info", &info),
        (".debug_line", &lines),
    ];
    let start = std::time::Instant::now();
    let (table, problem) = table(&module);
    assert!(table.is_none());
    assert!(problem.unwrap().contains("too often"));
    assert!(start.elapsed().as_secs() < 20);
}
