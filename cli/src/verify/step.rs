//! What an instruction does to what is known.

use iced_x86::{Instruction, Mnemonic, OpAccess, OpKind, Register};

use super::flow::{Prover, Stop};
use super::state::{Flags, RSP, State};
use super::value::{Base, Symbol, U32_MAX, Value, defined_symbol, result_symbol};

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
            let touched = state.touched;
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
            // What is masked out does not touch the stack's guard.
            let may_be_none = matches!(
                memory.access(),
                OpAccess::CondRead | OpAccess::CondWrite | OpAccess::ReadCondWrite
            ) || matches!(
                it.mnemonic(),
                Mnemonic::Vmaskmovps
                    | Mnemonic::Vmaskmovpd
                    | Mnemonic::Vpmaskmovd
                    | Mnemonic::Vpmaskmovq
            );
            if may_be_none || it.op_mask() != Register::None {
                state.touched = touched;
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
        // With nothing to find, with another number there or by nothing shifted, these may leave all of the register. (Counts of
        // zeros are searches for processors that do not have them.)
        M::Bsf | M::Bsr | M::Tzcnt | M::Lzcnt | M::Cmpxchg | M::Shld | M::Shrd => false,
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
