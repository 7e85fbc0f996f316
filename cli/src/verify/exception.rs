//! Exceptions: what is thrown, and where handlers begin.

use std::mem::offset_of;

use iced_x86::Instruction;
use nativize_abi::program::{CATCH_ALL, Exception, LARGEST_EXCEPTION};

use super::file::ADDRESSES;
use super::flow::{Prover, Stop};
use super::origins::{EXCEPTION, Origin};
use super::state::{R15, RAX, RBP, RDI, RSI, RSP, State};
use super::summary::{Kind, Store};
use super::value::{Base, Value, defined_symbol};

/// Marks places in the block of the thread among addresses.
pub(super) const IN_THREAD: u64 = 1 << 62;

/// The place that a value is the address of, if that is always the same: in the program's data, or in the thread's.
pub(super) fn fixed_place(value: &Value) -> Option<u64> {
    // (Others have no place for the mark, and are no addresses.)
    if value.low > ADDRESSES {
        return None;
    }
    match value.base {
        Base::Thread if value.low == value.high => Some(value.low | IN_THREAD),
        _ => value.as_constant(),
    }
}

/// What a cell holds when a whole exception was copied there.
pub(super) const WHOLE_EXCEPTION: u64 = u64::MAX;

impl Prover<'_, '_> {
    /// A call may continue in its handlers.
    pub(super) fn handlers(&mut self, it: &Instruction, state: &State) -> Result<(), Stop> {
        let handlers = self.summaries.exceptions.handlers.get(&it.next_ip());
        let Some(handlers) = handlers else {
            return Ok(());
        };
        for (edge, handler) in (2..).zip(handlers.clone()) {
            let mut landing = state.clone();
            let (Some(frame), Some(top)) = (
                state.registers[RBP].as_stack(),
                state.registers[RSP].as_stack(),
            ) else {
                return self.unproven("a call with handlers without a frame");
            };
            if handler.target < self.function.start || handler.target >= self.function.end() {
                return self.rejected("a handler is not in the function of its call");
            }
            let at_landing = frame - i64::from(handler.frame_size);
            if at_landing < top {
                return self.rejected("a handler begins with another stack pointer");
            }
            self.after_call(&mut landing);
            let kept = landing.registers;
            landing.registers = [Value::UNKNOWN; 16];
            landing.registers[RSP] = Value::stack(at_landing);
            landing.registers[RBP] = kept[RBP];
            if self.summaries.thread.is_some() {
                landing.registers[R15] = kept[R15];
            }
            landing.registers[RAX] = Value {
                base: Base::Exception,
                symbol: defined_symbol(self.offset()),
                low: u64::from(handler.tag),
                high: u64::from(handler.tag),
                origins: self.origins.one(Origin::Landed(handler.tag)),
                ..Value::UNKNOWN
            };
            let target = (handler.target - self.function.start) as u32;
            self.go(target, &landing, edge)?;
        }
        Ok(())
    }

    /// Where exceptions are thrown, the runtime walks up the frames: each is that of this function as it was entered, or of the
    /// caller's if it has none.
    pub(super) fn frame_record(&self, state: &State) -> Result<(), Stop> {
        if self.summaries.exceptions.record.is_none() && self.outcome.exceptions.is_none() {
            return Ok(());
        }
        let is_callers = |value: &Value| value.is_as_entered(RBP);
        let frame = &state.registers[RBP];
        let is_own = frame.as_stack().is_some_and(|at| {
            is_callers(&state.slot(at)) && state.slot(at + 8).base == Base::ReturnAddress
        });
        // The runtime's has none that a walk could go on with.
        let is_kept = is_callers(frame) && !self.summaries.is_entry(self.index);
        if !is_own && !is_kept {
            return self.rejected("a call without a frame that exceptions can pass");
        }
        Ok(())
    }

    /// The runtime's function is given an exception.
    pub(super) fn throw(&mut self, state: &State) -> Result<(), Stop> {
        let Some(record) = state.registers[RSI].as_constant() else {
            return self.unproven("the record of exceptions is not a constant");
        };
        let known = self.outcome.exceptions.or(self.summaries.exceptions.record);
        if known.is_some_and(|known| known != record) {
            return self.rejected("there are two records of exceptions");
        }
        if !super::tables::are_constants(self.program, record) {
            return self.rejected("the record of exceptions is not in constants");
        }
        self.outcome.exceptions = Some(record);
        let thrown = state.registers[RDI];
        self.exception_reference(&thrown, state)
    }

