//! The static graph of instances: every import resolved, every constant evaluated.

use crate::Error;
use crate::const_expr::{ConstExpr, ConstValue};
use crate::describe;
use crate::facts::Fact;
use crate::host::HostFunction;
use crate::identity::{Signatures, in_program, is_subtype};
use crate::module::{Body, Export, ExternKind, GlobalType, Import, MemoryType, Module, TableType};
use cranelift_entity::{EntityRef, PrimaryMap, entity_impl};
use std::collections::HashMap;
use wasmparser::ValType;

macro_rules! define_id {
    ($(#[$doc:meta])* $visibility:vis $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name(u32);
        entity_impl!($name, $prefix);
    };
}
define_id!(
    /// An instance in a [`Program`].
    pub InstanceId,
    "instance"
);
define_id!(
    /// A function of a [`Program`]: of an instance, or of the host.
    pub FuncId,
    "func"
);
define_id!(
    /// A table of a [`Program`].
    pub TableId,
    "table"
);
define_id!(
    /// A linear memory of a [`Program`].
    pub MemoryId,
    "memory"
);
define_id!(
    /// A global of a [`Program`].
    pub GlobalId,
    "global"
);
define_id!(
    /// A tag of a [`Program`]: exceptions are of the same kind if they have the same one.
    pub TagId,
    "tag"
);
define_id!(
    /// A function type of a [`Program`]: equal types of all its modules have the same one.
    pub(crate) SignatureId,
    "sig"
);

/// What an import resolves to, or an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extern {
    /// A function.
    Func(FuncId),
    /// A table.
    Table(TableId),
    /// A memory.
    Memory(MemoryId),
    /// A global.
    Global(GlobalId),
    /// A tag.
    Tag(TagId),
}

/// Something that the runtime can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryPoint {
    /// Apply the instance's segments and run its start function.
    Instantiate(InstanceId),
    /// Call a function.
    Call(FuncId),
    /// Read a global: no parameters, its value as the result.
    ReadGlobal(GlobalId),
}

/// The runtime's main loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Main {
    /// Call every entry in order, without arguments.
    #[default]
    Command,
    /// As `Command`, but the last entry takes its arguments from argv and its results are printed.
    Invoke,
    /// Call entries as standard input asks.
    Script,
}

/// A list of instances with every import resolved.
#[derive(Debug, Default)]
pub struct Program<'a> {
    pub(crate) instances: PrimaryMap<InstanceId, Instance<'a>>,
    pub(crate) functions: PrimaryMap<FuncId, Function>,
    pub(crate) tables: PrimaryMap<TableId, Table>,
    pub(crate) memories: PrimaryMap<MemoryId, Memory>,
    pub(crate) globals: PrimaryMap<GlobalId, Global>,
    pub(crate) tags: PrimaryMap<TagId, Tag>,
    pub(crate) signatures: Signatures,
    host_functions: HashMap<(HostFunction, Option<InstanceId>), FuncId>,
    /// What becomes of functions that nothing provides.
    pub(crate) unknown_imports: UnknownImports,
    /// The functions that nothing provides: each is called by the name of its import.
    pub(crate) unknown: Vec<String>,
    pub(crate) entries: Vec<EntryPoint>,
    pub(crate) main: Main,
    pub(crate) low_memory: Option<MemoryId>,
    /// Memories of the host's, by module and name.
    provided_memories: HashMap<(&'a str, &'a str), MemoryId>,
}

