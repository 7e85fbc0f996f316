//! The optimizations that are ours, around those of Cranelift: a file for each.

mod inline;
mod shorten;

pub(crate) use inline::{Body, Origins, Scope, inline, is_locatable};
pub(crate) use shorten::shorten;

use crate::codegen::Target;
use crate::{OptLevel, Options};
use cranelift_codegen::{CodegenResult, Context};

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
