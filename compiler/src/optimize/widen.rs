//! Values of 32 bits that addresses are made of, kept zero-extended: the parameters of loops and what is loaded.
//!
//! An address needs its index in 64 bits. The back end knows that most operations of 32 bits leave the upper half of their
//! register zero, but knows it neither of block parameters nor of loads: each loop then extends each of its pointers once per
//! iteration, into one more register. Here such a parameter has 64 bits, what is passed for it is extended where it is
//! made, mostly for nothing, and its lower half, which is the same register, stands for the old one.

use super::value::clears_upper_half;
use super::weight;
use cranelift_codegen::Context;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::entity::packed_option::PackedOption;
use cranelift_codegen::entity::{EntitySet, SecondaryMap};
use cranelift_codegen::ir::{
    Block, BlockArg, Function, Inst, InstBuilder, InstructionData, Opcode, Value, ValueDef, types,
};

/// A value that is passed for a block's parameter.
struct Passed {
    from: Block,
    branch: Inst,
    value: Option<Value>,
}

/// Loops have been analysed.
pub(super) fn run(context: &mut Context) {
    let extensions = extensions(&context.func);
    if extensions.is_empty() {
        return;
    }
    let mut pass = Widen {
        wide: SecondaryMap::new(),
        extended: SecondaryMap::new(),
    };
    for &(inst, value) in &extensions {
        let block = context
            .func
            .layout
            .inst_block(inst)
            .expect("it is laid out");
        pass.extended[value] += weight(&context.loop_analysis, block);
    }
    let changed = pass.widen_loads(&mut context.func, &extensions) | pass.widen_parameters(context);
    if changed {
        pass.replace(&mut context.func, &extensions);
    }
}

/// The instructions that zero-extend a value of 32 bits to 64, and the values.
fn extensions(func: &Function) -> Vec<(Inst, Value)> {
    let blocks = func.layout.blocks();
    let insts = blocks.flat_map(|block| func.layout.block_insts(block));
    insts
        .filter_map(|inst| match func.dfg.insts[inst] {
            InstructionData::Unary {
                opcode: Opcode::Uextend,
                arg,
            } if func.dfg.value_type(func.dfg.first_result(inst)) == types::I64
                && func.dfg.value_type(arg) == types::I32 =>
            {
                Some((inst, arg))
            }
            _ => None,
        })
        .collect()
}

struct Widen {
    /// The value of 64 bits that now stands behind one of 32.
    wide: SecondaryMap<Value, PackedOption<Value>>,
    /// How often a value is extended, as far as the depth of loops tells.
    extended: SecondaryMap<Value, u64>,
}

impl Widen {
    /// Loads whose result is extended, extend it.
    fn widen_loads(&mut self, func: &mut Function, extensions: &[(Inst, Value)]) -> bool {
        let mut changed = false;
        for &(_, value) in extensions {
            let ValueDef::Result(inst, _) = func.dfg.value_def(value) else {
                continue;
            };
            let InstructionData::Load {
                opcode: Opcode::Load,
                arg,
                flags,
                offset,
            } = func.dfg.insts[inst]
            else {
                continue;
            };
            let flags = func.dfg.mem_flags[flags];
            let mut cursor = FuncCursor::new(func).at_inst(inst);
            cursor.use_srcloc(inst);
            let wide = cursor.ins().uload32(flags, arg, offset);
            cursor.func.dfg.detach_inst_results(inst);
            cursor.func.dfg.insts[inst] = InstructionData::Unary {
                opcode: Opcode::Ireduce,
                arg: wide,
            };
            cursor
                .func
                .dfg
                .make_inst_results_reusing(inst, types::I32, [Some(value)].into_iter());
            self.wide[value] = wide.into();
            changed = true;
        }
        changed
    }

    fn widen_parameters(&mut self, context: &mut Context) -> bool {
        let mut chosen = self.choose_parameters(context);
        chosen.sort_unstable_by_key(|&(param, _)| param);
        let func = &mut context.func;
        for &(param, _) in &chosen {
            let ValueDef::Param(block, _) = func.dfg.value_def(param) else {
                unreachable!("only parameters are chosen")
            };
            let wide = func.dfg.replace_block_param(param, types::I64);
            let mut cursor = FuncCursor::new(func).at_first_insertion_point(block);
            cursor.ins().with_result(param).ireduce(types::I32, wide);
            self.wide[param] = wide.into();
        }
        let mut branches: Vec<Inst> = Vec::new();
        for (_, passed) in &chosen {
            branches.extend(passed.iter().map(|passed| passed.branch));
        }
        branches.sort_unstable();
        branches.dedup();
        for branch in branches {
            self.extend_arguments(func, branch);
        }
        !chosen.is_empty()
    }

