//! Which locals and operands of which functions debug information refers to.

use super::{Bodies, Budget, Dwarf, Exhausted, Slice, code_ranges, dwarf};
use crate::Module;
use crate::program::{FuncId, Program};
use crate::translate::{Home, Watched};
use gimli::{AttributeValue, DebuggingInformationEntry, Operation, UnitRef};
use std::collections::HashMap;

/// What to watch in the functions of `program` that have debug information.
pub(crate) fn watch(program: &Program<'_>) -> HashMap<FuncId, Watched> {
    let mut watched = HashMap::new();
    for instance in program.instances.values() {
        let module = instance.module;
        let Some(dwarf) = dwarf(module) else { continue };
        // What is malformed is reported when it is converted.
        for (index, homes) in Scan::new(module).run(&dwarf) {
            let function = instance.functions[module.imported_functions as usize + index];
            watched.insert(function, homes);
        }
    }
    watched
}

struct Scan {
    bodies: Bodies,
    budget: Budget,
    found: HashMap<usize, Watched>,
}

impl Scan {
    fn new(module: &Module<'_>) -> Self {
        Scan {
            bodies: Bodies::new(module),
            budget: Budget::new(module),
            found: HashMap::new(),
        }
    }

    fn run(mut self, dwarf: &Dwarf<'_>) -> HashMap<usize, Watched> {
        let mut units = dwarf.units();
        while let Ok(Some(header)) = units.next() {
            if let Ok(unit) = dwarf.unit(header)
                && self.unit(unit.unit_ref(dwarf)).is_err()
            {
                break;
            }
        }
        self.found
    }

    fn unit(&mut self, unit: UnitRef<'_, Slice<'_>>) -> Result<(), Exhausted> {
        let Ok(mut entries) = unit.entries_raw(None) else {
            return Ok(());
        };
        let mut entry = DebuggingInformationEntry::null();
        // The functions around the entry, with their depths.
        let mut functions: Vec<(isize, usize)> = Vec::new();
        while !entries.is_empty() {
            match entries.read_entry(&mut entry) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(_) => return Ok(()),
            }
            self.budget.spend(1 + entry.attrs.len())?;
            while functions
                .last()
                .is_some_and(|&(depth, _)| depth >= entry.depth)
            {
                functions.pop();
            }
            if entry.tag == gimli::DW_TAG_subprogram
                && let Some(function) = self.function(unit, &entry)
            {
                functions.push((entry.depth, function));
            }
            let Some(&(_, function)) = functions.last() else {
                continue;
            };
            for attr in &entry.attrs {
                let is_base = attr.name() == gimli::DW_AT_frame_base;
                if is_base || attr.name() == gimli::DW_AT_location {
                    self.location(unit, function, attr.value(), is_base)?;
                }
            }
        }
        Ok(())
    }

    fn function<'a>(
        &self,
        unit: UnitRef<'_, Slice<'a>>,
        entry: &DebuggingInformationEntry<Slice<'a>>,
    ) -> Option<usize> {
        let mut ranges = code_ranges(unit, entry)?;
        let range = ranges.next().ok()??;
        self.bodies.at(range.begin, range.end)
    }

    fn location<'a>(
        &mut self,
        unit: UnitRef<'_, Slice<'a>>,
        function: usize,
        value: AttributeValue<Slice<'a>>,
        is_base: bool,
    ) -> Result<(), Exhausted> {
        if let AttributeValue::Exprloc(expression) = value {
            return self.expression(unit, function, expression, is_base);
        }
        let Ok(Some(mut locations)) = unit.attr_locations(value) else {
            return Ok(());
        };
        while let Ok(Some(entry)) = locations.next() {
            self.expression(unit, function, entry.data, is_base)?;
        }
        Ok(())
    }

    fn expression(
        &mut self,
        unit: UnitRef<'_, Slice<'_>>,
        function: usize,
        expression: gimli::Expression<Slice<'_>>,
        is_base: bool,
    ) -> Result<(), Exhausted> {
        let mut operations = expression.operations(unit.encoding());
        while let Ok(Some(operation)) = operations.next() {
            self.budget.spend(1)?;
            let home = match operation {
                Operation::WasmLocal { index } => Home::Local(index),
                Operation::WasmStack { index } => Home::Stack(index),
                _ => continue,
            };
            let watched = self.found.entry(function).or_default();
            watched.homes.insert(home);
            if let (true, Home::Local(index)) = (is_base, home) {
                watched.frame_base = Some(index);
            }
        }
        Ok(())
    }
}
