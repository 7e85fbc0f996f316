//! What is compared before an access, for messages: where the numbers are when a program counter traps because of it.
//!
//! The table is a list of checks, ascending by program counter. Each is the unsigned distance of its program counter from
//! the previous one's (the first: from the start of the text), a byte with what is accessed (bits 0 to 2), the kind of the
//! limit (bits 3 and 4), whether there is a value (bit 5), whether it is 2^64 more (bit 6), and whether it is where the
//! access ends (bit 7); then the value if there is one, the bytes of the access, the signed number to add to the value,
//! which without bit 7 only is there, and the limit unless it is unknown. All numbers are LEB128.
//!
//! A value is a byte, the number of a register (bits 0 to 3), whether all of its 64 bits count and not 32 (bit 4), and its
//! kind (bits 5 and 6), and for memory the signed displacement, for a constant only the number.

use crate::leb::Reader;

/// What a check is before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum What {
    /// An access to memory.
    Access = 0,
    /// An access to a range of memory; the value is where it ends.
    Range = 1,
    /// An access to a range of a data segment.
    DataRange = 2,
    /// An access to an element of a table.
    Element = 3,
    /// An access to a range of a table.
    Elements = 4,
    /// An access to a range of an element segment.
    SegmentElements = 5,
    /// An atomic access, whose address must be aligned.
    Alignment = 6,
    /// A call of a function whose type is another one; the value is the address of its code.
    Callee = 7,
}

impl What {
    const fn from_code(code: u8) -> Option<What> {
        Some(match code {
            0 => What::Access,
            1 => What::Range,
            2 => What::DataRange,
            3 => What::Element,
            4 => What::Elements,
            5 => What::SegmentElements,
            6 => What::Alignment,
            7 => What::Callee,
            _ => return None,
        })
    }
}

/// Where a number is. Registers have the numbers by which instructions name them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// In a register, all of it or the low 32 bits.
    Register {
        /// The register.
        number: u8,
        /// All 64 bits.
        wide: bool,
    },
    /// In memory, 8 or 4 bytes.
    Memory {
        /// The register with an address.
        base: u8,
        /// How far from there.
        displacement: i32,
        /// 8 bytes.
        wide: bool,
    },
    /// It is this one.
    Constant(u64),
}

/// What the number is compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// What is not told.
    Unknown,
    /// The size of the memory whose record has this position.
    Memory(u32),
    /// The length of the table whose record has this position.
    Table(u32),
    /// A size that never changes.
    Constant(u64),
}

/// One check.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Check {
    /// Offset in the text of the instruction that traps.
    pub pc: u32,
    /// What it is before.
    pub what: What,
    /// Where the number is that was compared, if that is known.
    pub value: Option<Operand>,
    /// It is 2^64 more than that: a sum that did not fit.
    pub carry: bool,
    /// The bytes of the access, 0 for ranges.
    pub bytes: u8,
    /// What to add to the number, so that it becomes the address or index that people know.
    pub bias: i64,
    /// What it must not exceed.
    pub limit: Limit,
}

const VALUE: u8 = 1 << 5;
const CARRY: u8 = 1 << 6;
const END: u8 = 1 << 7;
const WIDE: u8 = 1 << 4;

impl Operand {
    /// The operand at the start of what is left.
    pub fn read(reader: &mut Reader<'_>) -> Option<Operand> {
        let byte = reader.u8()?;
        let (register, wide) = (byte & 15, byte & WIDE != 0);
        Some(match byte >> 5 {
            0 => Operand::Register {
                number: register,
                wide,
            },
            1 => Operand::Memory {
                base: register,
                displacement: i32::try_from(reader.signed()?).ok()?,
                wide,
            },
            2 => Operand::Constant(reader.unsigned()?),
            _ => return None,
        })
    }

