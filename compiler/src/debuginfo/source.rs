//! Offsets in a module -> where in the source they come from, by the module's DWARF.

use super::DebugSections;
use super::budget;
use super::unit::{Dwarf, Scope, Slice, Span, Unit};
use crate::parallel;
use gimli::{AbbreviationsCacheStrategy, AttributeValue, EndianSlice, LittleEndian};
use std::borrow::Cow;

/// The longest name or path that is kept, in bytes.
const LONGEST: usize = 1024;
/// How many entries may refer to each other for a name.
const REFERENCES: usize = 16;

/// What a module's DWARF says of its code.
#[derive(Debug)]
pub(super) struct Source<'a> {
    dwarf: Dwarf<'a>,
    units: Vec<Unit<'a>>,
    /// The first thing that was wrong with it.
    pub(super) problem: Option<String>,
}

/// A scope of a unit, by their positions; a scope counts from 1.
pub(super) type ScopeId = (u32, u32);

/// A file of a unit, by its index in the line program.
pub(super) type FileId = (u32, u64);

/// Where code comes from.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Found {
    /// File, line and column, if there is a line.
    pub(super) position: Option<(FileId, u32, u32)>,
    /// The innermost function, inlined or not.
    pub(super) scope: Option<ScopeId>,
}

impl<'a> Source<'a> {
    /// Reads the units, on `threads` threads. They are those of a code section with contents of `code_len` bytes.
    pub(super) fn read(debug: &DebugSections<'a>, code_len: usize, threads: Option<usize>) -> Self {
        let section = |id: gimli::SectionId| -> Result<Slice<'a>, std::convert::Infallible> {
            let bytes = debug.get(id.name()).unwrap_or_default();
            Ok(EndianSlice::new(bytes, LittleEndian))
        };
        let Ok(mut dwarf) = Dwarf::load(section);
        let mut units = Vec::new();
        let mut problem;
        match budget::check_abbreviations(&dwarf) {
            Ok(()) => {
                dwarf.populate_abbreviations_cache(AbbreviationsCacheStrategy::Duplicates);
                let (headers, first) = budget::headers(&dwarf);
                problem = first;
                let code_len = u32::try_from(code_len).unwrap_or(u32::MAX);
                let order: Vec<usize> = (0..headers.len()).collect();
                let read = |(): &mut (), index: usize| {
                    let (header, with_lines) = headers[index];
                    Unit::read(&dwarf, header, with_lines, code_len)
                };
                for unit in parallel::map(&order, threads, || (), read) {
                    match unit {
                        Ok(unit) => {
                            if problem.is_none() {
                                problem.clone_from(&unit.problem);
                            }
                            units.push(unit);
                        }
                        Err(error) => {
                            problem.get_or_insert(error.to_string());
                        }
                    }
                }
            }
            Err(error) => problem = Some(error),
        }
        Source {
            dwarf,
            units,
            problem,
        }
    }

    /// Where the code at each of the ascending `addresses` comes from.
    pub(super) fn locate(&self, addresses: &[u32]) -> Vec<Found> {
        let units = || (0u32..).zip(&self.units);
        let mut sequences: Vec<_> = units()
            .flat_map(|(index, unit)| unit.sequences.iter().map(move |at| (at, index)))
            .collect();
        sequences.sort_by_key(|(sequence, _)| sequence.start);
        let mut sequences = sequences.into_iter().peekable();
        let mut spans: Vec<(&Span, u32)> = units()
            .flat_map(|(index, unit)| unit.spans.iter().map(move |span| (span, index)))
            .collect();
        spans.sort_by_key(|(span, _)| (span.start, span.depth));
        let mut spans = spans.into_iter().peekable();
        // The spans that may contain the address, the innermost last.
        let mut open: Vec<(&Span, u32)> = Vec::new();
        let find = |&address: &u32| {
            while let Some(next) = spans.next_if(|(span, _)| span.start <= address) {
                if next.0.end > address {
                    open.push(next);
                }
            }
            while open.pop_if(|(span, _)| span.end <= address).is_some() {}
            while sequences
                .next_if(|(sequence, _)| sequence.end <= address)
                .is_some()
            {}
            let sequence = sequences
                .peek()
                .filter(|(sequence, _)| sequence.start <= address);
            Found {
                position: sequence.and_then(|&(sequence, index)| {
                    let unit = &self.units[index as usize];
                    let rows = &unit.rows[sequence.first as usize..sequence.last as usize];
                    let after = rows.partition_point(|row| row.address <= address);
                    let row = &rows[after.checked_sub(1)?];
                    (row.line != 0).then_some(((index, row.file), row.line, row.column))
                }),
                scope: open.last().map(|(span, index)| (*index, span.scope)),
            }
        };
        addresses.iter().map(find).collect()
    }

    /// Where functions start.
    pub(super) fn functions(&self) -> Vec<u32> {
        let spans = self.units.iter().flat_map(|unit| &unit.spans);
        spans
            .filter(|span| span.depth == 1)
            .map(|span| span.start)
            .collect()
    }

    /// A scope, and the one that it is in; `None` for a function.
    pub(super) fn scope(&self, (unit, number): ScopeId) -> (&Scope, Option<ScopeId>) {
        let scope = &self.units[unit as usize].scopes[number as usize - 1];
        let parent = (scope.parent != 0).then_some((unit, scope.parent));
        (scope, parent)
    }

    /// The name of the function of a scope, as it is in the source.
    pub(super) fn name(&self, id: ScopeId) -> Option<String> {
        let mut unit = &self.units[id.0 as usize];
        let mut entry = self.scope(id).0.entry;
        for _ in 0..REFERENCES {
            let mut name = None;
            let mut linkage_name = None;
            let mut origin = None;
            let found = unit.unit.entry(entry).ok()?;
            for attribute in found.attrs() {
                let value = attribute.value();
                match attribute.name() {
                    gimli::DW_AT_linkage_name | gimli::DW_AT_MIPS_linkage_name => {
                        linkage_name = self.dwarf.attr_string(&unit.unit, value).ok();
                    }
                    gimli::DW_AT_name => name = self.dwarf.attr_string(&unit.unit, value).ok(),
                    gimli::DW_AT_abstract_origin | gimli::DW_AT_specification => {
                        origin = Some(value);
                    }
                    _ => {}
                }
            }
            if let Some(linkage_name) = linkage_name {
                return Some(crate::names::demangle(&text(linkage_name)));
            }
            match origin {
                Some(AttributeValue::UnitRef(offset)) => entry = offset,
                Some(AttributeValue::DebugInfoRef(offset)) => {
                    let after = self
                        .units
                        .partition_point(|unit| start(unit).is_some_and(|start| start <= offset.0));
                    unit = &self.units[after.checked_sub(1)?];
                    entry = gimli::UnitOffset(offset.0.checked_sub(start(unit)?)?);
                }
                _ => return name.map(|name| text(name).into_owned()),
            }
            // A name of its own is better than none, should what it refers to be missing.
            if let Some(name) = name {
                return Some(text(name).into_owned());
            }
        }
        None
    }

    /// The path of a file, from the root where DWARF says that.
    pub(super) fn path(&self, (unit, index): FileId) -> Option<String> {
        let unit = &self.units[unit as usize].unit;
        let program = unit.line_program.as_ref()?;
        let header = program.header();
        let file = header.file(index)?;
        let string = |value| self.dwarf.attr_string(unit, value).ok();
        let mut path = unit
            .comp_dir
            .map_or_else(String::new, |directory| text(directory).into_owned());
        // Directory 0 is the compilation's.
        if file.directory_index() != 0
            && let Some(directory) = file.directory(header).and_then(string)
        {
            push(&mut path, &text(directory));
        }
        push(&mut path, &text(string(file.path_name())?));
        Some(plain(path))
    }
}

