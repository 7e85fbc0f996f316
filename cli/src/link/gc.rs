//! What the executable needs: every section that the roots reach through relocations.

use std::collections::HashMap;

use nativize_abi::symbol;
use object::LittleEndian as LE;

use super::error::display;
use super::read::{Kind, Object, Place, Rela};
use super::resolve::Resolution;
use super::{LinkError, SectionId, SymbolId, x86_64};

/// The live part of the objects.
#[derive(Debug)]
pub(super) struct Live {
    /// By object, then by section. Unwind sections are never in it: their records are live one by one.
    sections: Vec<Vec<bool>>,
    /// The symbols whose addresses live code takes from the global offset table, in the order of their entries.
    pub(super) table: Vec<SymbolId>,
    /// The index of a symbol in `table`.
    pub(super) table_index: HashMap<SymbolId, usize>,
    /// Where execution begins.
    pub(super) entry: SymbolId,
}

impl Live {
    pub(super) fn contains(&self, id: SectionId) -> bool {
        self.sections[id.object][id.section]
    }

    /// Whether the code that an unwind record of `object` describes, by relocation `code`, is live.
    pub(super) fn describes_live(
        &self,
        objects: &[Object<'_>],
        object: usize,
        code: &Rela,
    ) -> bool {
        described(&objects[object], code).is_some_and(|section| self.sections[object][section])
    }
}

/// The section of the code that an unwind record describes. It is always the record's own object's: the records of a
/// superseded group describe that group's copy, not the one that took its place.
fn described(object: &Object<'_>, code: &Rela) -> Option<usize> {
    match object.symbols.get(code.r_sym(LE, false) as usize)?.place {
        Place::Section(section) => Some(section),
        _ => None,
    }
}

/// Marks everything that the entry point, the program, its configuration and the sections to retain reach.
pub(super) fn mark(objects: &[Object<'_>], resolution: &Resolution<'_>) -> Result<Live, LinkError> {
    let entry = resolution
        .global(symbol::START)
        .ok_or(LinkError::NoEntryPoint)?;
    let mut marker = Marker {
        objects,
        resolution,
        unwind: objects.iter().map(unwind_by_code).collect(),
        pending: Vec::new(),
        takes: HashMap::new(),
        live: Live {
            sections: objects
                .iter()
                .map(|object| vec![false; object.sections.len()])
                .collect(),
            table: Vec::new(),
            table_index: HashMap::new(),
            entry,
        },
    };
    for root in [
        symbol::START,
        symbol::PROGRAM,
        symbol::CONFIG,
        symbol::CONFIG_LEN,
    ] {
        if let Some(id) = resolution.global(root) {
            marker.reach(id);
        }
    }
    for (index, object) in objects.iter().enumerate() {
        for (section, contents) in object.sections.iter().enumerate() {
            if contents.retain || contents.kind == Kind::Debug {
                let id = SectionId {
                    object: index,
                    section,
                };
                if !resolution.superseded(id) {
                    marker.keep(id);
                }
            }
        }
    }
    while let Some(id) = marker.pending.pop() {
        marker.scan(id)?;
    }
    let Marker {
        mut live, takes, ..
    } = marker;
    live.table = takes.keys().copied().collect();
    live.table
        .sort_unstable_by_key(|symbol| takes.get(symbol).copied());
    let indices = live.table.iter().enumerate();
    live.table_index = indices.map(|(index, &symbol)| (symbol, index)).collect();
    Ok(live)
}

/// Unwind records (index of the section in `Object::unwind`, and of the FDE in it) by the section that they describe.
type UnwindByCode = HashMap<usize, Vec<(usize, usize)>>;

fn unwind_by_code(object: &Object<'_>) -> UnwindByCode {
    let mut by_code = UnwindByCode::new();
    for (index, unwind) in object.unwind.iter().enumerate() {
        for (fde, record) in unwind.fdes.iter().enumerate() {
            // A record with no relocation but the one to its code keeps nothing alive, nor does its CIE.
            let cie = &unwind.cies[record.cie];
            let relevant = record.record.relocations.len() > 1 || !cie.relocations.is_empty();
            if relevant && let Some(section) = described(object, unwind.code(record)) {
                by_code.entry(section).or_default().push((index, fde));
            }
        }
    }
    by_code
}

struct Marker<'l, 'a> {
    objects: &'l [Object<'a>],
    resolution: &'l Resolution<'a>,
    unwind: Vec<UnwindByCode>,
    /// Live sections whose relocations are not followed yet.
    pending: Vec<SectionId>,
    /// Where in the objects an address is first taken from the global offset table: that is the order of its entries.
    takes: HashMap<SymbolId, (usize, usize, u64)>,
    live: Live,
}

impl Marker<'_, '_> {
    fn keep(&mut self, id: SectionId) {
        let kind = self.objects[id.object].sections[id.section].kind;
        let live = &mut self.live.sections[id.object][id.section];
        if !*live && !matches!(kind, Kind::Discarded | Kind::Unwind) {
            *live = true;
            self.pending.push(id);
        }
    }

