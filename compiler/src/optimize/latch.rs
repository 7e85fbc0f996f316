//! A loop that compares its counter with a constant after counting compares the new counter instead of the old one.
//!
//! Otherwise both are needed until the branch, in two registers, and the new one has to be moved into the place of the old
//! one on the way back. Addition wraps, so that `phi == k` and `phi + c == k + c` are the same.

use super::value::constant;
use cranelift_codegen::Context;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, Function, Inst, InstBuilder, InstructionData, Opcode, Value, ValueDef,
};

/// Functions with more such loops are left alone: the counters then share one register, and the register allocator takes
/// time that grows with the square of how many they are.
const MAX_LOOPS: usize = 2000;

pub(super) fn run(context: &mut Context) {
    let mut found = Vec::new();
    for block in context.func.layout.blocks() {
        if let Some(branch) = context.func.layout.last_inst(block)
            && let Some(compare) = compare_of(context, branch)
        {
            found.push((branch, compare));
        }
    }
    if found.len() > MAX_LOOPS {
        return;
    }
    for (branch, compare) in found {
        let mut cursor = FuncCursor::new(&mut context.func).at_inst(branch);
        let ty = cursor.func.dfg.value_type(compare.next);
        let sum = compare.constant.wrapping_add(compare.step);
        let mask = u64::MAX >> (64 - ty.bits());
        let constant = (sum.cast_unsigned() & mask).cast_signed();
        let constant = cursor.ins().iconst(ty, constant);
        let condition = cursor.ins().icmp(compare.condition, compare.next, constant);
        cursor.func.dfg.inst_args_mut(branch)[0] = condition;
    }
}

/// A compare of a counter that may be one of the next.
struct Compare {
    condition: IntCC,
    next: Value,
    step: i64,
    constant: i64,
}

fn compare_of(context: &Context, branch: Inst) -> Option<Compare> {
    let func = &context.func;
    let InstructionData::Brif { arg, .. } = func.dfg.insts[branch] else {
        return None;
    };
    let (condition, counter, constant) = match func.dfg.value_def(arg) {
        // The counter itself is the condition.
        ValueDef::Param(..) => (IntCC::NotEqual, arg, 0),
        ValueDef::Result(inst, _) => match func.dfg.insts[inst] {
            InstructionData::IntCompare {
                cond: condition @ (IntCC::Equal | IntCC::NotEqual),
                args: [counter, limit],
                ..
            } => (condition, counter, constant(func, limit)?),
            _ => return None,
        },
        ValueDef::Union(..) => return None,
    };
    let ValueDef::Param(header, number) = func.dfg.value_def(counter) else {
        return None;
    };
    let next = passed_back(context, header, number)?;
    let (base, step) = sum(func, next)?;
    let definition = func.dfg.value_def(next).inst()?;
    let is_there = context.domtree.dominates(definition, branch, &func.layout);
    (base == counter && is_there).then_some(Compare {
        condition,
        next,
        step,
        constant,
    })
}

/// What every branch back to a loop's header passes for one of its parameters.
fn passed_back(context: &Context, header: Block, number: usize) -> Option<Value> {
    let dfg = &context.func.dfg;
    let mut passed = None;
    for edge in context.cfg.pred_iter(header) {
        if !context.domtree.block_dominates(header, edge.block) {
            continue;
        }
        let calls =
            dfg.insts[edge.inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        for call in calls {
            if call.block(&dfg.value_lists) == header {
                let value = call.args(&dfg.value_lists).nth(number)?.as_value()?;
                if passed.is_some_and(|passed| passed != value) {
                    return None;
                }
                passed = Some(value);
            }
        }
    }
    passed
}

/// A value that is another one plus a constant.
fn sum(func: &Function, value: Value) -> Option<(Value, i64)> {
    let InstructionData::Binary { opcode, args } =
        func.dfg.insts[func.dfg.value_def(value).inst()?]
    else {
        return None;
    };
    match (opcode, constant(func, args[0]), constant(func, args[1])) {
        (Opcode::Iadd, _, Some(step)) => Some((args[0], step)),
        (Opcode::Iadd, Some(step), _) => Some((args[1], step)),
        (Opcode::Isub, _, Some(step)) => Some((args[0], step.wrapping_neg())),
        _ => None,
    }
}
