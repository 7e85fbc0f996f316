//! Calls of the runtime: which of its functions guest code may call, and what it must give them.

use std::cell::{Cell, RefCell};

use iced_x86::Instruction;
use nativize_abi::program::Threads;
use nativize_abi::{for_each_builtin, for_each_wasi_p1, symbol};

use super::demands;
use super::exception::WHOLE_EXCEPTION;
use super::flow::{PARAMETERS, Prover, Stop};
use super::origins::{EXCEPTION, Origin};
use super::state::{RAX, RDI, RDX, RSI, RSP, RangeLimit, State, Term};
use super::summary::Store;
use super::value::{Base, Limit, Value};

macro_rules! builtin_names {
    ($($name:ident, $symbol:literal, $parameters:tt $(-> $result:ident)?;)*) => {
        &[$($symbol),*]
    };
}
const BUILTINS: &[&str] = for_each_builtin!(builtin_names);

macro_rules! host_names {
    ($($module:tt, $name:tt, $symbol:ident $parameters:tt $(-> $result:ident)?;)*) => {
        &[$((stringify!($symbol), stringify!($parameters))),*]
    };
}
/// With their parameters.
const HOST_FUNCTIONS: &[(&str, &str)] = for_each_wasi_p1!(host_names);

/// Whether guest code may call this function of the runtime.
pub(super) fn is_callable(name: &str) -> bool {
    BUILTINS.contains(&name)
        || HOST_FUNCTIONS.iter().any(|host| host.0 == name)
        || name == symbol::THROW
        || name == symbol::UNKNOWN_IMPORT
}

impl Prover<'_, '_> {
    /// Whether it returns.
    pub(super) fn runtime_call(
        &mut self,
        it: &Instruction,
        name: &str,
        state: &mut State,
    ) -> Result<bool, Stop> {
        let registers = state.registers;
        let mut returns = true;
        let mut whole = None;
        match name {
            "nvz_memory_grow" | "nvz_memory_grow_shared" => {
                self.memory_record(&registers[RDI], state, false)?;
            }
            "nvz_memory_copy" => {
                let [to, from, len] = [registers[RDI], registers[RSI], registers[RDX]];
                if self.copies_exception(state, &to, &from, &len)? {
                    whole = super::exception::fixed_place(&to);
                } else {
                    let to = self.range(state, &to, &len, true)?;
                    let from = self.range(state, &from, &len, false)?;
                    if let Some(to) = to {
                        // Parts of references are none.
                        let is_whole = [RDI, RSI, RDX]
                            .iter()
                            .all(|&register| registers[register].is_multiple_of_cells());
                        self.copied(to, from.filter(|_| is_whole));
                    }
                }
            }
            "nvz_memory_fill" => {
                if let Some(to) = self.range(state, &registers[RDI], &registers[RDX], true)? {
                    self.copied(to, None);
                }
            }
            "nvz_table_fill" => {
                let bytes = registers[RDX].scaled(3, 0);
                let to = self.range(state, &registers[RDI], &bytes, true)?;
                match to {
                    Some(to) => {
                        let is_whole = registers[RDI].is_multiple_of_cells();
                        self.stored_at(to, Some(registers[RSI]), is_whole);
                    }
                    None => return self.rejected("a table is filled that is no table"),
                }
            }
            "nvz_table_grow" => {
                let table = self.table_record(&registers[RDI])?;
                self.stored_at(Origin::Table(table), Some(registers[RDX]), true);
            }
            "nvz_fma_f32" | "nvz_fma_f64" => {}
            // It finds what the thread has by what was made before the register was.
            "nvz_host_leave" => self.thread_register(state)?,
            "nvz_memory_wait32" => self.aligned(state, &registers[RDI], 4)?,
            "nvz_memory_wait64" => self.aligned(state, &registers[RDI], 8)?,
            "nvz_memory_notify" => self.aligned(state, &registers[RDI], 4)?,
            "nvz_thread_state" => self.threads_record(&registers[RDI])?,
            "nvz_thread_spawn" => {
                // The thread that starts the first one has a block already: it is made once.
                self.thread_register(state)?;
                self.threads_record(&registers[RDI])?;
                let start = registers[RSI].as_constant();
                let start = start.and_then(|start| self.program.starts.get(&start));
                match start {
                    Some(&start) if !self.outcome.thread_starts.contains(&start) => {
                        self.outcome.thread_starts.push(start);
                    }
                    Some(_) => {}
                    None => return self.rejected("a thread is started with what is no function"),
                }
            }
            "nvz_exception_keep" => self.exception_reference(&registers[RDI], state)?,
            symbol::THROW => {
                self.thread_register(state)?;
                self.throw(state)?;
                self.frame_record(state)?;
                self.handlers(it, state)?;
                returns = false;
            }
            symbol::UNKNOWN_IMPORT => {
                if let Some(len) = registers[RSI].as_constant() {
                    self.place(state, &registers[RDI], len.max(1), false)?;
                } else {
                    return self.unproven("a name of unknown length is given to the runtime");
                }
                returns = false;
            }
            _ => {
                self.memory_record(&registers[RDI], state, true)?;
                self.lend_arguments(name, state)?;
            }
        }
        if !returns {
            return Ok(false);
        }
        self.after_call(state);
        if let Some(address) = whole {
            state.cells.push((address, WHOLE_EXCEPTION));
        }
        match name {
            "nvz_thread_state" if self.summaries.thread.is_some() => {
                state.registers[RAX] = Value::based(Base::Thread, 0);
            }
            "nvz_exception_keep" => {
                state.registers[RAX].base = Base::Exception;
                state.registers[RAX].origins = EXCEPTION;
            }
            _ => {}
        }
        Ok(true)
    }

