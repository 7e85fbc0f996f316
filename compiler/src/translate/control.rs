//! Structured control flow.
//!
//! A block is cold, and placed after the others, if a branch hint says that it is unlikely to be reached, or if all that
//! leads to it is cold.

use super::exception::Clause;
use super::function::{MOST_CELLS, Translator};
use super::legacy_exception::Caught;
use super::{Body, clif_type};
use cranelift_codegen::ir::{self, BlockArg, BlockCall, InstBuilder, JumpTableData, Type, Value};
use nativize_abi::Trap;
use wasmparser::{BlockType, BrTable, ValType};

/// An open block, loop or `if`.
pub(super) struct Frame {
    pub kind: FrameKind,
    /// Where control goes after its `end`; its parameters are the results.
    pub exit: ir::Block,
    /// Whether anything branches to `exit`.
    pub exit_is_target: bool,
    /// Whether anything that is not cold does.
    exit_is_warm: bool,
    pub results: usize,
    pub params: usize,
    /// Operands below its parameters.
    pub height: usize,
    /// The innermost open frame of which the handlers apply to calls in it; maybe itself.
    pub handlers: Option<usize>,
    /// How many branches go to the header of a loop.
    branches: u32,
    /// Where calls go on that leave the choice of a handler to code.
    pub dispatch: Option<ir::Block>,
}

pub(super) enum FrameKind {
    Block,
    Loop {
        header: ir::Block,
    },
    /// An `if` whose `else` has not been seen, with its parameters.
    If {
        otherwise: ir::Block,
        arguments: Vec<Value>,
    },
    Else,
    TryTable {
        clauses: Vec<Clause>,
    },
    /// The body of a `try`, with its handlers and whether each throws the exception again.
    Try {
        clauses: Vec<Clause>,
        rethrows: Vec<bool>,
    },
    /// A handler of a `try`, with those that follow.
    Catch {
        caught: Caught,
        rest: Vec<Clause>,
        rethrows: Vec<bool>,
    },
    /// The body of a `try` that leaves exceptions to the handlers around a label.
    Delegate {
        depth: u32,
    },
    /// Opened where nothing executes.
    Dead,
}

impl Frame {
    pub(super) fn new(
        kind: FrameKind,
        exit: ir::Block,
        params: usize,
        results: usize,
        height: usize,
    ) -> Self {
        Frame {
            kind,
            exit,
            exit_is_target: false,
            exit_is_warm: false,
            results,
            params,
            height,
            handlers: None,
            branches: 0,
            dispatch: None,
        }
    }
}

impl Body<'_> {
    pub(super) fn block_with_params(
        &mut self,
        params: impl IntoIterator<Item = Type>,
    ) -> ir::Block {
        let block = self.builder.create_block();
        for ty in params {
            self.builder.append_block_param(block, ty);
        }
        block
    }

    /// Whether the current block is cold.
    pub(super) fn is_cold(&self) -> bool {
        let block = self.builder.current_block().expect("a block is open");
        self.builder.func.layout.is_cold(block)
    }

    pub(super) fn set_cold_if(&mut self, block: ir::Block, cold: bool) {
        if cold {
            self.builder.set_cold_block(block);
        }
    }

    pub(super) fn jump(&mut self, block: ir::Block, arguments: &[Value]) {
        let arguments = block_arguments(arguments);
        self.ins().jump(block, &arguments);
    }
}

fn block_arguments(values: &[Value]) -> Vec<BlockArg> {
    values.iter().map(|&value| BlockArg::Value(value)).collect()
}

impl<'a> Translator<'a> {
    /// The parameter and result types of a block.
    pub(super) fn block_types(&self, ty: BlockType) -> (&'a [ValType], Box<[ValType]>) {
        match ty {
            BlockType::Empty => (&[], Box::new([])),
            BlockType::Type(result) => (&[], Box::new([result])),
            BlockType::FuncType(index) => {
                let ty = &self.body.environment.program.instances[self.instance]
                    .module
                    .types[index as usize];
                (ty.params(), ty.results().into())
            }
        }
    }

