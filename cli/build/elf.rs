//! Takes the debug sections out of a relocatable ELF object.
//!
//! `core` comes with line tables that no flag keeps out, several times the size of the code. Sections keep their
//! numbers, so nothing that refers to one by number has to change; a removed one leaves an unused header.

const HEADER_LEN: usize = 64;
const SECTION_HEADER_LEN: usize = 64;
const SYMBOL_LEN: usize = 24;

const SHT_SYMTAB: u32 = 2;
const SHT_NOBITS: u32 = 8;
const SHN_ABS: u16 = 0xfff1;

/// A section header, as far as it matters here.
struct Section {
    header: Vec<u8>,
    name: u32,
    kind: u32,
    offset: usize,
    size: usize,
    align: usize,
}

/// The object without its debug sections. `None` when it is no 64-bit little-endian ELF object.
pub(crate) fn without_debug(object: &[u8]) -> Option<Vec<u8>> {
    if object.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let count = usize::from(u16_at(object, 60)?);
    let names_index = usize::from(u16_at(object, 62)?);
    let table = usize_at(object, 40)?;
    let mut sections = (0..count)
        .map(|index| Section::read(object, table + index * SECTION_HEADER_LEN))
        .collect::<Option<Vec<_>>>()?;

    let names = sections.get(names_index)?.data(object)?;
    let removed = sections
        .iter()
        .map(|section| {
            let name = names.get(section.name as usize..)?;
            Some(name.starts_with(b".debug_") || name.starts_with(b".rela.debug_"))
        })
        .collect::<Option<Vec<_>>>()?;

    let mut out = object.get(..HEADER_LEN)?.to_vec();
    for (section, &removed) in sections.iter_mut().zip(&removed).skip(1) {
        if removed {
            section.header.fill(0);
            continue;
        }
        out.resize(out.len().next_multiple_of(section.align.max(1)), 0);
        let offset = out.len();
        section.header[24..32].copy_from_slice(&(offset as u64).to_le_bytes());
        if section.kind != SHT_NOBITS {
            out.extend_from_slice(section.data(object)?);
        }
    }
    let symbols = sections.iter().find(|section| section.kind == SHT_SYMTAB)?;
    let first = usize_at(&symbols.header, 24)?;
    for symbol in out
        .get_mut(first..first + symbols.size)?
        .chunks_exact_mut(SYMBOL_LEN)
    {
        // Only a section's own symbol is in a debug section. What remains is a local number that nobody uses.
        if removed.get(usize::from(u16_at(symbol, 6)?)) == Some(&true) {
            symbol.fill(0);
            symbol[6..8].copy_from_slice(&SHN_ABS.to_le_bytes());
        }
    }
    out.resize(out.len().next_multiple_of(8), 0);
    let table = out.len() as u64;
    out[40..48].copy_from_slice(&table.to_le_bytes());
    for section in &sections {
        out.extend_from_slice(&section.header);
    }
    Some(out)
}

impl Section {
    fn read(object: &[u8], at: usize) -> Option<Self> {
        let header = object.get(at..at + SECTION_HEADER_LEN)?.to_vec();
        Some(Section {
            name: u32_at(&header, 0)?,
            kind: u32_at(&header, 4)?,
            offset: usize_at(&header, 24)?,
            size: usize_at(&header, 32)?,
            align: usize_at(&header, 48)?,
            header,
        })
    }

    fn data<'a>(&self, object: &'a [u8]) -> Option<&'a [u8]> {
        object.get(self.offset..self.offset.checked_add(self.size)?)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn usize_at(bytes: &[u8], at: usize) -> Option<usize> {
    let value = u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?);
    usize::try_from(value).ok()
}
