//! Whether the program's records are where nobody changes them, and say of data only what can be.

use std::mem::{offset_of, size_of};

use nativize_abi::address::{EXECUTABLE_BASE, PAGE_SIZE};
use nativize_abi::config::Hooks;
use nativize_abi::coredump::{CoreDump, DumpedGlobal, DumpedInstance, DumpedMemory};
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
        ("sites", span(offset_of!(ProgramHeader, sites)), 1),
        ("names", span(offset_of!(ProgramHeader, names)), 1),
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
            offset_of!(Lines, table),
            symbol::SHOW_LINES,
        ),
        (
            word(offset_of!(ProgramHeader, checks)),
            offset_of!(Checks, show),
            offset_of!(Checks, table),
            symbol::SHOW_CHECK,
        ),
    ];
    for (record, show, table, name) in shows {
        if record != 0 {
            calls(file, record, show, &[name], &mut faults);
            if !file.names_constants(record.checked_add(table as u64), 1) {
                faults.push(format!("what {name} shows is not in the file's constants"));
            }
        }
    }
    if let Some(dump) = file.objects.get(symbol::COREDUMP) {
        let is_there = is_constant(file, (dump.address, 1), size_of::<CoreDump>());
        let spans = [
            (offset_of!(CoreDump, sections), 1),
            (offset_of!(CoreDump, instances), size_of::<DumpedInstance>()),
            (offset_of!(CoreDump, starts), size_of::<u32>()),
            (offset_of!(CoreDump, memories), size_of::<DumpedMemory>()),
            (offset_of!(CoreDump, globals), size_of::<DumpedGlobal>()),
        ];
        let mut spans = spans.into_iter();
        let are_there =
            spans.all(|(at, size)| file.names_constants(dump.address.checked_add(at as u64), size));
        if !is_there || !are_there {
            faults.push("what core dumps have is not in the file's constants".to_owned());
        }
    }
    hooks(program, file, &mut faults);
    changing(program, &mut faults);
    if !variables(program, file) {
        faults.push("variables of the runtime begin as something else than zero, or it is of an older nativize".to_owned());
    }
    let images = span(offset_of!(ProgramHeader, images));
    let copies = span(offset_of!(ProgramHeader, copies));
    initial(program, file, images, copies, &mut faults);
    faults
}

/// What the runtime takes from its hooks is what they are for.
fn hooks(program: &Program<'_>, file: &File<'_>, faults: &mut Vec<String>) {
    let address = |name| file.objects.get(name).map_or(0, |object| object.address);
    let hooks = address(symbol::HOOKS);
    let limits = [
        (offset_of!(Hooks, check_memory), symbol::LIMIT_MEMORY),
        (
            offset_of!(Hooks, check_descriptors),
            symbol::LIMIT_DESCRIPTORS,
        ),
    ];
    for (hook, name) in limits {
        if file.number(hooks + hook as u64, 8) != Some(0) {
            calls(file, hooks, hook, &[name], faults);
        }
    }
    let stack_end = hooks + offset_of!(Hooks, stack_end) as u64;
    if !is_below_data(program, file, file.number(stack_end, 8)) {
        faults.push("the stack is not below the program's data".to_owned());
    }
    let preparations = (size_of::<Hooks>()..).step_by(8);
    let is_another = |at: &usize| file.number(hooks + *at as u64, 8) != Some(0);
    let mut number = 0;
    for at in preparations.take_while(is_another) {
        calls(file, hooks, at, PREPARATIONS, faults);
        number += 1;
        // None is needed twice.
        if number > PREPARATIONS.len() {
            faults.push("there are more preparations than the runtime has".to_owned());
            break;
        }
    }
    // With what ends them.
    if !file.is_constant(hooks, (size_of::<Hooks>() + 8 * (number + 1)) as u64) {
        faults.push("the runtime's hooks are not in the file's constants".to_owned());
    }
    // The guest is given parts of the configuration.
    let filter_len = hooks + offset_of!(Hooks, filter_len) as u64;
    let spans = [
        (symbol::CONFIG, address(symbol::CONFIG_LEN), 1),
        (symbol::FILTER, filter_len, size_of::<u64>()),
    ];
    for (name, len, size) in spans {
        let object = file.objects.get(name);
        let (start, bytes) = object.map_or((0, 0), |object| (object.address, object.size));
        let len_bytes = file
            .number(len, 8)
            .and_then(|len| len.checked_mul(size as u64));
        let is_whole = file.is_constant(len, 8) && len_bytes == Some(bytes);
        if !is_whole || !file.is_constant(start, bytes) {
            faults.push(format!("{name} is not as long as the file says"));
        }
    }
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

/// Whether a stack that ends at an address has nothing else in it or right below: the runtime's own if it maps one, or what
/// variables follow in its segment.
fn is_below_data(program: &Program<'_>, file: &File<'_>, end: Option<u64>) -> bool {
    let is_low =
        |&&(start, end): &&(u64, u64)| start < EXECUTABLE_BASE && !program.are_memories(start, end);
    let low: Vec<_> = file.loads.iter().filter(is_low).collect();
    match (end, &low[..]) {
        (Some(0), low) => low.is_empty(),
        (Some(end), &[&(start, last)]) => {
            let is_own = (start..last).contains(&end)
                && file.segment(end, 0).is_some_and(|segment| segment.writable);
            let frame = program.guest_frame.iter().map(|frame| frame.address);
            let blocks = program.blocks.iter().filter(|block| block.writable);
            // The runtime's have no symbols.
            let others = file.variables.iter().map(|variables| variables.0);
            let others = others.filter(|address| (start..last).contains(address));
            let mut all = frame.chain(blocks.map(|block| block.start)).chain(others);
            is_own && all.all(|address| address >= end)
        }
        _ => false,
    }
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

/// What the file says of variables is of those of the program; the runtime's begin as zero.
fn variables(program: &Program<'_>, file: &File<'_>) -> bool {
    let mut blocks: Vec<_> = program.blocks.iter().collect();
    blocks.sort_unstable_by_key(|block| block.start);
    let all = file.segments.iter().filter(|segment| segment.writable);
    let mut own = all.filter(|segment| !program.are_memories(segment.start, segment.end));
    own.all(|segment| {
        let end = segment.start + segment.bytes.len() as u64;
        let mut at = segment.start;
        let are_zero = |from: u64, to: u64| {
            let to = to.min(end);
            let between = from..to.max(from);
            let bytes = file.bytes(between.start, between.end - between.start);
            bytes.is_none_or(|bytes| bytes.iter().all(|&byte| byte == 0))
        };
        for block in &blocks {
            if block.end > at && block.start < end {
                if !are_zero(at, block.start) {
                    return false;
                }
                at = block.end;
            }
        }
        are_zero(at, end)
    })
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
