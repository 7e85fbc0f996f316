//! The blocks of a function, found by decoding from where control comes; what is known where each begins, and which are looked at next.

use std::collections::{BTreeMap, BTreeSet};

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction};

use super::allowed;
use super::encoding::Encoding;
use super::flow::Stop;
use super::program::Function;
use super::state::State;

/// What a byte of the function is: nothing yet, a part of an instruction, of a table, or the first byte of an instruction,
/// whose number is added.
const UNKNOWN: u32 = 0;
const INSIDE: u32 = 1;
const DATA: u32 = 2;
const FIRST: u32 = 3;

/// How often a loop is entered with something else before what its ways back said is kept.
const MOST_FORGOTTEN: u32 = 250;

pub(super) struct Block {
    pub start: u32,
    /// The numbers of its instructions.
    pub first: u32,
    pub end: u32,
    pub entered: State,
    /// What is known on each way that leads here, by the offset that it comes from and its number there.
    pub edges: Vec<((u32, u32), State)>,
    pub visits: u32,
    /// How often since the loop that begins here was entered with something else.
    pub rounds: u32,
    /// It is looked at even if nothing else is known where it begins.
    pub again: bool,
    /// The last instruction that ever led back here.
    end_of_loop: u32,
}

pub(super) struct Blocks<'f> {
    function: Function,
    code: &'f [u8],
    owner: Vec<u32>,
    encoding: Encoding,
    pub instructions: Vec<Instruction>,
    pub list: Vec<Block>,
    /// By the number of their first instruction.
    by_first: BTreeMap<u32, usize>,
    /// What is to be looked at, the first in the code first.
    work: BTreeSet<(u32, usize)>,
}

impl<'f> Blocks<'f> {
    pub(super) fn new(function: Function, code: &'f [u8]) -> Self {
        Blocks {
            function,
            code,
            owner: vec![UNKNOWN; code.len()],
            encoding: Encoding::new(),
            instructions: Vec::new(),
            list: Vec::new(),
            by_first: BTreeMap::new(),
            work: BTreeSet::new(),
        }
    }

    /// The instruction at an offset where one was found.
    pub(super) fn instruction(&self, offset: u32) -> &Instruction {
        let number = self.owner[offset as usize] - FIRST;
        &self.instructions[number as usize]
    }

