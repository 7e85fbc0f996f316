//! A validated module.
use std::marker::PhantomData;
/// A validated module, borrowing its bytes.
#[derive(Debug)]
pub struct Module<'a>(pub(crate) PhantomData<&'a ()>);
/// An import.
#[derive(Debug)]
pub struct Import<'a> {
    /// The module's name.
    pub module: &'a str,
    /// The field's name.
    pub name: &'a str,
    /// What is imported.
    pub kind: ExternKind,
}
/// An export.
#[derive(Debug)]
pub struct Export<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is exported.
    pub kind: ExternKind,
}
/// The kind of an import or export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternKind {
    /// A function.
    Func,
    /// A table.
    Table,
    /// A memory.
    Memory,
    /// A global.
    Global,
    /// A tag.
    Tag,
}
impl<'a> Module<'a> {
    /// Imports in order.
    pub fn imports(&self) -> impl Iterator<Item = &Import<'a>> {
        std::iter::empty()
    }
    /// Exports in order.
    pub fn exports(&self) -> impl Iterator<Item = &Export<'a>> {
        std::iter::empty()
    }
}
