//! Bytes -> validated [`Module`].

use crate::Error;
use crate::const_expr::ConstExpr;
use crate::describe;
use crate::facts::{Collector, Facts};
use crate::features::{self, Features};
use crate::hints::{self, Hints};
use crate::module::{
    Body, DataSegment, ElementSegment, Export, ExternKind, GlobalType, Import, IndexType,
    MemoryType, Module, SegmentMode, TableType,
};
use crate::parallel;
use std::collections::HashMap;
use wasmparser::{
    CompositeInnerType, ElementItems, ElementKind, Encoding, ExternalKind, FuncToValidate,
    FuncType, FuncValidatorAllocations, FunctionBody, KnownCustom, Name, NameMap,
    NameSectionReader, Parser, Payload, TableInit, TypeRef, ValType, ValidPayload, Validator,
    ValidatorResources,
};

/// Parses and validates a binary module against [`Features::All`], on all cores.
///
/// # Errors
/// [`Error::Invalid`] when the bytes are not a valid module (the error of the lowest offset among the bodies);
/// [`Error::Unsupported`] when a valid module declares something that is not supported.
pub fn parse(bytes: &[u8]) -> Result<Module<'_>, Error> {
    parse_with(bytes, Features::All, None)
}

/// As [`parse`], validating against `features` on `threads` threads (`None`: one for each core).
///
/// # Errors
/// As [`parse`].
pub fn parse_with(
    bytes: &[u8],
    features: Features,
    threads: Option<usize>,
) -> Result<Module<'_>, Error> {
    let mut sections = Sections {
        validator: Validator::new_with_features(features.wasm()),
        ..Sections::default()
    };
    let mut to_validate = Vec::new();
    let mut parser = Parser::new(0);
    parser.set_features(features.wasm());
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        if let Payload::Version {
            encoding: Encoding::Component,
            range,
            ..
        } = &payload
        {
            return Err(Error::Unsupported {
                feature: "components".to_owned(),
                offset: range.start,
            });
        }
        if let Payload::CodeSectionStart {
            unchecked_range: range,
            ..
        } = &payload
        {
            // (A section that is cut short is an error of the next payload.)
            let end = bytes.len().min(range.end as usize);
            let contents = &bytes[range.start as usize..end];
            sections.module.debug.code_section(range.start, contents);
        }
        match sections.validator.payload(&payload)? {
            ValidPayload::Func(validator, body) => to_validate.push((validator, body)),
            ValidPayload::Ok | ValidPayload::End(_) | ValidPayload::Parser(_) => {
                sections.read(payload)?
            }
        }
    }
    let mut module = sections.module;
    module.bodies = validate_bodies(to_validate, threads)?;
    module.name_exports();
    for (index, body) in (module.imported_functions..).zip(&mut module.bodies) {
        body.hints = sections.hints.remove(&index).unwrap_or_default();
    }
    match sections.unsupported {
        Some((feature, offset)) => Err(Error::Unsupported { feature, offset }),
        None => Ok(module),
    }
}

/// Validates the bodies in parallel; of several errors the one of the lowest body wins, whatever the number of threads.
fn validate_bodies<'a>(
    bodies: Vec<(FuncToValidate<ValidatorResources>, FunctionBody<'a>)>,
    threads: Option<usize>,
) -> Result<Vec<Body<'a>>, Error> {
    let order: Vec<usize> = (0..bodies.len()).collect();
    let facts = parallel::map(
        &order,
        threads,
        || (FuncValidatorAllocations::default(), Collector::default()),
        |(allocations, collector), index| -> Result<Facts, Error> {
            let (to_validate, body) = &bodies[index];
            let to_validate = FuncToValidate {
                resources: to_validate.resources.clone(),
                index: to_validate.index,
                ty: to_validate.ty,
                features: to_validate.features,
            };
            let mut validator = to_validate.into_validator(std::mem::take(allocations));
            let mut reader = body.get_binary_reader();
            validator.read_locals(&mut reader)?;
            let mut operators = wasmparser::OperatorsReader::new(reader);
            while !operators.eof() {
                let (op, offset) = operators.read_with_offset()?;
                validator.op(offset, &op)?;
                collector.visit(&op);
            }
            operators.finish()?;
            *allocations = validator.into_allocations();
            Ok(collector.finish())
        },
    );
    bodies
        .into_iter()
        .zip(facts)
        .map(|((_, code), facts)| {
            Ok(Body {
                code,
                facts: facts?,
                hints: Hints::default(),
            })
        })
        .collect()
}

/// The module as far as it has been read.
#[derive(Default)]
struct Sections<'a> {
    validator: Validator,
    module: Module<'a>,
    /// Branch hints by function index.
    hints: HashMap<u32, Hints>,
    /// The first thing that is valid and not supported: reported only if nothing is invalid.
    unsupported: Option<(String, u64)>,
}