    /// An exception was made at an address, where exceptions are on their way to a handler.
    fn made(&mut self, address: u64, state: &State) -> Result<(), Stop> {
        let known = self
            .outcome
            .in_flight
            .or(self.summaries.exceptions.in_flight);
        if known.is_some_and(|known| known != address) {
            return self.unproven("exceptions are at several places");
        }
        if self.summaries.thread.is_some() && address & IN_THREAD == 0 {
            return self.unproven("an exception is thrown where other threads can change it");
        }
        self.outcome.in_flight = Some(address);
        if state.cells.contains(&(address, WHOLE_EXCEPTION)) {
            return Ok(());
        }
        let cell = |at: usize| {
            let mut cells = state.cells.iter();
            let found = cells.find(|cell| cell.0 == address + at as u64)?;
            u32::try_from(found.1).ok()
        };
        let (Some(tag), Some(size)) = (
            cell(offset_of!(Exception, tag)),
            cell(offset_of!(Exception, size)),
        ) else {
            return self.unproven("an exception is thrown without tag and size");
        };
        // A handler of all tags would take it for any other.
        if tag == CATCH_ALL {
            return self.rejected("an exception is thrown with the tag of all");
        }
        let is_size = size_of::<Exception>() as u64..=LARGEST_EXCEPTION;
        if !is_size.contains(&u64::from(size)) || !size.is_multiple_of(8) {
            return self.unproven("an exception is thrown whose size is none");
        }
        self.holds_exception(address, size.into())?;
        // What is at most so long is taken for that by who copies it.
        let known = self.summaries.exceptions.sizes.get(&tag);
        if known.is_some_and(|&known| known != size) {
            return self.unproven("exceptions of one tag have several sizes");
        }
        for offset in (size_of::<Exception>() as u32..size).step_by(8) {
            let mut carried = state.carried.iter();
            let carried = carried.find(|cell| cell.0 == address + u64::from(offset));
            self.outcome.stores.insert(Store {
                place: Origin::Carried(tag, offset),
                origins: carried.map(|cell| self.origins.get(cell.1).to_vec()),
                high: u64::MAX,
            });
        }
        if !self.outcome.thrown.contains(&(tag, size)) {
            self.outcome.thrown.push((tag, size));
        }
        Ok(())
    }

    /// Something was stored in the program's data, where an exception may be on its way or made.
    pub(super) fn cell(&mut self, low: u64, end: u64, value: Option<Value>, state: &mut State) {
        let number = value.and_then(|value| value.as_constant());
        state.cell(low, end, number, self.largest_exception().into());
        let is_there =
            self.summaries.exceptions.in_flight.is_none_or(|start| {
                low < start + u64::from(self.largest_exception()) && start < end
            });
        if is_there {
            state.exceptions_are_gone();
        }
        state
            .carried
            .retain(|cell| cell.0 + 8 <= low || end <= cell.0);
        let origins = value.map_or(0, |value| self.reference(&value));
        if is_there && end - low == 8 && origins != 0 {
            state.carried.push((low, origins));
        }
    }

    /// Whether an exception is copied, to the frame or to where it is on its way to a handler.
    pub(super) fn copies_exception(
        &mut self,
        state: &mut State,
        to: &Value,
        from: &Value,
        len: &Value,
    ) -> Result<bool, Stop> {
        let largest = i64::from(self.largest_exception());
        // One that was made in this block.
        let made = fixed_place(from).filter(|address| {
            let size = state.cell_at(address + offset_of!(Exception, size) as u64);
            size.is_some() && size == len.as_constant()
        });
        let is_size = match from.as_stack() {
            Some(offset) => {
                let of = self.relations.size(len.symbol);
                let mut copies = state.copies.iter();
                len.symbol != 0
                    && (len.add, len.shift) == (0, 0)
                    && copies
                        .any(|copy| (copy.0, copy.1) == (offset, largest) && of == Some(copy.2))
            }
            None => {
                let of = self.relations.size(len.symbol);
                let is_reference = from.base == Base::Exception
                    && from.add == 0
                    && from.origins != 0
                    && from.symbol != 0
                    && of == Some(from.symbol)
                    && (len.add, len.shift) == (0, 0);
                is_reference || made.is_some()
            }
        };
        if !is_size || len.base != Base::Number || len.high > largest.cast_unsigned() {
            return Ok(false);
        }
        if let Some(address) = made {
            self.made(address, state)?;
        }
        if let Some(offset) = to.as_stack() {
            let top = state.registers[RSP].as_stack().unwrap_or(0);
            if offset < top || offset + largest > 0 {
                return self.rejected("an exception is copied out of the function's frame");
            }
            state.forget_slots(offset, largest);
            let symbol = defined_symbol(self.offset());
            state.copies.push((offset, largest, symbol));
            return Ok(true);
        }
        let Some(address) = fixed_place(to) else {
            return Ok(false);
        };
        self.holds_exception(address, largest.cast_unsigned())?;
        let low = address & !IN_THREAD;
        let of_thread = address & IN_THREAD != 0;
        let end = low + largest.cast_unsigned();
        let cells = match of_thread {
            true => Origin::ThreadCells(low, end),
            false => Origin::Cells(low, end),
        };
        self.stored_at(cells, None, false);
        Ok(true)
    }

