//! Exceptions: what is thrown, and where handlers begin.

use std::mem::offset_of;

use iced_x86::Instruction;
use nativize_abi::program::Exception;

use super::flow::{Prover, Stop};
use super::state::{R15, RAX, RBP, RDI, RSI, RSP, State};
use super::summary::Kind;
use super::value::{Base, Value, defined_symbol};

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
                ..Value::UNKNOWN
            };
            let target = (handler.target - self.function.start) as u32;
            self.go(target, &landing, edge)?;
        }
        Ok(())
    }

    /// The runtime's function is given an exception.
    pub(super) fn throw(&mut self, state: &State) -> Result<(), Stop> {
        let Some(record) = state.registers[RSI].as_constant() else {
            return self.unproven("the record of exceptions is not a constant");
        };
        if self.outcome.exceptions.is_some_and(|known| known != record) {
            return self.rejected("there are two records of exceptions");
        }
        self.outcome.exceptions = Some(record);
        let thrown = state.registers[RDI];
        let Some(address) = thrown.as_constant() else {
            return self.exception_reference(&thrown);
        };
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
        let end = address + u64::from(size);
        let own = self.program.block(address, end);
        if own.is_none_or(|block| !block.writable) || self.program.touches_records(address, end) {
            return self.rejected("an exception is not in the program's data");
        }
        if self.outcome.in_flight.is_some_and(|known| known != address) {
            return self.unproven("exceptions are at several places");
        }
        self.outcome.in_flight = Some(address);
        if !self.outcome.thrown.contains(&(tag, size)) {
            self.outcome.thrown.push((tag, size));
        }
        Ok(())
    }

    /// The value is an exception.
    pub(super) fn exception_reference(&mut self, value: &Value) -> Result<(), Stop> {
        if value.base == Base::Exception && value.add == 0 {
            return Ok(());
        }
        if value.origins != 0 {
            self.demand(Kind::Exception, value);
            return Ok(());
        }
        self.unproven("what is thrown is not shown to be an exception")
    }
}
