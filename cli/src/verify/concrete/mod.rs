//! What is known abstractly holds when functions at random are run by the processor.
//!
//! Each function is interpreted once, and run with values at which comparisons and sums change what they say. Whatever is
//! known at its end must hold of what it leaves: intervals, what values count from, which values are the same, what was
//! compared with sizes, and that the end is reached.

mod generate;
mod machine;

use std::collections::HashMap;
use std::mem::offset_of;

use nativize_abi::address::{EXECUTABLE_BASE, HIGH_SLOTS_BASE, LOW_MEMORY_BASE, SLOT_SIZE};
use nativize_abi::program::{Memory as MemoryRecord, Table as TableRecord};

use super::access::Place;
use super::file::{File, Segment};
use super::flow::Prover;
use super::program::{Block, Function, Memory, Program, Table, reservation};
use super::state::{RangeLimit, State, Term};
use super::summary::Summaries;
use super::value::{Base, Limit, Steps, Symbol, U32_MAX, Value, entry_register, whole};
use generate::Random;
use machine::{Case, ENTRY, LOWEST, Machine};

/// Bytes of a function's frame.
const FRAME: u64 = 0x60;
const SLOTS: usize = FRAME as usize / 8;

const CODE: u64 = EXECUTABLE_BASE;
const DATA: u64 = EXECUTABLE_BASE + 0x200_0000;
const RECORDS: u64 = DATA + 0x100;
const MEMORY_RECORD: u64 = size_of::<MemoryRecord>() as u64;
const TABLE: u64 = RECORDS + 2 * MEMORY_RECORD;

/// Where the sizes of memories are.
const SIZE_CELLS: [u64; 2] = [
    RECORDS + offset_of!(MemoryRecord, size) as u64,
    RECORDS + MEMORY_RECORD + offset_of!(MemoryRecord, size) as u64,
];
/// Where the length of the table is.
const LENGTH_CELL: u64 = TABLE + offset_of!(TableRecord, len) as u64;

/// Where its base is.
const BASE_CELL: u64 = TABLE + offset_of!(TableRecord, base) as u64;
const TABLE_BASE: u64 = 0x55_0000_0000;

const MEMORIES: [(u64, u64, u64); 2] = [
    (LOW_MEMORY_BASE, 1 << 16, 1 << 32),
    (HIGH_SLOTS_BASE, 1 << 12, SLOT_SIZE),
];
const LEAST_LENGTH: u64 = 4;

/// A program of one function.
fn program(code: &[u8]) -> Program<'_> {
    let mut stops: Vec<u64> = MEMORIES
        .iter()
        .flat_map(|memory| [memory.0, memory.0 + U32_MAX])
        .chain([0, U32_MAX, 2 * U32_MAX, SLOT_SIZE, u64::MAX])
        .collect();
    stops.sort_unstable();
    let memories = (0..).zip(MEMORIES);
    Program {
        file: File {
            segments: vec![Segment {
                start: CODE,
                end: CODE + code.len() as u64,
                bytes: code,
                writable: false,
                executable: true,
            }],
            ..File::default()
        },
        functions: vec![Function {
            start: CODE,
            size: code.len() as u32,
            identity: 0,
            is_referable: false,
        }],
        starts: HashMap::from([(CODE, 0)]),
        classes: HashMap::new(),
        referenced: Vec::new(),
        memories: memories
            .map(|(index, (base, size, max))| Memory {
                base,
                size,
                max,
                reservation: reservation(max),
                record: RECORDS + index * MEMORY_RECORD,
            })
            .collect(),
        tables: vec![Table {
            record: TABLE,
            length: LEAST_LENGTH,
        }],
        cells: Vec::new(),
        same: Vec::new(),
        blocks: vec![Block {
            start: DATA,
            end: DATA + 0x1000,
            writable: true,
        }],
        text: CODE,
        entries: Vec::new(),
        guest_frame: None,
        steps: Steps { stops },
    }
}

