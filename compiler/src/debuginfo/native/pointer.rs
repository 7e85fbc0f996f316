//! Pointers. One of the program is an offset in linear memory, of 4 bytes, and no debugger can be told to add a base to it.
//!
//! So a variable that is a pointer is described as what it means: a native pointer of 8 bytes, computed from the program's.
//! A debugger follows that one, and shows the string behind it. Pointers inside of something else in memory keep their size
//! and their value, and point to nothing that is known: followed as they are they would show something else.

use super::Slice;
use gimli::constants::DwTag;
use gimli::write::{AttributeValue, ConvertUnit, ConvertUnitEntry, UnitEntryId};
use gimli::{AttributeValue as ReadValue, UnitOffset};
use std::collections::HashMap;

/// How many types may stand between a variable's and the pointer that it is.
const DEPTH: usize = 16;

/// The native types of a unit.
#[derive(Debug, Default)]
pub(super) struct Pointers {
    /// By the type that they stand for, if that is one for which there is one.
    made: HashMap<UnitOffset, Option<UnitEntryId>>,
}

impl Pointers {
    /// The native type for variables of the type at `offset`, if they are pointers.
    pub(super) fn native(
        &mut self,
        unit: &mut ConvertUnit<'_, Slice<'_>>,
        offset: UnitOffset,
    ) -> Option<UnitEntryId> {
        self.make(unit, offset, DEPTH)
    }

    fn make(
        &mut self,
        unit: &mut ConvertUnit<'_, Slice<'_>>,
        offset: UnitOffset,
        depth: usize,
    ) -> Option<UnitEntryId> {
        if let Some(&made) = self.made.get(&offset) {
            return made;
        }
        let made = self.make_new(unit, offset, depth);
        self.made.insert(offset, made);
        made
    }

    fn make_new(
        &mut self,
        unit: &mut ConvertUnit<'_, Slice<'_>>,
        offset: UnitOffset,
        depth: usize,
    ) -> Option<UnitEntryId> {
        let depth = depth.checked_sub(1)?;
        let entry = ConvertUnitEntry::read(unit.read_unit, offset).ok()?;
        let target = type_of(&entry);
        let target = match entry.tag {
            tag if is_pointer(tag) => {
                // A pointer to a function is an index into a table.
                let target = match target {
                    Some(target) if is_function(unit, target) => return None,
                    Some(target) => Some(unit.convert_unit_ref(target).ok()?),
                    None => None,
                };
                target.map(AttributeValue::UnitRef)
            }
            gimli::DW_TAG_const_type
            | gimli::DW_TAG_volatile_type
            | gimli::DW_TAG_restrict_type
            | gimli::DW_TAG_typedef => {
                let target = self.make(unit, target?, depth)?;
                Some(AttributeValue::UnitRef(target))
            }
            _ => return None,
        };
        let root = unit.unit.root();
        let id = unit.unit.add(root, entry.tag);
        if let Some(name) = entry
            .attrs
            .iter()
            .find(|attr| attr.name() == gimli::DW_AT_name)
            && let Ok(name) = unit.convert_attribute_value(unit.read_unit, name, &|_| None)
        {
            unit.unit.get_mut(id).set(gimli::DW_AT_name, name);
        }
        let made = unit.unit.get_mut(id);
        if let Some(target) = target {
            made.set(gimli::DW_AT_type, target);
        }
        if is_pointer(entry.tag) {
            made.set(gimli::DW_AT_byte_size, AttributeValue::Udata(8));
        }
        Some(id)
    }
}

/// Whether values of such types are addresses in linear memory.
pub(super) fn is_pointer(tag: DwTag) -> bool {
    matches!(
        tag,
        gimli::DW_TAG_pointer_type
            | gimli::DW_TAG_reference_type
            | gimli::DW_TAG_rvalue_reference_type
    )
}

/// Where the entry says what type it has.
pub(super) fn type_of(entry: &ConvertUnitEntry<'_, Slice<'_>>) -> Option<UnitOffset> {
    reference(entry, gimli::DW_AT_type)
}

/// Where an attribute refers to, in the same unit.
pub(super) fn reference(
    entry: &ConvertUnitEntry<'_, Slice<'_>>,
    name: gimli::DwAt,
) -> Option<UnitOffset> {
    match entry.attr_value(name)? {
        ReadValue::UnitRef(offset) => Some(offset),
        _ => None,
    }
}

/// Whether a type is one of functions or of what refers to them by other names.
pub(super) fn is_function(unit: &ConvertUnit<'_, Slice<'_>>, offset: UnitOffset) -> bool {
    let mut offset = offset;
    for _ in 0..DEPTH {
        let Ok(entry) = ConvertUnitEntry::read(unit.read_unit, offset) else {
            return false;
        };
        match entry.tag {
            gimli::DW_TAG_subroutine_type => return true,
            gimli::DW_TAG_const_type | gimli::DW_TAG_volatile_type | gimli::DW_TAG_typedef => {}
            _ => return false,
        }
        match type_of(&entry) {
            Some(next) => offset = next,
            None => return false,
        }
    }
    false
}

/// Whether values of a type are passed in memory or in several registers, so that where a function returns one is not what a
/// debugger takes it to be.
pub(super) fn is_aggregate(unit: &ConvertUnit<'_, Slice<'_>>, offset: UnitOffset) -> bool {
    let mut offset = offset;
    for _ in 0..DEPTH {
        let Ok(entry) = ConvertUnitEntry::read(unit.read_unit, offset) else {
            return true;
        };
        match entry.tag {
            gimli::DW_TAG_const_type | gimli::DW_TAG_volatile_type | gimli::DW_TAG_typedef => {}
            gimli::DW_TAG_enumeration_type | gimli::DW_TAG_unspecified_type => return false,
            gimli::DW_TAG_base_type => {
                // Larger ones (`__int128`, `long double`) are passed in memory.
                let size = entry
                    .attr(gimli::DW_AT_byte_size)
                    .and_then(|attr| attr.udata_value());
                return size.is_none_or(|size| size > 8);
            }
            tag => return !is_pointer(tag),
        }
        match type_of(&entry) {
            Some(next) => offset = next,
            None => return false,
        }
    }
    true
}