    /// What a host function is passed on the stack it may change: that is the caller's, and nobody knows it after.
    fn lend_arguments(&self, name: &str, state: &mut State) -> Result<(), Stop> {
        let mut all = HOST_FUNCTIONS.iter();
        let parameters = all.find(|host| host.0 == name).map_or("()", |host| host.1);
        // The first parameter of all is the memory.
        let count = 1 + parameters.split(',').count();
        let bytes = (8 * count.saturating_sub(PARAMETERS.len())).cast_signed() as i64;
        let top = state.registers[RSP].as_stack().unwrap_or(0);
        if top + bytes > 0 {
            return self.rejected("a call of the runtime whose parameters are not in the frame");
        }
        state.forget_slots(top, bytes);
        Ok(())
    }

    /// The record of a memory, or nothing.
    fn memory_record(&mut self, value: &Value, _state: &State, or_null: bool) -> Result<(), Stop> {
        let is_record = match value.base {
            Base::Number => match value.as_constant() {
                Some(0) => or_null,
                Some(address) => {
                    let mut memories = self.program.memories.iter();
                    memories.any(|memory| memory.record == address)
                }
                None => false,
            },
            Base::Thread if value.low == value.high => {
                let thread = self.summaries.thread.as_ref();
                thread.is_some_and(|thread| {
                    let mut memories = thread.memories.iter();
                    memories.any(|memory| memory.record == value.low)
                })
            }
            _ => false,
        };
        if !is_record {
            return self.rejected("the runtime is given what is not the record of a memory");
        }
        Ok(())
    }

    fn table_record(&mut self, value: &Value) -> Result<u16, Stop> {
        let tables = match (&self.summaries.thread, value.base) {
            (Some(thread), Base::Thread) => &thread.tables,
            (None, Base::Number) => &self.program.tables,
            _ => return self.rejected("the runtime is given what is not the record of a table"),
        };
        let at = tables
            .iter()
            .position(|table| table.record == value.low && value.low == value.high);
        match at.and_then(|at| u16::try_from(at).ok()) {
            Some(index) => Ok(index),
            None => self.rejected("the runtime is given what is not the record of a table"),
        }
    }

    fn threads_record(&mut self, value: &Value) -> Result<(), Stop> {
        let Some(address) = value.as_constant() else {
            return self.unproven("the record of threads is not a constant");
        };
        let end = address.checked_add(size_of::<Threads>() as u64);
        let block = end.and_then(|end| self.program.block(address, end));
        if block.is_none_or(|block| block.writable) {
            return self.rejected("the record of threads is not in the program's constants");
        }
        let own = self.outcome.threads_record.replace(address);
        let known = own.or(self.summaries.thread.as_ref().map(|thread| thread.record));
        if known.is_some_and(|known| known != address) {
            return self.rejected("there are two records of threads");
        }
        Ok(())
    }

