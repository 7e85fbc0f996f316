//! Arithmetic and comparisons on lanes of integers.

use super::super::function::Translator;
use crate::Error;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};
use cranelift_frontend::FuncInstBuilder;
use wasmparser::Operator as Op;

/// How the lanes of half a vector are widened to twice their width.
#[derive(Clone, Copy)]
pub(super) enum Widen {
    LowSigned,
    LowUnsigned,
    HighSigned,
    HighUnsigned,
}

impl Widen {
    pub(super) fn build(self, ins: FuncInstBuilder<'_, '_>, vector: Value) -> Value {
        match self {
            Widen::LowSigned => ins.swiden_low(vector),
            Widen::LowUnsigned => ins.uwiden_low(vector),
            Widen::HighSigned => ins.swiden_high(vector),
            Widen::HighUnsigned => ins.uwiden_high(vector),
        }
    }
}

impl<'a> Translator<'a> {
    pub(super) fn vector_integer_operator(
        &mut self,
        op: &Op<'_>,
        shape: Type,
    ) -> Result<(), Error> {
        match op {
            Op::I8x16Eq | Op::I16x8Eq | Op::I32x4Eq | Op::I64x2Eq => {
                self.compare_lanes(shape, IntCC::Equal)
            }
            Op::I8x16Ne | Op::I16x8Ne | Op::I32x4Ne | Op::I64x2Ne => {
                self.compare_lanes(shape, IntCC::NotEqual)
            }
            Op::I8x16LtS | Op::I16x8LtS | Op::I32x4LtS | Op::I64x2LtS => {
                self.compare_lanes(shape, IntCC::SignedLessThan)
            }
            Op::I8x16LtU | Op::I16x8LtU | Op::I32x4LtU => {
                self.compare_lanes(shape, IntCC::UnsignedLessThan)
            }
            Op::I8x16GtS | Op::I16x8GtS | Op::I32x4GtS | Op::I64x2GtS => {
                self.compare_lanes(shape, IntCC::SignedGreaterThan)
            }
            Op::I8x16GtU | Op::I16x8GtU | Op::I32x4GtU => {
                self.compare_lanes(shape, IntCC::UnsignedGreaterThan)
            }
            Op::I8x16LeS | Op::I16x8LeS | Op::I32x4LeS | Op::I64x2LeS => {
                self.compare_lanes(shape, IntCC::SignedLessThanOrEqual)
            }
            Op::I8x16LeU | Op::I16x8LeU | Op::I32x4LeU => {
                self.compare_lanes(shape, IntCC::UnsignedLessThanOrEqual)
            }
            Op::I8x16GeS | Op::I16x8GeS | Op::I32x4GeS | Op::I64x2GeS => {
                self.compare_lanes(shape, IntCC::SignedGreaterThanOrEqual)
            }
            Op::I8x16GeU | Op::I16x8GeU | Op::I32x4GeU => {
                self.compare_lanes(shape, IntCC::UnsignedGreaterThanOrEqual)
            }
            Op::I8x16Abs | Op::I16x8Abs | Op::I32x4Abs | Op::I64x2Abs => {
                self.vector_unary(shape, |ins, a| ins.iabs(a))
            }
            Op::I8x16Neg | Op::I16x8Neg | Op::I32x4Neg | Op::I64x2Neg => {
                self.vector_unary(shape, |ins, a| ins.ineg(a))
            }
            Op::I8x16Popcnt => self.vector_unary(shape, |ins, a| ins.popcnt(a)),
            Op::I8x16Shl | Op::I16x8Shl | Op::I32x4Shl | Op::I64x2Shl => {
                self.shift_lanes(shape, |ins, a, count| ins.ishl(a, count))
            }
            Op::I8x16ShrS | Op::I16x8ShrS | Op::I32x4ShrS | Op::I64x2ShrS => {
                self.shift_lanes(shape, |ins, a, count| ins.sshr(a, count))
            }
            Op::I8x16ShrU | Op::I16x8ShrU | Op::I32x4ShrU | Op::I64x2ShrU => {
                self.shift_lanes(shape, |ins, a, count| ins.ushr(a, count))
            }
            Op::I8x16Add | Op::I16x8Add | Op::I32x4Add | Op::I64x2Add => {
                self.vector_binary(shape, |ins, a, b| ins.iadd(a, b))
            }
            Op::I8x16AddSatS | Op::I16x8AddSatS => {
                self.vector_binary(shape, |ins, a, b| ins.sadd_sat(a, b))
            }
            Op::I8x16AddSatU | Op::I16x8AddSatU => {
                self.vector_binary(shape, |ins, a, b| ins.uadd_sat(a, b))
            }
            Op::I8x16Sub | Op::I16x8Sub | Op::I32x4Sub | Op::I64x2Sub => {
                self.vector_binary(shape, |ins, a, b| ins.isub(a, b))
            }
            Op::I8x16SubSatS | Op::I16x8SubSatS => {
                self.vector_binary(shape, |ins, a, b| ins.ssub_sat(a, b))
            }
            Op::I8x16SubSatU | Op::I16x8SubSatU => {
                self.vector_binary(shape, |ins, a, b| ins.usub_sat(a, b))
            }
            Op::I16x8Mul | Op::I32x4Mul | Op::I64x2Mul => {
                self.vector_binary(shape, |ins, a, b| ins.imul(a, b))
            }
            Op::I8x16MinS | Op::I16x8MinS | Op::I32x4MinS => {
                self.vector_binary(shape, |ins, a, b| ins.smin(a, b))
            }
            Op::I8x16MinU | Op::I16x8MinU | Op::I32x4MinU => {
                self.vector_binary(shape, |ins, a, b| ins.umin(a, b))
            }
            Op::I8x16MaxS | Op::I16x8MaxS | Op::I32x4MaxS => {
                self.vector_binary(shape, |ins, a, b| ins.smax(a, b))
            }
            Op::I8x16MaxU | Op::I16x8MaxU | Op::I32x4MaxU => {
                self.vector_binary(shape, |ins, a, b| ins.umax(a, b))
            }
            Op::I8x16AvgrU | Op::I16x8AvgrU => {
                self.vector_binary(shape, |ins, a, b| ins.avg_round(a, b))
            }
            Op::I16x8Q15MulrSatS => {
                self.vector_binary(shape, |ins, a, b| ins.sqmul_round_sat(a, b))
            }
            _ => return self.vector_widening_operator(op, shape),
        }
        Ok(())
    }

