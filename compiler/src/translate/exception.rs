//! Exceptions: `throw`, `throw_ref`, `try_table`, and the handlers of a call.
//!
//! Nothing is executed to enter or to leave a `try_table`. A call inside one names its handlers in the tables of the
//! program, where the runtime finds them by the return address. A *landing* is where it continues: it takes the
//! exception's address, loads what the exception carries and branches to the clause's label. Tags are known at compile
//! time, so that a `throw` whose handler is in the same function goes there directly.

use super::control::{Frame, FrameKind};
use super::function::Translator;
use super::{Body, clif_type, displacement, namespace, trap_code};
use crate::builtin::Builtin;
use crate::plan::{ExceptionPlan, exception_offsets};
use crate::program::{TagId, number};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    self, AbiParam, BlockArg, BlockCall, ExceptionTableData, ExceptionTableItem, ExceptionTag,
    InstBuilder, MemFlagsData, SigRef, Signature, Value, types,
};
use cranelift_codegen::isa::CallConv;
use nativize_abi::Trap;
use nativize_abi::program::Exception;
use std::mem::offset_of;
use wasmparser::{Catch, TryTable};

/// A handler of exceptions that leave the calls of a block's body.
pub(super) struct Clause {
    /// What it catches; everything if `None`.
    pub tag: Option<TagId>,
    /// Where it begins, with the exception's address.
    pub landing: ir::Block,
    /// Whether anything goes there.
    pub is_target: bool,
    pub action: Action,
}

/// What a clause does with an exception.
#[derive(Clone, Copy)]
pub(super) enum Action {
    /// It branches to a label, counted from outside of its block, with what the exception carries, and with a reference
    /// to the exception if `reference`.
    Branch { depth: u32, reference: bool },
    /// It is code that follows the body.
    Inline,
}

/// The handlers of a call, in the order in which they are tried.
pub(super) type Handlers = Vec<(Option<TagId>, ir::Block)>;

/// So many clauses a call has as handlers of its own, each a way on from there. Where more are around it, it has one, from where
/// code tries them all: else the ways of calls in nested blocks were as many as the square of their depth.
const MOST_NAMED: usize = 16;

/// So many clauses a `throw` is compared with, and what remains of a block's.
const MOST_SEARCHED: usize = 1000;

impl Body<'_> {
    fn exception_flags(&self) -> MemFlagsData {
        // A slot is aligned to 8 bytes, which is not enough for a v128.
        MemFlagsData::new()
            .with_notrap()
            .with_alias_region(Some(self.regions.state))
    }

    /// The address of the exception on its way.
    pub(super) fn exception_in_flight(&mut self) -> Value {
        let place = self.exception_plan().in_flight;
        self.address(place)
    }

    pub(super) fn exception_plan(&self) -> ExceptionPlan {
        let plan = self.environment.plan.state.exceptions;
        plan.expect("there is a tag, so there is a place for exceptions")
    }

    /// Makes an exception and gives its address.
    fn new_exception(&mut self, tag: TagId, values: &[Value]) -> Value {
        let program = self.environment.program;
        let (offsets, size) = exception_offsets(program, tag);
        let address = self.exception_in_flight();
        let flags = self.exception_flags();
        let header = [
            (offset_of!(Exception, tag), number(tag)),
            (offset_of!(Exception, size), size),
        ];
        for (at, word) in header {
            let word = self.ins().iconst(types::I32, i64::from(word));
            self.ins().store(flags, word, address, displacement(at));
        }
        for (offset, &value) in offsets.into_iter().zip(values) {
            self.ins()
                .store(flags, value, address, displacement(offset as usize));
        }
        address
    }

    /// What the exception at `address` carries.
    pub(super) fn exception_values(&mut self, tag: TagId, address: Value) -> Vec<Value> {
        let program = self.environment.program;
        let (offsets, _) = exception_offsets(program, tag);
        let flags = self.exception_flags();
        let ty = &program.signatures[program.tags[tag].signature];
        let slots = ty.params().iter().zip(offsets);
        slots
            .map(|(&ty, offset)| {
                let offset = displacement(offset as usize);
                self.ins().load(clif_type(ty), flags, address, offset)
            })
            .collect()
    }

    /// Copies an exception.
    pub(super) fn copy_exception(&mut self, to: Value, from: Value) {
        let flags = self.exception_flags();
        let offset = displacement(offset_of!(Exception, size));
        let size = self.ins().uload32(flags, from, offset);
        self.call_builtin(Builtin::MemoryCopy, &[to, from, size]);
    }

    /// The runtime's function that passes an exception to its handler. It is called in the guest's convention, in which
    /// handlers expect no register to be kept.
    fn throw_function(&mut self) -> ir::FuncRef {
        self.function_ref(namespace::THROW, 0, || {
            let mut signature = Signature::new(CallConv::Tail);
            signature.params.extend([AbiParam::new(types::I64); 2]);
            signature
        })
    }

    /// A call that ends its block: it goes on in `next` with its results, or in a handler.
    pub(super) fn exception_table(
        &mut self,
        signature: SigRef,
        next: ir::Block,
        handlers: &Handlers,
    ) -> ir::ExceptionTable {
        let func = &mut self.builder.func;
        let results = func.dfg.signatures[signature].returns.len();
        let pool = &mut func.dfg.value_lists;
        let results = (0..results).map(|index| {
            BlockArg::TryCallRet(u32::try_from(index).expect("validated: at most 1000"))
        });
        let next = BlockCall::new(next, results, pool);
        let items: Vec<ExceptionTableItem> = handlers
            .iter()
            .map(|&(tag, landing)| {
                let landing = BlockCall::new(landing, [BlockArg::TryCallExn(0)], pool);
                match tag {
                    Some(tag) => {
                        ExceptionTableItem::Tag(ExceptionTag::from_u32(number(tag)), landing)
                    }
                    None => ExceptionTableItem::Default(landing),
                }
            })
            .collect();
        let table = ExceptionTableData::new(signature, next, items);
        func.dfg.exception_tables.push(table)
    }
}

