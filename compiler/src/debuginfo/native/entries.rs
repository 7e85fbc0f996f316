//! The entries of units: functions, blocks, variables and types, with native addresses and locations.

use super::expression::{Template, Wanted, World};
use super::map::{FunctionMap, Place, Range, join};
use super::pointer::{Pointers, is_aggregate, is_function, is_pointer, reference, type_of};
use super::{Bodies, Budget, Exhausted, Slice, code_ranges};
use crate::translate::Home;
use gimli::write::{
    Address, AttributeValue, ConvertUnit, ConvertUnitEntry, FilterUnitEntry, Location,
    LocationList, Range as WrittenRange, RangeList, UnitEntryId,
};
use gimli::{AttributeValue as ReadValue, UnitOffset};
use std::collections::HashMap;

/// What the conversion of a module's units reads.
pub(super) struct Scene<'a> {
    pub world: World,
    pub bodies: Bodies,
    /// The machine code of functions that have some, by ascending wasm addresses.
    pub functions: Vec<FunctionMap<'a>>,
    /// Positions in `functions`, by the number among the module's functions.
    pub numbers: HashMap<usize, usize>,
}

impl Scene<'_> {
    /// The function whose wasm code is from `low` to `high`, by its position.
    pub(super) fn function(&self, low: u64, high: u64) -> Option<usize> {
        let number = self.bodies.at(low, high)?;
        self.numbers.get(&number).copied()
    }

    /// Whether an entry is wanted for itself: a function with code, or a variable with an address.
    pub(super) fn is_wanted(&self, entry: &FilterUnitEntry<'_, Slice<'_>>) -> bool {
        match entry.tag {
            gimli::DW_TAG_subprogram => {
                let ranges = code_ranges(entry.read_unit, &entry.read_entry);
                let range = ranges.and_then(|mut ranges| ranges.next().ok().flatten());
                range.is_some_and(|range| self.function(range.begin, range.end).is_some())
            }
            gimli::DW_TAG_variable => {
                let is_global = entry.parent_tag.is_none_or(|tag| {
                    tag == gimli::DW_TAG_namespace || tag == gimli::DW_TAG_module
                });
                is_global && entry.has_attr(gimli::DW_AT_location)
            }
            _ => false,
        }
    }
}

/// An expression, and the wasm addresses that it is for, if not for all.
type Ranged = (Option<(u64, u64)>, Template);

/// A range of machine code, and where homes are in it.
type Known = (Range, Vec<(Home, Place)>);

/// The conversion of one unit.
pub(super) struct Entries<'u, 'a, 's> {
    pub unit: ConvertUnit<'u, Slice<'a>>,
    pub scene: &'s Scene<'s>,
    pub budget: &'s mut Budget,
    pub pointers: Pointers,
    /// Whether it is written in C, where a linkage name is what wasm needs, e.g. for `main`, and nobody looks for.
    is_c: bool,
    /// The functions around the entry, with their depths.
    functions: Vec<(isize, usize)>,
    /// Entries of this depth and deeper are in one that was left out.
    skipped: Option<isize>,
}

impl<'u, 'a, 's> Entries<'u, 'a, 's> {
    pub(super) fn new(
        unit: ConvertUnit<'u, Slice<'a>>,
        root: &ConvertUnitEntry<'u, Slice<'a>>,
        scene: &'s Scene<'s>,
        budget: &'s mut Budget,
    ) -> Self {
        let is_c = matches!(
            root.attr_value(gimli::DW_AT_language),
            Some(ReadValue::Language(
                gimli::DW_LANG_C
                    | gimli::DW_LANG_C89
                    | gimli::DW_LANG_C99
                    | gimli::DW_LANG_C11
                    | gimli::DW_LANG_C17
            ))
        );
        Entries {
            unit,
            is_c,
            scene,
            budget,
            pointers: Pointers::default(),
            functions: Vec::new(),
            skipped: None,
        }
    }

    /// Converts the entry of the unit itself, whose functions are those at `positions`.
    pub(super) fn root(
        &mut self,
        entry: &ConvertUnitEntry<'_, Slice<'a>>,
        positions: &[usize],
    ) -> Result<(), Exhausted> {
        let root = self.unit.unit.root();
        self.attributes(root, entry)?;
        let ranges = positions.iter().map(|&position| {
            let function = &self.scene.functions[position];
            WrittenRange::StartLength {
                begin: text(function.start),
                length: function.size.into(),
            }
        });
        let ranges = RangeList(ranges.collect());
        if !ranges.0.is_empty() {
            let list = self.unit.unit.ranges.add(ranges);
            let low = AttributeValue::Address(Address::Constant(0));
            let root = self.unit.unit.get_mut(root);
            root.set(gimli::DW_AT_low_pc, low);
            root.set(gimli::DW_AT_ranges, AttributeValue::RangeListRef(list));
        }
        Ok(())
    }

