//! Where values that debuggers ask for are in a unit's machine code, and which wasm operator each instruction comes from.

use crate::translate::{Home, Traced};
use cranelift_codegen::ir::{
    self, InstructionData, Opcode, RelSourceLoc, Value, ValueDef, ValueLabel,
    ValueLabelAssignments, ValueLabelStart,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenResult, CompiledCode, Context, LabelValueLoc};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a unit's machine code for debuggers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DebugCode {
    /// Where each run of instructions begins that come from one operator, and the operator's offset. They cover the code.
    pub origins: Vec<(u32, u32)>,
    /// What homes hold.
    pub contents: Vec<Contents>,
    /// Where values are, by their numbers; ranges ascend and do not overlap.
    pub values: BTreeMap<u32, Vec<Location>>,
}

/// A home holds a value while operators of some offsets execute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contents {
    pub home: Home,
    pub start: u32,
    pub end: u32,
    pub value: Content,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Constant(u64),
    /// The number of a value.
    Value(u32),
}

/// Where a value is while the program counter is in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location {
    pub start: u32,
    pub end: u32,
    pub place: ValuePlace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ValuePlace {
    /// A register, by its DWARF number.
    Register(u16),
    /// Memory, this far from the frame pointer.
    Frame(i32),
}

/// The frame pointer is this far below where the caller's frame ends.
const FRAME_POINTER: i64 = 16;

/// Asks the back end for the places of all values in `traced`. Aliases among them are resolved, which the optimizer would
/// do without telling.
///
/// # Errors
/// Cranelift's.
pub(super) fn label(
    context: &mut Context,
    traced: &mut Traced,
    isa: &dyn TargetIsa,
) -> CodegenResult<()> {
    if traced.held.is_empty() && traced.kept.is_empty() {
        return Ok(());
    }
    context.compute_cfg();
    context.compute_domtree();
    context.eliminate_unreachable_code(isa)?;
    context.remove_constant_phis(isa)?;
    let dfg = &mut context.func.dfg;
    let mut values = BTreeSet::new();
    for held in &mut traced.held {
        held.value = dfg.resolve_aliases(held.value);
        values.insert(held.value);
    }
    for kept in &mut traced.kept {
        kept.value = dfg.resolve_aliases(kept.value);
    }
    dfg.collect_debug_info();
    let labels = dfg.values_labels.as_mut().expect("just asked for");
    for value in values {
        let start = ValueLabelStart {
            from: RelSourceLoc::default(),
            label: ValueLabel::from_u32(value.as_u32()),
        };
        labels.insert(value, ValueLabelAssignments::Starts(vec![start]));
    }
    Ok(())
}

/// The bits of a value that is the same constant each time.
fn constant(func: &ir::Function, value: Value) -> Option<u64> {
    // (Passes may have put another in its place.)
    if !func.dfg.value_is_real(value) {
        return None;
    }
    let ValueDef::Result(inst, _) = func.dfg.value_def(value) else {
        return None;
    };
    match func.dfg.insts[inst] {
        InstructionData::UnaryImm {
            opcode: Opcode::Iconst,
            imm,
        } => {
            let width = func.dfg.value_type(value).bits();
            let bits = imm.bits().cast_unsigned();
            Some(if width < 64 {
                bits & ((1 << width) - 1)
            } else {
                bits
            })
        }
        InstructionData::UnaryIeee32 { imm, .. } => Some(imm.bits().into()),
        InstructionData::UnaryIeee64 { imm, .. } => Some(imm.bits()),
        _ => None,
    }
}

/// Gathers what is known of the code that the function of `context` was compiled to.
pub(super) fn gather(
    context: &Context,
    compiled: &CompiledCode,
    traced: &Traced,
    isa: &dyn TargetIsa,
) -> DebugCode {
    let func = &context.func;
    let mut debug = DebugCode {
        origins: origins(compiled),
        ..DebugCode::default()
    };
    let mut needed = BTreeSet::new();
    for held in &traced.held {
        let value = match constant(func, held.value) {
            Some(bits) => Content::Constant(bits),
            None => {
                needed.insert(held.value);
                Content::Value(held.value.as_u32())
            }
        };
        debug.contents.push(Contents {
            home: held.home,
            start: held.start,
            end: held.end,
            value,
        });
    }
    for value in needed {
        let label = ValueLabel::from_u32(value.as_u32());
        let ranges = compiled.value_labels_ranges.get(&label);
        let mut locations = Vec::new();
        for range in ranges.into_iter().flatten() {
            let place = match range.loc {
                LabelValueLoc::Reg(register) => {
                    let number = isa.map_regalloc_reg_to_dwarf(register);
                    number.ok().map(ValuePlace::Register)
                }
                LabelValueLoc::CFAOffset(offset) => {
                    let offset = i32::try_from(offset + FRAME_POINTER);
                    offset.ok().map(ValuePlace::Frame)
                }
            };
            if let Some(place) = place {
                let (start, end) = (range.start, range.end);
                locations.push(Location { start, end, place });
            }
        }
        locations.sort_unstable_by_key(|location| (location.start, location.end, location.place));
        let mut locations = without_lost(disjoint(locations), compiled);
        if let Some(kept) = kept(traced, value, compiled, &debug.origins) {
            fill(&mut locations, kept);
        }
        if !locations.is_empty() {
            debug.values.insert(value.as_u32(), locations);
        }
    }
    debug
}

