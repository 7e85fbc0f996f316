//! A binary module -> what it declares, validated on the way.

use wasmparser::{
    CompositeInnerType, DataKind, ElementItems, ElementKind, ExternalKind, FuncToValidate,
    FuncValidatorAllocations, FunctionBody, GlobalType, KnownCustom, MemoryType, Name, Parser,
    Payload, Result, SubType, TableInit, TableType, TypeRef, ValidPayload, Validator,
    ValidatorResources, WasmFeatures,
};

use super::features::Features;
use super::{Export, Import, Memory, Module, Section, Table};

/// Reads and validates a module, whatever proposals it uses.
///
/// # Errors
/// The first violation, with its offset.
pub(crate) fn module(bytes: &[u8]) -> Result<Module> {
    let mut reader = Reader::default();
    reader.module.size = bytes.len() as u64;
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            reader.body(function, &body)?;
        }
        reader.payload(payload)?;
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    module: Module,
    features: Features,
    types: Vec<SubType>,
    /// Type index of every function.
    functions: Vec<u32>,
    globals: Vec<GlobalType>,
    tables: Vec<TableType>,
    /// Type index of every tag.
    tags: Vec<u32>,
    allocations: FuncValidatorAllocations,
}

impl Reader {
    fn payload(&mut self, payload: Payload<'_>) -> Result<()> {
        if let Some(section) = section(&payload) {
            self.module.sections.push(section);
        }
        match payload {
            Payload::TypeSection(types) => {
                for group in types {
                    let group = group?;
                    if group.is_explicit_rec_group() {
                        self.features.insert("gc");
                    }
                    for ty in group.types() {
                        self.features.ty(ty);
                        self.module.types.push(ty.to_string());
                        self.types.push(ty.clone());
                    }
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if let TypeRef::Global(ty) = &import.ty {
                        self.features.shared_global(ty);
                    }
                    let ty = self.declare(import.ty);
                    self.module.imports.push(Import {
                        module: import.module.to_owned(),
                        name: import.name.to_owned(),
                        ty,
                    });
                }
            }
            Payload::FunctionSection(functions) => {
                self.module.functions = functions.count();
                for ty in functions {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    let table = table?;
                    self.declare(TypeRef::Table(table.ty));
                    if let TableInit::Expr(init) = &table.init {
                        self.features.insert("function_references");
                        self.features.constant(init)?;
                    }
                }
            }
            Payload::MemorySection(memories) => {
                for ty in memories {
                    self.declare(TypeRef::Memory(ty?));
                }
            }
            Payload::TagSection(tags) => {
                for ty in tags {
                    self.declare(TypeRef::Tag(ty?));
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let global = global?;
                    self.declare(TypeRef::Global(global.ty));
                    self.features.constant(&global.init_expr)?;
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Global {
                        self.features
                            .shared_global(&self.globals[export.index as usize]);
                    }
                    let ty = self.describe(export.kind, export.index);
                    self.module.exports.push(Export {
                        name: export.name.to_owned(),
                        ty,
                    });
                }
            }
            Payload::ElementSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    match &segment.kind {
                        ElementKind::Active { offset_expr, .. } => {
                            self.features.constant(offset_expr)?
                        }
                        ElementKind::Passive => self.features.insert("bulk_memory"),
                        ElementKind::Declared => self.features.insert("reference_types"),
                    }
                    if let ElementItems::Expressions(_, items) = segment.items {
                        for item in items {
                            self.features.constant(&item?)?;
                        }
                    }
                }
            }
            Payload::DataCountSection { .. } => self.features.insert("bulk_memory"),
            Payload::DataSection(segments) => {
                for segment in segments {
                    match segment?.kind {
                        DataKind::Active { offset_expr, .. } => {
                            self.features.constant(&offset_expr)?
                        }
                        DataKind::Passive => self.features.insert("bulk_memory"),
                    }
                }
            }
            Payload::CustomSection(custom) => {
                if let KnownCustom::Name(names) = custom.as_known() {
                    // A damaged name section makes no module invalid.
                    for name in names.into_iter().map_while(Result::ok) {
                        if let Name::Module { name, .. } = name {
                            self.module.name = Some(name.to_owned());
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn body(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
    ) -> Result<()> {
        let mut validator = function.into_validator(std::mem::take(&mut self.allocations));
        validator.validate(body)?;
        self.allocations = validator.into_allocations();
        for local in body.get_locals_reader()? {
            self.features.value(local?.1);
        }
        let types = &self.types;
        let is_multi = |index: u32| match &types[index as usize].composite_type.inner {
            CompositeInnerType::Func(ty) => !ty.params().is_empty() || ty.results().len() > 1,
            _ => false,
        };
        for operator in body.get_operators_reader()? {
            self.features.operator(&operator?, is_multi);
        }
        Ok(())
    }

    /// Adds an imported or defined entity, and gives its type as text.
    fn declare(&mut self, ty: TypeRef) -> String {
        match ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.functions.push(ty);
                self.describe(ExternalKind::Func, last(&self.functions))
            }
            TypeRef::Table(ty) => {
                self.features.table(&ty);
                self.module.tables.push(table(&ty));
                self.tables.push(ty);
                self.describe(ExternalKind::Table, last(&self.tables))
            }
            TypeRef::Memory(ty) => {
                self.features.memory(&ty);
                self.module.memories.push(memory(&ty));
                self.describe(ExternalKind::Memory, last(&self.module.memories))
            }
            TypeRef::Global(ty) => {
                self.features.value(ty.content_type);
                self.globals.push(ty);
                let text = self.describe(ExternalKind::Global, last(&self.globals));
                self.module.globals.push(text.clone());
                text
            }
            TypeRef::Tag(ty) => {
                self.features.insert("exceptions");
                self.tags.push(ty.func_type_idx);
                self.describe(ExternalKind::Tag, last(&self.tags))
            }
        }
    }

    fn describe(&self, kind: ExternalKind, index: u32) -> String {
        let index = index as usize;
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                self.module.types[self.functions[index] as usize].clone()
            }
            ExternalKind::Table => format!("(table {})", self.module.tables[index]),
            ExternalKind::Memory => format!("(memory {})", self.module.memories[index]),
            ExternalKind::Global => match self.globals[index] {
                GlobalType {
                    mutable: true,
                    content_type,
                    ..
                } => format!("(global (mut {content_type}))"),
                GlobalType { content_type, .. } => format!("(global {content_type})"),
            },
            ExternalKind::Tag => format!("(tag {})", self.module.types[self.tags[index] as usize]),
        }
    }