    /// Converts an entry, for which `id` is reserved. If it is a function with code, its position is added to `positions`.
    pub(super) fn entry(
        &mut self,
        id: UnitEntryId,
        entry: &ConvertUnitEntry<'_, Slice<'a>>,
        positions: &mut Vec<usize>,
    ) -> Result<(), Exhausted> {
        self.budget.spend(1 + entry.attrs.len())?;
        if self.skipped.is_some_and(|depth| entry.depth > depth) {
            return Ok(());
        }
        self.skipped = None;
        if is_left_out(entry.tag) {
            self.skipped = Some(entry.depth);
            return Ok(());
        }
        while self
            .functions
            .last()
            .is_some_and(|&(depth, _)| depth >= entry.depth)
        {
            self.functions.pop();
        }
        let is_opaque = is_pointer(entry.tag)
            && !type_of(entry).is_some_and(|target| is_function(&self.unit, target));
        if is_opaque {
            // What a debugger would read at the address is something else.
            let parent = entry.parent.unwrap_or(self.unit.unit.root());
            self.unit
                .unit
                .add_reserved(id, parent, gimli::DW_TAG_pointer_type);
        } else {
            self.unit.add_entry(Some(id), entry);
        }
        self.code(id, entry)?;
        if let Some(&(depth, position)) = self.functions.last()
            && depth == entry.depth
        {
            positions.push(position);
        }
        self.attributes(id, entry)?;
        self.variable(id, entry)?;
        let new = self.unit.unit.get_mut(id);
        if is_opaque {
            new.delete(gimli::DW_AT_type);
        }
        if is_pointer(entry.tag)
            && new.get(gimli::DW_AT_byte_size).is_none()
            && let Some(memory) = self.scene.world.memory
        {
            new.set(
                gimli::DW_AT_byte_size,
                AttributeValue::Udata(memory.width.into()),
            );
        }
        Ok(())
    }

    /// Where the code of an entry is.
    fn code(
        &mut self,
        id: UnitEntryId,
        entry: &ConvertUnitEntry<'_, Slice<'a>>,
    ) -> Result<(), Exhausted> {
        let has_code = [gimli::DW_AT_low_pc, gimli::DW_AT_ranges]
            .into_iter()
            .any(|name| entry.has_attr(name));
        if !has_code {
            return Ok(());
        }
        let unit = entry.read_unit;
        let Some(mut wasm) = code_ranges(unit, &entry.read_entry) else {
            return Ok(());
        };
        let mut ranges: Vec<Range> = Vec::new();
        let mut position = self.functions.last().map(|&(_, position)| position);
        while let Ok(Some(range)) = wasm.next() {
            self.budget.spend(1)?;
            if entry.tag == gimli::DW_TAG_subprogram {
                position = self.scene.function(range.begin, range.end);
                if let Some(position) = position {
                    self.functions.push((entry.depth, position));
                    self.result(id, entry);
                    ranges = vec![(0, self.scene.functions[position].size)];
                }
                break;
            }
            if let Some(position) = position {
                let function = &self.scene.functions[position];
                ranges.extend(function.code(range.begin, range.end, self.budget)?);
            }
        }
        let Some(position) = position else {
            return Ok(());
        };
        let start = self.scene.functions[position].start;
        join(&mut ranges);
        let unit = &mut self.unit.unit;
        match &ranges[..] {
            // It has no code any more. What is in it must not be taken to be around it.
            [] => {
                set_range(unit.get_mut(id), start, (0, 0));
            }
            &[range] => set_range(unit.get_mut(id), start, range),
            _ => {
                let ranges = ranges.iter().map(|&(from, to)| WrittenRange::StartLength {
                    begin: text(start + from),
                    length: (to - from).into(),
                });
                let list = unit.ranges.add(RangeList(ranges.collect()));
                unit.get_mut(id)
                    .set(gimli::DW_AT_ranges, AttributeValue::RangeListRef(list));
            }
        }
        Ok(())
    }

    /// Says of a function if its result is not where debuggers expect it.
    fn result(&mut self, id: UnitEntryId, entry: &ConvertUnitEntry<'_, Slice<'a>>) {
        let ty = self.inherited(entry, type_of);
        if ty.is_some_and(|ty| is_aggregate(&self.unit, ty)) {
            let convention = AttributeValue::CallingConvention(gimli::DW_CC_nocall);
            self.unit
                .unit
                .get_mut(id)
                .set(gimli::DW_AT_calling_convention, convention);
        }
    }