    /// Appends it.
    #[cfg(feature = "encode")]
    pub fn write(self, out: &mut alloc::vec::Vec<u8>) {
        use crate::leb::{write_signed, write_unsigned};
        let wide = |wide| if wide { WIDE } else { 0 };
        match self {
            Operand::Register { number, wide: all } => out.push(number | wide(all)),
            Operand::Memory {
                base,
                displacement,
                wide: all,
            } => {
                out.push(1 << 5 | base | wide(all));
                write_signed(out, displacement.into());
            }
            Operand::Constant(number) => {
                out.push(2 << 5);
                write_unsigned(out, number);
            }
        }
    }
}

/// The checks of a table. Malformed bytes end the list.
#[derive(Clone, Debug)]
pub struct Checks<'a> {
    reader: Reader<'a>,
    pc: u32,
}

impl<'a> Checks<'a> {
    /// Those of the table `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Checks {
            reader: Reader::new(bytes),
            pc: 0,
        }
    }
}

impl Iterator for Checks<'_> {
    type Item = Check;

    fn next(&mut self) -> Option<Check> {
        let reader = &mut self.reader;
        self.pc = self
            .pc
            .checked_add(u32::try_from(reader.unsigned()?).ok()?)?;
        let byte = reader.u8()?;
        let value = if byte & VALUE != 0 {
            Some(Operand::read(reader)?)
        } else {
            None
        };
        let bytes = reader.u8()?;
        let bias = if byte & END != 0 {
            -i64::from(bytes)
        } else {
            reader.signed()?
        };
        let mut position = || u32::try_from(reader.unsigned()?).ok();
        let limit = match byte >> 3 & 3 {
            1 => Limit::Memory(position()?),
            2 => Limit::Table(position()?),
            3 => Limit::Constant(reader.unsigned()?),
            _ => Limit::Unknown,
        };
        Some(Check {
            pc: self.pc,
            what: What::from_code(byte & 7)?,
            value,
            carry: byte & CARRY != 0,
            bytes,
            bias,
            limit,
        })
    }
}

/// Appends the table of `checks`, which ascend by program counter.
#[cfg(feature = "encode")]
pub fn write(out: &mut alloc::vec::Vec<u8>, checks: &[Check]) {
    use crate::leb::{write_signed, write_unsigned};
    let mut pc = 0;
    for check in checks {
        write_unsigned(out, u64::from(check.pc - pc));
        pc = check.pc;
        let (kind, limit) = match check.limit {
            Limit::Unknown => (0, None),
            Limit::Memory(position) => (1, Some(position.into())),
            Limit::Table(position) => (2, Some(position.into())),
            Limit::Constant(size) => (3, Some(size)),
        };
        let value = if check.value.is_some() { VALUE } else { 0 };
        let carry = if check.carry { CARRY } else { 0 };
        let is_end = check.bias == -i64::from(check.bytes);
        let end = if is_end { END } else { 0 };
        out.push(check.what as u8 | kind << 3 | value | carry | end);
        if let Some(value) = check.value {
            value.write(out);
        }
        out.push(check.bytes);
        if !is_end {
            write_signed(out, check.bias);
        }
        if let Some(limit) = limit {
            write_unsigned(out, limit);
        }
    }
}

#[cfg(all(test, feature = "encode"))]
mod tests {
    use super::*;

    #[test]
    fn checks_round_trip() {
        let check = |pc, what, value, limit| Check {
            pc,
            what,
            value,
            carry: pc == 900,
            bytes: 4,
            bias: if pc == 900 { 4 } else { -4 },
            limit,
        };
        let register = Operand::Register {
            number: 15,
            wide: true,
        };
        let memory = Operand::Memory {
            base: 4,
            displacement: -70_000,
            wide: false,
        };
        let constant = Operand::Constant(u64::MAX);
        let checks = [
            check(3, What::Access, Some(register), Limit::Memory(7)),
            check(3, What::Range, Some(memory), Limit::Unknown),
            check(900, What::Element, Some(constant), Limit::Table(1)),
            check(70_000, What::Alignment, None, Limit::Constant(1 << 40)),
        ];
        let mut bytes = alloc::vec::Vec::new();
        write(&mut bytes, &checks);
        assert!(Checks::new(&bytes).eq(checks));
        assert!(Checks::new(&bytes[..bytes.len() - 1]).eq(checks[..3].iter().copied()));
    }
}
