//! What is known of a 64-bit value: what it counts from, between which numbers it lies, and what it equals.

use super::access::LARGEST_FRAME;
use super::origins::EXCEPTION;

/// The identity of a value: two places that hold the same symbol hold the same bits (but for what is added). Zero is none.
pub(super) type Symbol = u64;

const KIND: u32 = 60;
const LOW_HALF: u64 = 1 << 59;
/// (Kinds are less than 8.)
const EARLIER: u64 = 1 << 63;

/// The offsets that [`joined_symbol`] tells apart.
pub(super) const MOST_CODE: usize = 1 << 28;

/// The value that a register or a stack slot has when the function is entered.
pub(super) fn entry_symbol(place: u32) -> Symbol {
    (1 << KIND) | u64::from(place)
}

/// The place of [`entry_symbol`] that a parameter on the stack has, by its number.
pub(super) fn argument_place(number: u32) -> u32 {
    16 + number
}

/// The register of [`entry_symbol`], if it is of one.
pub(super) fn entry_register(symbol: Symbol) -> Option<usize> {
    let place = symbol & !(1 << KIND);
    (symbol >> KIND == 1 && place < 16).then_some(place as usize)
}

/// What the instruction at an offset of the function gives.
pub(super) fn defined_symbol(offset: u32) -> Symbol {
    (2 << KIND) | u64::from(offset)
}

/// The place of [`joined_symbol`] that a slot has, by its distance from the stack pointer at entry.
pub(super) fn slot_place(offset: i64) -> u32 {
    (16 + offset + LARGEST_FRAME) as u32
}

/// What a place holds when a block is entered to which several values come. Registers are the first 16.
pub(super) fn joined_symbol(block: u32, place: u32) -> Symbol {
    (3 << KIND) | (u64::from(block & 0x0fff_ffff) << 31) | u64::from(place & 0x7fff_ffff)
}

/// A symbol as a way back to a block brings it: if it is a [`joined_symbol`] of that block, another name; nothing if it already was that
/// name.
pub(super) fn earlier(symbol: Symbol, block: u32) -> Option<Symbol> {
    let joined = symbol & !(LOW_HALF | EARLIER);
    if joined >> 31 != joined_symbol(block, 0) >> 31 {
        return Some(symbol);
    }
    (symbol & EARLIER == 0).then_some(symbol | EARLIER)
}

/// The identity of a type that the instruction at an offset reads.
pub(super) fn identity_symbol(offset: u32) -> Symbol {
    (4 << KIND) | u64::from(offset)
}

/// The size of an exception that the instruction at an offset reads.
pub(super) fn size_symbol(offset: u32) -> Symbol {
    (5 << KIND) | u64::from(offset)
}

/// The tag of an exception that the instruction at an offset reads.
pub(super) fn tag_symbol(offset: u32) -> Symbol {
    (5 << KIND) | (1 << 40) | u64::from(offset)
}

/// What a call at an offset leaves in a register, or an instruction in one that is not its first operand.
pub(super) fn result_symbol(offset: u32, register: u32) -> Symbol {
    (6 << KIND) | (u64::from(offset) << 4) | u64::from(register)
}

/// What the instruction at an offset reads from the program's data.
pub(super) fn read_symbol(offset: u32) -> Symbol {
    (7 << KIND) | u64::from(offset)
}

/// The low 32 bits of a value, zero-extended.
pub(super) fn low_half(symbol: Symbol) -> Symbol {
    if symbol == 0 { 0 } else { symbol | LOW_HALF }
}

/// The value of which a symbol is the low half.
#[cfg(test)]
pub(super) fn whole(symbol: Symbol) -> Option<Symbol> {
    is_low_half(symbol).then_some(symbol & !LOW_HALF)
}

pub(super) fn is_low_half(symbol: Symbol) -> bool {
    symbol & LOW_HALF != 0
}

/// What a value counts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Base {
    /// Zero: it is a number.
    Number,
    /// The stack pointer when the function was entered. The interval means nothing; what is added is exact.
    Stack,
    /// It is the address to which the function returns.
    ReturnAddress,
    /// The block of the thread.
    Thread,
    /// The address of byte 0 of a memory of which each thread has its own, by the record's position.
    StartOfMemory(u16),
    /// The bytes that a memory has.
    SizeOfMemory(u16),
    /// The address of entry 0 of a table that can grow.
    StartOfTable(u16),
    /// The entries that such a table has.
    LengthOfTable(u16),
    /// A distance that was read from a table of branch targets, whose entries the interval bounds.
    JumpOffset,
    /// That distance from the address that is added.
    JumpTarget,
    /// An exception: a reference to one, or the one that a handler got.
    Exception,
}

