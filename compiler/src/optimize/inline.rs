//! Puts bodies in the place of calls, and remembers where each instruction came from.
//!
//! Which calls, the plan knows ([`crate::plan::Inlining`]); how, Cranelift's inliner. It leaves three things to us. It
//! gives the new instructions no source locations, but makes them in a known order, that of a walk over the callee. It
//! copies the callee's symbols as further ones, which nothing would recognise as equal, so they are mapped back to the
//! ones that every function begins with. And it says nothing of the callee's callees.

use crate::program::FuncId;
use crate::translate::{Traced, namespace};
use cranelift_codegen::inline::{Inline, InlineCommand};
use cranelift_codegen::ir::{self, ExternalName, Function, InstructionData, Opcode, SourceLoc};
use cranelift_codegen::traversals::Dfs;
use cranelift_codegen::{CodegenResult, Context};
use std::borrow::Cow;
use std::sync::Arc;

/// A body in the place of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    pub function: FuncId,
    /// The number of the scope with the call: 0 is the function itself, and scopes count from 1.
    pub parent: u32,
    /// The call's offset in its module's bytes.
    pub call: SourceLoc,
}

/// Where the instructions of a function come from, of which some come from others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins {
    pub scopes: Vec<Scope>,
    /// Scopes and offsets of the source locations that are no offsets themselves.
    locations: Vec<(u32, SourceLoc)>,
}

/// The bit of source locations that stand for an entry of [`Origins::locations`]. Offsets as large as that do not occur:
/// modules are smaller (see [`is_locatable`]).
const ENTRY: u32 = 1 << 31;

/// Whether functions that end at this offset of their module can be put in the place of calls: offsets leave room for
/// what [`Origins`] adds.
pub(crate) fn is_locatable(end: u64) -> bool {
    end < u64::from(ENTRY)
}

impl Origins {
    /// The scope of a source location, and its offset in that function's module.
    pub(crate) fn resolve(&self, location: SourceLoc) -> (u32, SourceLoc) {
        if location.is_default() || location.bits() & ENTRY == 0 {
            return (0, location);
        }
        self.locations[(location.bits() & !ENTRY) as usize]
    }

    fn location(&mut self, scope: u32, offset: SourceLoc) -> SourceLoc {
        if scope == 0 || offset.is_default() {
            return offset;
        }
        if self.locations.last() != Some(&(scope, offset)) {
            self.locations.push((scope, offset));
        }
        let entry = u32::try_from(self.locations.len() - 1).expect("fewer than instructions");
        SourceLoc::new(entry | ENTRY)
    }

    /// The bodies of `callee`, which is put in the place of a call, become scopes; gives what is added to their numbers.
    fn adopt(&mut self, function: FuncId, callee: &Origins, call: SourceLoc) -> u32 {
        let (parent, call) = self.resolve(call);
        self.scopes.push(Scope {
            function,
            parent,
            call,
        });
        let base = u32::try_from(self.scopes.len()).expect("fewer than calls");
        let scopes = callee.scopes.iter().map(|scope| Scope {
            parent: scope.parent + base,
            ..*scope
        });
        self.scopes.extend(scopes);
        base
    }
}

/// The body of a function, that goes in the place of calls.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub optimized: Form,
    /// As it is without Cranelift's optimizations, if code may be made from that.
    pub plain: Option<Form>,
    /// At least how many loops are one in the other.
    pub loop_depth: u32,
}

/// A body in one of its forms.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub function: Function,
    pub origins: Origins,
    /// What debuggers are told of it. It is not kept for bodies in the place of calls.
    pub traced: Traced,
}

impl Body {
    fn form(&self, plain: bool) -> &Form {
        let form = self.plain.as_ref().filter(|_| plain);
        form.unwrap_or(&self.optimized)
    }
}

/// One call that was replaced, for what is left to do afterwards.
struct Replaced {
    body: Arc<Body>,
    id: FuncId,
    /// The caller's instructions before its own were made.
    first: usize,
    call: SourceLoc,
}

