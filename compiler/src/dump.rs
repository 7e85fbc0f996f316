//! The intermediate and machine code of a program as text.

use crate::codegen;
use crate::plan::Plan;
use crate::program::Program;
use crate::{Error, Options};
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
    let isa = codegen::target(options);
    for unit in codegen::units(program, &plan) {
        let assembly = what == Dump::Asm;
        let text = codegen::dump_unit(program, &plan, unit, options, isa.as_ref(), assembly)
            .map_err(|error| codegen::in_module_of(program, unit, error))?;
        let name = codegen::describe(program, unit);
        let _ = write!(out, ";; function {name}\n{}\n\n", text.trim_end());
    }
    Ok(())
}
