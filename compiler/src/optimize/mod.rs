//! The optimizations that are ours, around those of Cranelift: a file for each.

mod copies;
mod estimate;
mod inline;
mod latch;
mod pressure;
mod schedule;
mod shorten;
mod variants;
mod widen;

pub(crate) use inline::{Body, Form, Origins, Scope, inline, is_locatable};
pub(crate) use shorten::shorten;

use crate::codegen::Target;
use crate::translate::Traced;
use crate::{OptLevel, Options, Pass};
use cranelift_codegen::ir::{Block, Function};
use cranelift_codegen::loop_analysis::LoopAnalysis;
use cranelift_codegen::{CodegenResult, CompiledCode, Context};

/// Optimizes the function of `context` as it is needed wherever its body goes; if `plain`, only as far as all code does.
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
        let target = if plain || options.debug {
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
    context: &mut Context,
    body: Body,
    target: &Target,
    options: &Options,
) -> CodegenResult<(CompiledCode, Origins, Traced)> {
    if let Some(plain) = body.plain {
        return variants::compile(context, [body.optimized, plain], target, options);
    }
    start(context, body.optimized.function);
    if options.opt_level >= OptLevel::O2 {
        refine(context, options);
        if options.runs(Pass::Schedule, OptLevel::O2) {
            schedule::run(context, false);
        }
    }
    let Form {
        origins, traced, ..
    } = body.optimized;
    Ok((finish(context, target, options)?, origins, traced))
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
fn refine(context: &mut Context, options: &Options) {
    analyse(context);
    context.func.dfg.resolve_all_aliases();
    if options.runs(Pass::Latch, OptLevel::O2) {
        latch::run(context);
    }
    if options.runs(Pass::Widen, OptLevel::O2) {
        widen::run(context);
    }
}

fn finish(
    context: &mut Context,
    target: &Target,
    options: &Options,
) -> CodegenResult<CompiledCode> {
    if options.runs(Pass::Copies, OptLevel::O2) {
        copies::run(context);
    }
    context.set_disasm(target.disassembles);
    context
        .compile(target.lowering.as_ref(), &mut Default::default())
        .map_err(|error| error.inner)?;
    Ok(context.take_compiled_code().expect("it was compiled"))
}

/// How often a block is executed, as far as the depth of its loops tells.
fn weight(loops: &LoopAnalysis, block: Block) -> u64 {
    const ITERATIONS: u64 = 8;
    let level = loops.loop_level(block).level();
    ITERATIONS.pow(u32::try_from(level.min(8)).expect("at most 8"))
}
