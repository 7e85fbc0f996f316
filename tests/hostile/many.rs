//! Modules with a great number of something.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TagKind, TagSection,
    TagType, TypeSection, ValType,
};

/// A module that is put together in any order and written in the right one.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) types: TypeSection,
    pub(crate) imports: ImportSection,
    pub(crate) functions: FunctionSection,
    pub(crate) tables: TableSection,
    pub(crate) memories: MemorySection,
    pub(crate) tags: TagSection,
    pub(crate) globals: GlobalSection,
    pub(crate) exports: ExportSection,
    pub(crate) elements: ElementSection,
    pub(crate) code: CodeSection,
    pub(crate) data: DataSection,
    pub(crate) names: Option<wasm_encoder::NameSection>,
}

impl Parts {
    /// Type 0 is that of `_start`.
    pub(crate) fn new() -> Self {
        let mut parts = Parts::default();
        parts.types.ty().function([], []);
        parts
    }

    /// Adds a function of a type.
    pub(crate) fn function(&mut self, ty: u32, body: &Function) {
        self.functions.function(ty);
        self.code.function(body);
    }

    /// Adds `_start`, as the function of that index.
    pub(crate) fn start(&mut self, index: u32, body: &Function) {
        self.function(0, body);
        self.exports.export("_start", ExportKind::Func, index);
    }

    pub(crate) fn memory(&mut self, pages: u64) {
        self.memories.memory(MemoryType {
            minimum: pages,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }

    pub(crate) fn table(&mut self, size: u64) {
        self.tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: size,
            maximum: None,
            shared: false,
        });
    }

    pub(crate) fn finish(&self) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types);
        module.section(&self.imports);
        module.section(&self.functions);
        module.section(&self.tables);
        module.section(&self.memories);
        if !self.tags.is_empty() {
            module.section(&self.tags);
        }
        module.section(&self.globals);
        module.section(&self.exports);
        module.section(&self.elements);
        if !self.data.is_empty() {
            module.section(&wasm_encoder::DataCountSection {
                count: self.data.len(),
            });
        }
        module.section(&self.code);
        module.section(&self.data);
        if let Some(names) = &self.names {
            module.section(names);
        }
        module.finish()
    }
}

/// A body of no locals.
pub(crate) fn body(write: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Function {
    let mut function = Function::new([]);
    let mut sink = function.instructions();
    write(&mut sink);
    sink.end();
    function
}

/// Functions that a table holds, so that none can be left out.
pub(crate) fn functions(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.types.ty().function([], [ValType::I32]);
    // One of them is `_start`.
    for number in 0..count - 1 {
        parts.function(
            1,
            &body(|code| {
                code.i32_const(number.cast_signed());
            }),
        );
    }
    parts.table(count.into());
    let all: Vec<u32> = (0..count - 1).collect();
    parts.elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions(all.into()),
    );
    parts.start(
        count - 1,
        &body(|code| {
            code.i32_const(1).call_indirect(0, 1).drop();
        }),
    );
    parts.finish()
}

pub(crate) fn functions_beyond(count: u32) -> Vec<u8> {
    functions(count)
}

pub(crate) fn functions_that_nothing_calls(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let nothing = body(|_| {});
    for _ in 1..count {
        parts.function(0, &nothing);
    }
    parts.start(count - 1, &nothing);
    parts.finish()
}

fn imported(count: u32, import: impl Fn(u32, &mut ImportSection)) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.types.ty().function([ValType::I32], []);
    for number in 0..count {
        import(number, &mut parts.imports);
    }
    let all: Vec<u32> = (0..count).collect();
    parts.table(count.into());
    parts.elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions(all.into()),
    );
    parts.start(
        count,
        &body(|code| {
            code.i32_const(0).i32_const(0).call_indirect(0, 1);
        }),
    );
    parts.finish()
}

/// Imports that nothing provides: each has a name of its own.
pub(crate) fn imports(count: u32) -> Vec<u8> {
    imported(count, |number, imports| {
        imports.import("env", &format!("f{number}"), EntityType::Function(1));
    })
}

/// The same import again and again.
pub(crate) fn imports_of_wasi(count: u32) -> Vec<u8> {
    imported(count, |_, imports| {
        imports.import(
            "wasi_snapshot_preview1",
            "proc_exit",
            EntityType::Function(1),
        );
    })
}

pub(crate) fn exports(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.start(0, &body(|_| {}));
    for number in 1..count {
        parts
            .exports
            .export(&format!("e{number}"), ExportKind::Func, 0);
    }
    parts.finish()
}

/// Globals that are all written.
pub(crate) fn globals(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let ty = GlobalType {
        val_type: ValType::I64,
        mutable: true,
        shared: false,
    };
    for number in 0..count {
        parts
            .globals
            .global(ty, &ConstExpr::i64_const(number.into()));
    }
    parts.start(
        0,
        &body(|code| {
            for number in 1..count {
                code.global_get(number - 1).global_set(number);
            }
        }),
    );
    parts.finish()
}

/// Each begins as the one before.
pub(crate) fn globals_in_a_chain(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let ty = GlobalType {
        val_type: ValType::I32,
        mutable: false,
        shared: false,
    };
    parts.globals.global(ty, &ConstExpr::i32_const(7));
    for number in 1..count {
        parts.globals.global(ty, &ConstExpr::global_get(number - 1));
    }
    parts.memory(1);
    parts
        .data
        .active(0, &ConstExpr::global_get(count - 1), *b"data");
    parts.start(
        0,
        &body(|code| {
            code.global_get(count - 1).drop();
        }),
    );
    parts.finish()
}

