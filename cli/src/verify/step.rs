//! What an instruction does to what is known.

use std::mem::offset_of;

use iced_x86::{Instruction, Mnemonic, OpAccess, OpKind, Register};
use nativize_abi::program::{Memory as MemoryRecord, SIGNATURE_PREFIX, Table as TableRecord};

use super::access::Place;
use super::exception::IN_THREAD;
use super::flow::{Prover, Stop};
use super::origins::Origin;
use super::state::{Flags, RSP, State};
use super::summary::Store;
use super::value::{Base, Symbol, U32_MAX, Value, defined_symbol, read_symbol, result_symbol};

impl Prover<'_, '_> {
    /// An instruction after which comes the next one.
    pub(super) fn step(&mut self, it: &Instruction, state: &mut State) -> Result<(), Stop> {
        use Mnemonic as M;
        let symbol = defined_symbol(self.offset());
        match it.mnemonic() {
            M::Mov => {
                let value = self.operand(it, 1, state)?;
                self.assign(it, value, state)
            }
            M::Lea => {
                let address = self.address(it, state);
                self.note_sum(it, symbol, state);
                self.assign(it, address, state)
            }
            M::Movzx => {
                let value = self.operand(it, 1, state)?;
                self.assign(it, value, state)
            }
            M::Movsxd if it.op1_kind() == OpKind::Memory && it.memory_size().size() == 4 => {
                self.load_distance(it, state)
            }
            M::Movsx | M::Movsxd => {
                let value = self.operand(it, 1, state)?;
                let bits = operand_bits(it, 1);
                let positive = value.base == Base::Number && value.high < 1 << (bits - 1);
                let value = if positive {
                    value
                } else {
                    Value::of(symbol, 0, u64::MAX)
                };
                self.assign(it, value, state)
            }
            M::Push => {
                let value = self.operand(it, 0, state)?;
                if operand_bits(it, 0) != 64 {
                    return self.unproven("a push of less than 64 bits");
                }
                self.push(value, state)
            }
            M::Pop => {
                let top = state.registers[RSP];
                let value = self.load(&top, 8, state)?;
                state.registers[RSP] = top.plus(8);
                if it.op0_kind() != OpKind::Register || operand_bits(it, 0) != 64 {
                    return self.unproven("a pop of no known form");
                }
                self.assign(it, value, state)
            }
            M::Leave => {
                state.registers[RSP] = state.registers[super::state::RBP];
                let top = state.registers[RSP];
                let value = self.load(&top, 8, state)?;
                state.registers[RSP] = top.plus(8);
                state.registers[super::state::RBP] = value;
                Ok(())
            }
            M::Add | M::Sub | M::And | M::Xor | M::Or | M::Inc | M::Dec => {
                self.arithmetic(it, symbol, state)
            }
            M::Shl | M::Shr if it.op1_kind() == OpKind::Immediate8 => self.shift(it, symbol, state),
            M::Cmp | M::Test => self.compare(it, state),
            M::Xchg if it.op0_kind() == OpKind::Register && it.op1_kind() == OpKind::Register => {
                let (a, b) = (self.operand(it, 0, state)?, self.operand(it, 1, state)?);
                self.set(it.op0_register(), b, 0, state);
                self.set(it.op1_register(), a, 0, state);
                Ok(())
            }
            M::Cmova | M::Cmovae | M::Cmovb | M::Cmovbe | M::Cmove | M::Cmovne => {
                self.conditional_move(it, symbol, state)
            }
            M::Nop => Ok(()),
            _ => self.other(it, symbol, state),
        }
    }

