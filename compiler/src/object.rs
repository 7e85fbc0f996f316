//! The program as a relocatable ELF object.

use crate::builtin::Builtin;
use crate::codegen::{self, Code};
use crate::debuginfo::native::{self, DebugSection, DebugTarget};
use crate::host::HostFunction;
use crate::plan::{Block, Plan, Sections, Target};
use crate::program::{Program, number};
use crate::text::Text;
use crate::translate::{Unit, namespace};
use crate::{Error, Options, Progress, coredump, metadata, names, unwind};
use cranelift_codegen::binemit::Reloc;
use nativize_abi::address::PAGE_SIZE;
use nativize_abi::symbol;
use object::write::{Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind,
    SymbolFlags, SymbolKind, SymbolScope, elf,
};
use std::collections::HashMap;

/// Writes the object.
///
/// # Errors
/// [`Error::Limit`] when the text or the data exceeds what references reach.
pub(crate) fn write(
    program: &Program<'_>,
    plan: Plan,
    units: &[Unit],
    code: Vec<Code>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<u8>, Error> {
    let text = Text::new(program, &plan, units, &code)?;
    let target = codegen::target(options, &plan);
    let eh_frame = unwind::eh_frame(target.lowering.as_ref(), &code, &text.spans);
    let debug = if options.debug {
        native::sections(program, &plan, units, &code, &text, progress)
    } else {
        Vec::new()
    };
    let mut sections = Sections::default();
    let mut plan = plan;
    std::mem::swap(&mut sections, &mut plan.sections);
    let parts = metadata::Parts {
        program,
        plan: &plan,
        units,
        code: &code,
        text: &text,
    };
    let header = metadata::write(&parts, options, progress, &mut sections);
    let coredump = options
        .coredump
        .then(|| coredump::write(program, &plan, &mut sections));
    drop(code);
    if sections.overflow {
        return Err(Error::Limit {
            message: "the program's tables exceed 2 GiB".to_owned(),
        });
    }
    let mut object = ObjectFile::new(sections);
    object.functions(program, units, &text);
    object.define(symbol::PROGRAM, Block::Rodata, header.offset);
    if let Some(record) = coredump {
        object.define(symbol::COREDUMP, record.block, record.offset);
    }
    object.text_relocs(&text);
    object.data_relocs(&text);
    object.eh_frame(eh_frame);
    for range in plan.image.mapped {
        object.image(range.address, range.bytes);
    }
    object.debug(debug);
    let mut file = object.object;
    file.set_section_data(object.text, text.bytes, 64);
    file.write().map_err(|error| Error::Limit {
        message: format!("the object cannot be written: {error}"),
    })
}

struct ObjectFile {
    object: Object<'static>,
    text: SectionId,
    /// By their positions in [`Block::ALL`].
    blocks: [SectionId; 4],
    relocs: Vec<crate::plan::DataReloc>,
    undefined: HashMap<&'static str, SymbolId>,
}

impl ObjectFile {
    fn new(sections: Sections) -> Self {
        let sizes = [
            sections.rodata.len() as u64,
            sections.data.len() as u64,
            sections.bss,
            sections.shared.len() as u64,
        ];
        let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
        let mut section = |name: &str, kind| object.add_section(Vec::new(), name.into(), kind);
        let text = section(".text", SectionKind::Text);
        let rodata = section(".rodata", SectionKind::ReadOnlyData);
        let data = section(".data", SectionKind::Data);
        let bss = section(".bss", SectionKind::UninitializedData);
        let shared = if sections.shared.is_empty() {
            data
        } else {
            section(".data.shared", SectionKind::Data)
        };
        // Without it a linker would take the object to need an executable stack.
        section(".note.GNU-stack", SectionKind::Other);
        object.set_section_data(rodata, sections.rodata, 64);
        object.set_section_data(data, sections.data, 64);
        let threads = shared != data;
        if !threads {
            object.append_section_bss(bss, sections.bss, 64);
        } else {
            // Each thread has zeros of its own, the main one too.
            object.set_section_data(shared, sections.shared, 64);
        }
        let blocks = [rodata, data, bss, shared];
        // Who checks the executable has to tell the program's data from the runtime's.
        for ((name, section), size) in symbol::PROGRAM_BLOCKS.into_iter().zip(blocks).zip(sizes) {
            let in_section = !(name == symbol::PROGRAM_BLOCKS[2] && threads);
            if size > 0 && in_section {
                object.add_symbol(Symbol {
                    name: name.as_bytes().to_vec(),
                    value: 0,
                    size,
                    kind: SymbolKind::Data,
                    scope: SymbolScope::Compilation,
                    weak: false,
                    section: SymbolSection::Section(section),
                    flags: SymbolFlags::None,
                });
            }
        }
        ObjectFile {
            object,
            text,
            blocks,
            relocs: sections.relocs,
            undefined: HashMap::new(),
        }
    }

    /// A local symbol for each unit: names come from the module and take no part in resolution.
    fn functions(&mut self, program: &Program<'_>, units: &[Unit], text: &Text) {
        for (&unit, &(start, size)) in units.iter().zip(&text.spans) {
            let name = match unit {
                Unit::Function(id) => names::symbol(program, id),
                Unit::Instantiate(id) => format!("[instantiate {}]", number(id)),
                Unit::Entry(index) => format!("[entry {index}]"),
                Unit::ThreadStart(id) => format!("[thread of {}]", number(id)),
            };
            self.object.add_symbol(Symbol {
                name: name.into_bytes(),
                value: u64::from(start),
                size: u64::from(size),
                kind: SymbolKind::Text,
                scope: SymbolScope::Compilation,
                weak: false,
                section: SymbolSection::Section(self.text),
                flags: SymbolFlags::None,
            });
        }
    }

    /// A global symbol that the runtime refers to.
    fn define(&mut self, name: &str, block: Block, offset: u32) {
        self.object.add_symbol(Symbol {
            name: name.as_bytes().to_vec(),
            value: u64::from(offset),
            size: 0,
            kind: SymbolKind::Data,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(self.blocks[block as usize]),
            flags: SymbolFlags::None,
        });
    }

    /// The symbol of something that the runtime defines.
    fn undefined(&mut self, name: &'static str) -> SymbolId {
        let object = &mut self.object;
        *self.undefined.entry(name).or_insert_with(|| {
            object.add_symbol(Symbol {
                name: name.as_bytes().to_vec(),
                value: 0,
                size: 0,
                kind: SymbolKind::Unknown,
                scope: SymbolScope::Unknown,
                weak: false,
                section: SymbolSection::Undefined,
                flags: SymbolFlags::None,
            })
        })
    }

    fn reloc(
        &mut self,
        section: SectionId,
        offset: u64,
        symbol: SymbolId,
        addend: i64,
        r_type: u32,
    ) {
        let flags = RelocationFlags::Elf { r_type };
        self.object
            .add_relocation(
                section,
                Relocation {
                    offset,
                    symbol,
                    addend,
                    flags,
                },
            )
            .expect("ELF takes every relocation that names its type");
    }

    fn text_relocs(&mut self, text: &Text) {
        for reloc in &text.relocs {
            let symbol = match reloc.target {
                (namespace::BLOCK, index) => {
                    let section = self.blocks[index as usize];
                    self.object.section_symbol(section)
                }
                (namespace::BUILTIN, index) => self.undefined(Builtin::from_index(index).symbol()),
                (namespace::HOST, index) => self.undefined(HostFunction::symbol_of(index)),
                (namespace::THROW, _) => self.undefined(symbol::THROW),
                (namespace::UNKNOWN_IMPORT, _) => self.undefined(symbol::UNKNOWN_IMPORT),
                (namespace::GUEST_FRAME, _) => self.undefined(symbol::GUEST_FRAME),
                other => unreachable!("references between functions are resolved: {other:?}"),
            };
            let r_type = match reloc.kind {
                Reloc::X86PCRel4 => elf::R_X86_64_PC32,
                Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4 => elf::R_X86_64_PLT32,
                Reloc::Abs8 => elf::R_X86_64_64,
                other => unreachable!("translation causes no relocation of kind {other:?}"),
            };
            self.reloc(
                self.text,
                u64::from(reloc.offset),
                symbol,
                reloc.addend,
                r_type,
            );
        }
    }

    fn data_relocs(&mut self, text: &Text) {
        let text_symbol = self.object.section_symbol(self.text);
        for reloc in std::mem::take(&mut self.relocs) {
            let section = self.blocks[reloc.block as usize];
            let (symbol, addend) = match reloc.target {
                Target::Function(id) => (text_symbol, i64::from(text.function(id))),
                Target::Text(offset) => (text_symbol, i64::from(offset)),
                Target::Place(place) => {
                    let target = self.blocks[place.block as usize];
                    (self.object.section_symbol(target), i64::from(place.offset))
                }
                Target::Runtime(name) => (self.undefined(name), 0),
            };
            self.reloc(
                section,
                u64::from(reloc.offset),
                symbol,
                addend,
                elf::R_X86_64_64,
            );
        }
    }

    fn eh_frame(&mut self, eh_frame: unwind::EhFrameSection) {
        let section =
            self.object
                .add_section(Vec::new(), b".eh_frame".to_vec(), SectionKind::ReadOnlyData);
        let text = self.object.section_symbol(self.text);
        self.object.set_section_data(section, eh_frame.bytes, 8);
        for reloc in eh_frame.relocs {
            self.reloc(
                section,
                reloc.offset,
                text,
                reloc.text_offset,
                elf::R_X86_64_PC32,
            );
        }
    }

    fn debug(&mut self, sections: Vec<DebugSection>) {
        let mut ids: HashMap<&str, SectionId> = HashMap::new();
        for section in &sections {
            let name = section.name.as_bytes().to_vec();
            let id = self
                .object
                .add_section(Vec::new(), name, SectionKind::Debug);
            ids.insert(section.name, id);
        }
        for section in sections {
            let id = ids[section.name];
            self.object.set_section_data(id, section.bytes, 1);
            for reloc in section.relocs {
                let target = match reloc.target {
                    DebugTarget::Text => self.text,
                    DebugTarget::Block(block) => self.blocks[block as usize],
                    // (A section that is referred to and has no contents was not written.)
                    DebugTarget::Section(name) => ids.get(name).copied().unwrap_or(id),
                };
                let symbol = self.object.section_symbol(target);
                let r_type = match reloc.size {
                    4 => elf::R_X86_64_32,
                    _ => elf::R_X86_64_64,
                };
                self.reloc(id, reloc.offset, symbol, reloc.addend, r_type);
            }
        }
    }

    /// A section of memory image: whole pages that the linker places at `address`.
    fn image(&mut self, address: u64, bytes: Vec<u8>) {
        let name = format!("{}{address:x}", symbol::IMAGE_SECTION_PREFIX);
        let section = self
            .object
            .add_section(Vec::new(), name.into_bytes(), SectionKind::Data);
        self.object.section_mut(section).flags = SectionFlags::Elf {
            sh_flags: u64::from(elf::SHF_ALLOC | elf::SHF_WRITE),
        };
        self.object.set_section_data(section, bytes, PAGE_SIZE);
    }
}
