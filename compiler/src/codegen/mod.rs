//! Parallel code generation: each unit of the program -> machine code with its relocations and sites.

mod compares;
mod places;
mod sites;
mod target;

pub(crate) use compares::{Compare, Kind};
pub(crate) use places::{Content, DebugCode, ValuePlace};
pub(crate) use sites::wasm_offset;
pub(crate) use target::{Target, frontend_config, target};

use crate::cache::{Cached, CodeCache};
use crate::optimize::{Body, Form, Origins, Refused, Scope, Workspace};
use crate::plan::Plan;
use crate::program::{FuncId, FunctionKind, Program, number};
use crate::translate::{self, Environment, Traced, Unit};
use crate::unwind::Frame;
use crate::{Error, OptLevel, Options, Pass, Progress};
use crate::{names, optimize, parallel};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::ir::{ExternalName, Function};
use cranelift_codegen::{CodegenError, CompiledCode, Context, FinalizedRelocTarget};
use cranelift_entity::{EntitySet, SecondaryMap};
use nativize_abi::program::Handler;
use nativize_abi::sites::Site;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A unit's machine code.
#[derive(Debug)]
pub(crate) struct Code {
    pub bytes: Vec<u8>,
    pub align: u32,
    pub relocs: Vec<CodeReloc>,
    /// Trap and call sites, ascending.
    pub sites: Vec<Site>,
    /// The bodies in the place of calls that sites are in.
    pub scopes: Vec<Scope>,
    /// What was compared where a trap follows from it, ascending.
    pub compares: Vec<Compare>,
    /// In a build for profiling, and for a listing, where each stretch of the code comes from, ascending: it begins at the program counter.
    pub stretches: Vec<Site>,
    /// The bodies in the place of calls that these are in.
    pub stretch_scopes: Vec<Scope>,
    /// For a listing, where blocks begin, ascending.
    pub blocks: Vec<u32>,
    /// What calls do when an exception leaves their callee, ascending by return address. Offsets are the unit's.
    pub handlers: Vec<Handler>,
    pub unwind: Frame,
    /// What debuggers are told, if they are.
    pub debug: Option<DebugCode>,
}

/// A reference to fill in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeReloc {
    pub kind: Reloc,
    pub offset: u32,
    pub addend: i64,
    /// The name space and index of what is referred to (see [`translate::namespace`]).
    pub target: (u32, u32),
}

/// Every unit of a program in the order of the text.
pub(crate) fn units(program: &Program<'_>, plan: &Plan) -> Vec<Unit> {
    let mut units: Vec<Unit> = program
        .functions
        .keys()
        .filter(|&id| plan.reach.functions.contains(id) && !plan.inlining.is_gone(id))
        .map(Unit::Function)
        .collect();
    let instances = program
        .instances
        .keys()
        .filter(|&id| plan.reach.instances[id]);
    units.extend(instances.map(Unit::Instantiate));
    units.extend(
        (0..program.entries.len())
            .map(|index| Unit::Entry(u32::try_from(index).expect("few entries"))),
    );
    units.extend(plan.reach.threads.keys().map(|&id| Unit::ThreadStart(id)));
    units
}

/// The bytes of wasm that a unit is translated from.
fn weight(program: &Program<'_>, unit: Unit) -> u64 {
    let Unit::Function(id) = unit else { return 0 };
    program.body(id).map_or(0, |(_, body)| {
        let range = body.code.range();
        range.end - range.start
    })
}