    /// Parameters for which extending what is passed takes less than extending them.
    fn choose_parameters(&self, context: &Context) -> Vec<(Value, Vec<Passed>)> {
        let func = &context.func;
        let entry = func.layout.entry_block().expect("it has a body");
        let mut chosen = EntitySet::new();
        let mut candidates: Vec<(Value, Vec<Passed>)> = Vec::new();
        for block in func.layout.blocks().filter(|&block| block != entry) {
            for (number, &param) in func.dfg.block_params(block).iter().enumerate() {
                if self.extended[param] == 0 {
                    continue;
                }
                let passed = passed(context, block, number);
                if !passed.is_empty() && passed.iter().all(|passed| passed.value.is_some()) {
                    chosen.insert(param);
                    candidates.push((param, passed));
                }
            }
        }
        // What is passed from another parameter is free only as long as that one is chosen.
        loop {
            let before = candidates.len();
            candidates.retain(|(param, passed)| {
                let cost: u64 = passed
                    .iter()
                    .filter(|passed| {
                        let value = passed.value.expect("checked above");
                        !chosen.contains(value) && !self.extends_freely(func, value)
                    })
                    .map(|passed| weight(&context.loop_analysis, passed.from))
                    .sum();
                let pays = cost < self.extended[*param];
                if !pays {
                    chosen.remove(*param);
                }
                pays
            });
            if candidates.len() == before {
                return candidates;
            }
        }
    }

    /// Whether extending `value` takes no instruction.
    fn extends_freely(&self, func: &Function, value: Value) -> bool {
        let ValueDef::Result(inst, _) = func.dfg.value_def(value) else {
            return false;
        };
        let opcode = func.dfg.insts[inst].opcode();
        self.wide[value].is_some() || opcode == Opcode::Iconst || clears_upper_half(opcode)
    }

    /// Extends what `branch` passes for parameters that have 64 bits now.
    fn extend_arguments(&self, func: &mut Function, branch: Inst) {
        let calls = func.dfg.insts[branch]
            .branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables)
            .len();
        let mut extended: Vec<(Value, Value)> = Vec::new();
        for index in 0..calls {
            let call = func.dfg.insts[branch]
                .branch_destination(&func.dfg.jump_tables, &func.dfg.exception_tables)[index];
            let params = func
                .dfg
                .block_params(call.block(&func.dfg.value_lists))
                .to_vec();
            let arguments: Vec<BlockArg> = call.args(&func.dfg.value_lists).collect();
            let mut replacement = Vec::with_capacity(arguments.len());
            for (&param, &argument) in params.iter().zip(&arguments) {
                replacement.push(match argument {
                    BlockArg::Value(value)
                        if func.dfg.value_type(param) == types::I64
                            && func.dfg.value_type(value) == types::I32 =>
                    {
                        let known = extended.iter().find(|(narrow, _)| *narrow == value);
                        let wide = known.map(|&(_, wide)| wide).unwrap_or_else(|| {
                            let wide = self.extend(func, value, branch);
                            extended.push((value, wide));
                            wide
                        });
                        BlockArg::Value(wide)
                    }
                    argument => argument,
                });
            }
            let mut replacement = replacement.into_iter();
            let dfg = &mut func.dfg;
            dfg.insts[branch]
                .branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables)[index]
                .update_args(&mut dfg.value_lists, |_| {
                    replacement.next().expect("as many as there were")
                });
        }
    }

    fn extend(&self, func: &mut Function, value: Value, before: Inst) -> Value {
        if let Some(wide) = self.wide[value].expand() {
            return wide;
        }
        let mut cursor = FuncCursor::new(func).at_inst(before);
        match cursor.func.dfg.value_def(value) {
            ValueDef::Result(inst, _) if cursor.func.dfg.insts[inst].opcode() == Opcode::Iconst => {
                let InstructionData::UnaryImm { imm, .. } = cursor.func.dfg.insts[inst] else {
                    unreachable!("the form of iconst")
                };
                cursor
                    .ins()
                    .iconst(types::I64, imm.bits() & i64::from(u32::MAX))
            }
            _ => cursor.ins().uextend(types::I64, value),
        }
    }

    /// Puts the wide values in place of the extensions.
    fn replace(&self, func: &mut Function, extensions: &[(Inst, Value)]) {
        for &(inst, value) in extensions {
            if let Some(wide) = self.wide[value].expand() {
                let result = func.dfg.first_result(inst);
                func.layout.remove_inst(inst);
                func.dfg.detach_inst_results(inst);
                func.dfg.change_to_alias(result, wide);
            }
        }
        func.dfg.resolve_all_aliases();
    }
}

/// What is passed for parameter `number` of `block`, by each branch to it; `None` for the result of a call.
fn passed(context: &Context, block: Block, number: usize) -> Vec<Passed> {
    let dfg = &context.func.dfg;
    let mut all = Vec::new();
    for edge in context.cfg.pred_iter(block) {
        let calls =
            dfg.insts[edge.inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        for call in calls {
            if call.block(&dfg.value_lists) == block {
                let argument = call.args(&dfg.value_lists).nth(number);
                all.push(Passed {
                    from: edge.block,
                    branch: edge.inst,
                    value: argument.and_then(|argument| argument.as_value()),
                });
            }
        }
    }
    all
}
