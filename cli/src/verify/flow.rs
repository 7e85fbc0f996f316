//! One function: its blocks are found while they are proven, each with what is known where it begins, until nothing changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use iced_x86::{Code, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpKind};

use super::allowed;
use super::blocks::Blocks;
use super::origins::{NULL, Origin, OriginSets};
use super::program::{Function, Program};
use super::relations::Relations;
use super::report::Verdict;
use super::state::{R8, R9, R15, RCX, RDI, RDX, RSI, RSP, State};
use super::summary::{Outcome, Summaries};
use super::value::{Base, MOST_CODE, Origins, Value, argument_place, entry_symbol};

/// Why a function is not proven.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub verdict: Verdict,
    pub address: u64,
    pub reason: String,
}

impl Stop {
    pub(super) fn unproven(address: u64, reason: impl Into<String>) -> Self {
        Stop {
            verdict: Verdict::Unproven,
            address,
            reason: reason.into(),
        }
    }

    pub(super) fn rejected(address: u64, reason: impl Into<String>) -> Self {
        Stop {
            verdict: Verdict::Rejected,
            address,
            reason: reason.into(),
        }
    }
}

/// The registers of the first parameters.
pub(super) const PARAMETERS: [usize; 6] = [RDI, RSI, RDX, RCX, R8, R9];

/// How often a loop is entered before its intervals are widened.
const PATIENCE: u32 = 3;
/// How often before its intervals only grow: some would take as many steps to shrink as the loop has rounds.
const TRUST: u32 = 40;
/// How often before nothing that was given up is taken back.
const INSISTENCE: u32 = 500;
/// How often blocks are looked at, for each block, before it is given up.
const MOST_VISITS: usize = 500;

pub(super) struct Prover<'p, 'f> {
    pub program: &'p Program<'f>,
    pub summaries: &'p Summaries,
    pub index: u32,
    pub function: Function,
    pub code: &'f [u8],
    blocks: Blocks<'f>,
    /// By offset, of an access to a memory: whether only pages keep it inside.
    relying: Vec<Option<bool>>,
    pub info: InstructionInfoFactory,
    pub origins: OriginSets,
    pub relations: Relations,
    pub outcome: Outcome,
    /// Where the function leaves with another stack pointer than elsewhere.
    pub uneven: Option<u64>,
    /// The address of the instruction that is looked at.
    pub at: u64,
    /// When a loop is entered with something else, all that was said in it is dropped, and not only what its ways back said:
    /// what comes together in it from ways of which one is not looked at again yet gets another name, which goes round then.
    pub is_thorough: bool,
}

impl<'p, 'f> Prover<'p, 'f> {
    pub(super) fn new(program: &'p Program<'f>, summaries: &'p Summaries, index: u32) -> Self {
        let function = program.functions[index as usize];
        let code = program.file.bytes(function.start, function.size.into());
        let code = code.unwrap_or(&[]);
        Prover {
            program,
            summaries,
            index,
            function,
            code,
            blocks: Blocks::new(function, code),
            relying: vec![None; code.len()],
            info: InstructionInfoFactory::new(),
            origins: OriginSets::new(),
            relations: Relations::default(),
            outcome: Outcome::default(),
            uneven: None,
            at: function.start,
            is_thorough: false,
        }
    }

    pub(super) fn run(mut self) -> (Outcome, Option<Stop>) {
        let uneven = |address| {
            let reason = "a return with a stack pointer that is not the caller's";
            Stop::rejected(address, reason)
        };
        let stop = self.prove().err().or(self.uneven.map(uneven));
        let is_unproven = stop
            .as_ref()
            .is_some_and(|stop| stop.verdict == Verdict::Unproven);
        let count = |how| {
            self.relying
                .iter()
                .filter(|&&known| known == Some(how))
                .count()
        };
        let (relying, compared) = (count(true), count(false));
        // Few among many that are compared: there may be more to know of these.
        let are_few = stop.is_none() && relying > 0 && relying <= compared / 8;
        if (is_unproven || are_few) && !self.is_thorough {
            let mut again = Prover::new(self.program, self.summaries, self.index);
            again.is_thorough = true;
            let again = again.run();
            if again.1.is_none() && (is_unproven || again.0.relying < relying as u64) {
                return again;
            }
        }
        self.outcome.instructions = self.blocks.instructions.len() as u64;
        self.outcome.relying = relying as u64;
        (self.outcome, stop)
    }

    pub(super) fn unproven<T>(&self, reason: impl Into<String>) -> Result<T, Stop> {
        Err(Stop::unproven(self.at, reason))
    }

    pub(super) fn rejected<T>(&self, reason: impl Into<String>) -> Result<T, Stop> {
        Err(Stop::rejected(self.at, reason))
    }

    /// Whether the access that is looked at is in its memory by pages alone, and not by what was compared.
    pub(super) fn relies_on_pages(&mut self, relies: bool) {
        let offset = self.offset() as usize;
        self.relying[offset] = Some(relies);
    }

