//! Trap and call sites: which wasm instruction, and which trap, a program counter stands for.
//!
//! A function's list is a LEB128 number, twice the count of sites and one more if there are scopes. Scopes are the bodies
//! that took the place of calls in the function, themselves in bodies that did: a count, then per scope, all in unsigned
//! LEB128, the number of the scope it is in (0 is the function itself, and scopes count from 1), the wasm offset of the
//! call, its function's index, instance, and the offset of its name plus 1, or 0 for none.
//!
//! In a program that is built for profiling ([`Setting::PROFILE`](crate::config::Setting::PROFILE)) a second list follows:
//! its sites are where stretches of code begin that come from one instruction, and all of their kinds are 0.
//!
//! Then per site, ascending by program counter: the unsigned distance from the previous program counter (the first: from
//! the function's start), a kind byte (0 for the return address of a call, else a [`Trap`] code, or [`WIDTHS`] and the
//! binary logarithm of the bytes of an access to memory; [`SCOPE_FOLLOWS`] added if the scope is not the previous site's,
//! whose number then follows), and the signed distance from the previous wasm offset (the first: from 0).

use crate::Trap;
use crate::leb::Reader;

/// Of a kind byte: the site's scope follows.
const SCOPE_FOLLOWS: u8 = 0x80;

/// Kinds from here on are [`Trap::MemoryOutOfBounds`] of an access of 1, 2, 4, 8 and 16 bytes.
const WIDTHS: u8 = 0x40;

/// One site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Site {
    /// Offset from the function's start: of the trapping instruction, or of the one after the call.
    pub pc: u32,
    /// The trap, or `None` for a call.
    pub trap: Option<Trap>,
    /// The bytes of an access to memory, a power of two up to 16; 0 for what is none, or not known.
    pub bytes: u8,
    /// The scope of the instruction, 0 for the function itself.
    pub scope: u32,
    /// Offset of the instruction in its module's bytes.
    pub wasm_offset: u32,
}

/// A body in the place of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The number of the scope with the call, less than this one's.
    pub parent: u32,
    /// The call's offset in its module's bytes.
    pub wasm_offset: u32,
    /// As in [`Function::index`](crate::program::Function::index).
    pub index: u32,
    /// As in [`Function::instance`](crate::program::Function::instance).
    pub instance: u32,
    /// As in [`Function::name`](crate::program::Function::name).
    pub name: u32,
}

impl Scope {
    fn read(reader: &mut Reader<'_>) -> Option<Scope> {
        let mut next = || u32::try_from(reader.unsigned()?).ok();
        Some(Scope {
            parent: next()?,
            wasm_offset: next()?,
            index: next()?,
            instance: next()?,
            name: next()?.wrapping_sub(1),
        })
    }
}

/// The sites of one function. Malformed bytes end the list.
#[derive(Clone, Debug)]
pub struct Sites<'a> {
    reader: Reader<'a>,
    remaining: u64,
    pc: u32,
    scope: u32,
    wasm_offset: i64,
    scopes: u64,
    scopes_reader: Reader<'a>,
}

impl<'a> Sites<'a> {
    /// The list that starts at the first of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Reader::new(bytes);
        let first = reader.unsigned().unwrap_or(0);
        let scopes = if first & 1 != 0 {
            reader.unsigned().unwrap_or(0)
        } else {
            0
        };
        let scopes_reader = reader;
        let complete = (0..scopes).all(|_| Scope::read(&mut reader).is_some());
        Sites {
            reader,
            remaining: if complete { first >> 1 } else { 0 },
            pc: 0,
            scope: 0,
            wasm_offset: 0,
            scopes,
            scopes_reader,
        }
    }

    /// The list that comes after this one, of which no site was taken yet.
    pub fn following(mut self) -> Option<Sites<'a>> {
        while self.remaining > 0 {
            self.next()?;
        }
        Some(Sites::new(self.reader.rest()))
    }

    /// The scopes of the function, in the order of their numbers.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> + use<'a> {
        let mut reader = self.scopes_reader;
        (0..self.scopes).map_while(move |_| Scope::read(&mut reader))
    }

    /// A scope of the function by its number; nothing for 0.
    pub fn scope(&self, number: u32) -> Option<Scope> {
        if number == 0 || u64::from(number) > self.scopes {
            return None;
        }
        let mut reader = self.scopes_reader;
        for _ in 1..number {
            Scope::read(&mut reader)?;
        }
        // (What came before ends every chain.)
        Scope::read(&mut reader).filter(|scope| scope.parent < number)
    }
}

