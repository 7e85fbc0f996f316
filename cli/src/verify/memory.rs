//! What is read from memory, and what is written there.

use std::mem::offset_of;

use iced_x86::Register;
use nativize_abi::program::{Memory as MemoryRecord, SIGNATURE_PREFIX, Table as TableRecord};

use super::access::Place;
use super::exception::IN_THREAD;
use super::flow::{Prover, Stop};
use super::origins::Origin;
use super::state::{RBP, State};
use super::summary::Store;
use super::value::{Base, Value, read_symbol};

impl Prover<'_, '_> {
    /// What is read from memory, zero-extended.
    pub(super) fn load(
        &mut self,
        address: &Value,
        width: u64,
        state: &mut State,
    ) -> Result<Value, Stop> {
        let mask = match width {
            1..8 => (1 << (width * 8)) - 1,
            _ => u64::MAX,
        };
        // Who takes it gives it a name.
        let anything = Value::between(0, mask);
        let value = match self.place(state, address, width, false)? {
            Place::Stack(offset) => {
                let value = state.slot(offset);
                match width {
                    8 => value,
                    4 if let Some(copy) = state.copies.iter().find(|copy| copy.0 + 4 == offset) => {
                        let symbol = super::value::size_symbol(self.offset());
                        self.relations.size_is(symbol, copy.2);
                        Value::of(symbol, 0, self.largest_exception().into())
                    }
                    4 => value.truncated(0),
                    _ => anything,
                }
            }
            Place::MemoryField(index, field) => {
                if field == offset_of!(MemoryRecord, size) as u64 {
                    Value::based(Base::SizeOfMemory(index), 0)
                } else if field != offset_of!(MemoryRecord, base) as u64 {
                    anything
                } else if usize::from(index) < self.program.memories.len()
                    && self.summaries.thread.is_none()
                {
                    Value::constant(self.program.memories[usize::from(index)].base)
                } else {
                    Value::based(Base::StartOfMemory(index), 0)
                }
            }
            Place::TableField(index, field) => {
                if field == offset_of!(TableRecord, len) as u64 {
                    Value::based(Base::LengthOfTable(index), 0)
                } else if field == offset_of!(TableRecord, base) as u64 {
                    Value::based(Base::StartOfTable(index), 0)
                } else {
                    anything
                }
            }
            Place::ExceptionTag => {
                let symbol = super::value::tag_symbol(self.offset());
                self.relations.tag_is(symbol, address.symbol);
                Value::of(symbol, 0, mask)
            }
            Place::ExceptionSize => {
                let symbol = super::value::size_symbol(self.offset());
                self.relations.size_is(symbol, address.symbol);
                Value::of(symbol, 0, self.largest_exception().into())
            }
            Place::Carried(tag, offset) if width == 8 && offset.is_multiple_of(8) => Value {
                origins: self.origins.one(Origin::Carried(tag, offset)),
                ..anything
            },
            Place::Identity if address.as_constant().is_some() => {
                let function = address.low.wrapping_add(SIGNATURE_PREFIX);
                let function = self.program.starts.get(&function);
                function.map_or(anything, |&function| {
                    Value::constant(self.program.functions[function as usize].identity.into())
                })
            }
            Place::Identity => {
                let symbol = super::value::identity_symbol(self.offset());
                self.relations.identity_is(symbol, address.symbol);
                Value::of(symbol, 0, mask)
            }
            Place::Data(low, end) if width == 4 && end - low == 4 => match state.cell_at(low) {
                Some(number) => Value::constant(number),
                None => self.read(Origin::Cells(low, low), anything),
            },
            Place::ThreadData(low, end) if width == 4 && end - low == 4 => {
                self.read(Origin::ThreadCells(low, low), anything)
            }
            Place::Code(low, end) if end - low == width && width <= 8 => {
                let constant = self.program.file.number(low, width);
                constant.map_or(anything, Value::constant)
            }
            Place::Data(low, end) if width == 8 => {
                let cells = Origin::Cells(low, end - 8);
                match self.read_only(low, end) {
                    Some(constant) => Value::constant(constant),
                    None if self.is_aligned(address, state) => self.read_whole(cells, anything),
                    None => self.read(cells, anything),
                }
            }
            Place::ThreadData(low, end) if width == 8 && self.is_aligned(address, state) => {
                self.read_whole(Origin::ThreadCells(low, end - 8), anything)
            }
            Place::Table(index) if width == 8 && self.is_aligned(address, state) => Value {
                origins: self.origins.one(Origin::Table(index)),
                ..anything
            },
            _ => anything,
        };
        Ok(value)
    }