    /// There is room for an exception in the program's data, or in those of the thread.
    fn holds_exception(&self, place: u64, size: u64) -> Result<(), Stop> {
        let (low, end) = (place & !IN_THREAD, (place & !IN_THREAD) + size);
        let has_room = if place & IN_THREAD == 0 {
            self.program.is_data(low, end)
        } else {
            let thread = self.summaries.thread.as_ref();
            thread.is_some_and(|thread| thread.is_data(low, end))
        };
        if !has_room {
            return self.rejected("an exception is not in the program's data");
        }
        Ok(())
    }

    /// The value is an exception.
    pub(super) fn exception_reference(&mut self, value: &Value, state: &State) -> Result<(), Stop> {
        if let Some(address) = fixed_place(value) {
            return self.made(address, state);
        }
        // One that was kept, or the one on its way as long as nothing can have changed it.
        if value.base == Base::Exception && value.add == 0 && value.origins != 0 {
            return Ok(());
        }
        if value.base != Base::Exception && value.origins != 0 {
            self.demand(Kind::Exception, value);
            return Ok(());
        }
        self.unproven("what is thrown is not shown to be an exception")
    }

    /// A throw to a handler of the same function is a branch, with the address of the exception on its way: where the runtime
    /// comes to the same place, that is an exception.
    pub(super) fn same_form(&mut self, edges: &mut [((u32, u32), State)], in_flight: u64) {
        if edges.len() < 2 {
            return;
        }
        let is_exception = |value: &Value| value.base == Base::Exception;
        for register in 0..16 {
            let mut states = edges.iter().map(|edge| &edge.1);
            if states.any(|state| is_exception(&state.registers[register])) {
                for (_, state) in edges.iter_mut() {
                    if fixed_place(&state.registers[register]) == Some(in_flight)
                        && let Some(exception) = self.exception_at(in_flight, state)
                    {
                        state.registers[register] = exception;
                    }
                }
            }
        }
        let slots: Vec<i64> = edges
            .iter()
            .flat_map(|edge| edge.1.slots.iter())
            .filter(|slot| is_exception(&slot.1))
            .map(|slot| slot.0)
            .collect();
        for offset in slots {
            for (_, state) in edges.iter_mut() {
                if fixed_place(&state.slot(offset)) == Some(in_flight)
                    && let Some(exception) = self.exception_at(in_flight, state)
                {
                    state.set_slot(offset, exception);
                }
            }
        }
    }

    /// The exception that was made at an address, as a throw of it would be.
    fn exception_at(&mut self, address: u64, state: &State) -> Option<Value> {
        let tag = state
            .cell_at(address)
            .and_then(|tag| u32::try_from(tag).ok())?;
        self.made(address, state).ok()?;
        Some(Value {
            base: Base::Exception,
            low: tag.into(),
            high: tag.into(),
            origins: self.origins.one(Origin::Landed(tag)),
            ..Value::UNKNOWN
        })
    }
}

impl State {
    /// Where exceptions are on their way there may be another one now.
    pub(super) fn exceptions_are_gone(&mut self) {
        let landed = |value: &Value| {
            value.base == Base::Exception && value.origins != 0 && value.origins != EXCEPTION
        };
        for place in self.places(landed) {
            place.origins = 0;
        }
    }

    /// A number was stored in the program's data; something was, if there is none. What is known of a whole
    /// exception ends if anything was stored in the bytes of the largest there is, from its start.
    fn cell(&mut self, low: u64, end: u64, number: Option<u64>, largest: u64) {
        self.cells.retain(|&(start, number)| {
            let whole = number == WHOLE_EXCEPTION;
            start + if whole { largest } else { 4 } <= low || end <= start
        });
        if let Some(number) = number
            && end - low == 4
        {
            self.cells.push((low, number));
        }
    }

    /// The number that was stored at an address in this block.
    pub(super) fn cell_at(&self, address: u64) -> Option<u64> {
        let cell = self.cells.iter().find(|cell| cell.0 == address)?;
        (cell.1 != WHOLE_EXCEPTION).then_some(cell.1)
    }
}
