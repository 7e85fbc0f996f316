//! The table of source locations: the file, line and column of wasm instructions, and the source functions that their
//! compiler inlined there.
//!
//! Offsets count from the start of the table; `u32`s are little-endian and need no alignment; the other numbers are
//! LEB128. A string is a length and as many bytes.
//!
//! - The head: the number of instances, the offset of the files, and how many there are (`u32`s).
//! - For each instance 3 `u32`s: its number, the offset of its module's blocks, and how many rows there are.
//! - The files: the offset of each one's name (`u32`s).
//! - The blocks of a module, of [`BLOCK`] rows each but for the last: the wasm offset of its first row and the offset of
//!   its rows (`u32`s).
//! - Rows ascend by wasm offset, and each holds up to the next. Its first byte has the distance from the previous wasm
//!   offset (in the first row of a block it is 0), which follows if it is 63, and above it whether the file and whether
//!   the scope changes. Then come the new file's number; the new scope, 0 for none, or 1 more than its distance, signed
//!   as zigzag, from the last one that was not none; the signed distance from the previous line; and the column. A block
//!   begins with line, column and file 0 and no scope. Line 0 says that the place is not known.
//! - A scope is a source function that was inlined: the distance back to the scope that it is inlined into, or 0 for
//!   the wasm function itself; the offset of its name, or 0; and the file, line and column of the call.

use crate::leb::Reader;

/// Of the first byte of a row: the file changes.
const FILE: u8 = 0x80;
/// Of the first byte of a row: the scope changes.
const SCOPE: u8 = 0x40;
/// Of the first byte of a row: the distance, which follows if it is this one.
const FAR: u8 = 0x3f;
/// The most rows of a block.
pub const BLOCK: u32 = 128;
/// The bytes of the head.
const HEAD: u32 = 12;
/// More scopes than are in each other in any source.
const MAX_DEPTH: usize = 256;

/// A place in the source.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Position<'a> {
    /// The name of the file.
    pub file: &'a [u8],
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, or 0 if it is not known.
    pub column: u32,
}

/// A source function, as far as it is known, and a place in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame<'a> {
    /// The name of a function that was inlined; that of the wasm function is not here.
    pub inlined: Option<Inlined<'a>>,
    /// The place, if it is known.
    pub position: Option<Position<'a>>,
}

/// A function that was inlined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inlined<'a> {
    /// Its name, if it has one.
    pub name: Option<&'a [u8]>,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
}

/// A row as it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Row {
    /// Offset in the module's bytes.
    pub wasm_offset: u32,
    /// The number of the file.
    pub file: u32,
    /// The line, 0 if it is not known.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// The offset of the scope, or 0.
    pub scope: u32,
}

