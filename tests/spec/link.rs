//! Adds a script's instances to a `Program`, with `spectest` where it is imported.

use crate::plan::{Instance, Plan, Source, Unlinkable};
use nativize_compiler::{EntryPoint, Error, InstanceId, Module, Program};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A [`Program`] that grows by instances of a plan.
pub(crate) struct Linker<'a> {
    pub(crate) program: Program<'a>,
    instances: HashMap<usize, InstanceId>,
    stateless: Option<InstanceId>,
    state: Option<InstanceId>,
    /// The entries that instantiate `spectest`.
    pub(crate) spectest_entries: Vec<usize>,
    /// The import that could not be resolved last.
    unresolved: bool,
}

impl<'a> Linker<'a> {
    pub(crate) fn new() -> Self {
        Linker {
            program: Program::new(),
            instances: HashMap::new(),
            stateless: None,
            state: None,
            spectest_entries: Vec::new(),
            unresolved: false,
        }
    }

    /// The instance with this index in the plan, when it was added.
    pub(crate) fn get(&self, index: usize) -> Option<InstanceId> {
        self.instances.get(&index).copied()
    }

    /// Adds an instance. What it imports from must have been added.
    pub(crate) fn add(&mut self, index: usize, instance: &Instance<'a>) -> Result<(), Error> {
        let id = self.link(instance)?;
        self.instances.insert(index, id);
        Ok(())
    }

    fn link(&mut self, instance: &Instance<'a>) -> Result<InstanceId, Error> {
        for source in instance.sources.iter().flatten() {
            match source {
                Source::Spectest if self.stateless.is_none() => {
                    self.stateless = Some(self.add_spectest(&SPECTEST)?);
                }
                Source::SpectestState if self.state.is_none() => {
                    self.state = Some(self.add_spectest(&SPECTEST_STATE)?);
                }
                _ => {}
            }
        }
        self.unresolved = false;
        let mut sources = instance.sources.iter();
        let (instances, unresolved) = (&self.instances, &mut self.unresolved);
        let (stateless, state) = (self.stateless, self.state);
        self.program
            .instantiate(instance.module, |program, import| {
                let id = match sources.next()?.as_ref() {
                    Some(Source::Spectest) => stateless,
                    Some(Source::SpectestState) => state,
                    Some(Source::Instance(index)) => instances.get(index).copied(),
                    None => None,
                };
                let found = id.and_then(|id| program.export(id, import.name));
                *unresolved |= found.is_none();
                found
            })
    }

    fn add_spectest(&mut self, module: &'static Module<'static>) -> Result<InstanceId, Error> {
        let id = self.program.instantiate(module, |_, _| None)?;
        let entry = self.program.add_entry(EntryPoint::Instantiate(id));
        self.spectest_entries.push(entry);
        Ok(id)
    }

    /// Adds an instance after everything that it imports from, however indirectly.
    fn add_with_dependencies(&mut self, plan: &Plan<'a>, index: usize) -> Result<(), Error> {
        if self.get(index).is_some() {
            return Ok(());
        }
        self.add_dependencies(plan, &plan.instances[index])?;
        self.add(index, &plan.instances[index])
    }

    fn add_dependencies(&mut self, plan: &Plan<'a>, instance: &Instance<'a>) -> Result<(), Error> {
        for source in instance.sources.iter().flatten() {
            if let Source::Instance(other) = source {
                self.add_with_dependencies(plan, *other)?;
            }
        }
        Ok(())
    }
}

/// Checks that a module does not link, for the reason that the script gives.
pub(crate) fn check_unlinkable(plan: &Plan<'_>, unlinkable: &Unlinkable<'_>) -> Result<(), String> {
    let mut linker = Linker::new();
    linker
        .add_dependencies(plan, &unlinkable.instance)
        .map_err(|error| error.to_string())?;
    match linker.link(&unlinkable.instance) {
        Err(Error::Link { message, .. }) => {
            let unknown = unlinkable.message.starts_with("unknown import");
            if unknown == linker.unresolved {
                Ok(())
            } else {
                Err(format!("expected {:?}, but: {message}", unlinkable.message))
            }
        }
        Err(error) => Err(error.to_string()),
        Ok(_) => Err("the module links".into()),
    }
}

static SPECTEST: LazyLock<Module<'static>> =
    LazyLock::new(|| spectest(include_str!("spectest.wat")));
static SPECTEST_STATE: LazyLock<Module<'static>> =
    LazyLock::new(|| spectest(include_str!("spectest-state.wat")));

fn spectest(text: &str) -> Module<'static> {
    let bytes = wat::parse_str(text).expect("spectest is valid text");
    // Modules borrow their bytes, and these live as long as the process.
    nativize_compiler::parse(bytes.leak()).expect("spectest is valid")
}