    /// The instructions whose operands have lanes of half the result's width.
    fn vector_widening_operator(&mut self, op: &Op<'_>, shape: Type) -> Result<(), Error> {
        match op {
            Op::I16x8ExtendLowI8x16S | Op::I32x4ExtendLowI16x8S | Op::I64x2ExtendLowI32x4S => {
                self.extend_lanes(shape, Widen::LowSigned)
            }
            Op::I16x8ExtendLowI8x16U | Op::I32x4ExtendLowI16x8U | Op::I64x2ExtendLowI32x4U => {
                self.extend_lanes(shape, Widen::LowUnsigned)
            }
            Op::I16x8ExtendHighI8x16S | Op::I32x4ExtendHighI16x8S | Op::I64x2ExtendHighI32x4S => {
                self.extend_lanes(shape, Widen::HighSigned)
            }
            Op::I16x8ExtendHighI8x16U | Op::I32x4ExtendHighI16x8U | Op::I64x2ExtendHighI32x4U => {
                self.extend_lanes(shape, Widen::HighUnsigned)
            }
            Op::I16x8ExtMulLowI8x16S | Op::I32x4ExtMulLowI16x8S | Op::I64x2ExtMulLowI32x4S => {
                self.multiply_extended(shape, Widen::LowSigned)
            }
            Op::I16x8ExtMulLowI8x16U | Op::I32x4ExtMulLowI16x8U | Op::I64x2ExtMulLowI32x4U => {
                self.multiply_extended(shape, Widen::LowUnsigned)
            }
            Op::I16x8ExtMulHighI8x16S | Op::I32x4ExtMulHighI16x8S | Op::I64x2ExtMulHighI32x4S => {
                self.multiply_extended(shape, Widen::HighSigned)
            }
            Op::I16x8ExtMulHighI8x16U | Op::I32x4ExtMulHighI16x8U | Op::I64x2ExtMulHighI32x4U => {
                self.multiply_extended(shape, Widen::HighUnsigned)
            }
            Op::I16x8ExtAddPairwiseI8x16S | Op::I32x4ExtAddPairwiseI16x8S => {
                self.add_pairs_extended(shape, Widen::LowSigned, Widen::HighSigned)
            }
            Op::I16x8ExtAddPairwiseI8x16U | Op::I32x4ExtAddPairwiseI16x8U => {
                self.add_pairs_extended(shape, Widen::LowUnsigned, Widen::HighUnsigned)
            }
            Op::I32x4DotI16x8S => self.dot(),
            _ => return self.vector_float_operator(op, shape),
        }
        Ok(())
    }

    fn compare_lanes(&mut self, shape: Type, condition: IntCC) {
        self.vector_binary(shape, |ins, a, b| ins.icmp(condition, a, b));
    }

    /// The count is taken modulo the width of a lane, in CLIF as in wasm.
    fn shift_lanes(
        &mut self,
        shape: Type,
        op: impl FnOnce(FuncInstBuilder<'_, 'a>, Value, Value) -> Value,
    ) {
        let count = self.pop();
        self.vector_unary(shape, |ins, vector| op(ins, vector, count));
    }

    pub(super) fn widen(&mut self, widen: Widen, vector: Value) -> Value {
        widen.build(self.body.ins(), vector)
    }

    fn extend_lanes(&mut self, wide: Type, widen: Widen) {
        self.vector_unary(narrower(wide), |ins, vector| widen.build(ins, vector));
    }

    fn multiply_extended(&mut self, wide: Type, widen: Widen) {
        let (left, right) = self.pop_vectors(narrower(wide));
        let (left, right) = (self.widen(widen, left), self.widen(widen, right));
        let product = self.body.ins().imul(left, right);
        self.push_vector(product);
    }

    fn add_pairs_extended(&mut self, wide: Type, low: Widen, high: Widen) {
        let vector = self.pop_vector(narrower(wide));
        let (low, high) = (self.widen(low, vector), self.widen(high, vector));
        let sums = self.body.ins().iadd_pairwise(low, high);
        self.push_vector(sums);
    }

    /// Sums of neighbouring products.
    fn dot(&mut self) {
        let (left, right) = self.pop_vectors(types::I16X8);
        let (low, high) = self.widened_products(left, right);
        let sums = self.body.ins().iadd_pairwise(low, high);
        self.push_vector(sums);
    }

    /// The signed products of the low and of the high lanes, in lanes of twice the width.
    pub(super) fn widened_products(&mut self, left: Value, right: Value) -> (Value, Value) {
        let mut products = |widen| {
            let (left, right) = (self.widen(widen, left), self.widen(widen, right));
            self.body.ins().imul(left, right)
        };
        let low = products(Widen::LowSigned);
        (low, products(Widen::HighSigned))
    }
}

/// Twice as many lanes of half the width.
fn narrower(wide: Type) -> Type {
    wide.split_lanes().expect("a lane has halves")
}
