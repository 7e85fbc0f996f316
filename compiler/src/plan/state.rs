//! Where globals, tables, memories and segments live.

use super::instantiate::{Instantiation, Step};
use super::reach::Reach;
use super::section::{Block, Place, Sections, Target};
use super::valgrind;
use crate::const_expr::ConstValue;
use crate::module::{IndexType, MemoryType, SegmentMode};
use crate::options::BoundsChecks;
use crate::program::{FuncId, GlobalId, InstanceId, MemoryId, Program, TableId, TagId};
use crate::{Error, Options};
use cranelift_entity::SecondaryMap;
use nativize_abi::address;
use nativize_abi::program::{Exception, Exceptions, Memory, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::{offset_of, size_of};
use wasmparser::ValType;

/// How a global is read and written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum GlobalPlan {
    /// Nothing writes it.
    Constant(ConstValue<FuncId>),
    /// A cell in memory.
    Cell(Place),
}

/// A linear memory. Its base is the same in every run, but for those of further threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemoryPlan {
    pub base: u64,
    /// Its [`Memory`] record.
    pub record: Place,
    pub page_shift: u32,
    pub index: IndexType,
    /// Bytes at start; it never has fewer.
    pub min_size: u64,
    pub bounds_checks: BoundsChecks,
    /// Each thread has one of its own, and its base is in the record.
    pub per_thread: bool,
}

/// How the entries of a table are reached.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TablePlan {
    /// It never grows: storage and length are known.
    Fixed { entries: Place, len: u64 },
    /// Storage and length are in its [`Table`] record.
    Growable { record: Place },
}

/// A segment that something reads at run time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentPlan {
    /// Its content; elements are 8 bytes each.
    pub content: Place,
    /// Bytes or elements in `content`.
    pub full_len: u64,
    /// The length that `memory.init` and `table.init` see.
    pub len: Length,
}

/// The length of a segment, which dropping it makes 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Constant(u64),
    /// A cell of 8 bytes.
    Cell(Place),
}

/// What exceptions need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExceptionPlan {
    /// Where they are on their way to a handler: never more than one at a time.
    pub in_flight: Place,
    /// The size of the largest.
    pub size: u32,
    /// The [`Exceptions`] record.
    pub tables: Place,
}

/// The places of everything.
#[derive(Debug)]
pub(crate) struct State {
    pub globals: SecondaryMap<GlobalId, Option<GlobalPlan>>,
    pub memories: SecondaryMap<MemoryId, Option<MemoryPlan>>,
    pub tables: SecondaryMap<TableId, Option<TablePlan>>,
    /// By instance and segment index.
    pub data: BTreeMap<(InstanceId, u32), SegmentPlan>,
    pub elements: BTreeMap<(InstanceId, u32), SegmentPlan>,
    /// The array of memory records, and how many.
    pub memory_records: (Place, u64),
    /// The array of records of growable tables, and how many.
    pub table_records: (Place, u64),
    /// The records of such tables with their first storage, if each thread has its own.
    pub table_storage: Vec<(Place, Place)>,
    /// The array of records of memories of which each thread has its own, and how many.
    pub thread_memories: (Place, u64),
    /// How many high slots are taken.
    pub high_slots: u64,
    /// Accesses to the memory in the low slot may compute their address in 32 bits.
    pub low_memory_wraps: bool,
    /// What exceptions need, if there are any tags.
    pub exceptions: Option<ExceptionPlan>,
}

/// Growing a table beyond this is refused, as it is by other engines.
const MAX_TABLE_ENTRIES: u64 = 10_000_000;

