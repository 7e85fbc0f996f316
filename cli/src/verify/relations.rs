//! What symbols say of each other: which is the sum of two, which was read through which.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use super::origins::Origin;
use super::state::Term;
use super::value::{Base, Symbol, Value};

/// Two that were added.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Sum {
    pub a: Term,
    pub b: Term,
    /// No values that they can have are more than 64 bits together.
    pub fits: bool,
}

/// What was seen so far. It is not a part of what is known at a place: when it changes, everything that was concluded from
/// it is concluded anew.
#[derive(Default, Debug)]
pub(super) struct Relations {
    sums: HashMap<Symbol, Option<Sum>>,
    /// The reference of whose function a symbol is the identity.
    identities: HashMap<Symbol, Symbol>,
    /// The exception of which a symbol is the size,
    sizes: HashMap<Symbol, Symbol>,
    /// and of which one is the tag.
    tags: HashMap<Symbol, Symbol>,
    /// The cell of the program's data that a symbol was read from, or its lower half.
    cells: HashMap<Symbol, Option<Origin>>,
    /// The block that is looked at,
    pub block: usize,
    /// and those that asked for a symbol.
    readers: RefCell<HashMap<Symbol, BTreeSet<usize>>>,
    /// The symbols of which something else was said before.
    changed: Vec<Symbol>,
}

impl Relations {
    /// The symbol is the sum of two, or is not any more.
    pub(super) fn sum_is(&mut self, symbol: Symbol, of: Option<(&Value, &Value)>) {
        let of = of.and_then(|(a, b)| {
            let numbers = a.base == Base::Number && b.base == Base::Number;
            let fits = numbers && a.high.checked_add(b.high).is_some();
            Some(Sum {
                a: Term::new(a)?,
                b: Term::new(b)?,
                fits,
            })
        });
        if of.is_some() || self.sums.contains_key(&symbol) {
            set(&mut self.sums, symbol, of, &mut self.changed);
        }
    }

    pub(super) fn identity_is(&mut self, symbol: Symbol, of: Symbol) {
        set(&mut self.identities, symbol, of, &mut self.changed);
    }

    pub(super) fn size_is(&mut self, symbol: Symbol, of: Symbol) {
        set(&mut self.sizes, symbol, of, &mut self.changed);
    }

    pub(super) fn tag_is(&mut self, symbol: Symbol, of: Symbol) {
        set(&mut self.tags, symbol, of, &mut self.changed);
    }

    pub(super) fn cell_is(&mut self, symbol: Symbol, cell: Option<Origin>) {
        if cell.is_some() || self.cells.contains_key(&symbol) {
            set(&mut self.cells, symbol, cell, &mut self.changed);
        }
    }

    pub(super) fn sum(&self, symbol: Symbol) -> Option<Sum> {
        self.get(&self.sums, symbol).flatten()
    }

    pub(super) fn identity(&self, symbol: Symbol) -> Option<Symbol> {
        self.get(&self.identities, symbol)
    }

    pub(super) fn size(&self, symbol: Symbol) -> Option<Symbol> {
        self.get(&self.sizes, symbol)
    }

    pub(super) fn tag(&self, symbol: Symbol) -> Option<Symbol> {
        self.get(&self.tags, symbol)
    }

    pub(super) fn cell(&self, symbol: Symbol) -> Option<Origin> {
        self.get(&self.cells, symbol).flatten()
    }

    fn get<V: Copy>(&self, map: &HashMap<Symbol, V>, symbol: Symbol) -> Option<V> {
        let found = map.get(&symbol)?;
        let mut readers = self.readers.borrow_mut();
        readers.entry(symbol).or_default().insert(self.block);
        Some(*found)
    }

    /// The blocks that concluded something from what has changed since this was asked last.
    pub(super) fn take_misled(&mut self) -> BTreeSet<usize> {
        let readers = self.readers.get_mut();
        let changed = self.changed.drain(..);
        changed
            .filter_map(|symbol| readers.remove(&symbol))
            .flatten()
            .collect()
    }
}

fn set<V: PartialEq>(
    map: &mut HashMap<Symbol, V>,
    symbol: Symbol,
    value: V,
    changed: &mut Vec<Symbol>,
) {
    if map.get(&symbol).is_some_and(|old| *old != value) {
        changed.push(symbol);
    }
    map.insert(symbol, value);
}
