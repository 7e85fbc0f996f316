//! Memory instructions.

use super::function::Translator;
use super::{Body, clif_type, second_trap_code, trap_code};
use crate::builtin::Builtin;
use crate::module::IndexType;
use crate::plan::Length;
use crate::program::{InstanceId, MemoryId};
use cranelift_codegen::ir::{InstBuilder, Opcode, Type, Value, types};
use nativize_abi::Trap;
use wasmparser::{MemArg, MemArgTarget, ValType};

/// How a value is loaded: the operation, the bytes it accesses, and the type of its result.
#[derive(Clone, Copy)]
pub(super) struct Load(pub Opcode, pub u32, pub ValType);

/// How a value is stored: the operation and the bytes it accesses.
#[derive(Clone, Copy)]
pub(super) struct Store(pub Opcode, pub u32);

/// The memory that an access is to.
pub(super) fn memory_index(memarg: &MemArg) -> u32 {
    match memarg.target {
        MemArgTarget::Memory(index) => index,
        MemArgTarget::Array(_) => {
            unreachable!("the proposal for accesses to arrays is not enabled")
        }
    }
}

impl Body<'_> {
    /// Zero-extends an index of either type to 64 bits.
    pub(super) fn extend(&mut self, index: Value) -> Value {
        if self.builder.func.dfg.value_type(index) == types::I64 {
            return index;
        }
        self.ins().uextend(types::I64, index)
    }

    /// A number of 64 bits as an operand of an index type.
    pub(super) fn reduce(&mut self, number: Value, index: IndexType) -> Value {
        match index {
            IndexType::I32 => self.ins().ireduce(types::I32, number),
            IndexType::I64 => number,
        }
    }

    /// `memory.init` of a segment whose current length is `available`.
    pub(super) fn memory_init(
        &mut self,
        (instance, segment): (InstanceId, u32),
        memory: MemoryId,
        [destination, source, len]: [Value; 3],
        available: Length,
    ) {
        let plan = self.environment.plan.state.data[&(instance, segment)];
        let available = self.length(available);
        self.check_range(
            IndexType::I32,
            source,
            len,
            available,
            trap_code(Trap::MemoryOutOfBounds),
        );
        let trap = second_trap_code(Trap::MemoryOutOfBounds);
        let destination = self.heap_range(memory, destination, len, trap);
        let content = self.address(plan.content);
        let source = self.ins().iadd(content, source);
        self.call_builtin(Builtin::MemoryCopy, &[destination, source, len]);
    }

    pub(super) fn length(&mut self, length: Length) -> Value {
        match length {
            Length::Constant(len) => self.ins().iconst(types::I64, len.cast_signed()),
            Length::Cell(place) => self.load_state(types::I64, place, 0),
        }
    }

    /// Makes a segment empty. A segment that nothing reads, or that is empty for good, has no cell.
    pub(super) fn drop_segment(&mut self, plan: Option<crate::plan::SegmentPlan>) {
        if let Some(crate::plan::SegmentPlan {
            len: Length::Cell(place),
            ..
        }) = plan
        {
            let zero = self.ins().iconst(types::I64, 0);
            self.store_state(zero, place, 0);
        }
    }
}