impl<'a> Lines<'a> {
    /// The table in `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Lines { bytes }
    }

    fn u32(&self, at: u32) -> Option<u32> {
        let bytes = self.bytes.get(at as usize..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    /// The element of an array of `u32`s.
    fn element(&self, array: u32, index: u32) -> Option<u32> {
        self.u32(array.checked_add(index.checked_mul(4)?)?)
    }

    fn reader(&self, at: u32) -> Option<Reader<'a>> {
        Some(Reader::new(self.bytes.get(at as usize..)?))
    }

    /// The row that holds for a wasm offset of an instance's module.
    fn row(&self, instance: u32, wasm_offset: u32) -> Option<Row> {
        let instances = self.u32(0)?;
        let at = (0..instances).find(|index| self.element(HEAD, 3 * index) == Some(instance))?;
        let blocks = self.element(HEAD, 3 * at + 1)?;
        let rows = self.element(HEAD, 3 * at + 2)?;
        let (mut low, mut high) = (0, rows.div_ceil(BLOCK));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.element(blocks, middle.checked_mul(2)?)? <= wasm_offset {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let block = low.checked_sub(1)?;
        let mut reader = self.reader(self.element(blocks, block.checked_mul(2)? + 1)?)?;
        let mut state = State::at(self.element(blocks, block * 2)?);
        let mut found = None;
        for _ in 0..BLOCK.min(rows - block * BLOCK) {
            state.read(&mut reader)?;
            if state.row.wasm_offset > wasm_offset {
                break;
            }
            found = Some(state.row);
        }
        found
    }

    fn position(&self, file: u32, line: u32, column: u32) -> Option<Position<'a>> {
        if line == 0 {
            return None;
        }
        let name = self.element(self.u32(4)?, file)?;
        Some(Position {
            file: self.reader(name)?.bytes()?,
            line,
            column,
        })
    }

    /// The source functions at a wasm offset of an instance's module, from the innermost to the wasm function itself;
    /// nothing where the table says nothing.
    pub fn frames(
        &self,
        instance: u32,
        wasm_offset: u32,
    ) -> impl Iterator<Item = Frame<'a>> + use<'a> {
        let row = self.row(instance, wasm_offset);
        let lines = *self;
        let mut next = row
            .filter(|row| row.line != 0 || row.scope != 0)
            .map(|row| (row.scope, lines.position(row.file, row.line, row.column)));
        let mut depth = 0;
        core::iter::from_fn(move || {
            let (scope, position) = next.take()?;
            depth += 1;
            let Some((parent, name, call)) = lines.scope(scope).filter(|_| depth < MAX_DEPTH)
            else {
                return Some(Frame {
                    inlined: None,
                    position,
                });
            };
            next = Some((parent, call));
            Some(Frame {
                inlined: Some(Inlined { name }),
                position,
            })
        })
    }

    /// The scope around a scope, the scope's name, and the place of its call.
    #[allow(clippy::type_complexity, reason = "it is used once")]
    fn scope(&self, at: u32) -> Option<(u32, Option<&'a [u8]>, Option<Position<'a>>)> {
        if at == 0 {
            return None;
        }
        let mut reader = self.reader(at)?;
        let mut next = || u32::try_from(reader.unsigned()?).ok();
        let parent = match next()? {
            0 => 0,
            distance => at.checked_sub(distance)?,
        };
        let name = match next()? {
            0 => None,
            name => self.reader(name).and_then(|mut reader| reader.bytes()),
        };
        let call = self.position(next()?, next()?, next()?);
        Some((parent, name, call))
    }
}

/// What rows are told from: the one before, and the last scope.
#[derive(Clone, Copy, Default, Debug)]
struct State {
    row: Row,
    scope: u32,
}

impl State {
    /// Before the first row of a block.
    fn at(wasm_offset: u32) -> Self {
        State {
            row: Row {
                wasm_offset,
                ..Row::default()
            },
            scope: 0,
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let row = &mut self.row;
        let number = |value: u64| u32::try_from(value).ok();
        let first = reader.u8()?;
        let distance = match first & FAR {
            FAR => number(reader.unsigned()?)?,
            near => u32::from(near),
        };
        row.wasm_offset = row.wasm_offset.checked_add(distance)?;
        if first & FILE != 0 {
            row.file = number(reader.unsigned()?)?;
        }
        if first & SCOPE != 0 {
            row.scope = match reader.unsigned()?.checked_sub(1) {
                None => 0,
                Some(zigzag) => {
                    let distance = (zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed());
                    let scope = i64::from(self.scope).checked_add(distance)?;
                    self.scope = u32::try_from(scope).ok()?;
                    self.scope
                }
            };
        }
        let line = i64::from(row.line).checked_add(reader.signed()?)?;
        row.line = u32::try_from(line).ok()?;
        row.column = number(reader.unsigned()?)?;
        Some(())
    }

    #[cfg(feature = "encode")]
    fn write(&mut self, out: &mut alloc::vec::Vec<u8>, row: Row) {
        use crate::leb::{write_signed, write_unsigned};
        let distance = row.wasm_offset - self.row.wasm_offset;
        let near = u8::try_from(distance).unwrap_or(FAR).min(FAR);
        let mut first = near;
        if row.file != self.row.file {
            first |= FILE;
        }
        if row.scope != self.row.scope {
            first |= SCOPE;
        }
        out.push(first);
        if near == FAR {
            write_unsigned(out, distance.into());
        }
        if first & FILE != 0 {
            write_unsigned(out, row.file.into());
        }
        if first & SCOPE != 0 {
            if row.scope == 0 {
                write_unsigned(out, 0);
            } else {
                let distance = i64::from(row.scope) - i64::from(self.scope);
                let zigzag = ((distance << 1) ^ (distance >> 63)).cast_unsigned();
                write_unsigned(out, zigzag + 1);
                self.scope = row.scope;
            }
        }
        write_signed(out, i64::from(row.line) - i64::from(self.row.line));
        write_unsigned(out, row.column.into());
        self.row = row;
    }
}

#[cfg(feature = "encode")]
pub use encode::{Call, Writer};

#[cfg(feature = "encode")]
mod encode {
    use super::{BLOCK, HEAD, Row, State};
    use crate::leb::{write_bytes, write_unsigned};
    use alloc::vec::Vec;