    /// The block to look at next.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.work.pop_first().map(|(_, index)| index)
    }

    /// A block is looked at again, whatever is known where it begins.
    pub(super) fn look_again(&mut self, index: usize) {
        self.list[index].again = true;
        self.work.insert((self.list[index].start, index));
    }

    /// Control comes to an offset from the instruction at an address, with what is known on this edge. In a loop that is
    /// entered with something else everything is forgotten where `is_thorough`, and else what its ways back said.
    pub(super) fn enter(
        &mut self,
        target: u32,
        from: u64,
        edge: (u32, u32),
        state: &State,
        is_thorough: bool,
    ) -> Result<(), Stop> {
        let index = self.beginning(target, from)?;
        let block = &mut self.list[index];
        match block.edges.iter_mut().find(|known| known.0 == edge) {
            Some(known) if known.1 == *state => return Ok(()),
            Some(known) => known.1 = state.clone(),
            None => block.edges.push((edge, state.clone())),
        }
        if edge.0 >= target {
            block.end_of_loop = block.end_of_loop.max(edge.0);
        } else if block.visits <= MOST_FORGOTTEN {
            self.forget_ways_back(index, is_thorough);
        }
        self.work.insert((target, index));
        Ok(())
    }

    /// What ways back to a loop say follows from what was known where it was entered before: they are gone again, with what is
    /// known now.
    fn forget_ways_back(&mut self, index: usize, is_thorough: bool) {
        let loop_ = &mut self.list[index];
        let (target, end_of_loop) = (loop_.start, loop_.end_of_loop);
        let mut sources = Vec::new();
        loop_.rounds = 0;
        loop_.edges.retain(|&((source, _), _)| {
            if source >= target {
                sources.push(source);
            }
            source < target
        });
        if is_thorough && end_of_loop > target {
            let body = target..=end_of_loop;
            for at in 0..self.list.len() {
                let block = &mut self.list[at];
                if body.contains(&block.start) {
                    if at != index {
                        block.edges.retain(|edge| !body.contains(&edge.0.0));
                        block.visits = 0;
                    }
                    block.rounds = 0;
                    self.look_again(at);
                }
            }
        }
        for source in sources {
            if let Some(block) = self.containing(source) {
                self.look_again(block);
            }
        }
    }

    /// The block of the instruction at an offset.
    pub(super) fn containing(&self, offset: u32) -> Option<usize> {
        let number = self.owner[offset as usize].checked_sub(FIRST)?;
        let (_, &index) = self.by_first.range(..=number).next_back()?;
        Some(index)
    }

    /// The block that begins at an offset, to which control comes from the instruction at an address.
    fn beginning(&mut self, target: u32, from: u64) -> Result<usize, Stop> {
        let Some(&owner) = self.owner.get(target as usize) else {
            return Err(Stop::rejected(from, "a branch leaves the function"));
        };
        match owner {
            UNKNOWN => self.decode(target, from),
            INSIDE => Err(Stop::rejected(
                from,
                "a branch goes into the middle of an instruction",
            )),
            DATA => Err(Stop::rejected(from, "a branch goes into a table")),
            first => {
                let number = first - FIRST;
                if let Some(&block) = self.by_first.get(&number) {
                    return Ok(block);
                }
                Ok(self.split(number, target))
            }
        }
    }

    /// A block that begins in another one, which ends there from now on.
    fn split(&mut self, number: u32, target: u32) -> usize {
        let before = self.by_first.range(..number).next_back();
        let before = before.map(|(_, &before)| before);
        let end = match before.filter(|&before| number < self.list[before].end) {
            Some(before) => {
                let end = std::mem::replace(&mut self.list[before].end, number);
                // What it ends with has to flow into the new one.
                self.look_again(before);
                end
            }
            None => number + 1,
        };
        self.add(target, number, end)
    }

    fn add(&mut self, start: u32, first: u32, end: u32) -> usize {
        let index = self.list.len();
        self.by_first.insert(first, index);
        self.list.push(Block {
            start,
            first,
            end,
            entered: State::unknown(),
            edges: Vec::new(),
            visits: 0,
            rounds: 0,
            again: false,
            end_of_loop: 0,
        });
        index
    }

    /// Decodes from an offset to the end of a block.
    fn decode(&mut self, target: u32, from: u64) -> Result<usize, Stop> {
        let start = self.function.start;
        let code = self.code;
        let mut decoder = Decoder::with_ip(64, code, start, DecoderOptions::NONE);
        let first = self.instructions.len() as u32;
        let mut at = target as usize;
        // The instruction that is looked at.
        let mut last = from;
        loop {
            if decoder.set_position(at).is_err() || at >= code.len() {
                let reason = "control leaves the function at its end";
                return Err(Stop::rejected(last, reason));
            }
            decoder.set_ip(start + at as u64);
            match self.owner[at] {
                UNKNOWN => {}
                INSIDE => return Err(Stop::rejected(last, "instructions overlap")),
                DATA => return Err(Stop::rejected(last, "control goes into a table")),
                _ => break,
            }
            let instruction = decoder.decode();
            let end = at + instruction.len();
            last = start + at as u64;
            if instruction.is_invalid() || end > code.len() {
                return Err(Stop::rejected(last, "no instruction"));
            }
            if !self.encoding.is_usual(&instruction, &code[at..end]) {
                let reason = allowed::forbidden(&instruction);
                let reason = reason.unwrap_or("an instruction as no assembler writes it");
                return Err(Stop::rejected(last, reason));
            }
            if self.owner[at..end].iter().any(|&owner| owner != UNKNOWN) {
                return Err(Stop::rejected(last, "instructions overlap"));
            }
            self.owner[at..end].fill(INSIDE);
            self.owner[at] = FIRST + self.instructions.len() as u32;
            self.instructions.push(instruction);
            at = end;
            if !matches!(
                instruction.flow_control(),
                FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall
            ) {
                break;
            }
        }
        let end = self.instructions.len() as u32;
        Ok(self.add(target, first, end))
    }

    /// Bytes of the function are a table, which the instruction at an address reads.
    pub(super) fn claim(&mut self, low: u64, end: u64, from: u64) -> Result<(), Stop> {
        let low = (low - self.function.start) as usize;
        let end = (end - self.function.start) as usize;
        for owner in &mut self.owner[low..end] {
            match *owner {
                UNKNOWN | DATA => *owner = DATA,
                _ => return Err(Stop::rejected(from, "a table overlaps instructions")),
            }
        }
        Ok(())
    }
}
