//! Addresses in linear memory and their bounds checks. Nothing else in the compiler elides a check.
//!
//! A 32-bit index is zero-extended; with a static offset and the width of the access it reaches at most 2^33 + 14.
//! A 64-bit index with its offset may wrap, so its check never adds what it has not compared, or traps on the carry.
//!
//! - With guard pages, an access whose offset + width is at most [`MEMORY_GUARD`] ends among the addresses of its
//!   memory whatever the index: page protection checks it, and the fault's program counter names the trap.
//! - A larger offset, and every access under explicit checks, compares the end of the access with the memory's size.
//!   The sum of a 32-bit index, a 32-bit offset and a width does not wrap in 64 bits.
//! - The constant base and the offset, or the offset alone, become a displacement only below 2^31, because displacements
//!   are signed. The index itself is never split: an i32 addition may wrap, and folding it would not.

use super::Body;
use crate::module::IndexType;
use crate::options::BoundsChecks;
use crate::plan::MemoryPlan;
use crate::program::MemoryId;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, TrapCode, Value, types};
use nativize_abi::Trap;
use nativize_abi::address::{MEMORY_GUARD, SLOT_SIZE};
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
        let record = self.memory_plan(memory).record;
        self.load_state(types::I64, record, offset_of!(Memory, size))
    }

    /// The same for a memory that other threads grow: never a size that was read before.
    pub(super) fn shared_memory_size(&mut self, memory: MemoryId) -> Value {
        let flags = self.state_flags();
        let record = self.memory_plan(memory).record;
        let address = self.address(record);
        let offset = super::displacement(offset_of!(Memory, size));
        let address = self.ins().iadd_imm_s(address, i64::from(offset));
        self.ins().atomic_load(types::I64, flags, address)
    }

    /// The address of an access of `width` bytes at `index` (of the memory's index type) + `offset`, checked or left to
    /// the guard.
    pub(super) fn heap_address(
        &mut self,
        memory: MemoryId,
        index: Value,
        offset: u64,
        width: u32,
    ) -> Address {
        let bounds_checks = self.memory_plan(memory).bounds_checks;
        self.checked_address(memory, index, offset, width, bounds_checks)
    }

    /// The same for the runtime to access, which no guard serves.
    pub(super) fn heap_address_compared(
        &mut self,
        memory: MemoryId,
        index: Value,
        offset: u64,
        width: u32,
    ) -> Address {
        self.checked_address(memory, index, offset, width, BoundsChecks::Explicit)
    }

    fn checked_address(
        &mut self,
        memory: MemoryId,
        index: Value,
        offset: u64,
        width: u32,
        bounds_checks: BoundsChecks,
    ) -> Address {
        let plan = self.memory_plan(memory);
        debug_assert!(
            plan.index == IndexType::I64 || offset <= u64::from(u32::MAX),
            "validated: offsets of 32-bit memories are 32 bits"
        );
        let index = self.extend(index);
        match (plan.index, offset.checked_add(u64::from(width))) {
            (IndexType::I32, Some(end)) => {
                let guarded = bounds_checks == BoundsChecks::Guard && end <= MEMORY_GUARD;
                if !guarded {
                    let size = self.memory_size(memory);
                    let end = self.ins().iadd_imm_s(index, end.cast_signed());
                    self.trap_unless_inside(end, size);
                }
            }
            // The sum stays below the size only if nothing wraps: what is taken from the size is at most its minimum.
            (IndexType::I64, Some(end)) if end <= plan.min_size => {
                let size = self.memory_size(memory);
                let last = self.ins().iadd_imm_s(size, -end.cast_signed());
                self.trap_unless_inside(index, last);
            }
            (IndexType::I64, Some(end)) if end <= SLOT_SIZE => {
                let size = self.memory_size(memory);
                let end = self.ins().iconst(types::I64, end.cast_signed());
                let trap = super::trap_code(Trap::MemoryOutOfBounds);
                let end = self.ins().uadd_overflow_trap(index, end, trap);
                self.trap_unless_inside(end, size);
            }
            // No memory is as large as that.
            _ => {
                let always = self.ins().iconst(types::I8, 1);
                self.trap_if(always, Trap::MemoryOutOfBounds);
            }
        }
        if plan.per_thread {
            return self.address_in_thread(plan, index, offset);
        }
        let start = plan.base.wrapping_add(offset);
        match (i32::try_from(start), i32::try_from(offset)) {
            (Ok(displacement), _) => Address {
                base: index,
                displacement,
            },
            // Accesses at several offsets share the register that holds the memory's base.
            (Err(_), Ok(displacement)) => {
                let base = self.ins().iconst(types::I64, plan.base.cast_signed());
                Address {
                    base: self.ins().iadd(base, index),
                    displacement,
                }
            }
            (Err(_), Err(_)) => {
                let start = self.ins().iconst(types::I64, start.cast_signed());
                Address {
                    base: self.ins().iadd(start, index),
                    displacement: 0,
                }
            }
        }
    }

    /// The address in a memory whose base is known at run time only.
    fn address_in_thread(&mut self, plan: MemoryPlan, index: Value, offset: u64) -> Address {
        let base = self.load_state(types::I64, plan.record, offset_of!(Memory, base));
        let base = self.ins().iadd(base, index);
        match i32::try_from(offset) {
            Ok(displacement) => Address { base, displacement },
            Err(_) => Address {
                base: self.ins().iadd_imm_s(base, offset.cast_signed()),
                displacement: 0,
            },
        }
    }

    fn trap_unless_inside(&mut self, at: Value, limit: Value) {
        let outside = self.ins().icmp(IntCC::UnsignedGreaterThan, at, limit);
        self.trap_if(outside, Trap::MemoryOutOfBounds);
    }

    /// The address of a range of `len` bytes at `start` (both i64, zero-extended), compared with the size first:
    /// bulk operations never rely on the guard. An empty range may start at the end, not beyond it.
    pub(super) fn heap_range(
        &mut self,
        memory: MemoryId,
        start: Value,
        len: Value,
        trap: TrapCode,
    ) -> Value {
        let size = self.memory_size(memory);
        let plan = self.memory_plan(memory);
        self.check_range(plan.index, start, len, size, trap);
        if plan.per_thread {
            let base = self.load_state(types::I64, plan.record, offset_of!(Memory, base));
            return self.ins().iadd(base, start);
        }
        self.ins().iadd_imm_s(start, plan.base.cast_signed())
    }

    /// Traps unless `start + len <= limit`. All are i64; if `index` says that `start` and `len` come from 32 bits, their
    /// sum cannot wrap.
    pub(super) fn check_range(
        &mut self,
        index: IndexType,
        start: Value,
        len: Value,
        limit: Value,
        trap: TrapCode,
    ) {
        let end = match index {
            IndexType::I32 => self.ins().iadd(start, len),
            IndexType::I64 => self.ins().uadd_overflow_trap(start, len, trap),
        };
        let outside = self.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
        self.ins().trapnz(outside, trap);
    }
}