    pub(super) fn open(&mut self, kind: FrameKind, params: usize, results: &[ValType]) {
        let exit = self
            .body
            .block_with_params(results.iter().map(|&ty| clif_type(ty)));
        let height = self.stack.len() - params;
        let handlers = self.handlers_in(&kind);
        let frame = Frame::new(kind, exit, params, results.len(), height);
        self.control.push(Frame { handlers, ..frame });
    }

    /// Opens a block where nothing executes: only its nesting matters.
    pub(super) fn open_dead(&mut self) {
        let exit = self.control.last().expect("the function's own frame").exit;
        let height = self.stack.len();
        self.control
            .push(Frame::new(FrameKind::Dead, exit, 0, 0, height));
    }

    pub(super) fn block(&mut self, ty: BlockType) {
        let (params, results) = self.block_types(ty);
        self.open(FrameKind::Block, params.len(), &results);
    }

    pub(super) fn loop_(&mut self, ty: BlockType) {
        let (params, results) = self.block_types(ty);
        let header = self
            .body
            .block_with_params(params.iter().map(|&ty| clif_type(ty)));
        self.open(FrameKind::Loop { header }, params.len(), &results);
        let arguments = self.pop_many(params.len());
        let cold = self.body.is_cold();
        self.body.set_cold_if(header, cold);
        self.body.jump(header, &arguments);
        self.body.builder.switch_to_block(header);
        self.stack
            .extend_from_slice(self.body.builder.block_params(header));
    }

    pub(super) fn if_(&mut self, ty: BlockType) {
        let (params, results) = self.block_types(ty);
        let condition = self.pop();
        let then = self.body.builder.create_block();
        let otherwise = self.body.builder.create_block();
        let (cold, hint) = (self.body.is_cold(), self.hint());
        self.body.set_cold_if(then, cold || hint == Some(false));
        self.body.set_cold_if(otherwise, cold || hint == Some(true));
        let arguments = self.top(params.len()).to_vec();
        self.open(
            FrameKind::If {
                otherwise,
                arguments,
            },
            params.len(),
            &results,
        );
        self.body.ins().brif(condition, then, &[], otherwise, &[]);
        self.body.builder.seal_block(then);
        self.body.builder.seal_block(otherwise);
        self.body.builder.switch_to_block(then);
    }

    pub(super) fn else_(&mut self) {
        if self.reachable {
            self.jump_to_exit();
        }
        let frame = self
            .control
            .last_mut()
            .expect("validated: `else` in an `if`");
        if let FrameKind::If {
            otherwise,
            arguments,
        } = std::mem::replace(&mut frame.kind, FrameKind::Else)
        {
            self.stack.truncate(frame.height);
            self.stack.extend(arguments);
            self.body.builder.switch_to_block(otherwise);
            self.reachable = true;
        } else {
            // The `if` is dead, so its `else` is too.
            frame.kind = FrameKind::Dead;
        }
    }

    pub(super) fn end(&mut self) {
        if self.reachable {
            self.jump_to_exit();
        }
        let mut frame = self
            .control
            .pop()
            .expect("validated: a frame for each `end`");
        match std::mem::replace(&mut frame.kind, FrameKind::Block) {
            FrameKind::Dead => {
                self.stack.truncate(frame.height);
                return;
            }
            FrameKind::Loop { header } => {
                // Each may pass each.
                let arguments = u64::from(frame.branches) * self.locals.len() as u64;
                self.has_too_many |= arguments > MOST_CELLS && !self.in_frame;
                if !self.has_too_many {
                    self.body.builder.seal_block(header);
                }
            }
            FrameKind::If {
                otherwise,
                arguments,
            } => {
                // Without an `else` the parameters are the results.
                self.body.builder.switch_to_block(otherwise);
                frame.exit_is_target = true;
                frame.exit_is_warm |= !self.body.is_cold();
                self.body.jump(frame.exit, &arguments);
            }
            FrameKind::TryTable { mut clauses } => {
                self.dispatch_among(frame.dispatch, &mut clauses);
                self.landings(&clauses);
            }
            FrameKind::Block
            | FrameKind::Else
            | FrameKind::Try { .. }
            | FrameKind::Catch { .. }
            | FrameKind::Delegate { .. } => {}
        }
        self.stack.truncate(frame.height);
        self.reachable = frame.exit_is_target;
        if !self.reachable {
            return;
        }
        self.body.set_cold_if(frame.exit, !frame.exit_is_warm);
        self.body.builder.switch_to_block(frame.exit);
        self.body.builder.seal_block(frame.exit);
        self.stack
            .extend_from_slice(self.body.builder.block_params(frame.exit));
        if self.control.is_empty() {
            let results = self.pop_many(frame.results);
            self.body.ins().return_(&results);
            self.reachable = false;
        }
    }

