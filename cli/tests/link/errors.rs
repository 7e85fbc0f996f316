//! What the linker refuses, and with which words.

use nativize::link::LinkError;
use nativize_abi::address::{EXECUTABLE_END, LOW_MEMORY_BASE};
use object::{SectionKind, elf};

use crate::link_all;
use crate::objects::{self, Builder};

/// An object whose `_start` has one relocation, of eight bytes of room.
fn relocated(r_type: u32, symbol: &str, addend: i64) -> Vec<u8> {
    let mut object = Builder::new();
    let text = object.text(".text", &[0x90; 16]);
    object.global("_start", text);
    let symbol = object.undefined(symbol);
    object.relocate(text, 8, r_type, symbol, addend);
    object.finish()
}

/// An object that defines `name` as an absolute value.
fn absolute(name: &str, value: u64) -> Vec<u8> {
    let mut object = Builder::new();
    let symbol = object.symbol(
        name.as_bytes(),
        object::SymbolKind::Data,
        false,
        None,
        value,
        0,
    );
    let symbol = object.0.symbol_mut(symbol);
    symbol.section = object::write::SymbolSection::Absolute;
    symbol.scope = object::SymbolScope::Dynamic;
    object.finish()
}

fn message(objects: &[&[u8]]) -> String {
    link_all(objects).unwrap_err().to_string()
}

/// An executable that exits, with one more section in the object.
fn with_section(
    name: &str,
    kind: SectionKind,
    sh_flags: Option<u32>,
    data: &[u8],
) -> Result<Vec<u8>, LinkError> {
    let mut object = Builder::new();
    let text = object.text(".text", &[0x90]);
    object.global("_start", text);
    let section = object.section(name, kind, 8, data);
    if let Some(sh_flags) = sh_flags {
        object.flags(section, sh_flags);
    }
    link_all(&[&object.finish()])
}

#[test]
fn undefined_symbols() {
    let object = relocated(elf::R_X86_64_PLT32, "missing", -4);
    assert_eq!(
        message(&[&object]),
        "undefined symbol `missing`, needed by 0 (.text)"
    );
    assert_eq!(message(&[]), "no object defines the entry point `_start`");
    assert_eq!(
        message(&[&absolute("x", 1)]),
        "no object defines the entry point `_start`"
    );
}

#[test]
fn undefined_symbols_of_dropped_code_do_not_matter() {
    let mut object = Builder::new();
    let start = object.text(".text._start", &[0x90]);
    object.global("_start", start);
    let dead = object.text(".text.dead", &[0; 8]);
    let missing = object.undefined("missing");
    object.relocate(dead, 0, elf::R_X86_64_64, missing, 0);
    assert!(link_all(&[&object.finish()]).is_ok());
}

#[test]
fn duplicate_symbols() {
    let exit = objects::exit(0);
    assert_eq!(
        message(&[&exit, &exit]),
        "symbol `_start` is defined by both 0 and 1"
    );
}

#[test]
fn a_strong_symbol_replaces_weak_ones_and_local_ones_replace_nothing() {
    let define = |status: u8, weak: bool, local: bool| {
        let mut object = Builder::new();
        let text = object.text(
            ".text.status",
            &[0xbf, status, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05],
        );
        let symbol = object.global("status", text);
        object.0.symbol_mut(symbol).weak = weak;
        if local {
            object.0.symbol_mut(symbol).scope = object::SymbolScope::Compilation;
        }
        object.finish()
    };
    let mut start = Builder::new();
    let text = start.text(".text", &[0xe9, 0, 0, 0, 0]);
    start.global("_start", text);
    let status = start.undefined("status");
    start.relocate(text, 1, elf::R_X86_64_PLT32, status, -4);
    let start = start.finish();

    let run = |objects: &[&[u8]]| crate::run(&link_all(objects).unwrap()).status.code();
    let (weak1, weak2, strong, local) = (
        define(1, true, false),
        define(2, true, false),
        define(3, false, false),
        define(4, false, true),
    );
    assert_eq!(run(&[&start, &weak1, &weak2]), Some(1));
    assert_eq!(run(&[&start, &weak1, &strong, &weak2]), Some(3));
    assert_eq!(run(&[&start, &local, &weak2, &local]), Some(2));
    assert_eq!(
        message(&[&start, &local]),
        "undefined symbol `status`, needed by 0 (.text)"
    );
    assert_eq!(
        message(&[&start, &strong, &weak1, &strong]),
        "symbol `status` is defined by both 1 and 3"
    );
}