/// Compiles `units` on all cores, but for what `cache` has; the code comes back in their order.
///
/// # Errors
/// That of the first unit that has one.
pub(crate) fn compile(
    program: &Program<'_>,
    plan: &Plan,
    units: &[Unit],
    options: &Options,
    progress: &dyn Progress,
    cache: Option<&dyn CodeCache>,
) -> Result<Vec<Code>, Error> {
    let environment = Environment {
        program,
        plan,
        options,
    };
    // What is kept does not have all of what profiling needs.
    let cache = cache.filter(|_| !options.profiling);
    let cached = cache.map(|store| Cached::new(environment, units, store));
    let found = match &cached {
        Some(cached) => cached.find(units, options.threads),
        None => units.iter().map(|_| None).collect(),
    };
    let mut missing: Vec<usize> = (0..units.len())
        .filter(|&index| found[index].is_none())
        .collect();
    // The largest first: no thread is left with a large function at the end.
    missing.sort_by_key(|&index| std::cmp::Reverse(weight(program, units[index])));
    let generator = Generator::new(environment, missing.iter().map(|&index| units[index]));
    let weights = |indices: &[usize]| -> u64 {
        let weights = indices.iter().map(|&index| weight(program, units[index]));
        weights.sum()
    };
    let total = units.iter().map(|&unit| weight(program, unit)).sum();
    let done = AtomicU64::new(total - weights(&missing));
    let order: Vec<usize> = (0..missing.len()).collect();
    let made = parallel::map(
        &order,
        options.threads,
        Workspace::new,
        |workspace, position| {
            let index = missing[position];
            let unit = units[index];
            let in_flight = InFlight { program, unit };
            let code = generator.compile(unit, workspace);
            std::mem::forget(in_flight);
            if let (Some(cached), Ok(code)) = (&cached, &code) {
                cached.keep(index, unit, code);
            }
            let weight = weight(program, unit);
            progress.compiled(done.fetch_add(weight, Ordering::Relaxed) + weight, total);
            code
        },
    );
    let mut code: Vec<Option<Result<Code, Error>>> =
        found.into_iter().map(|found| found.map(Ok)).collect();
    for (&index, made) in missing.iter().zip(made) {
        code[index] = Some(made);
    }
    code.into_iter()
        .map(|code| code.expect("it was found or made"))
        .collect()
}

/// Says of an error which module it is in, where there are several.
fn in_module_of(program: &Program<'_>, unit: Unit, error: Error) -> Error {
    match unit {
        Unit::Function(id) => match program.label(id) {
            Some(label) => error.in_linked(label),
            None => error,
        },
        Unit::Instantiate(_) | Unit::Entry(_) | Unit::ThreadStart(_) => error,
    }
}

/// What generates code, shared by all threads.
pub(crate) struct Generator<'a> {
    environment: Environment<'a>,
    target: Target,
    bodies: SecondaryMap<FuncId, Slot>,
    /// Code is made to be listed.
    lists: bool,
}

/// A body that goes in the place of calls: made by who needs it first, dropped by who needs it last.
#[derive(Default)]
struct Slot {
    body: Mutex<Option<Arc<Body>>>,
    /// How many still have to get it.
    users: AtomicU32,
}

impl Clone for Slot {
    fn clone(&self) -> Self {
        Slot::default()
    }
}

impl<'a> Generator<'a> {
    /// For these units, each once.
    pub(crate) fn new(environment: Environment<'a>, units: impl Iterator<Item = Unit>) -> Self {
        let Environment { plan, options, .. } = environment;
        let mut bodies: SecondaryMap<FuncId, Slot> = SecondaryMap::new();
        let mut needed = Vec::new();
        let mut seen: EntitySet<FuncId> = EntitySet::new();
        for unit in units {
            let Unit::Function(id) = unit else { continue };
            needed.push(id);
            seen.insert(id);
            if plan.inlining.is_copied(id) {
                *bodies[id].users.get_mut() += 1;
            }
        }
        while let Some(caller) = needed.pop() {
            for &callee in plan.inlining.callees(caller) {
                *bodies[callee].users.get_mut() += 1;
                if seen.insert(callee) {
                    needed.push(callee);
                }
            }
        }
        Generator {
            environment,
            target: target(options, plan),
            bodies,
            lists: false,
        }
    }

    /// The same with what [`crate::disassemble::lines`] needs.
    pub(crate) fn listed(self) -> Self {
        Generator {
            lists: true,
            ..self
        }
    }

    /// A unit -> CLIF, not optimized, in `workspace.context`.
    pub(crate) fn translate(&self, unit: Unit, workspace: &mut Workspace) -> Result<Traced, Error> {
        let Workspace {
            context, builder, ..
        } = workspace;
        context.clear();
        translate::translate(self.environment, unit, &mut context.func, builder)
            .inspect_err(|_| {
                // A function that was not finished leaves its blocks behind, which the next one would take for its own.
                *builder = Default::default();
            })
            .map_err(|error| in_module_of(self.environment.program, unit, error))
    }

