//! Splits instantiation into what the file's image already holds and what must run at start.
//!
//! A step is absorbed into the image only if it cannot trap and nothing can observe that it happened early: its target
//! belongs to the instance itself, it is in bounds, and every step of the instance before it is absorbed too.
//! Source: specification, "Modules", "Instantiation".

use crate::const_expr::ConstValue;
use crate::module::SegmentMode;
use crate::program::{FuncId, InstanceId, MemoryId, Program, TableId};
use cranelift_entity::SecondaryMap;

/// What is left to do when an instance is instantiated, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The imported memory must have at least this many pages by now.
    RequireMemory { memory: MemoryId, pages: u64 },
    /// The imported table must have at least this many entries by now.
    RequireTable { table: TableId, entries: u64 },
    /// Copy element segment `segment` to the table, or trap.
    Elements {
        segment: u32,
        table: TableId,
        offset: u64,
    },
    /// Copy data segment `segment` to the memory, or trap.
    Data {
        segment: u32,
        memory: MemoryId,
        offset: u64,
    },
    /// Call the start function.
    Start(FuncId),
}

/// The split.
#[derive(Debug, Default)]
pub(crate) struct Instantiation<'a> {
    pub steps: SecondaryMap<InstanceId, Vec<Step>>,
    /// Absorbed data: memory, offset, bytes, in order of application.
    pub writes: Vec<(MemoryId, u64, &'a [u8])>,
    /// Absorbed elements: the first entries of each table, in place of its initial element.
    pub entries: SecondaryMap<TableId, Vec<ConstValue<FuncId>>>,
}

/// A table with more entries than this is initialised at start, not in the file.
const MAX_ABSORBED_ENTRIES: u64 = 1 << 20;

/// Of a program that starts threads, whatever fills a memory that is not shared is done by each thread.
pub(crate) fn plan<'a>(program: &Program<'a>, threads: bool) -> Instantiation<'a> {
    let mut plan = Instantiation::default();
    for id in program.instances.keys() {
        plan.instance(program, id, threads);
    }
    plan
}

impl<'a> Instantiation<'a> {
    fn instance(&mut self, program: &Program<'a>, id: InstanceId, threads: bool) {
        let instance = &program.instances[id];
        let module = instance.module;
        let mut steps = Vec::new();
        for (&memory, ty) in instance
            .memories
            .iter()
            .zip(&module.memories)
            .take(module.imported_memories as usize)
        {
            if program.memories[memory].ty.min < ty.min {
                steps.push(Step::RequireMemory {
                    memory,
                    pages: ty.min,
                });
            }
        }
        for (&table, ty) in instance
            .tables
            .iter()
            .zip(&module.tables)
            .take(module.imported_tables as usize)
        {
            if program.tables[table].ty.min < ty.min {
                steps.push(Step::RequireTable {
                    table,
                    entries: ty.min,
                });
            }
        }
        for (segment, element) in (0u32..).zip(&module.elements) {
            let SegmentMode::Active { target, offset } = &element.mode else {
                continue;
            };
            let table = instance.tables[*target as usize];
            let offset = program.evaluate(instance, offset).offset();
            let end = offset.checked_add(element.items.len() as u64);
            let in_bounds = end.is_some_and(|end| end <= program.tables[table].ty.min);
            let small = program.tables[table].ty.min <= MAX_ABSORBED_ENTRIES;
            if steps.is_empty() && in_bounds && small && program.tables[table].owner == id {
                let items = element
                    .items
                    .iter()
                    .map(|item| program.evaluate(instance, item));
                self.write_entries(table, offset, program.tables[table].init, items);
            } else {
                steps.push(Step::Elements {
                    segment,
                    table,
                    offset,
                });
            }
        }
        for (segment, data) in (0u32..).zip(&module.data) {
            let SegmentMode::Active { target, offset } = &data.mode else {
                continue;
            };
            let memory = instance.memories[*target as usize];
            let offset = program.evaluate(instance, offset).offset();
            let ty = &program.memories[memory].ty;
            let end = offset.checked_add(data.bytes.len() as u64);
            let in_bounds = end.is_some_and(|end| end.div_ceil(1 << ty.page_shift) <= ty.min);
            let own = program.memories[memory].owner == Some(id) && (ty.shared || !threads);
            if steps.is_empty() && in_bounds && own {
                self.writes.push((memory, offset, data.bytes));
            } else {
                steps.push(Step::Data {
                    segment,
                    memory,
                    offset,
                });
            }
        }
        if let Some(start) = module.start {
            steps.push(Step::Start(instance.functions[start as usize]));
        }
        self.steps[id] = steps;
    }

    fn write_entries(
        &mut self,
        table: TableId,
        offset: u64,
        init: ConstValue<FuncId>,
        items: impl ExactSizeIterator<Item = ConstValue<FuncId>>,
    ) {
        let entries = &mut self.entries[table];
        let offset = usize::try_from(offset).expect("at most MAX_ABSORBED_ENTRIES");
        if entries.len() < offset + items.len() {
            entries.resize(offset + items.len(), init);
        }
        for (entry, item) in entries[offset..].iter_mut().zip(items) {
            *entry = item;
        }
    }
}