struct Inliner<'a> {
    bodies: &'a [(FuncId, Arc<Body>)],
    plain: bool,
    replaced: Vec<Replaced>,
}

impl Inline for Inliner<'_> {
    fn inline(
        &mut self,
        caller: &Function,
        call: ir::Inst,
        opcode: Opcode,
        callee: ir::FuncRef,
        _: &[ir::Value],
    ) -> InlineCommand<'_> {
        if opcode != Opcode::Call {
            return InlineCommand::KeepCall;
        }
        let ExternalName::User(name) = caller.dfg.ext_funcs[callee].name else {
            return InlineCommand::KeepCall;
        };
        let name = &caller.params.user_named_funcs()[name];
        if name.namespace != namespace::FUNCTION {
            return InlineCommand::KeepCall;
        }
        let id = FuncId::from_u32(name.index);
        let Ok(position) = self.bodies.binary_search_by_key(&id, |&(id, _)| id) else {
            return InlineCommand::KeepCall;
        };
        let body = &self.bodies[position].1;
        self.replaced.push(Replaced {
            body: body.clone(),
            id,
            first: caller.dfg.num_insts(),
            call: caller.srcloc(call),
        });
        InlineCommand::Inline {
            callee: Cow::Borrowed(&body.form(self.plain).function),
            visit_callee: false,
        }
    }
}

/// Replaces the plain calls of the functions in `bodies`, which ascend; with bodies that are not optimized if `plain`.
///
/// # Errors
/// Cranelift's, when the function becomes too large.
pub(crate) fn inline(
    context: &mut Context,
    bodies: &[(FuncId, Arc<Body>)],
    plain: bool,
    origins: &mut Origins,
) -> CodegenResult<()> {
    let mut inliner = Inliner {
        bodies,
        plain,
        replaced: Vec::new(),
    };
    if !context.inline(&mut inliner)? {
        return Ok(());
    }
    let function = &mut context.func;
    for replaced in inliner.replaced {
        locate(function, &replaced, plain, origins);
    }
    unify_symbols(function);
    Ok(())
}

/// Gives the instructions of a body their source locations.
fn locate(function: &mut Function, replaced: &Replaced, plain: bool, origins: &mut Origins) {
    let Replaced {
        body,
        id,
        first,
        call,
    } = replaced;
    let body = body.form(plain);
    let base = origins.adopt(*id, &body.origins, *call);
    let callee = &body.function;
    let mut made = *first;
    for block in Dfs::new().pre_order_iter(callee) {
        for inst in callee.layout.block_insts(block) {
            let copy = ir::Inst::from_u32(u32::try_from(made).expect("an index of instructions"));
            let opcode = callee.dfg.insts[inst].opcode();
            // (One for one: the plan leaves bodies with tail calls, which become two, where they are.)
            made += 1;
            let copied = function.dfg.insts[copy].opcode();
            assert!(
                copied == opcode || opcode.is_return(),
                "the copy of {opcode} is no {copied}"
            );
            let location = callee.srcloc(inst);
            if location.is_default() {
                continue;
            }
            let (scope, offset) = body.origins.resolve(location);
            let location = origins.location(scope + base, offset);
            function.set_srcloc(copy, location);
        }
    }
}

/// Maps all symbols to those that every function begins with.
fn unify_symbols(function: &mut Function) {
    const SYMBOLS: u32 = crate::plan::Block::ALL.len() as u32;
    let mut cursor = function.layout.entry_block();
    while let Some(block) = cursor {
        let mut next = function.layout.first_inst(block);
        while let Some(inst) = next {
            if let InstructionData::UnaryGlobalValue { global_value, .. } =
                &mut function.dfg.insts[inst]
            {
                *global_value = ir::GlobalValue::from_u32(global_value.as_u32() % SYMBOLS);
            }
            next = function.layout.next_inst(inst);
        }
        cursor = function.layout.next_block(block);
    }
    let symbols = std::mem::take(&mut function.global_values);
    function.global_values = symbols
        .into_iter()
        .map(|(_, data)| data)
        .take(SYMBOLS as usize)
        .collect();
}