    /// A unit -> CLIF with the bodies of what it calls, optimized.
    fn optimize(&self, unit: Unit, workspace: &mut Workspace) -> Result<Body, Error> {
        let traced = self.translate(unit, workspace)?;
        let context = &mut workspace.context;
        let options = self.environment.options;
        let bodies = match unit {
            Unit::Function(id) => {
                let callees = self.environment.plan.inlining.callees(id);
                let bodies = callees.iter().map(|&id| Ok((id, self.body(id)?)));
                bodies.collect::<Result<Vec<_>, Error>>()?
            }
            Unit::Instantiate(_) | Unit::Entry(_) | Unit::ThreadStart(_) => Vec::new(),
        };
        let inner = bodies.iter().map(|(_, body)| body.loop_depth).max();
        let loop_depth = self.own_loop_depth(unit) + inner.unwrap_or(0);
        let too_deep = optimize::is_too_deep(loop_depth);
        let needs_plain = !too_deep && optimize::needs_plain(context, !bodies.is_empty(), options);
        let plain = needs_plain.then(|| context.func.clone());
        let optimized = self.form(unit, context, &bodies, traced.clone(), too_deep)?;
        let plain = match plain {
            Some(function) => {
                context.clear();
                context.func = function;
                Some(self.form(unit, context, &bodies, traced, true)?)
            }
            None => None,
        };
        Ok(Body {
            optimized,
            plain,
            loop_depth,
        })
    }

    /// How many loops of a function are one in the other, but for those of bodies in the place of calls.
    fn own_loop_depth(&self, unit: Unit) -> u32 {
        let Unit::Function(id) = unit else { return 0 };
        let body = self.environment.program.body(id);
        body.map_or(0, |(_, body)| body.facts.loop_depth.into())
    }

    /// The translated function of `context`, with bodies in the place of calls.
    fn form(
        &self,
        unit: Unit,
        context: &mut Context,
        bodies: &[(FuncId, Arc<Body>)],
        mut traced: Traced,
        plain: bool,
    ) -> Result<Form, Error> {
        let mut origins = Origins::default();
        optimize::inline(context, bodies, plain, &mut origins)
            .and_then(|()| places::label(context, &mut traced, self.target.lowering.as_ref()))
            .and_then(|()| optimize::body(context, plain, &self.target, self.environment.options))
            .map_err(|error| self.failed(unit, error))?;
        let function = std::mem::replace(&mut context.func, Function::new());
        Ok(Form {
            function,
            origins,
            traced,
        })
    }

    /// The body of a function that goes in the place of calls. To be called once by each who needs it.
    fn body(&self, id: FuncId) -> Result<Arc<Body>, Error> {
        let slot = &self.bodies[id];
        // Bodies need only bodies that come earlier in the plan's order, so nobody waits in a circle.
        let mut place = slot.body.lock().unwrap_or_else(PoisonError::into_inner);
        let body = match &*place {
            Some(body) => body.clone(),
            None => Arc::new(self.optimize(Unit::Function(id), &mut Workspace::new())?),
        };
        let is_last = slot.users.fetch_sub(1, Ordering::Relaxed) == 1;
        *place = (!is_last).then(|| body.clone());
        Ok(body)
    }

    /// A unit -> optimized CLIF -> machine code, both in `workspace`.
    fn generate(
        &self,
        unit: Unit,
        workspace: &mut Workspace,
    ) -> Result<(CompiledCode, Origins, Traced), Error> {
        let body = match unit {
            Unit::Function(id) if self.environment.plan.inlining.is_copied(id) => {
                Arc::unwrap_or_clone(self.body(id)?)
            }
            _ => self.optimize(unit, workspace)?,
        };
        optimize::lower(workspace, body, &self.target, self.environment.options)
            .map_err(|error| self.failed(unit, error))
    }

    fn failed(&self, unit: Unit, error: CodegenError) -> Error {
        let program = self.environment.program;
        let function = describe(program, unit);
        let error = match error {
            CodegenError::CodeTooLarge | CodegenError::ImplLimitExceeded => Error::Limit {
                message: format!("function {function} is too large for the code generator"),
            },
            error => Error::Codegen {
                function,
                message: error.to_string(),
            },
        };
        in_module_of(program, unit, error)
    }

