//! The optimizations that are ours, around those of Cranelift: a file for each.

use crate::codegen::Target;
use crate::{OptLevel, Options};
use cranelift_codegen::{CodegenResult, Context};

/// Optimizes the function of `context`, up to what [`Context::compile`] does with a target that does not optimize.
///
/// # Errors
/// Cranelift's, when a function exceeds one of its limits.
pub(crate) fn function(
    context: &mut Context,
    target: &Target,
    options: &Options,
) -> CodegenResult<()> {
    if options.opt_level >= OptLevel::O2 {
        context.optimize(target.optimizing.as_ref(), &mut Default::default())?;
    }
    Ok(())
}