#[test]
fn values_that_do_not_fit() {
    let far = absolute("far", 1 << 40);
    for (r_type, bits) in [
        (elf::R_X86_64_PC32, 32),
        (elf::R_X86_64_PLT32, 32),
        (elf::R_X86_64_32, 32),
        (elf::R_X86_64_32S, 32),
    ] {
        let text = message(&[&relocated(r_type, "far", 0), &far]);
        assert!(
            text.starts_with("0: relocation at .text+0x8: `far`: 0x"),
            "{text}"
        );
        assert!(
            text.ends_with(&format!(" does not fit {bits} bits")),
            "{text}"
        );
    }
    for r_type in [
        elf::R_X86_64_64,
        elf::R_X86_64_PC64,
        elf::R_X86_64_GOTPCREL,
        elf::R_X86_64_GOTPCRELX,
    ] {
        assert!(link_all(&[&relocated(r_type, "far", 0), &far]).is_ok());
    }
    let edge = absolute("edge", 0x7fff_ffff);
    assert!(link_all(&[&relocated(elf::R_X86_64_32S, "edge", 0), &edge]).is_ok());
    assert!(link_all(&[&relocated(elf::R_X86_64_32S, "edge", 1), &edge]).is_err());
    assert!(link_all(&[&relocated(elf::R_X86_64_32, "edge", 1), &edge]).is_ok());
    assert!(link_all(&[&relocated(elf::R_X86_64_32, "edge", -0x8000_0000), &edge]).is_err());
    assert!(link_all(&[&relocated(elf::R_X86_64_64, "edge", i64::MIN), &edge]).is_ok());
}

#[test]
fn relocations_that_have_no_place_in_a_static_executable() {
    let value = absolute("value", 1);
    for r_type in [
        elf::R_X86_64_TPOFF32,
        elf::R_X86_64_GOTTPOFF,
        elf::R_X86_64_COPY,
        elf::R_X86_64_8,
        elf::R_X86_64_GOTPC32,
        12345,
    ] {
        let text = message(&[&relocated(r_type, "value", 0), &value]);
        assert_eq!(
            text,
            format!("0: relocation at .text+0x8: unsupported type {r_type}")
        );
    }
}

#[test]
fn relocations_outside_their_section() {
    let mut object = Builder::new();
    let text = object.text(".text", &[0x90; 16]);
    let start = object.global("_start", text);
    object.relocate(text, 14, elf::R_X86_64_PC32, start, 0);
    let text = message(&[&object.finish()]);
    assert_eq!(
        text,
        "0: relocation at .text+0xe: `_start`: outside its section"
    );
}

#[test]
fn sections_that_would_lose_their_meaning() {
    let code = SectionKind::Text;
    let data = SectionKind::Data;
    let cases = [
        (
            ".tdata",
            SectionKind::Tls,
            None,
            "section .tdata: thread-local storage",
        ),
        (
            ".init_array",
            SectionKind::Elf(elf::SHT_INIT_ARRAY),
            Some(elf::SHF_ALLOC | elf::SHF_WRITE),
            "section .init_array: constructors and destructors do not run",
        ),
        (
            ".ctors.1",
            data,
            None,
            "section .ctors.1: constructors and destructors do not run",
        ),
        (
            ".init",
            code,
            None,
            "section .init: constructors and destructors do not run",
        ),
        (
            ".wx",
            code,
            Some(elf::SHF_ALLOC | elf::SHF_WRITE | elf::SHF_EXECINSTR),
            "section .wx: both writable and executable",
        ),
        (
            ".note.GNU-stack",
            SectionKind::Other,
            Some(elf::SHF_EXECINSTR),
            "section .note.GNU-stack: an executable stack",
        ),
        (
            ".debug_info",
            SectionKind::Debug,
            Some(elf::SHF_COMPRESSED),
            "section .debug_info: unknown section flags 0x800",
        ),
        (
            ".odd",
            SectionKind::Other,
            Some(0),
            "section .odd: unknown section",
        ),
        (
            ".hash",
            SectionKind::Elf(elf::SHT_HASH),
            None,
            "section .hash: unknown section type 0x5",
        ),
        (
            ".nvz.image.4000zz",
            data,
            None,
            "section .nvz.image.4000zz: not an image of memory at an address",
        ),
    ];
    for (name, kind, flags, expected) in cases {
        let text = with_section(name, kind, flags, &[0; 8])
            .unwrap_err()
            .to_string();
        assert_eq!(text, format!("0: cannot link {expected}"));
    }
    for name in [".init_array", ".ctors"] {
        assert!(with_section(name, data, None, &[]).is_ok());
    }
}

