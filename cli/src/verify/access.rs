//! Whether an access to memory stays where guest code may be: each form that is allowed, one after the other.

use std::mem::offset_of;

use iced_x86::{Instruction, Register};
use nativize_abi::address::{GUARDED_RANGE, LOW_MEMORY_BASE, SLOT_SIZE, STACK_GUARD};
use nativize_abi::program::{
    CATCH_ALL, Exception, GuestFrame, Memory as MemoryRecord, SIGNATURE_PREFIX, THREAD_DATA,
    Table as TableRecord, Thread,
};

use super::flow::{Prover, Stop};
use super::origins::Origin;
use super::program::{Memory, Table};
use super::state::{RSP, State};
use super::summary::Kind;
use super::value::{Base, Limit, U32_MAX, Value, entry_register};

/// What an access reaches.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Place {
    /// At this distance from the stack pointer at entry.
    Stack(i64),
    /// A memory, or a part of the caller's frame: nothing is known of what is there.
    Anything,
    /// The program's data, from an address on to another.
    Data(u64, u64),
    /// The data of the thread.
    ThreadData(u64, u64),
    /// The identity of a function's type.
    Identity,
    /// The tag of an exception,
    ExceptionTag,
    /// and its size.
    ExceptionSize,
    /// What an exception of a tag carries at an offset.
    Carried(u32, u32),
    /// A table that can grow.
    Table(u16),
    /// A field of the record of a memory, by its offset.
    MemoryField(u16, u64),
    /// A field of the record of a table.
    TableField(u16, u64),
    /// Constants in the function's own code.
    Code(u64, u64),
    /// Where the frame and the return address are left for the runtime.
    GuestFrame(u64),
}

impl Prover<'_, '_> {
    /// The memory of a number: the program's, then each thread's own.
    pub(super) fn memory(&self, index: u16) -> Option<Memory> {
        let index = usize::from(index);
        match index.checked_sub(self.program.memories.len()) {
            None => Some(self.program.memories[index]),
            Some(own) => self.summaries.thread.as_ref()?.memories.get(own).copied(),
        }
    }

    pub(super) fn table(&self, index: u16) -> Option<Table> {
        match &self.summaries.thread {
            Some(thread) => thread.tables.get(usize::from(index)).copied(),
            None => self.program.tables.get(usize::from(index)).copied(),
        }
    }

    /// The entries of a table at start; it never has fewer.
    pub(super) fn table_length(&self, index: u16) -> u64 {
        self.table(index).map_or(0, |table| table.length)
    }

    /// The address of a memory operand.
    pub(super) fn address(&mut self, it: &Instruction, state: &State) -> Value {
        let displacement = it.memory_displacement64().cast_signed();
        if it.is_ip_rel_memory_operand() {
            return Value::constant(it.ip_rel_memory_address());
        }
        if it.memory_base().is_gpr32() || it.memory_index().is_gpr32() {
            return Value::between(0, U32_MAX);
        }
        let of = |register: Register| match register {
            Register::None => Value::constant(0),
            register if register.is_gpr64() => state.registers[register.number()],
            _ => Value::UNKNOWN,
        };
        let base = of(it.memory_base());
        let shift = it.memory_index_scale().trailing_zeros() as u8;
        let index = of(it.memory_index()).scaled(shift, 0);
        // The displacement first: with it a sum of base and index may fit where it would not before.
        let sum = match (base.as_constant(), index.as_constant()) {
            (Some(_), _) | (_, Some(_)) => base.sum(&index, 0),
            _ => base.sum(&index, super::value::defined_symbol(self.offset())),
        };
        sum.plus(displacement)
    }

