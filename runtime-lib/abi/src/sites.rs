//! Trap and call sites: which wasm instruction, and which trap, a program counter stands for.
//!
//! A function's list is a LEB128 count, then per site, ascending by program counter: the unsigned distance from the
//! previous program counter (the first: from the function's start), a kind byte (0 for the return address of a call,
//! else a [`Trap`] code), and the signed distance from the previous wasm offset (the first: from 0).

use crate::Trap;
use crate::leb::Reader;

/// One site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Site {
    /// Offset from the function's start: of the trapping instruction, or of the one after the call.
    pub pc: u32,
    /// The trap, or `None` for a call.
    pub trap: Option<Trap>,
    /// Offset of the instruction in its module's bytes.
    pub wasm_offset: u32,
}

/// The sites of one function. Malformed bytes end the list.
#[derive(Clone, Debug)]
pub struct Sites<'a> {
    reader: Reader<'a>,
    remaining: u64,
    pc: u32,
    wasm_offset: i64,
}

impl<'a> Sites<'a> {
    /// The list that starts at the first of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Reader::new(bytes);
        let remaining = reader.unsigned().unwrap_or(0);
        Sites {
            reader,
            remaining,
            pc: 0,
            wasm_offset: 0,
        }
    }
}

impl Iterator for Sites<'_> {
    type Item = Site;

    fn next(&mut self) -> Option<Site> {
        self.remaining = self.remaining.checked_sub(1)?;
        self.pc = self
            .pc
            .checked_add(u32::try_from(self.reader.unsigned()?).ok()?)?;
        let trap = Trap::from_code(self.reader.u8()?);
        self.wasm_offset = self.wasm_offset.checked_add(self.reader.signed()?)?;
        Some(Site {
            pc: self.pc,
            trap,
            wasm_offset: u32::try_from(self.wasm_offset).ok()?,
        })
    }
}

/// Appends the list of `sites`, which ascend by program counter.
#[cfg(feature = "encode")]
pub fn write(out: &mut alloc::vec::Vec<u8>, sites: &[Site]) {
    use crate::leb::{write_signed, write_unsigned};
    write_unsigned(out, sites.len() as u64);
    let (mut pc, mut wasm_offset) = (0, 0);
    for site in sites {
        write_unsigned(out, u64::from(site.pc - pc));
        out.push(site.trap.map_or(0, |trap| trap as u8));
        write_signed(out, i64::from(site.wasm_offset) - i64::from(wasm_offset));
        (pc, wasm_offset) = (site.pc, site.wasm_offset);
    }
}

#[cfg(all(test, feature = "encode"))]
mod tests {
    use super::*;

    #[test]
    fn sites_round_trip() {
        let sites = [
            Site {
                pc: 3,
                trap: None,
                wasm_offset: 900,
            },
            Site {
                pc: 3,
                trap: Some(Trap::Unreachable),
                wasm_offset: 17,
            },
            Site {
                pc: 70_000,
                trap: Some(Trap::UncaughtException),
                wasm_offset: u32::MAX,
            },
        ];
        let mut bytes = alloc::vec::Vec::new();
        write(&mut bytes, &sites);
        assert!(Sites::new(&bytes).eq(sites));
        assert!(Sites::new(&bytes[..bytes.len() - 1]).eq(sites[..2].iter().copied()));
    }
}
