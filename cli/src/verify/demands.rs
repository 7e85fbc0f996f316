//! The end of the proof: what some functions rely on to be references has to be, whoever stores or passes it.

use std::collections::{HashMap, HashSet};

use super::origins::{ANY_CLASS, Origin};
use super::program::Program;
use super::rounds::Proof;
use super::summary::{Kind, Store, Summaries};
use nativize_abi::program::{THREAD_DATA, Table as TableRecord};
use std::mem::offset_of;

/// What is wrong: by whom, and why.
pub(super) type Fault = (usize, String);

/// Whether what is passed to functions has to be known to tell.
pub(super) fn need_arguments(proofs: &[Proof]) -> bool {
    let demands = proofs.iter().flat_map(|proof| &proof.0.demands);
    let is_passed = |origin: &Origin| {
        matches!(
            origin,
            Origin::Parameter(..)
                | Origin::Argument(..)
                | Origin::Result(..)
                | Origin::ClassResult(..)
        )
    };
    demands.map(|demand| &demand.1).any(is_passed)
        || proofs
            .iter()
            .flat_map(|proof| &proof.0.stores)
            .filter_map(|store| store.origins.as_ref())
            .flatten()
            .any(is_passed)
            && proofs.iter().any(|proof| !proof.0.demands.is_empty())
}

/// Checks all that is relied on.
pub(super) fn check(program: &Program<'_>, summaries: &Summaries, proofs: &[Proof]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let stores = Stores::new(proofs);
    let mut seen: HashSet<(Kind, Origin)> = HashSet::new();
    let mut work: Vec<(usize, Kind, Origin)> = Vec::new();
    for (function, proof) in proofs.iter().enumerate() {
        for &(kind, origin) in &proof.0.demands {
            work.push((function, kind, origin));
        }
        for &(cell, limit) in &proof.0.cell_limits {
            limited(
                program,
                summaries,
                &stores,
                function,
                cell,
                limit,
                &mut faults,
            );
        }
    }
    while let Some((function, kind, origin)) = work.pop() {
        if !seen.insert((kind, origin)) {
            continue;
        }
        match origin {
            Origin::ClassResult(class, register) => {
                let members = match class {
                    ANY_CLASS => Some(&program.referenced),
                    class => program.classes.get(&class),
                };
                for &member in members.into_iter().flatten() {
                    work.push((function, kind, Origin::Result(member, register)));
                }
                continue;
            }
            Origin::Function | Origin::Exception => {
                if (origin == Origin::Function) != (kind == Kind::Function) {
                    faults.push((
                        function,
                        "a reference of another kind is used as one".to_owned(),
                    ));
                }
                continue;
            }
            Origin::Landed(_) => {
                faults.push((
                    function,
                    "where an exception is on its way is taken for a reference".to_owned(),
                ));
                continue;
            }
            Origin::Parameter(entry, _) | Origin::Argument(entry, _)
                if summaries.is_entry(entry) =>
            {
                faults.push((
                    function,
                    "what the runtime passes is taken for a reference".to_owned(),
                ));
                continue;
            }
            Origin::Cells(low, high) if !begins_right(program, kind, low, high) => {
                faults.push((
                    function,
                    format!("what is at {low:#x} to {high:#x} is not all references"),
                ));
                continue;
            }
            Origin::ThreadCells(low, high) => {
                let initial = summaries.thread.as_ref().and_then(|thread| {
                    let low = low.checked_sub(THREAD_DATA)?;
                    let high = high.checked_sub(THREAD_DATA)?;
                    Some((thread, low, high))
                });
                let right = initial.is_some_and(|(thread, low, high)| {
                    // What is beyond the data are zeros.
                    let end = thread.data_len.saturating_sub(8).min(high);
                    low > end || begins_right(program, kind, thread.data + low, thread.data + end)
                });
                if !right {
                    faults.push((
                        function,
                        "what a thread's data begin as is not all references".to_owned(),
                    ));
                    continue;
                }
            }
            Origin::Table(index) => {
                if let Some(storage) = first_storage(program, summaries, index) {
                    work.push((function, kind, storage));
                }
            }
            _ => {}
        }
        for (storer, store) in stores.reaching(program, origin) {
            match &store.origins {
                Some(origins) => {
                    work.extend(origins.iter().map(|&origin| (storer, kind, origin)));
                }
                None => faults.push((
                    storer,
                    format!(
                        "{} relies on a reference that this function stores or passes, which is not shown to be one",
                        program.name(&program.functions[function])
                    ),
                )),
            }
        }
    }
    faults
}