    /// Where an access of some bytes goes, if that is allowed.
    pub(super) fn place(
        &mut self,
        state: &mut State,
        address: &Value,
        width: u64,
        write: bool,
    ) -> Result<Place, Stop> {
        match address.base {
            Base::Stack => self.stack(state, address, width),
            Base::Number => {
                if self.in_memory(state, address, width, false) {
                    self.relies_on_pages(false);
                    return Ok(Place::Anything);
                }
                if self.in_memory(state, address, width, true) {
                    self.relies_on_pages(true);
                    return Ok(Place::Anything);
                }
                self.fixed(state, address, width, write)
            }
            Base::StartOfMemory(index) => {
                if self.in_memory_at(state, index, address, width, false) {
                    self.relies_on_pages(false);
                    return Ok(Place::Anything);
                }
                if self.in_memory_at(state, index, address, width, true) {
                    self.relies_on_pages(true);
                    return Ok(Place::Anything);
                }
                self.unproven("an access to a memory is not shown to be in bounds")
            }
            Base::StartOfTable(index) => {
                let in_bounds = match address.bound {
                    Some(bound) if bound.limit == Limit::Table(index) && address.shift == 3 => {
                        let end = address.add.checked_add_unsigned(width);
                        let room = bound.room.saturating_mul(8);
                        address.add >= 0 && end.is_some_and(|end| end <= room)
                    }
                    _ => {
                        let end = address.high.checked_add(width);
                        let length = state.least(Limit::Table(index));
                        let length = length.max(self.table_length(index));
                        end.is_some_and(|end| end <= length.saturating_mul(8))
                    }
                };
                if in_bounds {
                    return Ok(Place::Table(index));
                }
                self.unproven("an access to a table is not shown to be in bounds")
            }
            Base::Thread => self.thread(address, width, write),
            Base::Exception if write => self.rejected("a write to an exception"),
            Base::Exception => self.exception(address, width),
            _ => self.unproven("an access to an address of no known form"),
        }
    }

    fn stack(&mut self, state: &mut State, address: &Value, width: u64) -> Result<Place, Stop> {
        let Some(offset) = address.as_stack() else {
            return self.unproven("an access to the stack at an unknown place");
        };
        let top = state.registers[RSP].as_stack().unwrap_or(0);
        let end = offset.saturating_add_unsigned(width);
        if offset < top || !self.has_parameters(end.saturating_sub(8)) {
            return self.rejected("an access to the stack outside of the function's frame");
        }
        self.touch(state, offset)?;
        Ok(Place::Stack(offset))
    }

    /// Whether what a caller passes on the stack reaches so far above the return address. If the function does not return, it
    /// does from now on: only who calls it can tell.
    pub(super) fn has_parameters(&mut self, end: i64) -> bool {
        if let Some(pop) = self.summaries.pops[self.index as usize] {
            return end <= i64::from(pop);
        }
        if end > MOST_IN_FRAME {
            return false;
        }
        let above = u32::try_from(end).unwrap_or(0);
        self.outcome.arguments = self.outcome.arguments.max(above);
        true
    }

    /// Whether an address is that of so many bytes that a caller may lend, in a register that the function was entered with.
    /// Then it needs them from now on.
    pub(super) fn is_lent(&mut self, address: &Value, size: u64) -> bool {
        let is_moved = address.base != Base::Number || address.shift != 0;
        let Some(register) = entry_register(address.symbol).filter(|_| !is_moved) else {
            return false;
        };
        let end = u32::try_from(address.add.saturating_add_unsigned(size)).unwrap_or(u32::MAX);
        if address.add < 0 || i64::from(end) > MOST_IN_FRAME {
            return false;
        }
        let needed = &mut self.outcome.frames[register];
        *needed = (*needed).max(end);
        true
    }

    /// The stack is accessed there: the guard below it must not have been stepped over.
    pub(super) fn touch(&self, state: &mut State, offset: i64) -> Result<(), Stop> {
        if offset < state.touched - STACK_GUARD.cast_signed() / 2 {
            return self.rejected("the frame steps over the guard of the stack");
        }
        if offset < -LARGEST_FRAME {
            return self.unproven("a frame that is larger than any stack");
        }
        state.touched = state.touched.min(offset);
        Ok(())
    }

    /// Whether a range lies in a memory: below its size, or if `guarded` in what is reserved for it.
    pub(super) fn in_memory(
        &self,
        state: &State,
        address: &Value,
        width: u64,
        guarded: bool,
    ) -> bool {
        // Below everything else there is nothing but the memory in the low slot.
        let end = address.high.checked_add(width);
        if guarded && end.is_some_and(|end| end <= LOW_MEMORY_BASE + GUARDED_RANGE) {
            return true;
        }
        let mut memories = (0u16..).zip(&self.program.memories);
        memories.any(|(index, memory)| {
            address.low >= memory.base
                && self.in_memory_from(state, index, memory.base, address, width, guarded)
        })
    }

