//! What passes ask of a value.

use cranelift_codegen::ir::{Block, Function, InstructionData, Opcode, Value, ValueDef};

/// The constant that `value` is, sign-extended from its type.
pub(super) fn constant(func: &Function, value: Value) -> Option<i64> {
    match func.dfg.insts[func.dfg.value_def(value).inst()?] {
        InstructionData::UnaryImm {
            opcode: Opcode::Iconst,
            imm,
        } => {
            let unused = 64 - func.dfg.value_type(value).bits();
            Some(imm.bits() << unused >> unused)
        }
        _ => None,
    }
}

pub(super) fn defining_block(func: &Function, value: Value) -> Option<Block> {
    match func.dfg.value_def(value) {
        ValueDef::Result(inst, _) => func.layout.inst_block(inst),
        ValueDef::Param(block, _) => Some(block),
        ValueDef::Union(..) => None,
    }
}

/// Whether an operation of 32 bits leaves the upper half of its register zero, as the back end knows.
pub(super) fn clears_upper_half(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Iadd
            | Opcode::Isub
            | Opcode::Imul
            | Opcode::Band
            | Opcode::Bor
            | Opcode::Bxor
            | Opcode::Ishl
            | Opcode::Ushr
    )
}
