//! What a function costs to execute, from its machine code.
//!
//! Every instruction costs one, one with an operand on the stack a half more, and all of it as often as the block is
//! executed, which is guessed from the depth of loops: eight times per loop. Inside a loop, what leads to a trap or a
//! call that does not happen in each iteration is taken for an exception. A register allocator's choices cannot be
//! foreseen, so that choosing between forms of a function takes the finished code of each.

use cranelift_codegen::CompiledCode;
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};

/// A block of machine code.
#[derive(Default)]
struct Node {
    successors: Vec<usize>,
    predecessors: Vec<usize>,
    cost: f64,
    calls: bool,
    /// It ends in a trap.
    stops: bool,
    depth: u32,
    /// The header of the innermost loop around it.
    header: Option<usize>,
}

/// More blocks than that are not looked at: the time is better spent elsewhere.
const MAX_BLOCKS: usize = 4_000;

/// The weight of what is an exception in its loop.
const RARE: f64 = 0.1;

/// `None` if the code has something that is not known, or is too large, or if it is not known where its blocks start.
pub(super) fn estimate(compiled: &CompiledCode) -> Option<f64> {
    let mut nodes = nodes(compiled)?;
    let order = order(&nodes);
    let dominators = dominators(&nodes, &order);
    find_loops(&mut nodes, &order, &dominators);
    let rare = rare(&nodes, &order, &dominators);
    let cost = order.iter().map(|&node| {
        let times = 8f64.powi(nodes[node].depth.min(8).cast_signed());
        nodes[node].cost * times * if rare[node] { RARE } else { 1.0 }
    });
    Some(cost.sum())
}

fn nodes(compiled: &CompiledCode) -> Option<Vec<Node>> {
    let mut starts: Vec<usize> = compiled
        .bb_starts
        .iter()
        .map(|&start| start as usize)
        .collect();
    if starts.is_empty() {
        return None;
    }
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    if starts.len() > MAX_BLOCKS || !starts.is_sorted() {
        return None;
    }
    let code = compiled.buffer.data();
    let mut nodes: Vec<Node> = Vec::with_capacity(starts.len());
    for (index, &start) in starts.iter().enumerate() {
        let mut node = Node::default();
        let end = starts.get(index + 1).copied().unwrap_or(code.len());
        let mut decoder = Decoder::with_ip(64, &code[start..end], 0, DecoderOptions::NONE);
        while decoder.can_decode() {
            let instruction = decoder.decode();
            if instruction.is_invalid() {
                return None;
            }
            node.cost += if touches_stack(&instruction) {
                1.5
            } else {
                1.0
            };
            match instruction.flow_control() {
                FlowControl::Call | FlowControl::IndirectCall => node.calls = true,
                FlowControl::Exception | FlowControl::Interrupt => {
                    node.stops = true;
                    break;
                }
                // Behind them come tables and constants.
                FlowControl::UnconditionalBranch
                | FlowControl::IndirectBranch
                | FlowControl::Return => break,
                _ => {}
            }
        }
        nodes.push(node);
    }
    for &(from, to) in &compiled.bb_edges {
        let block = |offset: u32| starts.partition_point(|&start| start <= offset as usize) - 1;
        let (from, to) = (block(from), block(to));
        nodes[from].successors.push(to);
        nodes[to].predecessors.push(from);
    }
    // What stands before the first block leads to it.
    if nodes.len() > 1 && nodes[0].successors.is_empty() && !nodes[0].stops {
        nodes[0].successors.push(1);
        nodes[1].predecessors.push(0);
    }
    Some(nodes)
}

/// Whether an operand is memory relative to the stack or frame pointer.
fn touches_stack(instruction: &Instruction) -> bool {
    matches!(instruction.memory_base(), Register::RSP | Register::RBP)
        && instruction.mnemonic() != Mnemonic::Lea
        && (0..instruction.op_count()).any(|index| instruction.op_kind(index) == OpKind::Memory)
}

/// The blocks that are reachable, each before those that follow it, except around loops.
fn order(nodes: &[Node]) -> Vec<usize> {
    let mut order = Vec::with_capacity(nodes.len());
    let mut seen = vec![false; nodes.len()];
    let mut stack = vec![(0, 0)];
    seen[0] = true;
    while let Some((node, next)) = stack.pop() {
        match nodes[node].successors.get(next) {
            Some(&successor) => {
                stack.push((node, next + 1));
                if !seen[successor] {
                    seen[successor] = true;
                    stack.push((successor, 0));
                }
            }
            None => order.push(node),
        }
    }
    order.reverse();
    order
}

