//! The dispatch from operators to the files of their families.

use super::function::Translator;
use super::memory::{Load, Store};
use crate::{Error, features};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Opcode, types};
use wasmparser::{Operator as Op, ValType};

impl Translator<'_> {
    /// Translates one operator.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for an operator of a proposal that is not supported.
    pub(super) fn operator(&mut self, op: &Op<'_>) -> Result<(), Error> {
        if !self.reachable {
            match op {
                Op::Block { .. }
                | Op::Loop { .. }
                | Op::If { .. }
                | Op::TryTable { .. }
                | Op::Try { .. } => self.open_dead(),
                Op::Else => self.else_(),
                Op::Catch { .. } | Op::CatchAll => self.catch(),
                Op::End | Op::Delegate { .. } => self.end(),
                _ => {}
            }
            return Ok(());
        }
        match op {
            Op::Unreachable => self.unreachable(),
            // `pause` is a hint to the processor.
            Op::Nop | Op::Pause => {}
            Op::Block { blockty } => self.block(*blockty),
            Op::Loop { blockty } => self.loop_(*blockty),
            Op::If { blockty } => self.if_(*blockty),
            Op::Else => self.else_(),
            Op::End => self.end(),
            Op::TryTable { try_table } => self.try_table(try_table),
            Op::Throw { tag_index } => self.throw(*tag_index),
            Op::ThrowRef => self.throw_ref(),
            Op::Try { blockty } => self.try_(*blockty)?,
            Op::Catch { .. } | Op::CatchAll => self.catch(),
            Op::Delegate { .. } => self.end(),
            Op::Rethrow { relative_depth } => self.rethrow(*relative_depth),
            Op::Br { relative_depth } => self.br(*relative_depth),
            Op::BrIf { relative_depth } => self.br_if(*relative_depth),
            Op::BrTable { targets } => self.br_table(targets)?,
            Op::Return => self.return_(),
            Op::Call { function_index } => self.call(*function_index),
            Op::CallIndirect {
                type_index,
                table_index,
            } => self.call_indirect(*type_index, *table_index),
            Op::CallRef { type_index } => self.call_ref(*type_index),
            Op::ReturnCallRef { type_index } => self.return_call_ref(*type_index),
            Op::ReturnCall { function_index } => self.return_call(*function_index),
            Op::ReturnCallIndirect {
                type_index,
                table_index,
            } => self.return_call_indirect(*type_index, *table_index),
            Op::Drop => {
                self.pop();
            }
            Op::Select | Op::TypedSelect { .. } => self.select(),
            Op::LocalGet { local_index } => self.local_get(*local_index),
            Op::LocalSet { local_index } => self.local_set(*local_index),
            Op::LocalTee { local_index } => self.local_tee(*local_index),
            Op::GlobalGet { global_index } => self.global_get(*global_index),
            Op::GlobalSet { global_index } => self.global_set(*global_index),
            Op::RefNull { .. } => self.ref_null(),
            Op::RefIsNull => self.ref_is_null(),
            Op::RefFunc { function_index } => self.ref_func(*function_index),
            Op::RefAsNonNull => self.ref_as_non_null(),
            Op::BrOnNull { relative_depth } => self.br_on_null(*relative_depth),
            Op::BrOnNonNull { relative_depth } => self.br_on_non_null(*relative_depth),
            Op::TableGet { table } => self.table_get(*table),
            Op::TableSet { table } => self.table_set(*table),
            Op::TableSize { table } => self.table_size(*table),
            Op::TableGrow { table } => self.table_grow(*table),
            Op::TableFill { table } => self.table_fill(*table),
            Op::TableCopy {
                dst_table,
                src_table,
            } => self.table_copy(*dst_table, *src_table),
            Op::TableInit { elem_index, table } => self.table_init(*elem_index, *table),
            Op::ElemDrop { elem_index } => self.elem_drop(*elem_index),
            _ => return self.memory_operator(op),
        }
        Ok(())
    }

    fn memory_operator(&mut self, op: &Op<'_>) -> Result<(), Error> {
        match op {
            Op::I32Load { memarg } => self.load(Load(Opcode::Load, 4, ValType::I32), memarg),
            Op::I64Load { memarg } => self.load(Load(Opcode::Load, 8, ValType::I64), memarg),
            Op::F32Load { memarg } => self.load(Load(Opcode::Load, 4, ValType::F32), memarg),
            Op::F64Load { memarg } => self.load(Load(Opcode::Load, 8, ValType::F64), memarg),
            Op::I32Load8S { memarg } => self.load(Load(Opcode::Sload8, 1, ValType::I32), memarg),
            Op::I32Load8U { memarg } => self.load(Load(Opcode::Uload8, 1, ValType::I32), memarg),
            Op::I32Load16S { memarg } => self.load(Load(Opcode::Sload16, 2, ValType::I32), memarg),
            Op::I32Load16U { memarg } => self.load(Load(Opcode::Uload16, 2, ValType::I32), memarg),
            Op::I64Load8S { memarg } => self.load(Load(Opcode::Sload8, 1, ValType::I64), memarg),
            Op::I64Load8U { memarg } => self.load(Load(Opcode::Uload8, 1, ValType::I64), memarg),
            Op::I64Load16S { memarg } => self.load(Load(Opcode::Sload16, 2, ValType::I64), memarg),
            Op::I64Load16U { memarg } => self.load(Load(Opcode::Uload16, 2, ValType::I64), memarg),
            Op::I64Load32S { memarg } => self.load(Load(Opcode::Sload32, 4, ValType::I64), memarg),
            Op::I64Load32U { memarg } => self.load(Load(Opcode::Uload32, 4, ValType::I64), memarg),
            Op::I32Store { memarg } | Op::F32Store { memarg } => {
                self.store(Store(Opcode::Store, 4), memarg)
            }
            Op::I64Store { memarg } | Op::F64Store { memarg } => {
                self.store(Store(Opcode::Store, 8), memarg)
            }
            Op::I32Store8 { memarg } | Op::I64Store8 { memarg } => {
                self.store(Store(Opcode::Istore8, 1), memarg)
            }
            Op::I32Store16 { memarg } | Op::I64Store16 { memarg } => {
                self.store(Store(Opcode::Istore16, 2), memarg)
            }
            Op::I64Store32 { memarg } => self.store(Store(Opcode::Istore32, 4), memarg),
            Op::MemorySize { mem } => self.memory_size(*mem),
            Op::MemoryGrow { mem } => self.memory_grow(*mem),
            Op::MemoryCopy { dst_mem, src_mem } => self.memory_copy(*dst_mem, *src_mem),
            Op::MemoryFill { mem } => self.memory_fill(*mem),
            Op::MemoryInit { data_index, mem } => self.memory_init(*data_index, *mem),
            Op::DataDrop { data_index } => self.data_drop(*data_index),
            _ => return self.numeric_operator(op),
        }
        Ok(())
    }

    fn numeric_operator(&mut self, op: &Op<'_>) -> Result<(), Error> {
        match op {
            Op::I32Const { value } => self.i32_const(*value),
            Op::I64Const { value } => self.i64_const(*value),
            Op::F32Const { value } => self.f32_const(value.bits()),
            Op::F64Const { value } => self.f64_const(value.bits()),
            Op::I32Eqz | Op::I64Eqz => self.eqz(),
            Op::I32Eq | Op::I64Eq => self.compare(IntCC::Equal),
            Op::I32Ne | Op::I64Ne => self.compare(IntCC::NotEqual),
            Op::I32LtS | Op::I64LtS => self.compare(IntCC::SignedLessThan),
            Op::I32LtU | Op::I64LtU => self.compare(IntCC::UnsignedLessThan),
            Op::I32GtS | Op::I64GtS => self.compare(IntCC::SignedGreaterThan),
            Op::I32GtU | Op::I64GtU => self.compare(IntCC::UnsignedGreaterThan),
            Op::I32LeS | Op::I64LeS => self.compare(IntCC::SignedLessThanOrEqual),
            Op::I32LeU | Op::I64LeU => self.compare(IntCC::UnsignedLessThanOrEqual),
            Op::I32GeS | Op::I64GeS => self.compare(IntCC::SignedGreaterThanOrEqual),
            Op::I32GeU | Op::I64GeU => self.compare(IntCC::UnsignedGreaterThanOrEqual),
            Op::F32Eq | Op::F64Eq => self.compare_float(FloatCC::Equal),
            Op::F32Ne | Op::F64Ne => self.compare_float(FloatCC::NotEqual),
            Op::F32Lt | Op::F64Lt => self.compare_float(FloatCC::LessThan),
            Op::F32Gt | Op::F64Gt => self.compare_float(FloatCC::GreaterThan),
            Op::F32Le | Op::F64Le => self.compare_float(FloatCC::LessThanOrEqual),
            Op::F32Ge | Op::F64Ge => self.compare_float(FloatCC::GreaterThanOrEqual),
            Op::I32Clz | Op::I64Clz => self.unary(|ins, a| ins.clz(a)),
            Op::I32Ctz | Op::I64Ctz => self.unary(|ins, a| ins.ctz(a)),
            Op::I32Popcnt | Op::I64Popcnt => self.unary(|ins, a| ins.popcnt(a)),
            Op::I32Add | Op::I64Add => self.binary(|ins, a, b| ins.iadd(a, b)),
            Op::I32Sub | Op::I64Sub => self.binary(|ins, a, b| ins.isub(a, b)),
            Op::I32Mul | Op::I64Mul => self.binary(|ins, a, b| ins.imul(a, b)),
            Op::I64Add128 => self.binary128(|ins, a, b| ins.iadd(a, b)),
            Op::I64Sub128 => self.binary128(|ins, a, b| ins.isub(a, b)),
            Op::I64MulWideS => self.multiply_wide(|ins, a| ins.sextend(types::I128, a)),
            Op::I64MulWideU => self.multiply_wide(|ins, a| ins.uextend(types::I128, a)),
            Op::I32DivS | Op::I64DivS => self.binary(|ins, a, b| ins.sdiv(a, b)),
            Op::I32DivU | Op::I64DivU => self.binary(|ins, a, b| ins.udiv(a, b)),
            Op::I32RemS | Op::I64RemS => self.binary(|ins, a, b| ins.srem(a, b)),
            Op::I32RemU | Op::I64RemU => self.binary(|ins, a, b| ins.urem(a, b)),
            Op::I32And | Op::I64And => self.binary(|ins, a, b| ins.band(a, b)),
            Op::I32Or | Op::I64Or => self.binary(|ins, a, b| ins.bor(a, b)),
            Op::I32Xor | Op::I64Xor => self.binary(|ins, a, b| ins.bxor(a, b)),
            Op::I32Shl | Op::I64Shl => self.binary(|ins, a, b| ins.ishl(a, b)),
            Op::I32ShrS | Op::I64ShrS => self.binary(|ins, a, b| ins.sshr(a, b)),
            Op::I32ShrU | Op::I64ShrU => self.binary(|ins, a, b| ins.ushr(a, b)),
            Op::I32Rotl | Op::I64Rotl => self.binary(|ins, a, b| ins.rotl(a, b)),
            Op::I32Rotr | Op::I64Rotr => self.binary(|ins, a, b| ins.rotr(a, b)),
            Op::I32Extend8S | Op::I64Extend8S => self.extend_low(types::I8),
            Op::I32Extend16S | Op::I64Extend16S => self.extend_low(types::I16),
            Op::I64Extend32S => self.extend_low(types::I32),
            Op::F32Abs | Op::F64Abs => self.unary(|ins, a| ins.fabs(a)),
            Op::F32Neg | Op::F64Neg => self.unary(|ins, a| ins.fneg(a)),
            Op::F32Ceil | Op::F64Ceil => self.unary(|ins, a| ins.ceil(a)),
            Op::F32Floor | Op::F64Floor => self.unary(|ins, a| ins.floor(a)),
            Op::F32Trunc | Op::F64Trunc => self.unary(|ins, a| ins.trunc(a)),
            Op::F32Nearest | Op::F64Nearest => self.unary(|ins, a| ins.nearest(a)),
            Op::F32Sqrt | Op::F64Sqrt => self.unary(|ins, a| ins.sqrt(a)),
            Op::F32Add | Op::F64Add => self.binary(|ins, a, b| ins.fadd(a, b)),
            Op::F32Sub | Op::F64Sub => self.binary(|ins, a, b| ins.fsub(a, b)),
            Op::F32Mul | Op::F64Mul => self.binary(|ins, a, b| ins.fmul(a, b)),
            Op::F32Div | Op::F64Div => self.binary(|ins, a, b| ins.fdiv(a, b)),
            Op::F32Min | Op::F64Min => self.binary(|ins, a, b| ins.fmin(a, b)),
            Op::F32Max | Op::F64Max => self.binary(|ins, a, b| ins.fmax(a, b)),
            Op::F32Copysign | Op::F64Copysign => self.binary(|ins, a, b| ins.fcopysign(a, b)),
            _ => return self.conversion_operator(op),
        }
        Ok(())
    }

    fn conversion_operator(&mut self, op: &Op<'_>) -> Result<(), Error> {
        match op {
            Op::I32WrapI64 => self.unary(|ins, a| ins.ireduce(types::I32, a)),
            Op::I64ExtendI32S => self.unary(|ins, a| ins.sextend(types::I64, a)),
            Op::I64ExtendI32U => self.unary(|ins, a| ins.uextend(types::I64, a)),
            Op::I32TruncF32S | Op::I32TruncF64S => {
                self.unary(|ins, a| ins.fcvt_to_sint(types::I32, a))
            }
            Op::I32TruncSatF32S | Op::I32TruncSatF64S => {
                self.unary(|ins, a| ins.fcvt_to_sint_sat(types::I32, a))
            }
            Op::I32TruncF32U | Op::I32TruncF64U => {
                self.unary(|ins, a| ins.fcvt_to_uint(types::I32, a))
            }
            Op::I32TruncSatF32U | Op::I32TruncSatF64U => {
                self.unary(|ins, a| ins.fcvt_to_uint_sat(types::I32, a))
            }
            Op::I64TruncF32S | Op::I64TruncF64S => {
                self.unary(|ins, a| ins.fcvt_to_sint(types::I64, a))
            }
            Op::I64TruncSatF32S | Op::I64TruncSatF64S => {
                self.unary(|ins, a| ins.fcvt_to_sint_sat(types::I64, a))
            }
            Op::I64TruncF32U | Op::I64TruncF64U => {
                self.unary(|ins, a| ins.fcvt_to_uint(types::I64, a))
            }
            Op::I64TruncSatF32U | Op::I64TruncSatF64U => {
                self.unary(|ins, a| ins.fcvt_to_uint_sat(types::I64, a))
            }
            Op::F32ConvertI32S | Op::F32ConvertI64S => {
                self.unary(|ins, a| ins.fcvt_from_sint(types::F32, a))
            }
            Op::F32ConvertI32U | Op::F32ConvertI64U => {
                self.unary(|ins, a| ins.fcvt_from_uint(types::F32, a))
            }
            Op::F64ConvertI32S | Op::F64ConvertI64S => {
                self.unary(|ins, a| ins.fcvt_from_sint(types::F64, a))
            }
            Op::F64ConvertI32U | Op::F64ConvertI64U => {
                self.unary(|ins, a| ins.fcvt_from_uint(types::F64, a))
            }
            Op::F32DemoteF64 => self.unary(|ins, a| ins.fdemote(types::F32, a)),
            Op::F64PromoteF32 => self.unary(|ins, a| ins.fpromote(types::F64, a)),
            Op::I32ReinterpretF32 => self.reinterpret(types::I32),
            Op::I64ReinterpretF64 => self.reinterpret(types::I64),
            Op::F32ReinterpretI32 => self.reinterpret(types::F32),
            Op::F64ReinterpretI64 => self.reinterpret(types::F64),
            _ => return self.vector_operator(op),
        }
        Ok(())
    }

    /// The error for an operator that nothing translates.
    pub(super) fn unsupported(&self, op: &Op<'_>) -> Error {
        Error::Unsupported {
            feature: features::name_of(op).to_owned(),
            offset: self.offset,
        }
    }
}
