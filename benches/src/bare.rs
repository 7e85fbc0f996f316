//! The baseline of start-up: a static executable that does nothing but exit.

use nativize::link::{Input, LinkOptions, link};
use nativize_abi::symbol::START;
use object::write::{Object, StandardSection, Symbol, SymbolSection};
use object::{Architecture, BinaryFormat, Endianness, SymbolFlags, SymbolKind, SymbolScope};

/// `mov $231, %eax; xor %edi, %edi; syscall`: `exit_group(0)`.
const EXIT: [u8; 9] = [0xb8, 231, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];

/// The executable's bytes.
pub(crate) fn executable() -> anyhow::Result<Vec<u8>> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let text = object.section_id(StandardSection::Text);
    object.append_section_data(text, &EXIT, 16);
    object.add_symbol(Symbol {
        name: START.into(),
        value: 0,
        size: EXIT.len() as u64,
        kind: SymbolKind::Text,
        scope: SymbolScope::Dynamic,
        weak: false,
        section: SymbolSection::Section(text),
        flags: SymbolFlags::None,
    });
    let bytes = object.write()?;
    let input = Input {
        name: "bare.o",
        bytes: &bytes,
        local_symbols: true,
    };
    Ok(link(
        &[input],
        &LinkOptions {
            strip: true,
            ..LinkOptions::default()
        },
    )?)
}
