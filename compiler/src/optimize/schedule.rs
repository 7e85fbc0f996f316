//! Orders the instructions of a block so that fewer values wait in registers.
//!
//! Cranelift's e-graph puts each pure operation as late as it can, while loads, which may trap, keep their places: what is
//! loaded waits in registers, and spills, for an operation that needs two of them and would leave one. Here everything
//! with an effect, loads included, keeps its order, and the pure operations find their places around it.
//!
//! The order is built from the end of the block. An operation that frees registers there comes next, and one that takes no
//! more than it frees. Then the next one with an effect, and if that waits for its users, the cheapest of them. A load
//! with one use stays with its user, which then reads memory itself.

use super::pressure::{Live, Liveness};
use cranelift_codegen::Context;
use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Value};
use std::ops::Range;

/// Blocks outside of loops that are shorter are executed too rarely to be worth the time.
const LONG: usize = 40;

/// The instructions of blocks of loops that are shorter have hardly another order.
const SHORT: usize = 6;

/// Longer ones are left alone: at each step everything that could be next is looked at.
const TOO_LONG: usize = 10_000;

/// Whether anything changed. `everywhere` includes blocks that cannot matter much. Loops have been analysed.
pub(super) fn run(context: &mut Context, everywhere: bool) -> bool {
    let func = &context.func;
    let is_worthwhile = |&block: &Block| {
        everywhere || {
            let is_in_loop = context.loop_analysis.innermost_loop(block).is_some();
            let least = if is_in_loop { SHORT } else { LONG };
            func.layout.block_insts(block).nth(least).is_some()
        }
    };
    let blocks: Vec<Block> = func.layout.blocks().filter(is_worthwhile).collect();
    if blocks.is_empty() {
        return false;
    }
    let Some(liveness) = Liveness::compute(context) else {
        return false;
    };
    let mut schedule = Schedule {
        live: Live::new(),
        node: SecondaryMap::new(),
        uses: None,
    };
    let func = &mut context.func;
    let mut changed = false;
    for block in blocks {
        changed |= schedule.block(func, &liveness, block);
    }
    changed
}

/// A tenth less, or what is as it was stays as it was.
fn is_clearly_less(excess: usize, before: usize) -> bool {
    before > 0 && excess * 10 <= before * 9
}

struct Schedule {
    live: Live,
    /// One more than the position of an instruction in its block.
    node: SecondaryMap<Inst, u32>,
    /// How often each value is used, once a block needs to be ordered.
    uses: Option<SecondaryMap<Value, u32>>,
}

/// The instructions of a block without its terminator, and what orders them.
struct Graph {
    insts: Vec<Inst>,
    /// The operands of all that are of this block, and where those of each begin.
    operands: Vec<u32>,
    first_operand: Vec<u32>,
    /// How many users of each do not have their place.
    waiting: Vec<u32>,
    /// The ones with an effect.
    chain: Vec<u32>,
    /// One more than the position in the chain of the last one that each depends on, itself included.
    after: Vec<u32>,
    /// The load that each could do itself.
    folds: Vec<Option<u32>>,
    has_effect: Vec<bool>,
}

impl Graph {
    /// What is pushed to the operands now is of the next instruction.
    fn begin_operands(&mut self) {
        let first = u32::try_from(self.operands.len()).expect("few operands");
        self.first_operand.push(first);
    }

    fn operands_of(&self, node: u32) -> Range<usize> {
        let first = |node: usize| self.first_operand[node] as usize;
        first(node as usize)..first(node as usize + 1)
    }
}

impl Schedule {
    fn block(&mut self, func: &mut Function, liveness: &Liveness, block: Block) -> bool {
        let Some(terminator) = func.layout.last_inst(block) else {
            return false;
        };
        if !liveness.may_exceed(func, block) {
            return false;
        }
        let mut insts: Vec<Inst> = func.layout.block_insts(block).collect();
        insts.pop();
        if insts.len() > TOO_LONG {
            return false;
        }
        self.live.start(func, liveness, block);
        let least = self.live.least_excess(func, block, &insts);
        for &inst in insts.iter().rev() {
            self.live.pass(func, liveness, inst);
        }
        let before = self.live.excess;
        if !is_clearly_less(least, before) {
            return false;
        }
        let graph = self.graph(func, insts);
        self.live.start(func, liveness, block);
        let order = self.order(func, liveness, graph);
        if !is_clearly_less(self.live.excess, before) {
            return false;
        }
        for &inst in &order {
            func.layout.remove_inst(inst);
        }
        for &inst in order.iter().rev() {
            func.layout.insert_inst(inst, terminator);
        }
        true
    }

