//! The older form of exceptions: `try`, `catch`, `catch_all`, `delegate`, `rethrow`.
//!
//! Handlers follow the body that they are for, so a function with a `try` is read ahead once. A caught exception is
//! alive while its handler runs and is thrown again from there only: what it carries stays in values, or if its tag is
//! not known in the frame, so that nothing is allocated.

use super::control::FrameKind;
use super::exception::{Action, Clause};
use super::function::Translator;
use crate::program::TagId;
use cranelift_codegen::ir::{InstBuilder, StackSlot, StackSlotData, StackSlotKind, Value, types};
use std::collections::HashMap;
use wasmparser::{BinaryReaderError, BlockType, FunctionBody, Operator};

/// What follows the bodies of a function's `try`s, by their offsets.
pub(super) type Tries = HashMap<u64, Shape>;

/// What follows the body of a `try`.
#[derive(Default)]
pub(super) struct Shape {
    handlers: Vec<Handler>,
    delegate: Option<u32>,
}

#[derive(Clone, Copy)]
struct Handler {
    tag: Option<u32>,
    rethrows: bool,
}

/// The exception that a handler is for.
#[derive(Clone)]
pub(super) enum Caught {
    Known(TagId, Vec<Value>),
    /// Where it was copied to, if it is thrown again.
    Unknown(Option<StackSlot>),
}

/// Reads a body ahead.
fn tries(code: &FunctionBody<'_>) -> Result<Tries, BinaryReaderError> {
    let mut tries = Tries::new();
    // The offsets of those of the open blocks that are a `try`.
    let mut open = Vec::new();
    let mut reader = code.get_operators_reader()?;
    while !reader.eof() {
        let (op, offset) = reader.read_with_offset()?;
        let shape = open
            .last()
            .copied()
            .flatten()
            .and_then(|offset| tries.get_mut(&offset));
        match op {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. } => open.push(None),
            Operator::Try { .. } => {
                open.push(Some(offset));
                tries.insert(offset, Shape::default());
            }
            Operator::Catch { tag_index } => {
                shape
                    .expect("validated: in a `try`")
                    .add_handler(Some(tag_index));
            }
            Operator::CatchAll => shape.expect("validated: in a `try`").add_handler(None),
            Operator::Delegate { relative_depth } => {
                shape.expect("validated: in a `try`").delegate = Some(relative_depth);
                open.pop();
            }
            Operator::Rethrow { relative_depth } => {
                let target = open[open.len() - 1 - relative_depth as usize];
                let shape = target.and_then(|offset| tries.get_mut(&offset));
                if let Some(handler) = shape.and_then(|shape| shape.handlers.last_mut()) {
                    handler.rethrows = true;
                }
            }
            Operator::End => {
                open.pop();
            }
            _ => {}
        }
    }
    Ok(tries)
}

impl Shape {
    fn add_handler(&mut self, tag: Option<u32>) {
        self.handlers.push(Handler {
            tag,
            rethrows: false,
        });
    }
}

impl Translator<'_> {
    pub(super) fn try_(&mut self, ty: BlockType) -> Result<(), crate::Error> {
        if self.tries.is_none() {
            self.tries = Some(tries(self.code)?);
        }
        let shape = self
            .tries
            .as_mut()
            .and_then(|tries| tries.remove(&self.offset));
        let shape = shape.expect("the function was read ahead");
        let (params, results) = self.block_types(ty);
        let kind = match shape.delegate {
            Some(depth) => FrameKind::Delegate { depth },
            None => {
                let mut clauses: Vec<Clause> = Vec::new();
                for handler in &shape.handlers {
                    let tag = handler.tag.map(|tag| self.tag(tag));
                    clauses.push(self.clause(tag, Action::Inline));
                }
                let rethrows = shape.handlers.iter().map(|handler| handler.rethrows);
                FrameKind::Try {
                    clauses,
                    rethrows: rethrows.collect(),
                }
            }
        };
        self.open(kind, params.len(), &results);
        Ok(())
    }

    /// `catch` and `catch_all`: the handler that comes next begins.
    pub(super) fn catch(&mut self) {
        if self.reachable {
            self.jump_to_exit();
        }
        let around = self.handlers_around(self.control.len() - 1);
        let frame = self
            .control
            .last_mut()
            .expect("validated: `catch` in a `try`");
        let (mut clauses, mut rethrows) = match std::mem::replace(&mut frame.kind, FrameKind::Block)
        {
            FrameKind::Try { clauses, rethrows } => (clauses, rethrows),
            FrameKind::Catch { rest, rethrows, .. } => (rest, rethrows),
            other => {
                frame.kind = other;
                return;
            }
        };
        let height = frame.height;
        frame.handlers = around;
        let dispatch = frame.dispatch.take();
        self.stack.truncate(height);
        self.dispatch_among(dispatch, &mut clauses);
        let (clause, rethrows_this) = (clauses.remove(0), rethrows.remove(0));
        let mut caught = Caught::Unknown(None);
        self.reachable = clause.is_target;
        if self.reachable {
            let address = self.enter_landing(&clause);
            match clause.tag {
                Some(tag) => {
                    let values = self.body.exception_values(tag, address);
                    self.stack.extend_from_slice(&values);
                    caught = Caught::Known(tag, values);
                }
                None if rethrows_this => {
                    let size = self.body.exception_plan().size;
                    let data = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3);
                    let slot = self.body.builder.create_sized_stack_slot(data);
                    let copy = self.body.ins().stack_addr(types::I64, slot, 0);
                    self.body.copy_exception(copy, address);
                    caught = Caught::Unknown(Some(slot));
                }
                None => {}
            }
        }
        self.control.last_mut().expect("it is open").kind = FrameKind::Catch {
            caught,
            rest: clauses,
            rethrows,
        };
    }

    pub(super) fn rethrow(&mut self, depth: u32) {
        let index = self.control.len() - 1 - depth as usize;
        let FrameKind::Catch { caught, .. } = &self.control[index].kind else {
            unreachable!("validated: `rethrow` names a handler that runs")
        };
        match caught.clone() {
            Caught::Known(tag, values) => self.throw_values(tag, &values),
            Caught::Unknown(slot) => {
                let slot = slot.expect("the function was read ahead");
                let copy = self.body.ins().stack_addr(types::I64, slot, 0);
                let address = self.body.exception_in_flight();
                self.body.copy_exception(address, copy);
                self.throw_address(address);
            }
        }
    }
}
