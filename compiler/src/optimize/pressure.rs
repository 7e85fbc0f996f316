//! Which values are in registers where, as far as that is known before registers are allocated.
//!
//! Some values take none: constants, the lower half of a value that is there, an extension that the operation itself has
//! done, and the compare that a branch or a `select` repeats for itself; who uses such a value uses its operands.

use super::value::{clears_upper_half, defining_block};
use cranelift_codegen::Context;
use cranelift_codegen::entity::{EntityRef, SecondaryMap};
use cranelift_codegen::ir::{Block, Function, Inst, Opcode, Type, Value, ValueDef, types};

/// The registers of a kind: for integers, without those of the stack and one for moves in between.
pub(super) const REGISTERS: [usize; 2] = [13, 15];
/// Those of them that keep their values across a call.
const KEPT: [usize; 2] = [5, 0];

/// The values that are live at the end of each block.
pub(super) struct Liveness {
    /// The values that are live in more blocks than their own.
    global: Vec<Value>,
    number: SecondaryMap<Value, u32>,
    words: usize,
    /// The set of each block, by its index, `words` long.
    live_out: Vec<u64>,
    needs_register: SecondaryMap<Value, bool>,
}

/// More than that, and liveness takes longer than it is worth.
const MAX_SET_WORDS: usize = 1 << 20;

impl Liveness {
    /// `None` for functions that cannot run out of registers, and for the largest.
    pub(super) fn compute(context: &Context) -> Option<Liveness> {
        let func = &context.func;
        let mut liveness = Liveness {
            global: Vec::new(),
            number: SecondaryMap::new(),
            words: 0,
            live_out: Vec::new(),
            needs_register: SecondaryMap::new(),
        };
        for block in func.layout.blocks() {
            for &param in func.dfg.block_params(block) {
                liveness.needs_register[param] = true;
            }
            for inst in func.layout.block_insts(block) {
                if !takes_no_register(func, inst) {
                    for &result in func.dfg.inst_results(inst) {
                        liveness.needs_register[result] = true;
                    }
                }
            }
        }
        liveness.find_global(func);
        let global = liveness.global.len();
        if !func
            .layout
            .blocks()
            .any(|block| may_exceed(func, block, global))
        {
            return None;
        }
        liveness.words = liveness.global.len().div_ceil(64);
        let blocks = func.dfg.num_blocks();
        if blocks * liveness.words > MAX_SET_WORDS {
            return None;
        }
        liveness.propagate(context);
        Some(liveness)
    }

    /// The values that `inst` reads from registers.
    pub(super) fn for_each_read(&self, func: &Function, inst: Inst, read: &mut impl FnMut(Value)) {
        if takes_no_register(func, inst) {
            return;
        }
        for &value in func.dfg.inst_args(inst) {
            self.for_each_register(func, value, 0, read);
        }
        if func.dfg.insts[inst].opcode().is_branch() {
            // What is passed to blocks is not among the arguments.
            for value in func.dfg.inst_values(inst) {
                self.for_each_register(func, value, 0, read);
            }
        }
    }

    fn for_each_register(
        &self,
        func: &Function,
        value: Value,
        depth: usize,
        read: &mut impl FnMut(Value),
    ) {
        if self.needs_register[value] {
            read(value);
        } else if let ValueDef::Result(inst, _) = func.dfg.value_def(value)
            && depth < 4
        {
            for &operand in func.dfg.inst_args(inst) {
                self.for_each_register(func, operand, depth + 1, read);
            }
        }
    }

    /// The values that `inst` writes to registers.
    pub(super) fn for_each_written(
        &self,
        func: &Function,
        inst: Inst,
        write: &mut impl FnMut(Value),
    ) {
        for &result in func.dfg.inst_results(inst) {
            if self.needs_register[result] {
                write(result);
            }
        }
    }

