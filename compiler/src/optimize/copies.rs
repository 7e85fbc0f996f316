//! Operations in the form that overwrites no operand which is still needed.
//!
//! An x86 operation overwrites its first operand. If that is needed later it is copied first, even where the second operand
//! of a commutative operation is not needed any more and could be the one to go: then they change places. Where both
//! stay, or there is one, some operations have a form that writes elsewhere: the addition (`lea`) for subtracting a constant and for
//! doubling, the extension (`movzx`) for masking bytes.

use super::value::{constant, defining_block};
use cranelift_codegen::Context;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{
    Block, Function, Inst, InstBuilder, InstructionData, Opcode, Type, Value, ValueDef, types,
};

/// Loops have been analysed, and the order of instructions is the last one.
pub(super) fn run(context: &mut Context) {
    let uses = Uses::find(&context.func);
    let mut rewrites = Vec::new();
    let func = &context.func;
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            let InstructionData::Binary { opcode, args } = func.dfg.insts[inst] else {
                continue;
            };
            let ty = func.dfg.value_type(func.dfg.first_result(inst));
            if !ty.is_int() || ty.bits() > 64 {
                continue;
            }
            let [left, right] = args.map(|value| register(func, value));
            if uses.end_at(context, left, block, inst) || left == right {
                continue;
            }
            let form = if is_commutative(opcode)
                && constant(func, right).is_none()
                && uses.end_at(context, right, block, inst)
            {
                Form::Swapped
            } else if let Some(form) = elsewhere(func, opcode, ty, args) {
                form
            } else {
                continue;
            };
            rewrites.push((inst, ty, args, form));
        }
    }
    for (inst, ty, [left, right], form) in rewrites {
        let mut cursor = FuncCursor::new(&mut context.func).at_inst(inst);
        match form {
            Form::Swapped => {
                let args = cursor.func.dfg.inst_args_mut(inst);
                args[0] = right;
                args[1] = left;
            }
            Form::Sum(constant) => {
                let constant = cursor.ins().iconst(ty, constant);
                cursor.func.replace(inst).iadd(left, constant);
            }
            Form::Doubled => {
                cursor.func.replace(inst).iadd(left, left);
            }
            Form::Extended(from) => {
                let low = cursor.ins().ireduce(from, left);
                cursor.func.replace(inst).uextend(ty, low);
            }
        }
    }
}

/// What an operation becomes.
enum Form {
    Swapped,
    /// The left operand and a constant.
    Sum(i64),
    /// The left operand twice.
    Doubled,
    /// The low part of the left operand.
    Extended(Type),
}

fn is_commutative(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Band | Opcode::Bor | Opcode::Bxor | Opcode::Imul
    )
}

/// A form that does not overwrite the left operand.
fn elsewhere(func: &Function, opcode: Opcode, ty: Type, args: [Value; 2]) -> Option<Form> {
    if ty.bits() < 32 {
        return None;
    }
    let constant = constant(func, args[1])?;
    match (opcode, constant) {
        (Opcode::Isub, _) => {
            let negated = constant.wrapping_neg();
            i32::try_from(negated).is_ok().then_some(Form::Sum(negated))
        }
        (Opcode::Ishl, 1) => Some(Form::Doubled),
        (Opcode::Band, 0xff) => Some(Form::Extended(types::I8)),
        (Opcode::Band, 0xffff) => Some(Form::Extended(types::I16)),
        _ => None,
    }
}

/// The value whose register `value` is in: the lower half of a value is in that value's.
fn register(func: &Function, mut value: Value) -> Value {
    while let ValueDef::Result(inst, _) = func.dfg.value_def(value)
        && func.dfg.insts[inst].opcode() == Opcode::Ireduce
    {
        value = func.dfg.inst_args(inst)[0];
    }
    value
}

/// Where values are used last.
struct Uses {
    last: SecondaryMap<Value, Option<Use>>,
}

#[derive(Clone, Copy)]
enum Use {
    /// In one block only, last by an instruction.
    Block(Block, Inst),
    Blocks,
}

impl Uses {
    fn find(func: &Function) -> Uses {
        let mut last = SecondaryMap::with_default(None);
        for block in func.layout.blocks() {
            for inst in func.layout.block_insts(block) {
                if func.dfg.insts[inst].opcode() == Opcode::Ireduce {
                    continue;
                }
                for value in func.dfg.inst_values(inst) {
                    let last = &mut last[register(func, value)];
                    *last = match *last {
                        None => Some(Use::Block(block, inst)),
                        Some(Use::Block(earlier, _)) if earlier == block => {
                            Some(Use::Block(block, inst))
                        }
                        Some(_) => Some(Use::Blocks),
                    };
                }
            }
        }
        Uses { last }
    }

    /// Whether `value` is not needed after `inst` of `block`, as far as that is seen at once.
    fn end_at(&self, context: &Context, value: Value, block: Block, inst: Inst) -> bool {
        let Some(Use::Block(in_block, at)) = self.last[value] else {
            return false;
        };
        if (in_block, at) != (block, inst) {
            return false;
        }
        let func = &context.func;
        let innermost = |block| context.loop_analysis.innermost_loop(block);
        defining_block(func, value).is_some_and(|definition| {
            definition == block || innermost(definition) == innermost(block)
        })
    }
}
