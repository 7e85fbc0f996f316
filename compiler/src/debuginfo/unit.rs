//! One unit of DWARF -> its line rows, and the functions and inlined calls that it describes.

use gimli::{
    Abbreviation, AttributeValue, ColumnType, DebugAddrIndex, EndianSlice, EntriesRaw,
    LittleEndian, RangeListsOffset, RawRngListEntry, UnitOffset,
};

pub(super) type Slice<'a> = EndianSlice<'a, LittleEndian>;
pub(super) type Dwarf<'a> = gimli::Dwarf<Slice<'a>>;
pub(super) type Header<'a> = gimli::UnitHeader<Slice<'a>>;

/// A row of the line program: it holds up to the next of its sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) address: u32,
    /// Index in the unit's line program.
    pub(super) file: u64,
    /// 0 if it is not known.
    pub(super) line: u32,
    pub(super) column: u32,
}

/// Rows without a gap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sequence {
    pub(super) start: u32,
    pub(super) end: u32,
    /// The first of its rows.
    pub(super) first: u32,
    /// The end of its rows.
    pub(super) last: u32,
}

/// A function, or a call in whose place a function stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// The scope that it is in, counted from 1; 0 for a function.
    pub(super) parent: u32,
    pub(super) entry: UnitOffset,
    /// The place of the call. (A function has none.)
    pub(super) file: u64,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// Code of a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
    /// How many scopes it is in.
    pub(super) depth: u32,
    /// Counted from 1.
    pub(super) scope: u32,
}

/// A unit and what it says of the code.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    pub(super) unit: gimli::Unit<Slice<'a>>,
    pub(super) rows: Vec<Row>,
    pub(super) sequences: Vec<Sequence>,
    pub(super) scopes: Vec<Scope>,
    pub(super) spans: Vec<Span>,
    /// What was wrong with it, after what was read.
    pub(super) problem: Option<String>,
}

impl<'a> Unit<'a> {
    /// Reads a unit as far as it is not malformed. Addresses that are not below `code_len` mean nothing: linkers give
    /// such, or 0, to what they dropped, and no code is at 0.
    pub(super) fn read(
        dwarf: &Dwarf<'a>,
        header: Header<'a>,
        with_lines: bool,
        code_len: u32,
    ) -> gimli::Result<Self> {
        // Legitimate lists of ranges take more than a byte of the unit for each range.
        let ranges = header.unit_length().saturating_mul(4) + 1024;
        let mut unit = Unit {
            unit: dwarf.unit(header)?,
            rows: Vec::new(),
            sequences: Vec::new(),
            scopes: Vec::new(),
            spans: Vec::new(),
            problem: None,
        };
        let mut problem = None;
        if with_lines && let Err(error) = unit.read_lines(code_len) {
            problem = Some(error.to_string());
        }
        let mut walk = Walk {
            dwarf,
            unit: &unit.unit,
            code_len,
            ranges,
            scopes: Vec::new(),
            spans: Vec::new(),
        };
        if let Err(error) = walk.entries() {
            problem.get_or_insert(error.to_string());
        } else if walk.ranges == 0 {
            problem.get_or_insert("too many ranges of addresses".to_owned());
        }
        (unit.scopes, unit.spans) = (walk.scopes, walk.spans);
        unit.problem = problem;
        Ok(unit)
    }

    fn read_lines(&mut self, code_len: u32) -> gimli::Result<()> {
        let Some(program) = self.unit.line_program.clone() else {
            return Ok(());
        };
        let mut rows = program.rows();
        let mut first = 0;
        while let Some((_, row)) = rows.next_row()? {
            if row.end_sequence() {
                let end = row.address();
                match self.rows.get(first) {
                    Some(&Row { address: start, .. })
                        if u64::from(start) < end && end <= code_len.into() =>
                    {
                        self.sequences.push(Sequence {
                            start,
                            end: end as u32,
                            first: first as u32,
                            last: self.rows.len() as u32,
                        });
                    }
                    _ => self.rows.truncate(first),
                }
                first = self.rows.len();
                continue;
            }
            let Some(address) = address(row.address(), code_len) else {
                continue;
            };
            let row = Row {
                address,
                file: row.file_index(),
                line: row.line().map_or(0, |line| small(line.get())),
                column: match row.column() {
                    ColumnType::LeftEdge => 0,
                    ColumnType::Column(column) => small(column.get()),
                },
            };
            // Of several rows for one address the last one counts.
            match self.rows[first..].last_mut() {
                Some(last) if last.address == address => *last = row,
                Some(last) if last.address > address => {}
                _ => self.rows.push(row),
            }
        }
        self.rows.truncate(first);
        Ok(())
    }
}

/// A number as large as those of lines are.
pub(super) fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// An address of code.
fn address(address: u64, code_len: u32) -> Option<u32> {
    let address = u32::try_from(address).ok()?;
    (1..code_len).contains(&address).then_some(address)
}

/// The walk over the entries of a unit.
struct Walk<'u, 'a> {
    dwarf: &'u Dwarf<'a>,
    unit: &'u gimli::Unit<Slice<'a>>,
    code_len: u32,
    /// How many more ranges are read.
    ranges: usize,
    scopes: Vec<Scope>,
    spans: Vec<Span>,
}