    /// An address for the runtime to access: compared with the size.
    fn aligned(&mut self, state: &mut State, address: &Value, width: u64) -> Result<(), Stop> {
        self.range(state, address, &Value::constant(width), true)
            .map(|_| ())
    }

    /// What is stored at a place comes from another.
    fn copied(&mut self, to: Origin, from: Option<Origin>) {
        let from = match from {
            Some(Origin::Cells(low, end)) => Some(Origin::Cells(low, end.saturating_sub(8))),
            Some(Origin::ThreadCells(low, end)) => {
                Some(Origin::ThreadCells(low, end.saturating_sub(8)))
            }
            other => other,
        };
        let store = Store {
            place: to,
            origins: from.map(|from| vec![from]),
            high: u64::MAX,
        };
        self.outcome.stores.insert(store);
    }

    /// A range of bytes for the runtime to access, in a memory or in the program's data.
    pub(super) fn range(
        &mut self,
        state: &mut State,
        start: &Value,
        len: &Value,
        write: bool,
    ) -> Result<Option<Origin>, Stop> {
        // An interval is one without the base.
        if len.base != Base::Number {
            return self.unproven("a range for the runtime whose length is no number");
        }
        if len.as_constant() == Some(0) || self.is_in_memory(state, start, len) {
            return Ok(None);
        }
        let place = self.entries(state, start, len)?;
        if write {
            let block = |low, end| self.program.block(low, end);
            let is_record = match place {
                Origin::Cells(low, end) if block(low, end).is_none_or(|block| !block.writable) => {
                    return self.rejected("the runtime is to write to read-only data");
                }
                Origin::Cells(low, end) => self.program.touches_records(low, end),
                Origin::ThreadCells(low, end) => {
                    let thread = self.summaries.thread.as_ref();
                    thread.is_none_or(|thread| thread.touches_records(low, end))
                }
                _ => false,
            };
            if is_record {
                return self.rejected("the runtime is to write to the record of a memory or table");
            }
        }
        Ok(Some(place))
    }

    fn is_in_memory(&self, state: &State, start: &Value, len: &Value) -> bool {
        if let Some(len) = len.as_constant() {
            return match start.base {
                Base::Number => self.in_memory(state, start, len, false),
                Base::StartOfMemory(index) => self.in_memory_at(state, index, start, len, false),
                _ => false,
            };
        }
        let by_interval = match start.base {
            Base::Number => self.in_memory(state, start, len.high, false),
            Base::StartOfMemory(index) => self.in_memory_at(state, index, start, len.high, false),
            _ => false,
        };
        if by_interval {
            return true;
        }
        let mut memories = (0u16..).map_while(|index| Some((index, self.memory(index)?)));
        memories.any(|(index, memory)| {
            let base = match start.base {
                Base::Number => memory.base,
                Base::StartOfMemory(own) if own == index => 0,
                _ => return false,
            };
            let limits = [
                RangeLimit::Grows(Limit::Memory(index)),
                RangeLimit::Fixed(memory.size),
            ];
            self.sum_is_below(state, start, base, len, 0, |limit| match limit {
                RangeLimit::Fixed(high) => high <= memory.size,
                limit => limits.contains(&limit),
            })
        })
    }

    /// Whether (start - base) and len are, shifted, two whose sum was compared with a limit that is `right`.
    fn sum_is_below(
        &self,
        state: &State,
        start: &Value,
        base: u64,
        len: &Value,
        shift: u8,
        right: impl Fn(RangeLimit) -> bool,
    ) -> bool {
        let from = start.add.wrapping_sub(base.cast_signed());
        // One of them is a constant, which the bound of the other has as room.
        if let Some(bound) = len.bound
            && right(RangeLimit::Grows(bound.limit))
            && start.low == start.high
            && len.shift == shift
            && start.low >= base
            && i128::from(start.low - base) <= i128::from(bound.room) << shift
            && (len.add == 0 || shift == 0)
        {
            return true;
        }
        let is = |term: &Term, place: &Value, add: i64| {
            place.symbol == term.symbol
                && place.shift == shift + term.shift
                && i128::from(add) == i128::from(term.add) << shift
        };
        let is_tail = |(term, add, cell): &(Term, u64, Origin)| {
            let fits = len
                .as_constant()
                .is_some_and(|len| add.checked_shl(shift.into()).is_some_and(|add| len <= add));
            fits && is(term, start, from) && right(RangeLimit::Cell(*cell))
        };
        if state.tails.iter().any(is_tail) {
            return true;
        }
        state.ranges.iter().any(|range| {
            let (a, b) = (&range.a, &range.b);
            let matches = is(a, start, from) && is(b, len, len.add)
                || is(b, start, from) && is(a, len, len.add);
            matches && right(range.limit)
        })
    }