impl Base {
    /// It may be more when it is read again: a symbol names what was read at once.
    pub(super) fn grows(self) -> bool {
        matches!(self, Base::SizeOfMemory(_) | Base::LengthOfTable(_))
    }
}

/// Something that grows, and of which a value is a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Limit {
    Memory(u16),
    Table(u16),
}

/// value + `room` <= limit, as integers; of a value that is shifted, before it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bound {
    pub limit: Limit,
    pub room: i64,
}

/// The sets of places that a reference can come from, by number; zero is no reference.
pub(super) type Origins = u32;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Value {
    pub base: Base,
    /// The value is base + (symbol << shift) + add, modulo 2^64. Of a base that grows, values with the same symbol were read
    /// together.
    pub symbol: Symbol,
    pub shift: u8,
    pub add: i64,
    /// The value without its base is at least this, unsigned,
    pub low: u64,
    /// and at most this.
    pub high: u64,
    pub bound: Option<Bound>,
    /// Where the value itself, with what is added, comes from; of exceptions, what is read there.
    pub origins: Origins,
}

pub(super) const U32_MAX: u64 = u32::MAX as u64;

impl Value {
    pub(super) const UNKNOWN: Value = Value {
        base: Base::Number,
        symbol: 0,
        shift: 0,
        add: 0,
        low: 0,
        high: u64::MAX,
        bound: None,
        origins: 0,
    };

    pub(super) fn constant(value: u64) -> Value {
        Value {
            add: value.cast_signed(),
            low: value,
            high: value,
            ..Value::UNKNOWN
        }
    }

    pub(super) fn between(low: u64, high: u64) -> Value {
        if low == high {
            return Value::constant(low);
        }
        Value {
            low,
            high,
            ..Value::UNKNOWN
        }
    }

    pub(super) fn of(symbol: Symbol, low: u64, high: u64) -> Value {
        Value {
            symbol,
            ..Value::between(low, high)
        }
    }

    pub(super) fn based(base: Base, add: i64) -> Value {
        let offset = add.cast_unsigned();
        Value {
            base,
            add,
            low: offset,
            high: offset,
            ..Value::UNKNOWN
        }
    }

    pub(super) fn stack(offset: i64) -> Value {
        Value::based(Base::Stack, offset)
    }

    /// The number, if it is only one.
    pub(super) fn as_constant(&self) -> Option<u64> {
        (self.base == Base::Number && self.low == self.high).then_some(self.low)
    }

    /// The distance from the stack pointer at entry; nothing if it is more than any address is from another, so that it can be
    /// added to.
    pub(super) fn as_stack(&self) -> Option<i64> {
        let is_near = self.add.unsigned_abs() <= super::file::ADDRESSES;
        (self.base == Base::Stack && self.symbol == 0 && is_near).then_some(self.add)
    }

    /// What the register held when the function was entered, and nothing else.
    pub(super) fn is_as_entered(&self, register: usize) -> bool {
        self.base == Base::Number
            && self.symbol == entry_symbol(register as u32)
            && (self.add, self.shift) == (0, 0)
    }

    /// Whether an address is certain to be that of a cell for a reference, all of which are multiples of 8, or a length that of some.
    pub(super) fn is_multiple_of_cells(&self) -> bool {
        if self.low == self.high {
            return self.low.is_multiple_of(8);
        }
        self.shift >= 3 && self.add.cast_unsigned().is_multiple_of(8)
    }

    pub(super) fn is_u32(&self) -> bool {
        self.base == Base::Number && self.high <= U32_MAX
    }

    /// Base and symbol are those of the other, so that the two differ by what is added.
    pub(super) fn is_relative_to(&self, other: &Value) -> bool {
        self.symbol != 0
            && (self.base, self.symbol, self.shift) == (other.base, other.symbol, other.shift)
    }

    /// Both are known to hold the same bits.
    pub(super) fn is_same_as(&self, other: &Value) -> bool {
        self.is_relative_to(other) && self.add == other.add
            || self.as_constant().is_some() && self.as_constant() == other.as_constant()
    }

