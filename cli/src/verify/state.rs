//! What is known at a point of a function: of each register, of each slot of the frame, and of the last comparison.

use std::rc::Rc;

use super::origins::Origin;
use super::value::{Base, Bound, Limit, Origins, Symbol, U32_MAX, Value, is_low_half};

pub(super) const RAX: usize = 0;
pub(super) const RCX: usize = 1;
pub(super) const RDX: usize = 2;
pub(super) const RBX: usize = 3;
pub(super) const RSP: usize = 4;
pub(super) const RBP: usize = 5;
pub(super) const RSI: usize = 6;
pub(super) const RDI: usize = 7;
pub(super) const R8: usize = 8;
pub(super) const R9: usize = 9;
pub(super) const R15: usize = 15;

/// The registers that a function leaves as they were.
pub(super) const KEPT: [usize; 6] = [RBX, RBP, 12, 13, 14, R15];

/// What the flags say.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Flags {
    Unknown,
    /// They are those of a - b.
    Compare {
        bits: u32,
        a: Value,
        b: Value,
    },
    /// Whether a is zero.
    Zero {
        bits: u32,
        a: Value,
    },
    /// Whether a sum of 64 bits, which has this symbol, was carried over: that of two values.
    Carry {
        sum: u64,
        a: Value,
        b: Value,
    },
}

/// A number that is only known by its identity: (symbol << shift) + add.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Term {
    pub symbol: Symbol,
    pub shift: u8,
    pub add: i64,
}

impl Term {
    pub(super) fn new(value: &Value) -> Option<Term> {
        let is_term = value.base == Base::Number && value.symbol != 0;
        is_term.then_some(Term {
            symbol: value.symbol,
            shift: value.shift,
            add: value.add,
        })
    }

    /// What is a value of that, of which nothing else is known.
    pub(super) fn value(&self) -> Value {
        Value {
            symbol: self.symbol,
            shift: self.shift,
            add: self.add,
            ..Value::UNKNOWN
        }
    }
}

