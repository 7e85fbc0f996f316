//! Additions of 32 bits that make an address, done by the access itself.
//!
//! `i32.add` wraps, and the sum is extended before the memory's base is added, so an addressing mode of 64 bits cannot do
//! it. One of 32 bits can, where the lowest 4 GiB of the address space hold the memory and nothing else: base, operands,
//! scale and displacement are added modulo 2^32, as WebAssembly does. (Only without a static offset, which must not
//! wrap.) Here such an access gets its operands and a trap code of its own; [`super::machine`] gives the instructions with
//! that code the prefix of 32-bit addresses. Upper halves of operands do not matter then, but without the prefix the
//! access could be anywhere: where it cannot be given, [`undo`] takes the additions back.

use super::value::{clears_upper_half, constant, defining_block};
use crate::translate::{WRAPPING, trap_code};
use cranelift_codegen::Context;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{
    Block, Function, Inst, InstBuilder, InstructionData, MemFlagsData, Opcode, Value, ValueDef,
    types,
};
use nativize_abi::Trap;
use nativize_abi::address::LOW_MEMORY_BASE;

/// The memory's base as it is in an access without a static offset.
const BASE: i32 = LOW_MEMORY_BASE as i32;

/// Loops have been analysed.
pub(super) fn run(context: &mut Context) {
    let uses = Uses::find(context);
    let func = &context.func;
    let mut found = Vec::new();
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            if let Some(index) = index_of(func, inst)
                && uses.addresses[index] == uses.all[index]
                && let Some(sum) = Sum::of(context, index, &uses)
            {
                found.push((inst, sum));
            }
        }
    }
    for (inst, sum) in found {
        fold(&mut context.func, inst, &sum);
    }
}

/// Gives accesses back the additions that [`run`] took into them. They are as good as before, but for the time they take.
pub(crate) fn undo(func: &mut Function) {
    let mut found = Vec::new();
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            if let Some((flags, address, offset)) = access(func, inst)
                && flags.trap_code() == Some(WRAPPING)
            {
                found.push((inst, flags, address, offset));
            }
        }
    }
    for (inst, flags, address, offset) in found {
        let mut cursor = FuncCursor::new(func).at_inst(inst);
        cursor.use_srcloc(inst);
        let constant = i64::from(i32::from(offset).wrapping_sub(BASE));
        let constant = cursor.ins().iconst(types::I64, constant);
        let sum = cursor.ins().iadd(address, constant);
        let index = cursor.ins().ireduce(types::I32, sum);
        let address = cursor.ins().uextend(types::I64, index);
        let flags = flags.with_trap_code(Some(trap_code(Trap::MemoryOutOfBounds)));
        replace(cursor.func, inst, flags, address, Offset32::new(BASE));
    }
}

/// The flags, the address and the offset of a load or store.
fn access(func: &Function, inst: Inst) -> Option<(MemFlagsData, Value, Offset32)> {
    let (flags, address, offset) = match func.dfg.insts[inst] {
        InstructionData::Load {
            flags, arg, offset, ..
        } => (flags, arg, offset),
        InstructionData::Store {
            flags,
            args: [_, address],
            offset,
            ..
        } => (flags, address, offset),
        _ => return None,
    };
    Some((func.dfg.mem_flags[flags], address, offset))
}

fn replace(
    func: &mut Function,
    inst: Inst,
    new_flags: MemFlagsData,
    new_address: Value,
    new_offset: Offset32,
) {
    let new_flags = func
        .dfg
        .mem_flags
        .insert(new_flags)
        .expect("accesses are of few kinds");
    match &mut func.dfg.insts[inst] {
        InstructionData::Load {
            flags, arg, offset, ..
        } => (*flags, *arg, *offset) = (new_flags, new_address, new_offset),
        InstructionData::Store {
            flags,
            args: [_, address],
            offset,
            ..
        } => (*flags, *address, *offset) = (new_flags, new_address, new_offset),
        _ => unreachable!("an access is a load or a store"),
    }
}

/// The index, of 32 bits, of an access to the low memory without a static offset.
fn index_of(func: &Function, inst: Inst) -> Option<Value> {
    let (flags, address, offset) = access(func, inst)?;
    let is_low =
        flags.trap_code() == Some(trap_code(Trap::MemoryOutOfBounds)) && i32::from(offset) == BASE;
    if !is_low {
        return None;
    }
    extended(func, address)
}

/// What `value` is the zero extension of.
fn extended(func: &Function, value: Value) -> Option<Value> {
    match func.dfg.insts[func.dfg.value_def(value).inst()?] {
        InstructionData::Unary {
            opcode: Opcode::Uextend,
            arg,
        } if func.dfg.value_type(arg) == types::I32 => Some(arg),
        _ => None,
    }
}

/// How often values are used.
struct Uses {
    all: SecondaryMap<Value, u32>,
    /// As the index of an access that could do an addition: one that is done for it, not outside of a loop.
    addresses: SecondaryMap<Value, u32>,
}

impl Uses {
    fn find(context: &Context) -> Uses {
        let func = &context.func;
        let mut uses = Uses {
            all: SecondaryMap::new(),
            addresses: SecondaryMap::new(),
        };
        // An extension counts for what it extends, as often as it is used.
        for block in func.layout.blocks() {
            for inst in func.layout.block_insts(block) {
                if let Some(index) = index_of(func, inst)
                    && is_in_loop_of(context, index, block)
                {
                    uses.addresses[index] += 1;
                }
                let is_extension = func.dfg.insts[inst].opcode() == Opcode::Uextend;
                for value in func.dfg.inst_values(inst) {
                    if let Some(index) = extended(func, value) {
                        uses.all[index] += 1;
                    }
                    if !is_extension {
                        uses.all[value] += 1;
                    }
                }
            }
        }
        uses
    }
}

