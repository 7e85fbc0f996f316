//! Compiles cases as instances of one program and asks it for the outcomes.

use crate::case::{Call, Case, Kind, Outcome, Outcomes};
use nativize_abi::Trap;
use nativize_compiler::{EntryPoint, Extern, Features, Main, MemoryId, Module, Options, Program};
use nativize_tests::Executable;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

/// The refusal that is a bug whatever the module is.
pub(crate) const PANICKED: &str = "the compiler panicked";

/// Why a case does not become part of a program.
pub(crate) type Refusal = String;

/// Parses a case's modules as the command line does.
pub(crate) fn parse(case: &Case) -> Result<Vec<Module<'_>>, Refusal> {
    let parse = |wasm| nativize_compiler::parse_with(wasm, Features::All, Some(1));
    let modules = case.modules.iter().map(|wasm| parse(wasm));
    modules
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

/// Cases in one program.
pub(crate) struct Batch<'a> {
    program: Program<'a>,
    cases: Vec<Entries<'a>>,
    /// How long the program may take.
    limit: Duration,
}

/// A case, and the entries of its instances and of its functions.
struct Entries<'a> {
    case: &'a Case,
    instances: Vec<usize>,
    functions: Vec<usize>,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(cases: &[(&'a Case, &'a [Module<'a>])]) -> Result<Self, Refusal> {
        let mut program = Program::new();
        program.set_main(Main::Script);
        let mut all = Vec::new();
        for (case, modules) in cases {
            let mut instances = Vec::new();
            for &module in &case.instances {
                let instance = program
                    .instantiate(&modules[module], |program, import| {
                        let number: usize = import.module.strip_prefix('i')?.parse().ok()?;
                        program.export(*instances.get(number)?, import.name)
                    })
                    .map_err(|error| error.to_string())?;
                instances.push(instance);
            }
            let mut functions = Vec::new();
            for function in &case.functions {
                let instance = instances[function.instance];
                let Some(Extern::Func(id)) = program.export(instance, &function.name) else {
                    return Err(format!("no export {:?}", function.name));
                };
                functions.push(program.add_entry(EntryPoint::Call(id)));
            }
            let instances = instances.into_iter();
            let instances = instances
                .map(|instance| program.add_entry(EntryPoint::Instantiate(instance)))
                .collect();
            all.push(Entries {
                case,
                instances,
                functions,
            });
        }
        Ok(Batch {
            program,
            cases: all,
            limit: nativize_tests::TIME_LIMIT,
        })
    }

    pub(crate) fn limit(&mut self, limit: Duration) {
        self.limit = limit;
    }

    /// Gives the low slot to the memory with this number, counted around.
    pub(crate) fn rotate(&mut self, number: usize) {
        let memories: Vec<MemoryId> = self.program.memories().collect();
        if !memories.is_empty() {
            self.program
                .set_low_memory(memories[number % memories.len()]);
        }
    }

    /// The object file, to compare its bytes.
    pub(crate) fn object(&self, options: &Options) -> Result<Vec<u8>, Refusal> {
        let compile = || nativize_compiler::compile(&self.program, options, &());
        catch(compile)?.map_err(|error| error.to_string())
    }

    /// The outcomes of each case.
    pub(crate) fn run(&self, options: &Options) -> Result<Vec<Outcomes>, Refusal> {
        let build = || nativize_tests::build(&self.program, options, &[]);
        let executable = catch(build).unwrap_or_else(Err)?;
        let mut there: Vec<usize> = self.cases.iter().map(|case| case.instances.len()).collect();
        let outcomes = self.ask(&executable, &there)?;
        // What an instance would have done that there is not must not have been done to others: once more without its calls.
        for (there, outcomes) in there.iter_mut().zip(&outcomes) {
            let mut instances = outcomes.iter().take(*there);
            let trapped = instances.position(|outcome| matches!(outcome, Outcome::Trap(_)));
            *there = trapped.unwrap_or(*there);
        }
        let is_partial = |(case, &there): (&Entries<'_>, &usize)| {
            case.instances.len() > 1 && there < case.instances.len()
        };
        if self.cases.iter().zip(&there).any(is_partial) {
            return self.ask(&executable, &there);
        }
        let mut outcomes = outcomes;
        for (case, outcomes) in self.cases.iter().zip(&mut outcomes) {
            case.case.skip(outcomes);
        }
        Ok(outcomes)
    }

    /// The outcomes, with calls of as many instances of each case.
    fn ask(&self, executable: &Executable, there: &[usize]) -> Result<Vec<Outcomes>, Refusal> {
        let is_asked =
            |case: &Case, there: usize, call: &Call| case.functions[call.function].instance < there;
        let mut input = Vec::new();
        for (entries, &there) in self.cases.iter().zip(there) {
            for &entry in &entries.instances {
                request(entry, &[], &mut input);
            }
            for call in &entries.case.calls {
                if is_asked(entries.case, there, call) {
                    let entry = entries.functions[call.function];
                    request(entry, &call.arguments, &mut input);
                }
            }
        }
        let outcome = nativize_tests::run_within(&mut executable.command(), &input, self.limit)
            .map_err(|error| error.to_string())?;
        let mut rest = outcome.stdout.as_slice();
        let mut alive = true;
        let mut next = |results: &[Kind]| {
            let answer = if alive { answer(&mut rest) } else { None };
            match answer {
                Some(Ok(values)) => {
                    let values = results.iter().zip(values);
                    Outcome::Results(values.map(|(kind, bits)| kind.comparable(bits)).collect())
                }
                Some(Err(trap)) => Outcome::Trap(trap.message()),
                None if outcome.timed_out => Outcome::Late,
                None if alive => {
                    alive = false;
                    let stderr = String::from_utf8_lossy(&outcome.stderr);
                    Outcome::Broken(format!("{} {stderr}", outcome.status))
                }
                None => Outcome::Broken("ended before".to_owned()),
            }
        };
        let mut all = Vec::new();
        for (entries, &there) in self.cases.iter().zip(there) {
            let case = entries.case;
            let mut outcomes: Outcomes = entries.instances.iter().map(|_| next(&[])).collect();
            for call in &case.calls {
                outcomes.push(if is_asked(case, there, call) {
                    next(&case.functions[call.function].results)
                } else {
                    Outcome::Skipped
                });
            }
            all.push(outcomes);
        }
        Ok(all)
    }
}

/// A panic is [`PANICKED`].
fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Refusal> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| PANICKED.to_owned())
}

fn request(entry: usize, arguments: &[u128], input: &mut Vec<u8>) {
    input.extend((entry as u32).to_le_bytes());
    input.extend((arguments.len() as u32).to_le_bytes());
    for argument in arguments {
        input.extend(argument.to_le_bytes());
    }
}

fn answer(rest: &mut &[u8]) -> Option<Result<Vec<u128>, Trap>> {
    let status = *rest.split_off_first()?;
    let count = u32::from_le_bytes(*rest.split_off(..4)?.first_chunk()?);
    let mut values = Vec::new();
    for _ in 0..count {
        values.push(u128::from_le_bytes(*rest.split_off(..16)?.first_chunk()?));
    }
    match status {
        0 => Some(Ok(values)),
        code => Trap::from_code(code).map(Err),
    }
}
