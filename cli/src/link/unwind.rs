//! `.eh_frame`: its records, and the binary search table over them.
//!
//! A section is a sequence of records, each a `u32` length (of what follows it), then a `u32` that is 0 in a common
//! information entry (CIE) and in a frame description entry (FDE) the distance from itself back to its CIE. An FDE's
//! next field is the address of the code that it describes. A record is kept when its code is.
//!
//! Source: Linux Standard Base, "Exception Frames"; `.eh_frame_hdr` likewise.

use std::collections::HashMap;

use object::LittleEndian as LE;

use super::read::Rela;

/// The unwind records of one section.
#[derive(Debug)]
pub(super) struct Unwind<'a> {
    /// The index of the section.
    pub(super) section: usize,
    /// Ascending by offset.
    pub(super) relocations: Vec<&'a Rela>,
    pub(super) cies: Vec<Record<'a>>,
    pub(super) fdes: Vec<Fde<'a>>,
}

/// One record, its length field included.
#[derive(Debug)]
pub(super) struct Record<'a> {
    /// Where it starts in its section.
    pub(super) offset: u64,
    pub(super) bytes: &'a [u8],
    /// Its part of [`Unwind::relocations`].
    pub(super) relocations: std::ops::Range<usize>,
}

#[derive(Debug)]
pub(super) struct Fde<'a> {
    pub(super) record: Record<'a>,
    /// Index in [`Unwind::cies`].
    pub(super) cie: usize,
}

/// Where an FDE has the address of its code.
const CODE_FIELD: u64 = 8;

/// Where a record has the distance to its CIE.
pub(super) const CIE_FIELD: usize = 4;

impl<'a> Unwind<'a> {
    /// Takes the contents of section number `section` apart.
    pub(super) fn parse(
        section: usize,
        data: &'a [u8],
        relocations: &'a [Rela],
    ) -> Result<Self, &'static str> {
        let mut relocations: Vec<&Rela> = relocations.iter().collect();
        relocations.sort_by_key(|relocation| relocation.r_offset.get(LE));
        let mut unwind = Unwind {
            section,
            relocations,
            cies: Vec::new(),
            fdes: Vec::new(),
        };
        let mut cie_at = HashMap::new();
        let (mut offset, mut next_relocation) = (0usize, 0usize);
        while let Some(length) = word(data, offset) {
            if length == 0 {
                break;
            }
            if length == u32::MAX {
                return Err("an unwind record of 64-bit format");
            }
            let end = offset
                .checked_add(4)
                .and_then(|start| start.checked_add(length as usize))
                .filter(|&end| end <= data.len() && length >= 4)
                .ok_or("an unwind record that is cut off")?;
            let start_relocation = next_relocation;
            while let Some(relocation) = unwind.relocations.get(next_relocation)
                && relocation.r_offset.get(LE) < end as u64
            {
                next_relocation += 1;
            }
            let record = Record {
                offset: offset as u64,
                bytes: &data[offset..end],
                relocations: start_relocation..next_relocation,
            };
            match word(data, offset + CIE_FIELD) {
                Some(0) => {
                    cie_at.insert(offset, unwind.cies.len());
                    unwind.cies.push(record);
                }
                Some(distance) => {
                    let cie = (offset + CIE_FIELD)
                        .checked_sub(distance as usize)
                        .and_then(|offset| cie_at.get(&offset))
                        .ok_or("an unwind record that refers to no other")?;
                    let described = unwind.relocations.get(start_relocation);
                    if described.map(|relocation| relocation.r_offset.get(LE))
                        != Some(offset as u64 + CODE_FIELD)
                    {
                        return Err("an unwind record that describes no code");
                    }
                    unwind.fdes.push(Fde { record, cie: *cie });
                }
                None => return Err("an unwind record that is cut off"),
            }
            offset = end;
        }
        if next_relocation != unwind.relocations.len() {
            return Err("relocations outside every unwind record");
        }
        Ok(unwind)
    }

    /// The relocation by which `fde` refers to its code.
    pub(super) fn code(&self, fde: &Fde<'_>) -> &'a Rela {
        self.relocations[fde.record.relocations.start]
    }
}

fn word(data: &[u8], offset: usize) -> Option<u32> {
    let bytes = data.get(offset..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

/// The size of the search table for `fdes` records, in bytes.
pub(super) fn header_size(fdes: usize) -> u64 {
    12 + 8 * fdes as u64
}

/// Writes the search table at `address` over the records at `frames`: pairs of addresses, of code and of the FDE that
/// describes it. `None` when a distance does not fit 32 bits.
pub(super) fn write_header(
    out: &mut [u8],
    address: u64,
    frames: u64,
    mut fdes: Vec<(u64, u64)>,
) -> Option<()> {
    // DW_EH_PE_pcrel | sdata4, udata4, DW_EH_PE_datarel | sdata4.
    const ENCODINGS: [u8; 4] = [1, 0x1b, 0x03, 0x3b];
    fdes.sort_unstable();
    let relative = |target: u64, base: u64| {
        let distance = i128::from(target) - i128::from(base);
        i32::try_from(distance).ok().map(i32::to_le_bytes)
    };
    out[..4].copy_from_slice(&ENCODINGS);
    out[4..8].copy_from_slice(&relative(frames, address + 4)?);
    out[8..12].copy_from_slice(&u32::try_from(fdes.len()).ok()?.to_le_bytes());
    for (entry, (code, fde)) in out[12..].chunks_exact_mut(8).zip(fdes) {
        entry[..4].copy_from_slice(&relative(code, address)?);
        entry[4..].copy_from_slice(&relative(fde, address)?);
    }
    Some(())
}
