//! The configuration object: what the build grants, as an input of the linker.

use nativize_abi::config::{Record, Records};
use nativize_abi::symbol;
use object::write::{Object, Relocation, StandardSection, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind,
    SymbolFlags, SymbolKind, SymbolScope, elf,
};

use super::note;

/// A relocatable object that defines `nvz_config` (the encoded configuration's bytes), `nvz_config_len` and
/// `nvz_prepare` ([`nativize_abi::symbol`]). All are read-only data; the bytes are the content of a note, beside one with the
/// compiler's version ([`super::read_notes`]).
pub fn config_object(config: &[u8]) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let notes = object.add_section(Vec::new(), note::SECTION.into(), SectionKind::Note);
    object.section_mut(notes).flags = SectionFlags::Elf {
        sh_flags: elf::SHF_ALLOC.into(),
    };
    let (content, at) = note::encode(env!("CARGO_PKG_VERSION"), config);
    object.append_section_data(notes, &content, 4);
    let len = config.len() as u64;
    let rodata = object.section_id(StandardSection::ReadOnlyData);
    let len_at = object.append_section_data(rodata, &len.to_le_bytes(), 8);
    let prepare_at = object.append_section_data(rodata, &[0; 8], 8);
    for (name, section, value, size) in [
        (symbol::CONFIG, notes, at, len),
        (symbol::CONFIG_LEN, rodata, len_at, 8),
        (symbol::PREPARE, rodata, prepare_at, 8),
    ] {
        object.add_symbol(Symbol {
            name: name.into(),
            value,
            size,
            kind: SymbolKind::Data,
            scope: SymbolScope::Dynamic,
            weak: false,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::None,
        });
    }
    if Records::new(config).any(|record| matches!(record, Record::Directory { .. })) {
        let symbol = object.add_symbol(Symbol {
            name: symbol::OPEN_DIRECTORIES.into(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Unknown,
            weak: false,
            section: SymbolSection::Undefined,
            flags: SymbolFlags::None,
        });
        let address = Relocation {
            offset: prepare_at,
            symbol,
            addend: 0,
            flags: RelocationFlags::Elf {
                r_type: elf::R_X86_64_64,
            },
        };
        object
            .add_relocation(rodata, address)
            .expect("ELF takes every relocation that names its type");
    }
    object.add_section(Vec::new(), ".note.GNU-stack".into(), SectionKind::Other);
    object
        .write()
        .expect("the object has no relocations and only valid names")
}