/// Whether `value` is computed as often as `block` is executed, as far as loops tell.
fn is_in_loop_of(context: &Context, value: Value, block: Block) -> bool {
    let loops = &context.loop_analysis;
    defining_block(&context.func, value)
        .is_some_and(|from| loops.innermost_loop(from) == loops.innermost_loop(block))
}

/// A sum of 32 bits that an addressing mode can do.
struct Sum {
    /// At most two, each shifted to the left by so many bits, of which one at most is shifted.
    terms: Vec<(Value, u8)>,
    constant: i32,
}

impl Sum {
    /// What `index` is made of; `None` if no instruction would be saved.
    fn of(context: &Context, index: Value, uses: &Uses) -> Option<Sum> {
        let func = &context.func;
        let mut sum = Sum {
            terms: Vec::new(),
            constant: 0,
        };
        let [left, right] = addends(func, index)?;
        sum.add(func, left, uses);
        sum.add(func, right, uses);
        let shifted = sum.terms.iter().filter(|(_, shift)| *shift > 0).count();
        if shifted > 1 {
            // Only one can be.
            sum.terms[1] = (right, 0);
            if addends(func, right).is_some() {
                return None;
            }
        }
        let is_free = sum
            .terms
            .iter()
            .all(|&(term, _)| extends_freely(context, term));
        (!sum.terms.is_empty() && is_free).then_some(sum)
    }

    /// Adds `value`, which gives one term at most.
    fn add(&mut self, func: &Function, value: Value, uses: &Uses) {
        if self.add_constant(func, value) {
            return;
        }
        // What is needed elsewhere is in a register anyway.
        if uses.all[value] == 1
            && let Some([left, right]) = addends(func, value)
            && self.add_constant(func, right)
        {
            if !self.add_constant(func, left) {
                self.terms.push(shifted_if_single(func, left, uses));
            }
            return;
        }
        self.terms.push(shifted_if_single(func, value, uses));
    }

    /// Adds `value` if it is a constant.
    fn add_constant(&mut self, func: &Function, value: Value) -> bool {
        let constant = constant(func, value);
        // (Of 32 bits, like the sum.)
        self.constant = self.constant.wrapping_add(constant.unwrap_or(0) as i32);
        constant.is_some()
    }
}

fn shifted_if_single(func: &Function, value: Value, uses: &Uses) -> (Value, u8) {
    match shifted(func, value) {
        Some(shifted) if uses.all[value] == 1 => shifted,
        _ => (value, 0),
    }
}

/// The operands of an addition of 32 bits, a constant last.
fn addends(func: &Function, value: Value) -> Option<[Value; 2]> {
    match func.dfg.insts[func.dfg.value_def(value).inst()?] {
        InstructionData::Binary {
            opcode: Opcode::Iadd,
            args: [left, right],
        } if func.dfg.value_type(value) == types::I32 => {
            if constant(func, left).is_some() {
                Some([right, left])
            } else {
                Some([left, right])
            }
        }
        _ => None,
    }
}

/// A value that is another one shifted as far as an addressing mode does.
fn shifted(func: &Function, value: Value) -> Option<(Value, u8)> {
    match func.dfg.insts[func.dfg.value_def(value).inst()?] {
        InstructionData::Binary {
            opcode: Opcode::Ishl,
            args: [value, by],
        } => match constant(func, by)? {
            by @ 1..=3 => Some((value, by as u8)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `value` is in a register of 64 bits without an instruction for it: as it is, or once [`super::widen`] has run.
fn extends_freely(context: &Context, value: Value) -> bool {
    let func = &context.func;
    match func.dfg.value_def(value) {
        ValueDef::Param(block, _) => context.loop_analysis.is_loop_header(block).is_some(),
        ValueDef::Result(inst, _) => {
            let opcode = func.dfg.insts[inst].opcode();
            clears_upper_half(opcode) || matches!(opcode, Opcode::Load | Opcode::Ireduce)
        }
        ValueDef::Union(..) => false,
    }
}

fn fold(func: &mut Function, inst: Inst, sum: &Sum) {
    let (flags, ..) = access(func, inst).expect("it was one");
    let mut cursor = FuncCursor::new(func).at_inst(inst);
    cursor.use_srcloc(inst);
    let mut address = None;
    // The one that is shifted comes last.
    let mut terms = sum.terms.clone();
    terms.sort_by_key(|&(_, shift)| shift > 0);
    for (term, shift) in terms {
        let mut wide = wide(&mut cursor, term);
        if shift > 0 {
            wide = cursor.ins().ishl_imm_u(wide, i64::from(shift));
        }
        address = Some(match address {
            None => wide,
            Some(other) => cursor.ins().iadd(other, wide),
        });
    }
    let address = address.expect("there are terms");
    let flags = flags.with_trap_code(Some(WRAPPING));
    let offset = Offset32::new(BASE.wrapping_add(sum.constant));
    replace(cursor.func, inst, flags, address, offset);
}

/// A value of 64 bits whose lower half is `value`.
fn wide(cursor: &mut FuncCursor<'_>, value: Value) -> Value {
    if let ValueDef::Result(inst, _) = cursor.func.dfg.value_def(value)
        && cursor.func.dfg.insts[inst].opcode() == Opcode::Ireduce
    {
        let whole = cursor.func.dfg.inst_args(inst)[0];
        if cursor.func.dfg.value_type(whole) == types::I64 {
            return whole;
        }
    }
    cursor.ins().uextend(types::I64, value)
}