    pub(super) fn jump_to_exit(&mut self) {
        let cold = self.body.is_cold();
        let frame = self.control.last_mut().expect("an open frame");
        frame.exit_is_target = true;
        frame.exit_is_warm |= !cold;
        let (exit, results) = (frame.exit, frame.results);
        let arguments = self.pop_many(results);
        self.body.jump(exit, &arguments);
    }

    /// The block that a branch of `depth` goes to, and how many operands it takes.
    pub(super) fn branch_target(&mut self, depth: u32, cold: bool) -> (ir::Block, usize) {
        let index = self.control.len() - 1 - depth as usize;
        let frame = &mut self.control[index];
        if let FrameKind::Loop { header } = frame.kind {
            frame.branches += 1;
            (header, frame.params)
        } else {
            frame.exit_is_target = true;
            frame.exit_is_warm |= !cold;
            (frame.exit, frame.results)
        }
    }

    pub(super) fn br(&mut self, depth: u32) {
        let cold = self.body.is_cold();
        let (target, arity) = self.branch_target(depth, cold);
        let arguments = self.pop_many(arity);
        self.body.jump(target, &arguments);
        self.reachable = false;
    }

    pub(super) fn br_if(&mut self, depth: u32) {
        let condition = self.pop();
        self.branch_if(condition, depth, self.hint());
    }

    /// Branches with the topmost operands if `condition` is not zero; else they stay. `hint` says whether it is expected
    /// not to be zero.
    pub(super) fn branch_if(&mut self, condition: Value, depth: u32, hint: Option<bool>) {
        let cold = self.body.is_cold();
        let (target, arity) = self.branch_target(depth, cold || hint == Some(false));
        let arguments = block_arguments(self.top(arity));
        let next = self.body.builder.create_block();
        self.body.set_cold_if(next, cold || hint == Some(true));
        if hint == Some(false) {
            // What the branch passes is moved out of the way, even if it goes to a block that others reach too.
            let edge = self.body.builder.create_block();
            self.body.builder.set_cold_block(edge);
            self.body.ins().brif(condition, edge, &[], next, &[]);
            self.body.builder.seal_block(edge);
            self.body.builder.switch_to_block(edge);
            self.body.ins().jump(target, &arguments);
        } else {
            self.body
                .ins()
                .brif(condition, target, &arguments, next, &[]);
        }
        self.body.builder.seal_block(next);
        self.body.builder.switch_to_block(next);
    }

    pub(super) fn br_table(&mut self, targets: &BrTable<'_>) -> Result<(), crate::Error> {
        let index = self.pop();
        let cold = self.body.is_cold();
        let (default, arity) = self.branch_target(targets.default(), cold);
        let arguments = block_arguments(self.top(arity));
        let mut calls = Vec::with_capacity(targets.len() as usize);
        for depth in targets.targets() {
            let (target, _) = self.branch_target(depth?, cold);
            calls.push(self.block_call(target, &arguments));
        }
        let default = self.block_call(default, &arguments);
        let table = self
            .body
            .builder
            .create_jump_table(JumpTableData::new(default, &calls));
        self.body.ins().br_table(index, table);
        self.reachable = false;
        Ok(())
    }

    fn block_call(&mut self, block: ir::Block, arguments: &[BlockArg]) -> BlockCall {
        let pool = &mut self.body.builder.func.dfg.value_lists;
        BlockCall::new(block, arguments.iter().copied(), pool)
    }

    pub(super) fn return_(&mut self) {
        let results = self.pop_many(self.ty.results().len());
        self.body.ins().return_(&results);
        self.reachable = false;
    }

    pub(super) fn unreachable(&mut self) {
        self.body.ins().trap(super::trap_code(Trap::Unreachable));
        self.reachable = false;
    }
}
