//! What wasm locals and operands hold at each operator, as values of CLIF: from this a debugger's view is made.
//!
//! While a body is translated, each definition and each use of a watched *home* (a local, or a slot of the operand stack) is
//! written down with the block that it is in. Afterwards the facts are carried along the edges between blocks: forwards
//! where all that lead to a block agree, backwards from where the construction of SSA form was asked for a local's value.
//! Nothing is added to the code, so what optimized code does not keep is not known.

use super::function::Translator;
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{
    Block, BlockArg, Function, InstBuilder, SourceLoc, StackSlot, StackSlotData, StackSlotKind,
    Value, ValueDef, types,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Slots of the operand stack from this one on are not watched.
const STACK_SLOTS: usize = 32;

/// Where DWARF for wasm says that a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Home {
    Local(u32),
    /// A slot of the operand stack, the lowest one is 0.
    Stack(u32),
}

/// The homes of a function that its debug information refers to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Watched {
    pub homes: BTreeSet<Home>,
    /// The local that other locations count from.
    pub frame_base: Option<u32>,
}

/// A home holds a value from one offset of the module to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub home: Home,
    pub start: u32,
    pub end: u32,
    pub value: Value,
}

/// What happened to a home at an operator.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// It was found to hold a value there.
    Holds(Value),
    /// It holds a value behind it.
    Becomes(Value),
    /// What it holds is not known behind it.
    Lost,
}

/// Operators in a row that are in one block.
#[derive(Debug, Clone, Copy)]
struct Run {
    block: Block,
    start: u32,
    /// Where the operator after the last one begins.
    end: u32,
}

/// A value that is stored in the frame as well, to be found after its last use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub value: Value,
    pub slot: StackSlot,
    /// The source location of the store, which is in the first block.
    pub stored: u32,
}

/// What is known of a unit for debuggers before it is compiled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traced {
    pub held: Vec<Held>,
    pub kept: Vec<Kept>,
}

/// The record of one body.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    watched: &'a Watched,
    runs: Vec<Run>,
    events: BTreeMap<Home, Vec<(Block, u32, Event)>>,
    stack: Vec<Value>,
    kept: Vec<Kept>,
}

impl<'a> Trace<'a> {
    pub(super) fn new(watched: &'a Watched) -> Self {
        Trace {
            watched,
            runs: Vec::new(),
            events: BTreeMap::new(),
            stack: Vec::new(),
            kept: Vec::new(),
        }
    }

    pub(super) fn keep(&mut self, value: Value, slot: StackSlot, stored: u32) {
        self.kept.push(Kept {
            value,
            slot,
            stored,
        });
    }

    pub(super) fn is_watched(&self, local: u32) -> bool {
        self.watched.homes.contains(&Home::Local(local))
    }

    pub(super) fn is_frame_base(&self, local: u32) -> bool {
        self.watched.frame_base == Some(local)
    }

    /// The operator at `offset` begins in `block`, with these operands.
    pub(super) fn operator(&mut self, block: Block, offset: u32, stack: &[Value]) {
        if let Some(last) = self.runs.last_mut() {
            last.end = offset;
        }
        if self.runs.last().is_none_or(|run| run.block != block) {
            self.runs.push(Run {
                block,
                start: offset,
                end: offset,
            });
            self.stack.clear();
        }
        let slots = stack.len().min(STACK_SLOTS);
        let before = std::mem::take(&mut self.stack);
        for slot in 0..slots.max(before.len()) {
            let home = Home::Stack(u32::try_from(slot).expect("few slots are watched"));
            if !self.watched.homes.contains(&home) || before.get(slot) == stack[..slots].get(slot) {
                continue;
            }
            let event = stack[..slots]
                .get(slot)
                .map_or(Event::Lost, |&value| Event::Holds(value));
            self.event(home, block, offset, event);
        }
        self.stack = before;
        self.stack.clear();
        self.stack.extend_from_slice(&stack[..slots]);
    }

    pub(super) fn holds(&mut self, local: u32, block: Block, offset: u32, value: Value) {
        self.event(Home::Local(local), block, offset, Event::Holds(value));
    }

    pub(super) fn becomes(&mut self, local: u32, block: Block, offset: u32, value: Value) {
        self.event(Home::Local(local), block, offset, Event::Becomes(value));
    }

    fn event(&mut self, home: Home, block: Block, offset: u32, event: Event) {
        if self.watched.homes.contains(&home) {
            let events = self.events.entry(home).or_default();
            events.push((block, offset, event));
        }
    }