    fn reach(&mut self, id: SymbolId) {
        if let Place::Section(section) = self.objects[id.object].symbols[id.symbol].place {
            self.keep(SectionId {
                object: id.object,
                section,
            });
        }
    }

    fn scan(&mut self, id: SectionId) -> Result<(), LinkError> {
        let object = &self.objects[id.object];
        let section = &object.sections[id.section];
        if section.kind == Kind::Debug {
            // Debug information describes what is live and keeps nothing alive.
            return Ok(());
        }
        for relocation in section.relocations {
            self.follow(id, relocation)?;
        }
        if let Some(records) = self.unwind[id.object].remove(&id.section) {
            for (unwind, fde) in records {
                let unwind = &object.unwind[unwind];
                let fde = &unwind.fdes[fde];
                let from = SectionId {
                    object: id.object,
                    section: unwind.section,
                };
                let cie = unwind.cies[fde.cie].relocations.clone();
                let rest = fde.record.relocations.start + 1..fde.record.relocations.end;
                for index in rest.chain(cie) {
                    self.follow(from, unwind.relocations[index])?;
                }
            }
        }
        Ok(())
    }

    /// Keeps what `relocation` in section `from` refers to.
    fn follow(&mut self, from: SectionId, relocation: &Rela) -> Result<(), LinkError> {
        let object = &self.objects[from.object];
        let section = &object.sections[from.section];
        let error = |message: &str| LinkError::Relocation {
            object: object.name.to_owned(),
            section: display(section.name),
            offset: relocation.r_offset.get(LE),
            message: message.to_owned(),
        };
        let r_type = relocation.r_type(LE, false);
        let kind =
            x86_64::Kind::of(r_type).ok_or_else(|| error(&format!("unsupported type {r_type}")))?;
        if kind == x86_64::Kind::None {
            return Ok(());
        }
        let symbol = SymbolId {
            object: from.object,
            symbol: relocation.r_sym(LE, false) as usize,
        };
        let reference = object.symbols.get(symbol.symbol);
        let reference = reference.ok_or_else(|| error("refers to a symbol that does not exist"))?;
        let Some(definition) = self.resolution.definition(self.objects, symbol) else {
            return Err(LinkError::Undefined {
                symbol: display(reference.name),
                object: object.name.to_owned(),
                section: display(section.name),
            });
        };
        if let Place::Section(target) =
            self.objects[definition.object].symbols[definition.symbol].place
            && matches!(
                self.objects[definition.object].sections[target].kind,
                Kind::Discarded | Kind::Unwind
            )
        {
            return Err(error(
                "refers to a section that is not part of the executable",
            ));
        }
        let (offset, addend) = (relocation.r_offset.get(LE), relocation.r_addend.get(LE));
        if kind.needs_table(section.data, offset, addend) {
            let place = (from.object, from.section, offset);
            let first = self.takes.entry(definition).or_insert(place);
            *first = place.min(*first);
        }
        self.reach(definition);
        Ok(())
    }
}