impl Translator<'_> {
    pub(super) fn tag(&self, index: u32) -> TagId {
        self.body.environment.program.instances[self.instance].tags[index as usize]
    }

    /// The innermost frame whose handlers apply in a frame of this kind that is opened here.
    pub(super) fn handlers_in(&self, kind: &FrameKind) -> Option<usize> {
        let index = self.control.len();
        match kind {
            FrameKind::TryTable { clauses } | FrameKind::Try { clauses, .. }
                if !clauses.is_empty() =>
            {
                Some(index)
            }
            FrameKind::Delegate { depth } => self.handlers_around(index - *depth as usize),
            _ => self.handlers_around(index),
        }
    }

    /// The innermost frame whose handlers apply around a frame.
    pub(super) fn handlers_around(&self, index: usize) -> Option<usize> {
        let around = self.control[..index].last();
        around.and_then(|frame| frame.handlers)
    }

    /// The handlers of a call here: those of clauses, or if they are too many one from where code goes on to them.
    pub(super) fn handlers(&mut self) -> Handlers {
        let mut handlers = Handlers::new();
        if self.body.environment.program.tags.is_empty() {
            // There is nothing to catch.
            return handlers;
        }
        let innermost = self.handlers_around(self.control.len());
        let mut next = innermost;
        let mut seen = 0;
        while let Some(index) = next {
            seen += self.control[index].clauses().len();
            if seen > MOST_NAMED {
                let dispatch = innermost.map(|innermost| (None, self.dispatch(innermost)));
                return dispatch.into_iter().collect();
            }
            for clause in self.control[index].clauses() {
                if handlers.iter().any(|&(tag, _)| tag == clause.tag) {
                    continue;
                }
                clause.is_target = true;
                handlers.push((clause.tag, clause.landing));
                if clause.tag.is_none() {
                    return handlers;
                }
            }
            next = self.handlers_around(index);
        }
        handlers
    }

    /// The clause of this function that catches `tag` here: its frame and its position. Not looked for everywhere: the runtime finds
    /// it too.
    fn find_handler(&mut self, tag: TagId) -> Option<(usize, usize)> {
        let mut next = self.handlers_around(self.control.len());
        let mut seen = 0;
        while let Some(index) = next.filter(|_| seen < MOST_SEARCHED) {
            let clauses = self.control[index].clauses();
            seen += clauses.len();
            let mut clauses = clauses.iter();
            let position = clauses.position(|clause| clause.tag.is_none_or(|caught| caught == tag));
            if let Some(position) = position {
                return Some((index, position));
            }
            next = self.handlers_around(index);
        }
        None
    }

    /// Where an exception goes for which the handlers from a frame outwards are tried.
    fn dispatch(&mut self, index: usize) -> ir::Block {
        if let Some(block) = self.control[index].dispatch {
            return block;
        }
        let block = self.body.block_with_params([types::I64]);
        self.body.builder.set_cold_block(block);
        self.control[index].dispatch = Some(block);
        block
    }

    /// Code that goes on in the first of the clauses that catches an exception, in those around them, or out of the function.
    pub(super) fn dispatch_among(&mut self, dispatch: Option<ir::Block>, clauses: &mut [Clause]) {
        let Some(dispatch) = dispatch else { return };
        self.body.builder.switch_to_block(dispatch);
        self.body.builder.seal_block(dispatch);
        let address = self.body.builder.block_params(dispatch)[0];
        let flags = self.body.exception_flags();
        let offset = displacement(offset_of!(Exception, tag));
        let thrown = self.body.ins().load(types::I32, flags, address, offset);
        for clause in clauses {
            clause.is_target = true;
            let Some(tag) = clause.tag else {
                return self.body.jump(clause.landing, &[address]);
            };
            let tag = i64::from(number(tag));
            let is_caught = self.body.ins().icmp_imm_u(IntCC::Equal, thrown, tag);
            let next = self.body.builder.create_block();
            self.body.builder.set_cold_block(next);
            let arguments = [BlockArg::Value(address)];
            self.body
                .ins()
                .brif(is_caught, clause.landing, &arguments, next, &[]);
            self.body.builder.seal_block(next);
            self.body.builder.switch_to_block(next);
        }
        match self.control.last().and_then(|frame| frame.handlers) {
            Some(around) => {
                let around = self.dispatch(around);
                self.body.jump(around, &[address]);
            }
            None => self.throw_address(address),
        }
    }

    pub(super) fn throw(&mut self, tag_index: u32) {
        let tag = self.tag(tag_index);
        let program = self.body.environment.program;
        let ty = &program.signatures[program.tags[tag].signature];
        let values = self.pop_many(ty.params().len());
        self.throw_values(tag, &values);
    }

    /// Throws a new exception.
    pub(super) fn throw_values(&mut self, tag: TagId, values: &[Value]) {
        self.reachable = false;
        let Some((index, position)) = self.find_handler(tag) else {
            let address = self.body.new_exception(tag, values);
            self.throw_address(address);
            return;
        };
        let clause = &mut self.control[index].clauses()[position];
        if let Action::Branch {
            depth,
            reference: false,
        } = clause.action
        {
            let values = if clause.tag.is_some() { values } else { &[] };
            // The label as it is seen from here.
            let depth = depth as usize + self.control.len() - index;
            let depth = u32::try_from(depth).expect("validated: nesting is limited");
            let (target, _) = self.branch_target(depth, true);
            self.body.jump(target, values);
        } else {
            clause.is_target = true;
            let landing = clause.landing;
            let address = self.body.new_exception(tag, values);
            self.body.jump(landing, &[address]);
        }
    }

    pub(super) fn throw_ref(&mut self) {
        let reference = self.pop();
        self.body.trap_if_null(reference, Trap::NullReference);
        if self.body.environment.plan.state.exceptions.is_none() {
            // Without a tag there is no reference but null.
            self.unreachable();
            return;
        }
        self.throw_address(reference);
    }

    /// Throws the exception at `address`.
    pub(super) fn throw_address(&mut self, address: Value) {
        let throw = self.body.throw_function();
        let tables = self.body.exception_plan().tables;
        let arguments = [address, self.body.address(tables)];
        let handlers = self.handlers();
        if handlers.is_empty() {
            self.body.ins().call(throw, &arguments);
        } else {
            let next = self.body.builder.create_block();
            let signature = self.body.builder.func.dfg.ext_funcs[throw].signature;
            let table = self.body.exception_table(signature, next, &handlers);
            self.body.ins().try_call(throw, &arguments, table);
            self.body.builder.set_cold_block(next);
            self.body.builder.switch_to_block(next);
            self.body.builder.seal_block(next);
        }
        // It does not return.
        self.body.ins().trap(trap_code(Trap::UncaughtException));
        self.reachable = false;
    }

    /// A clause whose landing nothing reaches yet.
    pub(super) fn clause(&mut self, tag: Option<TagId>, action: Action) -> Clause {
        let landing = self.body.block_with_params([types::I64]);
        self.body.builder.set_cold_block(landing);
        Clause {
            tag,
            landing,
            is_target: false,
            action,
        }
    }

    pub(super) fn try_table(&mut self, table: &TryTable) {
        let (params, results) = self.block_types(table.ty);
        let clauses = table
            .catches
            .iter()
            .map(|catch| {
                let (tag, depth, reference) = match *catch {
                    Catch::One { tag, label } => (Some(tag), label, false),
                    Catch::OneRef { tag, label } => (Some(tag), label, true),
                    Catch::All { label } => (None, label, false),
                    Catch::AllRef { label } => (None, label, true),
                };
                let tag = tag.map(|tag| self.tag(tag));
                self.clause(tag, Action::Branch { depth, reference })
            })
            .collect();
        self.open(FrameKind::TryTable { clauses }, params.len(), &results);
    }

    /// The landings of a `try_table` that has ended.
    pub(super) fn landings(&mut self, clauses: &[Clause]) {
        for clause in clauses.iter().filter(|clause| clause.is_target) {
            let Action::Branch { depth, reference } = clause.action else {
                unreachable!("the clauses of a try_table branch")
            };
            let address = self.enter_landing(clause);
            let mut arguments = match clause.tag {
                Some(tag) => self.body.exception_values(tag, address),
                None => Vec::new(),
            };
            if reference {
                arguments.extend(self.body.call_builtin(Builtin::ExceptionKeep, &[address]));
            }
            let (target, _) = self.branch_target(depth, true);
            self.body.jump(target, &arguments);
        }
    }

    /// Continues in a landing, which nothing more will go to, and gives the exception's address.
    pub(super) fn enter_landing(&mut self, clause: &Clause) -> Value {
        self.body.builder.switch_to_block(clause.landing);
        self.body.builder.seal_block(clause.landing);
        self.body.builder.block_params(clause.landing)[0]
    }
}

impl Frame {
    /// Its handlers.
    fn clauses(&mut self) -> &mut [Clause] {
        match &mut self.kind {
            FrameKind::TryTable { clauses } | FrameKind::Try { clauses, .. } => clauses,
            _ => &mut [],
        }
    }
}
