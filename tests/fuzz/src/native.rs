//! Compiles cases as instances of one program and asks it for the outcomes.

use crate::case::{Case, Outcome, Outcomes};
use nativize_abi::Trap;
use nativize_compiler::{EntryPoint, Extern, Features, Main, MemoryId, Module, Options, Program};
use std::panic::AssertUnwindSafe;

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
    input: Vec<u8>,
    /// The cases, and how many memories come before those of each.
    cases: Vec<&'a Case>,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(cases: &[(&'a Case, &'a [Module<'a>])]) -> Result<Self, Refusal> {
        let mut program = Program::new();
        program.set_main(Main::Script);
        let mut input = Vec::new();
        for (case, modules) in cases {
            let mut instances = Vec::new();
            for &module in &case.instances {
                let instance = program
                    .instantiate(&modules[module], |program, import| {
                        let number: usize = import.module.strip_prefix('i')?.parse().ok()?;
                        program.export(*instances.get(number)?, import.name)
                    })
                    .map_err(|error| error.to_string())?;
                let entry = program.add_entry(EntryPoint::Instantiate(instance));
                request(entry, &[], &mut input);
                instances.push(instance);
            }
            let mut entries = Vec::new();
            for function in &case.functions {
                let instance = instances[function.instance];
                let Some(Extern::Func(id)) = program.export(instance, &function.name) else {
                    return Err(format!("no export {:?}", function.name));
                };
                entries.push(program.add_entry(EntryPoint::Call(id)));
            }
            for call in &case.calls {
                request(entries[call.function], &call.arguments, &mut input);
            }
        }
        Ok(Batch {
            program,
            input,
            cases: cases.iter().map(|(case, _)| *case).collect(),
        })
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
        let outcome = executable
            .run([] as [&str; 0], &self.input)
            .map_err(|error| error.to_string())?;
        let mut rest = outcome.stdout.as_slice();
        let mut alive = true;
        let mut all = Vec::new();
        for case in &self.cases {
            let mut outcomes = Vec::new();
            for at in 0..case.instances.len() + case.calls.len() {
                let results = match at.checked_sub(case.instances.len()) {
                    None => &[],
                    Some(call) => case.functions[case.calls[call].function].results.as_slice(),
                };
                let answer = if alive { answer(&mut rest) } else { None };
                outcomes.push(match answer {
                    Some(Ok(values)) => Outcome::Results(
                        results
                            .iter()
                            .zip(values)
                            .map(|(kind, bits)| kind.comparable(bits))
                            .collect(),
                    ),
                    Some(Err(trap)) => Outcome::Trap(trap.message()),
                    None => {
                        let what = if alive {
                            let stderr = String::from_utf8_lossy(&outcome.stderr).into_owned();
                            format!("{} {stderr}", outcome.status)
                        } else {
                            "ended before".to_owned()
                        };
                        alive = false;
                        Outcome::Broken(what)
                    }
                });
            }
            case.skip(&mut outcomes);
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
