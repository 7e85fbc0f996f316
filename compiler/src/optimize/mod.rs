//! The optimizations that are ours, around those of Cranelift: a file for each.

mod constants;
mod copies;
mod estimate;
mod fold;
mod inline;
mod latch;
mod machine;
mod pressure;
mod schedule;
mod value;
mod variants;
mod widen;

pub(crate) use inline::{Body, Form, Origins, Scope, inline, is_locatable};
pub(crate) use machine::{Changes, Refused, rewrite};

use crate::codegen::Target;
use crate::translate::Traced;
use crate::{OptLevel, Options, Pass};
use cranelift_codegen::ir::{Block, Function};
use cranelift_codegen::loop_analysis::LoopAnalysis;
use cranelift_codegen::{CodegenResult, CompiledCode, Context};
use cranelift_frontend::FunctionBuilderContext;

/// What a thread compiles in, one function after the other.
pub(crate) struct Workspace {
    pub context: Context,
    pub builder: FunctionBuilderContext,
    /// The register allocator's.
    registers: regalloc2::Ctx,
}

impl Workspace {
    pub(crate) fn new() -> Workspace {
        Workspace {
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
            registers: regalloc2::Ctx::default(),
        }
    }
}

/// Functions whose loops are deeper are only compiled. No program that anybody wrote is like that, and what looks at loops
/// takes time that grows with the square of their depth, Cranelift's e-graph with its cube (2 s for 1,000 loops).
const MAX_LOOP_DEPTH: u32 = 100;

/// Whether a function of loops of that depth is only compiled, without any pass that looks at loops.
pub(crate) fn is_too_deep(loop_depth: u32) -> bool {
    loop_depth > MAX_LOOP_DEPTH
}

/// Optimizes the function of `context` as it is needed wherever its body goes; if `plain` or huge, only as far as all code does:
/// the e-graph takes time that grows with the square of how deep blocks are (13 s for 50,000 in 1 MB).
///
/// # Errors
/// Cranelift's, when a function exceeds one of its limits.
pub(crate) fn body(
    context: &mut Context,
    plain: bool,
    target: &Target,
    options: &Options,
) -> CodegenResult<()> {
    if options.opt_level >= OptLevel::O2 {
        // (Of values that the e-graph puts in the place of others, debuggers could not be told.)
        let target = if plain || options.debug || is_huge(&context.func) {
            &target.lowering
        } else {
            &target.optimizing
        };
        context.optimize(target.as_ref(), &mut Default::default())?;
    }
    Ok(())
}

/// Whether [`lower`] wants a function also as it is when it is not optimized. If `grows`, bodies will come in the place of
/// calls.
pub(crate) fn needs_plain(context: &Context, grows: bool, options: &Options) -> bool {
    let is_wanted = options.runs(Pass::Variants, OptLevel::O3) && !options.debug;
    is_wanted && (grows || variants::are_worthwhile(&context.func))
}

/// Compiles a function in `context`, after the passes that look at the machine.
///
/// # Errors
/// Cranelift's, when a function exceeds one of its limits.
pub(crate) fn lower(
    workspace: &mut Workspace,
    body: Body,
    target: &Target,
    options: &Options,
) -> CodegenResult<(CompiledCode, Origins, Traced)> {
    if let Some(plain) = body.plain {
        return variants::compile(workspace, [body.optimized, plain], target, options);
    }
    let context = &mut workspace.context;
    start(context, body.optimized.function);
    if options.opt_level >= OptLevel::O2 && !is_too_deep(body.loop_depth) {
        refine(context, target, options);
        if options.runs(Pass::Schedule, OptLevel::O2) {
            schedule::run(context, false);
        }
    }
    let Form {
        origins, traced, ..
    } = body.optimized;
    Ok((finish(workspace, target, options)?, origins, traced))
}

fn start(context: &mut Context, function: Function) {
    context.clear();
    context.func = function;
}

