//! Vectors as bits and as containers of lanes: constants, bitwise operations, splats, access to lanes, shuffles.

use super::super::function::Translator;
use super::CANONICAL;
use crate::Error;
use cranelift_codegen::ir::{InstBuilder, Type, types};
use wasmparser::Operator as Op;

impl Translator<'_> {
    pub(super) fn lane_operator(&mut self, op: &Op<'_>, shape: Type) -> Result<(), Error> {
        match op {
            Op::V128Const { value } => self.v128_const(value.bytes()),
            Op::V128Not => self.vector_unary(shape, |ins, a| ins.bnot(a)),
            Op::V128And => self.vector_binary(shape, |ins, a, b| ins.band(a, b)),
            Op::V128AndNot => self.vector_binary(shape, |ins, a, b| ins.band_not(a, b)),
            Op::V128Or => self.vector_binary(shape, |ins, a, b| ins.bor(a, b)),
            Op::V128Xor => self.vector_binary(shape, |ins, a, b| ins.bxor(a, b)),
            Op::V128Bitselect => self.bitselect(),
            Op::V128AnyTrue => self.any_true(),
            Op::I8x16AllTrue | Op::I16x8AllTrue | Op::I32x4AllTrue | Op::I64x2AllTrue => {
                self.all_true(shape)
            }
            Op::I8x16Bitmask | Op::I16x8Bitmask | Op::I32x4Bitmask | Op::I64x2Bitmask => {
                self.bitmask(shape)
            }
            Op::I8x16Splat
            | Op::I16x8Splat
            | Op::I32x4Splat
            | Op::I64x2Splat
            | Op::F32x4Splat
            | Op::F64x2Splat => self.splat(shape),
            Op::I8x16ExtractLaneS { lane } | Op::I16x8ExtractLaneS { lane } => {
                self.extract_lane_signed(shape, *lane)
            }
            Op::I8x16ExtractLaneU { lane } | Op::I16x8ExtractLaneU { lane } => {
                self.extract_lane_unsigned(shape, *lane)
            }
            Op::I32x4ExtractLane { lane }
            | Op::I64x2ExtractLane { lane }
            | Op::F32x4ExtractLane { lane }
            | Op::F64x2ExtractLane { lane } => self.extract_lane(shape, *lane),
            Op::I8x16ReplaceLane { lane }
            | Op::I16x8ReplaceLane { lane }
            | Op::I32x4ReplaceLane { lane }
            | Op::I64x2ReplaceLane { lane }
            | Op::F32x4ReplaceLane { lane }
            | Op::F64x2ReplaceLane { lane } => self.replace_lane(shape, *lane),
            Op::I8x16Shuffle { lanes } => self.shuffle(lanes),
            Op::I8x16Swizzle => self.vector_binary(shape, |ins, a, b| ins.swizzle(a, b)),
            _ => return self.vector_integer_operator(op, shape),
        }
        Ok(())
    }

    fn v128_const(&mut self, bytes: &[u8; 16]) {
        let constants = &mut self.body.builder.func.dfg.constants;
        let constant = constants.insert(bytes.as_slice().into());
        let value = self.body.ins().vconst(CANONICAL, constant);
        self.push(value);
    }

    /// Bits of the first operand where the mask is set, of the second elsewhere.
    fn bitselect(&mut self) {
        // A mask that a comparison left is seen to be one only in the comparison's shape: it selects in one instruction.
        let mask = self.pop();
        let mask = self.natural(mask);
        let mut shape = self.body.builder.func.dfg.value_type(mask);
        if shape.lane_type().is_float() {
            shape = CANONICAL;
        }
        let mask = self.shaped(mask, shape);
        let (set, clear) = self.pop_vectors(shape);
        let value = self.body.ins().bitselect(mask, set, clear);
        self.push_vector(value);
    }

    fn any_true(&mut self) {
        let vector = self.pop_vector(CANONICAL);
        let flag = self.body.ins().vany_true(vector);
        self.push_flag(flag);
    }

    fn all_true(&mut self, shape: Type) {
        let vector = self.pop_vector(shape);
        let flag = self.body.ins().vall_true(vector);
        self.push_flag(flag);
    }

    fn bitmask(&mut self, shape: Type) {
        let vector = self.pop_vector(shape);
        let mask = self.body.ins().vhigh_bits(types::I32, vector);
        self.push(mask);
    }

    /// Pops what a lane is set to: lanes narrower than an i32 come as one.
    fn pop_lane(&mut self, shape: Type) -> cranelift_codegen::ir::Value {
        let scalar = self.pop();
        match shape.lane_type() {
            lane @ (types::I8 | types::I16) => self.body.ins().ireduce(lane, scalar),
            _ => scalar,
        }
    }

    fn splat(&mut self, shape: Type) {
        let lane = self.pop_lane(shape);
        let value = self.body.ins().splat(shape, lane);
        self.push_vector(value);
    }

    fn extract_lane(&mut self, shape: Type, lane: u8) {
        let vector = self.pop_vector(shape);
        let value = self.body.ins().extractlane(vector, lane);
        self.push(value);
    }

    fn extract_lane_signed(&mut self, shape: Type, lane: u8) {
        self.extract_lane(shape, lane);
        self.unary(|ins, lane| ins.sextend(types::I32, lane));
    }

    fn extract_lane_unsigned(&mut self, shape: Type, lane: u8) {
        self.extract_lane(shape, lane);
        self.unary(|ins, lane| ins.uextend(types::I32, lane));
    }

    fn replace_lane(&mut self, shape: Type, lane: u8) {
        let content = self.pop_lane(shape);
        let vector = self.pop_vector(shape);
        let value = self.body.ins().insertlane(vector, content, lane);
        self.push_vector(value);
    }

    /// Bytes of two vectors, each chosen by an index below 32.
    fn shuffle(&mut self, lanes: &[u8; 16]) {
        let (left, right) = self.pop_vectors(CANONICAL);
        let immediates = &mut self.body.builder.func.dfg.immediates;
        let lanes = immediates.push(lanes.as_slice().into());
        let value = self.body.ins().shuffle(left, right, lanes);
        self.push_vector(value);
    }
}
