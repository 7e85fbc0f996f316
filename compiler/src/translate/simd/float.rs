//! Arithmetic and comparisons on lanes of floats.

use super::super::function::Translator;
use crate::Error;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Type, Value};
use wasmparser::Operator as Op;

impl Translator<'_> {
    pub(super) fn vector_float_operator(&mut self, op: &Op<'_>, shape: Type) -> Result<(), Error> {
        match op {
            Op::F32x4Eq | Op::F64x2Eq => self.compare_float_lanes(shape, FloatCC::Equal),
            Op::F32x4Ne | Op::F64x2Ne => self.compare_float_lanes(shape, FloatCC::NotEqual),
            Op::F32x4Lt | Op::F64x2Lt => self.compare_float_lanes(shape, FloatCC::LessThan),
            Op::F32x4Gt | Op::F64x2Gt => self.compare_float_lanes(shape, FloatCC::GreaterThan),
            Op::F32x4Le | Op::F64x2Le => self.compare_float_lanes(shape, FloatCC::LessThanOrEqual),
            Op::F32x4Ge | Op::F64x2Ge => {
                self.compare_float_lanes(shape, FloatCC::GreaterThanOrEqual)
            }
            Op::F32x4Abs | Op::F64x2Abs => self.vector_unary(shape, |ins, a| ins.fabs(a)),
            Op::F32x4Neg | Op::F64x2Neg => self.vector_unary(shape, |ins, a| ins.fneg(a)),
            Op::F32x4Sqrt | Op::F64x2Sqrt => self.vector_unary(shape, |ins, a| ins.sqrt(a)),
            Op::F32x4Ceil | Op::F64x2Ceil => self.vector_unary(shape, |ins, a| ins.ceil(a)),
            Op::F32x4Floor | Op::F64x2Floor => self.vector_unary(shape, |ins, a| ins.floor(a)),
            Op::F32x4Trunc | Op::F64x2Trunc => self.vector_unary(shape, |ins, a| ins.trunc(a)),
            Op::F32x4Nearest | Op::F64x2Nearest => {
                self.vector_unary(shape, |ins, a| ins.nearest(a))
            }
            Op::F32x4Add | Op::F64x2Add => self.vector_binary(shape, |ins, a, b| ins.fadd(a, b)),
            Op::F32x4Sub | Op::F64x2Sub => self.vector_binary(shape, |ins, a, b| ins.fsub(a, b)),
            Op::F32x4Mul | Op::F64x2Mul => self.vector_binary(shape, |ins, a, b| ins.fmul(a, b)),
            Op::F32x4Div | Op::F64x2Div => self.vector_binary(shape, |ins, a, b| ins.fdiv(a, b)),
            Op::F32x4Min | Op::F64x2Min => self.vector_binary(shape, |ins, a, b| ins.fmin(a, b)),
            Op::F32x4Max | Op::F64x2Max => self.vector_binary(shape, |ins, a, b| ins.fmax(a, b)),
            Op::F32x4PMin | Op::F64x2PMin => self.pseudo_min(shape),
            Op::F32x4PMax | Op::F64x2PMax => self.pseudo_max(shape),
            _ => return self.vector_conversion_operator(op, shape),
        }
        Ok(())
    }

    fn compare_float_lanes(&mut self, shape: Type, condition: FloatCC) {
        self.vector_binary(shape, |ins, a, b| ins.fcmp(condition, a, b));
    }

    /// `second < first ? second : first`: the order of the operands is that of `minps`.
    pub(super) fn pseudo_min(&mut self, shape: Type) {
        let (first, second) = self.pop_vectors(shape);
        let less = self.body.ins().fcmp(FloatCC::LessThan, second, first);
        self.select_lanes(less, second, first);
    }

    /// `first < second ? second : first`: the order of the operands is that of `maxps`.
    pub(super) fn pseudo_max(&mut self, shape: Type) {
        let (first, second) = self.pop_vectors(shape);
        let less = self.body.ins().fcmp(FloatCC::LessThan, first, second);
        self.select_lanes(less, second, first);
    }

    fn select_lanes(&mut self, mask: Value, set: Value, clear: Value) {
        let shape = self.body.builder.func.dfg.value_type(set);
        let mask = self.shaped(mask, shape);
        let value = self.body.ins().bitselect(mask, set, clear);
        self.push_vector(value);
    }
}
