//! The static graph of instances, every import resolved.
use crate::{Error, Import, Module};

/// An instance in a [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceId(pub(crate) u32);
/// A memory of a [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryId(pub(crate) u32);

/// What an import resolves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Func(u32),
    /// A table.
    Table(u32),
    /// A memory.
    Memory(MemoryId),
    /// A global.
    Global(u32),
    /// A tag.
    Tag(u32),
}

/// Something the runtime can call, in the order in which it was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryPoint {
    /// Run the instance's segments and start function.
    Instantiate(InstanceId),
    /// Call a function with arguments.
    Call(Extern),
    /// Read a global.
    ReadGlobal(Extern),
}

/// The runtime's main loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Main {
    /// Call every entry in order, without arguments.
    #[default]
    Command,
    /// As `Command`, but the last entry takes its arguments from argv and its results are printed.
    Invoke,
    /// Call entries as standard input asks.
    Script,
}

/// A list of instances with every import resolved.
#[derive(Debug, Default)]
pub struct Program<'a>(std::marker::PhantomData<&'a ()>);

impl<'a> Program<'a> {
    /// No instances, no entries.
    pub fn new() -> Self {
        todo!()
    }
    /// A program of one module that runs as a command, with WASI preview 1 as its only imports: `_initialize` where
    /// it is exported, then `_start`; or, with `invoke`, that export.
    ///
    /// # Errors
    /// [`Error::Link`], [`Error::NoEntryPoint`].
    pub fn command(module: &'a Module<'a>, invoke: Option<&str>) -> Result<Self, Error> {
        let _ = (module, invoke);
        todo!()
    }
    /// Adds an instance of `module`. `resolve` answers each import in order; `None` is an error that names it.
    /// It becomes active only by an [`EntryPoint::Instantiate`].
    ///
    /// # Errors
    /// [`Error::Link`] when an import is not resolved or has another type.
    pub fn instantiate(
        &mut self,
        module: &'a Module<'a>,
        resolve: impl FnMut(&Self, &Import<'a>) -> Option<Extern>,
    ) -> Result<InstanceId, Error> {
        let _ = (module, resolve);
        todo!()
    }
    /// The WASI preview 1 function (or `wasi_unstable`) that an import names.
    pub fn wasi(&mut self, import: &Import<'_>) -> Option<Extern> {
        let _ = import;
        todo!()
    }
    /// What `instance` exports as `name`.
    pub fn export(&self, instance: InstanceId, name: &str) -> Option<Extern> {
        let _ = (instance, name);
        todo!()
    }
    /// Adds an entry and gives its index.
    pub fn add_entry(&mut self, entry: EntryPoint) -> usize {
        let _ = entry;
        todo!()
    }
    /// Chooses the main loop.
    pub fn set_main(&mut self, main: Main) {
        let _ = main;
    }
    /// The memories, in the order in which instances defined them.
    pub fn memories(&self) -> impl Iterator<Item = MemoryId> {
        std::iter::empty()
    }
    /// Puts a memory at the fixed low address; by default it is the first one.
    pub fn set_low_memory(&mut self, memory: MemoryId) {
        let _ = memory;
    }
}
