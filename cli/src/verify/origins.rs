//! Where references can come from. A reference is not looked into before it is known to be one: who does so asks that of
//! all places that it can come from, and the program is checked for that as a whole at the end.

use std::collections::HashMap;

use super::value::Origins;

/// A place that references come from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Origin {
    /// Cells of 8 bytes in the program's data, from the first address to the last.
    Cells(u64, u64),
    /// The same in the block of a thread.
    ThreadCells(u64, u64),
    /// A table that can grow.
    Table(u16),
    /// A parameter of a function, by its register.
    Parameter(u32, u8),
    /// A parameter on the stack, by its distance from the stack pointer at entry.
    Argument(u32, i32),
    /// The same of each function of a class.
    ClassArgument(Class, i32),
    /// What a call of a function gives, by register.
    Result(u32, u8),
    /// The same of any function of a class.
    ClassResult(Class, u8),
    /// A parameter of each function of a class.
    ClassParameter(Class, u8),
    /// A reference to this function.
    Function(u32),
    /// A reference to some function.
    AnyFunction,
    /// A reference to an exception.
    Exception,
    /// What a handler got, an exception of a tag: it lies where exceptions are on their way until there is another.
    Landed(u32),
    /// What exceptions of a tag carry, by its offset.
    Carried(u32, u32),
}

/// Functions that a call by a reference may be of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Class {
    /// Those with that identity, which was compared.
    Identity(u32),
    /// Those of which references come to a call without a comparison, by the function with the call and its offset there.
    Call(u32, u32),
}

/// A set with more places says nothing; of references to functions known as such, that they are.
const MOST: usize = 64;

/// The sets of one function.
#[derive(Debug)]
pub(super) struct OriginSets {
    sets: Vec<Vec<Origin>>,
    numbers: HashMap<Vec<Origin>, Origins>,
}

/// Null, which is a reference of any kind.
pub(super) const NULL: Origins = 1;
/// An exception.
pub(super) const EXCEPTION: Origins = 2;

impl OriginSets {
    pub(super) fn new() -> OriginSets {
        let mut sets = OriginSets {
            sets: vec![Vec::new()],
            numbers: HashMap::new(),
        };
        for known in [&[][..], &[Origin::Exception]] {
            sets.number(known.to_vec());
        }
        sets
    }

    fn number(&mut self, set: Vec<Origin>) -> Origins {
        if let Some(&number) = self.numbers.get(&set) {
            return number;
        }
        let number = self.sets.len() as Origins;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }

    pub(super) fn one(&mut self, origin: Origin) -> Origins {
        self.number(vec![origin])
    }

    pub(super) fn union(&mut self, a: Origins, b: Origins) -> Origins {
        if a == b || a == 0 || b == 0 {
            return if a == b { a } else { 0 };
        }
        let mut set = self.sets[a as usize].clone();
        set.extend_from_slice(&self.sets[b as usize]);
        set.sort_unstable();
        set.dedup();
        if set.len() > MOST {
            set.retain(|origin| !matches!(origin, Origin::Function(_) | Origin::AnyFunction));
            set.push(Origin::AnyFunction);
            set.sort_unstable();
        }
        if set.len() > MOST {
            return 0;
        }
        self.number(set)
    }

    pub(super) fn get(&self, number: Origins) -> &[Origin] {
        &self.sets[number as usize]
    }
}