pub(crate) fn tags(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let tag = TagType {
        kind: TagKind::Exception,
        func_type_idx: 0,
    };
    for _ in 0..count {
        parts.tags.tag(tag);
    }
    parts.start(
        0,
        &body(|code| {
            code.throw(count - 1);
        }),
    );
    parts.finish()
}

/// Tables that are all written.
pub(crate) fn tables(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    for _ in 0..count {
        parts.table(1);
    }
    parts.start(
        0,
        &body(|code| {
            for number in 0..count {
                code.i32_const(0)
                    .ref_null(wasm_encoder::HeapType::FUNC)
                    .table_set(number);
            }
        }),
    );
    parts.finish()
}

/// Memories that are all written.
pub(crate) fn memories(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    for _ in 0..count {
        parts.memory(1);
    }
    parts.start(
        0,
        &body(|code| {
            for memory_index in 0..count {
                code.i32_const(0)
                    .i32_const(1)
                    .i32_store8(wasm_encoder::MemArg {
                        offset: 0,
                        align: 0,
                        target: wasm_encoder::MemArgTarget::Memory(memory_index),
                        ordering: None,
                    });
            }
        }),
    );
    parts.finish()
}

fn elements(count: u32, at: impl Fn(u32) -> i32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.table(1000);
    for number in 0..count {
        parts.elements.active(
            None,
            &ConstExpr::i32_const(at(number)),
            Elements::Functions([0].as_slice().into()),
        );
    }
    parts.start(
        0,
        &body(|code| {
            code.ref_null(wasm_encoder::HeapType::FUNC);
            code.i32_const(1).table_grow(0).drop();
        }),
    );
    parts.finish()
}

/// They write over each other.
pub(crate) fn element_segments(count: u32) -> Vec<u8> {
    elements(count, |number| (number % 1000).cast_signed())
}

/// After the first, none can be part of the image.
pub(crate) fn element_segments_out_of_bounds(count: u32) -> Vec<u8> {
    elements(count, |number| if number == 0 { 1000 } else { 0 })
}

/// All are used.
pub(crate) fn passive_elements(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.table(1000);
    for _ in 0..count {
        parts
            .elements
            .passive(Elements::Functions([0].as_slice().into()));
    }
    parts.start(
        0,
        &body(|code| {
            for number in 0..count {
                code.i32_const(0)
                    .i32_const(0)
                    .i32_const(1)
                    .table_init(0, number);
                code.elem_drop(number);
            }
        }),
    );
    parts.finish()
}

fn data(count: u32, pages: u64, at: impl Fn(u32) -> i32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.memory(pages);
    for number in 0..count {
        parts
            .data
            .active(0, &ConstExpr::i32_const(at(number)), *b"bytes");
    }
    parts.start(
        0,
        &body(|code| {
            code.i32_const(1).memory_grow(0).drop();
        }),
    );
    parts.finish()
}

/// Downwards, and over each other.
pub(crate) fn data_segments(count: u32) -> Vec<u8> {
    data(count, 10, |number| 3 * (100_000 - number).cast_signed())
}

/// Each in a page of its own.
pub(crate) fn data_segments_far_apart(count: u32) -> Vec<u8> {
    data(count, 65536, |number| (number << 16).cast_signed())
}

/// After the first, none can be part of the image.
pub(crate) fn data_segments_out_of_bounds(count: u32) -> Vec<u8> {
    data(count, 1, |number| if number == 0 { -1 } else { 8 })
}

pub(crate) fn data_segments_beyond(count: u32) -> Vec<u8> {
    data(count, 1, |_| 0)
}

/// One segment of that many bytes.
pub(crate) fn large_data(bytes: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.memory(u64::from(bytes).div_ceil(65536));
    let content = vec![0x5a; bytes as usize];
    parts.data.active(0, &ConstExpr::i32_const(0), content);
    parts.start(
        0,
        &body(|code| {
            code.i32_const(1).memory_grow(0).drop();
        }),
    );
    parts.finish()
}

pub(crate) fn huge_memory(pages: u32) -> Vec<u8> {
    data(2, pages.into(), |number| -8 * (number + 1).cast_signed())
}

pub(crate) fn huge_table(size: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.table(size.into());
    parts.start(
        0,
        &body(|code| {
            code.i32_const((size - 1).cast_signed());
            code.ref_func(0).table_set(0);
        }),
    );
    parts
        .elements
        .declared(Elements::Functions([0].as_slice().into()));
    parts.finish()
}

pub(crate) fn huge_table_beyond(size: u32) -> Vec<u8> {
    huge_table(size)
}

/// Every element is a function from the start.
pub(crate) fn huge_table_of_functions(size: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let ty = TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: size.into(),
        maximum: None,
        shared: false,
    };
    parts.tables.table_with_init(ty, &ConstExpr::ref_func(0));
    parts.start(
        0,
        &body(|code| {
            code.i32_const(0)
                .ref_null(wasm_encoder::HeapType::FUNC)
                .table_set(0);
        }),
    );
    parts.finish()
}

/// A few of those, all called through.
pub(crate) fn huge_tables_of_functions_beyond(size: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let tables = 1 + size / 10_000_000;
    for _ in 0..tables {
        let ty = TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: (size / tables).into(),
            maximum: None,
            shared: false,
        };
        parts.tables.table_with_init(ty, &ConstExpr::ref_func(0));
    }
    parts.start(
        0,
        &body(|code| {
            for table in 0..tables {
                code.i32_const(0).call_indirect(table, 0);
            }
        }),
    );
    parts.finish()
}

/// Pages that are all touched, by a few bytes each.
pub(crate) fn data_segments_in_pages(count: u32) -> Vec<u8> {
    data(count, u64::from(count).div_ceil(16), |number| {
        (number << 12).cast_signed()
    })
}