    /// The call that an inlined function stands for.
    #[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
    pub struct Call {
        /// The offset of the scope that it is in, or 0.
        pub parent: u32,
        /// The offset of the function's name, or 0.
        pub name: u32,
        /// The number of the file.
        pub file: u32,
        /// The line, 0 if it is not known.
        pub line: u32,
        /// The column.
        pub column: u32,
    }

    /// A table while it grows. Its order: the head, strings and scopes as they come, the rows of each module, and what
    /// arrays there are.
    #[derive(Debug)]
    pub struct Writer {
        bytes: Vec<u8>,
        files: Vec<u32>,
    }

    impl Writer {
        /// A table for that many instances.
        pub fn new(instances: u32) -> Self {
            let head = HEAD as usize + 12 * instances as usize;
            let mut bytes = alloc::vec![0; head];
            bytes[..4].copy_from_slice(&instances.to_le_bytes());
            Writer {
                bytes,
                files: Vec::new(),
            }
        }

        fn offset(&self) -> u32 {
            u32::try_from(self.bytes.len()).expect("less than 4 GiB of source locations")
        }

        fn set(&mut self, at: u32, value: u32) {
            let at = at as usize;
            self.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }

        /// The offset of a string that is appended.
        pub fn string(&mut self, string: &[u8]) -> u32 {
            let offset = self.offset();
            write_bytes(&mut self.bytes, string);
            offset
        }

        /// The number of a file that is appended.
        pub fn file(&mut self, name: &[u8]) -> u32 {
            let offset = self.string(name);
            self.files.push(offset);
            self.files.len() as u32 - 1
        }

        /// The offset of a scope that is appended.
        pub fn scope(&mut self, call: Call) -> u32 {
            let offset = self.offset();
            let parent = match call.parent {
                0 => 0,
                parent => offset - parent,
            };
            for number in [parent, call.name, call.file, call.line, call.column] {
                write_unsigned(&mut self.bytes, number.into());
            }
            offset
        }

        /// Appends the rows of a module, which ascend. The result goes to [`Writer::instance`].
        pub fn rows(&mut self, rows: &[Row]) -> (u32, u32) {
            let mut blocks = Vec::new();
            for block in rows.chunks(BLOCK as usize) {
                blocks.extend([block[0].wasm_offset, self.offset()]);
                let mut state = State::at(block[0].wasm_offset);
                for &row in block {
                    state.write(&mut self.bytes, row);
                }
            }
            let offset = self.offset();
            self.array(&blocks);
            (offset, u32::try_from(rows.len()).expect("fewer than bytes"))
        }