/// What is known at the end of a function; nothing if it is not followed so far.
fn known(code: &[u8]) -> Option<Option<Known>> {
    let mut code = code.to_vec();
    let end = code.len() as u32;
    // ud2
    code.extend([0x0f, 0x0b, 0xcc, 0xcc, 0xcc, 0x0f, 0x0b]);
    let program = program(&code);
    let summaries = Summaries {
        pops: vec![Some(0)],
        arguments: vec![0],
        frames: vec![[0; 16]],
        ..Summaries::default()
    };
    let mut prover = Prover::new(&program, &summaries, 0);
    // (As good as at random, and the same whenever this function is looked at.)
    prover.is_thorough = code.len().is_multiple_of(2);
    prover.prove().ok()?;
    let state = prover.state_before(end);
    Some(state.map(|state| {
        let reaches = reaches(&mut prover, &state);
        Known { state, reaches }
    }))
}

/// Which accesses relative to registers are taken for ones to a memory or a table.
fn reaches(prover: &mut Prover<'_, '_>, state: &State) -> Vec<Reach> {
    let mut reaches = Vec::new();
    for register in 0..16 {
        for displacement in [-8, -1, 0, 1, 4, 8, 0x1_0000] {
            for width in [1, 8] {
                let address = state.registers[register].plus(displacement);
                let of = match address.base {
                    Base::Number if prover.in_memory(state, &address, width, false) => None,
                    Base::StartOfTable(index) => {
                        let place = prover.place(&mut state.clone(), &address, width, false);
                        match place {
                            Ok(Place::Table(_)) => Some(index),
                            _ => continue,
                        }
                    }
                    _ => continue,
                };
                reaches.push(Reach {
                    register,
                    displacement,
                    width,
                    of,
                });
            }
        }
    }
    reaches
}

/// What is known at the end of a function.
struct Known {
    state: State,
    reaches: Vec<Reach>,
}

/// An access to a memory, or to a table.
#[derive(Clone, Copy, Debug)]
struct Reach {
    register: usize,
    displacement: i64,
    width: u64,
    of: Option<u16>,
}

/// Values to start a function with.
fn start(random: &mut Random) -> Machine {
    let few = [random.number(), random.number(), random.number()];
    let mut one = || match random.below(3) {
        0 => few[random.below(3) as usize],
        1 => few[random.below(3) as usize]
            .wrapping_add(random.below(16))
            .wrapping_sub(8),
        _ => random.number(),
    };
    let (registers, slots) = (
        std::array::from_fn(|_| one()),
        std::array::from_fn(|_| one()),
    );
    let mut size = |(_, least, most): (u64, u64, u64)| match random.below(4) {
        0 => least,
        1 => most,
        2 => few[0].clamp(least, most),
        _ => least + random.below(most - least),
    };
    Machine {
        registers,
        slots,
        sizes: MEMORIES.map(&mut size),
        length: size((0, LEAST_LENGTH, 1 << 32)),
    }
}

/// What was there at start and is at the end.
struct Check<'a> {
    before: &'a Machine,
    after: &'a Machine,
    /// What symbols have to be, and by what.
    symbols: HashMap<Symbol, (u64, String)>,
}