impl Translator<'_> {
    pub(super) fn memory(&self, index: u32) -> MemoryId {
        self.body.environment.program.instances[self.instance].memories[index as usize]
    }

    pub(super) fn load(&mut self, Load(opcode, width, ty): Load, memarg: &MemArg) {
        let index = self.pop();
        let address = self.body.heap_address(
            self.memory(memory_index(memarg)),
            index,
            memarg.offset,
            width,
        );
        let flags = self.body.heap_flags();
        let (base, offset) = (address.base, address.displacement);
        let ty: Type = clif_type(ty);
        let ins = self.body.ins();
        let value = match opcode {
            Opcode::Load => ins.load(ty, flags, base, offset),
            Opcode::Uload8 => ins.uload8(ty, flags, base, offset),
            Opcode::Sload8 => ins.sload8(ty, flags, base, offset),
            Opcode::Uload16 => ins.uload16(ty, flags, base, offset),
            Opcode::Sload16 => ins.sload16(ty, flags, base, offset),
            Opcode::Uload32 => ins.uload32(flags, base, offset),
            Opcode::Sload32 => ins.sload32(flags, base, offset),
            _ => unreachable!("not a load: {opcode}"),
        };
        self.push(value);
    }

    pub(super) fn store(&mut self, Store(opcode, width): Store, memarg: &MemArg) {
        let (index, value) = self.pop2();
        let address = self.body.heap_address(
            self.memory(memory_index(memarg)),
            index,
            memarg.offset,
            width,
        );
        let flags = self.body.heap_flags();
        let (base, offset) = (address.base, address.displacement);
        let ins = self.body.ins();
        match opcode {
            Opcode::Store => ins.store(flags, value, base, offset),
            Opcode::Istore8 => ins.istore8(flags, value, base, offset),
            Opcode::Istore16 => ins.istore16(flags, value, base, offset),
            Opcode::Istore32 => ins.istore32(flags, value, base, offset),
            _ => unreachable!("not a store: {opcode}"),
        };
    }

    pub(super) fn memory_size(&mut self, index: u32) {
        let memory = self.memory(index);
        let plan = self.body.memory_plan(memory);
        let size = if self.body.environment.program.memories[memory].ty.shared {
            self.body.shared_memory_size(memory)
        } else {
            self.body.memory_size(memory)
        };
        let pages = self.body.ins().ushr_imm_u(size, i64::from(plan.page_shift));
        let pages = self.body.reduce(pages, plan.index);
        self.push(pages);
    }

    pub(super) fn memory_grow(&mut self, index: u32) {
        let delta = self.pop();
        let delta = self.body.extend(delta);
        let memory = self.memory(index);
        let plan = self.body.memory_plan(memory);
        let record = self.body.address(plan.record);
        let builtin = if self.body.environment.program.memories[memory].ty.shared {
            Builtin::MemoryGrowShared
        } else {
            Builtin::MemoryGrow
        };
        let old = self
            .body
            .call_builtin(builtin, &[record, delta])
            .expect("it has a result");
        let old = self.body.reduce(old, plan.index);
        self.push(old);
    }

    /// Pops three operands that are indices or lengths, and zero-extends them.
    pub(super) fn pop_range(&mut self) -> [Value; 3] {
        let (first, second, third) = self.pop3();
        [first, second, third].map(|value| self.body.extend(value))
    }

    pub(super) fn memory_copy(&mut self, destination: u32, source: u32) {
        let [to, from, len] = self.pop_range();
        let trap = trap_code(Trap::MemoryOutOfBounds);
        let to = self
            .body
            .heap_range(self.memory(destination), to, len, trap);
        let trap = second_trap_code(Trap::MemoryOutOfBounds);
        let from = self.body.heap_range(self.memory(source), from, len, trap);
        self.body
            .call_builtin(Builtin::MemoryCopy, &[to, from, len]);
    }

    pub(super) fn memory_fill(&mut self, index: u32) {
        let (start, byte, len) = self.pop3();
        let (start, len) = (self.body.extend(start), self.body.extend(len));
        let trap = trap_code(Trap::MemoryOutOfBounds);
        let start = self.body.heap_range(self.memory(index), start, len, trap);
        self.body
            .call_builtin(Builtin::MemoryFill, &[start, byte, len]);
    }

    pub(super) fn memory_init(&mut self, segment: u32, index: u32) {
        let operands = self.pop_range();
        let key = (self.instance, segment);
        let len = self.body.environment.plan.state.data[&key].len;
        self.body
            .memory_init(key, self.memory(index), operands, len);
    }

    pub(super) fn data_drop(&mut self, segment: u32) {
        let plan = self
            .body
            .environment
            .plan
            .state
            .data
            .get(&(self.instance, segment))
            .copied();
        self.body.drop_segment(plan);
    }
}
