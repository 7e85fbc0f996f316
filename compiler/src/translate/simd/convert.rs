//! Conversions between shapes.

use super::super::function::Translator;
use super::integer::Widen;
use crate::Error;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use wasmparser::Operator as Op;

impl Translator<'_> {
    pub(super) fn vector_conversion_operator(
        &mut self,
        op: &Op<'_>,
        shape: Type,
    ) -> Result<(), Error> {
        match op {
            Op::I8x16NarrowI16x8S => {
                self.vector_binary(types::I16X8, |ins, a, b| ins.snarrow(a, b))
            }
            Op::I8x16NarrowI16x8U => {
                self.vector_binary(types::I16X8, |ins, a, b| ins.unarrow(a, b))
            }
            Op::I16x8NarrowI32x4S => {
                self.vector_binary(types::I32X4, |ins, a, b| ins.snarrow(a, b))
            }
            Op::I16x8NarrowI32x4U => {
                self.vector_binary(types::I32X4, |ins, a, b| ins.unarrow(a, b))
            }
            Op::F32x4ConvertI32x4S => {
                self.vector_unary(types::I32X4, |ins, a| ins.fcvt_from_sint(shape, a))
            }
            Op::F32x4ConvertI32x4U => {
                self.vector_unary(types::I32X4, |ins, a| ins.fcvt_from_uint(shape, a))
            }
            Op::F64x2ConvertLowI32x4S => self.convert_low_signed(),
            Op::F64x2ConvertLowI32x4U => self.convert_low_unsigned(),
            Op::F64x2PromoteLowF32x4 => {
                self.vector_unary(types::F32X4, |ins, a| ins.fvpromote_low(a))
            }
            Op::F32x4DemoteF64x2Zero => self.vector_unary(types::F64X2, |ins, a| ins.fvdemote(a)),
            Op::I32x4TruncSatF32x4S => {
                self.vector_unary(types::F32X4, |ins, a| ins.fcvt_to_sint_sat(shape, a))
            }
            Op::I32x4TruncSatF32x4U => self.truncate_unsigned(),
            Op::I32x4TruncSatF64x2SZero => {
                let wide = self.pop_vector(types::F64X2);
                let wide = self.body.ins().fcvt_to_sint_sat(types::I64X2, wide);
                self.narrow_with_zeros(wide);
            }
            Op::I32x4TruncSatF64x2UZero => self.truncate_wide_unsigned(),
            _ => return self.relaxed_operator(op, shape),
        }
        Ok(())
    }

    fn convert_low_signed(&mut self) {
        let narrow = self.pop_vector(types::I32X4);
        let wide = self.widen(Widen::LowSigned, narrow);
        let value = self.body.ins().fcvt_from_sint(types::F64X2, wide);
        self.push_vector(value);
    }

    fn convert_low_unsigned(&mut self) {
        let narrow = self.pop_vector(types::I32X4);
        let wide = self.widen(Widen::LowUnsigned, narrow);
        let value = self.body.ins().fcvt_from_uint(types::F64X2, wide);
        self.push_vector(value);
    }

    pub(super) fn truncate_unsigned(&mut self) {
        self.vector_unary(types::F32X4, |ins, a| ins.fcvt_to_uint_sat(types::I32X4, a));
    }

    /// Two lanes of 64 bits, which hold values of 32, to the low lanes of 32 bits.
    pub(super) fn narrow_with_zeros(&mut self, wide: Value) {
        let zero = self.zero_vector(types::I64X2);
        let value = self.body.ins().snarrow(wide, zero);
        self.push_vector(value);
    }

    pub(super) fn truncate_wide_unsigned(&mut self) {
        let wide = self.pop_vector(types::F64X2);
        let wide = self.body.ins().fcvt_to_uint_sat(types::I64X2, wide);
        let zero = self.zero_vector(types::I64X2);
        let value = self.body.ins().uunarrow(wide, zero);
        self.push_vector(value);
    }
}
