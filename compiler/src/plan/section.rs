//! The data sections of the program object while they grow.

use crate::program::FuncId;

/// A data section of the program object. Compiled code addresses state as an offset from one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Block {
    /// Constants.
    Rodata,
    /// Writable, with initial content.
    Data,
    /// Writable, zero at start.
    Bss,
    /// Writable, and one for all threads where the others are each thread's own: only in programs that start threads.
    Shared,
}

impl Block {
    /// All of them: every function declares them in this order, which makes their global values interchangeable
    /// between functions.
    pub(crate) const ALL: [Block; 4] = [Block::Rodata, Block::Data, Block::Bss, Block::Shared];
}

/// A fixed place in a data section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub block: Block,
    pub offset: u32,
}

/// What an address in the data refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The first instruction of a function.
    Function(FuncId),
    /// A place in a data section.
    Place(Place),
    /// An offset in the text.
    Text(u32),
    /// A symbol of the runtime.
    Runtime(&'static str),
}

/// An 8-byte absolute address to fill in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataReloc {
    pub block: Block,
    pub offset: u32,
    pub target: Target,
}

/// The contents of the data sections.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    pub rodata: Vec<u8>,
    pub data: Vec<u8>,
    pub bss: u64,
    pub shared: Vec<u8>,
    pub relocs: Vec<DataReloc>,
    /// Set when a section has outgrown what a 32-bit offset reaches: places mean nothing then.
    pub overflow: bool,
}

impl Sections {
    /// Room for `size` zero bytes.
    pub(crate) fn reserve(&mut self, block: Block, size: u64, align: u64) -> Place {
        let start = match block {
            Block::Rodata => grow(&mut self.rodata, size, align),
            Block::Data => grow(&mut self.data, size, align),
            Block::Shared => grow(&mut self.shared, size, align),
            Block::Bss => {
                let start = self.bss.checked_next_multiple_of(align).unwrap_or(self.bss);
                self.bss = start.saturating_add(size);
                start
            }
        };
        // Code reaches a place by a signed 32-bit offset from the start of its section.
        let offset = i32::try_from(start.saturating_add(size)).map_or_else(
            |_| {
                self.overflow = true;
                0
            },
            |_| start as u32,
        );
        Place { block, offset }
    }

    /// Writes bytes at a place that was reserved.
    pub(crate) fn write(&mut self, place: Place, at: usize, bytes: &[u8]) {
        if self.overflow {
            return;
        }
        let start = place.offset as usize + at;
        let section = match place.block {
            Block::Rodata => &mut self.rodata,
            Block::Data => &mut self.data,
            Block::Shared => &mut self.shared,
            Block::Bss => unreachable!("nothing is written to zero-initialised data"),
        };
        section[start..start + bytes.len()].copy_from_slice(bytes);
    }

    /// Puts `bytes` at a new place.
    pub(crate) fn append(&mut self, block: Block, bytes: &[u8], align: u64) -> Place {
        let place = self.reserve(block, bytes.len() as u64, align);
        self.write(place, 0, bytes);
        place
    }

    /// Lets the linker fill in an address.
    pub(crate) fn address(&mut self, place: Place, at: usize, target: Target) {
        let offset = place.offset + u32::try_from(at).expect("a place is smaller than its section");
        self.relocs.push(DataReloc {
            block: place.block,
            offset,
            target,
        });
    }
}

fn grow(section: &mut Vec<u8>, size: u64, align: u64) -> u64 {
    let start = (section.len() as u64).next_multiple_of(align);
    let end = start.saturating_add(size);
    // Beyond what an offset reaches nothing is allocated: the caller reports the limit.
    if end <= i32::MAX as u64 {
        section.resize(end as usize, 0);
    }
    start
}
