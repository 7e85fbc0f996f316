//! The intermediate and machine code of a program as text.

use crate::codegen::{self, Generator};
use crate::plan::Plan;
use crate::program::Program;
use crate::translate::Environment;
use crate::{Error, Options};
use cranelift_codegen::Context;
use cranelift_frontend::FunctionBuilderContext;
use std::fmt::Write as _;

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dump {
    /// Cranelift's intermediate representation, as translated.
    Clif,
    /// The machine code, disassembled.
    Asm,
}

/// Appends every unit of `program` to `out`, each under a comment that names it.
///
/// # Errors
/// As [`crate::compile`].
pub fn dump(
    program: &Program<'_>,
    options: &Options,
    what: Dump,
    out: &mut String,
) -> Result<(), Error> {
    let plan = Plan::new(program, options)?;
    let units = codegen::units(program, &plan);
    let environment = Environment {
        program,
        plan: &plan,
        options,
    };
    let mut generator = Generator::new(environment, units.iter().copied());
    let mut context = Context::new();
    let mut builder = FunctionBuilderContext::new();
    generator.disassemble();
    for unit in units {
        let text = match what {
            Dump::Clif => generator
                .translate(unit, &mut context, &mut builder)
                .map(|_| context.func.display().to_string()),
            Dump::Asm => generator
                .generate(unit, &mut context, &mut builder)
                .map(|(compiled, ..)| compiled.vcode.unwrap_or_default()),
        }?;
        let name = codegen::describe(program, unit);
        let _ = write!(out, ";; function {name}\n{}\n\n", text.trim_end());
    }
    Ok(())
}
