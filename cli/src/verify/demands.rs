//! The end of the proof: what some functions rely on to be references has to be, whoever stores or passes it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::origins::{Class, Origin};
use super::program::Program;
use super::rounds::Proof;
use super::summary::{Kind, Store, Summaries};
use super::value::U32_MAX;
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
    let stores = Stores::new(program, summaries, proofs);
    let mut faults = Vec::new();
    for (function, proof) in proofs.iter().enumerate() {
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
    // What threads begin with is what the file says.
    if let Some(thread) = &summaries.thread
        && let Some(last) = thread.data_len.checked_sub(8)
    {
        let template = Origin::Cells(thread.data, thread.data + last);
        for (storer, _) in stores.reaching(program, &Callees::default(), template) {
            let reason = "what the data of threads begin as is stored to";
            faults.push((storer, reason.to_owned()));
        }
    }
    // Which functions a call by a reference can be of is what comes to it, and what comes to it is also what such calls pass:
    // from none on, until there are no more.
    let mut callees = Callees::default();
    loop {
        let followed = Followed::new(program, summaries, proofs, &stores, &callees);
        let next = followed.callees(proofs);
        if next.by_call == callees.by_call {
            faults.extend(followed.faults);
            return faults;
        }
        callees = next;
    }
}

/// The functions of which references come to calls without a comparison, as far as they are known.
#[derive(Default)]
struct Callees {
    by_call: HashMap<(u32, u32), Rc<BTreeSet<u32>>>,
    /// The calls that can be of a function.
    by_function: HashMap<u32, Vec<Class>>,
}

/// All places that something relied on comes from.
#[derive(Default)]
struct Followed {
    /// Where what is in a place can come from, if it has to be references to functions.
    sources: HashMap<Origin, Vec<Origin>>,
    /// The functions of which references are in a place from the start.
    functions: HashMap<Origin, Vec<u32>>,
    faults: Vec<Fault>,
}

impl Followed {
    fn new(
        program: &Program<'_>,
        summaries: &Summaries,
        proofs: &[Proof],
        stores: &Stores<'_>,
        callees: &Callees,
    ) -> Self {
        let mut followed = Followed::default();
        let mut seen: HashSet<(Kind, Origin)> = HashSet::new();
        let mut work: Vec<(usize, Kind, Origin)> = Vec::new();
        for (function, proof) in proofs.iter().enumerate() {
            for &(kind, origin) in &proof.0.demands {
                work.push((function, kind, origin));
            }
        }
        while let Some((function, kind, origin)) = work.pop() {
            if !seen.insert((kind, origin)) {
                continue;
            }
            let mut sources = Vec::new();
            if let Err(reason) =
                followed.begins(program, summaries, callees, kind, origin, &mut sources)
            {
                followed.faults.push((function, reason));
            }
            work.extend(sources.iter().map(|&source| (function, kind, source)));
            for (storer, store) in stores.reaching(program, callees, origin) {
                match &store.origins {
                    Some(origins) => {
                        work.extend(origins.iter().map(|&origin| (storer, kind, origin)));
                        sources.extend(origins);
                    }
                    None => followed.faults.push((
                        storer,
                        format!(
                            "{} relies on a reference that this function stores or passes, which is not shown to be one",
                            program.name(&program.functions[function])
                        ),
                    )),
                }
            }
            if kind == Kind::Function {
                followed.sources.insert(origin, sources);
            }
        }
        followed
    }

