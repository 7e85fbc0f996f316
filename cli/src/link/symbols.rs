//! The executable's symbol table: what `nm`, `gdb` and `perf` show.
//!
//! Functions of the program are local symbols named after wasm functions: any UTF-8, several of the same name. They
//! keep their names. References are already resolved when this table is made, so nothing here affects the code.

use object::LittleEndian as LE;
use object::elf;
use object::endian::{U16, U32, U64};
use object::pod::bytes_of;

use super::gc::Live;
use super::layout::{Layout, SYMBOL_SIZE};
use super::read::{Kind, Object, Place, Symbol};
use super::resolve::Resolution;
use super::{SectionId, SymbolId};

/// The symbols to write: local ones come first, as ELF demands.
#[derive(Debug, Default)]
pub(super) struct SymbolTable {
    locals: Vec<SymbolId>,
    globals: Vec<SymbolId>,
    names: u64,
}

impl SymbolTable {
    /// The named symbols of live sections, in the objects' order.
    pub(super) fn collect(
        objects: &[Object<'_>],
        resolution: &Resolution<'_>,
        live: &Live,
    ) -> Self {
        let mut table = SymbolTable::default();
        for (object, contents) in objects.iter().enumerate() {
            for (index, symbol) in contents.symbols.iter().enumerate() {
                let id = SymbolId {
                    object,
                    symbol: index,
                };
                // They name places, not what is there.
                if matches!(symbol.place, Place::Edge(_)) {
                    continue;
                }
                // Also drops a weak definition when another one took its place.
                if !shown(symbol) || resolution.definition(objects, id) != Some(id) {
                    continue;
                }
                if let Place::Section(section) = symbol.place
                    && (contents.sections[section].kind == Kind::Debug
                        || !live.contains(SectionId { object, section }))
                {
                    continue;
                }
                let local = index < contents.first_global;
                if local && !contents.local_symbols {
                    continue;
                }
                if local || symbol.hidden {
                    table.locals.push(id);
                } else {
                    table.globals.push(id);
                }
                table.names += symbol.name.len() as u64 + 1;
            }
        }
        table
    }

    /// Bytes of the table, its null entry included.
    pub(super) fn size(&self) -> u64 {
        (1 + self.locals.len() + self.globals.len()) as u64 * SYMBOL_SIZE
    }

    /// Bytes of the names, the empty one included.
    pub(super) fn names_size(&self) -> u64 {
        1 + self.names
    }

    /// The index of the first global symbol.
    pub(super) fn first_global(&self) -> usize {
        1 + self.locals.len()
    }

    /// Writes the table, or the names.
    pub(super) fn write(&self, objects: &[Object<'_>], layout: &Layout<'_>, out: &mut [u8]) {
        let mut name = 1;
        let (_, entries) = out.split_at_mut(SYMBOL_SIZE as usize);
        let all = self.locals.iter().chain(&self.globals);
        for ((index, id), entry) in all
            .enumerate()
            .zip(entries.chunks_exact_mut(SYMBOL_SIZE as usize))
        {
            let symbol = &objects[id.object].symbols[id.symbol];
            let bind = match symbol {
                _ if index < self.locals.len() => elf::STB_LOCAL,
                Symbol { weak: true, .. } => elf::STB_WEAK,
                _ => elf::STB_GLOBAL,
            };
            let section = match symbol.place {
                Place::Section(section) => {
                    let object = id.object;
                    let placement = layout.placement(SectionId { object, section });
                    placement.map_or(elf::SHN_UNDEF, |placement| placement.output as u16 + 1)
                }
                Place::Absolute | Place::Edge(_) => elf::SHN_ABS,
                Place::Undefined => elf::SHN_UNDEF,
            };
            entry.copy_from_slice(bytes_of(&elf::Sym64::<LE> {
                st_name: U32::new(LE, name),
                st_info: (bind << 4) | symbol.kind,
                st_other: elf::STV_DEFAULT,
                st_shndx: U16::new(LE, section),
                st_value: U64::new(LE, layout.symbol_address(objects, *id).unwrap_or(0)),
                st_size: U64::new(LE, symbol.size),
            }));
            name += symbol.name.len() as u32 + 1;
        }
    }

    /// Writes the names that the table refers to.
    pub(super) fn write_names(&self, objects: &[Object<'_>], out: &mut [u8]) {
        let mut at = 1;
        for id in self.locals.iter().chain(&self.globals) {
            let name = objects[id.object].symbols[id.symbol].name;
            out[at..at + name.len()].copy_from_slice(name);
            at += name.len() + 1;
        }
    }
}

fn shown(symbol: &Symbol<'_>) -> bool {
    let kind = match symbol.kind {
        elf::STT_FUNC => true,
        // Not the labels that assemblers and compilers make up.
        elf::STT_OBJECT | elf::STT_NOTYPE => !symbol.name.starts_with(b".L"),
        _ => false,
    };
    kind && !symbol.name.is_empty()
}