    fn find_global(&mut self, func: &Function) {
        const LOCAL: u32 = 0;
        for block in func.layout.blocks() {
            for inst in func.layout.block_insts(block) {
                let mut found = Vec::new();
                self.for_each_read(func, inst, &mut |value| {
                    if defining_block(func, value) != Some(block) {
                        found.push(value);
                    }
                });
                for value in found {
                    if self.number[value] == LOCAL {
                        self.global.push(value);
                        self.number[value] =
                            u32::try_from(self.global.len()).expect("values are 32 bits");
                    }
                }
            }
        }
    }

    fn propagate(&mut self, context: &Context) {
        let func = &context.func;
        let words = self.words;
        let blocks = func.dfg.num_blocks();
        // What each block reads before it is written, and what it writes.
        let mut read = vec![0u64; blocks * words];
        let mut written = vec![0u64; blocks * words];
        let bit = |number: u32| ((number - 1) as usize / 64, 1u64 << ((number - 1) % 64));
        for block in func.layout.blocks() {
            let at = block.index() * words;
            for &param in func.dfg.block_params(block) {
                if self.number[param] != 0 {
                    let (word, mask) = bit(self.number[param]);
                    written[at + word] |= mask;
                }
            }
            for inst in func.layout.block_insts(block) {
                self.for_each_read(func, inst, &mut |value| {
                    if self.number[value] != 0 {
                        let (word, mask) = bit(self.number[value]);
                        if written[at + word] & mask == 0 {
                            read[at + word] |= mask;
                        }
                    }
                });
                self.for_each_written(func, inst, &mut |value| {
                    if self.number[value] != 0 {
                        let (word, mask) = bit(self.number[value]);
                        written[at + word] |= mask;
                    }
                });
            }
        }
        let mut live_in = read;
        let mut live_out = vec![0u64; blocks * words];
        loop {
            let mut changed = false;
            for &block in context.domtree.cfg_postorder() {
                let at = block.index() * words;
                for successor in context.cfg.succ_iter(block) {
                    let from = successor.index() * words;
                    for word in 0..words {
                        let new = live_in[from + word] & !live_out[at + word];
                        if new != 0 {
                            live_out[at + word] |= new;
                            changed = true;
                            live_in[at + word] |= new & !written[at + word];
                        }
                    }
                }
            }
            if !changed {
                break;
            }
        }
        self.live_out = live_out;
    }

    fn live_out(&self, block: Block) -> impl Iterator<Item = Value> + '_ {
        let at = block.index() * self.words;
        let set = &self.live_out[at..at + self.words];
        set.iter().enumerate().flat_map(move |(word, &bits)| {
            let mut rest = bits;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then(|| self.global[word * 64 + bit])
            })
        })
    }

    /// Whether a block can run out of registers: what is live at its end and all that its instructions could add is more
    /// than there are.
    pub(super) fn may_exceed(&self, func: &Function, block: Block) -> bool {
        let at = block.index() * self.words;
        let set = &self.live_out[at..at + self.words];
        let live: usize = set.iter().map(|bits| bits.count_ones() as usize).sum();
        may_exceed(func, block, live)
    }
}

fn may_exceed(func: &Function, block: Block, live: usize) -> bool {
    let Some(room) = REGISTERS[0].checked_sub(live) else {
        return true;
    };
    // Each instruction makes at most one more value, or needs two more.
    let is_call = |inst: Inst| func.dfg.insts[inst].opcode().is_call();
    func.layout.block_insts(block).nth(room / 2).is_some()
        || live > KEPT[0] && func.layout.block_insts(block).any(is_call)
}

/// Whether the results of `inst` are no registers of their own.
fn takes_no_register(func: &Function, inst: Inst) -> bool {
    let dfg = &func.dfg;
    match dfg.insts[inst].opcode() {
        Opcode::Iconst | Opcode::Ireduce | Opcode::Icmp | Opcode::Fcmp => true,
        Opcode::Uextend => {
            let operand = dfg.inst_args(inst)[0];
            let operation = dfg.value_def(operand).inst();
            dfg.value_type(operand) == types::I32
                && operation.is_some_and(|inst| clears_upper_half(dfg.insts[inst].opcode()))
        }
        _ => false,
    }
}

