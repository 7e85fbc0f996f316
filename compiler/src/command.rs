//! Programs that run as commands: a module with what starts it, and the modules linked to it by name.
//!
//! A linked module follows Wasmtime's `Linker::module` (and `--preload`): it is one instance, its `_initialize` runs
//! right after its instantiation, and what it does not export of a WASI module's functions is WASI's. Wasmtime gives a
//! module that exports `_start` a fresh instance for each call, which a static program cannot: it is refused. Order is
//! that of dependency, and where it leaves a choice that of `linked`.

use crate::Error;
use crate::host::HostFunction;
use crate::module::{Export, ExternKind, Import, Module};
use crate::program::{EntryPoint, Extern, FuncId, InstanceId, Main, Program, UnknownImports};
use std::collections::{BTreeSet, HashMap};

/// A module that others import from by a name.
#[derive(Debug, Clone, Copy)]
pub struct Linked<'a> {
    /// The name of the module in imports.
    pub name: &'a str,
    /// The module.
    pub module: &'a Module<'a>,
}

impl<'a> Program<'a> {
    /// A program of one module that runs as a command, with WASI preview 1 as its imports: `_initialize` where it
    /// is exported, then `_start`; with `invoke`, that export instead of `_start`, with arguments from argv.
    ///
    /// # Errors
    /// [`Error::Link`] when an import is unknown or has another type, [`Error::NoEntryPoint`] when nothing can run.
    pub fn command(module: &'a Module<'a>, invoke: Option<&str>) -> Result<Self, Error> {
        Self::linked_command(module, &[], invoke)
    }

    /// As [`Program::command`], with imports resolved by module name: from `linked`, whose names are distinct, else
    /// from WASI. Linked modules may import from each other, and from WASI.
    ///
    /// # Errors
    /// Those of [`Program::command`], [`Error::MissingExport`] and [`Error::Cycle`]; in a linked module any of
    /// these, or [`Error::NotALibrary`], within [`Error::InLinked`].
    pub fn linked_command(
        module: &'a Module<'a>,
        linked: &[Linked<'a>],
        invoke: Option<&str>,
    ) -> Result<Self, Error> {
        Self::command_with(module, linked, invoke, UnknownImports::Refuse)
    }

    /// As [`Program::linked_command`], with functions that nothing provides refused, or made to trap.
    ///
    /// # Errors
    /// Those of [`Program::linked_command`].
    pub fn command_with(
        module: &'a Module<'a>,
        linked: &[Linked<'a>],
        invoke: Option<&str>,
        unknown_imports: UnknownImports,
    ) -> Result<Self, Error> {
        let mut program = Program::new();
        program.unknown_imports = unknown_imports;
        let mut links = Links::new(linked);
        for at in links.order()? {
            let Linked { name, module } = linked[at];
            let added = links.add_library(&mut program, at, module);
            let instance = added.map_err(|error| error.in_linked(name))?;
            program.set_label(instance, name);
        }
        let instance = links.instantiate(&mut program, None, module)?;
        // Where WASI and most code work is worth the shortest addresses, whoever defined it.
        if let Some(&memory) = program.instances[instance].memories.first() {
            program.set_low_memory(memory);
        }
        program.add_entry(EntryPoint::Instantiate(instance));
        program.run_as_command(instance, invoke)?;
        Ok(program)
    }

    fn run_as_command(&mut self, instance: InstanceId, invoke: Option<&str>) -> Result<(), Error> {
        let mut runnable = invoke.is_some();
        if let Some(function) = self.plain_function(instance, "_initialize") {
            self.add_entry(EntryPoint::Call(function));
            runnable = true;
        }
        match invoke {
            None => {
                if let Some(function) = self.plain_function(instance, "_start") {
                    self.add_entry(EntryPoint::Call(function));
                    runnable = true;
                }
            }
            Some(name) => {
                let Some(Extern::Func(function)) = self.export(instance, name) else {
                    return Err(self.no_entry_point(instance));
                };
                self.add_entry(EntryPoint::Call(function));
                self.set_main(Main::Invoke);
            }
        }
        if runnable {
            Ok(())
        } else {
            Err(self.no_entry_point(instance))
        }
    }

    /// The exported function of that name, if it takes and gives nothing.
    fn plain_function(&self, instance: InstanceId, name: &str) -> Option<FuncId> {
        let Some(Extern::Func(function)) = self.export(instance, name) else {
            return None;
        };
        let ty = &self.signatures[self.functions[function].signature];
        (ty.params().is_empty() && ty.results().is_empty()).then_some(function)
    }

    fn no_entry_point(&self, instance: InstanceId) -> Error {
        let exports = self.instances[instance].module.exports();
        let functions = exports
            .filter(|e| e.kind == ExternKind::Func)
            .map(|e| e.name.to_owned())
            .collect();
        Error::NoEntryPoint { functions }
    }
}

/// The names of `linked` that no other module of the program imports from, in their order.
pub fn unused_links<'a>(main: &Module<'_>, linked: &[Linked<'a>]) -> Vec<&'a str> {
    let links = Links::new(linked);
    let mut used = links.dependencies(None, main);
    for (at, link) in linked.iter().enumerate() {
        used.extend(links.dependencies(Some(at), link.module));
    }
    let unused = (0..linked.len()).filter(|at| !used.contains(at));
    unused.map(|at| linked[at].name).collect()
}

/// The linked modules, found by name. A module of the program is known by its index among them, the main one by `None`.
struct Links<'a, 'b> {
    linked: &'b [Linked<'a>],
    by_name: HashMap<&'a str, usize>,
    exports: Vec<HashMap<&'a str, &'a Export<'a>>>,
    /// The instance of each that has one by now.
    instances: Vec<Option<InstanceId>>,
}

impl<'a, 'b> Links<'a, 'b> {
    fn new(linked: &'b [Linked<'a>]) -> Self {
        let exports = |link: &Linked<'a>| {
            let exports = link.module.exports();
            exports.map(|export| (export.name, export)).collect()
        };
        Links {
            linked,
            by_name: (0..).zip(linked).map(|(at, l)| (l.name, at)).collect(),
            exports: linked.iter().map(exports).collect(),
            instances: vec![None; linked.len()],
        }
    }

