//! The configuration object: what the build grants and limits, as an input of the linker.

use std::mem::offset_of;

use nativize_abi::config::{
    FLAG_NO_KNOBS, FLAG_PROFILE, FLAG_STRICT, Hooks, Record, Records, SANDBOX_STRICT, Setting,
};
use nativize_abi::sandbox::Instruction;
use nativize_abi::symbol;
use object::write::{Object, Relocation, SectionId, StandardSection, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind,
    SymbolFlags, SymbolKind, SymbolScope, elf,
};

use super::note;

/// A relocatable object that defines what [`nativize_abi::symbol`] says of the configuration object, for an encoded
/// configuration and its filter of system calls, if it has one. All of it is read-only data; configuration and filter
/// are the contents of notes, beside those that say what made the executable, `options` among them
/// ([`super::read_notes`]).
pub fn config_object(config: &[u8], filter: Option<&[Instruction]>, options: &str) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let section = object.add_section(Vec::new(), note::SECTION.into(), SectionKind::Note);
    object.section_mut(section).flags = SectionFlags::Elf {
        sh_flags: elf::SHF_ALLOC.into(),
    };
    let notes = note::encode(env!("CARGO_PKG_VERSION"), config, filter, options);
    object.append_section_data(section, &notes.content, 4);
    let mut out = Output {
        rodata: object.section_id(StandardSection::ReadOnlyData),
        object,
    };
    let len = config.len() as u64;
    out.define(symbol::CONFIG, section, notes.config, len);
    out.number(symbol::CONFIG_LEN, len);
    if let (Some(filter), Some(at)) = (filter, notes.filter) {
        out.define(symbol::FILTER, section, at, 8 * filter.len() as u64);
    }
    let setting = |kind| Records::new(config).setting(kind);
    let flags = [
        (
            setting(Setting::SANDBOX) == Some(SANDBOX_STRICT),
            FLAG_STRICT,
        ),
        (setting(Setting::NO_KNOBS).is_some(), FLAG_NO_KNOBS),
        (setting(Setting::PROFILE).is_some(), FLAG_PROFILE),
    ];
    let flags: u64 = flags
        .iter()
        .map(|&(set, bit)| if set { bit } else { 0 })
        .sum();
    let functions = preparations(config, filter.is_some());
    let mut hooks: Vec<u8> = [flags, filter.map_or(0, |filter| filter.len() as u64)]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    hooks.resize(size_of::<Hooks>() + 8 * (functions.len() + 1), 0);
    let place = out.object.append_section_data(out.rodata, &hooks, 8);
    out.define(symbol::HOOKS, out.rodata, place, hooks.len() as u64);
    for (index, function) in functions.iter().enumerate() {
        let field = size_of::<Hooks>() + 8 * index;
        out.refer(place + field as u64, function);
    }
    for (field, edge) in [
        (offset_of!(Hooks, stack_end), symbol::STACK_END),
        (offset_of!(Hooks, data_image), symbol::DATA_IMAGE),
        (offset_of!(Hooks, data_image_end), symbol::DATA_IMAGE_END),
    ] {
        out.refer(place + field as u64, edge);
    }
    for (field, function, kind) in [
        (
            offset_of!(Hooks, check_memory),
            symbol::LIMIT_MEMORY,
            Setting::MAX_MEMORY,
        ),
        (
            offset_of!(Hooks, check_descriptors),
            symbol::LIMIT_DESCRIPTORS,
            Setting::MAX_DESCRIPTORS,
        ),
    ] {
        if setting(kind).is_some() {
            out.refer(place + field as u64, function);
        }
    }
    let mut object = out.object;
    object.add_section(Vec::new(), ".note.GNU-stack".into(), SectionKind::Other);
    object
        .write()
        .expect("the object has only valid names and relocations")
}

/// What the runtime has to do before the program runs, in this order: files are opened before the kernel forbids it.
fn preparations(config: &[u8], filter: bool) -> Vec<&'static str> {
    let records = || Records::new(config);
    let directories = records().any(|record| matches!(record, Record::Directory { .. }));
    let variables = records().any(|record| {
        matches!(
            record,
            Record::Env { .. } | Record::PassEnv { .. } | Record::InheritEnv
        )
    });
    let embedded = records().any(|record| matches!(record, Record::EmbedDir { .. }));
    let listeners =
        records().any(|record| matches!(record, Record::TcpListen { .. } | Record::ListenFds));
    let has = |kind| records().setting(kind).is_some();
    [
        (has(Setting::COREDUMP), symbol::OPEN_COREDUMP),
        (has(Setting::MAX_MEMORY), symbol::LIMIT_START),
        (
            directories || variables || embedded || listeners,
            symbol::CHECK_DENY,
        ),
        (directories, symbol::OPEN_DIRECTORIES),
        (embedded, symbol::OPEN_EMBEDDED),
        (listeners, symbol::OPEN_LISTENERS),
        (
            has(Setting::TIMEOUT) || has(Setting::CPU_TIMEOUT),
            symbol::LIMIT_TIME,
        ),
        (has(Setting::PROFILE), symbol::PROFILE_START),
        (directories && filter, symbol::CONFINE_DIRECTORIES),
        (filter, symbol::CONFINE_CALLS),
    ]
    .into_iter()
    .filter_map(|(wanted, function)| wanted.then_some(function))
    .collect()
}

struct Output<'a> {
    object: Object<'a>,
    rodata: SectionId,
}

impl Output<'_> {
    fn define(&mut self, name: &str, section: SectionId, value: u64, size: u64) {
        self.object.add_symbol(Symbol {
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

    /// Defines a `u64` and gives its offset in the section.
    fn number(&mut self, name: &str, value: u64) -> u64 {
        let data = &value.to_le_bytes();
        let at = self.object.append_section_data(self.rodata, data, 8);
        self.define(name, self.rodata, at, 8);
        at
    }

    /// Makes the `u64` at `offset` the address of what the runtime or the linker defines.
    fn refer(&mut self, offset: u64, name: &str) {
        let symbol = self.object.add_symbol(Symbol {
            name: name.into(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Unknown,
            weak: false,
            section: SymbolSection::Undefined,
            flags: SymbolFlags::None,
        });
        let address = Relocation {
            offset,
            symbol,
            addend: 0,
            flags: RelocationFlags::Elf {
                r_type: elf::R_X86_64_64,
            },
        };
        self.object
            .add_relocation(self.rodata, address)
            .expect("ELF takes every relocation that names its type");
    }
}