/// The offset of a unit.
fn start(unit: &Unit<'_>) -> Option<usize> {
    let header = &unit.unit.header;
    Some(header.offset().to_debug_info_offset(header)?.0)
}

/// A string, as far as it is not too long.
fn text(string: Slice<'_>) -> Cow<'_, str> {
    let bytes = string.slice();
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)])
}

/// Appends a path to one that it is relative to.
fn push(path: &mut String, next: &str) {
    // (The wasi-sdk's own files are `wasisdk://v30.0/...`.)
    let is_url = next.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if is_url || next.starts_with('/') || next.starts_with('\\') || next.get(1..3) == Some(":\\") {
        path.clear();
    } else if !path.is_empty() && !path.ends_with(['/', '\\']) {
        path.push(if path.get(1..3) == Some(":\\") {
            '\\'
        } else {
            '/'
        });
    }
    path.push_str(next);
}

/// A path without steps to where it is already.
fn plain(path: String) -> String {
    if !path.starts_with("./") && !path.contains("/./") {
        return path;
    }
    let mut parts = path.split('/').filter(|&part| part != ".");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| path + "/" + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_they_say() {
        for (directory, next, path) in [
            ("/work", "src/a.c", "/work/src/a.c"),
            ("/work/", "./a.c", "/work/a.c"),
            ("./.", "./src/./a.c", "src/a.c"),
            ("/work", "/usr/include/map", "/usr/include/map"),
            (
                "wasisdk://v30.0/build",
                "wasisdk://v30.0/src/abort.c",
                "wasisdk://v30.0/src/abort.c",
            ),
            ("C:\\work", "a.c", "C:\\work\\a.c"),
            ("", "../a.c", "../a.c"),
            ("/.", "a:b://c", "/a:b://c"),
        ] {
            let mut found = directory.to_owned();
            push(&mut found, next);
            assert_eq!(plain(found), path);
        }
    }
}