    /// What an entry has itself, or the one that it is an instance of.
    fn inherited<T>(
        &self,
        entry: &ConvertUnitEntry<'_, Slice<'a>>,
        get: impl Fn(&ConvertUnitEntry<'_, Slice<'a>>) -> Option<T>,
    ) -> Option<T> {
        if let Some(own) = get(entry) {
            return Some(own);
        }
        let mut from = origin(entry)?;
        for _ in 0..4 {
            let entry = ConvertUnitEntry::read(self.unit.read_unit, from).ok()?;
            if let Some(found) = get(&entry) {
                return Some(found);
            }
            from = origin(&entry)?;
        }
        None
    }

    /// Converts the attributes that are the same for the machine.
    fn attributes(
        &mut self,
        id: UnitEntryId,
        entry: &ConvertUnitEntry<'_, Slice<'a>>,
    ) -> Result<(), Exhausted> {
        for attr in &entry.attrs {
            let size = match attr.value() {
                ReadValue::Block(data) => data.len(),
                ReadValue::Exprloc(expression) => expression.0.len(),
                _ => 0,
            };
            self.budget.spend(size)?;
            if is_of_wasm(attr.name()) || (self.is_c && attr.name() == gimli::DW_AT_linkage_name) {
                continue;
            }
            if let ReadValue::Exprloc(_) = attr.value()
                && !is_about_objects(attr.name())
            {
                continue;
            }
            if matches!(
                attr.value(),
                ReadValue::LocationListsRef(_)
                    | ReadValue::DebugLocListsIndex(_)
                    | ReadValue::DebugTypesRef(_)
            ) {
                continue;
            }
            if let Ok(value) = self
                .unit
                .convert_attribute_value(entry.read_unit, attr, &|_| None)
            {
                self.unit.unit.get_mut(id).set(attr.name(), value);
            }
        }
        Ok(())
    }

    /// Where a variable is, and what a function's variables count from.
    fn variable(
        &mut self,
        id: UnitEntryId,
        entry: &ConvertUnitEntry<'_, Slice<'a>>,
    ) -> Result<(), Exhausted> {
        let is_function = entry.tag == gimli::DW_TAG_subprogram;
        let name = if is_function {
            gimli::DW_AT_frame_base
        } else {
            gimli::DW_AT_location
        };
        let Some(value) = entry.attr_value(name) else {
            return Ok(());
        };
        let templates = self.templates(entry, value)?;
        if templates.is_empty() {
            return Ok(());
        }
        let mut wanted = Wanted::Location;
        let mut native = None;
        if is_function {
            wanted = Wanted::FrameBase;
        } else if self.scene.world.memory.is_some()
            && templates.iter().all(|(_, template)| template.is_whole())
        {
            let ty = self.inherited(entry, type_of);
            native = ty.and_then(|ty| self.pointers.native(&mut self.unit, ty));
            if native.is_some() {
                wanted = Wanted::Pointer;
            }
        }
        let mut list = Vec::new();
        let mut everywhere = None;
        for (range, template) in &templates {
            match (self.functions.last(), template.homes().is_empty()) {
                (None, true) | (_, true) if range.is_none() => {
                    everywhere = template.native(wanted, &self.scene.world, &|_| None);
                }
                (Some(&(_, position)), _) => {
                    let function = &self.scene.functions[position];
                    let (low, high) = range.unwrap_or(function.body);
                    list.extend(self.list(function, (low, high), template, wanted)?);
                }
                (None, _) => {}
            }
        }
        let unit = &mut self.unit.unit;
        let location = if let Some(expression) = everywhere {
            AttributeValue::Exprloc(expression)
        } else if list.is_empty() {
            return Ok(());
        } else {
            let list = unit.locations.add(LocationList(list));
            AttributeValue::LocationListRef(list)
        };
        let new = unit.get_mut(id);
        new.set(name, location);
        if let Some(native) = native {
            new.set(gimli::DW_AT_type, AttributeValue::UnitRef(native));
        }
        Ok(())
    }

    /// The expressions of a location that can be told, with the wasm addresses that they are for, if not for all.
    fn templates(
        &mut self,
        entry: &ConvertUnitEntry<'_, Slice<'a>>,
        value: ReadValue<Slice<'a>>,
    ) -> Result<Vec<Ranged>, Exhausted> {
        let unit = entry.read_unit;
        let mut templates = Vec::new();
        let world = &self.scene.world;
        if let ReadValue::Exprloc(expression) = value {
            let template = Template::new(expression, unit, world);
            templates.extend(template.map(|template| (None, template)));
            return Ok(templates);
        }
        let Ok(Some(mut locations)) = unit.attr_locations(value) else {
            return Ok(templates);
        };
        while let Ok(Some(location)) = locations.next() {
            self.budget.spend(1 + location.data.0.len())?;
            let range = (location.range.begin, location.range.end);
            let template = Template::new(location.data, unit, world);
            templates.extend(template.map(|template| (Some(range), template)));
        }
        Ok(templates)
    }