    /// The instruction that is looked at.
    pub(super) fn instruction_at(&self) -> &Instruction {
        self.blocks.instruction(self.offset())
    }

    /// The offset of the instruction that is looked at.
    pub(super) fn offset(&self) -> u32 {
        self.at.wrapping_sub(self.function.start) as u32
    }

    pub(super) fn prove(&mut self) -> Result<(), Stop> {
        if self.code.len() as u64 != u64::from(self.function.size) || self.code.is_empty() {
            return self.rejected("the function is not in the file");
        }
        if self.code.len() > MOST_CODE {
            return self.unproven("the function is too large");
        }
        let entered = self.entered();
        self.at = u64::MAX;
        self.go(0, &entered, 0)?;
        let mut visits = 0;
        // What is not shown with what is known so far may be with what is known in the end.
        let mut failed = BTreeMap::new();
        while let Some(index) = self.blocks.next() {
            let start = self.blocks.list[index].start;
            visits += 1;
            if visits > MOST_VISITS * self.blocks.list.len() {
                return self.unproven("the analysis does not come to an end");
            }
            if !self.enter(index) {
                continue;
            }
            match self.block(index) {
                Ok(()) => failed.remove(&start),
                Err(stop) => failed.insert(start, stop),
            };
            for index in self.relations.take_misled() {
                self.blocks.look_again(index);
            }
        }
        match failed.pop_first() {
            Some((_, stop)) => Err(stop),
            None => Ok(()),
        }
    }

    /// What is known when the function is entered.
    fn entered(&mut self) -> State {
        let mut registers = [Value::UNKNOWN; 16];
        for (place, value) in registers.iter_mut().enumerate() {
            *value = Value::of(entry_symbol(place as u32), 0, u64::MAX);
        }
        for register in PARAMETERS {
            let origin = Origin::Parameter(self.index, register as u8);
            registers[register].origins = self.origins.one(origin);
        }
        registers[RSP] = Value::stack(0);
        let from_runtime = self.summaries.is_entry(self.index);
        if self.summaries.thread.is_some() && !from_runtime {
            registers[R15] = Value::based(Base::Thread, 0);
        }
        if self.summaries.is_thread_start(self.index) {
            registers[RDI] = Value::based(Base::Thread, 0);
        }
        let mut slots = vec![(0, Value::based(Base::ReturnAddress, 0))];
        let index = self.index as usize;
        let arguments = self.summaries.pops[index].unwrap_or(self.summaries.arguments[index]);
        for number in 0..arguments / 8 {
            let offset = 8 + 8 * number.cast_signed();
            let value = Value {
                origins: self.origins.one(Origin::Argument(self.index, offset)),
                ..Value::of(entry_symbol(argument_place(number)), 0, u64::MAX)
            };
            slots.push((offset.into(), value));
        }
        State {
            registers,
            slots: Rc::new(slots),
            ..State::unknown()
        }
    }

    /// Control goes to an offset of the function with what is known, from an edge with this number.
    pub(super) fn go(&mut self, target: u32, state: &State, edge: u32) -> Result<(), Stop> {
        let edge = (self.offset(), edge);
        self.blocks
            .enter(target, self.at, edge, state, self.is_thorough)
    }

    /// Finds what is known where a block begins, from all ways that lead there. Whether there is something to look at.
    fn enter(&mut self, index: usize) -> bool {
        if let Some(in_flight) = self.summaries.exceptions.in_flight {
            let mut edges = std::mem::take(&mut self.blocks.list[index].edges);
            self.same_form(&mut edges, in_flight);
            self.blocks.list[index].edges = edges;
        }
        let Self {
            blocks,
            origins,
            program,
            ..
        } = self;
        let block = &mut blocks.list[index];
        let Some(((_, first), others)) = block.edges.split_first() else {
            return false;
        };
        let mut union = |a, b| origins.union(a, b);
        let steps = &program.steps;
        // From all edges anew: what one of them said before must not stand in the way of what it says now.
        let mut entered = first.as_of_earlier(block.start).into_owned();
        for (_, other) in others {
            let other = other.as_of_earlier(block.start);
            entered.join(&other, block.start, steps, false, &mut union);
        }
        let is_loop = block.edges.iter().any(|edge| edge.0.0 >= block.start);
        if is_loop && block.rounds > PATIENCE {
            entered.widen(&block.entered, steps);
        }
        if is_loop && block.visits > TRUST {
            entered.stay(&block.entered);
        }
        if block.visits > INSISTENCE {
            let mut kept = block.entered.clone();
            kept.join(&entered, block.start, steps, true, &mut union);
            entered = kept;
        }
        let is_new = block.visits == 0 || entered != block.entered;
        if is_new {
            block.visits += 1;
            block.rounds += 1;
            block.entered = entered;
        }
        std::mem::take(&mut block.again) || is_new
    }

    /// Bytes of the function are a table.
    pub(super) fn claim(&mut self, low: u64, end: u64) -> Result<(), Stop> {
        self.blocks.claim(low, end, self.at)
    }

