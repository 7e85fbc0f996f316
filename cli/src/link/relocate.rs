//! Patches addresses into section contents that are already in their place in the file.

use object::LittleEndian as LE;

use super::error::display;
use super::gc::Live;
use super::layout::{Contents, FrameRecord, Layout};
use super::read::{Kind, Object, Rela};
use super::resolve::Resolution;
use super::unwind::CIE_FIELD;
use super::x86_64::{self, Operands};
use super::{LinkError, SectionId, SymbolId};

pub(super) struct Relocator<'l, 'a> {
    pub(super) objects: &'l [Object<'a>],
    pub(super) resolution: &'l Resolution<'a>,
    pub(super) live: &'l Live,
    pub(super) layout: &'l Layout<'a>,
}

impl Relocator<'_, '_> {
    /// Applies the relocations of section `id`, whose contents are `out`.
    pub(super) fn section(&self, id: SectionId, out: &mut [u8]) -> Result<(), LinkError> {
        let section = &self.objects[id.object].sections[id.section];
        let address = self.layout.section_address(id).unwrap_or(0);
        for relocation in section.relocations {
            let offset = relocation.r_offset.get(LE);
            self.apply(id, relocation, out, offset, address.wrapping_add(offset))?;
        }
        Ok(())
    }

    /// Applies `relocation` of section `from` at `offset` in `out`, which is at address `place` when it runs.
    fn apply(
        &self,
        from: SectionId,
        relocation: &Rela,
        out: &mut [u8],
        offset: u64,
        place: u64,
    ) -> Result<(), LinkError> {
        let object = &self.objects[from.object];
        let error = |message: String| LinkError::Relocation {
            object: object.name.to_owned(),
            section: display(object.sections[from.section].name),
            offset: relocation.r_offset.get(LE),
            message,
        };
        let r_type = relocation.r_type(LE, false);
        let kind =
            x86_64::Kind::of(r_type).ok_or_else(|| error(format!("unsupported type {r_type}")))?;
        if kind == x86_64::Kind::None {
            return Ok(());
        }
        let symbol = SymbolId {
            object: from.object,
            symbol: relocation.r_sym(LE, false) as usize,
        };
        let definition = self.resolution.definition(self.objects, symbol);
        let address = definition.and_then(|id| self.layout.symbol_address(self.objects, id));
        let mut operands = Operands {
            symbol: address.unwrap_or(0),
            addend: relocation.r_addend.get(LE),
            place,
            table: definition.and_then(|id| self.table_entry(id)),
        };
        if address.is_none() {
            if object.sections[from.section].kind != Kind::Debug {
                return Err(error(
                    "refers to a section that is not part of the executable".to_owned(),
                ));
            }
            // Code that was dropped. In lists of ranges a pair of zeros would end the list.
            let list = matches!(
                object.sections[from.section].name,
                b".debug_loc" | b".debug_ranges"
            );
            (operands.symbol, operands.addend) = (u64::from(list), 0);
        }
        x86_64::apply(kind, out, offset, operands).map_err(|message| {
            let name = object
                .symbols
                .get(symbol.symbol)
                .map_or(&b""[..], |symbol| symbol.name);
            error(format!("`{}`: {message}", display(name)))
        })
    }

    /// The address of a symbol's entry in the global offset table.
    fn table_entry(&self, id: SymbolId) -> Option<u64> {
        let index = *self.live.table_index.get(&id)?;
        Some(self.layout.find(Contents::Table)?.address + index as u64 * 8)
    }

    /// Writes the global offset table.
    pub(super) fn table(&self, out: &mut [u8]) {
        for (entry, id) in out.chunks_exact_mut(8).zip(&self.live.table) {
            let address = self.layout.symbol_address(self.objects, *id).unwrap_or(0);
            entry.copy_from_slice(&address.to_le_bytes());
        }
    }

    /// Writes the unwind records at `address`. Returns pairs of addresses: of code, and of the FDE that describes it.
    pub(super) fn unwind(
        &self,
        address: u64,
        out: &mut [u8],
    ) -> Result<Vec<(u64, u64)>, LinkError> {
        let mut described = Vec::new();
        for frame in &self.layout.frames {
            let object = &self.objects[frame.object];
            let unwind = &object.unwind[frame.unwind];
            let record = match frame.record {
                FrameRecord::Cie(cie) => &unwind.cies[cie],
                FrameRecord::Fde { fde, .. } => &unwind.fdes[fde].record,
            };
            let start = frame.offset as usize;
            let bytes = &mut out[start..start + record.bytes.len()];
            bytes.copy_from_slice(record.bytes);
            let from = SectionId {
                object: frame.object,
                section: unwind.section,
            };
            for relocation in &unwind.relocations[record.relocations.clone()] {
                let offset = relocation.r_offset.get(LE) - record.offset;
                let place = address + frame.offset + offset;
                self.apply(from, relocation, bytes, offset, place)?;
            }
            if let FrameRecord::Fde { fde, cie } = frame.record {
                let field = CIE_FIELD..CIE_FIELD + 4;
                let distance = frame.offset + CIE_FIELD as u64 - cie;
                let distance = u32::try_from(distance).map_err(|_| LinkError::Limit {
                    message: "more than 4 GiB of unwind records".to_owned(),
                })?;
                bytes[field].copy_from_slice(&distance.to_le_bytes());
                let code = unwind.code(&unwind.fdes[fde]);
                let symbol = SymbolId {
                    object: frame.object,
                    symbol: code.r_sym(LE, false) as usize,
                };
                let start = self
                    .layout
                    .symbol_address(self.objects, symbol)
                    .unwrap_or(0);
                let start = start.wrapping_add_signed(code.r_addend.get(LE));
                described.push((start, address + frame.offset));
            }
        }
        Ok(described)
    }
}
