//! Live sections -> output sections and segments: what goes where in the address space and in the file.
//!
//! ```text
//! read and write       the guest's stack, .data, .bss: no content in the file
//! read-only            ELF header, notes, .rodata, .got, .eh_frame_hdr, .eh_frame, what .data is at first
//! read and execute     .text
//! read and write       .data, .bss, if .data is large or the stack is
//! read and write       .nvz.image.*: pages of linear memory, each at its own address
//! not loaded           .debug_*, .symtab, .strtab, .shstrtab, section headers
//! ```
//!
//! All but the images follow each other in the file without padding: a segment's address is congruent to its offset, so
//! a page of the file that holds the end of one and the beginning of the next is mapped for both. Image pages are
//! linear memory, which the guest sees: no other byte of the file shares them.

use std::collections::HashMap;

use nativize_abi::address::{EXECUTABLE_BASE, EXECUTABLE_END, LOW_MEMORY_BASE, PAGE_SIZE};
use object::elf;

use super::edges::{DATA_IMAGE_SECTION, Edges};
use super::read::{Kind, Object, Place};
use super::resolve::Resolution;
use super::symbols::SymbolTable;
use super::{LinkError, LinkOptions, SectionId, SymbolId, gc::Live, segments, unwind};

/// The most segments that hold images of memory: each one costs at start.
pub(super) const MAX_IMAGES: usize = 16;
/// No address of a program is at or above this one.
const ADDRESS_END: u64 = 0x7fff_ffff_f000;

pub(super) const FILE_HEADER_SIZE: u64 = 64;
pub(super) const PROGRAM_HEADER_SIZE: u64 = 56;
pub(super) const SECTION_HEADER_SIZE: u64 = 64;
pub(super) const SYMBOL_SIZE: u64 = 24;

/// The executable, described.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    /// In the order of the file. Section header number `n + 1` is that of `sections[n]`.
    pub(super) sections: Vec<OutputSection<'a>>,
    pub(super) segments: Vec<Segment>,
    /// By object, then by section: where its contents are.
    placements: Vec<Vec<Option<Placement>>>,
    pub(super) frames: Vec<Frame>,
    pub(super) symbols: SymbolTable,
    edges: Edges,
    pub(super) section_headers: u64,
    pub(super) file_size: usize,
}

#[derive(Debug)]
pub(super) struct OutputSection<'a> {
    pub(super) name: &'a [u8],
    pub(super) contents: Contents,
    /// Zero when no segment loads it.
    pub(super) address: u64,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) align: u64,
    pub(super) region: Region,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Contents {
    /// Sections of the objects.
    Inputs(Kind),
    /// A copy of [`Kind::Data`], which is all zeros until the runtime has filled it in.
    DataImage,
    Table,
    UnwindHeader,
    Unwind,
    Symbols,
    SymbolNames,
    SectionNames,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Region {
    ReadOnly,
    Text,
    Data,
    Image,
    Unloaded,
}

/// Where a section of an object is: in which output section, and at what offset in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    pub(super) output: usize,
    pub(super) offset: u64,
}

/// A record of the output's `.eh_frame`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) object: usize,
    /// Index in the object's `unwind`.
    pub(super) unwind: usize,
    pub(super) record: FrameRecord,
    /// Offset in the output section.
    pub(super) offset: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum FrameRecord {
    /// Index in the unwind section's CIEs.
    Cie(usize),
    /// Index in the unwind section's FDEs, and the offset of its CIE in the output section.
    Fde { fde: usize, cie: u64 },
}

/// A program header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) kind: u32,
    pub(super) flags: u32,
    pub(super) offset: u64,
    pub(super) address: u64,
    pub(super) file_size: u64,
    pub(super) memory_size: u64,
    pub(super) align: u64,
}

impl Layout<'_> {
    /// Where a section's contents are; `None` for a section that is not part of the executable.
    pub(super) fn placement(&self, id: SectionId) -> Option<Placement> {
        self.placements[id.object][id.section]
    }

    /// The address of a section's first byte; in one that is not loaded, its offset.
    pub(super) fn section_address(&self, id: SectionId) -> Option<u64> {
        let placement = self.placement(id)?;
        Some(self.sections[placement.output].address + placement.offset)
    }

    /// The value of a symbol; `None` when its section is not part of the executable.
    pub(super) fn symbol_address(&self, objects: &[Object<'_>], id: SymbolId) -> Option<u64> {
        let symbol = &objects[id.object].symbols[id.symbol];
        match symbol.place {
            Place::Absolute => Some(symbol.value),
            Place::Undefined => None,
            Place::Edge(edge) => Some(self.edges.address(edge)),
            Place::Section(section) => {
                let base = self.section_address(SectionId {
                    object: id.object,
                    section,
                })?;
                base.checked_add(symbol.value)
            }
        }
    }

    /// The output section with these contents.
    pub(super) fn find(&self, contents: Contents) -> Option<&OutputSection<'_>> {
        self.sections
            .iter()
            .find(|section| section.contents == contents)
    }
}