    fn block(&mut self, index: usize) -> Result<(), Stop> {
        let block = &self.blocks.list[index];
        let mut state = block.entered.clone();
        let mut number = block.first;
        self.relations.block = index;
        while number < self.blocks.list[index].end {
            let instruction = self.blocks.instructions[number as usize];
            self.at = instruction.ip();
            if let Some(reason) = allowed::forbidden(&instruction) {
                return self.rejected(reason);
            }
            let end = self.blocks.list[index].end;
            if instruction.mnemonic() == Mnemonic::Sub && end - number == 4 {
                let from = number as usize;
                let loop_: Vec<_> = self.blocks.instructions[from..end as usize].to_vec();
                if self.probe_loop(&loop_, &mut state)? {
                    number = end;
                    break;
                }
            }
            if !self.instruction(&instruction, &mut state)? {
                return Ok(());
            }
            number += 1;
        }
        // It goes on in the next block.
        let last = self.blocks.instructions[number as usize - 1];
        self.go((last.next_ip() - self.function.start) as u32, &state, 0)
    }

    /// Whether control goes on after it.
    fn instruction(&mut self, it: &Instruction, state: &mut State) -> Result<bool, Stop> {
        match it.flow_control() {
            FlowControl::Next => {
                if !allowed::is_known(it) {
                    return self
                        .unproven(format!("an instruction of no known form ({:?})", it.code()));
                }
                self.step(it, state)?;
                if state.registers[RSP].as_stack().is_none() {
                    return self.unproven("the stack pointer is not known any more");
                }
                Ok(true)
            }
            FlowControl::ConditionalBranch => {
                if it.op0_kind() != OpKind::NearBranch64 || !it.is_jcc_short_or_near() {
                    return self.unproven("a branch of no known form");
                }
                let condition = it.condition_code();
                let mut taken = state.clone();
                if self.assume(&mut taken, condition, true) {
                    let target = self.in_function(it.near_branch64())?;
                    self.go(target, &taken, 1)?;
                }
                if !self.assume(state, condition, false) {
                    return Ok(false);
                }
                let next = self.in_function(it.next_ip())?;
                self.go(next, state, 0)?;
                Ok(false)
            }
            FlowControl::UnconditionalBranch => {
                if it.op0_kind() != OpKind::NearBranch64 {
                    return self.unproven("a branch of no known form");
                }
                let target = it.near_branch64();
                if target > self.function.start && target < self.function.end() {
                    let target = self.in_function(target)?;
                    self.go(target, state, 0)?;
                } else if target == self.function.start
                    && state.registers[RSP].as_stack() != Some(0)
                {
                    self.go(0, state, 0)?;
                } else {
                    self.tail_call(target, state)?;
                }
                Ok(false)
            }
            FlowControl::IndirectBranch if it.code() == Code::Jmp_rm64 => {
                self.indirect_branch(it, state).map(|()| false)
            }
            FlowControl::Return if matches!(it.code(), Code::Retnq | Code::Retnq_imm16) => {
                self.return_(it, state).map(|()| false)
            }
            FlowControl::Return => self.rejected("a return that is not that of a call"),
            FlowControl::Call if it.op0_kind() == OpKind::NearBranch64 => {
                self.call(it, it.near_branch64(), state)
            }
            FlowControl::IndirectCall if it.code() == Code::Call_rm64 => {
                self.indirect_call(it, state)
            }
            FlowControl::Exception if it.mnemonic() == Mnemonic::Ud2 => Ok(false),
            FlowControl::Interrupt => self.rejected("a software interrupt"),
            _ => self.unproven("a branch of no known form"),
        }
    }

    /// What is known before the last instruction of a block; nothing if control never comes there.
    #[cfg(test)]
    pub(super) fn state_before(&mut self, offset: u32) -> Option<State> {
        let index = self.blocks.containing(offset)?;
        let end = self.blocks.instruction(offset).ip();
        let block = &self.blocks.list[index];
        let mut state = block.entered.clone();
        for number in block.first.. {
            let instruction = self.blocks.instructions[number as usize];
            if instruction.ip() == end {
                break;
            }
            self.at = instruction.ip();
            self.instruction(&instruction, &mut state).ok()?;
        }
        Some(state)
    }

    fn in_function(&self, target: u64) -> Result<u32, Stop> {
        if target < self.function.start || target >= self.function.end() {
            return self.rejected("a branch leaves the function");
        }
        Ok((target - self.function.start) as u32)
    }

    /// What a number refers to.
    pub(super) fn known_reference(&mut self, value: u64) -> Origins {
        match self.program.referenced_at(value) {
            Some(function) => self.origins.one(Origin::Function(function)),
            None if value == 0 => NULL,
            None => 0,
        }
    }

    /// Where a value comes from, if it may be a reference.
    pub(super) fn reference(&mut self, value: &Value) -> Origins {
        match value.as_constant() {
            Some(constant) => self.known_reference(constant),
            None if value.base == Base::Exception && value.add != 0 => 0,
            None => value.origins,
        }
    }
}