/// A module with what its index spaces stand for.
#[derive(Debug)]
pub(crate) struct Instance<'a> {
    pub module: &'a Module<'a>,
    /// The identities of the module's types.
    pub types: Vec<SignatureId>,
    pub functions: Vec<FuncId>,
    pub tables: Vec<TableId>,
    pub memories: Vec<MemoryId>,
    pub globals: Vec<GlobalId>,
    pub tags: Vec<TagId>,
    /// What tells its functions from those of the other instances.
    pub label: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub signature: SignatureId,
    pub kind: FunctionKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionKind {
    /// Function `index` of the instance's module.
    Defined { instance: InstanceId, index: u32 },
    /// A host function, called on behalf of an instance: it acts on the memory which that exports.
    Host {
        function: HostFunction,
        caller: Option<InstanceId>,
    },
    /// An import that nothing provides, by its position in [`Program::unknown`]: it traps.
    Unknown(u32),
}

/// What becomes of imported functions that nothing provides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownImports {
    /// The program is refused.
    #[default]
    Refuse,
    /// They trap with the name of the import when they are called.
    Trap,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub ty: TableType,
    /// The element that every entry starts as.
    pub init: ConstValue<FuncId>,
    pub owner: InstanceId,
}

#[derive(Debug)]
pub(crate) struct Memory {
    pub ty: MemoryType,
    /// The instance that defines it, if that is not the host.
    pub owner: Option<InstanceId>,
}

#[derive(Debug)]
pub(crate) struct Global {
    pub ty: GlobalType,
    pub init: ConstValue<FuncId>,
}

/// A kind of exceptions.
#[derive(Debug)]
pub(crate) struct Tag {
    /// The parameters are what the exceptions carry.
    pub signature: SignatureId,
    pub owner: InstanceId,
    /// Its index in the owner's module.
    pub index: u32,
}