    /// What each home holds where, once the body of `func` is finished and ends at `end`.
    pub(super) fn finish(mut self, func: &Function, end: u32) -> Traced {
        if let Some(last) = self.runs.last_mut() {
            last.end = last.end.max(end);
        }
        let cfg = ControlFlowGraph::with_function(func);
        let mut held = Vec::new();
        for (home, events) in std::mem::take(&mut self.events) {
            self.home(func, &cfg, home, &events, &mut held);
        }
        for kept in &mut self.kept {
            kept.value = func.dfg.resolve_aliases(kept.value);
        }
        Traced {
            held,
            kept: self.kept,
        }
    }

    fn home(
        &self,
        func: &Function,
        cfg: &ControlFlowGraph,
        home: Home,
        events: &[(Block, u32, Event)],
        held: &mut Vec<Held>,
    ) {
        let resolve = |value| func.dfg.resolve_aliases(value);
        let mut by_block: HashMap<Block, Vec<(u32, Event)>> = HashMap::new();
        for &(block, offset, event) in events {
            by_block.entry(block).or_default().push((offset, event));
        }
        let flow = Flow {
            func,
            cfg,
            events: &by_block,
            // Between blocks the operand stack is passed by parameters, which its own events show.
            crosses: matches!(home, Home::Local(_)),
        };
        let entries = flow.entries();
        for run in &self.runs {
            let mut value = entries.get(&run.block).copied();
            let mut start = run.start;
            let mut show = |value: Option<Value>, start: u32, end: u32| {
                if let Some(value) = value
                    && start < end
                {
                    held.push(Held {
                        home,
                        start,
                        end,
                        value,
                    });
                }
            };
            for &(offset, event) in by_block.get(&run.block).into_iter().flatten() {
                // A block may be left and come back to: events of its other runs count as well.
                let (next, from) = match event {
                    Event::Holds(value) => (Some(resolve(value)), offset),
                    Event::Becomes(value) => (Some(resolve(value)), offset + 1),
                    Event::Lost => (None, offset),
                };
                if next == value {
                    continue;
                }
                let from = from.clamp(start, run.end);
                show(value, start, from);
                (value, start) = (next, from);
            }
            show(value, start, run.end);
        }
    }
}

/// How a home's content goes from block to block.
struct Flow<'a> {
    func: &'a Function,
    cfg: &'a ControlFlowGraph,
    events: &'a HashMap<Block, Vec<(u32, Event)>>,
    crosses: bool,
}

impl Flow<'_> {
    /// What the home is known to hold where blocks begin.
    fn entries(&self) -> HashMap<Block, Value> {
        let mut known: HashMap<Block, Value> = HashMap::new();
        if !self.crosses {
            return known;
        }
        let mut exits: HashMap<Block, Option<Value>> = HashMap::new();
        let mut pending = Vec::new();
        for block in self.func.layout.blocks() {
            let events = self.events.get(&block).map_or(&[][..], Vec::as_slice);
            if let Some(&(_, Event::Holds(value))) = events.first() {
                known.insert(block, self.func.dfg.resolve_aliases(value));
                pending.push(block);
            }
            if let Some(&(_, event)) = events.last() {
                let value = match event {
                    Event::Holds(value) | Event::Becomes(value) => {
                        Some(self.func.dfg.resolve_aliases(value))
                    }
                    Event::Lost => None,
                };
                exits.insert(block, value);
            }
        }
        self.backwards(&mut known, &exits, pending);
        self.forwards(&mut known, &exits);
        known
    }

    /// What a block begins with, those before it end with, and begin with unless they change it.
    fn backwards(
        &self,
        known: &mut HashMap<Block, Value>,
        exits: &HashMap<Block, Option<Value>>,
        mut pending: Vec<Block>,
    ) {
        while let Some(block) = pending.pop() {
            let value = known[&block];
            for edge in self.cfg.pred_iter(block) {
                if exits.contains_key(&edge.block) || known.contains_key(&edge.block) {
                    continue;
                }
                if let Some(passed) = self.passed(edge.inst, block, value) {
                    known.insert(edge.block, passed);
                    pending.push(edge.block);
                }
            }
        }
    }

    /// What a branch has for a value at the start of the block it leads to; `None` if that depends.
    fn passed(
        &self,
        branch: cranelift_codegen::ir::Inst,
        to: Block,
        value: Value,
    ) -> Option<Value> {
        let dfg = &self.func.dfg;
        let number = match dfg.value_def(value) {
            ValueDef::Param(block, number) if block == to => number,
            _ => return Some(value),
        };
        let mut found = None;
        let calls = dfg.insts[branch].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        for call in calls {
            if call.block(&dfg.value_lists) != to {
                continue;
            }
            let Some(BlockArg::Value(passed)) = call.args(&dfg.value_lists).nth(number) else {
                return None;
            };
            let passed = dfg.resolve_aliases(passed);
            if found.is_some_and(|found| found != passed) {
                return None;
            }
            found = Some(passed);
        }
        found
    }

    /// A block that is entered with the same value on all ways begins with it. Ways that are not known yet are taken to
    /// agree, until nothing changes.
    fn forwards(&self, known: &mut HashMap<Block, Value>, exits: &HashMap<Block, Option<Value>>) {
        let fixed: BTreeSet<Block> = known.keys().copied().collect();
        let mut lost: BTreeSet<Block> = BTreeSet::new();
        let mut pending: Vec<Block> = self.func.layout.blocks().collect();
        pending.reverse();
        while let Some(block) = pending.pop() {
            if fixed.contains(&block) || lost.contains(&block) {
                continue;
            }
            let mut agreed = None;
            let mut agree = true;
            let mut any = false;
            for edge in self.cfg.pred_iter(block) {
                any = true;
                let from = match exits.get(&edge.block) {
                    Some(&exit) => exit.ok_or(()),
                    None => match known.get(&edge.block) {
                        Some(&value) => Ok(value),
                        None if lost.contains(&edge.block) => Err(()),
                        None => continue,
                    },
                };
                match (from, agreed) {
                    (Err(()), _) => agree = false,
                    (Ok(value), None) => agreed = Some(value),
                    (Ok(value), Some(before)) => agree &= value == before,
                }
            }
            let before = known.get(&block).copied();
            if !agree || !any {
                known.remove(&block);
                lost.insert(block);
            } else if let Some(value) = agreed
                && before != Some(value)
            {
                if before.is_some() {
                    // It was another value on the ways that were known before.
                    known.remove(&block);
                    lost.insert(block);
                } else {
                    known.insert(block, value);
                }
            } else {
                continue;
            }
            if !exits.contains_key(&block) {
                pending.extend(self.cfg.succ_iter(block));
            }
        }
    }
}

