//! Objects -> sections, symbols, relocations and unwind records; refuses whatever the other phases do not expect.

use nativize_abi::{address::PAGE_SIZE, symbol::IMAGE_SECTION_PREFIX};
use object::LittleEndian as LE;
use object::elf;
use object::read::elf::{FileHeader as _, SectionHeader as _, SectionTable, Sym as _};

use super::edges::Edge;
use super::error::display;
use super::unwind::Unwind;
use super::{Input, LinkError};

pub(super) type Rela = elf::Rela64<LE>;
type FileHeader = elf::FileHeader64<LE>;
type SectionHeader = elf::SectionHeader64<LE>;

/// Flags that sections may have; any other changes a section's meaning in a way that is not carried over.
const KNOWN_FLAGS: u32 = elf::SHF_WRITE
    | elf::SHF_ALLOC
    | elf::SHF_EXECINSTR
    | elf::SHF_MERGE
    | elf::SHF_STRINGS
    | elf::SHF_INFO_LINK
    | elf::SHF_GROUP
    | elf::SHF_GNU_RETAIN
    | elf::SHF_EXCLUDE;

/// Address-significance tables, which are for linkers that fold identical code.
const SHT_LLVM_ADDRSIG: u32 = 0x6fff_4c03;

/// The largest alignment that a section may ask for.
const MAX_ALIGN: u64 = 0x1_0000;

/// One input, taken apart. Vectors are indexed as the object's own tables are.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) name: &'a str,
    pub(super) sections: Vec<Section<'a>>,
    pub(super) symbols: Vec<Symbol<'a>>,
    /// The symbols from this index on are global or weak, those before it are local.
    pub(super) first_global: usize,
    /// Whether local symbols are shown in the executable.
    pub(super) local_symbols: bool,
    pub(super) groups: Vec<Group<'a>>,
    pub(super) unwind: Vec<Unwind<'a>>,
}

#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) name: &'a [u8],
    pub(super) kind: Kind,
    /// Empty for [`Kind::Bss`].
    pub(super) data: &'a [u8],
    pub(super) size: u64,
    /// A power of two.
    pub(super) align: u64,
    /// Live even if nothing refers to it.
    pub(super) retain: bool,
    pub(super) relocations: &'a [Rela],
}

/// Where a section goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Nowhere: tables of the object file itself, and notes to linkers.
    Discarded,
    Note,
    ReadOnly,
    /// Records for the unwinder, taken apart in [`Object::unwind`].
    Unwind,
    Text,
    Data,
    Bss,
    /// Pages of linear memory at a fixed address.
    Image(u64),
    /// Debug information, which no segment loads.
    Debug,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol<'a> {
    pub(super) name: &'a [u8],
    pub(super) place: Place,
    /// Relative to the section that it is defined in.
    pub(super) value: u64,
    pub(super) size: u64,
    /// One of `STT_*`.
    pub(super) kind: u8,
    pub(super) weak: bool,
    /// Seen by other objects, but not a global symbol of the executable.
    pub(super) hidden: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Undefined,
    Absolute,
    Section(usize),
    /// Where the layout says.
    Edge(Edge),
}

/// Sections that are kept, or discarded in favour of another group of the same signature, together.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) signature: &'a [u8],
    pub(super) members: Vec<usize>,
}

pub(super) fn read<'a>(inputs: &[Input<'a>]) -> Result<Vec<Object<'a>>, LinkError> {
    inputs.iter().map(|input| read_object(*input)).collect()
}