    /// What an operand holds: zero-extended, or sign-extended if it is an immediate.
    fn operand(&mut self, it: &Instruction, index: u32, state: &mut State) -> Result<Value, Stop> {
        match it.op_kind(index) {
            OpKind::Register => {
                let register = it.op_register(index);
                if !register.is_gpr() {
                    return self.unproven("an operand of no known form");
                }
                let value = state.registers[register.full_register().number()];
                Ok(state.recall(narrow(&value, register)))
            }
            OpKind::Memory => {
                let address = self.address(it, state);
                self.load(&address, it.memory_size().size() as u64, state)
            }
            _ => {
                let bits = match it.op_count() {
                    1 => 64,
                    _ => operand_bits(it, if index == 0 { 1 } else { 0 }),
                };
                let mask = if bits >= 64 {
                    u64::MAX
                } else {
                    (1 << bits) - 1
                };
                Ok(Value::constant(it.immediate(index) & mask))
            }
        }
    }

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
                    4 if state.copies.iter().any(|copy| copy.0 + 4 == offset) => {
                        Value::between(0, self.largest_exception().into())
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
            Place::ExceptionSize => {
                let symbol = super::value::size_symbol(self.offset());
                self.relations.size_is(symbol, address.symbol);
                Value::of(symbol, 0, self.largest_exception().into())
            }
            Place::Carried(tag, offset) if width == 8 => Value {
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
                    None => self.read_whole(cells, anything),
                }
            }
            Place::ThreadData(low, end) if width == 8 => {
                self.read_whole(Origin::ThreadCells(low, end - 8), anything)
            }
            Place::Table(index) if width == 8 => Value {
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
        match place {
            Place::Stack(offset) => match value {
                Some(value) if width == 8 => state.set_slot(offset, value),
                _ => state.forget_slots(offset, width.cast_signed()),
            },
            Place::GuestFrame(field) => {
                let is_right = value.is_some_and(|value| match field {
                    8 => value.base == Base::ReturnAddress,
                    0 => {
                        value.symbol == super::value::entry_symbol(super::state::RBP as u32)
                            && (value.add, value.shift) == (0, 0)
                    }
                    _ => false,
                });
                if width != 8 || !is_right {
                    return self.unproven("the record of the guest's frame gets another value");
                }
            }
            Place::Data(low, end) => {
                self.cell(low, end, value, state);
                self.stored(low, end, false, value, width);
            }
            Place::ThreadData(low, end) => {
                self.cell(low | IN_THREAD, end | IN_THREAD, value, state);
                self.stored(low, end, true, value, width);
            }
            Place::Table(index) => {
                let of_table = Some(Origin::Table(index));
                self.stored_at(of_table, (0, 0, false), value, width);
            }
            _ => {}
        }
        Ok(())
    }

    fn stored(&mut self, low: u64, end: u64, thread: bool, value: Option<Value>, width: u64) {
        self.stored_at(None, (low, end, thread), value, width);
    }

