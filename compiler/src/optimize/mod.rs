//! The optimizations that are ours, around those of Cranelift: a file for each.

mod inline;
mod pressure;
mod schedule;
mod widen;

pub(crate) use inline::{Body, Origins, Scope, inline, is_locatable};

use crate::codegen::Target;
use crate::{OptLevel, Options, Pass};
use cranelift_codegen::ir::Block;
use cranelift_codegen::loop_analysis::LoopAnalysis;
use cranelift_codegen::{CodegenResult, CompiledCode, Context};

/// Optimizes the function of `context` as it is needed wherever its body goes.
///
/// # Errors
/// Cranelift's, when a function exceeds one of its limits.
pub(crate) fn body(context: &mut Context, target: &Target, options: &Options) -> CodegenResult<()> {
    if options.opt_level >= OptLevel::O2 {
        context.optimize(target.optimizing.as_ref(), &mut Default::default())?;
    }
    Ok(())
}

/// Compiles the optimized function of `context`, after the passes that look at the machine.
///
/// # Errors
/// Cranelift's, when a function exceeds one of its limits.
pub(crate) fn lower(
    context: &mut Context,
    target: &Target,
    options: &Options,
) -> CodegenResult<CompiledCode> {
    if options.opt_level >= OptLevel::O2 {
        // A body that others have too comes without them.
        context.flowgraph();
        context.func.dfg.resolve_all_aliases();
    }
    if options.runs(Pass::Widen, OptLevel::O2) {
        widen::run(context);
    }
    if options.runs(Pass::Schedule, OptLevel::O2) {
        schedule::run(context);
    }
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
