//! Code of functions from earlier compilations, wherever the caller keeps it.
//!
//! An entry is looked up by a hash of everything that the code is made from ([`key`]), so it is either exactly what would
//! be made again or not found. Only functions with a body have entries: the other units are few.

mod entry;
mod key;

use crate::codegen::Code;
use crate::parallel;
use crate::program::Program;
use crate::translate::{Environment, Unit};
use key::Keys;

/// What names an entry.
pub type Key = [u8; blake3::OUT_LEN];

/// A store of code. Keys do not tell builds of nativize apart: a store has to.
pub trait CodeCache: Sync {
    /// The bytes of an entry, just as they were put.
    fn get(&self, key: &Key) -> Option<Vec<u8>>;

    /// Offers an entry, which the store may take or not.
    fn put(&self, key: &Key, bytes: &[u8]);
}

/// The entries of a program.
pub(crate) struct Cached<'a> {
    program: &'a Program<'a>,
    store: &'a dyn CodeCache,
    /// For each unit, if it can have an entry.
    keys: Vec<Option<Key>>,
}

impl<'a> Cached<'a> {
    pub(crate) fn new(
        environment: Environment<'a>,
        units: &[Unit],
        store: &'a dyn CodeCache,
    ) -> Self {
        let mut keys = Keys::new(environment);
        Cached {
            program: environment.program,
            store,
            keys: units.iter().map(|&unit| keys.unit(unit)).collect(),
        }
    }

    /// What is there of `units`.
    pub(crate) fn find(&self, units: &[Unit], threads: Option<usize>) -> Vec<Option<Code>> {
        let order: Vec<usize> = (0..units.len()).collect();
        parallel::map(
            &order,
            threads,
            || (),
            |(), index| {
                let bytes = self.store.get(self.keys[index].as_ref()?)?;
                entry::read(&bytes, self.program, units[index])
            },
        )
    }

    /// Keeps the code of a unit.
    pub(crate) fn keep(&self, index: usize, unit: Unit, code: &Code) {
        if let Some(key) = &self.keys[index]
            && let Some(bytes) = entry::write(code, self.program, unit)
        {
            self.store.put(key, &bytes);
        }
    }
}
