//! What is true wherever control comes from, where a block begins.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use super::state::{Flags, State};
use super::value::{Base, Origins, Steps, Symbol, Value, earlier, joined_symbol, slot_place};

impl Flags {
    /// The values that they say something of.
    fn values(&self) -> impl Iterator<Item = &Value> {
        let (a, b) = match self {
            Flags::Unknown => (None, None),
            Flags::Compare { a, b, .. } | Flags::Carry { a, b, .. } => (Some(a), Some(b)),
            Flags::Zero { a, .. } => (Some(a), None),
        };
        a.into_iter().chain(b)
    }

    fn join(&self, other: &Flags, steps: &Steps, widen: bool) -> Flags {
        let both = |a: &Value, b: &Value| a.join(b, 0, steps, widen, 0);
        match (*self, *other) {
            (
                Flags::Compare { bits, a, b },
                Flags::Compare {
                    bits: same,
                    a: c,
                    b: d,
                },
            ) if bits == same => Flags::Compare {
                bits,
                a: both(&a, &c),
                b: both(&b, &d),
            },
            (Flags::Zero { bits, a }, Flags::Zero { bits: same, a: b }) if bits == same => {
                Flags::Zero {
                    bits,
                    a: both(&a, &b),
                }
            }
            _ if self == other => *self,
            _ => Flags::Unknown,
        }
    }
}

impl State {
    /// The symbols of all values and facts.
    fn names(&self) -> impl Iterator<Item = Symbol> {
        let slots = self.slots.iter().map(|slot| &slot.1);
        let values = self.registers.iter().chain(slots);
        let values = values.chain(self.flags.values()).map(|value| value.symbol);
        let ranges = self.ranges.iter();
        values
            .chain(ranges.flat_map(|range| [range.a.symbol, range.b.symbol]))
            .chain(self.tails.iter().map(|tail| tail.0.symbol))
            .chain(self.identities.iter().map(|identity| identity.0))
            .chain(self.copies.iter().map(|copy| copy.2))
            .chain(self.halves.iter().map(|half| half.0))
    }