    /// The sum with a constant, modulo 2^64.
    pub(super) fn plus(&self, add: i64) -> Value {
        if add == 0 {
            return *self;
        }
        let mut sum = Value {
            add: self.add.wrapping_add(add),
            origins: 0,
            ..*self
        };
        match self.base {
            Base::Stack => {
                sum.low = sum.add.cast_unsigned();
                sum.high = sum.low;
            }
            Base::ReturnAddress | Base::JumpTarget | Base::JumpOffset => return Value::UNKNOWN,
            // The interval is that of the symbol: a size plus a constant may wrap, which who compares with it looks at.
            Base::SizeOfMemory(_) | Base::LengthOfTable(_) => {}
            // (It says what is read there.)
            Base::Exception => sum.origins = self.origins,
            _ => match (shifted(self.low, add), shifted(self.high, add)) {
                (Some(low), Some(high)) => {
                    (sum.low, sum.high) = (low, high);
                    sum.bound = self.bound.and_then(|bound| {
                        if self.shift != 0 {
                            return Some(bound);
                        }
                        Some(Bound {
                            room: bound.room.checked_sub(add)?,
                            ..bound
                        })
                    });
                }
                _ if self.low == self.high => {
                    sum.low = self.low.wrapping_add(add.cast_unsigned());
                    sum.high = sum.low;
                }
                _ => {
                    (sum.low, sum.high) = (0, u64::MAX);
                    sum.bound = None;
                }
            },
        }
        if sum.low == sum.high && sum.base == Base::Number {
            return Value {
                origins: 0,
                ..Value::constant(sum.low)
            };
        }
        sum
    }

    /// The sum of two, one of which has the base; `symbol` is its identity if it has none else.
    pub(super) fn sum(&self, other: &Value, symbol: Symbol) -> Value {
        if let Some(constant) = other.as_constant() {
            if self.base == Base::JumpOffset {
                return Value {
                    base: Base::JumpTarget,
                    add: constant.cast_signed(),
                    ..*self
                };
            }
            return self.plus(constant.cast_signed());
        }
        if self.as_constant().is_some() || other.base != Base::Number {
            if other.as_constant().is_some() || self.base != Base::Number {
                return Value::of(symbol, 0, u64::MAX);
            }
            return other.sum(self, symbol);
        }
        let base = match self.base {
            Base::Number | Base::Thread | Base::StartOfMemory(_) | Base::StartOfTable(_) => {
                self.base
            }
            _ => return Value::of(symbol, 0, u64::MAX),
        };
        let (low, high, fits) = match self.high.checked_add(other.high) {
            Some(high) => (self.low + other.low, high, true),
            None => (0, u64::MAX, false),
        };
        // From an exact base, the sum is as much beyond it as the other is beyond zero.
        if fits && self.symbol == 0 && self.low == self.high && base != Base::Number {
            return Value {
                base,
                origins: 0,
                ..other.plus(self.low.cast_signed())
            };
        }
        if !fits && base != Base::Number {
            return Value::of(symbol, 0, u64::MAX);
        }
        Value {
            base,
            ..Value::of(symbol, low, high)
        }
    }

    /// Shifted left.
    pub(super) fn scaled(&self, shift: u8, symbol: Symbol) -> Value {
        if shift == 0 {
            return *self;
        }
        let fits = self.high <= u64::MAX >> shift;
        if self.base != Base::Number || !fits {
            return Value::of(symbol, 0, u64::MAX);
        }
        let (low, high) = (self.low << shift, self.high << shift);
        if low == high {
            return Value::constant(low);
        }
        if self.add != 0 || self.shift != 0 || self.symbol == 0 {
            let bound = self.bound.filter(|_| self.shift == 0);
            return Value {
                bound,
                shift: if bound.is_some() { shift } else { 0 },
                ..Value::of(if bound.is_some() { 0 } else { symbol }, low, high)
            };
        }
        Value {
            shift,
            low,
            high,
            origins: 0,
            ..*self
        }
    }

    /// The low 32 bits, zero-extended, as an instruction at `symbol` gives them.
    pub(super) fn truncated(&self, symbol: Symbol) -> Value {
        if self.is_u32() {
            return *self;
        }
        if let Some(constant) = self.as_constant() {
            return Value::constant(constant & U32_MAX);
        }
        let half = if self.base == Base::Number && self.shift == 0 && self.add == 0 {
            low_half(self.symbol)
        } else {
            0
        };
        Value::of(if half == 0 { symbol } else { half }, 0, U32_MAX)
    }

