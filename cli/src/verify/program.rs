//! What the program's header says: where its code, memories and tables are.

use std::collections::HashMap;
use std::mem::{offset_of, size_of};

use nativize_abi::address::{
    EXECUTABLE_BASE, EXECUTABLE_END, GUARDED_RANGE, HIGH_SLOTS, HIGH_SLOTS_BASE, INDEX_RANGE,
    LOW_MEMORY_BASE, LOW_STACK_MAX, SLOT_SIZE,
};
use nativize_abi::program::{
    Entry, Function as FunctionRecord, Memory as MemoryRecord, ProgramHeader, SIGNATURE_PREFIX,
    Table as TableRecord,
};
use nativize_abi::symbol;

use super::file::{ADDRESSES, File, NO_SYMBOLS, Object};
use super::value::{Steps, U32_MAX};

/// A function of the guest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub start: u64,
    pub size: u32,
    /// What stands where the identity of its type is.
    pub identity: u32,
    /// There is room for that: it is not the end of the function before.
    pub is_referable: bool,
}

impl Function {
    pub(super) fn end(&self) -> u64 {
        self.start + u64::from(self.size)
    }

    /// Whether a reference may be of it.
    pub(super) fn is_referenced(&self) -> bool {
        self.is_referable && self.identity != PADDING
    }
}

/// The types of some functions.
pub(super) enum Types {
    None,
    One(u32),
    Several,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Memory {
    pub base: u64,
    /// At start; it never has less,
    pub size: u64,
    /// and never more than that.
    pub max: u64,
    /// Accessible or not, its own whatever the size is.
    pub reservation: u64,
    /// The address of its record.
    pub record: u64,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Table {
    pub record: u64,
    /// At start; it never has fewer.
    pub length: u64,
}

/// What belongs to a memory with a maximum, beyond its size: nothing else is ever placed in its slot. Accesses to larger
/// memories than indices of 32 bits reach are all compared with the size; that is asked of them.
pub(super) fn reservation(max: u64) -> u64 {
    if max <= INDEX_RANGE { GUARDED_RANGE } else { 0 }
}

/// A part of the program's data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub start: u64,
    pub end: u64,
    pub writable: bool,
}

#[derive(Debug)]
pub(super) struct Program<'a> {
    pub file: File<'a>,
    /// Ascending.
    pub functions: Vec<Function>,
    pub starts: HashMap<u64, u32>,
    /// The functions in front of which the same identity stands.
    pub classes: HashMap<u32, Vec<u32>>,
    /// Those that a reference may be of.
    pub referenced: Vec<u32>,
    pub memories: Vec<Memory>,
    pub tables: Vec<Table>,
    pub blocks: Vec<Block>,
    /// The cells that hold addresses of functions at start, ascending, and the functions' types.
    pub cells: Vec<(u64, u32)>,
    /// For each of them, the first behind it of another type.
    pub same: Vec<usize>,
    /// The address of the first byte of code.
    pub text: u64,
    /// The function of each entry from the runtime, and the bytes of values that it is passed the address of.
    pub entries: Vec<(u32, u64)>,
    pub guest_frame: Option<Object>,
    pub steps: Steps,
}

/// Where the record of each is, as an address or in a thread's block, and its bytes.
pub(super) fn records(memories: &[Memory], tables: &[Table]) -> impl Iterator<Item = (u64, u64)> {
    let memories = memories.iter().map(|memory| memory.record);
    let tables = tables.iter().map(|table| table.record);
    memories
        .map(|at| (at, size_of::<MemoryRecord>() as u64))
        .chain(tables.map(|at| (at, size_of::<TableRecord>() as u64)))
}

/// Whether a range has something in common with one of them.
pub(super) fn touch(mut records: impl Iterator<Item = (u64, u64)>, low: u64, end: u64) -> bool {
    records.any(|(at, size)| low < at + size && at < end)
}

/// Whether two of them have: the runtime changes one at a time.
pub(super) fn overlap(records: impl Iterator<Item = (u64, u64)>) -> bool {
    let mut all: Vec<_> = records.collect();
    all.sort_unstable();
    all.windows(2).any(|two| two[0].0 + two[0].1 > two[1].0)
}

/// What stands between functions.
const PADDING: u32 = 0xcccc_cccc;

/// No program has more of anything.
const MOST: u64 = 1 << 24;

