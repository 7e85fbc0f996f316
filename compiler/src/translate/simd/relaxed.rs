//! Relaxed vector instructions: for some operands the specification allows several results.
//!
//! By default a result is what one instruction of the processor gives; [`RelaxedSimd::Deterministic`] gives that of the
//! specification's deterministic profile, which is the same everywhere. Only a fused multiplication and addition then
//! costs a call: the baseline has no instruction for it.

use super::super::function::Translator;
use crate::Error;
use crate::builtin::Builtin;
use crate::options::{CpuFeature, RelaxedSimd};
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Type, Value, types};
use wasmparser::Operator as Op;

impl Translator<'_> {
    pub(super) fn relaxed_operator(&mut self, op: &Op<'_>, shape: Type) -> Result<(), Error> {
        match op {
            Op::I8x16RelaxedSwizzle => self.relaxed_swizzle(shape),
            Op::I32x4RelaxedTruncF32x4S => self.relaxed_truncate(),
            Op::I32x4RelaxedTruncF64x2SZero => self.relaxed_truncate_wide(),
            Op::I32x4RelaxedTruncF32x4U => self.truncate_unsigned(),
            Op::I32x4RelaxedTruncF64x2UZero => self.truncate_wide_unsigned(),
            Op::F32x4RelaxedMadd | Op::F64x2RelaxedMadd => self.relaxed_multiply_add(shape),
            Op::F32x4RelaxedNmadd | Op::F64x2RelaxedNmadd => self.relaxed_multiply_subtract(shape),
            Op::F32x4RelaxedMin | Op::F64x2RelaxedMin => self.relaxed_min(shape),
            Op::F32x4RelaxedMax | Op::F64x2RelaxedMax => self.relaxed_max(shape),
            Op::I8x16RelaxedLaneselect
            | Op::I16x8RelaxedLaneselect
            | Op::I32x4RelaxedLaneselect
            | Op::I64x2RelaxedLaneselect => self.relaxed_laneselect(shape),
            Op::I16x8RelaxedQ15mulrS => self.relaxed_q15(shape),
            Op::I16x8RelaxedDotI8x16I7x16S => self.relaxed_dot(),
            Op::I32x4RelaxedDotI8x16I7x16AddS => self.relaxed_dot_add(),
            _ => return Err(self.unsupported(op)),
        }
        Ok(())
    }

    fn deterministic(&self) -> bool {
        self.body.environment.options.relaxed_simd == RelaxedSimd::Deterministic
    }

    /// `pshufb` takes an index of 16 to 127 modulo 16.
    fn relaxed_swizzle(&mut self, shape: Type) {
        let deterministic = self.deterministic();
        self.vector_binary(shape, |ins, vector, indices| {
            if deterministic {
                ins.swizzle(vector, indices)
            } else {
                ins.x86_pshufb(vector, indices)
            }
        });
    }

    /// `cvttps2dq` gives the least integer for NaN and whatever does not fit.
    fn relaxed_truncate(&mut self) {
        let deterministic = self.deterministic();
        self.vector_unary(types::F32X4, |ins, vector| {
            if deterministic {
                ins.fcvt_to_sint_sat(types::I32X4, vector)
            } else {
                ins.x86_cvtt2dq(types::I32X4, vector)
            }
        });
    }

    fn relaxed_truncate_wide(&mut self) {
        let wide = self.pop_vector(types::F64X2);
        let wide = if self.deterministic() {
            self.body.ins().fcvt_to_sint_sat(types::I64X2, wide)
        } else {
            self.body.ins().x86_cvtt2dq(types::I64X2, wide)
        };
        self.narrow_with_zeros(wide);
    }

    /// `minps` gives the second operand for NaN and for zeros of both signs.
    fn relaxed_min(&mut self, shape: Type) {
        if self.deterministic() {
            self.vector_binary(shape, |ins, a, b| ins.fmin(a, b));
        } else {
            self.pseudo_min(shape);
        }
    }

    fn relaxed_max(&mut self, shape: Type) {
        if self.deterministic() {
            self.vector_binary(shape, |ins, a, b| ins.fmax(a, b));
        } else {
            self.pseudo_max(shape);
        }
    }

    /// `pblendvb` and its kin look at the top bit of each lane of the mask. There is none for lanes of 16 bits.
    fn relaxed_laneselect(&mut self, shape: Type) {
        let (set, clear, mask) = self.pop_three_vectors(shape);
        let value = if self.deterministic() || shape == types::I16X8 {
            self.body.ins().bitselect(mask, set, clear)
        } else {
            self.body.ins().blendv(mask, set, clear)
        };
        self.push_vector(value);
    }

    /// `pmulhrsw` gives -32768 for the square of that.
    fn relaxed_q15(&mut self, shape: Type) {
        let deterministic = self.deterministic();
        self.vector_binary(shape, |ins, a, b| {
            if deterministic {
                ins.sqmul_round_sat(a, b)
            } else {
                ins.x86_pmulhrsw(a, b)
            }
        });
    }

    /// `pmaddubsw` takes a byte of the second operand as unsigned, and saturates the sum.
    fn relaxed_dot(&mut self) {
        let (left, right) = self.pop_vectors(types::I8X16);
        let sums = if self.deterministic() {
            let (low, high) = self.widened_products(left, right);
            self.body.ins().iadd_pairwise(low, high)
        } else {
            self.body.ins().x86_pmaddubsw(left, right)
        };
        self.push_vector(sums);
    }

    fn relaxed_dot_add(&mut self) {
        let addend = self.pop_vector(types::I32X4);
        let (left, right) = self.pop_vectors(types::I8X16);
        let sums = if self.deterministic() {
            // A sum of two products does not fit in 16 bits when all four factors are -128.
            let (low, high) = self.widened_products(left, right);
            let [low, high] = [low, high].map(|products| self.sum_neighbours(products));
            self.body.ins().iadd_pairwise(low, high)
        } else {
            let pairs = self.body.ins().x86_pmaddubsw(left, right);
            self.sum_neighbours(pairs)
        };
        let value = self.body.ins().iadd(sums, addend);
        self.push_vector(value);
    }

    /// The sums of neighbouring lanes of 16 bits, in lanes of 32 bits.
    fn sum_neighbours(&mut self, vector: Value) -> Value {
        let low = self.body.ins().swiden_low(vector);
        let high = self.body.ins().swiden_high(vector);
        self.body.ins().iadd_pairwise(low, high)
    }

    fn relaxed_multiply_add(&mut self, shape: Type) {
        let (a, b, c) = self.pop_three_vectors(shape);
        let value = if self.has_fma() {
            self.body.ins().fma(a, b, c)
        } else if self.deterministic() {
            self.software_fma(shape, a, b, c)
        } else {
            let product = self.body.ins().fmul(a, b);
            self.body.ins().fadd(product, c)
        };
        self.push_vector(value);
    }

    /// `c - a * b`.
    fn relaxed_multiply_subtract(&mut self, shape: Type) {
        let (a, b, c) = self.pop_three_vectors(shape);
        let value = if self.has_fma() {
            let a = self.body.ins().fneg(a);
            self.body.ins().fma(a, b, c)
        } else if self.deterministic() {
            let a = self.body.ins().fneg(a);
            self.software_fma(shape, a, b, c)
        } else {
            let product = self.body.ins().fmul(a, b);
            self.body.ins().fsub(c, product)
        };
        self.push_vector(value);
    }

    fn has_fma(&self) -> bool {
        let cpu = self.body.environment.options.target_cpu;
        cpu.contains(CpuFeature::Fma)
    }

    /// `a * b + c`, rounded once, a lane at a time.
    fn software_fma(&mut self, shape: Type, a: Value, b: Value, c: Value) -> Value {
        let (builtin, bits) = if shape == types::F32X4 {
            (Builtin::FmaF32, types::I32)
        } else {
            (Builtin::FmaF64, types::I64)
        };
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        let mut result = c;
        for lane in 0..u8::try_from(shape.lane_count()).expect("at most 16 lanes") {
            let operands = [a, b, c].map(|vector| {
                let operand = self.body.ins().extractlane(vector, lane);
                self.body.ins().bitcast(bits, flags, operand)
            });
            let sum = self.body.call_builtin(builtin, &operands);
            let sum = sum.expect("it has a result");
            let sum = self.body.ins().bitcast(shape.lane_type(), flags, sum);
            result = self.body.ins().insertlane(result, sum, lane);
        }
        result
    }
}