    /// Where the interval has grown since, it goes on to the next step.
    pub(super) fn widen(&mut self, before: &Value, steps: &Steps) {
        if self.base != before.base || exact(self.base) || is_jump(self.base) || self == before {
            return;
        }
        if self.low < before.low {
            self.low = steps.below(self.low, true);
        }
        if self.high > before.high {
            self.high = steps.above(self.high, true);
        }
        if let (Some(now), Some(then)) = (self.bound, before.bound)
            && now.limit == then.limit
            && now.room < then.room
        {
            self.bound = None;
        }
    }

    /// Where the interval has shrunk since, it stays as it was.
    pub(super) fn stay(&mut self, before: &Value) {
        if self.base == before.base
            && !exact(self.base)
            && !is_jump(self.base)
            && self.low != self.high
        {
            self.low = self.low.min(before.low);
            self.high = self.high.max(before.high);
        }
    }

    /// What is true of both, coming to a place that is `symbol` if they differ.
    pub(super) fn join(
        &self,
        other: &Value,
        symbol: Symbol,
        steps: &Steps,
        widen: bool,
        origins: Origins,
    ) -> Value {
        if self == other {
            return *self;
        }
        // What counts from something else is no reference, nor is a place inside of an exception; where one is on its way there may
        // be another later.
        let is_reference = |value: &Value| match value.base {
            Base::Number => true,
            Base::Exception => value.add == 0 && value.origins == EXCEPTION,
            _ => false,
        };
        let unknown = Value {
            origins: if is_reference(self) && is_reference(other) {
                origins
            } else {
                0
            },
            ..Value::of(symbol, 0, u64::MAX)
        };
        if self.base != other.base {
            return unknown;
        }
        let same = self.symbol == other.symbol
            && self.shift == other.shift
            && self.add == other.add
            && (self.symbol != 0 || self.as_constant().is_some() || exact(self.base));
        if exact(self.base) {
            return if same { *self } else { unknown };
        }
        // What is between two tables is none.
        if is_jump(self.base) {
            return unknown;
        }
        if self.base == Base::Exception && !same && (self.add, other.add) != (0, 0) {
            return unknown;
        }
        if self.base.grows() && !same {
            let is_size = self.shift == other.shift && self.add == other.add;
            return if is_size {
                Value { symbol, ..*self }
            } else {
                unknown
            };
        }
        let low = if other.low < self.low {
            steps.below(other.low, widen)
        } else {
            self.low
        };
        let high = if other.high > self.high {
            steps.above(other.high, widen)
        } else {
            self.high
        };
        let bound = match (self.bound, other.bound) {
            (Some(a), Some(b)) if a.limit == b.limit && self.shift == other.shift => {
                if a.room <= b.room {
                    Some(a)
                } else {
                    Some(b).filter(|_| !widen)
                }
            }
            _ => None,
        };
        if same && self.symbol != 0 {
            return Value {
                low,
                high,
                bound,
                origins,
                ..*self
            };
        }
        // Of what is shifted, the bound is one of what it was before, to which nothing was added.
        let keeps_shift = bound.is_some() && self.shift != 0 && self.add == other.add;
        let bound = bound.filter(|_| self.shift == 0 || keeps_shift);
        Value {
            base: self.base,
            symbol: if keeps_shift { 0 } else { symbol },
            shift: if keeps_shift { self.shift } else { 0 },
            add: if keeps_shift { self.add } else { 0 },
            low,
            high,
            bound,
            origins,
        }
    }
}

/// No interval is kept of it.
fn exact(base: Base) -> bool {
    matches!(base, Base::Stack | Base::ReturnAddress)
}

/// The interval is that of the entries of one table.
fn is_jump(base: Base) -> bool {
    matches!(base, Base::JumpOffset | Base::JumpTarget)
}

fn shifted(value: u64, add: i64) -> Option<u64> {
    value.checked_add_signed(add)
}

/// The numbers at which growing intervals stop, so that loops come to an end.
#[derive(Debug)]
pub(super) struct Steps {
    /// Ascending; the last is the largest number.
    pub(super) stops: Vec<u64>,
}

impl Steps {
    fn above(&self, value: u64, widen: bool) -> u64 {
        if !widen {
            return value;
        }
        let next = self.stops.iter().find(|&&stop| stop >= value);
        *next.unwrap_or(&u64::MAX)
    }

    fn below(&self, value: u64, widen: bool) -> u64 {
        if !widen {
            return value;
        }
        let next = self.stops.iter().rev().find(|&&stop| stop <= value);
        *next.unwrap_or(&0)
    }
}