        /// Says what rows an instance has: the first one is number 0 of those that the table is for.
        pub fn instance(&mut self, position: u32, number: u32, (blocks, rows): (u32, u32)) {
            for (field, value) in [number, blocks, rows].into_iter().enumerate() {
                self.set(HEAD + 12 * position + 4 * field as u32, value);
            }
        }

        fn array(&mut self, array: &[u32]) {
            for element in array {
                self.bytes.extend_from_slice(&element.to_le_bytes());
            }
        }

        /// The table.
        pub fn finish(mut self) -> Vec<u8> {
            let (files, count) = (self.offset(), self.files.len() as u32);
            self.set(4, files);
            self.set(8, count);
            let array = core::mem::take(&mut self.files);
            self.array(&array);
            self.bytes
        }
    }
}

#[cfg(all(test, feature = "encode"))]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn table() -> Vec<u8> {
        let mut writer = Writer::new(2);
        let files = [writer.file(b"a.c"), writer.file(b"b.c")];
        let name = writer.string(b"inner");
        let outer = writer.scope(Call {
            file: files[1],
            line: 7,
            column: 3,
            ..Call::default()
        });
        let inner = writer.scope(Call {
            parent: outer,
            name,
            ..Call::default()
        });
        let row = |wasm_offset, file: usize, line, column, scope| Row {
            wasm_offset,
            file: files[file],
            line,
            column,
            scope,
        };
        let mut rows = Vec::from([
            row(100, 1, 70_000, 200, 0),
            row(101, 0, 1, 0, inner),
            row(300, 0, 0, 0, 0),
            row(301, 0, 2, 2, outer),
            row(302, 0, 0, 0, inner),
        ]);
        rows.extend((400..1000).map(|wasm_offset| row(wasm_offset, 0, wasm_offset, 1, 0)));
        let rows = writer.rows(&rows);
        writer.instance(0, 5, rows);
        writer.instance(1, 0, rows);
        writer.finish()
    }

    /// Name of what is inlined and position of each frame.
    type Shown<'a> = (Option<Option<&'a [u8]>>, Option<(&'a [u8], u32, u32)>);

    fn frames(table: &[u8], instance: u32, wasm_offset: u32) -> Vec<Shown<'_>> {
        let mut shown = Vec::new();
        for frame in Lines::new(table).frames(instance, wasm_offset) {
            let position = frame.position.map(|at| (at.file, at.line, at.column));
            shown.push((frame.inlined.map(|inlined| inlined.name), position));
        }
        shown
    }

    #[test]
    fn places_are_found() {
        let table = table();
        for instance in [0, 5] {
            let find = |wasm_offset| frames(&table, instance, wasm_offset);
            assert_eq!(find(99), []);
            let first = [(None, Some((&b"b.c"[..], 70_000, 200)))];
            assert_eq!(find(100), first);
            let inner: [Shown<'_>; 3] = [
                (Some(Some(b"inner")), Some((b"a.c", 1, 0))),
                (Some(None), None),
                (None, Some((b"b.c", 7, 3))),
            ];
            assert_eq!(find(101), inner);
            assert_eq!(find(299), inner);
            assert_eq!(find(300), []);
            assert_eq!(
                find(301)[..],
                [(Some(None), Some((&b"a.c"[..], 2, 2))), inner[2]]
            );
            assert_eq!(
                find(302)[..],
                [(Some(Some(&b"inner"[..])), None), inner[1], inner[2]]
            );
            for line in 400..1000 {
                assert_eq!(find(line), [(None, Some((&b"a.c"[..], line, 1)))]);
            }
            assert_eq!(find(u32::MAX), find(999));
        }
        assert_eq!(frames(&table, 1, 100), []);
    }

    #[test]
    fn malformed_tables_are_read() {
        let table = table();
        for len in 0..table.len() {
            let _ = frames(&table[..len], 0, 101);
            for wasm_offset in [101, 999] {
                let mut bytes = table.clone();
                bytes[len] ^= 0xff;
                let _ = frames(&bytes, 0, wasm_offset);
            }
        }
    }
}