/// So many memories, and tables that grow, are looked at.
pub(super) const MOST_NUMBERED: u64 = 0x7fff;

impl<'a> Program<'a> {
    /// Reads the header and what it points to.
    ///
    /// # Errors
    /// What is missing or inconsistent: nothing can be said about the program then.
    pub(super) fn new(mut file: File<'a>) -> Result<Program<'a>, String> {
        let header = *file.objects.get(symbol::PROGRAM).ok_or(NO_SYMBOLS)?;
        let word = |at: u64, width| {
            let value = file.number(header.address + at, width);
            value.ok_or_else(|| "the program's header is outside of the file".to_owned())
        };
        if word(offset_of!(ProgramHeader, version) as u64, 4)? != u64::from(nativize_abi::VERSION) {
            return Err("its program is of another version".to_owned());
        }
        let span = |at: usize, what: &str| -> Result<(u64, u64), String> {
            let (address, len) = (word(at as u64, 8)?, word(at as u64 + 8, 8)?);
            if len > MOST << 8 || address > ADDRESSES {
                return Err(format!("the header has an impossible number of {what}"));
            }
            Ok((address, len))
        };
        let text = span(offset_of!(ProgramHeader, text), "bytes of code")?;
        let functions = span(offset_of!(ProgramHeader, functions), "functions")?;
        // Of what the file does not hold there could be any number.
        let in_file = |(start, len): (u64, u64), size: usize| {
            len == 0 || file.bytes(start, len * size as u64).is_some()
        };
        let memories = span(offset_of!(ProgramHeader, memories), "memories")?;
        let tables = span(offset_of!(ProgramHeader, tables), "tables")?;
        let entries = span(offset_of!(ProgramHeader, entries), "entries")?;
        // They are numbered together, those of threads among them.
        if memories.1.max(tables.1) > MOST_NUMBERED {
            return Err(format!(
                "it has more than {MOST_NUMBERED} memories or tables that grow"
            ));
        }
        let are_there = in_file(functions, size_of::<FunctionRecord>())
            && in_file(memories, size_of::<MemoryRecord>())
            && in_file(tables, size_of::<TableRecord>())
            && in_file(entries, size_of::<Entry>());
        if !are_there {
            return Err("the header's records are outside of the file".to_owned());
        }
        let mut program = Program {
            functions: Vec::new(),
            starts: HashMap::new(),
            classes: HashMap::new(),
            referenced: Vec::new(),
            memories: Vec::new(),
            tables: Vec::new(),
            blocks: Vec::new(),
            cells: Vec::new(),
            same: Vec::new(),
            text: 0,
            entries: Vec::new(),
            guest_frame: file.objects.get(symbol::GUEST_FRAME).copied(),
            steps: Steps { stops: Vec::new() },
            file: File::default(),
        };
        program.text = text.0;
        program.read_functions(&file, text, functions)?;
        program.read_memories(&mut file, memories)?;
        for index in 0..tables.1 {
            let record = tables.0 + index * size_of::<TableRecord>() as u64;
            let length = file.number(record + offset_of!(TableRecord, len) as u64, 8);
            program.tables.push(Table {
                record,
                length: length.ok_or("the records of tables are outside of the file")?,
            });
        }
        program.read_blocks(&mut file);
        program.read_cells(&file);
        for fault in super::records::faults(&program, &file, header.address) {
            file.fault(fault);
        }
        for index in 0..entries.1 {
            let at = entries.0 + index * size_of::<Entry>() as u64;
            let field = |offset: usize, width| file.number(at + offset as u64, width);
            let params = field(offset_of!(Entry, params), 4).unwrap_or(0);
            let results = field(offset_of!(Entry, results), 4).unwrap_or(0);
            let bytes = params.max(results) * size_of::<nativize_abi::program::Value>() as u64;
            let types = field(offset_of!(Entry, types), 8).unwrap_or(0);
            let call = field(offset_of!(Entry, call), 8);
            if !file.is_constant(types, params + results) {
                file.fault(format!("the types of entry {index} are not constants"));
            }
            match call.and_then(|call| program.starts.get(&call)) {
                Some(&function) => program.entries.push((function, bytes)),
                None => file.fault(format!("entry {index} is no function of the program")),
            }
        }
        match file.segment(text.0, text.1) {
            Some(segment) if segment.executable && !segment.writable => {}
            _ => file.fault("the code is not in a segment to read and execute".to_owned()),
        }
        // The runtime goes up the frames as long as they are of this code.
        let in_text = |address: &u64| (text.0..text.0 + text.1).contains(address);
        let has_others = in_text(&file.entry)
            || file.runtime.keys().any(in_text)
            || file
                .names
                .keys()
                .any(|address| in_text(address) && !program.starts.contains_key(address));
        if has_others {
            file.fault("the code has functions that are not the program's".to_owned());
        }
        for segment in &file.segments {
            // Below the rest only what shares a segment with the stack can be.
            let addresses = match segment.executable {
                true => EXECUTABLE_BASE..EXECUTABLE_END,
                false => EXECUTABLE_BASE - LOW_STACK_MAX..EXECUTABLE_END,
            };
            let inside = addresses.contains(&segment.start) && segment.end <= addresses.end;
            let in_memory = program.are_memories(segment.start, segment.end);
            let fault = match (inside, in_memory) {
                (true, _) => continue,
                (_, true) if segment.executable => "in a memory is executable",
                (_, true) => continue,
                _ => "is neither the program's own nor of a memory",
            };
            file.faults
                .push(format!("the segment at {:#x} {fault}", segment.start));
        }
        let bases = program.memories.iter().map(|memory| memory.base);
        let mut stops: Vec<u64> = bases
            .flat_map(|base| [base, base + U32_MAX])
            .chain([0, U32_MAX, 2 * U32_MAX, SLOT_SIZE, u64::MAX])
            .collect();
        stops.sort_unstable();
        stops.dedup();
        program.steps = Steps { stops };
        program.file = file;
        Ok(program)
    }

    fn read_functions(
        &mut self,
        file: &File<'_>,
        text: (u64, u64),
        records: (u64, u64),
    ) -> Result<(), String> {
        let size = size_of::<FunctionRecord>() as u64;
        let mut end = text.0;
        for index in 0..records.1 {
            let at = records.0 + index * size;
            let field = |offset: usize| {
                let value = file.number(at + offset as u64, 4);
                value.ok_or_else(|| "the records of functions are outside of the file".to_owned())
            };
            let start = text.0 + field(offset_of!(FunctionRecord, start))?;
            let len = field(offset_of!(FunctionRecord, size))?;
            if start < end || start + len > text.0 + text.1 {
                return Err("the records of functions overlap or leave the code".to_owned());
            }
            // Code of the function before it is no identity.
            let has_identity = start >= end + SIGNATURE_PREFIX;
            let identity = file.number(start.saturating_sub(SIGNATURE_PREFIX), 4);
            let identity = identity.unwrap_or(0) as u32;
            let number = index as u32;
            self.starts.insert(start, number);
            if has_identity {
                self.classes.entry(identity).or_default().push(number);
                if identity != PADDING {
                    self.referenced.push(number);
                }
            }
            self.functions.push(Function {
                start,
                size: len as u32,
                identity,
                is_referable: has_identity,
            });
            end = start + len;
        }
        Ok(())
    }

    /// Whether all of a range is in memories: one may begin where another ends.
    pub(super) fn are_memories(&self, mut start: u64, end: u64) -> bool {
        while start < end {
            let mut memories = self.memories.iter();
            let end_at = |memory: &Memory| memory.base + memory.size;
            match memories.find(|memory| (memory.base..end_at(memory)).contains(&start)) {
                Some(memory) => start = end_at(memory),
                None => return false,
            }
        }
        true
    }

    fn read_memories(&mut self, file: &mut File<'_>, records: (u64, u64)) -> Result<(), String> {
        for index in 0..records.1 {
            let record = records.0 + index * size_of::<MemoryRecord>() as u64;
            let field = |offset: usize| {
                let value = file.number(record + offset as u64, 8);
                value.ok_or_else(|| "the records of memories are outside of the file".to_owned())
            };
            let base = field(offset_of!(MemoryRecord, base))?;
            let size = field(offset_of!(MemoryRecord, size))?;
            let max = field(offset_of!(MemoryRecord, max))?;
            let high = HIGH_SLOTS_BASE..HIGH_SLOTS_BASE + HIGH_SLOTS * SLOT_SIZE;
            let in_slot = base == LOW_MEMORY_BASE
                || high.contains(&base) && (base - HIGH_SLOTS_BASE).is_multiple_of(SLOT_SIZE);
            let sized = size <= max && max <= SLOT_SIZE;
            let taken = self.memories.iter().any(|memory| memory.base == base);
            if !in_slot || !sized || taken {
                file.fault(format!(
                    "memory {index} is not where and what a memory can be"
                ));
            }
            self.memories.push(Memory {
                base: base.min(ADDRESSES),
                size: size.min(ADDRESSES),
                max: max.min(SLOT_SIZE),
                reservation: reservation(max),
                record,
            });
        }
        Ok(())
    }

    fn read_blocks(&mut self, file: &mut File<'_>) {
        for (index, name) in symbol::PROGRAM_BLOCKS.into_iter().enumerate() {
            let Some(&Object { address, size }) = file.objects.get(name) else {
                continue;
            };
            let writable = index != 0;
            // (What lies in a memory is the guest's.)
            let is_own = (EXECUTABLE_BASE - LOW_STACK_MAX..EXECUTABLE_END).contains(&address);
            match file.segment(address, size).filter(|_| is_own) {
                Some(segment) if segment.writable == writable && !segment.executable => {
                    self.blocks.push(Block {
                        start: address,
                        end: address + size,
                        writable,
                    });
                }
                _ => file.fault(format!("{name} is not in a segment as its kind asks for")),
            }
        }
    }

    /// Notes the types of functions whose addresses cells of the program's data hold at start.
    fn read_cells(&mut self, file: &File<'_>) {
        for block in &self.blocks {
            let end = file.filled_to(block.start, block.end - block.start);
            let first = block.start.next_multiple_of(8);
            let cells = (first..end.unwrap_or(0)).step_by(8);
            self.cells.extend(cells.filter_map(|cell| {
                let index = *self.starts.get(&file.number(cell, 8)?)?;
                Some((cell, self.functions[index as usize].identity))
            }));
        }
        self.cells.sort_unstable();
        // Where those of the same type end that begin at each.
        let mut end = self.cells.len();
        self.same = vec![end; end];
        for index in (0..self.cells.len().saturating_sub(1)).rev() {
            if self.cells[index].1 != self.cells[index + 1].1 {
                end = index + 1;
            }
            self.same[index] = end;
        }
    }

    /// Of how many types the functions are whose addresses cells hold at start.
    pub(super) fn types_in(&self, low: u64, high: u64) -> Types {
        // Only whole cells were noted.
        if !low.is_multiple_of(8) {
            return Types::Several;
        }
        let from = self.cells.partition_point(|cell| cell.0 < low);
        let to = self.cells.partition_point(|cell| cell.0 <= high);
        match self.cells.get(from..to) {
            None | Some([]) => Types::None,
            Some([(_, identity), ..]) if self.same[from] >= to => Types::One(*identity),
            Some(_) => Types::Several,
        }
    }

    /// The block of data that holds all of a range.
    pub(super) fn block(&self, low: u64, end: u64) -> Option<&Block> {
        let mut blocks = self.blocks.iter();
        blocks.find(|block| block.start <= low && end <= block.end)
    }

    /// Whether a range touches the records that say where memories and tables are.
    pub(super) fn touches_records(&self, low: u64, end: u64) -> bool {
        touch(records(&self.memories, &self.tables), low, end)
    }

    /// A range is in the program's data, and not in those records.
    pub(super) fn is_data(&self, low: u64, end: u64) -> bool {
        let block = self.block(low, end);
        block.is_some_and(|block| block.writable) && !self.touches_records(low, end)
    }

    /// Whether an instruction of a function may end there.
    pub(super) fn is_after_code(&self, address: u64) -> bool {
        let behind = self.functions.partition_point(|it| it.start < address);
        let function = behind.checked_sub(1).map(|index| self.functions[index]);
        function.is_some_and(|function| address <= function.end())
    }

    /// The function that a reference is of.
    pub(super) fn referenced_at(&self, address: u64) -> Option<u32> {
        let index = *self.starts.get(&address)?;
        self.functions[index as usize]
            .is_referenced()
            .then_some(index)
    }

    /// What a person calls a function.
    pub(super) fn name(&self, function: &Function) -> String {
        match self.file.names.get(&function.start) {
            Some(name) => (*name).to_owned(),
            None => format!("{:#x}", function.start),
        }
    }
}