    /// What is read from the program's data gets the name of what the instruction reads, if it is always the same cell.
    fn read(&mut self, cells: Origin, anything: Value) -> Value {
        let symbol = read_symbol(self.offset());
        let cell = match cells {
            Origin::Cells(low, high) | Origin::ThreadCells(low, high) if low != high => None,
            cell => Some(cell),
        };
        self.relations.cell_is(symbol, cell);
        Value { symbol, ..anything }
    }

    /// The same of 8 bytes, which may be a reference.
    fn read_whole(&mut self, cells: Origin, anything: Value) -> Value {
        Value {
            origins: self.origins.one(cells),
            ..self.read(cells, anything)
        }
    }

    /// A number that nothing can change.
    fn read_only(&self, low: u64, end: u64) -> Option<u64> {
        let block = self.program.block(low, end)?;
        if block.writable || end - low != 8 {
            return None;
        }
        let number = self.program.file.number(low, 8)?;
        // Addresses of functions are looked at as references.
        (!self.program.starts.contains_key(&number)).then_some(number)
    }

    pub(super) fn store(
        &mut self,
        address: &Value,
        width: u64,
        value: Option<Value>,
        state: &mut State,
    ) -> Result<(), Stop> {
        let place = self.place(state, address, width, true)?;
        // What is stored over two cells is a reference in neither.
        let is_whole = width == 8 && self.is_aligned(address, state);
        match place {
            Place::Stack(offset) => match value {
                Some(value) if width == 8 => state.set_slot(offset, value),
                _ => state.forget_slots(offset, width.cast_signed()),
            },
            Place::GuestFrame(field) => {
                let is_right = value.is_some_and(|value| match field {
                    8 => value.base == Base::ReturnAddress,
                    0 => value.is_as_entered(RBP),
                    _ => false,
                });
                if width != 8 || !is_right {
                    return self.unproven("the record of the guest's frame gets another value");
                }
            }
            Place::Data(low, end) => {
                // What all threads share another one may change at once.
                let is_alone = self.summaries.thread.is_none();
                let whole = value.filter(|_| end - low == width && is_alone);
                self.cell(low, end, whole, state);
                self.stored_at(Origin::Cells(low, end), value, is_whole);
            }
            Place::ThreadData(low, end) => {
                let whole = value.filter(|_| end - low == width);
                self.cell(low | IN_THREAD, end | IN_THREAD, whole, state);
                self.stored_at(Origin::ThreadCells(low, end), value, is_whole);
            }
            Place::Table(index) => {
                // Its first storage is data of the program, of which more is known.
                state.cells.clear();
                state.carried.clear();
                state.exceptions_are_gone();
                self.stored_at(Origin::Table(index), value, is_whole);
            }
            _ => {}
        }
        Ok(())
    }

    /// Keeps for the end what goes where references may be, which `is_whole` or none.
    pub(super) fn stored_at(&mut self, place: Origin, value: Option<Value>, is_whole: bool) {
        let origins = value.filter(|_| is_whole).and_then(|value| {
            let origins = self.reference(&value);
            (origins != 0).then(|| self.origins.get(origins).to_vec())
        });
        let high = match value {
            Some(value) if value.base == Base::Number => value.high,
            _ => u64::MAX,
        };
        let store = Store {
            place,
            origins,
            high,
        };
        self.outcome.stores.insert(store);
    }

    /// Whether an address of the instruction is certain to be that of a cell for a reference.
    fn is_aligned(&self, address: &Value, state: &State) -> bool {
        if address.low == address.high || address.shift >= 3 {
            return address.is_multiple_of_cells();
        }
        let it = self.instruction_at();
        let base = match it.memory_base() {
            Register::None => Value::constant(0),
            base if base.is_gpr64() => state.registers[base.number()],
            _ => Value::UNKNOWN,
        };
        let start = base.low.wrapping_add(it.memory_displacement64());
        it.memory_index_scale() == 8 && base.low == base.high && start.is_multiple_of(8)
    }
}
