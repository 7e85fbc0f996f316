//! The executable's bytes: contents copied to their places, patched, and described by headers.

use object::LittleEndian as LE;
use object::elf;
use object::endian::{U16, U32, U64};
use object::pod::bytes_of;

use super::gc::Live;
use super::layout::{
    Contents, FILE_HEADER_SIZE, Layout, OutputSection, SECTION_HEADER_SIZE, SYMBOL_SIZE,
};
use super::read::{Kind, Object};
use super::relocate::Relocator;
use super::resolve::Resolution;
use super::{LinkError, SectionId, unwind};

/// Fills what is between functions: `int3`.
const TEXT_PADDING: u8 = 0xcc;

pub(super) fn write(
    objects: &[Object<'_>],
    resolution: &Resolution<'_>,
    live: &Live,
    layout: &Layout<'_>,
) -> Result<Vec<u8>, LinkError> {
    let mut out = vec![0; layout.file_size];
    let relocator = Relocator {
        objects,
        resolution,
        live,
        layout,
    };
    copy_inputs(objects, layout, &relocator, &mut out)?;
    let mut described = Vec::new();
    for section in &layout.sections {
        let bytes = range(section);
        match section.contents {
            Contents::Inputs(_) | Contents::DataImage | Contents::UnwindHeader => {}
            Contents::Table => relocator.table(&mut out[bytes]),
            Contents::Unwind => described = relocator.unwind(section.address, &mut out[bytes])?,
            Contents::Symbols => layout.symbols.write(objects, layout, &mut out[bytes]),
            Contents::SymbolNames => layout.symbols.write_names(objects, &mut out[bytes]),
            Contents::SectionNames => write_section_names(layout, &mut out[bytes]),
        }
    }
    if let (Some(header), Some(frames)) = (
        layout.find(Contents::UnwindHeader),
        layout.find(Contents::Unwind),
    ) {
        unwind::write_header(
            &mut out[range(header)],
            header.address,
            frames.address,
            described,
        )
        .ok_or_else(|| LinkError::Limit {
            message: "unwind records are too far from the code that they describe".to_owned(),
        })?;
    }
    let entry = layout
        .symbol_address(objects, live.entry)
        .ok_or(LinkError::NoEntryPoint)?;
    write_headers(layout, entry, &mut out);
    Ok(out)
}

fn range(section: &OutputSection<'_>) -> std::ops::Range<usize> {
    section.offset as usize..(section.offset + section.size) as usize
}

fn copy_inputs(
    objects: &[Object<'_>],
    layout: &Layout<'_>,
    relocator: &Relocator<'_, '_>,
    out: &mut [u8],
) -> Result<(), LinkError> {
    // Where the previous part of an output section ended; parts are placed in the order of this loop.
    let mut ends: Vec<u64> = vec![0; layout.sections.len()];
    for (object, contents) in objects.iter().enumerate() {
        for (section, contents) in contents.sections.iter().enumerate() {
            let id = SectionId { object, section };
            let Some(placement) = layout.placement(id).filter(|_| contents.kind != Kind::Bss)
            else {
                continue;
            };
            let output = &layout.sections[placement.output];
            if contents.kind == Kind::Text {
                let gap = output.offset + ends[placement.output]..output.offset + placement.offset;
                out[gap.start as usize..gap.end as usize].fill(TEXT_PADDING);
            }
            ends[placement.output] = placement.offset + contents.size;
            let start = (output.offset + placement.offset) as usize;
            let bytes = &mut out[start..start + contents.data.len()];
            bytes.copy_from_slice(contents.data);
            relocator.section(id, bytes)?;
        }
    }
    Ok(())
}

fn write_section_names(layout: &Layout<'_>, out: &mut [u8]) {
    let mut at = 1;
    for section in &layout.sections {
        out[at..at + section.name.len()].copy_from_slice(section.name);
        at += section.name.len() + 1;
    }
}

fn write_headers(layout: &Layout<'_>, entry: u64, out: &mut [u8]) {
    let header = elf::FileHeader64::<LE> {
        e_ident: elf::Ident {
            magic: elf::ELFMAG,
            class: elf::ELFCLASS64,
            data: elf::ELFDATA2LSB,
            version: elf::EV_CURRENT,
            os_abi: elf::ELFOSABI_NONE,
            abi_version: 0,
            padding: [0; 7],
        },
        e_type: U16::new(LE, elf::ET_EXEC),
        e_machine: U16::new(LE, elf::EM_X86_64),
        e_version: U32::new(LE, elf::EV_CURRENT.into()),
        e_entry: U64::new(LE, entry),
        e_phoff: U64::new(LE, FILE_HEADER_SIZE),
        e_shoff: U64::new(LE, layout.section_headers),
        e_flags: U32::new(LE, 0),
        e_ehsize: U16::new(LE, FILE_HEADER_SIZE as u16),
        e_phentsize: U16::new(LE, size_of::<elf::ProgramHeader64<LE>>() as u16),
        e_phnum: U16::new(LE, layout.segments.len() as u16),
        e_shentsize: U16::new(LE, SECTION_HEADER_SIZE as u16),
        e_shnum: U16::new(LE, layout.sections.len() as u16 + 1),
        e_shstrndx: U16::new(LE, index(layout, Contents::SectionNames) as u16),
    };
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        out[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(bytes_of(&header));
    for segment in &layout.segments {
        put(bytes_of(&elf::ProgramHeader64::<LE> {
            p_type: U32::new(LE, segment.kind),
            p_flags: U32::new(LE, segment.flags),
            p_offset: U64::new(LE, segment.offset),
            p_vaddr: U64::new(LE, segment.address),
            p_paddr: U64::new(LE, segment.address),
            p_filesz: U64::new(LE, segment.file_size),
            p_memsz: U64::new(LE, segment.memory_size),
            p_align: U64::new(LE, segment.align),
        }));
    }
    // Section header number 0 is all zeros, as is the buffer.
    let mut name = 1;
    let headers = &mut out[layout.section_headers as usize + SECTION_HEADER_SIZE as usize..];
    for (section, header) in layout
        .sections
        .iter()
        .zip(headers.chunks_exact_mut(SECTION_HEADER_SIZE as usize))
    {
        header.copy_from_slice(bytes_of(&section_header(layout, section, name)));
        name += section.name.len() as u32 + 1;
    }
}

fn section_header(
    layout: &Layout<'_>,
    section: &OutputSection<'_>,
    name: u32,
) -> elf::SectionHeader64<LE> {
    let (sh_type, flags) = match section.contents {
        Contents::Inputs(Kind::Note) => (elf::SHT_NOTE, elf::SHF_ALLOC),
        Contents::Inputs(Kind::Text) => (elf::SHT_PROGBITS, elf::SHF_ALLOC | elf::SHF_EXECINSTR),
        Contents::Inputs(Kind::Data) if layout.find(Contents::DataImage).is_some() => {
            (elf::SHT_NOBITS, elf::SHF_ALLOC | elf::SHF_WRITE)
        }
        Contents::Inputs(Kind::Data | Kind::Image(_)) => {
            (elf::SHT_PROGBITS, elf::SHF_ALLOC | elf::SHF_WRITE)
        }
        Contents::Inputs(Kind::Bss) => (elf::SHT_NOBITS, elf::SHF_ALLOC | elf::SHF_WRITE),
        Contents::Inputs(Kind::Debug) => (elf::SHT_PROGBITS, 0),
        Contents::Inputs(_) | Contents::DataImage | Contents::Table => {
            (elf::SHT_PROGBITS, elf::SHF_ALLOC)
        }
        Contents::UnwindHeader | Contents::Unwind => (elf::SHT_PROGBITS, elf::SHF_ALLOC),
        Contents::Symbols => (elf::SHT_SYMTAB, 0),
        Contents::SymbolNames | Contents::SectionNames => (elf::SHT_STRTAB, 0),
    };
    let (link, info, entry_size) = match section.contents {
        Contents::Symbols => (
            index(layout, Contents::SymbolNames) as u32,
            layout.symbols.first_global() as u32,
            SYMBOL_SIZE,
        ),
        Contents::Table => (0, 0, 8),
        _ => (0, 0, 0),
    };
    elf::SectionHeader64 {
        sh_name: U32::new(LE, name),
        sh_type: U32::new(LE, sh_type),
        sh_flags: U64::new(LE, flags.into()),
        sh_addr: U64::new(LE, section.address),
        sh_offset: U64::new(LE, section.offset),
        sh_size: U64::new(LE, section.size),
        sh_link: U32::new(LE, link),
        sh_info: U32::new(LE, info),
        sh_addralign: U64::new(LE, section.align),
        sh_entsize: U64::new(LE, entry_size),
    }
}

/// The index of a section's header.
fn index(layout: &Layout<'_>, contents: Contents) -> usize {
    let position = layout
        .sections
        .iter()
        .position(|section| section.contents == contents);
    position.map_or(0, |position| position + 1)
}