    /// What a way to a block says. The names that the block gave when it was entered before are others than those that it is
    /// about to give: a place that still has one says nothing of the place that it is named after, nor of one that another
    /// way relates to that.
    pub(super) fn as_of_earlier(&self, block: u32) -> Cow<'_, State> {
        let is_named = |symbol| earlier(symbol, block) != Some(symbol);
        if !self.names().any(is_named) {
            return Cow::Borrowed(self);
        }
        let mut state = self.clone();
        for value in state.places(|value| is_named(value.symbol)) {
            *value = match earlier(value.symbol, block) {
                Some(symbol) => Value { symbol, ..*value },
                None => Value::UNKNOWN,
            };
        }
        // Nothing of that is known where the block is entered first, nor where all ways come together.
        if state.flags.values().any(|value| is_named(value.symbol)) {
            state.flags = Flags::Unknown;
        }
        state
            .ranges
            .retain(|range| !is_named(range.a.symbol) && !is_named(range.b.symbol));
        state.tails.retain(|tail| !is_named(tail.0.symbol));
        state.identities.retain(|identity| !is_named(identity.0));
        state.copies.retain(|copy| !is_named(copy.2));
        state.halves.retain(|half| !is_named(half.0));
        Cow::Owned(state)
    }

    /// What is true here and in a state that comes to the same block. Whether anything changed.
    pub(super) fn join(
        &mut self,
        other: &State,
        block: u32,
        steps: &Steps,
        widen: bool,
        union: &mut dyn FnMut(Origins, Origins) -> Origins,
    ) -> bool {
        let mut changed = false;
        let mut pairs = Pairs::default();
        for index in 0..16 {
            let (old, new) = (self.registers[index], other.registers[index]);
            if old != new {
                let origins = union(old.origins, new.origins);
                let symbol = joined_symbol(block, index as u32);
                let joined = old.join(&new, symbol, steps, widen, origins);
                let joined = pairs.relate(&old, &new, joined, symbol);
                changed |= joined != old;
                self.registers[index] = joined;
            }
        }
        if !Rc::ptr_eq(&self.slots, &other.slots) {
            changed |= self.join_slots(other, block, steps, widen, union, &mut pairs);
        }
        if other.touched > self.touched {
            self.touched = other.touched;
            changed = true;
        }
        let flags = self.flags.join(&other.flags, steps, widen);
        changed |= flags != self.flags;
        self.flags = flags;
        let facts = |it: &State| {
            it.ranges.len()
                + it.tails.len()
                + it.cells.len()
                + it.identities.len()
                + it.copies.len()
                + it.carried.len()
        };
        let before = facts(self);
        self.copies.retain(|copy| other.copies.contains(copy));
        self.carried.retain(|cell| other.carried.contains(cell));
        self.identities
            .retain(|identity| other.identities.contains(identity));
        self.ranges.retain(|range| other.ranges.contains(range));
        self.tails.retain(|tail| other.tails.contains(tail));
        self.cells.retain(|cell| other.cells.contains(cell));
        changed |= facts(self) != before;
        self.halves.retain_mut(|(symbol, low, high)| {
            let Some(known) = other.halves.iter().find(|known| known.0 == *symbol) else {
                changed = true;
                return false;
            };
            let hull = ((*low).min(known.1), (*high).max(known.2));
            changed |= hull != (*low, *high);
            (*low, *high) = hull;
            true
        });
        self.least.retain_mut(|(limit, least)| {
            let known = other.least.iter().find(|known| known.0 == *limit);
            let now = known.map_or(0, |known| known.1.min(*least));
            changed |= now != *least;
            *least = now;
            now > 0
        });
        changed
    }

    fn join_slots(
        &mut self,
        other: &State,
        block: u32,
        steps: &Steps,
        widen: bool,
        union: &mut dyn FnMut(Origins, Origins) -> Origins,
        pairs: &mut Pairs,
    ) -> bool {
        let mut changed = false;
        let mut from = other.slots.iter().peekable();
        Rc::make_mut(&mut self.slots).retain_mut(|(offset, value)| {
            while from.next_if(|slot| slot.0 < *offset).is_some() {}
            let Some(&(_, new)) = from.next_if(|slot| slot.0 == *offset) else {
                changed = true;
                return false;
            };
            if *value != new {
                let origins = union(value.origins, new.origins);
                let place = slot_place(*offset);
                let symbol = joined_symbol(block, place);
                let joined = value.join(&new, symbol, steps, widen, origins);
                let joined = pairs.relate(value, &new, joined, symbol);
                changed |= joined != *value;
                *value = joined;
            }
            true
        });
        changed
    }

    /// Intervals that have grown go on to where they stop.
    pub(super) fn widen(&mut self, before: &State, steps: &Steps) {
        for (value, old) in self.registers.iter_mut().zip(&before.registers) {
            value.widen(old, steps);
        }
        if !Rc::ptr_eq(&self.slots, &before.slots) {
            for (offset, value) in Rc::make_mut(&mut self.slots) {
                value.widen(&before.slot(*offset), steps);
            }
        }
    }

    /// Intervals that have shrunk stay as they were.
    pub(super) fn stay(&mut self, before: &State) {
        for (value, old) in self.registers.iter_mut().zip(&before.registers) {
            value.stay(old);
        }
        if !Rc::ptr_eq(&self.slots, &before.slots) {
            for (offset, value) in Rc::make_mut(&mut self.slots) {
                value.stay(&before.slot(*offset));
            }
        }
    }
}

/// What differs by the same wherever control comes from still does after it came together: by the symbols on both ways, and
/// how far what is added to them is apart, what is added on the first and the symbol of what came together.
#[derive(Default)]
struct Pairs(HashMap<(Symbol, Symbol, i64), (i64, Symbol)>);

impl Pairs {
    /// The joined value of two, with the symbol of an earlier pair if it differs from that by a constant.
    fn relate(&mut self, old: &Value, new: &Value, joined: Value, symbol: Symbol) -> Value {
        let is_named = |value: &Value| {
            value.base == Base::Number
                && value.shift == 0
                && (value.symbol != 0 || value.low == value.high)
        };
        if joined.symbol != symbol || joined.add != 0 || !is_named(old) || !is_named(new) {
            return joined;
        }
        let key = (old.symbol, new.symbol, new.add.wrapping_sub(old.add));
        match self.0.entry(key) {
            Entry::Occupied(first) => {
                let (add, symbol) = *first.get();
                Value {
                    symbol,
                    add: old.add.wrapping_sub(add),
                    ..joined
                }
            }
            Entry::Vacant(first) => {
                first.insert((old.add, symbol));
                joined
            }
        }
    }
}