impl<'a> Sections<'a> {
    fn unsupported(&mut self, feature: impl Into<String>, offset: u64) {
        if self.unsupported.is_none() {
            self.unsupported = Some((feature.into(), offset));
        }
    }

    fn value_type(&mut self, ty: ValType, offset: u64) -> ValType {
        if let Some(feature) = features::unsupported_type(ty) {
            self.unsupported(feature, offset);
        }
        ty
    }

    fn const_expr(&mut self, expr: &wasmparser::ConstExpr<'a>) -> Result<ConstExpr, Error> {
        Ok(match ConstExpr::read(expr)? {
            Ok(expr) => expr,
            Err(error) => {
                if let Error::Unsupported { feature, offset } = error {
                    self.unsupported(feature, offset);
                }
                ConstExpr(Vec::new())
            }
        })
    }

    /// Takes a payload that the validator has accepted.
    fn read(&mut self, payload: Payload<'a>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    self.rec_group(group?)?;
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports_with_offsets() {
                    let (offset, import) = import?;
                    self.import(import, offset);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.module.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section.into_iter_with_offsets() {
                    let (offset, table) = table?;
                    self.table_type(&table.ty, offset);
                    let init = match &table.init {
                        TableInit::RefNull => None,
                        TableInit::Expr(expr) => Some(self.const_expr(expr)?),
                    };
                    self.module.table_inits.push(init);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memory_type(&memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section.into_iter_with_offsets() {
                    let (offset, global) = global?;
                    self.global_type(&global.ty, offset);
                    let init = self.const_expr(&global.init_expr)?;
                    self.module.global_inits.push(init);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.export(&export?);
                }
            }
            Payload::TagSection(section) => {
                for tag in section {
                    self.module.tags.push(tag?.func_type_idx);
                }
            }
            Payload::StartSection { func, .. } => self.module.start = Some(func),
            Payload::ElementSection(section) => {
                for element in section {
                    let element = element?;
                    self.element(&element)?;
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    let mode = match &data.kind {
                        wasmparser::DataKind::Passive => SegmentMode::Passive,
                        wasmparser::DataKind::Active {
                            memory_index,
                            offset_expr,
                        } => SegmentMode::Active {
                            target: *memory_index,
                            offset: self.const_expr(offset_expr)?,
                        },
                    };
                    self.module.data.push(DataSegment {
                        mode,
                        bytes: data.data,
                    });
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Name(names) => self.names(names),
                KnownCustom::BranchHints(section) => self.hints = hints::read(section),
                _ => self.module.debug.custom_section(&section),
            },
            _ => {}
        }
        Ok(())
    }

    /// How many types have been read.
    fn types(&self) -> u32 {
        u32::try_from(self.module.types.len()).expect("validated: at most a million types")
    }

    fn rec_group(&mut self, group: wasmparser::RecGroup) -> Result<(), Error> {
        let start = self.types();
        for (offset, ty) in group.into_types_and_offsets() {
            let plain = ty.is_final && ty.supertype_idxs.is_empty();
            let function = match ty.composite_type.inner {
                CompositeInnerType::Func(function) if plain && !ty.composite_type.shared => {
                    function
                }
                _ => {
                    let composite = &ty.composite_type;
                    let feature = if matches!(composite.inner, CompositeInnerType::Cont(_)) {
                        "stack switching (its type declarations)"
                    } else if composite.shared {
                        "shared-everything threads (their type declarations)"
                    } else if composite
                        .descriptor_idx
                        .or(composite.describes_idx)
                        .is_some()
                    {
                        "custom descriptors (their type declarations)"
                    } else {
                        "garbage collection (its type declarations)"
                    };
                    self.unsupported(feature, offset);
                    FuncType::new([], [])
                }
            };
            for &ty in function.params().iter().chain(function.results()) {
                self.value_type(ty, offset);
            }
            self.module.types.push(function);
        }
        let end = self.types();
        self.module.type_groups.push(start..end);
        Ok(())
    }

    fn import(&mut self, import: wasmparser::Import<'a>, offset: u64) {
        let module = &mut self.module;
        let (kind, index, description) = match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                module.functions.push(ty);
                module.imported_functions += 1;
                let description = describe::function(&module.types, &module.types[ty as usize]);
                (ExternKind::Func, module.imported_functions - 1, description)
            }
            TypeRef::Table(ty) => {
                module.imported_tables += 1;
                let index = module.imported_tables - 1;
                self.table_type(&ty, offset);
                (
                    ExternKind::Table,
                    index,
                    describe::table(&self.module.types, &self.module.tables[index as usize]),
                )
            }
            TypeRef::Memory(ty) => {
                module.imported_memories += 1;
                let index = module.imported_memories - 1;
                self.memory_type(&ty);
                (
                    ExternKind::Memory,
                    index,
                    describe::memory(&self.module.memories[index as usize]),
                )
            }
            TypeRef::Global(ty) => {
                module.imported_globals += 1;
                let index = module.imported_globals - 1;
                self.global_type(&ty, offset);
                (
                    ExternKind::Global,
                    index,
                    describe::global(&self.module.types, &self.module.globals[index as usize]),
                )
            }
            TypeRef::Tag(ty) => {
                module.tags.push(ty.func_type_idx);
                module.imported_tags += 1;
                let ty = &module.types[ty.func_type_idx as usize];
                let description = describe::tag(&module.types, ty);
                (ExternKind::Tag, module.imported_tags - 1, description)
            }
        };
        self.module.imports.push(Import {
            module: import.module,
            name: import.name,
            kind,
            index,
            description,
        });
    }