/// The operators that instructions come from. What has no origin of its own belongs to what stands before it.
fn origins(compiled: &CompiledCode) -> Vec<(u32, u32)> {
    let mut origins: Vec<(u32, u32)> = Vec::new();
    for range in compiled.buffer.get_srclocs_sorted() {
        if range.loc.is_default() || range.start == range.end {
            continue;
        }
        let offset = range.loc.bits();
        if origins.last().is_none_or(|&(_, last)| last != offset) {
            origins.push((range.start, offset));
        }
    }
    origins
}

/// Ranges that ascend by their starts, cut so that none overlaps the next.
fn disjoint(locations: Vec<Location>) -> Vec<Location> {
    let mut result: Vec<Location> = Vec::new();
    for location in locations {
        if let Some(last) = result.last_mut() {
            last.end = last.end.min(location.start);
            if last.start >= last.end {
                result.pop();
            }
        }
        if location.start < location.end {
            result.push(location);
        }
    }
    result
}

/// DWARF numbers of the registers that calls preserve.
const PRESERVED: [u16; 6] = [3, 6, 12, 13, 14, 15];

/// Takes from the ranges of other registers where a call has not returned: a debugger looks there for what a caller's frame
/// had, in registers that the callee has overwritten.
fn without_lost(locations: Vec<Location>, compiled: &CompiledCode) -> Vec<Location> {
    let mut calls: Vec<u32> = compiled
        .buffer
        .call_sites()
        .map(|call| call.ret_addr)
        .collect();
    calls.sort_unstable();
    let mut result = Vec::new();
    for mut location in locations {
        match location.place {
            ValuePlace::Register(number) if !PRESERVED.contains(&number) => {}
            ValuePlace::Register(_) | ValuePlace::Frame(_) => {
                result.push(location);
                continue;
            }
        }
        let first = calls.partition_point(|&call| call <= location.start);
        for &call in calls[first..]
            .iter()
            .take_while(|&&call| call <= location.end)
        {
            if location.start < call - 1 {
                result.push(Location {
                    end: call - 1,
                    ..location
                });
            }
            location.start = call;
        }
        if location.start < location.end {
            result.push(location);
        }
    }
    result
}

/// Where a value that is stored in the frame is.
fn kept(
    traced: &Traced,
    value: Value,
    compiled: &CompiledCode,
    origins: &[(u32, u32)],
) -> Option<Location> {
    let kept = traced.kept.iter().find(|kept| kept.value == value)?;
    let layout = compiled.buffer.frame_layout()?;
    let offset = i64::from(layout.stackslots[kept.slot].offset);
    let offset = offset - i64::from(layout.frame_to_fp_offset);
    // Behind the last instruction of the operator that stores it. The first block is the first in the code.
    let last = origins
        .iter()
        .rposition(|&(_, origin)| origin == kept.stored)?;
    let end = u32::try_from(compiled.buffer.data().len()).ok()?;
    Some(Location {
        start: origins.get(last + 1)?.0,
        end,
        place: ValuePlace::Frame(i32::try_from(offset).ok()?),
    })
}

/// Adds a location for where there is none yet.
fn fill(locations: &mut Vec<Location>, kept: Location) {
    let mut start = kept.start;
    let mut gaps = Vec::new();
    for location in &*locations {
        if start < location.start {
            gaps.push(Location {
                start,
                end: location.start.min(kept.end),
                ..kept
            });
        }
        start = start.max(location.end);
    }
    if start < kept.end {
        gaps.push(Location { start, ..kept });
    }
    locations.extend(gaps);
    locations.sort_unstable_by_key(|location| location.start);
}

impl DebugCode {
    /// Moves everything to where `moved` says that instructions are now.
    pub(crate) fn relocate(&mut self, moved: impl Fn(u32) -> u32) {
        for origin in &mut self.origins {
            origin.0 = moved(origin.0);
        }
        for locations in self.values.values_mut() {
            for location in locations.iter_mut() {
                location.start = moved(location.start);
                location.end = moved(location.end);
            }
            locations.retain(|location| location.start < location.end);
        }
    }
}
