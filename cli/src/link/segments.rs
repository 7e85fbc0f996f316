//! Addresses and file offsets of output sections, and the segments that map them.

use nativize_abi::address::{EXECUTABLE_BASE, EXECUTABLE_END, LOW_STACK_MAX, PAGE_SIZE};
use nativize_abi::config::DEFAULT_STACK_SIZE;
use object::elf;

use super::edges::Edges;
use super::layout::{
    Contents, FILE_HEADER_SIZE, OutputSection, PROGRAM_HEADER_SIZE, Region, Segment, align_up,
    too_large,
};
use super::read::Kind;
use super::{LinkError, LinkOptions};

/// The most bytes of `.data` that are copied at start instead of being mapped.
const MAX_COPIED: u64 = PAGE_SIZE;

/// What the layout of segments decides.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) segments: Vec<Segment>,
    pub(super) edges: Edges,
    /// Where the contents of the last section end.
    pub(super) end: u64,
}

/// A segment for the stack and, above it, `.data` and `.bss`. It has no content in the file, so that the kernel maps it at a
/// fraction of what another one costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Below {
    stack: u64,
    /// Bytes of `.data` and of small variables, which come first.
    small: u64,
}

/// What lies in one segment with the stack, of which the last `buffers` bytes are large variables. It asks for a stack of no
/// more than the usual size (where the kernel cannot map a larger one, the runtime says so), and for data that is soon copied.
pub(super) fn below(
    sections: &[OutputSection<'_>],
    buffers: u64,
    options: &LinkOptions,
) -> Option<Below> {
    let stack = options.stack.filter(|&size| size <= DEFAULT_STACK_SIZE)?;
    let data = || sections.iter().filter(|s| s.region == Region::Data);
    let size: u64 = data().map(|section| section.size + section.align).sum();
    let copied = data().filter(|section| section.contents == Contents::Inputs(Kind::Data));
    let fits = size <= LOW_STACK_MAX - DEFAULT_STACK_SIZE - PAGE_SIZE;
    let small = size.saturating_sub(buffers);
    (fits && copied.map(|section| section.size).sum::<u64>() <= MAX_COPIED)
        .then_some(Below { stack, small })
}

impl Below {
    /// Gives `.data` and `.bss` their addresses below the executable's. Returns the segment, and where the stack ends.
    fn place(self, sections: &mut [OutputSection<'_>]) -> Result<(Segment, u64), LinkError> {
        let data = || sections.iter().filter(|s| s.region == Region::Data);
        let align = data().map(|section| section.align).max().unwrap_or(1);
        let mut size = 0;
        for section in data() {
            size = align_up(size, section.align)? + section.size;
        }
        // Small variables lie on the page where the stack ends: a page fault less at start.
        let shared = self.small.min(PAGE_SIZE / 2).next_multiple_of(align);
        let before = PAGE_SIZE.saturating_sub(shared);
        let start = EXECUTABLE_BASE - align_up(before + size, PAGE_SIZE.max(align))? + before;
        let mut address = start;
        for section in sections.iter_mut().filter(|s| s.region == Region::Data) {
            section.address = align_up(address, section.align)?;
            address = section.address + section.size;
        }
        let bottom = start / PAGE_SIZE * PAGE_SIZE - self.stack;
        let segment = Segment {
            kind: elf::PT_LOAD,
            flags: elf::PF_R | elf::PF_W,
            offset: 0,
            address: bottom,
            file_size: 0,
            memory_size: address - bottom,
            align: PAGE_SIZE,
        };
        Ok((segment, start))
    }
}

/// Gives every section its address and file offset. `below` is what [`below`] says.
pub(super) fn assign(
    sections: &mut [OutputSection<'_>],
    images: &[(u64, u64)],
    below: Option<Below>,
) -> Result<Assigned, LinkError> {
    let mut edges = Edges::default();
    let below = match below {
        Some(below) => {
            let (segment, end) = below.place(sections)?;
            edges.stack_end = end;
            Some(segment)
        }
        None => None,
    };
    let loads: Vec<(Region, u32)> = [
        (Region::ReadOnly, elf::PF_R),
        (Region::Text, elf::PF_R | elf::PF_X),
        (Region::Data, elf::PF_R | elf::PF_W),
    ]
    .into_iter()
    .filter(|(region, _)| match region {
        Region::ReadOnly => true,
        Region::Data if below.is_some() => false,
        _ => sections.iter().any(|s| s.region == *region),
    })
    .collect();
    // An empty section still has an address, but no segment; the first segment has the headers.
    let filled = |region| {
        region == Region::ReadOnly || sections.iter().any(|s| s.region == region && s.size > 0)
    };
    let loaded = loads.iter().filter(|(region, _)| filled(*region)).count();
    let notes = sections
        .iter()
        .any(|section| section.contents == Contents::Inputs(Kind::Note));
    let unwind = sections
        .iter()
        .any(|section| section.contents == Contents::UnwindHeader);
    let loaded = loaded + usize::from(below.is_some());
    let headers = loaded + images.len() + usize::from(notes) + usize::from(unwind) + 1;

    let mut segments = Vec::with_capacity(headers);
    segments.extend(below);
    let mut offset = FILE_HEADER_SIZE + headers as u64 * PROGRAM_HEADER_SIZE;
    let mut address = EXECUTABLE_BASE + offset;
    for (region, flags) in loads {
        let members = || {
            sections
                .iter()
                .filter(move |section| section.region == region)
        };
        let start = if region == Region::ReadOnly {
            (0, EXECUTABLE_BASE)
        } else if members()
            .all(|section| section.contents == Contents::Inputs(Kind::Bss) || section.size == 0)
        {
            // Kernels before 6.6 map nothing for the first, partial page of a segment without file contents.
            address = align_up(address, PAGE_SIZE)?;
            (offset - offset % PAGE_SIZE, address)
        } else {
            let align = members().next().map_or(1, |section| section.align);
            let next = align_up(align_up(address, PAGE_SIZE)? + offset % PAGE_SIZE, align)?;
            offset += (next - offset % PAGE_SIZE) % PAGE_SIZE;
            address = next;
            (offset, address)
        };
        // The headers are contents too.
        let mut file_end = if region == Region::ReadOnly {
            offset
        } else {
            start.0
        };
        for section in sections
            .iter_mut()
            .filter(|section| section.region == region)
        {
            let aligned = align_up(address, section.align)?;
            let padding = aligned - address;
            let end = aligned
                .checked_add(section.size)
                .filter(|&end| end <= EXECUTABLE_END);
            section.address = aligned;
            let end = end.ok_or_else(too_large)?;
            // An empty section takes no padding: where nothing can be written, the kernel leaves what follows in the file in its place.
            if section.size > 0 {
                address = end;
            }
            if section.contents == Contents::Inputs(Kind::Bss) || section.size == 0 {
                section.offset = file_end;
            } else {
                section.offset = offset + padding;
                offset = section.offset + section.size;
                file_end = offset;
            }
        }
        if address == start.1 {
            continue;
        }
        segments.push(Segment {
            kind: elf::PT_LOAD,
            flags,
            offset: start.0,
            address: start.1,
            file_size: file_end.saturating_sub(start.0),
            memory_size: address - start.1,
            align: PAGE_SIZE,
        });
    }
    let image = |section: &OutputSection<'_>| {
        (section.contents == Contents::DataImage).then_some((
            section.offset,
            section.address,
            section.size,
        ))
    };
    if let Some((offset, address, size)) = sections.iter().find_map(image) {
        edges.data_image = address;
        edges.data_image_end = address + size;
        for section in sections.iter_mut().filter(|s| s.region == Region::Data) {
            section.offset = offset;
        }
    }
    for &(start, end) in images {
        offset = align_up(offset, PAGE_SIZE)?;
        segments.push(Segment {
            kind: elf::PT_LOAD,
            flags: elf::PF_R | elf::PF_W,
            offset,
            address: start,
            file_size: end - start,
            memory_size: end - start,
            align: PAGE_SIZE,
        });
        for section in sections.iter_mut() {
            if section.region == Region::Image && (start..end).contains(&section.address) {
                section.offset = offset;
                offset += section.size;
            }
        }
    }
    // In the order of addresses: the memory in the low slot lies below the rest.
    segments.sort_by_key(|segment| segment.address);
    for section in sections
        .iter_mut()
        .filter(|section| section.region == Region::Unloaded)
    {
        section.offset = align_up(offset, section.align)?;
        offset = section
            .offset
            .checked_add(section.size)
            .ok_or_else(too_large)?;
    }
    segments.extend(described(
        sections,
        Contents::Inputs(Kind::Note),
        elf::PT_NOTE,
    ));
    segments.extend(described(
        sections,
        Contents::UnwindHeader,
        elf::PT_GNU_EH_FRAME,
    ));
    segments.push(Segment {
        kind: elf::PT_GNU_STACK,
        flags: elf::PF_R | elf::PF_W,
        offset: 0,
        address: 0,
        file_size: 0,
        memory_size: 0,
        align: 16,
    });
    Ok(Assigned {
        segments,
        edges,
        end: offset,
    })
}

/// A program header that points at the sections with some contents, which follow each other.
fn described(sections: &[OutputSection<'_>], contents: Contents, kind: u32) -> Option<Segment> {
    let mut matching = sections
        .iter()
        .filter(|section| section.contents == contents);
    let first = matching.next()?;
    let last = matching.next_back().unwrap_or(first);
    let size = last.address + last.size - first.address;
    Some(Segment {
        kind,
        flags: elf::PF_R,
        offset: first.offset,
        address: first.address,
        file_size: size,
        memory_size: size,
        align: 4,
    })
}
