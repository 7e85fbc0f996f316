//! Whether the program's records are where nobody changes them, and say of data only what can be.

use std::mem::{offset_of, size_of};

use nativize_abi::address::{EXECUTABLE_BASE, EXECUTABLE_END, LOW_STACK_MAX, PAGE_SIZE};
use nativize_abi::config::Hooks;
use nativize_abi::program::{
    Checks, Entry, Function, ImageCopy, ImageRange, Lines, ProgramHeader, THREAD_DATA,
    Table as TableRecord,
};
use nativize_abi::symbol;

use super::file::File;
use super::program::{Program, overlap, records};
use super::summary::Summaries;

/// Where an array is, and how many it has.
type Span = (u64, u64);

/// What is wrong with the records that the header at an address lists.
pub(super) fn faults(program: &Program<'_>, file: &File<'_>, header: u64) -> Vec<String> {
    let word = |at: usize| file.number(header + at as u64, 8).unwrap_or(0);
    let span = |at: usize| (word(at), word(at + 8));
    let mut faults = Vec::new();
    let constants = [
        ("header", (header, 1), size_of::<ProgramHeader>()),
        (
            "records of functions",
            span(offset_of!(ProgramHeader, functions)),
            size_of::<Function>(),
        ),
        (
            "records of entries",
            span(offset_of!(ProgramHeader, entries)),
            size_of::<Entry>(),
        ),
        (
            "records of images",
            span(offset_of!(ProgramHeader, images)),
            size_of::<ImageRange>(),
        ),
        (
            "records of copies",
            span(offset_of!(ProgramHeader, copies)),
            size_of::<ImageCopy>(),
        ),
    ];
    for (name, span, size) in constants {
        if !is_constant(file, span, size) {
            faults.push(format!("the {name} are not in the file's constants"));
            return faults;
        }
    }
    starts(file, word(offset_of!(ProgramHeader, main)), &mut faults);
    let shows = [
        (
            word(offset_of!(ProgramHeader, lines)),
            offset_of!(Lines, show),
            symbol::SHOW_LINES,
        ),
        (
            word(offset_of!(ProgramHeader, checks)),
            offset_of!(Checks, show),
            symbol::SHOW_CHECK,
        ),
    ];
    for (record, show, name) in shows {
        if record != 0 {
            calls(file, record, show, &[name], &mut faults);
        }
    }
    if let Some(hooks) = file.objects.get(symbol::HOOKS) {
        let limits = [
            (offset_of!(Hooks, check_memory), symbol::LIMIT_MEMORY),
            (
                offset_of!(Hooks, check_descriptors),
                symbol::LIMIT_DESCRIPTORS,
            ),
        ];
        for (hook, name) in limits {
            if file.number(hooks.address + hook as u64, 8) != Some(0) {
                calls(file, hooks.address, hook, &[name], &mut faults);
            }
        }
        let stack_end = hooks.address + offset_of!(Hooks, stack_end) as u64;
        if !is_below_data(program, file, file.number(stack_end, 8)) {
            faults.push("the stack is not below the program's data".to_owned());
        }
        let preparations = (size_of::<Hooks>()..).step_by(8);
        let is_another = |at: &usize| file.number(hooks.address + *at as u64, 8) != Some(0);
        for (number, at) in preparations.take_while(is_another).enumerate() {
            calls(file, hooks.address, at, PREPARATIONS, &mut faults);
            // None is needed twice.
            if number >= PREPARATIONS.len() {
                faults.push("there are more preparations than the runtime has".to_owned());
                break;
            }
        }
    }
    changing(program, &mut faults);
    let images = span(offset_of!(ProgramHeader, images));
    let copies = span(offset_of!(ProgramHeader, copies));
    initial(program, file, images, copies, &mut faults);
    faults
}

/// The array is in the file, and nothing writes it.
fn is_constant(file: &File<'_>, (start, len): Span, size: usize) -> bool {
    let bytes = len.checked_mul(size as u64);
    bytes.is_some_and(|bytes| file.is_constant(start, bytes))
}

/// The process begins in the runtime, which goes on with one of its main loops.
fn starts(file: &File<'_>, main: u64, faults: &mut Vec<String>) {
    let name = |address: u64| file.runtime.get(&address).copied();
    if name(file.entry) != Some(symbol::START) {
        faults.push("it does not begin where the runtime does".to_owned());
    }
    let loops = [
        symbol::MAIN_COMMAND,
        symbol::MAIN_INVOKE,
        symbol::MAIN_SCRIPT,
    ];
    if name(main).is_none_or(|name| !loops.contains(&name)) {
        faults.push("its main loop is not one of the runtime's".to_owned());
    }
}

/// Whether a stack that ends at an address has nothing else in it: the runtime's own if it maps one, or what data follows.
fn is_below_data(program: &Program<'_>, file: &File<'_>, end: Option<u64>) -> bool {
    let Some(end) = end else { return false };
    let is_own = (EXECUTABLE_BASE - LOW_STACK_MAX..EXECUTABLE_END).contains(&end)
        && file.segment(end, 0).is_some_and(|segment| segment.writable);
    let mut data = program.blocks.iter().filter(|block| block.writable);
    let frame = program.guest_frame;
    end == 0
        || is_own
            && data.all(|block| block.start >= end)
            && frame.is_none_or(|frame| frame.address >= end)
}

