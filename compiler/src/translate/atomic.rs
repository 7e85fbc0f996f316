//! Atomic instructions.
//!
//! The address is checked for its alignment first, then for the bounds. All of them are sequentially consistent, as
//! Cranelift's are. What a narrow one reads is zero-extended.

use super::function::Translator;
use super::heap::Address;
use super::memory::memory_index;
use crate::Error;
use crate::builtin::Builtin;
use cranelift_codegen::ir::types::{I8, I16, I32, I64};
use cranelift_codegen::ir::{AtomicRmwOp as Rmw, InstBuilder, MemFlagsData, Type, Value};
use nativize_abi::Trap;
use wasmparser::{MemArg, Operator as Op};

impl Translator<'_> {
    /// Translates an atomic operator.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for any other one that is left.
    pub(super) fn atomic_operator(&mut self, op: &Op<'_>) -> Result<(), Error> {
        match op {
            Op::MemoryAtomicNotify { memarg } => self.notify(memarg),
            Op::MemoryAtomicWait32 { memarg } => self.wait(I32, Builtin::MemoryWait32, memarg),
            Op::MemoryAtomicWait64 { memarg } => self.wait(I64, Builtin::MemoryWait64, memarg),
            Op::AtomicFence { .. } => {
                self.body.ins().fence();
            }
            Op::I32AtomicLoad { memarg } => self.atomic_load(I32, I32, memarg),
            Op::I64AtomicLoad { memarg } => self.atomic_load(I64, I64, memarg),
            Op::I32AtomicLoad8U { memarg } => self.atomic_load(I8, I32, memarg),
            Op::I32AtomicLoad16U { memarg } => self.atomic_load(I16, I32, memarg),
            Op::I64AtomicLoad8U { memarg } => self.atomic_load(I8, I64, memarg),
            Op::I64AtomicLoad16U { memarg } => self.atomic_load(I16, I64, memarg),
            Op::I64AtomicLoad32U { memarg } => self.atomic_load(I32, I64, memarg),
            Op::I32AtomicStore { memarg } => self.atomic_store(I32, memarg),
            Op::I64AtomicStore { memarg } => self.atomic_store(I64, memarg),
            Op::I32AtomicStore8 { memarg } => self.atomic_store(I8, memarg),
            Op::I32AtomicStore16 { memarg } => self.atomic_store(I16, memarg),
            Op::I64AtomicStore8 { memarg } => self.atomic_store(I8, memarg),
            Op::I64AtomicStore16 { memarg } => self.atomic_store(I16, memarg),
            Op::I64AtomicStore32 { memarg } => self.atomic_store(I32, memarg),
            Op::I32AtomicRmwAdd { memarg } => self.atomic_rmw(I32, Rmw::Add, memarg),
            Op::I64AtomicRmwAdd { memarg } => self.atomic_rmw(I64, Rmw::Add, memarg),
            Op::I32AtomicRmw8AddU { memarg } => self.atomic_rmw(I8, Rmw::Add, memarg),
            Op::I32AtomicRmw16AddU { memarg } => self.atomic_rmw(I16, Rmw::Add, memarg),
            Op::I64AtomicRmw8AddU { memarg } => self.atomic_rmw(I8, Rmw::Add, memarg),
            Op::I64AtomicRmw16AddU { memarg } => self.atomic_rmw(I16, Rmw::Add, memarg),
            Op::I64AtomicRmw32AddU { memarg } => self.atomic_rmw(I32, Rmw::Add, memarg),
            Op::I32AtomicRmwSub { memarg } => self.atomic_rmw(I32, Rmw::Sub, memarg),
            Op::I64AtomicRmwSub { memarg } => self.atomic_rmw(I64, Rmw::Sub, memarg),
            Op::I32AtomicRmw8SubU { memarg } => self.atomic_rmw(I8, Rmw::Sub, memarg),
            Op::I32AtomicRmw16SubU { memarg } => self.atomic_rmw(I16, Rmw::Sub, memarg),
            Op::I64AtomicRmw8SubU { memarg } => self.atomic_rmw(I8, Rmw::Sub, memarg),
            Op::I64AtomicRmw16SubU { memarg } => self.atomic_rmw(I16, Rmw::Sub, memarg),
            Op::I64AtomicRmw32SubU { memarg } => self.atomic_rmw(I32, Rmw::Sub, memarg),
            Op::I32AtomicRmwAnd { memarg } => self.atomic_rmw(I32, Rmw::And, memarg),
            Op::I64AtomicRmwAnd { memarg } => self.atomic_rmw(I64, Rmw::And, memarg),
            Op::I32AtomicRmw8AndU { memarg } => self.atomic_rmw(I8, Rmw::And, memarg),
            Op::I32AtomicRmw16AndU { memarg } => self.atomic_rmw(I16, Rmw::And, memarg),
            Op::I64AtomicRmw8AndU { memarg } => self.atomic_rmw(I8, Rmw::And, memarg),
            Op::I64AtomicRmw16AndU { memarg } => self.atomic_rmw(I16, Rmw::And, memarg),
            Op::I64AtomicRmw32AndU { memarg } => self.atomic_rmw(I32, Rmw::And, memarg),
            Op::I32AtomicRmwOr { memarg } => self.atomic_rmw(I32, Rmw::Or, memarg),
            Op::I64AtomicRmwOr { memarg } => self.atomic_rmw(I64, Rmw::Or, memarg),
            Op::I32AtomicRmw8OrU { memarg } => self.atomic_rmw(I8, Rmw::Or, memarg),
            Op::I32AtomicRmw16OrU { memarg } => self.atomic_rmw(I16, Rmw::Or, memarg),
            Op::I64AtomicRmw8OrU { memarg } => self.atomic_rmw(I8, Rmw::Or, memarg),
            Op::I64AtomicRmw16OrU { memarg } => self.atomic_rmw(I16, Rmw::Or, memarg),
            Op::I64AtomicRmw32OrU { memarg } => self.atomic_rmw(I32, Rmw::Or, memarg),
            Op::I32AtomicRmwXor { memarg } => self.atomic_rmw(I32, Rmw::Xor, memarg),
            Op::I64AtomicRmwXor { memarg } => self.atomic_rmw(I64, Rmw::Xor, memarg),
            Op::I32AtomicRmw8XorU { memarg } => self.atomic_rmw(I8, Rmw::Xor, memarg),
            Op::I32AtomicRmw16XorU { memarg } => self.atomic_rmw(I16, Rmw::Xor, memarg),
            Op::I64AtomicRmw8XorU { memarg } => self.atomic_rmw(I8, Rmw::Xor, memarg),
            Op::I64AtomicRmw16XorU { memarg } => self.atomic_rmw(I16, Rmw::Xor, memarg),
            Op::I64AtomicRmw32XorU { memarg } => self.atomic_rmw(I32, Rmw::Xor, memarg),
            Op::I32AtomicRmwXchg { memarg } => self.atomic_rmw(I32, Rmw::Xchg, memarg),
            Op::I64AtomicRmwXchg { memarg } => self.atomic_rmw(I64, Rmw::Xchg, memarg),
            Op::I32AtomicRmw8XchgU { memarg } => self.atomic_rmw(I8, Rmw::Xchg, memarg),
            Op::I32AtomicRmw16XchgU { memarg } => self.atomic_rmw(I16, Rmw::Xchg, memarg),
            Op::I64AtomicRmw8XchgU { memarg } => self.atomic_rmw(I8, Rmw::Xchg, memarg),
            Op::I64AtomicRmw16XchgU { memarg } => self.atomic_rmw(I16, Rmw::Xchg, memarg),
            Op::I64AtomicRmw32XchgU { memarg } => self.atomic_rmw(I32, Rmw::Xchg, memarg),
            Op::I32AtomicRmwCmpxchg { memarg } => self.atomic_cmpxchg(I32, memarg),
            Op::I64AtomicRmwCmpxchg { memarg } => self.atomic_cmpxchg(I64, memarg),
            Op::I32AtomicRmw8CmpxchgU { memarg } => self.atomic_cmpxchg(I8, memarg),
            Op::I32AtomicRmw16CmpxchgU { memarg } => self.atomic_cmpxchg(I16, memarg),
            Op::I64AtomicRmw8CmpxchgU { memarg } => self.atomic_cmpxchg(I8, memarg),
            Op::I64AtomicRmw16CmpxchgU { memarg } => self.atomic_cmpxchg(I16, memarg),
            Op::I64AtomicRmw32CmpxchgU { memarg } => self.atomic_cmpxchg(I32, memarg),
            _ => return Err(self.unsupported(op)),
        }
        Ok(())
    }

    /// Traps unless the address is a multiple of the width.
    fn check_alignment(&mut self, index: Value, memarg: &MemArg, ty: Type) {
        let mask = i64::from(ty.bytes() - 1);
        if mask == 0 {
            return;
        }
        let body = &mut self.body;
        // An offset that wraps keeps its low bits, which are all that counts.
        let address = if memarg.offset.cast_signed() & mask == 0 {
            index
        } else {
            let index = body.extend(index);
            body.ins().iadd_imm_s(index, memarg.offset.cast_signed())
        };
        let low = body.ins().band_imm_u(address, mask);
        body.trap_if(low, Trap::UnalignedAtomic);
    }

    /// The address of an access to a value of type `ty`.
    fn atomic_address(&mut self, index: Value, memarg: &MemArg, ty: Type) -> Value {
        self.check_alignment(index, memarg, ty);
        let memory = self.memory(memory_index(memarg));
        let address = self
            .body
            .heap_address(memory, index, memarg.offset, ty.bytes());
        self.address_value(address)
    }

    /// The same, compared with the memory's size: what the runtime accesses never relies on the guard.
    fn compared_address(&mut self, index: Value, memarg: &MemArg, ty: Type) -> Value {
        self.check_alignment(index, memarg, ty);
        let memory = self.memory(memory_index(memarg));
        let address = self
            .body
            .heap_address_compared(memory, index, memarg.offset, ty.bytes());
        self.address_value(address)
    }

    fn address_value(&mut self, address: Address) -> Value {
        let displacement = i64::from(address.displacement);
        self.body.ins().iadd_imm_s(address.base, displacement)
    }

    fn atomic_flags(&self) -> MemFlagsData {
        self.body.heap_flags().with_aligned()
    }

    /// An operand as wide as what is accessed.
    fn narrow(&mut self, value: Value, ty: Type) -> Value {
        if self.body.builder.func.dfg.value_type(value) == ty {
            return value;
        }
        self.body.ins().ireduce(ty, value)
    }

    /// Pushes what was accessed as a result of type `ty`.
    fn push_widened(&mut self, value: Value, ty: Type) {
        let value = if self.body.builder.func.dfg.value_type(value) == ty {
            value
        } else {
            self.body.ins().uextend(ty, value)
        };
        self.push(value);
    }

    fn atomic_load(&mut self, ty: Type, result: Type, memarg: &MemArg) {
        let index = self.pop();
        let address = self.atomic_address(index, memarg, ty);
        let flags = self.atomic_flags();
        let value = self.body.ins().atomic_load(ty, flags, address);
        self.push_widened(value, result);
    }

    fn atomic_store(&mut self, ty: Type, memarg: &MemArg) {
        let (index, value) = self.pop2();
        let address = self.atomic_address(index, memarg, ty);
        let flags = self.atomic_flags();
        let value = self.narrow(value, ty);
        self.body.ins().atomic_store(flags, value, address);
    }

    fn atomic_rmw(&mut self, ty: Type, op: Rmw, memarg: &MemArg) {
        let (index, operand) = self.pop2();
        let result = self.body.builder.func.dfg.value_type(operand);
        let address = self.atomic_address(index, memarg, ty);
        let flags = self.atomic_flags();
        let operand = self.narrow(operand, ty);
        let old = self.body.ins().atomic_rmw(ty, flags, op, address, operand);
        self.push_widened(old, result);
    }

    /// Of the value that is expected, as many bits are compared as are accessed.
    fn atomic_cmpxchg(&mut self, ty: Type, memarg: &MemArg) {
        let (index, expected, replacement) = self.pop3();
        let result = self.body.builder.func.dfg.value_type(expected);
        let address = self.atomic_address(index, memarg, ty);
        let flags = self.atomic_flags();
        let replacement = self.narrow(replacement, ty);
        let expected = self.narrow(expected, ty);
        let old = self
            .body
            .ins()
            .atomic_cas(flags, address, expected, replacement);
        self.push_widened(old, result);
    }

    fn is_shared(&self, memarg: &MemArg) -> bool {
        let memory = self.memory(memory_index(memarg));
        self.body.environment.program.memories[memory].ty.shared
    }

    fn wait(&mut self, ty: Type, builtin: Builtin, memarg: &MemArg) {
        let (index, expected, timeout) = self.pop3();
        let address = self.compared_address(index, memarg, ty);
        if !self.is_shared(memarg) {
            let always = self.body.ins().iconst(I8, 1);
            self.body.trap_if(always, Trap::ExpectedSharedMemory);
        }
        let result = self
            .body
            .call_builtin(builtin, &[address, expected, timeout])
            .expect("it has a result");
        self.push(result);
    }

    /// Nobody can wait for a memory that is not shared.
    fn notify(&mut self, memarg: &MemArg) {
        let (index, count) = self.pop2();
        let address = self.compared_address(index, memarg, I32);
        let woken = if self.is_shared(memarg) {
            self.body
                .call_builtin(Builtin::MemoryNotify, &[address, count])
                .expect("it has a result")
        } else {
            self.body.ins().iconst(I32, 0)
        };
        self.push(woken);
    }
}