    /// The native locations that an expression has for a range of wasm addresses.
    fn list(
        &mut self,
        function: &FunctionMap<'_>,
        (low, high): (u64, u64),
        template: &Template,
        wanted: Wanted,
    ) -> Result<Vec<Location>, Exhausted> {
        let mut known: Vec<Known> = function
            .code(low, high, self.budget)?
            .into_iter()
            .map(|range| (range, Vec::new()))
            .collect();
        for home in template.homes() {
            let places = function.places(home, low, high, self.budget)?;
            known = combine(&known, home, &places, self.budget)?;
        }
        let mut list = Vec::new();
        for ((from, to), places) in known {
            let place = |home| {
                let found = places.iter().find(|&&(of, _)| of == home);
                found.map(|&(_, place)| place)
            };
            let Some(data) = template.native(wanted, &self.scene.world, &place) else {
                continue;
            };
            list.push(Location::StartLength {
                begin: text(function.start + from),
                length: (to - from).into(),
                data,
            });
        }
        Ok(list)
    }
}

/// Cuts ranges by where `home` is. Where that is not known, they stay: other parts of the variable may be.
fn combine(
    known: &[Known],
    home: Home,
    places: &[(Range, Place)],
    budget: &mut Budget,
) -> Result<Vec<Known>, Exhausted> {
    let mut result = Vec::new();
    for ((from, to), others) in known {
        let (mut from, to) = (*from, *to);
        let first = places.partition_point(|&((_, end), _)| end <= from);
        for &((start, end), place) in places[first..]
            .iter()
            .take_while(|&&((start, _), _)| start < to)
        {
            budget.spend(1 + others.len())?;
            let (start, end) = (start.max(from), end.min(to));
            if from < start {
                result.push(((from, start), others.clone()));
            }
            if start < end {
                let mut with = others.clone();
                with.push((home, place));
                result.push(((start, end), with));
            }
            from = from.max(end);
        }
        if from < to {
            result.push(((from, to), others.clone()));
        }
    }
    Ok(result)
}

/// An address in the text.
fn text(offset: u32) -> Address {
    Address::Symbol {
        symbol: 0,
        addend: offset.into(),
    }
}

fn set_range(entry: &mut gimli::write::DebuggingInformationEntry, start: u32, (from, to): Range) {
    entry.set(
        gimli::DW_AT_low_pc,
        AttributeValue::Address(text(start + from)),
    );
    entry.set(
        gimli::DW_AT_high_pc,
        AttributeValue::Udata((to - from).into()),
    );
}

/// The entry that one is an instance of.
fn origin(entry: &ConvertUnitEntry<'_, Slice<'_>>) -> Option<UnitOffset> {
    reference(entry, gimli::DW_AT_abstract_origin)
        .or_else(|| reference(entry, gimli::DW_AT_specification))
}

/// Entries that describe wasm only: where calls return, and what they pass in which local.
fn is_left_out(tag: gimli::DwTag) -> bool {
    matches!(
        tag,
        gimli::DW_TAG_call_site | gimli::DW_TAG_GNU_call_site | gimli::DW_TAG_label
    )
}

/// Attributes that are made anew, or that only describe wasm.
fn is_of_wasm(name: gimli::DwAt) -> bool {
    matches!(
        name,
        gimli::DW_AT_low_pc
            | gimli::DW_AT_high_pc
            | gimli::DW_AT_ranges
            | gimli::DW_AT_entry_pc
            | gimli::DW_AT_location
            | gimli::DW_AT_frame_base
            | gimli::DW_AT_static_link
            | gimli::DW_AT_return_addr
            | gimli::DW_AT_use_location
            | gimli::DW_AT_signature
            | gimli::DW_AT_macros
            | gimli::DW_AT_macro_info
            | gimli::DW_AT_GNU_macros
            | gimli::DW_AT_GNU_all_tail_call_sites
            | gimli::DW_AT_call_all_calls
            | gimli::DW_AT_call_all_tail_calls
            | gimli::DW_AT_call_all_source_calls
    )
}

/// Attributes whose expressions compute with the address of an object, whatever that counts from.
fn is_about_objects(name: gimli::DwAt) -> bool {
    matches!(
        name,
        gimli::DW_AT_data_member_location | gimli::DW_AT_vtable_elem_location
    )
}