fn read_object(input: Input<'_>) -> Result<Object<'_>, LinkError> {
    let malformed = |error: object::read::Error| LinkError::Malformed {
        object: input.name.to_owned(),
        message: error.to_string(),
    };
    let reader = Reader { input };
    let header = FileHeader::parse(input.bytes).map_err(malformed)?;
    let endian = header.endian().map_err(malformed)?;
    if header.e_type(endian) != elf::ET_REL {
        return Err(reader.unsupported("a file that is not a relocatable object"));
    }
    if header.e_machine(endian) != elf::EM_X86_64 {
        return Err(reader.unsupported("an object for another machine than x86-64"));
    }
    let table = header.sections(endian, input.bytes).map_err(malformed)?;
    let symbols = table
        .symbols(endian, input.bytes, elf::SHT_SYMTAB)
        .map_err(malformed)?;

    let mut sections = Vec::with_capacity(table.len());
    let mut total = 0u64;
    for header in table.iter() {
        let section = reader.section(&table, header)?;
        total = total.saturating_add(section.data.len() as u64);
        sections.push(section);
    }
    // Also bounds the size of the output by that of the input.
    if total > input.bytes.len() as u64 {
        return Err(reader.malformed("sections overlap"));
    }

    let first_global = match table.section(symbols.section()) {
        Ok(header) if symbols.section().0 != 0 => header.sh_info(endian) as usize,
        _ => 0,
    };
    let mut read_symbols = Vec::with_capacity(symbols.len());
    for (index, symbol) in symbols.enumerate() {
        let name = symbols.symbol_name(endian, symbol).map_err(malformed)?;
        let section = symbols
            .symbol_section(endian, symbol, index)
            .map_err(malformed)?;
        read_symbols.push(reader.symbol(symbol, name, section.map(|index| index.0), &sections)?);
        if (symbol.st_bind() == elf::STB_LOCAL) != (index.0 < first_global) {
            return Err(reader.malformed("local and global symbols are mixed"));
        }
    }

    for header in table.iter() {
        if let Some((relocations, link)) = header.rela(endian, input.bytes).map_err(malformed)? {
            if link != symbols.section() {
                return Err(reader.malformed("relocations that refer to no symbol table"));
            }
            let target = sections
                .get_mut(header.info_link(endian).0)
                .ok_or_else(|| reader.malformed("relocations for a section that does not exist"))?;
            if !target.relocations.is_empty() {
                return Err(reader.malformed("two lists of relocations for one section"));
            }
            if target.kind == Kind::Bss && !relocations.is_empty() {
                return Err(reader.malformed("relocations for a section without contents"));
            }
            target.relocations = relocations;
        }
    }

    let mut groups = Vec::new();
    for header in table.iter() {
        if let Some((flags, members)) = header.group(endian, input.bytes).map_err(malformed)? {
            if flags & !elf::GRP_COMDAT != 0 {
                return Err(reader.unsupported("a section group with unknown flags"));
            }
            if flags & elf::GRP_COMDAT == 0 {
                continue;
            }
            let signature = read_symbols
                .get(header.sh_info(endian) as usize)
                .map(|symbol: &Symbol<'_>| symbol.name)
                .filter(|name| !name.is_empty())
                .ok_or_else(|| reader.malformed("a section group without a signature"))?;
            let members: Vec<usize> = members
                .iter()
                .map(|member| member.get(endian) as usize)
                .collect();
            if members.iter().any(|&member| member >= sections.len()) {
                return Err(reader.malformed("a section group with a member that does not exist"));
            }
            groups.push(Group { signature, members });
        }
    }

    let mut unwind = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        if section.kind == Kind::Unwind {
            let parsed =
                Unwind::parse(index, section.data, section.relocations).map_err(|message| {
                    reader.malformed(&format!("{}: {message}", display(section.name)))
                })?;
            unwind.push(parsed);
        }
    }

    Ok(Object {
        name: input.name,
        sections,
        symbols: read_symbols,
        first_global,
        local_symbols: input.local_symbols,
        groups,
        unwind,
    })
}

struct Reader<'a> {
    input: Input<'a>,
}

impl<'a> Reader<'a> {
    fn malformed(&self, message: &str) -> LinkError {
        LinkError::Malformed {
            object: self.input.name.to_owned(),
            message: message.to_owned(),
        }
    }

    fn unsupported(&self, message: &str) -> LinkError {
        LinkError::Unsupported {
            object: self.input.name.to_owned(),
            message: message.to_owned(),
        }
    }