impl Check<'_> {
    fn limit(&self, limit: Limit) -> u64 {
        match limit {
            Limit::Memory(index) => self.after.sizes[usize::from(index)],
            Limit::Table(_) => self.after.length,
        }
    }

    fn symbol(&mut self, symbol: Symbol, is: u64, by: &str) -> Result<(), String> {
        if let Some(register) = entry_register(symbol)
            && self.before.registers[register] != is
        {
            return Err(format!("{by} is not what register {register} was"));
        }
        let known = self
            .symbols
            .entry(symbol)
            .or_insert_with(|| (is, by.to_owned()));
        if known.0 != is {
            return Err(format!("{by} is not the same as {}", known.1));
        }
        Ok(())
    }

    fn value(&mut self, by: &str, known: &Value, is: u64) -> Result<(), String> {
        let fail = |what: &str| Err(format!("{by} is {is:#x}: {what} {known:x?}"));
        let number = match known.base {
            Base::Number => is,
            Base::Stack => {
                let right = known.symbol != 0 || ENTRY.wrapping_add_signed(known.add) == is;
                return if right {
                    Ok(())
                } else {
                    fail("not that place of")
                };
            }
            Base::SizeOfMemory(index) => {
                let size = self.limit(Limit::Memory(index));
                let right = size.wrapping_add_signed(known.add) == is;
                return if right {
                    Ok(())
                } else {
                    fail("not that size of")
                };
            }
            Base::LengthOfTable(index) => {
                let length = self.limit(Limit::Table(index));
                let right = length.wrapping_add_signed(known.add) == is;
                return if right {
                    Ok(())
                } else {
                    fail("not that length of")
                };
            }
            Base::StartOfTable(_) => is.wrapping_sub(TABLE_BASE),
            _ => return Ok(()),
        };
        if number < known.low || number > known.high {
            return fail("not between the bounds of");
        }
        if known.symbol != 0 && known.shift == 0 {
            self.symbol(
                known.symbol,
                number.wrapping_sub(known.add.cast_unsigned()),
                by,
            )?;
        }
        let unshifted = number.wrapping_sub(known.add.cast_unsigned()) >> known.shift;
        if known.shift != 0
            && unshifted << known.shift != number.wrapping_sub(known.add.cast_unsigned())
        {
            return fail("not shifted as");
        }
        if let Some(bound) = known.bound {
            let value = if known.shift == 0 { number } else { unshifted };
            if i128::from(value) + i128::from(bound.room) > i128::from(self.limit(bound.limit)) {
                return fail("larger than the limit of");
            }
        }
        Ok(())
    }

    fn term(&self, term: &Term) -> Option<u64> {
        let symbol = self.symbols.get(&term.symbol)?.0;
        Some((symbol << term.shift).wrapping_add_signed(term.add))
    }

    /// What is taken for an access to a memory or a table is one.
    fn reach(&self, reach: &Reach) -> Result<(), String> {
        let low = self.after.registers[reach.register].wrapping_add_signed(reach.displacement);
        let Some(end) = low.checked_add(reach.width) else {
            return Err(format!("{reach:?} wraps"));
        };
        let is_in = |base: u64, len: u64| base <= low && end <= base + len;
        let right = match reach.of {
            None => (0..2).any(|memory| is_in(MEMORIES[memory].0, self.after.sizes[memory])),
            Some(_) => is_in(TABLE_BASE, self.after.length * 8),
        };
        if right {
            Ok(())
        } else {
            Err(format!("{reach:x?} is at {low:#x}"))
        }
    }

    /// Everything that is known.
    fn state(&mut self, state: &State) -> Result<(), String> {
        for register in 0..16 {
            let is = self.after.registers[register];
            self.value(
                &format!("register {register}"),
                &state.registers[register],
                is,
            )?;
        }
        for (offset, known) in state.slots.iter() {
            let place = ENTRY.wrapping_add_signed(*offset);
            let Some(at) = place.checked_sub(LOWEST).filter(|&at| at < FRAME) else {
                continue;
            };
            let bytes: Vec<u8> = self
                .after
                .slots
                .iter()
                .flat_map(|slot| slot.to_le_bytes())
                .collect();
            let mut word = [0; 8];
            let whole = bytes.get(at as usize..at as usize + 8);
            let Some(whole) = whole else { continue };
            word.copy_from_slice(whole);
            self.value(&format!("slot {at:#x}"), known, u64::from_le_bytes(word))?;
        }
        let symbols: Vec<_> = self
            .symbols
            .iter()
            .map(|(&symbol, is)| (symbol, is.0))
            .collect();
        for (symbol, is) in symbols {
            if let Some(whole) = whole(symbol)
                && let Some(of) = self.symbols.get(&whole)
                && of.0 & U32_MAX != is
            {
                return Err(format!(
                    "{} is not the half of {}",
                    self.symbols[&symbol].1, of.1
                ));
            }
        }
        for (limit, least) in &state.least {
            if self.limit(*limit) < *least {
                return Err(format!("{limit:?} is not as much as {least:#x}"));
            }
        }
        for range in &state.ranges {
            let (Some(a), Some(b)) = (self.term(&range.a), self.term(&range.b)) else {
                continue;
            };
            let limit = match range.limit {
                RangeLimit::Grows(limit) => self.limit(limit),
                RangeLimit::Fixed(limit) => limit,
                RangeLimit::Cell(_) => continue,
            };
            if u128::from(a) + u128::from(b) > u128::from(limit) {
                return Err(format!(
                    "{a:#x} + {b:#x} is more than {limit:#x}: {range:x?}"
                ));
            }
        }
        for (symbol, low, high) in &state.halves {
            let of = whole(*symbol).and_then(entry_register);
            let Some(register) = of else { continue };
            let half = self.before.registers[register] & U32_MAX;
            if half < *low || half > *high {
                return Err(format!(
                    "half of register {register}: {half:#x} is not {low:#x} to {high:#x}"
                ));
            }
        }
        Ok(())
    }
}