/// A sum of two that stays below a limit: a + b <= limit, as integers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Range {
    pub a: Term,
    pub b: Term,
    pub limit: RangeLimit,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum RangeLimit {
    Grows(Limit),
    Fixed(u64),
    /// What a cell of the program's data holds.
    Cell(Origin),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct State {
    pub registers: [Value; 16],
    /// By their distance from the stack pointer at entry, ascending; what is not there is unknown.
    pub slots: Rc<Vec<(i64, Value)>>,
    /// The lowest place of the stack that has been touched.
    pub touched: i64,
    pub flags: Flags,
    pub ranges: Vec<Range>,
    /// What is, with a constant added, not more than a cell of the program's data holds.
    pub tails: Vec<(Term, u64, Origin)>,
    /// References of whose function the identity of the type was compared, and with what.
    pub identities: Vec<(u64, u32)>,
    /// Numbers that were stored in the program's data, in this block.
    pub cells: Vec<(u64, u64)>,
    /// What memories and tables have at least by now, beyond what they had at start.
    pub least: Vec<(Limit, u64)>,
    /// Where the frame has copies of exceptions, how long these may be, and what names each.
    pub copies: Vec<(i64, i64, Symbol)>,
    /// References that were stored in the program's data, in this block.
    pub carried: Vec<(u64, Origins)>,
    /// What was compared of the low halves of values that no place holds alone: symbol, least and most.
    pub halves: Vec<(Symbol, u64, u64)>,
}

/// So many of these are kept.
const MOST_HALVES: usize = 16;

impl State {
    /// Nothing but where the stack was at entry.
    pub(super) fn unknown() -> State {
        State {
            registers: [Value::UNKNOWN; 16],
            slots: Rc::default(),
            touched: 0,
            flags: Flags::Unknown,
            ranges: Vec::new(),
            tails: Vec::new(),
            identities: Vec::new(),
            cells: Vec::new(),
            least: Vec::new(),
            copies: Vec::new(),
            carried: Vec::new(),
            halves: Vec::new(),
        }
    }

    /// The low half of a value is between two numbers.
    pub(super) fn know_half(&mut self, half: &Value) {
        match self.halves.iter_mut().find(|known| known.0 == half.symbol) {
            Some(known) => {
                known.1 = known.1.max(half.low);
                known.2 = known.2.min(half.high);
            }
            None => {
                if self.halves.len() == MOST_HALVES {
                    self.halves.remove(0);
                }
                self.halves.push((half.symbol, half.low, half.high));
            }
        }
    }

    /// A value with what was compared of it when it was only a half.
    pub(super) fn recall(&self, mut value: Value) -> Value {
        if (value.add, value.shift) == (0, 0)
            && let Some(known) = self.halves.iter().find(|known| known.0 == value.symbol)
        {
            let (low, high) = (value.low.max(known.1), value.high.min(known.2));
            if low <= high {
                (value.low, value.high) = (low, high);
            }
        }
        value
    }

    pub(super) fn slot(&self, offset: i64) -> Value {
        match self.slots.binary_search_by_key(&offset, |slot| slot.0) {
            Ok(index) => self.slots[index].1,
            Err(_) => Value::UNKNOWN,
        }
    }

    /// What a number is a constant more or less than, where it may be a reference.
    pub(super) fn itself(&self, value: &Value) -> Option<Value> {
        let is = |place: &&Value| {
            place.is_relative_to(value) && place.add == 0 && place.shift == 0 && place.origins != 0
        };
        let slots = self.slots.iter().map(|slot| &slot.1);
        self.registers.iter().chain(slots).find(is).copied()
    }

    /// 8 bytes were written.
    pub(super) fn set_slot(&mut self, offset: i64, value: Value) {
        self.forget_slots(offset, 8);
        match self.slots.binary_search_by_key(&offset, |slot| slot.0) {
            Ok(index) => Rc::make_mut(&mut self.slots)[index].1 = value,
            Err(index) => Rc::make_mut(&mut self.slots).insert(index, (offset, value)),
        }
    }

    /// The registers and slots whose value is as asked for.
    pub(super) fn places(
        &mut self,
        is: impl Fn(&Value) -> bool,
    ) -> impl Iterator<Item = &mut Value> {
        // Slots are shared between states as long as nothing changes them.
        let slots = if self.slots.iter().any(|slot| is(&slot.1)) {
            Rc::make_mut(&mut self.slots).as_mut_slice()
        } else {
            &mut []
        };
        let slots = slots.iter_mut().map(|slot| &mut slot.1);
        self.registers
            .iter_mut()
            .chain(slots)
            .filter(move |value| is(value))
    }

    /// Anything may have been written.
    pub(super) fn forget_slots(&mut self, offset: i64, len: i64) {
        let from = self.slots.partition_point(|slot| slot.0 + 8 <= offset);
        let to = self.slots.partition_point(|slot| slot.0 < offset + len);
        if from < to {
            Rc::make_mut(&mut self.slots).drain(from..to);
        }
        self.copies
            .retain(|copy| copy.0 + copy.1 <= offset || offset + len <= copy.0);
    }

    /// Anything may have been written below a place.
    pub(super) fn forget_below(&mut self, offset: i64) {
        self.forget_slots(i64::MIN / 2, offset.saturating_sub(i64::MIN / 2));
    }

    /// A memory or a table has at least so much.
    pub(super) fn has(&mut self, limit: Limit, least: u64) {
        match self.least.iter_mut().find(|known| known.0 == limit) {
            Some(known) => known.1 = known.1.max(least),
            None => self.least.push((limit, least)),
        }
    }

    /// How much it is known to have, beyond what it had at start.
    pub(super) fn least(&self, limit: Limit) -> u64 {
        let known = self.least.iter().find(|known| known.0 == limit);
        known.map_or(0, |known| known.1)
    }

    /// A fact of two.
    pub(super) fn know(&mut self, range: Range) {
        if !self.ranges.contains(&range) {
            self.ranges.push(range);
        }
    }

    /// The value is not more than a cell holds.
    pub(super) fn below_cell(&mut self, value: &Value, cell: Origin) {
        // As integers it is the symbol and what is added only if their sum did not wrap: then it is not less than that.
        let Ok(add) = u64::try_from(value.add) else {
            return;
        };
        if let Some(term) = Term::new(value)
            && value.shift == 0
            && value.low >= add
        {
            let tail = (Term { add: 0, ..term }, add, cell);
            if !self.tails.contains(&tail) {
                self.tails.push(tail);
            }
        }
    }

    /// The value is at most `high`. Nothing can be here if that is impossible.
    pub(super) fn at_most(&mut self, value: &Value, high: u64) -> bool {
        self.refine(value, |it| it.high = it.high.min(high))
    }

    pub(super) fn at_least(&mut self, value: &Value, low: u64) -> bool {
        self.refine(value, |it| it.low = it.low.max(low))
    }

    /// value + room <= limit.
    pub(super) fn bounded(&mut self, value: &Value, bound: Bound) {
        self.refine(value, |it| {
            if it.shift == 0 {
                it.bound = match it.bound {
                    Some(known) if known.limit == bound.limit && known.room >= bound.room => {
                        it.bound
                    }
                    _ => Some(bound),
                };
            }
        });
    }

    /// Says something of a value wherever it is, and of what differs from it by a constant.
    fn refine(&mut self, value: &Value, what: impl Fn(&mut Value)) -> bool {
        if value.base != Base::Number {
            return true;
        }
        let mut refined = *value;
        what(&mut refined);
        if refined.low > refined.high {
            return false;
        }
        if value.symbol == 0 {
            return true;
        }
        let mut is_held = false;
        for place in self.places(|place| place.is_relative_to(value)) {
            let distance = place.add.wrapping_sub(value.add);
            if distance == 0 {
                is_held = true;
                what(place);
                if place.low > place.high {
                    return false;
                }
                continue;
            }
            if place.shift != 0 {
                continue;
            }
            // As integers they differ by that only if no sum wraps: of this one, or of the other one back.
            let fits = value.low.checked_add_signed(distance).is_some()
                && value.high.checked_add_signed(distance).is_some();
            let mut known = refined;
            if !fits {
                let back = |bound: u64| bound.checked_add_signed(distance.checked_neg()?);
                let (Some(low), Some(high)) = (back(place.low), back(place.high)) else {
                    continue;
                };
                (known.low, known.high) = (known.low.max(low), known.high.min(high));
                if known.low > known.high {
                    return false;
                }
            }
            let moved = known.plus(distance);
            place.low = place.low.max(moved.low);
            place.high = place.high.min(moved.high);
            if let Some(bound) = moved.bound {
                place.bound = match place.bound {
                    Some(known) if known.limit == bound.limit && known.room >= bound.room => {
                        place.bound
                    }
                    Some(known) if known.limit != bound.limit => place.bound,
                    _ => Some(bound),
                };
            }
            if place.low > place.high {
                return false;
            }
        }
        if !is_held && is_low_half(value.symbol) && (value.add, value.shift) == (0, 0) {
            self.know_half(&refined);
        }
        true
    }

    /// The sum with a symbol did not wrap, so that it is what the two are together.
    pub(super) fn not_carried(&mut self, sum: u64, a: &Value, b: &Value) {
        let (a, b) = if a.as_constant().is_some() {
            (b, a)
        } else {
            (a, b)
        };
        let (Some(constant), Base::Number) = (b.as_constant(), a.base) else {
            return;
        };
        let add = a.add.wrapping_add(constant.cast_signed());
        let known = Value {
            high: a.high.min(u64::MAX - constant),
            origins: 0,
            ..*a
        };
        let Some(low) = a.low.checked_add(constant) else {
            return;
        };
        let is_sum = |place: &Value| {
            (place.base, place.symbol) == (Base::Number, sum) && (place.shift, place.add) == (0, 0)
                || place.is_relative_to(a) && place.add == add
        };
        let known = Value {
            add,
            low,
            high: known.high.saturating_add(constant),
            bound: None,
            ..known
        };
        for place in self.places(is_sum) {
            *place = known;
        }
        self.at_most(a, u64::MAX - constant);
    }
}

/// Whether the low 32 bits are all of it.
pub(super) fn is_whole(value: &Value, bits: u32) -> bool {
    bits == 64 || bits == 32 && value.base == Base::Number && value.high <= U32_MAX
}