impl State {
    pub(crate) fn new(
        program: &Program<'_>,
        options: &Options,
        reach: &Reach,
        instantiation: &Instantiation<'_>,
        sections: &mut Sections,
    ) -> Result<Self, Error> {
        // The records and globals come first: they are what running code touches, so they share cache lines and pages.
        let threads = !reach.threads.is_empty();
        let memory_count = program.memories.len() as u64;
        let block = if threads { Block::Shared } else { Block::Data };
        let memory_records = sections.reserve(block, memory_count * size_of::<Memory>() as u64, 8);
        let unshared = program.memories.values().filter(|memory| !memory.ty.shared);
        let thread_count = if threads { unshared.count() as u64 } else { 0 };
        let thread_memories =
            sections.reserve(Block::Data, thread_count * size_of::<Memory>() as u64, 8);
        let grown = || {
            program
                .tables
                .keys()
                .filter(|&table| reach.grown_tables.contains(table))
        };
        let grown_count = grown().count() as u64;
        let table_records =
            sections.reserve(Block::Data, grown_count * size_of::<Table>() as u64, 8);
        let mut state = State {
            globals: globals(program, sections),
            memories: SecondaryMap::new(),
            tables: SecondaryMap::new(),
            data: BTreeMap::new(),
            elements: BTreeMap::new(),
            memory_records: (memory_records, memory_count),
            table_records: (table_records, grown_count),
            table_storage: Vec::new(),
            thread_memories: (thread_memories, thread_count),
            high_slots: 0,
            low_memory_wraps: false,
            exceptions: None,
        };
        state.memories(program, options, threads, sections)?;
        let sizes = program
            .tags
            .keys()
            .map(|tag| exception_offsets(program, tag).1);
        if let Some(size) = sizes.max() {
            state.exceptions = Some(ExceptionPlan {
                in_flight: sections.reserve(Block::Bss, u64::from(size), 8),
                size,
                tables: sections.reserve(Block::Rodata, size_of::<Exceptions>() as u64, 8),
            });
        }
        state.segments(program, reach, instantiation, sections);
        let filled = program
            .tables
            .iter()
            .filter(|&(table, _)| !is_empty(program, table, &instantiation.entries[table]))
            .fold(0, |sum: u64, (_, table)| sum.saturating_add(table.ty.min));
        if filled > MAX_FILLED {
            return Err(Error::Limit {
                message: format!(
                    "the program's tables that are not empty at start have {filled} entries, more than {MAX_FILLED}"
                ),
            });
        }
        for (position, table) in grown().enumerate() {
            let position = u32::try_from(position).expect("tables are numbered by u32");
            let record = Place {
                offset: table_records.offset + position * size_of::<Table>() as u32,
                ..table_records
            };
            let entries = entries(
                program,
                table,
                true,
                &instantiation.entries[table],
                sections,
            );
            let ty = &program.tables[table].ty;
            let words = [
                (offset_of!(Table, len), ty.min),
                (
                    offset_of!(Table, max),
                    ty.max
                        .unwrap_or(u64::MAX)
                        .min(MAX_TABLE_ENTRIES)
                        .max(ty.min),
                ),
            ];
            for (at, word) in words {
                sections.write(record, at, &word.to_le_bytes());
            }
            if threads {
                state.table_storage.push((record, entries));
            } else {
                sections.address(record, offset_of!(Table, base), Target::Place(entries));
            }
            state.tables[table] = Some(TablePlan::Growable { record });
        }
        let initialised_late = |table: TableId| {
            instantiation
                .steps
                .values()
                .flatten()
                .any(|step| matches!(step, Step::Elements { table: t, .. } if *t == table))
        };
        for (table, definition) in &program.tables {
            if !reach.grown_tables.contains(table) {
                let mutable = reach.written_tables.contains(table) || initialised_late(table);
                let entries = entries(
                    program,
                    table,
                    mutable,
                    &instantiation.entries[table],
                    sections,
                );
                state.tables[table] = Some(TablePlan::Fixed {
                    entries,
                    len: definition.ty.min,
                });
            }
        }
        if sections.overflow {
            return Err(Error::Limit {
                message: "the program's tables, globals and segments exceed 2 GiB".to_owned(),
            });
        }
        Ok(state)
    }

