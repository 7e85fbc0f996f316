//! A validated module: what its sections declare, with bodies still as bytes.

use crate::const_expr::ConstExpr;
use crate::debuginfo::DebugSections;
use crate::facts::Facts;
use crate::hints::Hints;
use nativize_abi::address::INDEX_RANGE;
use std::ops::Range;
use wasmparser::{FuncType, FunctionBody, ValType};

/// A validated module, borrowing its bytes.
#[derive(Debug, Default)]
pub struct Module<'a> {
    /// Function types by type index.
    pub(crate) types: Vec<FuncType>,
    /// The recursion groups: ranges of type indices, ascending and without gaps.
    pub(crate) type_groups: Vec<Range<u32>>,
    pub(crate) imports: Vec<Import<'a>>,
    pub(crate) exports: Vec<Export<'a>>,
    /// The type index of every function, imported ones first.
    pub(crate) functions: Vec<u32>,
    pub(crate) imported_functions: u32,
    pub(crate) tables: Vec<TableType>,
    pub(crate) imported_tables: u32,
    /// The initial element of each defined table that has one.
    pub(crate) table_inits: Vec<Option<ConstExpr>>,
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) imported_memories: u32,
    pub(crate) globals: Vec<GlobalType>,
    pub(crate) imported_globals: u32,
    /// The initial value of each defined global.
    pub(crate) global_inits: Vec<ConstExpr>,
    /// The type index of every tag, imported ones first.
    pub(crate) tags: Vec<u32>,
    pub(crate) imported_tags: u32,
    /// Names of tags from the name section, by tag index.
    pub(crate) tag_names: Vec<Option<&'a str>>,
    pub(crate) start: Option<u32>,
    pub(crate) elements: Vec<ElementSegment>,
    pub(crate) data: Vec<DataSegment<'a>>,
    /// The body of each defined function.
    pub(crate) bodies: Vec<Body<'a>>,
    /// Names of functions, by function index.
    pub(crate) function_names: Vec<Option<&'a str>>,
    pub(crate) name: Option<&'a str>,
    /// The sections for debuggers.
    pub debug: DebugSections<'a>,
}

/// A defined function's code and what the whole-program analysis needs to know of it.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    pub code: FunctionBody<'a>,
    pub facts: Facts,
    pub hints: Hints,
}

/// An import.
#[derive(Debug, Clone, PartialEq)]
pub struct Import<'a> {
    /// The name of the module.
    pub module: &'a str,
    /// The name of the item.
    pub name: &'a str,
    /// What is imported.
    pub kind: ExternKind,
    /// Its index in the index space of its kind.
    pub(crate) index: u32,
    /// Its type for a person, e.g. `func (i32) -> ()`.
    pub description: String,
}

/// An export.
#[derive(Debug, Clone, PartialEq)]
pub struct Export<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is exported.
    pub kind: ExternKind,
    pub(crate) index: u32,
    /// Its type for a person, e.g. `memory 1..2`.
    pub description: String,
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

/// The type of the indices of a memory or table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexType {
    I32,
    I64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TableType {
    pub element: ValType,
    pub index: IndexType,
    pub min: u64,
    pub max: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemoryType {
    pub index: IndexType,
    /// Pages at start.
    pub min: u64,
    /// Pages that it may grow to.
    pub max: Option<u64>,
    /// The binary logarithm of the page size.
    pub page_shift: u32,
    /// Whether threads share it.
    pub shared: bool,
}

/// The limits of a table or memory, in entries or pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub min: u64,
    pub max: Option<u64>,
}

impl TableType {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            min: self.min,
            max: self.max,
        }
    }
}

impl IndexType {
    /// That of a type that a flag makes one of 64 bits.
    pub(crate) fn new(is64: bool) -> Self {
        if is64 { IndexType::I64 } else { IndexType::I32 }
    }
}

impl MemoryType {
    /// The bytes of so many pages; what exceeds 64 bits is the largest number.
    pub(crate) fn bytes(&self, pages: u64) -> u64 {
        pages.saturating_mul(1 << self.page_shift)
    }

