//! Addresses in linear memory and their bounds checks. Nothing else in the compiler elides a check.
//!
//! A 32-bit index is zero-extended; with a static offset and the width of the access it reaches at most 2^33 + 14.
//!
//! - With guard pages, an access whose offset + width is at most [`MEMORY_GUARD`] ends inside the reservation of its
//!   memory whatever the index: page protection checks it, and the fault's program counter names the trap.
//! - A larger offset, and every access under explicit checks, compares the end of the access with the memory's size.
//!   The sum of a 32-bit index, a 32-bit offset and a width does not wrap in 64 bits.
//! - The constant base and the offset become a displacement only if their sum is below 2^31, because displacements are
//!   signed. The index itself is never split: an i32 addition may wrap, and folding it would not.

use super::{Body, place_offset};
use crate::options::BoundsChecks;
use crate::plan::MemoryPlan;
use crate::program::MemoryId;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Value, types};
use nativize_abi::Trap;
use nativize_abi::address::MEMORY_GUARD;
use nativize_abi::program::Memory;
use std::mem::offset_of;

/// A checked address: a value and a displacement.
pub(super) struct Address {
    pub base: Value,
    pub displacement: i32,
}

impl Body<'_> {
    pub(super) fn memory_plan(&self, memory: MemoryId) -> MemoryPlan {
        self.environment.plan.state.memories[memory].expect("every memory has a plan")
    }

    /// Flags of an access to linear memory: it may trap, and is little-endian and unaligned.
    pub(super) fn heap_flags(&self) -> MemFlagsData {
        MemFlagsData::new()
            .with_endianness(Endianness::Little)
            .with_trap_code(Some(super::trap_code(Trap::MemoryOutOfBounds)))
            .with_alias_region(Some(self.regions.heap))
    }

    /// Bytes that are accessible now.
    pub(super) fn memory_size(&mut self, memory: MemoryId) -> Value {
        let plan = self.memory_plan(memory);
        let flags = self.state_flags();
        let base = self.block_address(plan.record.block);
        let offset = place_offset(plan.record, offset_of!(Memory, size));
        self.ins().load(types::I64, flags, base, offset)
    }

    /// The address of an access of `width` bytes at `index` (i32) + `offset`, checked or left to the guard.
    pub(super) fn heap_address(
        &mut self,
        memory: MemoryId,
        index: Value,
        offset: u64,
        width: u32,
    ) -> Address {
        let plan = self.memory_plan(memory);
        debug_assert_eq!(self.builder.func.dfg.value_type(index), types::I32);
        debug_assert!(
            offset <= u64::from(u32::MAX),
            "validated: offsets of 32-bit memories are 32 bits"
        );
        let index = self.ins().uextend(types::I64, index);
        let end = offset + u64::from(width);
        let guarded = plan.bounds_checks == BoundsChecks::Guard && end <= MEMORY_GUARD;
        if !guarded {
            let size = self.memory_size(memory);
            let end = self.ins().iadd_imm_s(index, end.cast_signed());
            let outside = self.ins().icmp(IntCC::UnsignedGreaterThan, end, size);
            self.trap_if(outside, Trap::MemoryOutOfBounds);
        }
        match i32::try_from(plan.base + offset) {
            Ok(displacement) => Address {
                base: index,
                displacement,
            },
            Err(_) => {
                let start = self
                    .ins()
                    .iconst(types::I64, (plan.base + offset).cast_signed());
                Address {
                    base: self.ins().iadd(start, index),
                    displacement: 0,
                }
            }
        }
    }

    /// The address of a range of `len` bytes at `start` (both i64, zero-extended), compared with the size first:
    /// bulk operations never rely on the guard. An empty range may start at the end, not beyond it.
    pub(super) fn heap_range(&mut self, memory: MemoryId, start: Value, len: Value) -> Value {
        let size = self.memory_size(memory);
        self.check_range(start, len, size, Trap::MemoryOutOfBounds);
        let base = self.memory_plan(memory).base;
        self.ins().iadd_imm_s(start, base.cast_signed())
    }

    /// Traps unless `start + len <= limit`. All are i64; `start` and `len` come from 32 bits, so the sum cannot wrap.
    pub(super) fn check_range(&mut self, start: Value, len: Value, limit: Value, trap: Trap) {
        let end = self.ins().iadd(start, len);
        let outside = self.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        self.trap_if(outside, trap);
    }
}