    /// Places the segments that `memory.init`, `table.init` or a step at start reads.
    fn segments(
        &mut self,
        program: &Program<'_>,
        reach: &Reach,
        instantiation: &Instantiation<'_>,
        sections: &mut Sections,
    ) {
        for (id, instance) in &program.instances {
            let mut at_start = (BTreeSet::new(), BTreeSet::new());
            for step in &instantiation.steps[id] {
                match step {
                    Step::Data { segment, .. } => at_start.0.insert(*segment),
                    Step::Elements { segment, .. } => at_start.1.insert(*segment),
                    _ => continue,
                };
            }
            let (data_at_start, elements_at_start) = at_start;
            for (index, data) in (0u32..).zip(&instance.module.data) {
                let key = (id, index);
                if data_at_start.contains(&index) || reach.used_data.contains(&key) {
                    let content = sections.append(Block::Rodata, data.bytes, 8);
                    let full_len = data.bytes.len() as u64;
                    let len = length(
                        &data.mode,
                        full_len,
                        reach.dropped_data.contains(&key),
                        sections,
                    );
                    self.data.insert(
                        key,
                        SegmentPlan {
                            content,
                            full_len,
                            len,
                        },
                    );
                }
            }
            for (index, element) in (0u32..).zip(&instance.module.elements) {
                let key = (id, index);
                if elements_at_start.contains(&index) || reach.used_elements.contains(&key) {
                    let values: Vec<_> = element
                        .items
                        .iter()
                        .map(|item| program.evaluate(instance, item))
                        .collect();
                    let content = sections.reserve(Block::Rodata, values.len() as u64 * 8, 8);
                    references(content, &values, sections);
                    let full_len = values.len() as u64;
                    let len = length(
                        &element.mode,
                        full_len,
                        reach.dropped_elements.contains(&key),
                        sections,
                    );
                    self.elements.insert(
                        key,
                        SegmentPlan {
                            content,
                            full_len,
                            len,
                        },
                    );
                }
            }
        }
    }

    /// Places the memories, and writes their records.
    fn memories(
        &mut self,
        program: &Program<'_>,
        options: &Options,
        threads: bool,
        sections: &mut Sections,
    ) -> Result<(), Error> {
        let low = program.low_memory();
        let record_at = |records: Place, position: u32| Place {
            offset: records.offset + position * size_of::<Memory>() as u32,
            ..records
        };
        let mut position_in_thread = 0;
        for (position, (id, memory)) in (0u32..).zip(&program.memories) {
            let ty = &memory.ty;
            let base = if low == Some(id) {
                address::LOW_MEMORY_BASE
            } else {
                self.high_slots += 1;
                address::high_slot(self.high_slots - 1)
            };
            if self.high_slots > address::HIGH_SLOTS {
                return Err(Error::Limit {
                    message: format!("more than {} memories", address::HIGH_SLOTS + 1),
                });
            }
            let min_size = ty.bytes(ty.min);
            if min_size > address::SLOT_SIZE {
                return Err(Error::Limit {
                    message: format!(
                        "a memory begins with {} pages of {} bytes; at most {} GiB are supported",
                        ty.min,
                        ty.bytes(1),
                        address::SLOT_SIZE >> 30
                    ),
                });
            }
            let bounds_checks = if guard_suffices(ty) {
                options.bounds_checks
            } else {
                BoundsChecks::Explicit
            };
            let mut max = ty.max_bytes().min(address::SLOT_SIZE);
            if options.valgrind && bounds_checks == BoundsChecks::Guard {
                let room = valgrind::room(base);
                if min_size > room {
                    return Err(Error::Limit {
                        message: format!(
                            "a memory begins with {} MiB; under valgrind there is room for {}",
                            min_size >> 20,
                            room >> 20
                        ),
                    });
                }
                max = max.min(room);
            }
            if low == Some(id) && guard_suffices(ty) && min_size <= address::WRAPPING_MEMORY_MAX {
                // Whatever the options, so that none can be told from another.
                max = max.min(address::WRAPPING_MEMORY_MAX);
                let per_thread = threads && !ty.shared;
                self.low_memory_wraps = bounds_checks == BoundsChecks::Guard && !per_thread;
            }
            let words = [
                (offset_of!(Memory, base), base),
                (offset_of!(Memory, size), min_size),
                (offset_of!(Memory, max), max),
                (offset_of!(Memory, page_shift), u64::from(ty.page_shift)),
            ];
            let mut write = |record| {
                for (at, word) in words {
                    sections.write(record, at, &word.to_le_bytes());
                }
            };
            let mut record = record_at(self.memory_records.0, position);
            write(record);
            let per_thread = threads && !ty.shared;
            if per_thread {
                record = record_at(self.thread_memories.0, position_in_thread);
                position_in_thread += 1;
                write(record);
            }
            self.memories[id] = Some(MemoryPlan {
                base,
                record,
                page_shift: ty.page_shift,
                index: ty.index,
                min_size,
                bounds_checks,
                per_thread,
            });
        }
        Ok(())
    }
}

