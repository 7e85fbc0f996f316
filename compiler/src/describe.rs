//! Types as a person reads them, in messages and `inspect`.
//!
//! A type index says nothing to the reader of a message, so a reference to a type shows what the type is; `types` are
//! those that the index counts.

use crate::identity;
use crate::module::{GlobalType, IndexType, MemoryType, TableType};
use std::fmt::Write as _;
use wasmparser::{FuncType, ValType};

pub(crate) fn function(types: &[FuncType], ty: &FuncType) -> String {
    nested(types, ty, 1)
}

/// So many types of a list are shown: a module may have thousands of imports of a type with thousands of parameters.
const MOST: usize = 16;

/// A function type, in which references to types are written out down to `depth`.
fn nested(types: &[FuncType], ty: &FuncType, depth: u32) -> String {
    let list = |list: &[ValType]| {
        let shown = list.iter().take(MOST);
        let mut words: Vec<_> = shown.map(|&ty| value_nested(types, ty, depth)).collect();
        if list.len() > MOST {
            words.push(format!("... ({} in all)", list.len()));
        }
        words.join(", ")
    };
    format!("func ({}) -> ({})", list(ty.params()), list(ty.results()))
}

fn value(types: &[FuncType], ty: ValType) -> String {
    value_nested(types, ty, 1)
}

fn value_nested(types: &[FuncType], ty: ValType, depth: u32) -> String {
    if let ValType::Ref(reference) = ty
        && let Some(index) = identity::concrete(reference)
    {
        let null = if reference.is_nullable() { "null " } else { "" };
        let target = match (types.get(index as usize), depth) {
            (Some(ty), 1..) => format!("({})", nested(types, ty, depth - 1)),
            _ => "...".to_owned(),
        };
        return format!("(ref {null}{target})");
    }
    ty.to_string()
}

pub(crate) fn table(types: &[FuncType], ty: &TableType) -> String {
    format!(
        "table {}{} {}",
        index(ty.index),
        limits(ty.min, ty.max),
        value(types, ty.element)
    )
}

/// A tag by what its exceptions carry; the function type that it is declared with has no results.
pub(crate) fn tag(types: &[FuncType], ty: &FuncType) -> String {
    let function = function(types, ty);
    let params = function.trim_start_matches("func ").split(" ->").next();
    format!("tag {}", params.unwrap_or_default())
}

pub(crate) fn memory(ty: &MemoryType) -> String {
    let mut text = format!("memory {}{}", index(ty.index), limits(ty.min, ty.max));
    if ty.shared {
        text.push_str(" shared");
    }
    if ty.page_shift != 16 {
        let _ = write!(text, " pagesize {}", 1u64 << ty.page_shift);
    }
    text
}

pub(crate) fn global(types: &[FuncType], ty: &GlobalType) -> String {
    format!(
        "global {}{}",
        if ty.mutable { "mut " } else { "" },
        value(types, ty.content)
    )
}

fn index(ty: IndexType) -> &'static str {
    match ty {
        IndexType::I32 => "",
        IndexType::I64 => "i64 ",
    }
}

fn limits(min: u64, max: Option<u64>) -> String {
    max.map_or_else(|| format!("{min}.."), |max| format!("{min}..{max}"))
}