    fn finish(mut self) -> Module {
        self.features
            .counts(self.module.memories.len(), self.tables.len());
        self.module.features = self.features.names();
        self.module.entry = ["_initialize", "_start"]
            .into_iter()
            .filter(|entry| {
                let mut exports = self.module.exports.iter();
                exports.any(|export| export.name == *entry && export.ty == "(func)")
            })
            .map(str::to_owned)
            .collect();
        self.module
    }
}

fn last<T>(items: &[T]) -> u32 {
    // Validation limits every index space to fewer than 2^32 items.
    u32::try_from(items.len() - 1).unwrap_or(u32::MAX)
}

fn section(payload: &Payload<'_>) -> Option<Section> {
    let (_, range) = payload.as_section()?;
    let name = match payload {
        Payload::CustomSection(custom) => format!("custom \"{}\"", custom.name()),
        Payload::TypeSection(_) => "type".to_owned(),
        Payload::ImportSection(_) => "import".to_owned(),
        Payload::FunctionSection(_) => "function".to_owned(),
        Payload::TableSection(_) => "table".to_owned(),
        Payload::MemorySection(_) => "memory".to_owned(),
        Payload::TagSection(_) => "tag".to_owned(),
        Payload::GlobalSection(_) => "global".to_owned(),
        Payload::ExportSection(_) => "export".to_owned(),
        Payload::StartSection { .. } => "start".to_owned(),
        Payload::ElementSection(_) => "element".to_owned(),
        Payload::DataCountSection { .. } => "data count".to_owned(),
        Payload::CodeSectionStart { .. } => "code".to_owned(),
        Payload::DataSection(_) => "data".to_owned(),
        _ => return None,
    };
    Some(Section {
        name,
        offset: range.start,
        size: range.end - range.start,
    })
}

fn memory(ty: &MemoryType) -> Memory {
    Memory {
        initial: ty.initial,
        maximum: ty.maximum,
        page_size: 1 << ty.page_size_log2.unwrap_or(16),
        index_bits: if ty.memory64 { 64 } else { 32 },
        shared: ty.shared,
    }
}

fn table(ty: &TableType) -> Table {
    Table {
        initial: ty.initial,
        maximum: ty.maximum,
        element: ty.element_type.to_string(),
        index_bits: if ty.table64 { 64 } else { 32 },
    }
}