    /// The linked module that an import is from; `None` leaves it to WASI.
    ///
    /// A module linked by a WASI module's name replaces what it exports of it. Its own imports of that name reach what
    /// it replaces.
    fn provider(&self, importer: Option<usize>, import: &Import<'_>) -> Option<usize> {
        let &at = self.by_name.get(import.module)?;
        let replaces = importer != Some(at) && self.exports[at].contains_key(import.name);
        let is_wasi = || HostFunction::find(import.module, import.name).is_some();
        (replaces || !is_wasi()).then_some(at)
    }

    /// The linked modules that a module imports from.
    fn dependencies(&self, importer: Option<usize>, module: &Module<'_>) -> BTreeSet<usize> {
        let imports = module.imports();
        imports
            .filter_map(|import| self.provider(importer, import))
            .collect()
    }

    /// An order in which each comes after all that it imports from: always the first in the list that can be next.
    fn order(&self) -> Result<Vec<usize>, Error> {
        let count = self.linked.len();
        let dependencies: Vec<BTreeSet<usize>> = (0..count)
            .map(|at| self.dependencies(Some(at), self.linked[at].module))
            .collect();
        let mut order = Vec::with_capacity(count);
        let mut placed = vec![false; count];
        while order.len() < count {
            let ready = |at: &usize| {
                let missing = dependencies[*at].iter().any(|&other| !placed[other]);
                !placed[*at] && !missing
            };
            let Some(next) = (0..count).find(ready) else {
                return Err(self.cycle(&dependencies, &placed));
            };
            placed[next] = true;
            order.push(next);
        }
        Ok(order)
    }

    /// A cycle among the modules that are not placed: each of them waits for another one.
    fn cycle(&self, dependencies: &[BTreeSet<usize>], placed: &[bool]) -> Error {
        let unplaced = |at: &usize| !placed[*at];
        let mut path: Vec<usize> = Vec::new();
        let mut next = (0..placed.len()).find(unplaced);
        while let Some(at) = next {
            if let Some(start) = path.iter().position(|&other| other == at) {
                path.drain(..start);
                break;
            }
            path.push(at);
            next = dependencies[at].iter().copied().find(unplaced);
        }
        let modules = path.iter().map(|&at| self.linked[at].name.to_owned());
        Error::Cycle {
            modules: modules.collect(),
        }
    }

    /// Adds a linked module, with the entries that make it ready for others.
    fn add_library(
        &mut self,
        program: &mut Program<'a>,
        at: usize,
        module: &'a Module<'a>,
    ) -> Result<InstanceId, Error> {
        if let Some(export) = module.export("_start") {
            return Err(Error::NotALibrary {
                message: match (export.kind, module.export("_initialize")) {
                    (ExternKind::Func, None) => {
                        "it exports `_start`: it is a command, which lives for one call"
                    }
                    (ExternKind::Func, Some(_)) => {
                        "it exports both `_start` and `_initialize`, so it is neither a command nor a reactor"
                    }
                    _ => "its export `_start` is not a function",
                }
                .to_owned(),
            });
        }
        let instance = self.instantiate(program, Some(at), module)?;
        program.add_entry(EntryPoint::Instantiate(instance));
        if let Some(export) = module.export("_initialize") {
            let Some(initialize) = program.plain_function(instance, "_initialize") else {
                return Err(Error::NotALibrary {
                    message: format!(
                        "its export `_initialize` is not a function without parameters and results, but {}",
                        export.description
                    ),
                });
            };
            program.add_entry(EntryPoint::Call(initialize));
        }
        self.instances[at] = Some(instance);
        Ok(instance)
    }

    /// Adds an instance whose imports are resolved by name. All that it imports from has an instance already.
    fn instantiate(
        &self,
        program: &mut Program<'a>,
        importer: Option<usize>,
        module: &'a Module<'a>,
    ) -> Result<InstanceId, Error> {
        for import in module.imports() {
            let may_trap =
                import.kind == ExternKind::Func && program.unknown_imports == UnknownImports::Trap;
            if let Some(at) = self.provider(importer, import)
                && !may_trap
                && !self.exports[at].contains_key(import.name)
            {
                let exports = self.linked[at].module.exports();
                return Err(Error::MissingExport {
                    import: (import.module.to_owned(), import.name.to_owned()),
                    wanted: import.description.clone(),
                    exports: exports.map(|export| export.name.to_owned()).collect(),
                });
            }
        }
        program.instantiate(module, |program, import| {
            let Some(at) = self.provider(importer, import) else {
                return program
                    .wasi(import)
                    .or_else(|| program.host_memory_import(module, import));
            };
            let export = self.exports[at].get(import.name)?;
            Some(program.instances[self.instances[at]?].external(export))
        })
    }
}
