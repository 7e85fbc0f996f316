//! Sorts a script's directives into groups of connected instances, each of which becomes one executable.

use crate::script::{Action, Directive, Encoded, Expected, Kind, Place};
use crate::values::Value;
use nativize_compiler::{Error, Features, Module};
use std::collections::HashMap;
use std::fmt;

/// The module that a directive brings along, when it brings one.
pub(crate) type Parsed<'a> = Option<Result<Module<'a>, Problem>>;

/// Why a module is not usable.
#[derive(Clone, Debug)]
pub(crate) enum Problem {
    /// The text format does not allow it.
    Text(String),
    Compiler(Error),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Text(message) => f.write_str(message),
            Problem::Compiler(error) => error.fmt(f),
        }
    }
}

/// Something that did not go as the script says.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) place: Place,
    pub(crate) message: String,
}

/// What is to be done for a script.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    pub(crate) instances: Vec<Instance<'a>>,
    pub(crate) groups: Vec<Group<'a>>,
    pub(crate) unlinkable: Vec<Unlinkable<'a>>,
    /// What is known to be wrong already.
    pub(crate) failures: Vec<Failure>,
}

#[derive(Debug)]
pub(crate) struct Instance<'a> {
    pub(crate) place: &'a Place,
    pub(crate) module: &'a Module<'a>,
    /// Where each import comes from, in order; `None` when nothing is registered under that name.
    pub(crate) sources: Vec<Option<Source>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// What `spectest` exports that has no state.
    Spectest,
    /// The table and the memories of `spectest`.
    SpectestState,
    Instance(usize),
}

/// Instances connected by imports.
#[derive(Debug, Default)]
pub(crate) struct Group<'a> {
    /// Ascending indices in [`Plan::instances`].
    pub(crate) instances: Vec<usize>,
    /// In the script's order.
    pub(crate) steps: Vec<Step<'a>>,
}

#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) place: &'a Place,
    pub(crate) instance: usize,
    pub(crate) call: Call<'a>,
    pub(crate) expected: &'a Expected,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Call<'a> {
    Instantiate,
    Invoke(&'a str, &'a [Value]),
    Get(&'a str),
}

/// A module that must not link.
#[derive(Debug)]
pub(crate) struct Unlinkable<'a> {
    pub(crate) instance: Instance<'a>,
    pub(crate) message: &'a str,
}

/// Parses the module of each directive.
pub(crate) fn parse(directives: &[Directive], features: Features) -> Vec<Parsed<'_>> {
    directives
        .iter()
        .map(|directive| match &directive.kind {
            Kind::Module { module, .. }
            | Kind::Definition { module, .. }
            | Kind::Reject(module)
            | Kind::Unlinkable { module, .. }
            | Kind::Perform {
                action: Action::Instantiate(module),
                ..
            } => Some(parse_one(module, features)),
            _ => None,
        })
        .collect()
}

fn parse_one(module: &Encoded, features: Features) -> Result<Module<'_>, Problem> {
    let bytes = module
        .as_ref()
        .map_err(|message| Problem::Text(message.clone()))?;
    nativize_compiler::parse_with(bytes, features, Some(1)).map_err(Problem::Compiler)
}

/// Makes the plan for a script whose modules are `modules`, one for each directive.
pub(crate) fn plan<'a>(directives: &'a [Directive], modules: &'a [Parsed<'a>]) -> Plan<'a> {
    let mut planner = Planner::default();
    for (directive, module) in directives.iter().zip(modules) {
        if let Err(message) = planner.directive(directive, module.as_ref()) {
            planner.plan.failures.push(Failure {
                place: directive.place.clone(),
                message,
            });
        }
    }
    planner.finish()
}

/// Something that is known by its name and, when it is the last one, without it. `None` stands for what failed and
/// was reported: what depends on it is left out.
struct Scope<T> {
    named: HashMap<String, Option<T>>,
    last: Option<Option<T>>,
}

impl<T> Default for Scope<T> {
    fn default() -> Self {
        Scope {
            named: HashMap::new(),
            last: None,
        }
    }
}

impl<T: Copy> Scope<T> {
    fn add(&mut self, name: Option<&String>, value: Option<T>) {
        if let Some(name) = name {
            self.named.insert(name.clone(), value);
        }
        self.last = Some(value);
    }

    fn get(&self, name: Option<&String>) -> Result<Option<T>, String> {
        match name {
            Some(name) => self
                .named
                .get(name)
                .copied()
                .ok_or_else(|| format!("nothing is named ${name}")),
            None => self.last.ok_or_else(|| "there is no module yet".to_owned()),
        }
    }
}

#[derive(Default)]
struct Planner<'a> {
    plan: Plan<'a>,
    steps: Vec<Step<'a>>,
    definitions: Scope<&'a Module<'a>>,
    instances: Scope<usize>,
    registered: HashMap<&'a str, Option<usize>>,
}