    fn table_type(&mut self, ty: &wasmparser::TableType, offset: u64) {
        if ty.shared {
            self.unsupported("shared-everything threads", offset);
        }
        let element = self.value_type(ValType::Ref(ty.element_type), offset);
        self.module.tables.push(TableType {
            element,
            index: IndexType::new(ty.table64),
            min: ty.initial,
            max: ty.maximum,
        });
    }

    fn memory_type(&mut self, ty: &wasmparser::MemoryType) {
        self.module.memories.push(MemoryType {
            index: IndexType::new(ty.memory64),
            min: ty.initial,
            max: ty.maximum,
            page_shift: ty.page_size_log2(),
            shared: ty.shared,
        });
    }

    fn global_type(&mut self, ty: &wasmparser::GlobalType, offset: u64) {
        if ty.shared {
            self.unsupported("shared-everything threads", offset);
        }
        let content = self.value_type(ty.content_type, offset);
        self.module.globals.push(GlobalType {
            content,
            mutable: ty.mutable,
        });
    }

    fn export(&mut self, export: &wasmparser::Export<'a>) {
        let module = &mut self.module;
        let index = export.index as usize;
        let (kind, description) = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => (
                ExternKind::Func,
                describe::function(&module.types, module.function_type(export.index)),
            ),
            ExternalKind::Table => (
                ExternKind::Table,
                describe::table(&module.types, &module.tables[index]),
            ),
            ExternalKind::Memory => (
                ExternKind::Memory,
                describe::memory(&module.memories[index]),
            ),
            ExternalKind::Global => (
                ExternKind::Global,
                describe::global(&module.types, &module.globals[index]),
            ),
            ExternalKind::Tag => (
                ExternKind::Tag,
                describe::tag(&module.types, &module.types[module.tags[index] as usize]),
            ),
        };
        module.exports.push(Export {
            name: export.name,
            kind,
            index: export.index,
            description,
        });
    }

    fn element(&mut self, element: &wasmparser::Element<'a>) -> Result<(), Error> {
        let mode = match &element.kind {
            ElementKind::Passive => SegmentMode::Passive,
            ElementKind::Declared => SegmentMode::Declared,
            ElementKind::Active {
                table_index,
                offset_expr,
            } => SegmentMode::Active {
                target: table_index.unwrap_or(0),
                offset: self.const_expr(offset_expr)?,
            },
        };
        let mut items = Vec::new();
        match &element.items {
            ElementItems::Functions(functions) => {
                for function in functions.clone() {
                    items.push(ConstExpr::ref_func(function?));
                }
            }
            ElementItems::Expressions(ty, expressions) => {
                self.value_type(ValType::Ref(*ty), element.range.start);
                for expression in expressions.clone() {
                    items.push(self.const_expr(&expression?)?);
                }
            }
        }
        self.module.elements.push(ElementSegment { mode, items });
        Ok(())
    }

    /// Takes what the name section says up to the first malformed byte: it is a custom section, so an error in it
    /// never makes a module invalid (specification, appendix "Custom Sections").
    fn names(&mut self, section: NameSectionReader<'a>) {
        let (functions, tags) = (self.module.functions.len(), self.module.tags.len());
        for subsection in section {
            match subsection {
                Ok(Name::Module { name, .. }) => self.module.name = Some(name),
                Ok(Name::Function(map)) => {
                    name_all(&mut self.module.function_names, functions, map);
                }
                Ok(Name::Tag(map)) => name_all(&mut self.module.tag_names, tags, map),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
}

/// Takes the names of the items of an index space with `len` of them.
fn name_all<'a>(names: &mut Vec<Option<&'a str>>, len: usize, map: NameMap<'a>) {
    names.resize(len, None);
    for naming in map {
        let Ok(naming) = naming else { break };
        if let Some(slot) = names.get_mut(naming.index as usize) {
            *slot = Some(naming.name);
        }
    }
}