/// The kind of register that a value is in.
fn kind(ty: Type) -> usize {
    usize::from(!ty.is_int())
}

/// The values in registers at a point that moves upwards through a block.
pub(super) struct Live {
    is_live: SecondaryMap<Value, bool>,
    values: Vec<Value>,
    count: [usize; 2],
    /// What does not fit, summed over the points passed.
    pub excess: usize,
}

impl Live {
    pub(super) fn new() -> Live {
        Live {
            is_live: SecondaryMap::new(),
            values: Vec::new(),
            count: [0; 2],
            excess: 0,
        }
    }

    /// Goes to the end of `block`, above its terminator.
    pub(super) fn start(&mut self, func: &Function, liveness: &Liveness, block: Block) {
        for value in self.values.drain(..) {
            self.is_live[value] = false;
        }
        self.count = [0; 2];
        self.excess = 0;
        for value in liveness.live_out(block) {
            self.insert(func, value);
        }
        if let Some(terminator) = func.layout.last_inst(block) {
            self.pass(func, liveness, terminator);
        }
    }

    /// The excess that no order of `insts`, the instructions of `block`, can have less of, at its end: what comes from
    /// before the block and is needed after it is live all through it.
    pub(super) fn least_excess(&self, func: &Function, block: Block, insts: &[Inst]) -> usize {
        let mut through = [0; 2];
        for &value in self.values.iter().filter(|&&value| self.is_live[value]) {
            let is_made_here = match func.dfg.value_def(value) {
                ValueDef::Result(inst, _) => func.layout.inst_block(inst) == Some(block),
                ValueDef::Param(..) | ValueDef::Union(..) => false,
            };
            if !is_made_here {
                through[kind(func.dfg.value_type(value))] += 1;
            }
        }
        if through
            .iter()
            .zip(KEPT)
            .all(|(&through, kept)| through <= kept)
        {
            return self.excess;
        }
        let calls = insts
            .iter()
            .filter(|&&inst| func.dfg.insts[inst].opcode().is_call());
        let calls = calls.count();
        let excess = |registers: [usize; 2]| -> usize {
            let kinds = through.iter().zip(registers);
            kinds
                .map(|(&through, registers)| through.saturating_sub(registers))
                .sum()
        };
        self.excess + calls * excess(KEPT) + (insts.len() - calls) * excess(REGISTERS)
    }

    fn insert(&mut self, func: &Function, value: Value) {
        if !self.is_live[value] {
            self.is_live[value] = true;
            self.values.push(value);
            self.count[kind(func.dfg.value_type(value))] += 1;
        }
    }

    /// How many more registers are taken above `inst` than below it.
    pub(super) fn change(&self, func: &Function, liveness: &Liveness, inst: Inst) -> isize {
        let mut change = 0;
        liveness.for_each_written(func, inst, &mut |value| {
            change -= isize::from(self.is_live[value]);
        });
        let mut seen = [None; 4];
        let mut used = 0;
        liveness.for_each_read(func, inst, &mut |value| {
            if !self.is_live[value] && !seen.contains(&Some(value)) {
                change += 1;
                if used < seen.len() {
                    seen[used] = Some(value);
                    used += 1;
                }
            }
        });
        change
    }

    /// Moves above `inst`.
    pub(super) fn pass(&mut self, func: &Function, liveness: &Liveness, inst: Inst) {
        liveness.for_each_written(func, inst, &mut |value| {
            if self.is_live[value] {
                self.is_live[value] = false;
                self.count[kind(func.dfg.value_type(value))] -= 1;
            }
        });
        let registers = if func.dfg.insts[inst].opcode().is_call() {
            KEPT
        } else {
            REGISTERS
        };
        liveness.for_each_read(func, inst, &mut |value| self.insert(func, value));
        for (count, registers) in self.count.iter().zip(registers) {
            self.excess += count.saturating_sub(registers);
        }
    }
}