impl<'a> Planner<'a> {
    fn directive(
        &mut self,
        directive: &'a Directive,
        module: Option<&'a Result<Module<'a>, Problem>>,
    ) -> Result<(), String> {
        let place = &directive.place;
        match &directive.kind {
            Kind::Module { name, .. } => {
                let module = usable(module);
                self.definitions
                    .add(name.as_ref(), module.as_ref().ok().copied());
                self.instantiate(place, name.as_ref(), module)?;
            }
            Kind::Definition { name, .. } => {
                let module = usable(module);
                self.definitions
                    .add(name.as_ref(), module.as_ref().ok().copied());
                module?;
            }
            Kind::Instance { name, definition } => {
                match self.definitions.get(definition.as_ref())? {
                    Some(module) => self.instantiate(place, name.as_ref(), Ok(module))?,
                    None => self.instances.add(name.as_ref(), None),
                }
            }
            Kind::Register { name, instance } => {
                let instance = self.instances.get(instance.as_ref())?;
                self.registered.insert(name, instance);
            }
            Kind::Perform { action, expected } => match action {
                Action::Invoke {
                    instance,
                    function,
                    arguments,
                } => {
                    let call = Call::Invoke(function, arguments);
                    self.call(place, instance.as_ref(), call, expected)?;
                }
                Action::Get { instance, global } => {
                    self.call(place, instance.as_ref(), Call::Get(global), expected)?;
                }
                Action::Instantiate(_) => {
                    self.add_instance(place, usable(module)?, expected);
                }
            },
            Kind::Reject(_) => match module {
                Some(Err(Problem::Text(_) | Problem::Compiler(Error::Invalid { .. }))) => {}
                // What is malformed for being too large is beyond our limits first.
                Some(Err(Problem::Compiler(Error::Limit { .. }))) => {}
                Some(Err(problem)) => return Err(problem.to_string()),
                _ => return Err("the module is accepted".into()),
            },
            Kind::Unlinkable { message, .. } => {
                let instance = self.instance(place, usable(module)?);
                self.plan.unlinkable.push(Unlinkable { instance, message });
            }
            Kind::Unknown(what) => return Err(format!("the harness does not know {what}")),
        }
        Ok(())
    }

    fn instantiate(
        &mut self,
        place: &'a Place,
        name: Option<&String>,
        module: Result<&'a Module<'a>, String>,
    ) -> Result<(), String> {
        let instance = module.map(|module| self.add_instance(place, module, &Expected::Completion));
        self.instances.add(name, instance.as_ref().ok().copied());
        instance.map(|_| ())
    }

    fn add_instance(
        &mut self,
        place: &'a Place,
        module: &'a Module<'a>,
        expected: &'a Expected,
    ) -> usize {
        let instance = self.instance(place, module);
        let index = self.plan.instances.len();
        self.plan.instances.push(instance);
        self.steps.push(Step {
            place,
            instance: index,
            call: Call::Instantiate,
            expected,
        });
        index
    }

    fn instance(&self, place: &'a Place, module: &'a Module<'a>) -> Instance<'a> {
        let sources = module
            .imports()
            .map(|import| match (import.module, import.name) {
                ("spectest", "table" | "memory" | "shared_memory") => Some(Source::SpectestState),
                ("spectest", _) => Some(Source::Spectest),
                (module, _) => self
                    .registered
                    .get(module)
                    .copied()
                    .flatten()
                    .map(Source::Instance),
            })
            .collect();
        Instance {
            place,
            module,
            sources,
        }
    }

    fn call(
        &mut self,
        place: &'a Place,
        instance: Option<&String>,
        call: Call<'a>,
        expected: &'a Expected,
    ) -> Result<(), String> {
        if let Some(instance) = self.instances.get(instance)? {
            self.steps.push(Step {
                place,
                instance,
                call,
                expected,
            });
        }
        Ok(())
    }

    fn finish(self) -> Plan<'a> {
        let mut plan = self.plan;
        // Node 0 is the state of `spectest`, node n + 1 is instance n.
        let mut sets = Sets((0..=plan.instances.len()).collect());
        for (index, instance) in plan.instances.iter().enumerate() {
            for source in instance.sources.iter().flatten() {
                match *source {
                    Source::Spectest => {}
                    Source::SpectestState => sets.join(index + 1, 0),
                    Source::Instance(other) => sets.join(index + 1, other + 1),
                }
            }
        }
        let mut group_of_root = HashMap::new();
        let mut group_of = Vec::new();
        for index in 0..plan.instances.len() {
            let group = *group_of_root
                .entry(sets.root(index + 1))
                .or_insert_with(|| {
                    plan.groups.push(Group::default());
                    plan.groups.len() - 1
                });
            plan.groups[group].instances.push(index);
            group_of.push(group);
        }
        for step in self.steps {
            plan.groups[group_of[step.instance]].steps.push(step);
        }
        plan
    }
}

fn usable<'a>(module: Option<&'a Result<Module<'a>, Problem>>) -> Result<&'a Module<'a>, String> {
    match module {
        Some(Ok(module)) => Ok(module),
        Some(Err(problem)) => Err(problem.to_string()),
        None => Err("the directive has no module".into()),
    }
}

/// Disjoint sets: each node's parent.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, mut node: usize) -> usize {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a] = b;
    }
}
