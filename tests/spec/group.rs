//! Runs a group of connected instances: builds its executable, sends it the script's calls and judges the answers.

use crate::link::Linker;
use crate::plan::{Call, Failure, Group, Plan, Step};
use crate::protocol::{self, Answer, Request};
use crate::script::{Expected, Place};
use nativize_abi::Trap;
use nativize_compiler::{EntryPoint, Extern, Main, MemoryId, Options, Program};
use std::collections::HashMap;

/// How many memories of a group take the low slot in turn.
const ROTATIONS: usize = 3;

/// Runs `group` once, or once with each of up to [`ROTATIONS`] memories in the low slot.
pub(crate) fn run(plan: &Plan<'_>, group: &Group<'_>, options: &Options) -> Vec<Failure> {
    let mut built = Built::new(plan, group);
    built.program.set_main(Main::Script);
    let memories: Vec<MemoryId> = built.program.memories().collect();
    if memories.len() < 2 {
        built.execute(options, "");
    } else {
        for rotation in 0..ROTATIONS.min(memories.len()) {
            // The first, the last and what is between them.
            let at = rotation * (memories.len() - 1) / (ROTATIONS.min(memories.len()) - 1);
            built.program.set_low_memory(memories[at]);
            let note = format!(" (memory {at} of {} in the low slot)", memories.len());
            built.execute(options, &note);
        }
    }
    built.failures
}

/// A group's program, and the requests that carry out its steps.
struct Built<'a> {
    program: Program<'a>,
    requests: Vec<Request<'a>>,
    /// The step of each request.
    expectations: Vec<(&'a Place, &'a Expected)>,
    failures: Vec<Failure>,
}

impl<'a> Built<'a> {
    fn new(plan: &Plan<'a>, group: &'a Group<'a>) -> Self {
        let mut linker = Linker::new();
        let mut failures = Vec::new();
        for &index in &group.instances {
            let instance = &plan.instances[index];
            if let Err(error) = linker.add(index, instance) {
                failures.push(Failure {
                    place: instance.place.clone(),
                    message: error.to_string(),
                });
            }
        }
        let mut built = Built {
            requests: Vec::new(),
            expectations: Vec::new(),
            failures,
            program: Program::new(),
        };
        if let Some(first) = group.steps.first() {
            for &entry in &linker.spectest_entries {
                built.push(entry, &[], first.place, &Expected::Completion);
            }
        }
        let mut entries = Entries::default();
        for step in &group.steps {
            match entries.entry(&mut linker, step) {
                Ok(Some(entry)) => {
                    let arguments = match step.call {
                        Call::Invoke(_, arguments) => arguments,
                        Call::Instantiate | Call::Get(_) => &[],
                    };
                    built.push(entry, arguments, step.place, step.expected);
                }
                Ok(None) => {}
                Err(message) => built.failures.push(Failure {
                    place: step.place.clone(),
                    message,
                }),
            }
        }
        built.program = linker.program;
        built
    }

    fn push(
        &mut self,
        entry: usize,
        arguments: &'a [crate::values::Value],
        place: &'a Place,
        expected: &'a Expected,
    ) {
        self.requests.push(Request { entry, arguments });
        self.expectations.push((place, expected));
    }

    /// Compiles, links, starts and judges. `note` is added to every failure.
    fn execute(&mut self, options: &Options, note: &str) {
        let Some(&(first, _)) = self.expectations.first() else {
            return;
        };
        let result = nativize_tests::build(&self.program, options, &[]).and_then(|executable| {
            protocol::exchange(&executable, &self.requests).map_err(|error| error.to_string())
        });
        let exchange = match result {
            Ok(exchange) => exchange,
            Err(message) => {
                self.fail(first, format!("{message}{note}"));
                return;
            }
        };
        for (answer, (place, expected)) in exchange.answers.iter().zip(self.expectations.clone()) {
            if let Err(message) = judge(expected, answer) {
                self.fail(place, format!("{message}{note}"));
            }
        }
        if let Some(problem) = exchange.problem {
            let (place, _) =
                self.expectations[exchange.answers.len().min(self.expectations.len() - 1)];
            self.fail(place, format!("{problem}{note}"));
        }
    }

    fn fail(&mut self, place: &Place, message: String) {
        self.failures.push(Failure {
            place: place.clone(),
            message,
        });
    }
}

/// The program's entries, one for each export that the steps use.
#[derive(Default)]
struct Entries<'a> {
    functions: HashMap<(usize, &'a str), usize>,
    globals: HashMap<(usize, &'a str), usize>,
}

impl<'a> Entries<'a> {
    fn entry(&mut self, linker: &mut Linker<'a>, step: &Step<'a>) -> Result<Option<usize>, String> {
        // An instance that did not link was reported.
        let Some(id) = linker.get(step.instance) else {
            return Ok(None);
        };
        let program = &mut linker.program;
        let (cache, name, kind) = match step.call {
            Call::Instantiate => return Ok(Some(program.add_entry(EntryPoint::Instantiate(id)))),
            Call::Invoke(name, _) => (&mut self.functions, name, "function"),
            Call::Get(name) => (&mut self.globals, name, "global"),
        };
        if let Some(&entry) = cache.get(&(step.instance, name)) {
            return Ok(Some(entry));
        }
        let point = match (step.call, program.export(id, name)) {
            (Call::Invoke(..), Some(Extern::Func(function))) => EntryPoint::Call(function),
            (Call::Get(_), Some(Extern::Global(global))) => EntryPoint::ReadGlobal(global),
            _ => return Err(format!("the instance exports no {kind} {name:?}")),
        };
        let entry = program.add_entry(point);
        cache.insert((step.instance, name), entry);
        Ok(Some(entry))
    }
}

fn judge(expected: &Expected, answer: &Answer) -> Result<(), String> {
    match (expected, answer) {
        (Expected::Completion, Answer::Results(_)) => Ok(()),
        (Expected::Results(patterns), Answer::Results(values)) => {
            let matches = patterns.len() == values.len()
                && patterns
                    .iter()
                    .zip(values)
                    .all(|(pattern, value)| pattern.accepts(*value));
            if matches {
                Ok(())
            } else {
                Err(format!("expected {patterns:?}, got {values:?}"))
            }
        }
        (Expected::Exception, Answer::Trap(Trap::UncaughtException)) => Ok(()),
        (Expected::Exception, Answer::Results(values)) => {
            Err(format!("expected an exception, got {values:?}"))
        }
        (Expected::Trap(expected), Answer::Trap(trap)) => {
            let message = trap.message();
            // Scripts say less ("indirect call") or more ("uninitialized element 2") than the message.
            if message.starts_with(expected.as_str()) || expected.starts_with(message) {
                Ok(())
            } else {
                Err(format!("expected the trap {expected:?}, got {message:?}"))
            }
        }
        (Expected::Trap(expected), Answer::Results(values)) => {
            Err(format!("expected the trap {expected:?}, got {values:?}"))
        }
        (_, Answer::Trap(trap)) => Err(format!("trap: {}", trap.message())),
    }
}
