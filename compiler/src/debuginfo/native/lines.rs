//! Line programs: rows of wasm addresses -> rows of the machine code that comes from them.
//!
//! Instructions of one row may stand in several places, between those of others. The first of them is where the row begins
//! as a statement, which is where a debugger stops; the others only say where they come from.

use super::map::FunctionMap;
use super::{Budget, Exhausted, Slice};
use gimli::write::{
    Address, ConvertLineProgram, ConvertLineSequenceEnd, ConvertResult, FileId, LineProgram,
    LineRow,
};
use std::collections::HashSet;

/// Why there is no line program.
pub(super) enum Failed {
    Malformed,
    Exhausted,
}

impl From<Exhausted> for Failed {
    fn from(_: Exhausted) -> Self {
        Failed::Exhausted
    }
}

impl From<gimli::write::ConvertError> for Failed {
    fn from(_: gimli::write::ConvertError) -> Self {
        Failed::Malformed
    }
}

/// Rows of consecutive addresses, the last of which is where they end.
struct Sequence {
    start: u64,
    end: u64,
    rows: Vec<(u64, LineRow)>,
    /// The statement that each row belongs to: rows of a line that follow each other, up to one that begins another.
    groups: Vec<usize>,
    /// Whether debuggers stop at a statement.
    is_statement: Vec<bool>,
}

/// The native program of `program`, for `functions` by ascending wasm addresses; gives what files are called in it.
pub(super) fn convert(
    mut program: ConvertLineProgram<'_, Slice<'_>>,
    functions: &[FunctionMap<'_>],
    budget: &mut Budget,
) -> Result<(LineProgram, Vec<FileId>), Failed> {
    let mut sequences = Vec::new();
    // What comes before something malformed counts.
    while let Ok(Some(sequence)) = read(&mut program, budget) {
        sequences.push(sequence?);
    }
    let has_rows = |sequence: &&Sequence| sequence.start != 0 && !sequence.rows.is_empty();
    for sequence in sequences.iter().filter(has_rows) {
        // (The first row may stand behind the start of its function.)
        let first = functions.partition_point(|function| function.body.1 <= sequence.start);
        for function in functions[first..]
            .iter()
            .take_while(|function| function.body.0 < sequence.end)
        {
            budget.spend(1 + function.runs().len())?;
            write(&mut program, sequence, function);
        }
    }
    Ok(program.program())
}

fn read(
    program: &mut ConvertLineProgram<'_, Slice<'_>>,
    budget: &mut Budget,
) -> ConvertResult<Option<Result<Sequence, Exhausted>>> {
    let Some(sequence) = program.read_sequence()? else {
        return Ok(None);
    };
    if let Err(exhausted) = budget.spend(1 + sequence.rows.len()) {
        return Ok(Some(Err(exhausted)));
    }
    let start = sequence.start.unwrap_or(0);
    let end = match sequence.end {
        ConvertLineSequenceEnd::Length(length) => start.saturating_add(length),
        ConvertLineSequenceEnd::Address(address) => address,
    };
    let rows = sequence.rows.into_iter();
    let mut rows: Vec<(u64, LineRow)> = rows
        .map(|row| (start.saturating_add(row.address_offset), row))
        .collect();
    rows.sort_by_key(|&(address, _)| address);
    let mut groups = Vec::with_capacity(rows.len());
    let mut is_statement: Vec<bool> = Vec::new();
    for (index, (_, row)) in rows.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| &rows[index].1);
        let same_line =
            before.is_some_and(|before| (before.file, before.line) == (row.file, row.line));
        if row.is_statement || !same_line {
            is_statement.push(row.is_statement);
        }
        groups.push(is_statement.len() - 1);
    }
    Ok(Some(Ok(Sequence {
        start,
        end,
        rows,
        groups,
        is_statement,
    })))
}

/// Writes the rows of one function.
fn write(
    program: &mut ConvertLineProgram<'_, Slice<'_>>,
    sequence: &Sequence,
    function: &FunctionMap<'_>,
) {
    program.begin_sequence(Some(Address::Symbol {
        symbol: 0,
        addend: function.start.into(),
    }));
    let mut last = None;
    let mut ended = false;
    let mut begun = HashSet::new();
    for &((at, _), origin) in function.runs() {
        let next = sequence
            .rows
            .partition_point(|&(address, _)| address <= origin);
        let index = next.saturating_sub(1);
        let row = &sequence.rows[index].1;
        // Debuggers take the second row for the end of what sets up the frame. If the first one of the module says that it
        // is that end, it comes twice: for what sets up the frame here, and for what is behind it.
        let ends_prologue =
            row.prologue_end && at > 0 && origin > function.body.0 && begun.len() == 1 && !ended;
        if last == Some(index) && !ends_prologue {
            continue;
        }
        ended |= ends_prologue;
        let group = sequence.groups[index];
        let begins = begun.insert(group) || ends_prologue;
        last = Some(index);
        program.generate_row(LineRow {
            line: row.line.min(u32::MAX.into()),
            column: row.column.min(u32::MAX.into()),
            discriminator: row.discriminator.min(u32::MAX.into()),
            isa: 0,
            address_offset: at.into(),
            op_index: 0,
            is_statement: sequence.is_statement[group] && begins,
            basic_block: false,
            epilogue_begin: false,
            prologue_end: row.prologue_end && begins,
            ..*row
        });
    }
    program.end_sequence(function.size.into());
}
