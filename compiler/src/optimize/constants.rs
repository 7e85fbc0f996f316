//! Makes constants anew in long blocks, where they would wait for their next use.
//!
//! Cranelift's e-graph makes each constant once in a block. In a block of many thousand instructions, which fills a table or
//! a frame, all of them wait in registers and then on the stack, and the register allocator takes time with the square of
//! how many wait: 35,000 stores of 1,000 constants took 27 s. To make one is no more work than to load it from the stack.

use cranelift_codegen::Context;
use cranelift_codegen::ir::{Block, Inst, Opcode, Value};
use std::collections::HashMap;

/// Shorter blocks are left alone: few constants wait there, and one in a register is cheaper.
const LONG: usize = 1000;

/// How many instructions may lie between two uses of a constant.
const FAR: usize = 64;

/// A constant in a block: the value that it has now, and the position of its last use.
struct Made {
    value: Value,
    position: usize,
}

/// Makes constants anew where their last use is far.
pub(super) fn run(context: &mut Context) {
    let func = &mut context.func;
    let is_long = |&block: &Block| func.layout.block_insts(block).nth(LONG).is_some();
    let blocks: Vec<Block> = func.layout.blocks().filter(is_long).collect();
    let mut made: HashMap<Value, Made> = HashMap::new();
    for block in blocks {
        made.clear();
        let insts: Vec<Inst> = func.layout.block_insts(block).collect();
        for (position, &inst) in insts.iter().enumerate() {
            if is_constant(func.dfg.insts[inst].opcode()) {
                let value = func.dfg.first_result(inst);
                made.insert(value, Made { value, position });
                continue;
            }
            let uses: Vec<Value> = func.dfg.inst_values(inst).collect();
            let mut is_changed = false;
            for value in uses {
                let Some(constant) = made.get_mut(&value) else {
                    continue;
                };
                if position - constant.position > FAR {
                    let origin = func.dfg.value_def(value).unwrap_inst();
                    let copy = func.dfg.clone_inst(origin);
                    func.layout.insert_inst(copy, inst);
                    let location = func.srcloc(origin);
                    func.set_srcloc(copy, location);
                    constant.value = func.dfg.first_result(copy);
                }
                constant.position = position;
                is_changed |= constant.value != value;
            }
            if is_changed {
                let now = |value| made.get(&value).map_or(value, |constant| constant.value);
                func.dfg.map_inst_values(inst, now);
            }
        }
    }
}

fn is_constant(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Iconst | Opcode::F32const | Opcode::F64const | Opcode::Vconst
    )
}