    /// Keeps for the end what goes where references may be.
    pub(super) fn stored_at(
        &mut self,
        table: Option<Origin>,
        (low, end, thread): (u64, u64, bool),
        value: Option<Value>,
        width: u64,
    ) {
        let place = table.unwrap_or(if thread {
            Origin::ThreadCells(low, end)
        } else {
            Origin::Cells(low, end)
        });
        let origins = value.filter(|_| width == 8).and_then(|value| {
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

    /// An address that is computed may be a sum of two numbers.
    fn note_sum(&mut self, it: &Instruction, symbol: Symbol, state: &State) {
        let (base, index) = (it.memory_base(), it.memory_index());
        if base.is_gpr64()
            && index.is_gpr64()
            && it.memory_index_scale() == 1
            && it.memory_displacement64() == 0
            && it.op0_register().is_gpr64()
        {
            let (a, b) = (
                state.registers[base.number()],
                state.registers[index.number()],
            );
            let are_numbers = a.base == Base::Number && b.base == Base::Number;
            self.relations
                .sum_is(symbol, are_numbers.then_some((&a, &b)));
        }
    }

    fn push(&mut self, value: Value, state: &mut State) -> Result<(), Stop> {
        state.registers[RSP] = state.registers[RSP].plus(-8);
        let top = state.registers[RSP];
        self.store(&top, 8, Some(value), state)
    }

    /// The first operand becomes a value.
    fn assign(&mut self, it: &Instruction, value: Value, state: &mut State) -> Result<(), Stop> {
        match it.op0_kind() {
            OpKind::Register => {
                let register = it.op0_register();
                if !register.is_gpr() {
                    return self.unproven("an operand of no known form");
                }
                self.set(register, value, defined_symbol(self.offset()), state);
                Ok(())
            }
            _ => {
                let address = self.address(it, state);
                let width = it.memory_size().size() as u64;
                // Immediates are extended to all that is written.
                self.store(&address, width, Some(value), state)
            }
        }
    }

    fn set(&mut self, register: Register, mut value: Value, symbol: Symbol, state: &mut State) {
        let index = register.full_register().number();
        if value.symbol == 0 && value.base == Base::Number && value.low != value.high {
            // (Of a value that is shifted, only the shifted one has a bound.)
            value.symbol = if value.shift == 0 { symbol } else { 0 };
            value.add = if value.shift == 0 { 0 } else { value.add };
        }
        if value.symbol == 0 && value.base.grows() {
            value.symbol = symbol;
        }
        if let Some(constant) = value.as_constant()
            && value.origins == 0
        {
            value.origins = self.known_reference(constant);
        }
        state.registers[index] = match register.size() {
            8 => value,
            4 => state.recall(value.truncated(symbol)),
            size => {
                // The rest stays as it was.
                let old = state.registers[index];
                let mask = if size == 1 && !is_high(register) {
                    0xff
                } else {
                    0xffff
                };
                match old.base {
                    Base::Number => Value::of(symbol, 0, old.high | mask),
                    _ => Value::of(symbol, 0, u64::MAX),
                }
            }
        };
    }

    fn arithmetic(
        &mut self,
        it: &Instruction,
        symbol: Symbol,
        state: &mut State,
    ) -> Result<(), Stop> {
        use Mnemonic as M;
        let bits = operand_bits(it, 0);
        let a = self.operand(it, 0, state)?;
        let b = match it.mnemonic() {
            M::Inc | M::Dec => Value::constant(1),
            _ => self.operand(it, 1, state)?,
        };
        let mask = if bits >= 64 {
            u64::MAX
        } else {
            (1 << bits) - 1
        };
        let anything = Value::of(symbol, 0, mask);
        let same = it.op_count() == 2
            && it.op1_kind() == OpKind::Register
            && it.op0_kind() == OpKind::Register
            && (it.op0_register() == it.op1_register() || a.is_same_as(&b));
        let mut flags = Flags::Unknown;
        let result = match it.mnemonic() {
            M::Add | M::Inc => {
                let sum = a.sum(&b, symbol);
                let are_numbers = a.base == Base::Number && b.base == Base::Number;
                // Of fewer bits it is not what the two are together.
                let is_sum = are_numbers && bits == 64;
                self.relations.sum_is(symbol, is_sum.then_some((&a, &b)));
                if bits == 64 && it.mnemonic() == M::Add {
                    flags = Flags::Carry { sum: symbol, a, b };
                }
                if are_numbers {
                    let fits = a.high.checked_add(b.high).is_some_and(|high| high <= mask);
                    if fits {
                        sum
                    } else if bits < 64 || a.as_constant().is_none() {
                        if bits == 64 && a.origins != 0 {
                            sum
                        } else {
                            anything
                        }
                    } else {
                        sum
                    }
                } else if bits == 64 {
                    sum
                } else {
                    anything
                }
            }
            M::Sub | M::Dec if same => Value::constant(0),
            M::Sub | M::Dec => {
                if it.mnemonic() == M::Sub {
                    flags = Flags::Compare { bits, a, b };
                }
                match b.as_constant() {
                    Some(constant) if a.base != Base::Number && bits == 64 => {
                        a.plus(constant.wrapping_neg().cast_signed())
                    }
                    Some(constant) if a.base == Base::Number && a.low >= constant => {
                        a.plus(constant.wrapping_neg().cast_signed())
                    }
                    // An immediate of the other sign adds.
                    Some(constant) if bits == 64 && constant > u64::MAX >> 1 => {
                        a.plus(constant.wrapping_neg().cast_signed())
                    }
                    _ => anything,
                }
            }
            M::Xor if same => Value::constant(0),
            M::And => {
                let high = match (a.base, b.base) {
                    (Base::Number, Base::Number) => a.high.min(b.high),
                    (Base::Number, _) => a.high,
                    (_, Base::Number) => b.high,
                    _ => mask,
                };
                Value::of(symbol, 0, high.min(mask))
            }
            _ => {
                let both = match (a.base, b.base) {
                    (Base::Number, Base::Number) => a.high | b.high,
                    _ => u64::MAX,
                };
                let high = u64::MAX.checked_shr(both.leading_zeros()).unwrap_or(0);
                Value::of(symbol, 0, high.min(mask))
            }
        };
        state.flags = flags;
        if it.op0_kind() == OpKind::Memory {
            return self.assign(it, result, state);
        }
        self.assign(it, result, state)
    }

    fn shift(&mut self, it: &Instruction, symbol: Symbol, state: &mut State) -> Result<(), Stop> {
        let bits = operand_bits(it, 0);
        let value = self.operand(it, 0, state)?;
        let by = it.immediate8() & if bits == 64 { 63 } else { 31 };
        let mask = if bits >= 64 {
            u64::MAX
        } else {
            (1 << bits) - 1
        };
        state.flags = Flags::Unknown;
        let result = match (it.mnemonic(), value.base) {
            (Mnemonic::Shr, Base::Number) => Value::of(symbol, value.low >> by, value.high >> by),
            (Mnemonic::Shr, _) => Value::of(symbol, 0, mask >> by),
            // Indices of entries are kept in sight; other numbers get a name of their own, which can have bounds.
            (_, Base::Number) if value.high <= mask >> by => match (bits, by) {
                (64, 3) => value.scaled(by, symbol),
                _ => Value::of(symbol, value.low << by, value.high << by),
            },
            _ => Value::of(symbol, 0, mask),
        };
        self.assign(it, result, state)
    }

    fn compare(&mut self, it: &Instruction, state: &mut State) -> Result<(), Stop> {
        let bits = operand_bits(it, 0);
        let a = self.operand(it, 0, state)?;
        let b = self.operand(it, 1, state)?;
        state.flags = if it.mnemonic() == Mnemonic::Cmp {
            Flags::Compare { bits, a, b }
        } else if it.op1_kind() == OpKind::Register
            && it.op0_kind() == OpKind::Register
            && (it.op0_register() == it.op1_register() || a.is_same_as(&b))
        {
            Flags::Zero { bits, a }
        } else {
            Flags::Unknown
        };
        Ok(())
    }

    fn conditional_move(
        &mut self,
        it: &Instruction,
        symbol: Symbol,
        state: &mut State,
    ) -> Result<(), Stop> {
        let condition = it.condition_code();
        let old = self.operand(it, 0, state)?;
        let new = self.operand(it, 1, state)?;
        // Two states with these two values only, in one of which the condition holds.
        let alone = State {
            flags: state.flags,
            ..State::unknown()
        };
        let (mut moved, mut stays) = (alone.clone(), alone);
        moved.registers[0] = new;
        stays.registers[0] = old;
        let result = match (
            self.assume(&mut moved, condition, true),
            self.assume(&mut stays, condition, false),
        ) {
            (true, true) => {
                let (a, b) = (stays.registers[0], moved.registers[0]);
                let origins = self.origins.union(a.origins, b.origins);
                a.join(&b, symbol, &self.program.steps, false, origins)
            }
            (false, _) => old,
            (_, false) => new,
        };
        self.assign(it, result, state)
    }

    /// Any other instruction: its memory operands are accessed, and the registers that it writes are not known.
    fn other(&mut self, it: &Instruction, symbol: Symbol, state: &mut State) -> Result<(), Stop> {
        let info = self.info.info(it).clone();
        if info.used_memory().len() > 1 {
            return self.unproven("an instruction of no known form accesses several places");
        }
        for memory in info.used_memory() {
            let address = self.address(it, state);
            let width = memory.memory_size().size() as u64;
            let is_operand = it.is_ip_rel_memory_operand()
                || (memory.base(), memory.index()) == (it.memory_base(), it.memory_index());
            if width == 0 || !is_operand {
                return self.unproven("an access to memory of no known form");
            }
            if matches!(
                memory.access(),
                OpAccess::Read | OpAccess::CondRead | OpAccess::ReadWrite | OpAccess::ReadCondWrite
            ) {
                self.load(&address, width, state)?;
            }
            if matches!(
                memory.access(),
                OpAccess::Write
                    | OpAccess::CondWrite
                    | OpAccess::ReadWrite
                    | OpAccess::ReadCondWrite
            ) {
                self.store(&address, width, None, state)?;
            }
        }
        for used in info.used_registers() {
            if !matches!(
                used.access(),
                OpAccess::Write
                    | OpAccess::CondWrite
                    | OpAccess::ReadWrite
                    | OpAccess::ReadCondWrite
            ) {
                continue;
            }
            let register = used.register();
            if !register.is_gpr() {
                continue;
            }
            let index = register.full_register().number();
            if index == RSP {
                return self.unproven("an instruction of no known form writes the stack pointer");
            }
            // A write of 32 bits clears the others; the list has it as one of 64.
            let high = match register.size() {
                8 | 4 if clears_upper_half(it, register) => U32_MAX,
                8 | 4 => u64::MAX,
                _ => match state.registers[index].base {
                    Base::Number => state.registers[index].high | 0xffff,
                    _ => u64::MAX,
                },
            };
            let is_only = matches!(it.op0_kind(), OpKind::Register)
                && it.op0_register().full_register() == register.full_register();
            let symbol = if is_only {
                symbol
            } else {
                result_symbol(self.offset(), index as u32)
            };
            state.registers[index] = Value::of(symbol, 0, high);
        }
        if it.rflags_modified() != 0 {
            state.flags = Flags::Unknown;
        }
        Ok(())
    }
}

/// Whether what an instruction writes to a register is of 32 bits.
fn clears_upper_half(it: &Instruction, register: Register) -> bool {
    use Mnemonic as M;
    match it.mnemonic() {
        // With nothing to find, with another number there or by nothing shifted, these may leave all of the register.
        M::Bsf | M::Bsr | M::Cmpxchg | M::Shld | M::Shrd => false,
        M::Cdq | M::Cwde => true,
        M::Mul | M::Div | M::Idiv => operand_bits(it, 0) == 32,
        M::Imul if it.op_count() == 1 => operand_bits(it, 0) == 32,
        _ => (0..it.op_count()).any(|index| {
            it.op_kind(index) == OpKind::Register
                && it.op_register(index).is_gpr32()
                && it.op_register(index).full_register() == register.full_register()
        }),
    }
}

fn is_high(register: Register) -> bool {
    matches!(
        register,
        Register::AH | Register::BH | Register::CH | Register::DH
    )
}

/// The part of a register that an operand is.
fn narrow(value: &Value, register: Register) -> Value {
    match register.size() {
        8 => *value,
        4 => value.truncated(0),
        size => {
            let mask = if size == 1 { 0xff } else { 0xffff };
            let whole = value.base == Base::Number && value.high <= mask && !is_high(register);
            if whole {
                *value
            } else {
                Value::between(0, mask)
            }
        }
    }
}

/// The width of an operand.
fn operand_bits(it: &Instruction, index: u32) -> u32 {
    match it.op_kind(index) {
        OpKind::Register => it.op_register(index).size() as u32 * 8,
        OpKind::Memory => it.memory_size().size() as u32 * 8,
        OpKind::Immediate8to64 | OpKind::Immediate32to64 | OpKind::Immediate64 => 64,
        OpKind::Immediate8to32 | OpKind::Immediate32 => 32,
        OpKind::Immediate8to16 | OpKind::Immediate16 => 16,
        _ => 8,
    }
}