    fn section(
        &self,
        table: &SectionTable<'a, FileHeader>,
        header: &SectionHeader,
    ) -> Result<Section<'a>, LinkError> {
        let malformed = |error: object::read::Error| self.malformed(&error.to_string());
        let name = table.section_name(LE, header).map_err(malformed)?;
        let mut section = Section {
            name,
            kind: self.kind(header, name)?,
            data: header.data(LE, self.input.bytes).map_err(malformed)?,
            size: header.sh_size(LE),
            align: header.sh_addralign(LE).max(1),
            retain: false,
            relocations: &[],
        };
        if !section.align.is_power_of_two() {
            return Err(self.malformed(&format!("section {} has a bad alignment", display(name))));
        }
        if section.align > MAX_ALIGN {
            return Err(self.unsupported(&format!("an alignment of {:#x}", section.align)));
        }
        let flags = header.sh_flags(LE);
        section.retain = match section.kind {
            Kind::Image(_) => true,
            Kind::Note => true,
            _ => flags & u64::from(elf::SHF_GNU_RETAIN) != 0,
        };
        if let Kind::Image(address) = section.kind
            && !(address | section.size).is_multiple_of(PAGE_SIZE)
        {
            return Err(self.malformed(&format!("section {} is not whole pages", display(name))));
        }
        Ok(section)
    }

    /// Classifies a section by type, then by flags and name.
    fn kind(&self, header: &SectionHeader, name: &[u8]) -> Result<Kind, LinkError> {
        let unsupported =
            |what: &str| Err(self.unsupported(&format!("section {}: {what}", display(name))));
        let flags = header.sh_flags(LE);
        let empty = header.sh_size(LE) == 0;
        match header.sh_type(LE) {
            elf::SHT_PROGBITS | elf::SHT_NOBITS | elf::SHT_NOTE | elf::SHT_X86_64_UNWIND => {}
            elf::SHT_NULL
            | elf::SHT_SYMTAB
            | elf::SHT_STRTAB
            | elf::SHT_SYMTAB_SHNDX
            | elf::SHT_RELA
            | elf::SHT_GROUP
            | SHT_LLVM_ADDRSIG => return Ok(Kind::Discarded),
            elf::SHT_INIT_ARRAY | elf::SHT_FINI_ARRAY | elf::SHT_PREINIT_ARRAY if empty => {
                return Ok(Kind::Discarded);
            }
            elf::SHT_INIT_ARRAY | elf::SHT_FINI_ARRAY | elf::SHT_PREINIT_ARRAY => {
                return unsupported("constructors and destructors do not run");
            }
            other => return unsupported(&format!("unknown section type {other:#x}")),
        }
        if flags & u64::from(elf::SHF_TLS) != 0 {
            return unsupported("thread-local storage");
        }
        if flags & u64::from(elf::SHF_EXCLUDE) != 0 {
            return Ok(Kind::Discarded);
        }
        if flags & !u64::from(KNOWN_FLAGS) != 0 {
            return unsupported(&format!("unknown section flags {flags:#x}"));
        }
        let has = |flag: u32| flags & u64::from(flag) != 0;
        let nobits = header.sh_type(LE) == elf::SHT_NOBITS;

        if !has(elf::SHF_ALLOC) {
            return match name {
                b".note.GNU-stack" if has(elf::SHF_EXECINSTR) => unsupported("an executable stack"),
                b".note.GNU-stack" | b".comment" => Ok(Kind::Discarded),
                _ if name.starts_with(b".debug_") && !nobits => Ok(Kind::Debug),
                _ => unsupported("unknown section"),
            };
        }
        let constructors = [
            &b".init"[..],
            b".fini",
            b".preinit_array",
            b".init_array",
            b".fini_array",
            b".ctors",
            b".dtors",
        ];
        if constructors.iter().any(|&prefix| named(name, prefix)) {
            return if empty {
                Ok(Kind::Discarded)
            } else {
                unsupported("constructors and destructors do not run")
            };
        }
        Ok(match (has(elf::SHF_WRITE), has(elf::SHF_EXECINSTR)) {
            (true, true) => return unsupported("both writable and executable"),
            (_, true) if nobits => return unsupported("executable without contents"),
            (_, true) => Kind::Text,
            (false, false) if nobits => return unsupported("read-only without contents"),
            // Properties that every object would have to share (and the program object has none).
            (false, _) if name == b".note.gnu.property" => Kind::Discarded,
            (false, _) if header.sh_type(LE) == elf::SHT_NOTE => Kind::Note,
            (false, _) if name == b".eh_frame" => Kind::Unwind,
            (false, _) => Kind::ReadOnly,
            (true, _) if name.starts_with(IMAGE_SECTION_PREFIX.as_bytes()) => {
                let digits = &name[IMAGE_SECTION_PREFIX.len()..];
                match std::str::from_utf8(digits).map(|digits| u64::from_str_radix(digits, 16)) {
                    Ok(Ok(address)) if !nobits => Kind::Image(address),
                    _ => return unsupported("not an image of memory at an address"),
                }
            }
            (true, _) if nobits => Kind::Bss,
            // Writable for dynamic linkers only: here every address is known at link time.
            (true, _) if named(name, b".data.rel.ro") => Kind::ReadOnly,
            (true, _) => Kind::Data,
        })
    }

    fn symbol(
        &self,
        symbol: &elf::Sym64<LE>,
        name: &'a [u8],
        section: Option<usize>,
        sections: &[Section<'_>],
    ) -> Result<Symbol<'a>, LinkError> {
        let unsupported =
            |what: &str| Err(self.unsupported(&format!("symbol `{}`: {what}", display(name))));
        let value = symbol.st_value(LE);
        let place = match (section, symbol.st_shndx(LE)) {
            (Some(section), _) => {
                let Some(section) = sections
                    .get(section)
                    .filter(|s| value <= s.size)
                    .map(|_| section)
                else {
                    let name = display(name);
                    return Err(
                        self.malformed(&format!("symbol `{name}` is outside every section"))
                    );
                };
                Place::Section(section)
            }
            (None, elf::SHN_UNDEF) => Place::Undefined,
            (None, elf::SHN_ABS) => Place::Absolute,
            (None, _) => return unsupported("neither in a section nor absolute"),
        };
        match symbol.st_type() {
            elf::STT_NOTYPE
            | elf::STT_OBJECT
            | elf::STT_FUNC
            | elf::STT_SECTION
            | elf::STT_FILE => {}
            elf::STT_TLS => return unsupported("thread-local storage"),
            other => return unsupported(&format!("symbol type {other}")),
        }
        if !matches!(
            symbol.st_bind(),
            elf::STB_LOCAL | elf::STB_GLOBAL | elf::STB_WEAK
        ) {
            return unsupported(&format!("symbol binding {}", symbol.st_bind()));
        }
        Ok(Symbol {
            name,
            place,
            value,
            size: symbol.st_size(LE),
            kind: symbol.st_type(),
            weak: symbol.st_bind() == elf::STB_WEAK,
            hidden: matches!(symbol.st_visibility(), elf::STV_HIDDEN | elf::STV_INTERNAL),
        })
    }
}

/// Whether `name` is `base` or `base.something`.
fn named(name: &[u8], base: &[u8]) -> bool {
    name.strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest[0] == b'.')
}
