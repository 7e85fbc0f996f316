//! What a condition that holds says of the values that were compared.

use iced_x86::ConditionCode;
use nativize_abi::address::SLOT_SIZE;

use super::flow::Prover;
use super::origins::Origin;
use super::relations::Sum;
use super::state::{Flags, Range, RangeLimit, State, Term, is_whole};
use super::value::{Base, Bound, Limit, Symbol, U32_MAX, Value};

impl Prover<'_, '_> {
    /// Lets the state be one in which the condition holds, or does not. Whether that can be.
    pub(super) fn assume(
        &mut self,
        state: &mut State,
        condition: ConditionCode,
        holds: bool,
    ) -> bool {
        use ConditionCode as C;
        let condition = match (condition, holds) {
            (condition, true) => condition,
            (C::b, false) => C::ae,
            (C::ae, false) => C::b,
            (C::be, false) => C::a,
            (C::a, false) => C::be,
            (C::e, false) => C::ne,
            (C::ne, false) => C::e,
            _ => return true,
        };
        match state.flags {
            Flags::Unknown => true,
            Flags::Carry { sum, a, b } => {
                let numbers = a.base == Base::Number && b.base == Base::Number;
                let carried = |a: u64, b: u64| numbers && a.checked_add(b).is_none();
                if condition == C::ae {
                    if carried(a.low, b.low) {
                        return false;
                    }
                    state.not_carried(sum, &a, &b);
                    if let (Some(a), Some(b)) = (Term::new(&a), Term::new(&b)) {
                        state.know(Range {
                            a,
                            b,
                            limit: RangeLimit::Fixed(u64::MAX),
                        });
                    }
                }
                condition != C::b || !numbers || carried(a.high, b.high)
            }
            Flags::Zero { bits, a } => {
                let Some(a) = compared(a, bits) else {
                    return true;
                };
                match condition {
                    C::e | C::be => {
                        self.equals(state, &a, 0);
                        self.sum_below(state, &a, RangeLimit::Fixed(0));
                        state.at_most(&a, 0)
                    }
                    C::ne | C::a => self.not_zero(state, &a),
                    // Nothing is below zero.
                    C::b => false,
                    _ => true,
                }
            }
            Flags::Compare { bits, a, b } => {
                let (Some(a), Some(b)) = (compared(a, bits), compared(b, bits)) else {
                    return true;
                };
                match condition {
                    C::b => self.below(state, &a, &b, true),
                    C::be => self.below(state, &a, &b, false),
                    C::a => self.below(state, &b, &a, true),
                    C::ae => self.below(state, &b, &a, false),
                    C::e => {
                        if let Some(constant) = b.as_constant() {
                            self.equals(state, &a, constant);
                        }
                        self.below(state, &a, &b, false) && self.below(state, &b, &a, false)
                    }
                    C::ne => differ(state, &a, &b) && differ(state, &b, &a),
                    _ => true,
                }
            }
        }
    }

    /// The value is this number: if it was read as what says more, that is known too.
    fn equals(&mut self, state: &mut State, value: &Value, is: u64) {
        let Ok(is) = u32::try_from(is) else { return };
        if value.base == Base::Number && (value.add, value.shift) == (0, 0) {
            self.identified(state, value.symbol, is);
            self.tagged(state, value.symbol, is);
        }
    }

    /// If the symbol is the identity of a function's type, it is this one.
    fn identified(&self, state: &mut State, symbol: Symbol, is: u32) {
        let reference = self.relations.identity(symbol);
        if let Some(reference) = reference.filter(|&reference| reference != 0) {
            let identity = (reference, is);
            if !state.identities.contains(&identity) {
                state.identities.push(identity);
            }
        }
    }

    /// If the symbol is the tag of an exception that a handler got and that is still there, the exception is one of this tag.
    fn tagged(&mut self, state: &mut State, symbol: Symbol, is: u32) {
        let exception = self.relations.tag(symbol);
        let Some(exception) = exception.filter(|&exception| exception != 0) else {
            return;
        };
        let of_tag = self.origins.one(Origin::Landed(is));
        let origins = &self.origins;
        let is_it = |value: &Value| {
            let all = origins.get(value.origins);
            value.base == Base::Exception
                && value.symbol == exception
                && !all.is_empty()
                && all.iter().all(|origin| matches!(origin, Origin::Landed(_)))
        };
        for place in state.places(is_it) {
            (place.low, place.high) = (is.into(), is.into());
            place.origins = of_tag;
        }
    }