    /// A unit -> machine code as it will be in the executable. To be called once for each unit.
    pub(crate) fn compile(&self, unit: Unit, workspace: &mut Workspace) -> Result<Code, Error> {
        let (compiled, origins, traced) = self.generate(unit, workspace)?;
        let code = self.code(&compiled, &origins, &traced, &workspace.context);
        if let Ok(code) = self.rewritten(code, &compiled) {
            return Ok(code);
        }
        let compiled = optimize::lower_plainly(workspace, &self.target)
            .map_err(|error| self.failed(unit, error))?;
        let code = self.code(&compiled, &origins, &traced, &workspace.context);
        Ok(self
            .rewritten(code, &compiled)
            .expect("nothing needs to be rewritten"))
    }

    /// Code with what is changed in machine code.
    fn rewritten(&self, mut code: Code, compiled: &CompiledCode) -> Result<Code, Refused> {
        let options = self.environment.options;
        let changes = optimize::Changes {
            wrapping: &sites::wrapping(&compiled.buffer),
            shortens: options.runs(Pass::Shorten, OptLevel::O1),
            aligns: options.runs(Pass::Align, OptLevel::O2),
        };
        optimize::rewrite(&mut code, &compiled.bb_starts, &changes)?;
        Ok(code)
    }

    /// What Cranelift compiled the function of `context` to.
    fn code(
        &self,
        compiled: &CompiledCode,
        origins: &Origins,
        traced: &Traced,
        context: &Context,
    ) -> Code {
        let isa = self.target.lowering.as_ref();
        let buffer = &compiled.buffer;
        let unwind = Frame::new(isa, &buffer.unwind_info);
        let relocs = buffer.relocs().iter().map(|reloc| CodeReloc {
            kind: reloc.kind,
            offset: reloc.offset,
            addend: reloc.addend,
            target: match &reloc.target {
                FinalizedRelocTarget::ExternalName(ExternalName::User(name)) => {
                    let name = &context.func.params.user_named_funcs()[*name];
                    (name.namespace, name.index)
                }
                other => unreachable!("no unit refers to {}", other.display(None)),
            },
        });
        let (sites, scopes) = sites::sites(buffer, origins);
        let mut relocated: Vec<u32> = buffer.relocs().iter().map(|reloc| reloc.offset).collect();
        relocated.sort_unstable();
        let function = compares::Function {
            code: buffer.data(),
            blocks: &compiled.bb_starts,
            relocated: &relocated,
            second: &sites::second(buffer),
        };
        let options = self.environment.options;
        let (stretches, stretch_scopes) = if options.profiling || self.lists {
            sites::stretches(buffer, &compiled.bb_starts, origins)
        } else {
            (Vec::new(), Vec::new())
        };
        Code {
            debug: options
                .debug
                .then(|| places::gather(context, compiled, traced, isa)),
            stretches,
            stretch_scopes,
            blocks: match self.lists {
                true => compiled.bb_starts.clone(),
                false => Vec::new(),
            },
            relocs: relocs.collect(),
            align: buffer.alignment.max(isa.function_alignment().minimum),
            compares: compares::compares(function, &sites),
            sites,
            scopes,
            handlers: sites::handlers(buffer),
            unwind,
            bytes: buffer.data().to_vec(),
        }
    }
}

/// A unit for a message.
pub(crate) fn describe(program: &Program<'_>, unit: Unit) -> String {
    match unit {
        Unit::Function(id) => {
            let index = match program.functions[id].kind {
                FunctionKind::Defined { index, .. } => index,
                FunctionKind::Host { .. } | FunctionKind::Unknown(_) => number(id),
            };
            let name = match program.label(id) {
                Some(_) => names::of_function(program, id),
                None => program.function_name(id),
            };
            name.map_or_else(|| index.to_string(), |name| format!("{index} ({name})"))
        }
        Unit::Instantiate(id) => format!("that instantiates {id}"),
        Unit::Entry(index) => format!("of entry {index}"),
        Unit::ThreadStart(id) => format!("of threads of {id}"),
    }
}

/// Names the unit being compiled when a bug makes the compiler panic.
struct InFlight<'a> {
    program: &'a Program<'a>,
    unit: Unit,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "while compiling function {}",
                describe(self.program, self.unit)
            );
        }
    }
}