pub(super) fn layout<'a>(
    objects: &[Object<'a>],
    resolution: &Resolution<'a>,
    live: &Live,
    options: &LinkOptions,
) -> Result<Layout<'a>, LinkError> {
    let mut builder = Builder {
        objects,
        live,
        sections: Vec::new(),
        placements: objects
            .iter()
            .map(|object| vec![None; object.sections.len()])
            .collect(),
    };
    builder.collect(Kind::Note, None)?;
    builder.collect(Kind::ReadOnly, Some(b".rodata"))?;
    let table_size = live.table.len() as u64 * 8;
    if table_size > 0 {
        builder.add(b".got", Contents::Table, table_size, 8, Region::ReadOnly);
    }
    let (frames, frames_size) = collect_frames(objects, live);
    let fdes = frames
        .iter()
        .filter(|frame| matches!(frame.record, FrameRecord::Fde { .. }));
    let header_size = unwind::header_size(fdes.count());
    if !frames.is_empty() {
        builder.add(
            b".eh_frame_hdr",
            Contents::UnwindHeader,
            header_size,
            4,
            Region::ReadOnly,
        );
        builder.add(
            b".eh_frame",
            Contents::Unwind,
            frames_size,
            8,
            Region::ReadOnly,
        );
    }
    builder.collect(Kind::Text, Some(b".text"))?;
    builder.collect(Kind::Data, Some(b".data"))?;
    builder.collect(Kind::Bss, Some(b".bss"))?;
    let below = segments::below(&builder.sections, builder.buffers(), options);
    if below.is_some() {
        builder.image_of_data();
    }
    let images = builder.images()?;
    let symbols = if options.strip {
        SymbolTable::default()
    } else {
        builder.collect(Kind::Debug, None)?;
        let symbols = SymbolTable::collect(objects, resolution, live);
        builder.add(
            b".symtab",
            Contents::Symbols,
            symbols.size(),
            8,
            Region::Unloaded,
        );
        builder.add(
            b".strtab",
            Contents::SymbolNames,
            symbols.names_size(),
            1,
            Region::Unloaded,
        );
        symbols
    };
    if symbols.names_size() > u64::from(u32::MAX) {
        return Err(limit("more than 4 GiB of symbol names".to_owned()));
    }
    builder.add(b".shstrtab", Contents::SectionNames, 0, 1, Region::Unloaded);
    let names_size = builder
        .sections
        .iter()
        .map(|section| section.name.len() as u64 + 1)
        .sum::<u64>();
    if let Some(names) = builder.sections.last_mut() {
        names.size = names_size + 1;
    }
    if builder.sections.len() >= usize::from(elf::SHN_LORESERVE) {
        return Err(limit("too many sections".to_owned()));
    }

    let Builder {
        mut sections,
        placements,
        ..
    } = builder;
    let assigned = segments::assign(&mut sections, &images, below)?;
    let section_headers = align_up(assigned.end, 8)?;
    let file_size = section_headers + (sections.len() as u64 + 1) * SECTION_HEADER_SIZE;
    Ok(Layout {
        sections,
        segments: assigned.segments,
        placements,
        frames,
        symbols,
        edges: assigned.edges,
        section_headers,
        file_size: usize::try_from(file_size)
            .map_err(|_| limit("the executable is too large".to_owned()))?,
    })
}

fn limit(message: String) -> LinkError {
    LinkError::Limit { message }
}

pub(super) fn too_large() -> LinkError {
    limit(format!(
        "the program is too large: code and read-only data must end below {EXECUTABLE_END:#x}"
    ))
}

pub(super) fn align_up(value: u64, align: u64) -> Result<u64, LinkError> {
    value.checked_next_multiple_of(align).ok_or_else(too_large)
}

struct Builder<'l, 'a> {
    objects: &'l [Object<'a>],
    live: &'l Live,
    sections: Vec<OutputSection<'a>>,
    placements: Vec<Vec<Option<Placement>>>,
}