    /// The bytes that an index can count at most, in whole pages.
    fn index_range(&self) -> u64 {
        match (self.index, self.page_shift) {
            (IndexType::I32, 0) => u64::from(u32::MAX),
            (IndexType::I32, _) => INDEX_RANGE,
            (IndexType::I64, shift) => u64::MAX >> shift << shift,
        }
    }

    /// The bytes that it may grow to, as far as its type says.
    pub(crate) fn max_bytes(&self) -> u64 {
        self.max
            .map_or(u64::MAX, |pages| self.bytes(pages))
            .min(self.index_range())
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            min: self.min,
            max: self.max,
        }
    }
}

impl Limits {
    /// Whether something of these limits can be imported as `expected` (specification, "Import Matching"). What counts
    /// is its size at that time: where it may have grown by then, the check is made when the importer is instantiated.
    pub(crate) fn fit(self, expected: Limits, may_have_grown: bool) -> bool {
        let reachable = if may_have_grown {
            self.max.unwrap_or(u64::MAX)
        } else {
            self.min
        };
        reachable >= expected.min
            && match (self.max, expected.max) {
                (_, None) => true,
                (Some(max), Some(expected)) => max <= expected,
                (None, Some(_)) => false,
            }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GlobalType {
    pub content: ValType,
    pub mutable: bool,
}

/// When a segment is applied.
#[derive(Debug, Clone)]
pub(crate) enum SegmentMode {
    /// By `table.init` or `memory.init` only.
    Passive,
    /// At instantiation, to a table or memory.
    Active { target: u32, offset: ConstExpr },
    /// Never: it only declares function references.
    Declared,
}

#[derive(Debug, Clone)]
pub(crate) struct ElementSegment {
    pub mode: SegmentMode,
    pub items: Vec<ConstExpr>,
}

#[derive(Debug, Clone)]
pub(crate) struct DataSegment<'a> {
    pub mode: SegmentMode,
    pub bytes: &'a [u8],
}

impl<'a> Module<'a> {
    /// Imports in order.
    pub fn imports(&self) -> impl Iterator<Item = &Import<'a>> {
        self.imports.iter()
    }

    /// Exports in order.
    pub fn exports(&self) -> impl Iterator<Item = &Export<'a>> {
        self.exports.iter()
    }

    /// The export called `name`.
    pub fn export(&self, name: &str) -> Option<&Export<'a>> {
        self.exports.iter().find(|export| export.name == name)
    }

    /// How many functions have a body.
    pub fn defined_functions(&self) -> usize {
        self.bodies.len()
    }

    /// The module's name from its name section.
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    pub(crate) fn function_type(&self, index: u32) -> &FuncType {
        &self.types[self.functions[index as usize] as usize]
    }

    /// The body of a defined function.
    pub(crate) fn body(&self, index: u32) -> &Body<'a> {
        &self.bodies[(index - self.imported_functions) as usize]
    }

    /// The best name there is for a function: of the name section, else the first that it is exported by.
    pub(crate) fn function_name(&self, index: u32) -> Option<&'a str> {
        best_name(&self.function_names, index)
    }

    /// The best name there is for a tag.
    pub(crate) fn tag_name(&self, index: u32) -> Option<&'a str> {
        best_name(&self.tag_names, index)
    }

    /// Names functions and tags that have no name of their own after their first export.
    pub(crate) fn name_exports(&mut self) {
        self.function_names.resize(self.functions.len(), None);
        self.tag_names.resize(self.tags.len(), None);
        for export in &self.exports {
            let names = match export.kind {
                ExternKind::Func => &mut self.function_names,
                ExternKind::Tag => &mut self.tag_names,
                _ => continue,
            };
            let name = &mut names[export.index as usize];
            if name.is_none_or(str::is_empty) {
                *name = Some(export.name);
            }
        }
    }
}

fn best_name<'a>(names: &[Option<&'a str>], index: u32) -> Option<&'a str> {
    let name = names.get(index as usize).copied().flatten();
    name.filter(|name| !name.is_empty())
}