    /// The same of a memory whose base is loaded.
    pub(super) fn in_memory_at(
        &self,
        state: &State,
        index: u16,
        address: &Value,
        width: u64,
        guarded: bool,
    ) -> bool {
        self.in_memory_from(state, index, 0, address, width, guarded)
    }

    /// Whether a range that begins at a memory's base or after it ends in the memory.
    fn in_memory_from(
        &self,
        state: &State,
        index: u16,
        base: u64,
        address: &Value,
        width: u64,
        guarded: bool,
    ) -> bool {
        let Some(memory) = self.memory(index) else {
            return false;
        };
        let size = memory.size.max(state.least(Limit::Memory(index)));
        let room = if guarded {
            memory.reservation.max(size)
        } else {
            size
        };
        let end = address.high.checked_add(width);
        if end.is_some_and(|end| end <= base + room) {
            return true;
        }
        address.bound.is_some_and(|bound| {
            bound.limit == Limit::Memory(index)
                && address.shift == 0
                && i128::from(bound.room) + i128::from(base) >= i128::from(width)
        })
    }

    /// An address that is no memory's.
    fn fixed(
        &mut self,
        state: &State,
        address: &Value,
        width: u64,
        write: bool,
    ) -> Result<Place, Stop> {
        let prefix = SIGNATURE_PREFIX.wrapping_neg();
        if address.as_constant() == Some(prefix) && width == SIGNATURE_PREFIX && !write {
            // That of null: it faults.
            return Ok(Place::Anything);
        }
        if let Some(identity) = address.as_constant()
            && width == SIGNATURE_PREFIX
            && !write
            && let function = identity.wrapping_add(SIGNATURE_PREFIX)
            && self.program.referenced_at(function).is_some()
        {
            return Ok(Place::Identity);
        }
        let (low, Some(end)) = (address.low, address.high.checked_add(width)) else {
            return self.fixed_form(state, address, width, write);
        };
        if let Some(block) = self.program.block(low, end) {
            if write && !block.writable {
                return self.rejected("a write to read-only data");
            }
            if !self.program.touches_records(low, end) {
                return Ok(Place::Data(low, end));
            }
            if write {
                return self.rejected("a write to the record of a memory or of a table");
            }
            return Ok(self.field(low, end, width));
        }
        if self.function.start <= low && end <= self.function.end() {
            if write {
                return self.rejected("a write to code");
            }
            return Ok(Place::Code(low, end));
        }
        if let Some(frame) = self.program.guest_frame
            && self.summaries.thread.is_none()
            && frame.address <= low
            && end <= frame.address + size_of::<GuestFrame>() as u64
            && end - low == width
        {
            return Ok(Place::GuestFrame(low - frame.address));
        }
        let in_slot = |memory: &Memory| (memory.base..memory.base + SLOT_SIZE).contains(&low);
        if address.as_constant().is_some() && !self.program.memories.iter().any(in_slot) {
            return self.rejected("an access to a fixed address that is not the program's");
        }
        self.fixed_form(state, address, width, write)
    }

    /// A field of a record; of several, something.
    fn field(&self, low: u64, end: u64, width: u64) -> Place {
        let size = size_of::<MemoryRecord>() as u64;
        for (index, memory) in (0u16..).zip(&self.program.memories) {
            if width == 8 && low + 8 == end && memory.record <= low && end <= memory.record + size {
                return Place::MemoryField(index, low - memory.record);
            }
        }
        let size = size_of::<TableRecord>() as u64;
        // In a program with threads tables are those of the thread.
        let is_alone = self.summaries.thread.is_none();
        for (index, table) in (0u16..).zip(&self.program.tables).filter(|_| is_alone) {
            if width == 8 && low + 8 == end && table.record <= low && end <= table.record + size {
                return Place::TableField(index, low - table.record);
            }
        }
        Place::Anything
    }

    /// An address of which only the form is known: what a reference refers to, or a place in the caller's frame.
    fn fixed_form(
        &mut self,
        state: &State,
        address: &Value,
        width: u64,
        write: bool,
    ) -> Result<Place, Stop> {
        if self.is_lent(address, width) {
            return Ok(Place::Anything);
        }
        let prefix = -SIGNATURE_PREFIX.cast_signed();
        if address.add == prefix
            && width == SIGNATURE_PREFIX
            && !write
            && let Some(reference) = state.itself(address)
        {
            self.demand(Kind::Function, &reference);
            return Ok(Place::Identity);
        }
        self.unproven(format!(
            "an access of {width} bytes to an address between {:#x} and {:#x}",
            address.low, address.high
        ))
    }

