//! From program counters to functions, names, wasm offsets and traps.

use core::ops::Range;
use nativize_abi::Trap;
use nativize_abi::leb::Reader;
use nativize_abi::program::{Function, NO_NAME, TRAMPOLINE};
use nativize_abi::sites::{Site, Sites};

/// Where guest code lies, and what the compiler recorded about it.
#[derive(Clone, Debug)]
pub(crate) struct Symbols<'a> {
    /// The addresses of guest code.
    pub(crate) text: Range<u64>,
    /// Its functions, ascending.
    pub(crate) functions: &'a [Function],
    /// Their sites.
    pub(crate) sites: &'a [u8],
    /// Their names.
    pub(crate) names: &'a [u8],
}

/// A place in guest code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// An instruction that trapped.
    Instruction(u64),
    /// A return address: its call is active.
    Call(u64),
}

/// A function of the module, and where in it. The fields are those of [`Function`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Location {
    pub(crate) index: u32,
    pub(crate) instance: u32,
    pub(crate) name: u32,
    /// Offset of the wasm instruction in the module.
    pub(crate) wasm_offset: Option<u32>,
}

/// How many places are remembered.
const SEEN: usize = 32;

/// What sites of places were found last: deep recursion goes through few places, and a function may have many sites.
pub(crate) struct Seen([SeenPlace; SEEN]);

#[derive(Clone, Copy)]
struct SeenPlace {
    /// The place as a number; 0 for none.
    key: u64,
    scope: u32,
    wasm_offset: Option<u32>,
}

impl Seen {
    /// None.
    pub(crate) const fn new() -> Self {
        let none = SeenPlace {
            key: 0,
            scope: 0,
            wasm_offset: None,
        };
        Seen([none; SEEN])
    }

    /// The scope and the wasm offset of a place, which `find` finds.
    fn of(
        &mut self,
        place: Place,
        find: impl FnOnce() -> (u32, Option<u32>),
    ) -> (u32, Option<u32>) {
        let key = match place {
            Place::Instruction(pc) => 2 * pc,
            Place::Call(pc) => 2 * pc + 1,
        };
        let Some(slot) = self.0.get_mut((key / 2) as usize % SEEN) else {
            return (0, None);
        };
        if slot.key != key {
            let (scope, wasm_offset) = find();
            *slot = SeenPlace {
                key,
                scope,
                wasm_offset,
            };
        }
        (slot.scope, slot.wasm_offset)
    }
}

impl<'a> Symbols<'a> {
    /// Whether `pc` is in guest code.
    pub(crate) fn contains(&self, pc: u64) -> bool {
        self.text.contains(&pc)
    }

    /// Whether `place` is in guest code. (A return address may be the end of the text.)
    pub(crate) fn has(&self, place: Place) -> bool {
        let (Place::Instruction(pc) | Place::Call(pc)) = place;
        self.contains(pc.wrapping_sub(1)) || self.contains(pc)
    }

    /// The function with the instruction at `pc`, and `pc`'s distance from its start.
    fn function(&self, pc: u64) -> Option<(&'a Function, u32)> {
        if !self.contains(pc) {
            return None;
        }
        let offset = u32::try_from(pc - self.text.start).ok()?;
        let after = self
            .functions
            .partition_point(|function| function.start <= offset);
        let function = self.functions.get(after.checked_sub(1)?)?;
        let distance = offset - function.start;
        (distance < function.size).then_some((function, distance))
    }

    /// The index and the name of the function that starts at `pc`, unless it is glue.
    pub(crate) fn function_at(&self, pc: u64) -> Option<(u32, Option<&'a [u8]>)> {
        let (function, distance) = self.function(pc)?;
        let is_function = distance == 0 && function.index != TRAMPOLINE;
        is_function.then(|| (function.index, self.name(function.name)))
    }

