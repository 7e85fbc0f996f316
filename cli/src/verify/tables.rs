//! Tables of the program that its code hands to the runtime: what threads have of their own, and the handlers of calls.

use std::collections::HashMap;
use std::mem::offset_of;

use nativize_abi::address::{HIGH_SLOTS, HIGH_SLOTS_BASE, SLOT_SIZE};
use nativize_abi::program::{
    Exceptions, Handler as HandlerRecord, Memory as MemoryRecord, THREAD_DATA,
    Table as TableRecord, Threads,
};

use super::program::{
    MOST_NUMBERED, Memory, Program, Table, overlap, records as records_of, reservation,
};
use super::summary::{Handler, Thread};

/// What the record at an address says that each thread has of its own.
pub(super) fn thread(program: &Program<'_>, record: u64) -> Option<Thread> {
    let field = |at: usize| program.file.number(record + at as u64, 8);
    let data = offset_of!(Threads, data);
    let (data, data_len) = (field(data)?, field(data + 8)?);
    let size = field(offset_of!(Threads, size))?;
    if size < THREAD_DATA || data_len > size - THREAD_DATA || size > i32::MAX as u64 {
        return None;
    }
    // (Of a part of a cell at the end nothing would be known.)
    let is_data = program.block(data, data.checked_add(data_len)?).is_some()
        && program.file.bytes(data, data_len).is_some();
    if data_len > 0 && !is_data || !(data | data_len).is_multiple_of(8) {
        return None;
    }
    let free = field(offset_of!(Threads, free_slot))?;
    let free_from = (free <= HIGH_SLOTS).then(|| HIGH_SLOTS_BASE + free * SLOT_SIZE)?;
    // What a thread's data begin as.
    let initial = |at: u64, offset: usize| {
        let at = at.checked_sub(THREAD_DATA)?.checked_add(offset as u64)?;
        let inside = at.checked_add(8)? <= data_len;
        inside.then(|| program.file.number(data + at, 8)).flatten()
    };
    let records = |at: usize, size: usize| -> Option<Vec<u64>> {
        let (first, len) = (field(at)?, field(at + 8)?);
        if len > MOST_NUMBERED {
            return None;
        }
        let bytes = len.checked_mul(size as u64)?;
        // All of them in what the block begins with: behind that is what the runtime has of the thread.
        let fits = first.checked_sub(THREAD_DATA)?.checked_add(bytes)? <= data_len;
        fits.then(|| (0..len).map(|index| first + index * size as u64).collect())
    };
    let memories = records(offset_of!(Threads, memories), size_of::<MemoryRecord>())?;
    // The main thread's are those of the program, as its records say; for other threads the runtime finds slots from `free_slot` on,
    // behind all of these.
    let mut left = program.memories.clone();
    let is_below = |memory: &Memory| memory.base < free_from;
    if !left.iter().all(is_below) {
        return None;
    }
    let memories = memories.into_iter().map(|record| {
        let [base, size, max, pages] = [
            offset_of!(MemoryRecord, base),
            offset_of!(MemoryRecord, size),
            offset_of!(MemoryRecord, max),
            offset_of!(MemoryRecord, page_shift),
        ]
        .map(|field| initial(record, field));
        let (size, max) = (size?, max?);
        let own = left.iter().position(|memory| {
            let pages_of_it = memory.record + offset_of!(MemoryRecord, page_shift) as u64;
            (Some(memory.base), memory.size, memory.max) == (base, size, max)
                && program.file.number(pages_of_it, 8) == pages
        })?;
        left.swap_remove(own);
        (size <= max && max <= SLOT_SIZE).then_some(Memory {
            base: 0,
            size,
            max,
            reservation: reservation(max),
            record,
        })
    });
    let tables = records(offset_of!(Threads, tables), size_of::<TableRecord>())?;
    let tables = tables.into_iter().map(|record| {
        Some(Table {
            record,
            length: initial(record, offset_of!(TableRecord, len))?,
        })
    });
    let memories: Vec<Memory> = memories.collect::<Option<_>>()?;
    let tables: Vec<Table> = tables.collect::<Option<_>>()?;
    // What the runtime changes of a memory of the program, it changes there for threads to come: of the same memory only.
    let is_own = |memory: &Memory| {
        let in_block = (memory.record + THREAD_DATA).checked_sub(data);
        memories
            .iter()
            .any(|own: &Memory| Some(own.record) == in_block)
    };
    let end = data + data_len;
    let is_beside = |memory: &Memory| {
        memory.record >= end || memory.record + size_of::<MemoryRecord>() as u64 <= data
    };
    if !program
        .memories
        .iter()
        .all(|it| is_beside(it) || is_own(it))
    {
        return None;
    }
    if overlap(records_of(&memories, &tables)) {
        return None;
    }
    Some(Thread {
        record,
        data,
        data_len,
        size,
        memories,
        tables,
    })
}

/// Whether the record of exceptions at an address, and the handlers and tags that it lists, are in the file and stay as they are.
pub(super) fn are_constants(program: &Program<'_>, record: u64) -> bool {
    if !program
        .file
        .is_constant(record, size_of::<Exceptions>() as u64)
    {
        return false;
    }
    let spans = [
        (offset_of!(Exceptions, handlers), size_of::<HandlerRecord>()),
        (offset_of!(Exceptions, tags), size_of::<u32>()),
    ];
    let mut spans = spans.into_iter();
    spans.all(|(field, size)| {
        let span = record.checked_add(field as u64);
        program.file.names_constants(span, size)
    })
}

/// The handlers that the record at an address lists, by return address.
pub(super) fn handlers(program: &Program<'_>, record: u64) -> HashMap<u64, Vec<Handler>> {
    let span = record + offset_of!(Exceptions, handlers) as u64;
    let (Some(first), Some(len)) = (
        program.file.number(span, 8),
        program.file.number(span + 8, 8),
    ) else {
        return HashMap::new();
    };
    let mut handlers: HashMap<u64, Vec<Handler>> = HashMap::new();
    for index in 0..len {
        let at = first + index * size_of::<HandlerRecord>() as u64;
        let field = |offset: usize| {
            let number = program.file.number(at + offset as u64, 4)?;
            u32::try_from(number).ok()
        };
        let record = (
            field(offset_of!(HandlerRecord, return_address)),
            field(offset_of!(HandlerRecord, tag)),
            field(offset_of!(HandlerRecord, target)),
            field(offset_of!(HandlerRecord, frame_size)),
        );
        let (Some(return_address), Some(tag), Some(target), Some(frame_size)) = record else {
            break;
        };
        let handler = Handler {
            tag,
            target: program.text + u64::from(target),
            frame_size,
        };
        let of_call = handlers.entry(program.text + u64::from(return_address));
        of_call.or_default().push(handler);
    }
    handlers
}