/// The immediate dominator of each block, as positions in `order`.
struct Dominators {
    position: Vec<usize>,
    parent: Vec<usize>,
}

impl Dominators {
    fn dominates(&self, above: usize, below: usize) -> bool {
        let (above, mut below) = (self.position[above], self.position[below]);
        while below > above {
            below = self.parent[below];
        }
        below == above
    }
}

fn dominators(nodes: &[Node], order: &[usize]) -> Dominators {
    const UNKNOWN: usize = usize::MAX;
    let mut position = vec![UNKNOWN; nodes.len()];
    for (index, &node) in order.iter().enumerate() {
        position[node] = index;
    }
    let mut parent = vec![UNKNOWN; order.len()];
    parent[0] = 0;
    loop {
        let mut changed = false;
        for (index, &node) in order.iter().enumerate().skip(1) {
            let mut new = UNKNOWN;
            for &predecessor in &nodes[node].predecessors {
                let mut other = position[predecessor];
                if other == UNKNOWN || parent[other] == UNKNOWN {
                    continue;
                }
                if new == UNKNOWN {
                    new = other;
                    continue;
                }
                while new != other {
                    if new > other {
                        new = parent[new];
                    } else {
                        other = parent[other];
                    }
                }
            }
            if parent[index] != new {
                parent[index] = new;
                changed = true;
            }
        }
        if !changed {
            return Dominators { position, parent };
        }
    }
}

/// Sets the depth and the innermost header of each block.
fn find_loops(nodes: &mut [Node], order: &[usize], dominators: &Dominators) {
    // Outer headers come first, so that the last to claim a block is the innermost.
    for &header in order {
        let latches = nodes[header].predecessors.clone();
        let mut work: Vec<usize> = latches
            .into_iter()
            .filter(|&latch| {
                dominators.position[latch] != usize::MAX && dominators.dominates(header, latch)
            })
            .collect();
        if work.is_empty() {
            continue;
        }
        let mut inside = vec![false; nodes.len()];
        inside[header] = true;
        nodes[header].depth += 1;
        nodes[header].header = Some(header);
        while let Some(node) = work.pop() {
            if inside[node] || dominators.position[node] == usize::MAX {
                continue;
            }
            inside[node] = true;
            nodes[node].depth += 1;
            nodes[node].header = Some(header);
            work.extend(&nodes[node].predecessors);
        }
    }
}

/// The blocks in loops that are exceptions.
fn rare(nodes: &[Node], order: &[usize], dominators: &Dominators) -> Vec<bool> {
    let mut rare = vec![false; nodes.len()];
    for &node in order {
        let Some(header) = nodes[node].header else {
            rare[node] = nodes[node].stops;
            continue;
        };
        let is_always_executed = || {
            let latches = nodes[header].predecessors.iter();
            latches
                .filter(|&&latch| {
                    dominators.position[latch] != usize::MAX && dominators.dominates(header, latch)
                })
                .all(|&latch| dominators.dominates(node, latch))
        };
        rare[node] = nodes[node].stops || nodes[node].calls && !is_always_executed();
    }
    // What leads only there, and what only they lead to, is an exception too.
    for &node in order.iter().rev() {
        let successors = &nodes[node].successors;
        let leads_there = !successors.is_empty()
            && successors
                .iter()
                .all(|&successor| rare[successor] && nodes[successor].depth >= nodes[node].depth);
        rare[node] |= nodes[node].depth > 0 && nodes[node].header != Some(node) && leads_there;
    }
    for &node in order {
        // Edges that close a loop do not bring it here.
        let mut predecessors = nodes[node].predecessors.iter().filter(|&&predecessor| {
            dominators.position[predecessor] != usize::MAX
                && !dominators.dominates(node, predecessor)
        });
        let mut some = false;
        let comes_from_there = predecessors.all(|&predecessor| {
            some = true;
            rare[predecessor] && nodes[predecessor].depth <= nodes[node].depth
        }) && some;
        rare[node] |= nodes[node].depth > 0 && comes_from_there;
    }
    rare
}