    /// What a value comes from has to hold references.
    pub(super) fn demand(&mut self, kind: Kind, value: &Value) {
        let origins: Vec<Origin> = self.origins.get(value.origins).to_vec();
        for origin in origins {
            self.outcome.demands.insert((kind, origin));
        }
    }

    fn thread(&mut self, address: &Value, width: u64, write: bool) -> Result<Place, Stop> {
        let Some(thread) = &self.summaries.thread else {
            return self.unproven("an access to a thread's data that are not known");
        };
        let (low, Some(end)) = (address.low, address.high.checked_add(width)) else {
            return self.unproven("an access to a thread's data is not shown to be in bounds");
        };
        if end <= size_of::<GuestFrame>() as u64 && end - low == width {
            return Ok(Place::GuestFrame(low));
        }
        let id = offset_of!(Thread, id) as u64;
        if low >= id && end <= id + 4 && !write {
            return Ok(Place::Anything);
        }
        if low < THREAD_DATA || end > thread.size {
            return self.rejected("an access outside of the thread's data");
        }
        let first = self.program.memories.len() as u16;
        let memories = (first..).zip(&thread.memories);
        let memories = memories.map(|(index, memory)| {
            let place = low.checked_sub(memory.record);
            let place = place.map(|field| Place::MemoryField(index, field));
            (memory.record, size_of::<MemoryRecord>() as u64, place)
        });
        let tables = (0u16..).zip(&thread.tables).map(|(index, table)| {
            let place = low.checked_sub(table.record);
            let place = place.map(|field| Place::TableField(index, field));
            (table.record, size_of::<TableRecord>() as u64, place)
        });
        for (start, size, place) in memories.chain(tables) {
            if low < start + size && start < end {
                if write {
                    return self.rejected("a write to the record of a memory or of a table");
                }
                let whole = width == 8 && low + 8 == end && end <= start + size;
                return Ok(place.filter(|_| whole).unwrap_or(Place::Anything));
            }
        }
        Ok(Place::ThreadData(low, end))
    }

    fn exception(&mut self, address: &Value, width: u64) -> Result<Place, Stop> {
        let sizes = &self.summaries.exceptions.sizes;
        let of_tag = |tag: u64| u32::try_from(tag).ok().and_then(|tag| sizes.get(&tag));
        let size = match of_tag(address.low) {
            _ if address.low != address.high || address.low == u64::from(CATCH_ALL) => {
                size_of::<Exception>() as u64
            }
            Some(&size) => u64::from(size),
            // Nothing throws that: no handler of it is ever entered.
            None => u64::MAX,
        };
        let end = address.add.checked_add_unsigned(width);
        let inside = end.is_some_and(|end| end.cast_unsigned() <= size);
        if address.add < 0 || !inside || address.shift != 0 {
            return self.unproven("an access to an exception is not shown to be in it");
        }
        let is_tag = address.add.cast_unsigned() == offset_of!(Exception, tag) as u64;
        if width == 4 && is_tag && address.origins != 0 {
            return Ok(Place::ExceptionTag);
        }
        let is_size = address.add.cast_unsigned() == offset_of!(Exception, size) as u64;
        if width == 4 && is_size && address.origins != 0 {
            return Ok(Place::ExceptionSize);
        }
        match *self.origins.get(address.origins) {
            // (What it begins with is no value.)
            [Origin::Landed(tag)]
                if tag != CATCH_ALL
                    && address.add.cast_unsigned() >= size_of::<Exception>() as u64 =>
            {
                Ok(Place::Carried(tag, address.add as u32))
            }
            _ => Ok(Place::Anything),
        }
    }

    /// The most bytes that an exception has.
    pub(super) fn largest_exception(&self) -> u32 {
        let sizes = self.summaries.exceptions.sizes.values();
        sizes
            .copied()
            .max()
            .unwrap_or(size_of::<Exception>() as u32)
    }
}

/// What a place of a frame is below, and what the names of what comes together there have room for.
pub(super) const LARGEST_FRAME: i64 = 1 << 29;

/// Parameters, or results, that do not fit into registers: validation allows 1000 of each.
const MOST_IN_FRAME: i64 = 16 * 1024;