    fn sites(&self, function: &Function) -> Sites<'a> {
        Sites::new(self.sites.get(function.sites as usize..).unwrap_or(&[]))
    }

    /// The trap that a fault of the instruction at `pc` stands for, and the bytes that it accesses, if they are known.
    pub(crate) fn trap_at(&self, pc: u64) -> Option<(Trap, u8)> {
        let (function, distance) = self.function(pc)?;
        self.sites(function)
            .filter(|site| site.pc == distance)
            .find_map(|site| Some((site.trap?, site.bytes)))
    }

    /// Whether `pc` is the first instruction of a function: its frame does not exist yet.
    pub(crate) fn is_function_start(&self, pc: u64) -> bool {
        self.function(pc).is_some_and(|(_, distance)| distance == 0)
    }

    /// What a backtrace says about `place`: a location, and those of the calls in whose place its body stands, from the
    /// innermost to that of the function with the code. Nothing for glue.
    pub(crate) fn locate(
        &self,
        place: Place,
        seen: &mut Seen,
    ) -> impl Iterator<Item = Location> + use<'a> {
        let is_here = |site: &Site, distance| match place {
            Place::Instruction(_) => site.trap.is_some() && site.pc == distance,
            // A call may be its function's last instruction, so that the return address is no part of it.
            Place::Call(_) => site.trap.is_none() && site.pc == distance + 1,
        };
        let pc = match place {
            Place::Instruction(pc) => Some(pc),
            Place::Call(pc) => pc.checked_sub(1),
        };
        let function = pc
            .and_then(|pc| self.function(pc))
            .filter(|(function, _)| function.index != TRAMPOLINE);
        let mut rest = function.map(|(function, distance)| {
            let sites = self.sites(function);
            let (scope, wasm_offset) = seen.of(place, || {
                let site = sites.clone().find(|site| is_here(site, distance));
                (
                    site.map_or(0, |site| site.scope),
                    site.map(|site| site.wasm_offset),
                )
            });
            (function, sites, scope, wasm_offset)
        });
        core::iter::from_fn(move || {
            let (function, sites, scope, wasm_offset) = rest.take()?;
            let Some(body) = sites.scope(scope) else {
                return Some(Location {
                    index: function.index,
                    instance: function.instance,
                    name: function.name,
                    wasm_offset,
                });
            };
            rest = Some((function, sites, body.parent, Some(body.wasm_offset)));
            Some(Location {
                index: body.index,
                instance: body.instance,
                name: body.name,
                wasm_offset,
            })
        })
    }

    /// The name at an offset.
    pub(crate) fn name(&self, offset: u32) -> Option<&'a [u8]> {
        if offset == NO_NAME {
            return None;
        }
        Reader::new(self.names.get(offset as usize..)?).bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn function(start: u32, size: u32, sites: u32, index: u32) -> Function {
        Function {
            start,
            size,
            name: if index == 7 { 1 } else { NO_NAME },
            sites,
            index,
            instance: 0,
        }
    }

    // Function 7: an `unreachable` at 5 of offset 0x40, a call that returns to 9 of offset 0x3f, and a trap there.
    // Function 8: a call that is its last instruction, of offset 1.
    const SYMBOLS: Symbols<'static> = Symbols {
        text: 0x1000..0x1100,
        functions: &[
            function(0, 0x10, 0, 7),
            function(0x10, 0x10, 10, 8),
            function(0x40, 0x10, 10, TRAMPOLINE),
        ],
        sites: &[
            6, 5, 1, 0x80, 1, 4, 0, 1, 0, 7, /* 10 */ 2, 0x10, 0, 2, /**/
        ],
        names: b"?\x03abc",
    };

    #[test]
    fn traps_are_found_by_their_instruction() {
        assert_eq!(SYMBOLS.trap_at(0x1005), Some((Trap::Unreachable, 0)));
        assert_eq!(
            SYMBOLS.trap_at(0x1009),
            Some((Trap::IntegerDivideByZero, 0))
        );
        assert_eq!(SYMBOLS.trap_at(0x1006), None);
        assert_eq!(SYMBOLS.trap_at(0xfff), None);
        assert_eq!(SYMBOLS.trap_at(0x1100), None);
        assert_eq!(SYMBOLS.trap_at(0x1030), None);
    }

    #[test]
    fn calls_are_found_by_their_return_address() {
        let locate = |place| {
            let location = SYMBOLS.locate(place, &mut Seen::new()).next()?;
            Some((location.index, location.wasm_offset))
        };
        assert_eq!(locate(Place::Instruction(0x1005)), Some((7, Some(0x40))));
        assert_eq!(locate(Place::Call(0x1009)), Some((7, Some(0x3f))));
        assert_eq!(locate(Place::Call(0x1005)), Some((7, None)));
        assert_eq!(locate(Place::Call(0x1020)), Some((8, Some(1))));
        assert_eq!(locate(Place::Call(0x1010)), Some((7, None)));
        assert_eq!(locate(Place::Call(0x1044)), None);
        assert_eq!(locate(Place::Call(0)), None);
    }

    #[test]
    fn bodies_in_the_place_of_calls_are_frames() {
        // An `unreachable` at 5 of offset 9 in function 20, which a call at 8 in function 21 stands for, and that one a
        // call at 7 in function 7.
        let sites = [
            3, 2, 0, 7, 21, 0, 0, 1, 8, 20, 3, 2, /* site */ 5, 0x81, 2, 18,
        ];
        let symbols = Symbols {
            sites: &sites,
            ..SYMBOLS
        };
        let locations = symbols
            .locate(Place::Instruction(0x1005), &mut Seen::new())
            .map(|at| (at.index, at.instance, at.name, at.wasm_offset));
        let expected = [
            (20, 3, 1, Some(9)),
            (21, 0, NO_NAME, Some(8)),
            (7, 0, 1, Some(7)),
        ];
        assert_eq!(locations.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn names() {
        assert_eq!(SYMBOLS.name(1), Some(&b"abc"[..]));
        assert_eq!(SYMBOLS.name(NO_NAME), None);
    }

    #[test]
    fn starts() {
        assert!(SYMBOLS.is_function_start(0x1010));
        assert!(!SYMBOLS.is_function_start(0x1011));
        assert!(!SYMBOLS.is_function_start(0x1020));
    }
}