/// Where a table that can grow is as long as it has not.
fn first_storage(program: &Program<'_>, summaries: &Summaries, index: u16) -> Option<Origin> {
    let record = |tables: &[super::program::Table]| tables.get(usize::from(index)).copied();
    if let Some(thread) = &summaries.thread {
        let table = record(&thread.tables)?;
        let at = table.record.checked_sub(THREAD_DATA)? + offset_of!(TableRecord, base) as u64;
        let base = program.file.number(thread.data + at, 8)?;
        let last = table.length.checked_sub(1)?;
        return Some(Origin::ThreadCells(base, base + last * 8));
    }
    let table = record(&program.tables)?;
    let base = program
        .file
        .number(table.record + offset_of!(TableRecord, base) as u64, 8)?;
    let last = table.length.checked_sub(1)?;
    Some(Origin::Cells(base, base + last * 8))
}

/// Whether cells hold references at start.
fn begins_right(program: &Program<'_>, kind: Kind, low: u64, high: u64) -> bool {
    let mut cells = (low..=high).step_by(8);
    cells.all(|cell| match program.file.number(cell, 8) {
        Some(0) => true,
        Some(address) if kind == Kind::Function => {
            let function = program.starts.get(&address);
            function.is_some_and(|&function| program.functions[function as usize].is_referable)
        }
        _ => false,
    })
}

/// What all functions store and pass, by where.
struct Stores<'p> {
    cells: Vec<(usize, &'p Store)>,
    others: HashMap<Origin, Vec<(usize, &'p Store)>>,
}

impl<'p> Stores<'p> {
    fn new(proofs: &'p [Proof]) -> Self {
        let mut stores = Stores {
            cells: Vec::new(),
            others: HashMap::new(),
        };
        for (storer, proof) in proofs.iter().enumerate() {
            for store in &proof.0.stores {
                match store.place {
                    Origin::Cells(..) | Origin::ThreadCells(..) => {
                        stores.cells.push((storer, store));
                    }
                    place => stores
                        .others
                        .entry(place)
                        .or_default()
                        .push((storer, store)),
                }
            }
        }
        stores
    }

    /// What is stored to, or passed at, a place.
    fn reaching(&self, program: &Program<'_>, place: Origin) -> Vec<(usize, &'p Store)> {
        let at = |place: Origin| self.others.get(&place).into_iter().flatten().copied();
        match place {
            Origin::Cells(..) | Origin::ThreadCells(..) => {
                let cells = self.cells.iter().copied();
                cells.filter(|(_, store)| reaches(store, place)).collect()
            }
            Origin::Parameter(function, register) => {
                let classes = classes(program, function);
                let by_class =
                    classes.flat_map(|class| at(Origin::ClassParameter(class, register)));
                at(place).chain(by_class).collect()
            }
            Origin::Argument(function, offset) => {
                let classes = classes(program, function);
                let by_class = classes.flat_map(|class| at(Origin::ClassArgument(class, offset)));
                at(place).chain(by_class).collect()
            }
            place => at(place).collect(),
        }
    }
}

/// The classes of functions that a function is of.
fn classes(program: &Program<'_>, function: u32) -> impl Iterator<Item = u32> {
    let function = &program.functions[function as usize];
    let own = function.is_referable.then_some(function.identity);
    let any = function.is_referenced().then_some(ANY_CLASS);
    own.into_iter().chain(any)
}

/// Whether a store to cells touches others.
fn reaches(store: &Store, place: Origin) -> bool {
    match (store.place, place) {
        (Origin::Cells(from, to), Origin::Cells(low, high))
        | (Origin::ThreadCells(from, to), Origin::ThreadCells(low, high)) => {
            from < high + 8 && low < to
        }
        _ => false,
    }
}

/// A cell must never hold more than a limit.
fn limited(
    program: &Program<'_>,
    summaries: &Summaries,
    stores: &Stores<'_>,
    function: usize,
    cell: Origin,
    limit: u64,
    faults: &mut Vec<Fault>,
) {
    let initial = match cell {
        Origin::Cells(low, high) if low == high => program.file.number(low, 8),
        Origin::ThreadCells(low, high) if low == high => {
            let thread = summaries.thread.as_ref();
            thread.and_then(|thread| {
                let at = low.checked_sub(THREAD_DATA)?;
                if at + 8 <= thread.data_len {
                    program.file.number(thread.data + at, 8)
                } else {
                    Some(0)
                }
            })
        }
        _ => None,
    };
    if initial.is_none_or(|initial| initial > limit) {
        faults.push((
            function,
            "the length of a segment is more than there is of it".to_owned(),
        ));
    }
    for (storer, store) in stores.reaching(program, cell) {
        if store.high > limit {
            faults.push((
                storer,
                "the length of a segment is stored, and may be more than there is".to_owned(),
            ));
        }
    }
}
