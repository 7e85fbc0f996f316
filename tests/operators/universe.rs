//! The modules in which operators are tried: everything that one may refer to, and a function with a local of each type.

use wasm_encoder::{
    AbstractHeapType, ArrayType, CodeSection, CompositeInnerType, CompositeType, ConstExpr,
    ContType, DataCountSection, DataSection, ElementSection, Elements, ExportKind, ExportSection,
    FieldType, FuncType, Function, FunctionSection, GlobalSection, GlobalType, HeapType,
    MemorySection, MemoryType, Module, RefType, StorageType, StructType, SubType, TableSection,
    TableType, TagKind, TagSection, TagType, TypeSection, ValType,
};

/// What the function is exported as.
pub(crate) const EXPORT: &str = "f";

/// Types of structs: of a number, of a byte, of a reference, and one that has a descriptor.
pub(crate) const STRUCTS: [u32; 5] = [1, 2, 3, DESCRIBED, 1];
/// Types of arrays: of numbers, of bytes, of references, and of references to functions.
pub(crate) const ARRAYS: [u32; 5] = [4, 5, 6, 7, 4];
/// A continuation of the function type 0.
pub(crate) const CONTINUATION: u32 = 8;
/// The same, as the result of binding no argument.
pub(crate) const BOUND_CONTINUATION: u32 = CONTINUATION;
/// A struct with a descriptor, which follows it.
pub(crate) const DESCRIBED: u32 = 9;
/// A continuation that gets the one that switches to it.
pub(crate) const SWITCH_CONTINUATION: u32 = 12;

/// What tables hold whose elements are accessed atomically.
const SHARED: RefType = RefType {
    nullable: true,
    heap_type: HeapType::Abstract {
        shared: true,
        ty: AbstractHeapType::Eq,
    },
};

/// What a module has apart from the code.
pub(crate) struct Universe {
    locals: Vec<ValType>,
    /// Whether there are types that only proposals not yet supported have.
    whole: bool,
}

fn reference(index: u32) -> ValType {
    ValType::Ref(RefType {
        nullable: true,
        heap_type: HeapType::Concrete(index),
    })
}

fn composite(inner: CompositeInnerType) -> CompositeType {
    CompositeType {
        inner,
        shared: false,
        descriptor: None,
        describes: None,
    }
}

fn subtype(composite_type: CompositeType) -> SubType {
    SubType {
        is_final: true,
        supertype_idxs: Vec::new(),
        composite_type,
    }
}

impl Universe {
    /// What is supported alone, so that an operator's module is refused for nothing but the operator.
    pub(crate) fn plain() -> Self {
        Universe {
            locals: vec![
                ValType::I32,
                ValType::I64,
                ValType::F32,
                ValType::F64,
                ValType::V128,
                ValType::FUNCREF,
                reference(0),
                ValType::EXTERNREF,
                ValType::EXNREF,
            ],
            whole: false,
        }
    }

    /// Everything.
    pub(crate) fn whole() -> Self {
        let mut universe = Universe::plain();
        universe.whole = true;
        let abstracts = [
            AbstractHeapType::Any,
            AbstractHeapType::Eq,
            AbstractHeapType::I31,
        ];
        universe
            .locals
            .extend(abstracts.map(|ty| ValType::Ref(RefType::new_abstract(ty, true, false))));
        universe.locals.extend((1..=10).map(reference));
        universe.locals.push(ValType::Ref(SHARED));
        universe.locals.push(reference(SWITCH_CONTINUATION));
        universe.locals.push(ValType::Ref(RefType {
            nullable: true,
            heap_type: HeapType::Exact(DESCRIBED + 1),
        }));
        universe
    }

    pub(crate) fn locals(&self) -> &[ValType] {
        &self.locals
    }

    fn types(&self) -> TypeSection {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        if !self.whole {
            return types;
        }
        let any = ValType::Ref(RefType::ANYREF);
        let field = |element_type| FieldType {
            element_type,
            mutable: true,
        };
        for element in [
            StorageType::Val(ValType::I32),
            StorageType::I8,
            StorageType::Val(any),
        ] {
            types.ty().struct_([field(element)]);
        }
        for element in [
            StorageType::Val(ValType::I32),
            StorageType::I8,
            StorageType::Val(any),
            StorageType::Val(ValType::FUNCREF),
        ] {
            types
                .ty()
                .subtype(&subtype(composite(CompositeInnerType::Array(ArrayType(
                    field(element),
                )))));
        }
        types.ty().cont(&ContType(0));
        let empty = || {
            composite(CompositeInnerType::Struct(StructType {
                fields: Box::new([]),
            }))
        };
        types.ty().rec([
            subtype(CompositeType {
                descriptor: Some(DESCRIBED + 1),
                ..empty()
            }),
            subtype(CompositeType {
                describes: Some(DESCRIBED),
                ..empty()
            }),
        ]);
        types
            .ty()
            .func_type(&FuncType::new([reference(CONTINUATION)], []));
        types.ty().cont(&ContType(DESCRIBED + 2));
        types
    }

    /// The module whose exported function has this code; function 0 does nothing.
    pub(crate) fn module(&self, code: Vec<u8>) -> Vec<u8> {
        let table = |element_type| TableType {
            element_type,
            table64: false,
            minimum: 1,
            maximum: None,
            shared: false,
        };
        let mut functions = FunctionSection::new();
        functions.function(0).function(0);
        let mut tables = TableSection::new();
        tables.table(table(RefType::FUNCREF));
        tables.table(table(if self.whole {
            RefType::ANYREF
        } else {
            RefType::EXTERNREF
        }));
        if self.whole {
            tables.table(table(SHARED));
        }
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut tags = TagSection::new();
        tags.tag(TagType {
            kind: TagKind::Exception,
            func_type_idx: 0,
        });
        let mut globals = GlobalSection::new();
        let global = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(global, &ConstExpr::i32_const(0));
        let mut exports = ExportSection::new();
        exports.export(EXPORT, ExportKind::Func, 1);
        let mut elements = ElementSection::new();
        elements.passive(Elements::Functions([0][..].into()));
        let mut bodies = CodeSection::new();
        let mut nothing = Function::new([]);
        nothing.instructions().end();
        bodies.function(&nothing);
        let mut function = Function::new_with_locals_types(self.locals.iter().copied());
        function.raw(code);
        function.instructions().end();
        bodies.function(&function);
        let mut data = DataSection::new();
        data.passive([0; 4]);
        let mut module = Module::new();
        module
            .section(&self.types())
            .section(&functions)
            .section(&tables)
            .section(&memories)
            .section(&tags)
            .section(&globals)
            .section(&exports)
            .section(&elements)
            .section(&DataCountSection { count: 1 })
            .section(&bodies)
            .section(&data);
        module.finish()
    }
}