/// What the runtime may call before the main loop.
const PREPARATIONS: &[&str] = &[
    symbol::OPEN_COREDUMP,
    symbol::LIMIT_START,
    symbol::CHECK_DENY,
    symbol::OPEN_DIRECTORIES,
    symbol::OPEN_EMBEDDED,
    symbol::OPEN_LISTENERS,
    symbol::LIMIT_TIME,
    symbol::PROFILE_START,
    symbol::CONFINE_DIRECTORIES,
    symbol::CONFINE_CALLS,
];

/// What the runtime calls by a field of a record is a function of the runtime that the field is for.
fn calls(file: &File<'_>, record: u64, field: usize, names: &[&str], faults: &mut Vec<String>) {
    let address = record.checked_add(field as u64);
    let target = address
        .filter(|&address| file.is_constant(address, 8))
        .and_then(|address| file.number(address, 8));
    let name = target.and_then(|target| file.runtime.get(&target));
    if name.is_none_or(|name| !names.contains(name)) {
        faults.push(format!(
            "the runtime is to call something else than {}",
            names.join(", ")
        ));
    }
}

/// What says where memories and tables are is data of the program, each on its own: the runtime changes one at a time.
fn changing(program: &Program<'_>, faults: &mut Vec<String>) {
    let all = || records(&program.memories, &program.tables);
    let is_data = |(start, len): Span| {
        let block = program.block(start, start + len);
        block.is_some_and(|block| block.writable)
    };
    if overlap(all()) || !all().all(is_data) {
        faults.push("the records of memories and tables are not in the program's data".to_owned());
    }
}

/// The first storage of each table is data of the program, or of each thread, and of this table alone.
pub(super) fn storage(program: &Program<'_>, summaries: &Summaries) -> Vec<String> {
    let own = summaries.thread.as_ref();
    let tables = own.map_or(&program.tables, |thread| &thread.tables);
    let mut faults = Vec::new();
    let mut all: Vec<Span> = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        // What the data of threads begin as is in the file.
        let record = match own {
            Some(thread) => (table.record - THREAD_DATA).checked_add(thread.data),
            None => Some(table.record),
        };
        let field = |at: usize| program.file.number(record?.checked_add(at as u64)?, 8);
        let base = field(offset_of!(TableRecord, base)).unwrap_or(0);
        let max = field(offset_of!(TableRecord, max)).unwrap_or(0);
        let capacity = field(offset_of!(TableRecord, capacity)).unwrap_or(1);
        let bytes = table.length.checked_mul(8);
        let end = bytes.and_then(|bytes| base.checked_add(bytes));
        let is_data = |end: u64| match own {
            Some(thread) => thread.is_data(base, end),
            None => program.is_data(base, end),
        };
        let fits = end.is_some_and(|end| end == base || base.is_multiple_of(8) && is_data(end));
        if !fits || capacity != 0 || table.length > max {
            faults.push(format!(
                "table {index} is not where and what a table can be"
            ));
            continue;
        }
        all.push((base, bytes.unwrap_or(0)));
    }
    all.retain(|(_, bytes)| *bytes > 0);
    if overlap(all.into_iter()) {
        faults.push("two tables are in one place".to_owned());
    }
    faults
}

/// What memories hold at start is put into memories.
fn initial(
    program: &Program<'_>,
    file: &File<'_>,
    images: Span,
    copies: Span,
    faults: &mut Vec<String>,
) {
    let in_memory = |start: u64, end: u64| {
        start <= end
            && program.memories.iter().any(|memory| {
                memory.base <= start && end <= memory.base + memory.size.next_multiple_of(PAGE_SIZE)
            })
    };
    let field = |at: u64, offset: usize| file.number(at + offset as u64, 8).unwrap_or(0);
    let mut last = 0;
    for index in 0..images.1 {
        let at = images.0 + index * size_of::<ImageRange>() as u64;
        let start = field(at, offset_of!(ImageRange, start));
        let end = field(at, offset_of!(ImageRange, end));
        if start < last || !in_memory(start, end) {
            faults.push(format!("image {index} is not of a memory"));
            return;
        }
        last = end;
    }
    for index in 0..copies.1 {
        let at = copies.0 + index * size_of::<ImageCopy>() as u64;
        let destination = field(at, offset_of!(ImageCopy, destination));
        let source = field(at, offset_of!(ImageCopy, source));
        let len = field(at, offset_of!(ImageCopy, len));
        let end = destination.checked_add(len);
        if !end.is_some_and(|end| in_memory(destination, end))
            || !is_constant(file, (source, len), 1)
        {
            faults.push(format!("copy {index} is not of constants to a memory"));
            return;
        }
    }
}
