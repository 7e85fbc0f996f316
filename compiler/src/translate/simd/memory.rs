//! Vector loads and stores: whole, extended, splatted, padded with zeros, and of one lane.

use super::super::function::Translator;
use super::super::memory::{Load, Store, memory_index};
use crate::Error;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Opcode, Type, Value};
use cranelift_frontend::FuncInstBuilder;
use wasmparser::{MemArg, Operator as Op, ValType};

impl<'a> Translator<'a> {
    pub(super) fn vector_memory_operator(&mut self, op: &Op<'_>, shape: Type) -> Result<(), Error> {
        match op {
            Op::V128Load { memarg } => self.load(Load(Opcode::Load, 16, ValType::V128), memarg),
            Op::V128Store { memarg } => self.store(Store(Opcode::Store, 16), memarg),
            Op::V128Load8x8S { memarg } => self
                .load_extended(memarg, |ins, flags, base, offset| {
                    ins.sload8x8(flags, base, offset)
                }),
            Op::V128Load8x8U { memarg } => self
                .load_extended(memarg, |ins, flags, base, offset| {
                    ins.uload8x8(flags, base, offset)
                }),
            Op::V128Load16x4S { memarg } => self
                .load_extended(memarg, |ins, flags, base, offset| {
                    ins.sload16x4(flags, base, offset)
                }),
            Op::V128Load16x4U { memarg } => self
                .load_extended(memarg, |ins, flags, base, offset| {
                    ins.uload16x4(flags, base, offset)
                }),
            Op::V128Load32x2S { memarg } => self
                .load_extended(memarg, |ins, flags, base, offset| {
                    ins.sload32x2(flags, base, offset)
                }),
            Op::V128Load32x2U { memarg } => self
                .load_extended(memarg, |ins, flags, base, offset| {
                    ins.uload32x2(flags, base, offset)
                }),
            Op::V128Load8Splat { memarg }
            | Op::V128Load16Splat { memarg }
            | Op::V128Load32Splat { memarg }
            | Op::V128Load64Splat { memarg } => self.load_splat(shape, memarg),
            Op::V128Load32Zero { memarg } | Op::V128Load64Zero { memarg } => {
                self.load_zero(shape, memarg)
            }
            Op::V128Load8Lane { memarg, lane }
            | Op::V128Load16Lane { memarg, lane }
            | Op::V128Load32Lane { memarg, lane }
            | Op::V128Load64Lane { memarg, lane } => self.load_lane(shape, memarg, *lane),
            Op::V128Store8Lane { memarg, lane }
            | Op::V128Store16Lane { memarg, lane }
            | Op::V128Store32Lane { memarg, lane }
            | Op::V128Store64Lane { memarg, lane } => self.store_lane(shape, memarg, *lane),
            _ => return self.lane_operator(op, shape),
        }
        Ok(())
    }

    /// The checked address of an access of `width` bytes and its flags.
    fn vector_address(
        &mut self,
        index: Value,
        memarg: &MemArg,
        width: u32,
    ) -> (MemFlagsData, Value, i32) {
        let memory = self.memory(memory_index(memarg));
        let address = self.body.heap_address(memory, index, memarg.offset, width);
        (self.body.heap_flags(), address.base, address.displacement)
    }

    /// Loads 8 bytes as lanes of half their width.
    fn load_extended(
        &mut self,
        memarg: &MemArg,
        load: impl FnOnce(FuncInstBuilder<'_, 'a>, MemFlagsData, Value, i32) -> Value,
    ) {
        let index = self.pop();
        let (flags, base, offset) = self.vector_address(index, memarg, 8);
        let value = load(self.body.ins(), flags, base, offset);
        self.push_vector(value);
    }

    /// Loads the content of a lane.
    fn pop_lane_from_memory(&mut self, lane: Type, memarg: &MemArg) -> Value {
        let index = self.pop();
        let (flags, base, offset) = self.vector_address(index, memarg, lane.bytes());
        self.body.ins().load(lane, flags, base, offset)
    }

    fn load_splat(&mut self, shape: Type, memarg: &MemArg) {
        let lane = self.pop_lane_from_memory(shape.lane_type(), memarg);
        let value = self.body.ins().splat(shape, lane);
        self.push_vector(value);
    }

    fn load_zero(&mut self, shape: Type, memarg: &MemArg) {
        let lane = self.pop_lane_from_memory(shape.lane_type(), memarg);
        let value = self.body.ins().scalar_to_vector(shape, lane);
        self.push_vector(value);
    }

    fn load_lane(&mut self, shape: Type, memarg: &MemArg, lane: u8) {
        let vector = self.pop_vector(shape);
        let content = self.pop_lane_from_memory(shape.lane_type(), memarg);
        let value = self.body.ins().insertlane(vector, content, lane);
        self.push_vector(value);
    }

    fn store_lane(&mut self, shape: Type, memarg: &MemArg, lane: u8) {
        let vector = self.pop_vector(shape);
        let index = self.pop();
        let content = self.body.ins().extractlane(vector, lane);
        let (flags, base, offset) = self.vector_address(index, memarg, shape.lane_bits() / 8);
        self.body.ins().store(flags, content, base, offset);
    }
}
