//! Types as a person reads them, in messages and `inspect`.

use crate::module::{GlobalType, MemoryType, TableType};
use std::fmt::Write as _;
use wasmparser::{FuncType, ValType};

pub(crate) fn function(ty: &FuncType) -> String {
    let list = |types: &[ValType]| {
        types
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!("func ({}) -> ({})", list(ty.params()), list(ty.results()))
}

pub(crate) fn table(ty: &TableType) -> String {
    format!("table {} {}", limits(ty.min, ty.max), ty.element)
}

pub(crate) fn memory(ty: &MemoryType) -> String {
    let mut text = format!("memory {}", limits(ty.min, ty.max));
    if ty.page_shift != 16 {
        let _ = write!(text, " pagesize {}", 1u64 << ty.page_shift);
    }
    text
}

pub(crate) fn global(ty: &GlobalType) -> String {
    format!(
        "global {}{}",
        if ty.mutable { "mut " } else { "" },
        ty.content
    )
}

fn limits(min: u64, max: Option<u64>) -> String {
    max.map_or_else(|| format!("{min}.."), |max| format!("{min}..{max}"))
}