    /// The value is not zero.
    fn not_zero(&self, state: &mut State, value: &Value) -> bool {
        match value.base {
            Base::SizeOfMemory(index) if value.add == 0 => state.has(Limit::Memory(index), 1),
            Base::LengthOfTable(index) if value.add == 0 => state.has(Limit::Table(index), 1),
            Base::Number if value.low == 0 => return state.at_least(value, 1),
            _ => {}
        }
        true
    }

    /// x < y, or x <= y.
    fn below(&self, state: &mut State, x: &Value, y: &Value, strict: bool) -> bool {
        let less = u64::from(strict);
        match (x.base, y.base) {
            (Base::Number, Base::Number) => {
                let Some(high) = y.high.checked_sub(less) else {
                    return false;
                };
                let Some(low) = x.low.checked_add(less) else {
                    return false;
                };
                if let Some(cell) = self.relations.cell(y.symbol)
                    && (y.add, y.shift) == (0, 0)
                {
                    self.sum_below(state, x, RangeLimit::Cell(cell));
                    state.below_cell(x, cell);
                } else if y.high != u64::MAX {
                    self.sum_below(state, x, RangeLimit::Fixed(y.high));
                }
                state.at_most(x, high) && state.at_least(y, low)
            }
            (Base::Number, Base::SizeOfMemory(index)) => {
                let size = self.memory(index).map_or(0, |memory| memory.size);
                self.limited(state, x, y.add, strict, Limit::Memory(index), size)
            }
            (Base::Number, Base::LengthOfTable(index)) => {
                let length = self.table_length(index);
                self.limited(state, x, y.add, strict, Limit::Table(index), length)
            }
            _ => true,
        }
    }

    /// x < limit + add, or x <= that, where the limit is at least `least`. Whether that can be.
    fn limited(
        &self,
        state: &mut State,
        x: &Value,
        add: i64,
        strict: bool,
        limit: Limit,
        least: u64,
    ) -> bool {
        // What is taken from the limit must not be more than it is.
        if add > 0 || add.unsigned_abs() > least {
            return true;
        }
        let room = i64::from(strict) - add;
        let Some(high) = self.most(limit).checked_sub(room.unsigned_abs()) else {
            return false;
        };
        if x.low > 0
            && let Some(least) = x.low.checked_add_signed(room)
        {
            state.has(limit, least);
        }
        state.bounded(x, Bound { limit, room });
        self.sum_below(state, x, RangeLimit::Grows(limit));
        state.at_most(x, high)
    }

    /// What a memory or a table never exceeds.
    fn most(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Memory(index) => self.memory(index).map_or(SLOT_SIZE, |memory| memory.max),
            // Its entries lie in the address space.
            Limit::Table(_) => ADDRESS_SPACE / 8,
        }
    }

    /// A sum of two is at most that.
    fn sum_below(&self, state: &mut State, x: &Value, limit: RangeLimit) {
        let Some(Sum { a, b, fits }) = self.relations.sum(x.symbol) else {
            return;
        };
        if x.add != 0 || x.shift != 0 {
            return;
        }
        let does_not_wrap = Range {
            a,
            b,
            limit: RangeLimit::Fixed(u64::MAX),
        };
        if !fits && !state.ranges.contains(&does_not_wrap) {
            return;
        }
        state.know(Range { a, b, limit });
        // Together they are not more than that, so neither is.
        let high = match limit {
            RangeLimit::Fixed(high) => high,
            RangeLimit::Grows(limit) => self.most(limit),
            RangeLimit::Cell(_) => return,
        };
        for term in [a, b] {
            state.at_most(&term.value(), high);
        }
    }
}

/// Addresses of programs have so many bits less one.
const ADDRESS_SPACE: u64 = 1 << 47;

/// What is compared of a value, as a number of 64 bits.
fn compared(value: Value, bits: u32) -> Option<Value> {
    match bits {
        64 => Some(value),
        _ if is_whole(&value, bits) => Some(value),
        32 => {
            let half = value.truncated(0);
            (half.high <= U32_MAX).then_some(half)
        }
        8 | 16 => (value.base == Base::Number && value.high < 1 << bits).then_some(value),
        _ => None,
    }
}

fn differ(state: &mut State, x: &Value, y: &Value) -> bool {
    match y.as_constant() {
        Some(constant) if x.base == Base::Number && constant == x.low => {
            constant != u64::MAX && state.at_least(x, constant + 1)
        }
        Some(constant) if x.base == Base::Number && constant == x.high => {
            constant != 0 && state.at_most(x, constant - 1)
        }
        _ => true,
    }
}