impl<'a> Program<'a> {
    /// No instances, no entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an instance of `module`. `resolve` answers each import in order; `None` is an error that names it. The
    /// instance becomes active by its [`EntryPoint::Instantiate`] only.
    ///
    /// # Errors
    /// [`Error::Link`] when an import is not resolved or resolves to another type.
    pub fn instantiate(
        &mut self,
        module: &'a Module<'a>,
        mut resolve: impl FnMut(&mut Self, &Import<'a>) -> Option<Extern>,
    ) -> Result<InstanceId, Error> {
        let id = self.instances.next_key();
        let mut instance = Instance {
            module,
            types: self.signatures.add(module)?,
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            label: None,
        };
        for import in &module.imports {
            let resolved = resolve(self, import);
            self.import(id, &mut instance, import, resolved)
                .map_err(|message| Error::Link {
                    message,
                    import: (import.module.to_owned(), import.name.to_owned()),
                })?;
        }
        for (index, &ty) in (0u32..)
            .zip(&module.functions)
            .skip(module.imported_functions as usize)
        {
            let signature = instance.types[ty as usize];
            let kind = FunctionKind::Defined {
                instance: id,
                index,
            };
            instance
                .functions
                .push(self.functions.push(Function { signature, kind }));
        }
        for ty in &module.memories[module.imported_memories as usize..] {
            instance.memories.push(self.memories.push(Memory {
                ty: *ty,
                owner: Some(id),
            }));
        }
        for (index, &ty) in (0u32..)
            .zip(&module.tags)
            .skip(module.imported_tags as usize)
        {
            let signature = instance.types[ty as usize];
            instance.tags.push(self.tags.push(Tag {
                signature,
                owner: id,
                index,
            }));
        }
        let defined = &module.globals[module.imported_globals as usize..];
        for (ty, init) in defined.iter().zip(&module.global_inits) {
            let init = self.evaluate(&instance, init);
            let ty = GlobalType {
                content: in_program(&instance.types, ty.content),
                ..*ty
            };
            instance
                .globals
                .push(self.globals.push(Global { ty, init }));
        }
        let defined = &module.tables[module.imported_tables as usize..];
        for (ty, init) in defined.iter().zip(&module.table_inits) {
            let init = init
                .as_ref()
                .map_or(ConstValue::Bits(0), |init| self.evaluate(&instance, init));
            let ty = TableType {
                element: in_program(&instance.types, ty.element),
                ..*ty
            };
            instance.tables.push(self.tables.push(Table {
                ty,
                init,
                owner: id,
            }));
        }
        self.instances.push(instance);
        Ok(id)
    }

    fn import(
        &mut self,
        id: InstanceId,
        instance: &mut Instance<'a>,
        import: &Import<'a>,
        resolved: Option<Extern>,
    ) -> Result<(), String> {
        let module = instance.module;
        let index = import.index as usize;
        let resolved = match resolved {
            Some(resolved) => resolved,
            None if import.kind == ExternKind::Func
                && self.unknown_imports == UnknownImports::Trap =>
            {
                let position = u32::try_from(self.unknown.len()).expect("imports are limited");
                self.unknown
                    .push(format!("{}.{}", import.module, import.name));
                Extern::Func(self.functions.push(Function {
                    signature: instance.types[module.functions[index] as usize],
                    kind: FunctionKind::Unknown(position),
                }))
            }
            None => return Err(self.unknown_import(import)),
        };
        let matches = match (import.kind, resolved) {
            (ExternKind::Func, Extern::Func(function)) => {
                let expected = instance.types[module.functions[index] as usize];
                expected == self.functions[function].signature
            }
            (ExternKind::Table, Extern::Table(table)) => {
                let expected = &module.tables[index];
                let actual = &self.tables[table].ty;
                let grows = self.any_body_has(|fact| matches!(fact, Fact::GrowsTable(_)));
                in_program(&instance.types, expected.element) == actual.element
                    && expected.index == actual.index
                    && actual.limits().fit(expected.limits(), grows)
            }
            (ExternKind::Memory, Extern::Memory(memory)) => {
                let expected = &module.memories[index];
                let actual = &self.memories[memory].ty;
                let grows = self.any_body_has(|fact| fact == Fact::GrowsMemory);
                let kind = |ty: &MemoryType| (ty.page_shift, ty.index, ty.shared);
                kind(expected) == kind(actual) && actual.limits().fit(expected.limits(), grows)
            }
            (ExternKind::Global, Extern::Global(global)) => {
                let expected = &module.globals[index];
                let content = in_program(&instance.types, expected.content);
                let actual = &self.globals[global].ty;
                expected.mutable == actual.mutable
                    && (content == actual.content
                        || !actual.mutable && is_subtype(actual.content, content))
            }
            (ExternKind::Tag, Extern::Tag(tag)) => {
                instance.types[module.tags[index] as usize] == self.tags[tag].signature
            }
            _ => false,
        };
        if !matches {
            return Err(format!(
                "incompatible import type: expected {}, found {}",
                import.description,
                self.describe(resolved)
            ));
        }
        match resolved {
            Extern::Func(function) => {
                let function = self.bind_host(function, id);
                if let FunctionKind::Host { function, .. } = self.functions[function].kind
                    && function.starts_threads()
                    && instance.thread_start().is_none()
                {
                    return Err(format!(
                        "the module that starts threads exports no function {THREAD_START:?} of type (i32, i32) -> ()"
                    ));
                }
                instance.functions.push(function);
            }
            Extern::Table(table) => instance.tables.push(table),
            Extern::Memory(memory) => instance.memories.push(memory),
            Extern::Global(global) => instance.globals.push(global),
            Extern::Tag(tag) => instance.tags.push(tag),
        }
        Ok(())
    }

    fn unknown_import(&self, import: &Import<'_>) -> String {
        if HostFunction::has_module(import.module) {
            format!(
                "unknown import: WASI has no function of this name (wanted: {})",
                import.description
            )
        } else {
            format!("unknown import: nothing provides {}", import.description)
        }
    }

    /// Whether a body of the program does something.
    fn any_body_has(&self, is: impl Fn(Fact) -> bool) -> bool {
        let mut bodies = self
            .instances
            .values()
            .flat_map(|instance| &instance.module.bodies);
        bodies.any(|body| body.facts.iter().any(&is))
    }

    /// A host function acts on the memory of the instance that imports it.
    fn bind_host(&mut self, function: FuncId, caller: InstanceId) -> FuncId {
        match self.functions[function].kind {
            FunctionKind::Host { function, .. } => self.host_function(function, Some(caller)),
            FunctionKind::Defined { .. } | FunctionKind::Unknown(_) => function,
        }
    }

    fn host_function(&mut self, function: HostFunction, caller: Option<InstanceId>) -> FuncId {
        if let Some(&id) = self.host_functions.get(&(function, caller)) {
            return id;
        }
        let signature = self.signatures.add_plain(function.ty());
        let id = self.functions.push(Function {
            signature,
            kind: FunctionKind::Host { function, caller },
        });
        self.host_functions.insert((function, caller), id);
        id
    }

    /// Evaluates a constant expression: every global that it can read is immutable, so its value is known.
    pub(crate) fn evaluate(&self, instance: &Instance<'_>, expr: &ConstExpr) -> ConstValue<FuncId> {
        expr.evaluate(
            |global| self.globals[instance.globals[global as usize]].init,
            |function| instance.functions[function as usize],
        )
    }

    /// The WASI preview 1 function (or its `wasi_unstable` predecessor) that an import names.
    pub fn wasi(&mut self, import: &Import<'_>) -> Option<Extern> {
        let function = HostFunction::find(import.module, import.name)?;
        (import.kind == ExternKind::Func).then(|| Extern::Func(self.host_function(function, None)))
    }

    /// The shared memory that the host provides for an import, the same for every import of that name.
    pub(crate) fn host_memory_import(
        &mut self,
        module: &Module<'_>,
        import: &Import<'a>,
    ) -> Option<Extern> {
        let ty = match import.kind {
            ExternKind::Memory => module.memories[import.index as usize],
            _ => return None,
        };
        if !ty.shared {
            return None;
        }
        let memories = &mut self.memories;
        let memory = self
            .provided_memories
            .entry((import.module, import.name))
            .or_insert_with(|| memories.push(Memory { ty, owner: None }));
        Some(Extern::Memory(*memory))
    }

    /// What a thread that `instance` starts runs.
    pub(crate) fn thread_start(&self, instance: InstanceId) -> Option<FuncId> {
        let instance = &self.instances[instance];
        let index = instance.thread_start()?;
        Some(instance.functions[index as usize])
    }

    /// What `instance` exports as `name`.
    pub fn export(&self, instance: InstanceId, name: &str) -> Option<Extern> {
        let instance = &self.instances[instance];
        let export = instance.module.export(name)?;
        Some(instance.external(export))
    }

    fn describe(&self, item: Extern) -> String {
        let types = self.signatures.types();
        match item {
            Extern::Func(id) => {
                describe::function(types, &self.signatures[self.functions[id].signature])
            }
            Extern::Table(id) => describe::table(types, &self.tables[id].ty),
            Extern::Memory(id) => describe::memory(&self.memories[id].ty),
            Extern::Global(id) => describe::global(types, &self.globals[id].ty),
            Extern::Tag(id) => describe::tag(types, &self.signatures[self.tags[id].signature]),
        }
    }

    /// Puts `label` before the names of the instance's functions, in backtraces and in the symbol table.
    pub fn set_label(&mut self, instance: InstanceId, label: &str) {
        self.instances[instance].label = Some(label.to_owned());
    }

    /// The label of the instance that defines a function.
    pub(crate) fn label(&self, function: FuncId) -> Option<&str> {
        let (instance, _) = self.body(function)?;
        self.instances[instance].label.as_deref()
    }

    /// The number by which people know an instance. Those of a program with labels need none.
    pub(crate) fn shown_number(&self, instance: InstanceId) -> u32 {
        if self.instances.values().any(|other| other.label.is_some()) {
            0
        } else {
            number(instance)
        }
    }

    /// The number of an instance in the records of its functions, see [`nativize_abi::program::instance`].
    pub(crate) fn record_number(&self, instance: InstanceId) -> u32 {
        let is_hidden = self.shown_number(instance) != number(instance);
        nativize_abi::program::instance(number(instance), is_hidden)
    }

    /// Adds an entry and gives its index.
    pub fn add_entry(&mut self, entry: EntryPoint) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// Chooses the main loop.
    pub fn set_main(&mut self, main: Main) {
        self.main = main;
    }

    /// The memories, in the order in which instances defined them.
    pub fn memories(&self) -> impl Iterator<Item = MemoryId> + use<> {
        self.memories.keys()
    }

    /// Puts a memory at the fixed low address; by default it is the first one.
    pub fn set_low_memory(&mut self, memory: MemoryId) {
        self.low_memory = Some(memory);
    }

    /// The memory at the fixed low address.
    pub(crate) fn low_memory(&self) -> Option<MemoryId> {
        self.low_memory.or_else(|| self.memories.keys().next())
    }

    /// The memory that host functions called by `instance` act on: the one it exports as `memory`.
    pub(crate) fn host_memory(&self, instance: InstanceId) -> Option<MemoryId> {
        match self.export(instance, "memory") {
            Some(Extern::Memory(memory)) => Some(memory),
            _ => None,
        }
    }

    /// A tag for a person: its name, else its index.
    pub(crate) fn describe_tag(&self, tag: TagId) -> String {
        let Tag { owner, index, .. } = self.tags[tag];
        match (self.instances[owner].module.tag_name(index), number(owner)) {
            (Some(name), _) => crate::names::demangle(name),
            (None, 0) => format!("tag {index}"),
            (None, owner) => format!("tag {index} of instance {owner}"),
        }
    }

    /// The body of a function that has one, and the instance that defines it.
    pub(crate) fn body(&self, function: FuncId) -> Option<(InstanceId, &'a Body<'a>)> {
        match self.functions[function].kind {
            FunctionKind::Defined { instance, index } => {
                Some((instance, self.instances[instance].module.body(index)))
            }
            FunctionKind::Host { .. } | FunctionKind::Unknown(_) => None,
        }
    }

    /// A name for a function: its own, else none.
    pub(crate) fn function_name(&self, function: FuncId) -> Option<String> {
        match self.functions[function].kind {
            FunctionKind::Defined { instance, index } => self.instances[instance]
                .module
                .function_name(index)
                .map(str::to_owned),
            FunctionKind::Host { function, .. } => Some(function.name()),
            FunctionKind::Unknown(import) => Some(self.unknown[import as usize].clone()),
        }
    }
}

/// The export that runs in a new thread (wasi-threads).
const THREAD_START: &str = "wasi_thread_start";

impl Instance<'_> {
    /// The index of the function that runs in new threads.
    fn thread_start(&self) -> Option<u32> {
        let export = self.module.export(THREAD_START)?;
        if export.kind != ExternKind::Func {
            return None;
        }
        let ty = self.module.function_type(export.index);
        let fits = ty.params() == [ValType::I32; 2] && ty.results().is_empty();
        fits.then_some(export.index)
    }

    pub(crate) fn external(&self, export: &Export<'_>) -> Extern {
        let index = export.index as usize;
        match export.kind {
            ExternKind::Func => Extern::Func(self.functions[index]),
            ExternKind::Table => Extern::Table(self.tables[index]),
            ExternKind::Memory => Extern::Memory(self.memories[index]),
            ExternKind::Global => Extern::Global(self.globals[index]),
            ExternKind::Tag => Extern::Tag(self.tags[index]),
        }
    }
}

/// The number of an entity.
pub(crate) fn number<E: EntityRef>(id: E) -> u32 {
    u32::try_from(id.index()).expect("entities are numbered by u32")
}
