//! The intermediate and machine code of a program as text.

use crate::codegen::{self, Generator};
use crate::disassemble::{self, AsmLine};
use crate::optimize::Workspace;
use crate::plan::Plan;
use crate::program::{FuncId, FunctionKind, Program};
use crate::translate::{Environment, Unit};
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
    let units = codegen::units(program, &plan);
    let mut writer = Writer::new(program, &plan, options, &units);
    for unit in units {
        let text = match what {
            Dump::Clif => writer.clif(unit)?,
            Dump::Asm => {
                let lines = writer.asm(unit)?;
                let lines: Vec<&str> = lines.iter().map(|line| &*line.text).collect();
                lines.join("\n")
            }
        };
        let name = codegen::describe(program, unit);
        let _ = write!(out, ";; function {name}\n{}\n\n", text.trim_end());
    }
    Ok(())
}

/// The code of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCode {
    /// Its index in its module, imported functions included.
    pub index: u32,
    /// Cranelift's intermediate representation, as translated; each instruction that comes from one of the module begins
    /// with `@` and that one's offset in the module, in hexadecimal.
    pub clif: String,
    /// The machine code, disassembled, with the bodies that stand in the place of calls; `None` if its own body stands only
    /// in the place of calls.
    pub asm: Option<Vec<AsmLine>>,
}

/// The code of those functions of the main module of `program` whose index is `wanted`. What nothing reaches has none.
///
/// # Errors
/// As [`crate::compile`].
pub fn function_code(
    program: &Program<'_>,
    options: &Options,
    wanted: &dyn Fn(u32) -> bool,
) -> Result<Vec<FunctionCode>, Error> {
    let plan = Plan::new(program, options)?;
    let index = |id| match program.functions[id].kind {
        FunctionKind::Defined { instance, index }
            if program.label(id).is_none() && program.shown_number(instance) == 0 =>
        {
            Some(index).filter(|&index| wanted(index))
        }
        _ => None,
    };
    let functions: Vec<(u32, FuncId)> = program
        .functions
        .keys()
        .filter(|&id| plan.reach.functions.contains(id))
        .filter_map(|id| Some((index(id)?, id)))
        .collect();
    let has_code = |id| !plan.inlining.is_gone(id);
    let units: Vec<Unit> = functions
        .iter()
        .filter(|&&(_, id)| has_code(id))
        .map(|&(_, id)| Unit::Function(id))
        .collect();
    let mut writer = Writer::new(program, &plan, options, &units);
    let code = functions.iter().map(|&(index, id)| {
        let unit = Unit::Function(id);
        Ok(FunctionCode {
            index,
            clif: writer.clif(unit)?,
            asm: has_code(id).then(|| writer.asm(unit)).transpose()?,
        })
    });
    code.collect()
}

/// Writes the code of units as text.
struct Writer<'a> {
    generator: Generator<'a>,
    program: &'a Program<'a>,
    workspace: Workspace,
}

impl<'a> Writer<'a> {
    fn new(program: &'a Program<'a>, plan: &'a Plan, options: &'a Options, units: &[Unit]) -> Self {
        let environment = Environment {
            program,
            plan,
            options,
        };
        Writer {
            generator: Generator::new(environment, units.iter().copied()).listed(),
            program,
            workspace: Workspace::new(),
        }
    }

    fn clif(&mut self, unit: Unit) -> Result<String, Error> {
        self.generator.translate(unit, &mut self.workspace)?;
        Ok(self.workspace.context.func.display().to_string())
    }

    /// To be called once for each unit.
    fn asm(&mut self, unit: Unit) -> Result<Vec<AsmLine>, Error> {
        let code = self.generator.compile(unit, &mut self.workspace)?;
        Ok(disassemble::lines(self.program, &code))
    }
}