impl Iterator for Sites<'_> {
    type Item = Site;

    fn next(&mut self) -> Option<Site> {
        self.remaining = self.remaining.checked_sub(1)?;
        self.pc = self
            .pc
            .checked_add(u32::try_from(self.reader.unsigned()?).ok()?)?;
        let kind = self.reader.u8()?;
        if kind & SCOPE_FOLLOWS != 0 {
            self.scope = u32::try_from(self.reader.unsigned()?).ok()?;
        }
        let (trap, bytes) = match kind & !SCOPE_FOLLOWS {
            kind @ WIDTHS.. => (
                Some(Trap::MemoryOutOfBounds),
                1u8.checked_shl(u32::from(kind - WIDTHS))?,
            ),
            kind => (Trap::from_code(kind), 0),
        };
        self.wasm_offset = self.wasm_offset.checked_add(self.reader.signed()?)?;
        Some(Site {
            pc: self.pc,
            trap,
            bytes,
            scope: self.scope,
            wasm_offset: u32::try_from(self.wasm_offset).ok()?,
        })
    }
}

/// Appends the list of `sites`, which ascend by program counter, and the scopes that they are in.
#[cfg(feature = "encode")]
pub fn write(out: &mut alloc::vec::Vec<u8>, scopes: &[Scope], sites: &[Site]) {
    use crate::leb::{write_signed, write_unsigned};
    write_unsigned(out, sites.len() as u64 * 2 + u64::from(!scopes.is_empty()));
    if !scopes.is_empty() {
        write_unsigned(out, scopes.len() as u64);
    }
    for scope in scopes {
        let name = scope.name.wrapping_add(1);
        for number in [
            scope.parent,
            scope.wasm_offset,
            scope.index,
            scope.instance,
            name,
        ] {
            write_unsigned(out, number.into());
        }
    }
    let (mut pc, mut scope, mut wasm_offset) = (0, 0, 0);
    for site in sites {
        write_unsigned(out, u64::from(site.pc - pc));
        let kind = match site.trap {
            Some(Trap::MemoryOutOfBounds) if site.bytes.is_power_of_two() => {
                WIDTHS + site.bytes.trailing_zeros() as u8
            }
            trap => trap.map_or(0, |trap| trap as u8),
        };
        if site.scope == scope {
            out.push(kind);
        } else {
            out.push(kind | SCOPE_FOLLOWS);
            write_unsigned(out, site.scope.into());
        }
        write_signed(out, i64::from(site.wasm_offset) - i64::from(wasm_offset));
        (pc, scope, wasm_offset) = (site.pc, site.scope, site.wasm_offset);
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
                bytes: 0,
                scope: 0,
                wasm_offset: 900,
            },
            Site {
                pc: 3,
                trap: Some(Trap::MemoryOutOfBounds),
                bytes: 16,
                scope: 2,
                wasm_offset: 17,
            },
            Site {
                pc: 70_000,
                trap: Some(Trap::UncaughtException),
                bytes: 0,
                scope: 2,
                wasm_offset: u32::MAX,
            },
        ];
        let scope = |parent, name| Scope {
            parent,
            wasm_offset: 70_000,
            index: 3,
            instance: 0,
            name,
        };
        let scopes = [scope(0, 17), scope(1, crate::program::NO_NAME)];
        for scopes in [&scopes[..], &[]] {
            let mut bytes = alloc::vec::Vec::new();
            write(&mut bytes, scopes, &sites);
            let list = Sites::new(&bytes);
            assert!(list.clone().eq(sites));
            assert!(list.clone().following().is_some_and(|list| list.eq([])));
            assert_eq!(list.scope(0), None);
            assert_eq!(list.scope(1), scopes.first().copied());
            assert_eq!(list.scope(2), scopes.get(1).copied());
            assert_eq!(list.scope(3), None);
            assert!(list.scopes().eq(scopes.iter().copied()));
            assert!(Sites::new(&bytes[..bytes.len() - 1]).eq(sites[..2].iter().copied()));
        }
    }
}