#[test]
fn images_that_do_not_fit_the_address_map() {
    let images = |addresses: &[u64], size: usize| {
        let mut object = Builder::new();
        let text = object.text(".text", &[0x90]);
        object.global("_start", text);
        for address in addresses {
            object.section(
                &format!(".nvz.image.{address:x}"),
                SectionKind::Data,
                4096,
                &vec![1; size],
            );
        }
        link_all(&[&object.finish()])
    };
    let message = |addresses: &[u64], size| images(addresses, size).unwrap_err().to_string();
    let spread = |count: u64| {
        (0..count)
            .map(|n| 0x4000_0000 + n * 0x10_000)
            .collect::<Vec<_>>()
    };
    assert!(images(&spread(16), 4096).is_ok());
    assert_eq!(
        message(&spread(17), 4096),
        "17 separate images of memory, at most 16 are accepted"
    );
    let adjacent: Vec<u64> = (0..40).rev().map(|n| 0x4000_0000 + n * 0x1000).collect();
    assert!(images(&adjacent, 4096).is_ok());
    assert_eq!(
        message(&[0x4000_0000, 0x4000_1000], 8192),
        "two images of memory overlap at 0x40001000"
    );
    assert_eq!(
        message(&[0x4000_0000, 0x4000_0000], 4096),
        "two images of memory overlap at 0x40000000"
    );
    assert_eq!(
        message(&[LOW_MEMORY_BASE - 4096], 4096),
        format!("no image of memory can be at {:#x}", LOW_MEMORY_BASE - 4096)
    );
    assert_eq!(
        message(&[0x7fff_ffff_f000], 4096),
        "no image of memory can be at 0x7ffffffff000"
    );
    assert_eq!(
        message(&[0xffff_ffff_ffff_f000], 4096),
        "no image of memory can be at 0xfffffffffffff000"
    );
    assert_eq!(
        message(&[0x4000_0100], 4096),
        "0: malformed object: section .nvz.image.40000100 is not whole pages"
    );
    assert_eq!(
        message(&[0x4000_0000], 100),
        "0: malformed object: section .nvz.image.40000000 is not whole pages"
    );
}

#[test]
fn programs_that_reach_linear_memory() {
    let mut object = Builder::new();
    let text = object.text(".text", &[0x90; 16]);
    object.global("_start", text);
    let bss = object
        .0
        .add_section(Vec::new(), b".bss".to_vec(), SectionKind::UninitializedData);
    object.0.append_section_bss(bss, 2 << 30, 8);
    let symbol = object.local(b"large", bss, 0, 8);
    object.relocate(text, 0, elf::R_X86_64_64, symbol, 0);
    let text = message(&[&object.finish()]);
    assert_eq!(
        text,
        format!(
            "the program is too large: code and read-only data must end below {EXECUTABLE_END:#x}"
        )
    );
}

#[test]
fn files_that_are_not_objects() {
    let exit = objects::exit(0);
    let executable = link_all(&[&exit]).unwrap();
    assert_eq!(
        message(&[&executable]),
        "0: cannot link a file that is not a relocatable object"
    );
    let mut other = exit.clone();
    other[18] = 183;
    assert_eq!(
        message(&[&other]),
        "0: cannot link an object for another machine than x86-64"
    );
    for bytes in [&b""[..], b"hello", &[0; 64], &exit[..40]] {
        let text = message(&[bytes]);
        assert!(text.starts_with("0: malformed object: "), "{text}");
    }
}

/// Cut off anywhere, or with any byte changed, an object links or is refused.
#[test]
fn damaged_objects_do_not_panic() {
    let program = objects::program();
    let mut object = Builder::new();
    let start = object.text(".text._start", &[0x90; 8]);
    object.global("_start", start);
    let rest = object.text(".text.rest", &[0x48, 0x8b, 0x0d, 0, 0, 0, 0, 0x90]);
    object.global("nvz_main_command", rest);
    let host = object.global("nvz_host", rest);
    object.relocate(rest, 3, elf::R_X86_64_REX_GOTPCRELX, host, -4);
    objects::add_unwind(&mut object, &[(start, 0, 8), (rest, 0, 8)]);
    let runtime = object.finish();
    link_all(&[&program, &runtime]).unwrap();

    for end in (0..runtime.len()).chain((0..program.len()).step_by(97)) {
        let _ = link_all(&[&program, runtime.get(..end).unwrap_or(&runtime)]);
        let _ = link_all(&[program.get(..end).unwrap_or(&program), &runtime]);
    }
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for at in 0..runtime.len() {
        let mut damaged = runtime.clone();
        for value in [0, 1, 0x7f, 0x80, 0xff, !damaged[at]] {
            damaged[at] = value;
            let _ = link_all(&[&program, &damaged]);
        }
        // A wider change, elsewhere.
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let other = (random >> 33) as usize % (runtime.len() - 8);
        damaged[other..other + 8].copy_from_slice(&random.to_le_bytes());
        let _ = link_all(&[&program, &damaged]);
    }
}