impl<'a> Builder<'_, 'a> {
    fn add(&mut self, name: &'a [u8], contents: Contents, size: u64, align: u64, region: Region) {
        self.sections.push(OutputSection {
            name,
            contents,
            address: 0,
            offset: 0,
            size,
            align,
            region,
        });
    }

    /// Adds the live sections of a kind, in the objects' order (but [`Kind::Bss`] by size): to an output section
    /// called `name`, or each to the one of its own name.
    fn collect(&mut self, kind: Kind, name: Option<&'static [u8]>) -> Result<(), LinkError> {
        let region = match kind {
            Kind::Text => Region::Text,
            Kind::Data | Kind::Bss => Region::Data,
            Kind::Debug => Region::Unloaded,
            _ => Region::ReadOnly,
        };
        let mut members = Vec::new();
        for (index, object) in self.objects.iter().enumerate() {
            for (section, contents) in object.sections.iter().enumerate() {
                let id = SectionId {
                    object: index,
                    section,
                };
                if contents.kind == kind && self.live.contains(id) {
                    members.push((id, contents));
                }
            }
        }
        if kind == Kind::Bss {
            // Small variables share the page on which .data ends, which is touched anyway, instead of lying behind a
            // large buffer: a page fault less at start.
            members.sort_by_key(|(_, contents)| contents.size);
        }
        let mut outputs: HashMap<&[u8], usize> = HashMap::new();
        for (id, contents) in members {
            let name = name.unwrap_or(contents.name);
            let output = *outputs.entry(name).or_insert(self.sections.len());
            if output == self.sections.len() {
                let align = if kind == Kind::Note { 4 } else { 1 };
                self.add(name, Contents::Inputs(kind), 0, align, region);
            }
            self.place(id, output)?;
        }
        Ok(())
    }

    /// The bytes of variables that are no small ones, and lie behind those.
    fn buffers(&self) -> u64 {
        let sections = self.objects.iter().zip(&self.placements);
        sections
            .flat_map(|(object, placements)| object.sections.iter().zip(placements))
            .filter(|(section, placement)| {
                section.kind == Kind::Bss && section.size >= PAGE_SIZE && placement.is_some()
            })
            .map(|(section, _)| section.size)
            .sum()
    }

    /// Adds the copy of what `.data` is at first.
    fn image_of_data(&mut self) {
        let data = self
            .sections
            .iter()
            .find(|section| section.contents == Contents::Inputs(Kind::Data));
        if let Some((size, align)) = data.map(|data| (data.size, data.align)) {
            let region = Region::ReadOnly;
            self.add(
                DATA_IMAGE_SECTION.as_bytes(),
                Contents::DataImage,
                size,
                align,
                region,
            );
        }
    }

    fn place(&mut self, id: SectionId, output: usize) -> Result<(), LinkError> {
        let contents = &self.objects[id.object].sections[id.section];
        let section = &mut self.sections[output];
        // Notes follow each other at multiples of 4, whatever their sections say.
        let align = if contents.kind == Kind::Note {
            4
        } else {
            contents.align
        };
        let offset = align_up(section.size, align)?;
        section.size = offset.checked_add(contents.size).ok_or_else(too_large)?;
        section.align = section.align.max(align);
        self.placements[id.object][id.section] = Some(Placement { output, offset });
        Ok(())
    }

    /// Adds the images of memory, ascending by address, and gives the ranges of addresses that one segment can map.
    fn images(&mut self) -> Result<Vec<(u64, u64)>, LinkError> {
        let mut found = Vec::new();
        for (index, object) in self.objects.iter().enumerate() {
            for (section, contents) in object.sections.iter().enumerate() {
                let id = SectionId {
                    object: index,
                    section,
                };
                if let Kind::Image(address) = contents.kind
                    && contents.size > 0
                    && self.live.contains(id)
                {
                    found.push((address, id));
                }
            }
        }
        found.sort_unstable();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for (address, id) in found {
            let contents = &self.objects[id.object].sections[id.section];
            let end = address
                .checked_add(contents.size)
                .filter(|&end| end <= ADDRESS_END);
            let is_free = |&end: &u64| {
                address >= LOW_MEMORY_BASE && (end <= EXECUTABLE_BASE || address >= EXECUTABLE_END)
            };
            let Some(end) = end.filter(is_free) else {
                return Err(limit(format!("no image of memory can be at {address:#x}")));
            };
            match ranges.last_mut() {
                Some((_, last)) if *last > address => {
                    return Err(limit(format!(
                        "two images of memory overlap at {address:#x}"
                    )));
                }
                Some((_, last)) if *last == address => *last = end,
                _ => ranges.push((address, end)),
            }
            let output = self.sections.len();
            self.add(
                contents.name,
                Contents::Inputs(contents.kind),
                0,
                PAGE_SIZE,
                Region::Image,
            );
            self.sections[output].address = address;
            self.place(id, output)?;
        }
        if ranges.len() > MAX_IMAGES {
            return Err(limit(format!(
                "{} separate images of memory, at most {MAX_IMAGES} are accepted",
                ranges.len()
            )));
        }
        Ok(ranges)
    }
}

/// The unwind records of live code, each CIE before the first FDE that needs it, and the size of them all.
fn collect_frames(objects: &[Object<'_>], live: &Live) -> (Vec<Frame>, u64) {
    let mut frames = Vec::new();
    let mut offset = 0;
    for (object, contents) in objects.iter().enumerate() {
        for (unwind, records) in contents.unwind.iter().enumerate() {
            let mut cies: Vec<Option<u64>> = vec![None; records.cies.len()];
            for (fde, record) in records.fdes.iter().enumerate() {
                if !live.describes_live(objects, object, records.code(record)) {
                    continue;
                }
                let mut add = |record, size: usize| {
                    let at = offset;
                    frames.push(Frame {
                        object,
                        unwind,
                        record,
                        offset,
                    });
                    offset += size as u64;
                    at
                };
                let cie = *cies[record.cie].get_or_insert_with(|| {
                    add(
                        FrameRecord::Cie(record.cie),
                        records.cies[record.cie].bytes.len(),
                    )
                });
                add(FrameRecord::Fde { fde, cie }, record.record.bytes.len());
            }
        }
    }
    // A record of length zero ends them.
    (frames, offset + 4)
}
