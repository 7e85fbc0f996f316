//! Bytes that are no module, or only the beginning of one, or one that lies about its sizes.

use super::{Expect, child, compile, judge, write};
use std::path::Path;
use std::process::Command;

fn hello() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/programs/hello.wasm");
    std::fs::read(path).expect("it is there")
}

/// The ends of the sections: a module that is cut there is one that lacks sections.
fn ends(module: &[u8]) -> Vec<usize> {
    let payloads = wasmparser::Parser::new(0).parse_all(module);
    let ends = payloads.filter_map(|payload| {
        let (_, range) = payload.expect("it is valid").as_section()?;
        Some(range.end as usize)
    });
    std::iter::once(8).chain(ends).collect()
}

#[test]
fn cut_off_at_every_byte() {
    let module = hello();
    let ends = ends(&module);
    for length in 0..module.len() {
        let error = nativize_compiler::parse(&module[..length]).err();
        let invalid = matches!(error, Some(nativize_compiler::Error::Invalid { .. }));
        // Without its last sections it may be another module; the command then says what that lacks.
        assert!(invalid || ends.contains(&length), "{length}: {error:?}");
    }
}

#[test]
fn cut_off_for_the_command() {
    let module = hello();
    let folder = tempfile::tempdir().expect("there is room");
    for length in [0, 1, 4, 7, 9, 100, 1000, module.len() / 2, module.len() - 1] {
        let path = write(folder.path(), &module[..length]);
        let measured = compile(folder.path(), &path, &[]);
        assert_eq!(measured.status, Some(1), "{length}: {}", measured.stderr);
        let mut inspect = Command::new(env!("CARGO_BIN_EXE_nativize"));
        inspect.arg("inspect").arg(&path);
        let inspected = child::measure(&inspect, child::Tool::Nativize);
        assert_eq!(inspected.status, Some(1), "{length}: {}", inspected.stderr);
    }
}

#[test]
fn every_byte_changed() {
    let module = hello();
    for at in 0..module.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = module.clone();
            changed[at] ^= change;
            // Any result will do.
            let _ =
                nativize_compiler::parse_with(&changed, nativize_compiler::Features::All, Some(1));
        }
    }
}

/// Each vector of each section says that it has four thousand million items, and has none.
#[test]
fn counts_without_items() {
    let folder = tempfile::tempdir().expect("there is room");
    for section in 0..14u8 {
        for count in [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0xc0, 0x84, 0x3d]] {
            let mut module = b"\0asm\x01\0\0\0".to_vec();
            module.extend([section, count.len() as u8]);
            module.extend(count);
            let path = write(folder.path(), &module);
            let measured = compile(folder.path(), &path, &[]);
            let statuses = [Expect::Invalid, Expect::Limit];
            let wrong = statuses.map(|expect| judge(&measured, expect, 1, 100));
            assert!(wrong.contains(&None), "section {section}: {wrong:?}");
        }
    }
}