/// Where the values of an exception with a tag are in it, and its size.
pub(crate) fn exception_offsets(program: &Program<'_>, tag: TagId) -> (Vec<u32>, u32) {
    let mut size = size_of::<Exception>() as u32;
    let ty = &program.signatures[program.tags[tag].signature];
    let offsets = ty.params().iter().map(|&ty| {
        let offset = size;
        size += if ty == ValType::V128 { 16 } else { 8 };
        offset
    });
    (offsets.collect(), size)
}

/// An active or declared segment is dropped once its instance runs.
fn length(mode: &SegmentMode, full_len: u64, dropped: bool, sections: &mut Sections) -> Length {
    match mode {
        SegmentMode::Active { .. } | SegmentMode::Declared => Length::Constant(0),
        SegmentMode::Passive if dropped => {
            Length::Cell(sections.append(Block::Data, &full_len.to_le_bytes(), 8))
        }
        SegmentMode::Passive => Length::Constant(full_len),
    }
}

fn globals(
    program: &Program<'_>,
    sections: &mut Sections,
) -> SecondaryMap<GlobalId, Option<GlobalPlan>> {
    let mut plans = SecondaryMap::new();
    for (id, global) in &program.globals {
        plans[id] = Some(if global.ty.mutable {
            let size = if global.ty.content == ValType::V128 {
                16
            } else {
                8
            };
            let place = sections.reserve(Block::Data, size, size);
            match global.init {
                ConstValue::Bits(bits) => {
                    sections.write(place, 0, &bits.to_le_bytes()[..size as usize])
                }
                ConstValue::Function(function) => {
                    sections.address(place, 0, Target::Function(function))
                }
            }
            GlobalPlan::Cell(place)
        } else {
            GlobalPlan::Constant(global.init)
        });
    }
    plans
}

/// Whether page protection can hold the bounds of a memory: 64-bit indices reach beyond any guard, and the end of a
/// memory of small pages is not that of a page of the machine.
fn guard_suffices(ty: &MemoryType) -> bool {
    ty.index == IndexType::I32 && (1u64 << ty.page_shift).is_multiple_of(address::PAGE_SIZE)
}

/// The entries that all tables together may have that are not empty at start. Each takes up to 86 bytes of the compiler's memory.
const MAX_FILLED: u64 = 1 << 24;

/// Whether all entries of a table are null, the `first` ones and the others.
fn is_empty(program: &Program<'_>, table: TableId, first: &[ConstValue<FuncId>]) -> bool {
    let null = ConstValue::Bits(0);
    program.tables[table].init == null && first.iter().all(|&entry| entry == null)
}

/// Places the entries of a table: `first` ones as given, the others its initial element.
fn entries(
    program: &Program<'_>,
    table: TableId,
    mutable: bool,
    first: &[ConstValue<FuncId>],
    sections: &mut Sections,
) -> Place {
    let definition = &program.tables[table];
    let len = definition.ty.min;
    let all_null = is_empty(program, table, first);
    let block = match (all_null, mutable) {
        (true, _) => Block::Bss,
        (false, true) => Block::Data,
        (false, false) => Block::Rodata,
    };
    let place = sections.reserve(block, len.saturating_mul(8), 8);
    if !all_null && !sections.overflow {
        let len = usize::try_from(len).expect("it was allocated");
        let mut values = vec![definition.init; len];
        values[..first.len()].copy_from_slice(first);
        references(place, &values, sections);
    }
    place
}

/// Writes references at consecutive 8-byte slots.
fn references(place: Place, values: &[ConstValue<FuncId>], sections: &mut Sections) {
    for (index, value) in values.iter().enumerate() {
        match *value {
            ConstValue::Bits(bits) => {
                sections.write(place, index * 8, &(bits as u64).to_le_bytes())
            }
            ConstValue::Function(function) => {
                sections.address(place, index * 8, Target::Function(function))
            }
        }
    }
}