    /// What is in a place before anything is stored or passed there, and from which places its references come besides.
    fn begins(
        &mut self,
        program: &Program<'_>,
        summaries: &Summaries,
        callees: &Callees,
        kind: Kind,
        origin: Origin,
        sources: &mut Vec<Origin>,
    ) -> Result<(), String> {
        let mut functions = Vec::new();
        match origin {
            Origin::ClassResult(class, register) => {
                let members = match class {
                    Class::Identity(identity) => {
                        let members = program.classes.get(&identity);
                        members.into_iter().flatten().copied().collect()
                    }
                    Class::Call(function, offset) => callees.of(function, offset),
                };
                let results = members
                    .into_iter()
                    .map(|member| Origin::Result(member, register));
                sources.extend(results);
            }
            Origin::Function(_) | Origin::AnyFunction if kind != Kind::Function => {
                return Err("a reference of another kind is used as one".to_owned());
            }
            Origin::Exception if kind != Kind::Exception => {
                return Err("a reference of another kind is used as one".to_owned());
            }
            Origin::Function(of) => functions.push(of),
            Origin::AnyFunction => functions.extend(&program.referenced),
            Origin::Landed(_) => {
                return Err("where an exception is on its way is taken for a reference".to_owned());
            }
            Origin::Parameter(entry, _) | Origin::Argument(entry, _)
                if summaries.is_entry(entry) =>
            {
                return Err("what the runtime passes is taken for a reference".to_owned());
            }
            Origin::Cells(low, high) => {
                let Some(initial) = references(program, kind, low, high) else {
                    return Err(format!(
                        "what is at {low:#x} to {high:#x} is not all references"
                    ));
                };
                functions = initial;
            }
            Origin::ThreadCells(low, high) => {
                let initial = summaries.thread.as_ref().and_then(|thread| {
                    let low = low.checked_sub(THREAD_DATA)?;
                    let high = high.checked_sub(THREAD_DATA)?;
                    // What is beyond the data are zeros.
                    let end = thread.data_len.saturating_sub(8).min(high);
                    if low > end {
                        return Some(Vec::new());
                    }
                    references(program, kind, thread.data + low, thread.data + end)
                });
                let Some(initial) = initial else {
                    return Err("what a thread's data begin as is not all references".to_owned());
                };
                functions = initial;
            }
            Origin::Table(index) => sources.extend(first_storage(program, summaries, index)),
            _ => {}
        }
        if kind == Kind::Function {
            self.functions.insert(origin, functions);
        }
        Ok(())
    }

    /// The functions of which references come to each call.
    fn callees(&self, proofs: &[Proof]) -> Callees {
        let mut callees = Callees::default();
        let mut by_origins: HashMap<&BTreeSet<Origin>, Rc<BTreeSet<u32>>> = HashMap::new();
        for (function, proof) in (0..).zip(proofs) {
            for (&offset, origins) in &proof.0.calls {
                let of = by_origins
                    .entry(origins)
                    .or_insert_with(|| Rc::new(self.functions_of(origins)));
                for &callee in &**of {
                    let calls = callees.by_function.entry(callee).or_default();
                    calls.push(Class::Call(function, offset));
                }
                callees.by_call.insert((function, offset), of.clone());
            }
        }
        callees
    }

    /// The functions of which references come from some places.
    fn functions_of(&self, origins: &BTreeSet<Origin>) -> BTreeSet<u32> {
        let mut functions = BTreeSet::new();
        let mut work: Vec<Origin> = origins.iter().copied().collect();
        let mut seen = HashSet::new();
        while let Some(origin) = work.pop() {
            if seen.insert(origin) {
                functions.extend(self.functions.get(&origin).into_iter().flatten());
                work.extend(self.sources.get(&origin).into_iter().flatten());
            }
        }
        functions
    }
}

impl Callees {
    fn of(&self, function: u32, offset: u32) -> Vec<u32> {
        let of = self.by_call.get(&(function, offset));
        of.into_iter().flat_map(|of| &**of).copied().collect()
    }

    /// The classes of functions that a function is of.
    fn classes(&self, program: &Program<'_>, function: u32) -> impl Iterator<Item = Class> {
        let record = &program.functions[function as usize];
        let own = record
            .is_referable
            .then_some(Class::Identity(record.identity));
        let calls = self.by_function.get(&function).into_iter().flatten();
        own.into_iter().chain(calls.copied())
    }
}

/// Where a table that can grow is as long as it has not.
fn first_storage(program: &Program<'_>, summaries: &Summaries, index: u16) -> Option<Origin> {
    let record = |tables: &[super::program::Table]| tables.get(usize::from(index)).copied();
    if let Some(thread) = &summaries.thread {
        let table = record(&thread.tables)?;
        let at = table.record.checked_sub(THREAD_DATA)? + offset_of!(TableRecord, base) as u64;
        let base = program.file.number(thread.data + at, 8)?;
        return Some(Origin::ThreadCells(base, last_cell(base, table.length)?));
    }
    let table = record(&program.tables)?;
    let base = program
        .file
        .number(table.record + offset_of!(TableRecord, base) as u64, 8)?;
    Some(Origin::Cells(base, last_cell(base, table.length)?))
}

/// The last of so many cells; nothing if there is none, or not in a process.
fn last_cell(base: u64, count: u64) -> Option<u64> {
    base.checked_add(count.checked_sub(1)?.checked_mul(8)?)
}

