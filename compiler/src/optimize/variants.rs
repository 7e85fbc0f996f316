//! Compiles a function in several forms and keeps the one whose machine code costs least.
//!
//! No transformation before register allocation helps every function: each costs some of them several percent. What they
//! really do shows in the code. The forms: with and without Cranelift's e-graph, which finds what is computed twice and what
//! a loop need not repeat, and thereby keeps more values for longer; each of them with its blocks ordered anew, and not.

use super::{Form, Origins, Workspace, analyse, estimate, finish, refine, schedule, start};
use crate::codegen::Target;
use crate::translate::Traced;
use crate::{OptLevel, Options, Pass};
use cranelift_codegen::ir::Function;
use cranelift_codegen::{CodegenResult, CompiledCode};

/// Functions with fewer instructions and a single block are as good as they get.
const SMALL: usize = 12;

pub(super) fn are_worthwhile(func: &Function) -> bool {
    func.dfg.num_insts() >= SMALL
}

/// What a form may cost to be taken in place of an earlier one, of that one's cost. The estimate is not good to a few percent.
const CLEARLY_LESS: f64 = 0.97;

/// The best code so far, and what it costs.
struct Best {
    code: CompiledCode,
    /// What it was compiled from: the code's relocations refer to it.
    function: Function,
    cost: f64,
}

/// Compiles a function in each of the given forms, which are all the same function; the workspace then holds the one that was kept.
pub(super) fn compile(
    workspace: &mut Workspace,
    forms: [Form; 2],
    target: &Target,
    options: &Options,
) -> CodegenResult<(CompiledCode, Origins, Traced)> {
    let mut best: Option<(Best, Origins, Traced)> = None;
    for Form {
        function,
        origins,
        traced,
    } in forms
    {
        start(&mut workspace.context, function);
        refine(&mut workspace.context, target, options);
        let form = cheapest_order(workspace, target, options)?;
        match best {
            Some((ref best, ..)) if best.cost * CLEARLY_LESS <= form.cost => {}
            _ => best = Some((form, origins, traced)),
        }
    }
    let (best, origins, traced) = best.expect("there are forms");
    start(&mut workspace.context, best.function);
    Ok((best.code, origins, traced))
}

/// Compiles the function of the workspace as it is and, if that changes it, with its blocks in another order.
fn cheapest_order(
    workspace: &mut Workspace,
    target: &Target,
    options: &Options,
) -> CodegenResult<Best> {
    if options.runs(Pass::Schedule, OptLevel::O2) {
        let before = workspace.context.func.clone();
        if schedule::run(&mut workspace.context, true) {
            let ordered = consider(workspace, target, options)?;
            start(&mut workspace.context, before);
            analyse(&mut workspace.context);
            let unordered = consider(workspace, target, options)?;
            return Ok(if ordered.cost <= unordered.cost {
                ordered
            } else {
                unordered
            });
        }
    }
    consider(workspace, target, options)
}

fn consider(workspace: &mut Workspace, target: &Target, options: &Options) -> CodegenResult<Best> {
    let code = finish(workspace, target, options)?;
    // What is not known is as bad as can be: the first form stays.
    let cost = estimate::estimate(&code).unwrap_or(f64::INFINITY);
    let function = std::mem::replace(&mut workspace.context.func, Function::new());
    Ok(Best {
        code,
        function,
        cost,
    })
}