    fn graph(&mut self, func: &Function, insts: Vec<Inst>) -> Graph {
        let uses = self.uses.get_or_insert_with(|| uses(func));
        let count = insts.len();
        let mut graph = Graph {
            insts,
            operands: Vec::with_capacity(2 * count),
            first_operand: Vec::with_capacity(count + 1),
            waiting: vec![0; count],
            chain: Vec::new(),
            after: vec![0; count],
            folds: vec![None; count],
            has_effect: vec![false; count],
        };
        for position in 0..count {
            let inst = graph.insts[position];
            self.node[inst] = u32::try_from(position).expect("few instructions") + 1;
            graph.has_effect[position] = has_effect(func, inst);
            graph.begin_operands();
            for value in func.dfg.inst_values(inst) {
                let Some(operand) = func.dfg.value_def(value).inst() else {
                    continue;
                };
                let node = self.node[operand];
                if node == 0 {
                    continue;
                }
                let operand_position = node - 1;
                graph.operands.push(operand_position);
                graph.waiting[operand_position as usize] += 1;
                let after = graph.after[operand_position as usize];
                graph.after[position] = graph.after[position].max(after);
                if uses[value] == 1 && is_foldable(func, operand, inst) {
                    graph.folds[position] = graph.folds[position].max(Some(operand_position));
                }
            }
            if graph.has_effect[position] {
                graph
                    .chain
                    .push(u32::try_from(position).expect("few instructions"));
                graph.after[position] = u32::try_from(graph.chain.len()).expect("few instructions");
            }
        }
        graph.begin_operands();
        for &inst in &graph.insts {
            self.node[inst] = 0;
        }
        graph
    }

    /// The instructions from the last to the first.
    fn order(&mut self, func: &Function, liveness: &Liveness, mut graph: Graph) -> Vec<Inst> {
        let count = graph.insts.len();
        let mut order = Vec::with_capacity(count);
        // What has no effect and only users that have their place.
        let mut ready: Vec<u32> = (0..count)
            .filter(|&node| graph.waiting[node] == 0 && !graph.has_effect[node])
            .map(|node| u32::try_from(node).expect("few instructions"))
            .collect();
        while order.len() < count {
            let next = self.next(func, liveness, &graph, &ready);
            if graph.chain.last() == Some(&next) {
                graph.chain.pop();
            } else {
                ready.retain(|&node| node != next);
            }
            let inst = graph.insts[next as usize];
            self.live.pass(func, liveness, inst);
            order.push(inst);
            for at in graph.operands_of(next) {
                let operand = graph.operands[at];
                let operand_index = operand as usize;
                graph.waiting[operand_index] -= 1;
                if graph.waiting[operand_index] == 0 && !graph.has_effect[operand_index] {
                    ready.push(operand);
                }
            }
        }
        order
    }

    fn next(&self, func: &Function, liveness: &Liveness, graph: &Graph, ready: &[u32]) -> u32 {
        let head = graph.chain.last().copied();
        let head_number = u32::try_from(graph.chain.len()).expect("few instructions");
        let mut best: Option<(isize, u32)> = None;
        let mut best_user: Option<(isize, u32)> = None;
        for &node in ready {
            let change = self.live.change(func, liveness, graph.insts[node as usize]);
            let candidate = (-change, node);
            let load_comes_later =
                graph.folds[node as usize].is_some_and(|load| head.is_some_and(|head| load < head));
            if change <= 0 && !load_comes_later {
                best = best.max(Some(candidate));
            }
            if graph.after[node as usize] == head_number {
                best_user = best_user.max(Some(candidate));
            }
        }
        if let Some((_, node)) = best {
            return node;
        }
        match (head, best_user) {
            (Some(head), _) if graph.waiting[head as usize] == 0 => head,
            (_, Some((_, node))) => node,
            (_, None) => unreachable!("something is always ready"),
        }
    }
}

fn uses(func: &Function) -> SecondaryMap<Value, u32> {
    let mut uses = SecondaryMap::with_capacity(func.dfg.num_values());
    for block in func.layout.blocks() {
        for inst in func.layout.block_insts(block) {
            for value in func.dfg.inst_values(inst) {
                uses[value] += 1;
            }
        }
    }
    uses
}

/// Whether an instruction keeps its place among the others of its kind.
fn has_effect(func: &Function, inst: Inst) -> bool {
    let opcode = func.dfg.insts[inst].opcode();
    opcode.can_load()
        || opcode.can_store()
        || opcode.can_trap()
        || opcode.is_call()
        || opcode.is_branch()
        || opcode.is_terminator()
        || opcode.other_side_effects()
        || matches!(opcode, Opcode::GetPinnedReg | Opcode::SetPinnedReg)
}

/// Whether `user` can read what `load` loads from memory itself.
fn is_foldable(func: &Function, load: Inst, user: Inst) -> bool {
    if func.dfg.insts[load].opcode() != Opcode::Load
        || func.dfg.value_type(func.dfg.first_result(load)).bits() < 32
    {
        return false;
    }
    matches!(
        func.dfg.insts[user].opcode(),
        Opcode::Iadd
            | Opcode::Isub
            | Opcode::Imul
            | Opcode::Band
            | Opcode::Bor
            | Opcode::Bxor
            | Opcode::Icmp
            | Opcode::Fadd
            | Opcode::Fsub
            | Opcode::Fmul
            | Opcode::Fdiv
            | Opcode::Uextend
            | Opcode::Sextend
    )
}