/// The functions of which cells hold references at start; nothing if they hold anything else.
fn references(program: &Program<'_>, kind: Kind, low: u64, high: u64) -> Option<Vec<u32>> {
    let mut functions = Vec::new();
    let len = high.checked_sub(low)?.checked_add(8)?;
    // What is read and copied are cells at multiples of 8, wherever a range of them begins.
    let first = low.next_multiple_of(8);
    for cell in (first..program.file.filled_to(low, len)?).step_by(8) {
        match program.file.number(cell, 8)? {
            0 => {}
            address if kind == Kind::Function => functions.push(program.referenced_at(address)?),
            _ => return None,
        }
    }
    Some(functions)
}

/// What all functions store and pass, by where.
struct Stores<'p> {
    cells: Vec<(usize, &'p Store)>,
    /// Where tables are as long as they have not grown: what is stored to one is stored there.
    tables: Vec<(Origin, Origin)>,
    others: HashMap<Origin, Vec<(usize, &'p Store)>>,
}

impl<'p> Stores<'p> {
    fn new(program: &Program<'_>, summaries: &Summaries, proofs: &'p [Proof]) -> Self {
        let storage = |table| {
            let storage = match first_storage(program, summaries, table)? {
                Origin::Cells(first, last) => Origin::Cells(first, last.saturating_add(8)),
                Origin::ThreadCells(first, last) => {
                    Origin::ThreadCells(first, last.saturating_add(8))
                }
                other => other,
            };
            Some((storage, Origin::Table(table)))
        };
        let count = match &summaries.thread {
            Some(thread) => thread.tables.len(),
            None => program.tables.len(),
        };
        let mut stores = Stores {
            cells: Vec::new(),
            tables: (0..count as u16).filter_map(storage).collect(),
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
    fn reaching(
        &self,
        program: &Program<'_>,
        callees: &Callees,
        place: Origin,
    ) -> Vec<(usize, &'p Store)> {
        let at = |place: Origin| self.others.get(&place).into_iter().flatten().copied();
        match place {
            Origin::Cells(..) | Origin::ThreadCells(..) => {
                let cells = self.cells.iter().copied();
                let cells = cells.filter(|(_, store)| reaches(store.place, place));
                let tables = self.tables.iter();
                let tables = tables.filter(|(storage, _)| reaches(*storage, place));
                cells
                    .chain(tables.flat_map(|&(_, table)| at(table)))
                    .collect()
            }
            Origin::Parameter(function, register) => {
                let classes = callees.classes(program, function);
                let by_class =
                    classes.flat_map(|class| at(Origin::ClassParameter(class, register)));
                at(place).chain(by_class).collect()
            }
            Origin::Argument(function, offset) => {
                let classes = callees.classes(program, function);
                let by_class = classes.flat_map(|class| at(Origin::ClassArgument(class, offset)));
                at(place).chain(by_class).collect()
            }
            place => at(place).collect(),
        }
    }
}

/// Whether what is stored to, up to its end, touches cells, up to the last.
fn reaches(stored: Origin, place: Origin) -> bool {
    match (stored, place) {
        (Origin::Cells(from, to), Origin::Cells(low, high))
        | (Origin::ThreadCells(from, to), Origin::ThreadCells(low, high)) => {
            from < high + 8 && low < to
        }
        _ => false,
    }
}

/// What a cell holds at start.
pub(super) fn initial(program: &Program<'_>, summaries: &Summaries, cell: Origin) -> Option<u64> {
    match cell {
        Origin::Cells(low, high) if low == high => program.file.number(low, 8),
        Origin::ThreadCells(low, high) if low == high => {
            let thread = summaries.thread.as_ref()?;
            let at = low.checked_sub(THREAD_DATA)?;
            if at >= thread.data_len {
                return Some(0);
            }
            (at + 8 <= thread.data_len)
                .then(|| program.file.number(thread.data + at, 8))
                .flatten()
        }
        _ => None,
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
    let initial = initial(program, summaries, cell);
    if initial.is_none_or(|initial| initial > limit) {
        faults.push((
            function,
            "the length of a segment is more than there is of it".to_owned(),
        ));
    }
    for (storer, store) in stores.reaching(program, &Callees::default(), cell) {
        // All of the cell, or of what is not zero of it.
        let is_whole = match (store.place, cell) {
            (Origin::Cells(from, to), Origin::Cells(low, _))
            | (Origin::ThreadCells(from, to), Origin::ThreadCells(low, _)) => {
                from == low && (to == low + 8 || to == low + 4 && limit <= U32_MAX)
            }
            _ => false,
        };
        if !is_whole || store.high > limit {
            faults.push((
                storer,
                "the length of a segment is stored, and may be more than there is".to_owned(),
            ));
        }
    }
}