    /// A range in a table or in the program's data, from its first byte to the one after the last.
    fn entries(&mut self, state: &mut State, start: &Value, bytes: &Value) -> Result<Origin, Stop> {
        if let Base::StartOfTable(index) = start.base {
            let length = self.table_length(index);
            let length = length.max(state.least(Limit::Table(index)));
            let fits = start
                .high
                .checked_add(bytes.high)
                .is_some_and(|end| end <= length.saturating_mul(8));
            let in_bounds =
                fits || self.sum_is_below(state, start, 0, bytes, 3, |limit| match limit {
                    RangeLimit::Grows(limit) => limit == Limit::Table(index),
                    RangeLimit::Fixed(high) => high <= length,
                    RangeLimit::Cell(_) => false,
                }) || start.bound.is_some_and(|bound| {
                    bound.limit == Limit::Table(index)
                        && start.shift == 3
                        && start.add >= 0
                        && i128::from(start.add) + i128::from(bytes.high)
                            <= i128::from(bound.room) * 8
                });
            if !in_bounds {
                return self.unproven("a range of a table is not shown to be in bounds");
            }
            return Ok(Origin::Table(index));
        }
        let blocks: Vec<(u64, u64)> = match start.base {
            Base::Number => self
                .program
                .blocks
                .iter()
                .map(|block| (block.start, block.end))
                .collect(),
            Base::Thread => {
                let thread = self.summaries.thread.as_ref();
                thread
                    .map(|thread| (nativize_abi::program::THREAD_DATA, thread.size))
                    .into_iter()
                    .collect()
            }
            _ => return self.unproven("a range at an address of no known form"),
        };
        for (low, end) in blocks {
            if start.low < low || start.low >= end {
                continue;
            }
            // start + len <= limit, both shifted, from the address that start has added.
            let mut found = None;
            let cells = RefCell::new(Vec::new());
            let reach = Cell::new(end);
            for shift in [0, 3] {
                let base = start.add.cast_unsigned();
                let in_block = |limit| match limit {
                    RangeLimit::Fixed(high) => {
                        let last = high
                            .checked_mul(1 << shift)
                            .and_then(|len| base.checked_add(len));
                        let fits = base >= low && last.is_some_and(|last| last <= end);
                        if fits {
                            reach.set(last.unwrap_or(end).min(reach.get()));
                        }
                        fits
                    }
                    // That of a segment that can be dropped; what it holds is looked at in the end.
                    RangeLimit::Cell(cell) if base >= low && base <= end => {
                        let first = demands::initial(self.program, self.summaries, cell);
                        let Some(first) = first.filter(|&first| first <= (end - base) >> shift)
                        else {
                            return false;
                        };
                        reach.set((base + (first << shift)).min(reach.get()));
                        cells.borrow_mut().push((cell, first));
                        true
                    }
                    _ => false,
                };
                if start.symbol != 0
                    && self.sum_is_below(state, start, base, bytes, shift, in_block)
                {
                    found = Some(base);
                }
            }
            for limit in cells.into_inner() {
                if !self.outcome.cell_limits.contains(&limit) {
                    self.outcome.cell_limits.push(limit);
                }
            }
            if let Some(base) = found {
                return Ok(cells_of(start, base, reach.get()));
            }
            let fits = start
                .high
                .checked_add(bytes.high)
                .is_some_and(|last| last <= end);
            if fits {
                let last = start.high + bytes.high;
                return Ok(cells_of(start, start.low, last));
            }
        }
        self.unproven(format!(
            "a range for the runtime that is not shown to be in bounds: from {start:x?}, {bytes:x?} bytes"
        ))
    }
}

fn cells_of(start: &Value, low: u64, end: u64) -> Origin {
    if start.base == Base::Thread {
        Origin::ThreadCells(low, end)
    } else {
        Origin::Cells(low, end)
    }
}
