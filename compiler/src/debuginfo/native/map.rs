//! From the code of a wasm function to its machine code: which instructions, and where what a home holds is in them.

use super::{Budget, Exhausted};
use crate::codegen::{Content, DebugCode, ValuePlace};
use crate::translate::Home;
use std::collections::BTreeMap;

/// A range of the function's machine code, from its start.
pub(super) type Range = (u32, u32);

/// Puts ranges in their order, and those that touch or overlap together.
pub(super) fn join(ranges: &mut Vec<Range>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let joins = next.0 <= last.1;
        if joins {
            last.1 = last.1.max(next.1);
        }
        joins
    });
}

/// Where the content of a home is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Constant(u64),
    Value(ValuePlace),
}

/// A function's machine code. Wasm addresses are those of the DWARF.
pub(super) struct FunctionMap<'a> {
    /// Where it begins in the text, and how long it is.
    pub start: u32,
    pub size: u32,
    /// The wasm addresses of its body.
    pub body: (u64, u64),
    /// Runs of instructions by their wasm address, then by place.
    by_origin: Vec<(u64, Range)>,
    /// The same in the order of the machine code.
    runs: Vec<(Range, u64)>,
    contents: BTreeMap<Home, Vec<(u64, u64, Content)>>,
    debug: &'a DebugCode,
}

impl<'a> FunctionMap<'a> {
    /// The code of `debug` is `size` bytes at `start` of the text; wasm addresses count from `base` of the module.
    pub(super) fn new(
        debug: &'a DebugCode,
        (start, size): (u32, u32),
        body: (u64, u64),
        base: u64,
    ) -> Self {
        let mut runs = Vec::with_capacity(debug.origins.len() + 1);
        // What sets up the frame.
        let mut previous = (0, body.0);
        for &(at, offset) in &debug.origins {
            if at > previous.0 {
                runs.push(((previous.0, at), previous.1));
            }
            previous = (at, u64::from(offset).saturating_sub(base));
        }
        if size > previous.0 {
            runs.push(((previous.0, size), previous.1));
        }
        let mut by_origin: Vec<(u64, Range)> = runs
            .iter()
            .map(|&(range, origin)| (origin, range))
            .collect();
        by_origin.sort_unstable();
        let mut contents: BTreeMap<Home, Vec<(u64, u64, Content)>> = BTreeMap::new();
        for held in &debug.contents {
            let start = u64::from(held.start).saturating_sub(base);
            let end = u64::from(held.end).saturating_sub(base);
            contents
                .entry(held.home)
                .or_default()
                .push((start, end, held.value));
        }
        for contents in contents.values_mut() {
            contents.sort_unstable_by_key(|&(start, end, _)| (start, end));
        }
        FunctionMap {
            start,
            size,
            body,
            by_origin,
            runs,
            contents,
            debug,
        }
    }

    /// Runs of instructions that come from one operator, in their order, with its address.
    pub(super) fn runs(&self) -> &[(Range, u64)] {
        &self.runs
    }

    /// The machine code of the operators at wasm addresses from `low` to `high`.
    pub(super) fn code(
        &self,
        low: u64,
        high: u64,
        budget: &mut Budget,
    ) -> Result<Vec<Range>, Exhausted> {
        if low <= self.body.0 && self.body.1 <= high {
            return Ok(vec![(0, self.size)]);
        }
        let first = self.by_origin.partition_point(|&(origin, _)| origin < low);
        let last = self.by_origin.partition_point(|&(origin, _)| origin < high);
        let runs = self.by_origin.get(first..last).unwrap_or(&[]);
        budget.spend(1 + runs.len())?;
        let mut ranges: Vec<Range> = runs.iter().map(|&(_, range)| range).collect();
        join(&mut ranges);
        Ok(ranges)
    }

    /// Where what `home` holds is while the operators from `low` to `high` execute; ranges ascend.
    pub(super) fn places(
        &self,
        home: Home,
        low: u64,
        high: u64,
        budget: &mut Budget,
    ) -> Result<Vec<(Range, Place)>, Exhausted> {
        let contents = self.contents.get(&home).map_or(&[][..], Vec::as_slice);
        // Of one home they do not overlap.
        let first = contents.partition_point(|&(_, end, _)| end <= low);
        let mut places = Vec::new();
        for &(start, end, content) in contents[first..]
            .iter()
            .take_while(|&&(start, ..)| start < high)
        {
            let code = self.code(start.max(low), end.min(high), budget)?;
            match content {
                Content::Constant(bits) => {
                    places.extend(code.into_iter().map(|range| (range, Place::Constant(bits))));
                }
                Content::Value(number) => {
                    let locations = self.debug.values.get(&number);
                    let locations = locations.map_or(&[][..], Vec::as_slice);
                    for (from, to) in code {
                        let first = locations.partition_point(|location| location.end <= from);
                        let inside = locations[first..]
                            .iter()
                            .take_while(|location| location.start < to);
                        for location in inside {
                            budget.spend(1)?;
                            let range = (location.start.max(from), location.end.min(to));
                            places.push((range, Place::Value(location.place)));
                        }
                    }
                }
            }
        }
        places.sort_unstable();
        places.dedup_by(|next, last| {
            let joins = last.1 == next.1 && last.0.1 == next.0.0;
            if joins {
                last.0.1 = next.0.1;
            }
            joins
        });
        Ok(places)
    }
}