fn analyse(context: &mut Context) {
    context.flowgraph();
    context.compute_loop_analysis();
}

/// What helps every function.
fn refine(context: &mut Context, target: &Target, options: &Options) {
    analyse(context);
    context.func.dfg.resolve_all_aliases();
    if target.wraps && options.runs(Pass::Fold, OptLevel::O2) {
        fold::run(context);
    }
    if options.runs(Pass::Latch, OptLevel::O2) {
        latch::run(context);
    }
    if options.runs(Pass::Widen, OptLevel::O2) {
        widen::run(context);
    }
}

/// Compiles what [`lower`] has compiled once more, without what machine code needs [`rewrite`] for.
///
/// # Errors
/// Cranelift's, when a function exceeds one of its limits.
pub(crate) fn lower_plainly(
    workspace: &mut Workspace,
    target: &Target,
) -> CodegenResult<CompiledCode> {
    fold::undo(&mut workspace.context.func);
    compile(workspace, target)
}

fn finish(
    workspace: &mut Workspace,
    target: &Target,
    options: &Options,
) -> CodegenResult<CompiledCode> {
    let context = &mut workspace.context;
    if options.opt_level >= OptLevel::O2 && !options.debug {
        constants::run(context);
    }
    if options.runs(Pass::Copies, OptLevel::O2) && context.loop_analysis.is_valid() {
        copies::run(context);
    }
    compile(workspace, target)
}

/// Functions with more instructions or blocks take the register allocator that needs linear time: the time of the other one
/// grows with the square of what is live at once (in real programs a dozen values, in others anything). Of 133,398
/// functions of Clang and 46,473 of Yosys none is as large.
const HUGE_INSTS: usize = 150_000;
const HUGE_BLOCKS: usize = 30_000;

fn is_huge(func: &Function) -> bool {
    func.dfg.num_insts() > HUGE_INSTS || func.dfg.num_blocks() > HUGE_BLOCKS
}

/// So many ways from one block to another, entries of jump tables and handlers of calls one by one, Cranelift may have to look at when
/// it tells where blocks start.
const MOST_EDGES: usize = 20_000;

fn is_branchy(func: &Function) -> bool {
    let edges = func.layout.blocks().map(|block| {
        let last = func.layout.last_inst(block);
        last.map_or(0, |last| {
            let tables = (&func.dfg.jump_tables, &func.dfg.exception_tables);
            func.dfg.insts[last]
                .branch_destination(tables.0, tables.1)
                .len()
        })
    });
    edges.sum::<usize>() > MOST_EDGES + 2 * func.dfg.num_blocks()
}

/// The function of the workspace -> machine code. Of huge functions and of those with many edges it is not told where blocks start.
fn compile(workspace: &mut Workspace, target: &Target) -> CodegenResult<CompiledCode> {
    let Workspace {
        context, registers, ..
    } = workspace;
    let isa = if is_huge(&context.func) {
        target.lowering_huge.as_ref()
    } else if is_branchy(&context.func) {
        target.lowering_branchy.as_ref()
    } else {
        target.lowering.as_ref()
    };
    // A function that was analysed was optimized before, and no pass since has moved a branch: what Cranelift does first
    // to any function would find nothing.
    if context.loop_analysis.is_valid() {
        context.func.dfg.resolve_all_aliases();
    } else {
        context.optimize(isa, &mut Default::default())?;
    }
    context.verify_if(isa)?;
    let control = &mut Default::default();
    let code = isa.compile_function(&context.func, &context.domtree, registers, false, control)?;
    Ok(code.apply_params(&context.func.params))
}

/// How often a block is executed, as far as the depth of its loops tells.
fn weight(loops: &LoopAnalysis, block: Block) -> u64 {
    const ITERATIONS: u64 = 8;
    let level = loops.loop_level(block).level();
    ITERATIONS.pow(u32::try_from(level.min(8)).expect("at most 8"))
}