impl Translator<'_> {
    /// Offset of the current operator, as source locations have it.
    fn location(&self) -> u32 {
        u32::try_from(self.offset).unwrap_or(u32::MAX)
    }

    /// The body begins. What it is called with is stored in the frame.
    pub(super) fn trace_start(&mut self) {
        if self.trace.is_none() {
            return;
        }
        let offset = self.location();
        let block = self.current_block();
        self.body.builder.set_srcloc(SourceLoc::new(offset));
        let mut parameters = Vec::new();
        for (local, number) in (0..).zip(0..self.locals.len()) {
            parameters.push((local, self.local(number)));
        }
        let trace = self.trace.as_mut().expect("looked at above");
        trace.operator(block, offset, &[]);
        parameters.retain(|&(local, _)| trace.is_watched(local));
        for (local, value) in parameters {
            let trace = self.trace.as_mut().expect("looked at above");
            trace.holds(local, block, offset, value);
            self.keep(value);
        }
    }

    /// One more local is declared, and is `zero`.
    pub(super) fn trace_local(&mut self, zero: Value) {
        let local = u32::try_from(self.locals.len()).expect("validated: not that many locals");
        self.trace_use(local, zero);
    }

    pub(super) fn trace_operator(&mut self) {
        if !self.reachable {
            return;
        }
        let (block, offset) = (self.current_block(), self.location());
        if let Some(trace) = &mut self.trace {
            trace.operator(block, offset, &self.stack);
        }
    }

    pub(super) fn trace_use(&mut self, local: u32, value: Value) {
        let (block, offset) = (self.current_block(), self.location());
        if let Some(trace) = &mut self.trace {
            trace.holds(local, block, offset, value);
        }
    }

    pub(super) fn trace_definition(&mut self, local: u32, value: Value) {
        if self.trace.is_none() {
            return;
        }
        let (block, offset) = (self.current_block(), self.location());
        let trace = self.trace.as_mut().expect("looked at above");
        trace.becomes(local, block, offset, value);
        let is_first = self.body.builder.func.layout.entry_block() == Some(block);
        if trace.is_frame_base(local) && is_first {
            self.keep(value);
        }
    }

    /// Stores a value in the frame.
    fn keep(&mut self, value: Value) {
        let size = self.body.builder.func.dfg.value_type(value).bytes();
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 4);
        let slot = self.body.builder.create_sized_stack_slot(data);
        self.body.ins().stack_store(types::I64, value, slot, 0);
        let stored = self.location();
        let trace = self.trace.as_mut().expect("only called with one");
        trace.keep(value, slot, stored);
    }

    fn current_block(&self) -> Block {
        let block = self.body.builder.current_block();
        block.expect("a block is open")
    }
}
