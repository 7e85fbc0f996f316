//! Symbols that the linker itself defines: where it has put things.

use nativize_abi::symbol;
use object::{Object as _, ObjectSection as _, ObjectSegment as _, SectionKind, elf};

use super::read::{Object, Place, Symbol};

/// The section that has the copy of what `.data` is at first.
pub(super) const DATA_IMAGE_SECTION: &str = ".data.image";

/// What is at a range of addresses of an executable when code of the program runs for the first time, as far as the file
/// says: not where it begins as zeros.
pub fn initial_bytes<'a>(file: &object::File<'a>, address: u64, len: u64) -> Option<&'a [u8]> {
    let data = file.section_by_name(".data").filter(|data| {
        let end = data.address() + data.size();
        data.kind() == SectionKind::UninitializedData && (data.address()..end).contains(&address)
    });
    if let Some(data) = data {
        let image = file.section_by_name(DATA_IMAGE_SECTION)?;
        let copy = image.address() + (address - data.address());
        return image.data_range(copy, len).ok().flatten();
    }
    file.segments()
        .find_map(|segment| segment.data_range(address, len).ok().flatten())
}

/// A symbol whose value the layout decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Edge {
    StackEnd,
    DataImage,
    DataImageEnd,
}

/// All, with their names.
pub(super) const ALL: [(&str, Edge); 3] = [
    (symbol::STACK_END, Edge::StackEnd),
    (symbol::DATA_IMAGE, Edge::DataImage),
    (symbol::DATA_IMAGE_END, Edge::DataImageEnd),
];

/// What the symbols stand for: all are 0 when the runtime maps the stack and a segment has data's content.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Edges {
    pub(super) stack_end: u64,
    pub(super) data_image: u64,
    pub(super) data_image_end: u64,
}

impl Edges {
    pub(super) fn address(&self, edge: Edge) -> u64 {
        match edge {
            Edge::StackEnd => self.stack_end,
            Edge::DataImage => self.data_image,
            Edge::DataImageEnd => self.data_image_end,
        }
    }
}

/// The object that defines them.
pub(super) fn object<'a>() -> Object<'a> {
    let symbol = |(name, edge): (&'a str, Edge)| Symbol {
        name: name.as_bytes(),
        place: Place::Edge(edge),
        value: 0,
        size: 0,
        kind: elf::STT_NOTYPE,
        weak: false,
        hidden: true,
    };
    Object {
        name: "the linker",
        sections: Vec::new(),
        symbols: ALL.map(symbol).to_vec(),
        first_global: 0,
        local_symbols: false,
        groups: Vec::new(),
        unwind: Vec::new(),
    }
}
