//! The table of source locations that the runtime reads at a trap: only what sites can ask for, each string once.

use super::source::{FileId, Found, ScopeId, Source};
use crate::module::Module;
use nativize_abi::lines::{Call, Row, Writer};
use std::collections::HashMap;

/// An instance whose code can be asked for.
pub(crate) struct Wanted<'p, 'a> {
    /// The number by which it is asked for.
    pub(crate) number: u32,
    pub(crate) module: &'p Module<'a>,
    /// Offsets in the module, in any order.
    pub(crate) offsets: Vec<u32>,
}

/// What comes of the debug sections.
#[derive(Default)]
pub(crate) struct Tables {
    /// The table, if there is anything in it.
    pub(crate) lines: Option<Vec<u8>>,
    /// Names of functions that their module does not name: by the number of an instance, and the function's index.
    pub(crate) names: HashMap<(u32, u32), String>,
    /// What is wrong with the sections.
    pub(crate) problem: Option<String>,
}

/// The tables for these instances.
pub(crate) fn write(mut wanted: Vec<Wanted<'_, '_>>, threads: Option<usize>) -> Tables {
    wanted.retain(|instance| !instance.module.debug.is_empty());
    let mut writer = Writer::new(u32::try_from(wanted.len()).expect("instances are numbered"));
    let mut tables = Tables::default();
    let mut is_empty = true;
    let mut done: Vec<(&Module<'_>, (u32, u32))> = Vec::new();
    // Entries may overlap in the sections, so that a few bytes make many long strings.
    let bytes = wanted.iter().map(|instance| instance.module.debug.len());
    let mut strings = Strings {
        room: 4 * bytes.sum::<usize>(),
        files: HashMap::new(),
        names: HashMap::new(),
    };
    for position in 0..wanted.len() {
        let module = wanted[position].module;
        let number = wanted[position].number;
        let same = done.iter().find(|(other, _)| std::ptr::eq(*other, module));
        let rows = match same {
            Some((_, rows)) => *rows,
            None => {
                let instances = wanted[position..].iter();
                let offsets = instances
                    .filter(|other| std::ptr::eq(other.module, module))
                    .flat_map(|other| other.offsets.iter().copied());
                let mut offsets: Vec<u32> = offsets.collect();
                offsets.sort_unstable();
                offsets.dedup();
                let source = Source::read(&module.debug, module.debug.code_len(), threads);
                if tables.problem.is_none() {
                    tables.problem.clone_from(&source.problem);
                }
                let names = names(&source, module).into_iter();
                for instance in &wanted[position..] {
                    if std::ptr::eq(instance.module, module) {
                        let names = names.clone();
                        tables
                            .names
                            .extend(names.map(|(index, name)| ((instance.number, index), name)));
                    }
                }
                let rows = rows(&source, module, &offsets, &mut writer, &mut strings);
                is_empty &= rows.is_empty();
                let rows = writer.rows(&rows);
                done.push((module, rows));
                rows
            }
        };
        let position = u32::try_from(position).expect("instances are numbered");
        writer.instance(position, number, rows);
    }
    tables.lines = (!is_empty).then(|| writer.finish());
    tables
}

/// Bytes of names that functions get from DWARF.
const NAMES: usize = 64 << 20;

/// The names of functions that the module does not name.
fn names(source: &Source<'_>, module: &Module<'_>) -> Vec<(u32, String)> {
    let code_start = module.debug.code_start();
    let unnamed: Vec<(u32, u32)> = (module.imported_functions..)
        .zip(&module.bodies)
        .filter(|(index, _)| module.function_name(*index).is_none())
        .map(|(index, body)| (index, (body.code.range().start - code_start) as u32))
        .collect();
    let starts: Vec<u32> = unnamed.iter().map(|&(_, start)| start).collect();
    let found = source.locate(&starts);
    // One scope may be that of many functions, with a name that is long.
    let mut known: HashMap<ScopeId, Option<String>> = HashMap::new();
    let mut room = NAMES;
    let name = |(&(index, _), found): (&(u32, u32), Found)| {
        let mut scope = found.scope?;
        while let Some(parent) = source.scope(scope).1 {
            scope = parent;
        }
        let name = known.entry(scope).or_insert_with(|| source.name(scope));
        let name = name.clone()?;
        room = room.checked_sub(name.len())?;
        Some((index, name))
    };
    unnamed.iter().zip(found).filter_map(name).collect()
}

/// The strings that are in the table already: where.
struct Strings {
    /// How many more bytes there may be.
    room: usize,
    files: HashMap<String, u32>,
    names: HashMap<String, u32>,
}

/// What of one module's source is in the table already.
struct Entries<'s, 'a> {
    source: &'s Source<'a>,
    strings: &'s mut Strings,
    files: HashMap<FileId, u32>,
    scopes: HashMap<ScopeId, u32>,
}

/// The rows for the ascending `offsets`: a row where the place changes.
fn rows(
    source: &Source<'_>,
    module: &Module<'_>,
    offsets: &[u32],
    writer: &mut Writer,
    strings: &mut Strings,
) -> Vec<Row> {
    let code_start = module.debug.code_start();
    let address = |&offset: &u32| u64::from(offset).saturating_sub(code_start) as u32;
    let addresses: Vec<u32> = offsets.iter().map(address).collect();
    let mut entries = Entries {
        source,
        strings,
        files: HashMap::new(),
        scopes: HashMap::new(),
    };
    let mut rows: Vec<Row> = Vec::new();
    for (&wasm_offset, found) in offsets.iter().zip(source.locate(&addresses)) {
        let row = Row {
            wasm_offset,
            ..entries.row(found, rows.last(), writer)
        };
        let is_new = match rows.last() {
            Some(last) => {
                Row {
                    wasm_offset,
                    ..*last
                } != row
            }
            None => row.line != 0 || row.scope != 0,
        };
        if is_new {
            rows.push(row);
        }
    }
    rows
}

impl Entries<'_, '_> {
    fn row(&mut self, found: Found, last: Option<&Row>, writer: &mut Writer) -> Row {
        let position = found
            .position
            .and_then(|(file, line, column)| Some((self.file(file, writer)?, line, column)));
        // What is not known costs nothing.
        let unknown = last.map_or((0, 0, 0), |last| (last.file, 0, 0));
        let (file, line, column) = position.unwrap_or(unknown);
        Row {
            wasm_offset: 0,
            file,
            line,
            column,
            scope: found.scope.map_or(0, |scope| self.scope(scope, writer)),
        }
    }

    fn file(&mut self, id: FileId, writer: &mut Writer) -> Option<u32> {
        if let Some(&file) = self.files.get(&id) {
            return Some(file);
        }
        let path = self.source.path(id)?;
        let file = match self.strings.files.get(&path) {
            Some(&file) => file,
            None => {
                self.strings.room = self.strings.room.checked_sub(path.len())?;
                let file = writer.file(path.as_bytes());
                self.strings.files.insert(path, file);
                file
            }
        };
        self.files.insert(id, file);
        Some(file)
    }

    /// The offset of an inlined call; 0 for a function, which the runtime knows itself.
    fn scope(&mut self, id: ScopeId, writer: &mut Writer) -> u32 {
        // From the innermost to one that is there, then back.
        let mut missing = Vec::new();
        let mut next = Some(id);
        let mut offset = 0;
        while let Some(id) = next {
            if let Some(&known) = self.scopes.get(&id) {
                offset = known;
                break;
            }
            missing.push(id);
            next = self.source.scope(id).1;
        }
        for id in missing.into_iter().rev() {
            let (scope, parent) = self.source.scope(id);
            if parent.is_some() {
                let name = self.source.name(id);
                let call = Call {
                    parent: offset,
                    name: name.map_or(0, |name| self.name(name, writer)),
                    file: self.file((id.0, scope.file), writer).unwrap_or(0),
                    line: scope.line,
                    column: scope.column,
                };
                offset = writer.scope(call);
            } else {
                offset = 0;
            }
            self.scopes.insert(id, offset);
        }
        offset
    }

    fn name(&mut self, name: String, writer: &mut Writer) -> u32 {
        match self.strings.names.get(&name) {
            Some(&offset) => offset,
            None => {
                let Some(room) = self.strings.room.checked_sub(name.len()) else {
                    return 0;
                };
                self.strings.room = room;
                let offset = writer.string(name.as_bytes());
                self.strings.names.insert(name, offset);
                offset
            }
        }
    }
}