/// What an entry says of a scope.
#[derive(Default)]
struct Attributes {
    low: Option<u64>,
    high: Option<u64>,
    len: Option<u64>,
    ranges: Option<RangeListsOffset>,
    file: u64,
    line: u32,
    column: u32,
}

impl<'u, 'a> Walk<'u, 'a> {
    fn entries(&mut self) -> gimli::Result<()> {
        let unit = self.unit;
        let mut entries = unit.entries_raw(None)?;
        // The scopes that the next entry is in: the depth of their entries, and their numbers.
        let mut open: Vec<(isize, u32)> = Vec::new();
        while !entries.is_empty() {
            let (entry, depth) = (entries.next_offset(), entries.next_depth());
            let Some(abbreviation) = entries.read_abbreviation()? else {
                continue;
            };
            while open.last().is_some_and(|last| last.0 >= depth) {
                open.pop();
            }
            let is_function = abbreviation.tag() == gimli::DW_TAG_subprogram;
            if !is_function && abbreviation.tag() != gimli::DW_TAG_inlined_subroutine {
                entries.skip_attributes(abbreviation.attributes())?;
                continue;
            }
            let attributes = self.attributes(&mut entries, abbreviation)?;
            let parent = if is_function {
                0
            } else {
                open.last().map_or(0, |last| last.1)
            };
            // (An inlined call outside of a function would be taken for one.)
            if !is_function && parent == 0 {
                continue;
            }
            self.scopes.push(Scope {
                parent,
                entry,
                file: attributes.file,
                line: attributes.line,
                column: attributes.column,
            });
            let scope = self.scopes.len() as u32;
            open.push((depth, scope));
            self.spans(&attributes, open.len() as u32, scope)?;
        }
        Ok(())
    }

    fn attributes(
        &self,
        entries: &mut EntriesRaw<'_, Slice<'a>>,
        abbreviation: &Abbreviation,
    ) -> gimli::Result<Attributes> {
        let mut found = Attributes::default();
        for &attribute in abbreviation.attributes() {
            let attribute = entries.read_attribute(attribute)?;
            let value = attribute.value();
            let number = attribute.udata_value();
            match attribute.name() {
                gimli::DW_AT_low_pc => found.low = self.dwarf.attr_address(self.unit, value)?,
                gimli::DW_AT_high_pc => match self.dwarf.attr_address(self.unit, value)? {
                    Some(address) => found.high = Some(address),
                    None => found.len = number,
                },
                gimli::DW_AT_ranges => {
                    found.ranges = self.dwarf.attr_ranges_offset(self.unit, value)?;
                }
                gimli::DW_AT_call_file => {
                    found.file = match value {
                        AttributeValue::FileIndex(file) => file,
                        _ => number.unwrap_or(0),
                    };
                }
                gimli::DW_AT_call_line => found.line = small(number.unwrap_or(0)),
                gimli::DW_AT_call_column => found.column = small(number.unwrap_or(0)),
                _ => {}
            }
        }
        Ok(found)
    }

    /// Takes the code of a scope.
    fn spans(&mut self, attributes: &Attributes, depth: u32, scope: u32) -> gimli::Result<()> {
        let mut push = |begin, end| {
            self.spans
                .extend(span(begin, end, self.code_len, depth, scope))
        };
        let Some(offset) = attributes.ranges else {
            let low = attributes.low.unwrap_or(0);
            let high = attributes.len.and_then(|len| low.checked_add(len));
            push(low, attributes.high.or(high).unwrap_or(0));
            return Ok(());
        };
        let indexed = |index: DebugAddrIndex| self.dwarf.address(self.unit, index);
        let mut base = self.unit.low_pc;
        let mut ranges = self.dwarf.raw_ranges(self.unit, offset)?;
        while let Some(entry) = ranges.next()? {
            let Some(rest) = self.ranges.checked_sub(1) else {
                break;
            };
            self.ranges = rest;
            match entry {
                RawRngListEntry::BaseAddress { addr } => base = addr,
                RawRngListEntry::BaseAddressx { addr } => base = indexed(addr)?,
                RawRngListEntry::AddressOrOffsetPair { begin, end }
                | RawRngListEntry::OffsetPair { begin, end } => {
                    // A linker's mark of what it dropped is none after an addition either.
                    if let (Some(begin), Some(end)) =
                        (base.checked_add(begin), base.checked_add(end))
                    {
                        push(begin, end);
                    }
                }
                RawRngListEntry::StartEnd { begin, end } => push(begin, end),
                RawRngListEntry::StartLength { begin, length } => {
                    push(begin, begin.saturating_add(length));
                }
                RawRngListEntry::StartxEndx { begin, end } => push(indexed(begin)?, indexed(end)?),
                RawRngListEntry::StartxLength { begin, length } => {
                    let begin = indexed(begin)?;
                    push(begin, begin.saturating_add(length));
                }
            }
        }
        Ok(())
    }
}

fn span(begin: u64, end: u64, code_len: u32, depth: u32, scope: u32) -> Option<Span> {
    let start = address(begin, code_len)?;
    let end = u32::try_from(end)
        .ok()
        .filter(|end| (start + 1..=code_len).contains(end))?;
    Some(Span {
        start,
        end,
        depth,
        scope,
    })
}