/// Functions of so many seeds, each run with so many values. How many were followed to their end.
fn holds(seeds: std::ops::Range<u64>, starts: usize) -> usize {
    let mut cases = Vec::new();
    let mut states = Vec::new();
    for seed in seeds {
        let code = move |at| generate::function(&mut Random::new(seed), at);
        let Some(state) = known(&code(CODE)) else {
            continue;
        };
        let mut random = Random::new(!seed);
        states.push((seed, state));
        let starts = (0..starts).map(|_| start(&mut random)).collect();
        let code = Box::new(code);
        cases.push(Case { code, starts });
    }
    let results = machine::run(&cases);
    for (((seed, state), case), results) in states.iter().zip(&cases).zip(&results) {
        for (before, after) in case.starts.iter().zip(results) {
            let Some(after) = after else { continue };
            let mut check = Check {
                before,
                after,
                symbols: HashMap::new(),
            };
            let right = match state {
                Some(known) => {
                    let mut reaches = known.reaches.iter();
                    check
                        .state(&known.state)
                        .and_then(|()| reaches.try_for_each(|reach| check.reach(reach)))
                }
                None => Err("the end is reached".to_owned()),
            };
            if let Err(why) = right {
                panic!(
                    "seed {seed}: {why}\n{before:x?}\n{after:x?}\n{}",
                    listing(*seed)
                );
            }
        }
    }
    states.len()
}

fn listing(seed: u64) -> String {
    let code = generate::function(&mut Random::new(seed), CODE);
    let bytes = code.iter().map(|byte| format!("{byte:02x}"));
    format!("from {CODE:#x}: {}", bytes.collect::<Vec<_>>().join(" "))
}

#[test]
fn what_is_known_holds() {
    let followed = holds(0..600, 8);
    assert!(followed > 300, "only {followed} functions were followed");
}

/// As many more as `CONCRETE` says, from the seed that `CONCRETE_FROM` says.
#[test]
#[ignore = "as long as one likes"]
fn what_is_known_holds_of_more() {
    let number = |name| {
        std::env::var(name)
            .ok()
            .and_then(|number| number.parse().ok())
    };
    let from: u64 = number("CONCRETE_FROM").unwrap_or(1000);
    let count = number("CONCRETE").unwrap_or(20_000);
    let mut followed = 0;
    for first in (from..from + count).step_by(500) {
        followed += holds(first..first + 500, 16);
    }
    println!("{followed} of {count} functions were followed to their end");
}
