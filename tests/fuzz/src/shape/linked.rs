//! Several modules whose instances share functions, memories, tables, globals and tags.

use super::further::{Form, More, START, TAG_TYPES, TYPED};
use super::{FUEL, FUNCTIONS, HELPERS, SEGMENT, function};
use crate::instrument::instrument;
use crate::random::Random;
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, FunctionSection, GlobalSection, GlobalType, ImportSection,
    MemorySection, MemoryType, Module, RefType, StartSection, TableSection, TableType, TagKind,
    TagSection, TagType, TypeSection, ValType,
};

/// Modules, and the module of each instance.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) modules: Vec<Vec<u8>>,
    pub(crate) instances: Vec<usize>,
    /// With exceptions in the form that other engines know, if those of `modules` are in the other.
    pub(crate) twins: Option<Vec<Vec<u8>>>,
}

/// What all modules of a case have.
#[derive(Clone, Copy)]
struct Kind {
    wide: bool,
    vectors: bool,
    more: More,
}

pub(crate) fn generate(random: &mut Random, statics: bool) -> Option<Linked> {
    let wide = random.chance(5);
    let vectors = random.chance(4);
    let more = More {
        memories: random.pick(&[1, 1, 2]),
        shared: random.chance(3),
        typed: random.chance(2),
        exceptions: random.pick(&[None, Some(Form::Standard), Some(Form::Legacy)]),
        statics,
    };
    let kind = Kind {
        wide,
        vectors,
        more,
    };
    let mut instances: Vec<usize> = vec![0];
    let count = 1 + random.below(3);
    for number in 1..count {
        let last = instances[number - 1];
        let again = number == 2 && random.chance(3);
        instances.push(if again { last } else { last + 1 });
    }
    let mut same = random.clone();
    let modules = all(random, &instances, kind)?;
    let twins = if more.exceptions == Some(Form::Legacy) {
        let more = More {
            exceptions: Some(Form::Standard),
            ..more
        };
        Some(all(&mut same, &instances, Kind { more, ..kind })?)
    } else {
        None
    };
    Some(Linked {
        modules,
        instances,
        twins,
    })
}

fn all(random: &mut Random, instances: &[usize], kind: Kind) -> Option<Vec<Vec<u8>>> {
    let mut modules = Vec::new();
    for (number, &index) in instances.iter().enumerate() {
        if index == modules.len() {
            let uses = instances.iter().filter(|&&other| other == index).count();
            let is_last = uses == 1 && number + 1 == instances.len();
            modules.push(module(random, number, is_last, kind)?);
        }
    }
    Some(modules)
}

/// How many of the first `of` items of a kind are imported: indices are the same whether they are or not.
fn imported(random: &mut Random, instance: usize, of: u32) -> u32 {
    if instance == 0 || random.chance(3) {
        return 0;
    }
    1 + random.below(of as usize) as u32
}

struct Imports {
    section: ImportSection,
    /// Instances to import from.
    from: usize,
}

impl Imports {
    fn add(&mut self, random: &mut Random, name: &str, ty: impl Into<EntityType>) {
        let from = random.below(self.from);
        self.section.import(&format!("i{from}"), name, ty.into());
    }
}

/// The module of an instance; instantiating it may trap if it is the last.
fn module(random: &mut Random, instance: usize, is_last: bool, kind: Kind) -> Option<Vec<u8>> {
    let Kind {
        wide,
        vectors,
        more,
    } = kind;
    let mut imports = Imports {
        section: ImportSection::new(),
        from: instance,
    };
    let mut exports = ExportSection::new();
    let starts = is_last && random.chance(4);

    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let taken = imported(random, instance, HELPERS);
    for index in 0..FUNCTIONS {
        let ty = if index >= HELPERS { 2 } else { index % 2 };
        let name = format!("f{index}");
        exports.export(&name, ExportKind::Func, index);
        if index < taken {
            imports.add(random, &name, EntityType::Function(ty));
        } else {
            functions.function(ty);
            code.function(&function(random, ty, wide, vectors, more));
        }
    }
    if starts {
        functions.function(START);
        code.function(&function(random, START, wide, vectors, more));
    }

    let mut tables = TableSection::new();
    let kinds = if more.typed { 2 } else { 1 };
    let taken = imported(random, instance, kinds);
    for index in 0..kinds {
        let ty = TableType {
            element_type: if index == 0 { RefType::FUNCREF } else { TYPED },
            table64: false,
            minimum: if index == 0 { 6 } else { 4 },
            maximum: Some(10),
            shared: false,
        };
        let name = format!("t{index}");
        exports.export(&name, ExportKind::Table, index);
        if index < taken {
            imports.add(random, &name, ty);
        } else {
            tables.table(ty);
        }
    }

    let mut memories = MemorySection::new();
    let taken = imported(random, instance, more.memories);
    for index in 0..more.memories {
        let ty = MemoryType {
            minimum: 1,
            maximum: Some(2),
            memory64: wide,
            shared: more.shared,
            page_size_log2: None,
        };
        let name = format!("m{index}");
        exports.export(&name, ExportKind::Memory, index);
        if index < taken {
            imports.add(random, &name, ty);
        } else {
            memories.memory(ty);
        }
    }

    let mut tags = TagSection::new();
    let taken = imported(random, instance, 2);
    for (index, func_type_idx) in (0u32..).zip(TAG_TYPES) {
        if more.exceptions.is_none() {
            break;
        }
        let ty = TagType {
            kind: TagKind::Exception,
            func_type_idx,
        };
        let name = format!("e{index}");
        exports.export(&name, ExportKind::Tag, index);
        if index < taken {
            imports.add(random, &name, ty);
        } else {
            tags.tag(ty);
        }
    }

    let mut globals = GlobalSection::new();
    let taken = imported(random, instance, FUEL + 1);
    let values = [
        (ValType::I32, ConstExpr::i32_const(random.integer() as i32)),
        (
            ValType::I64,
            ConstExpr::i64_const(random.integer().cast_signed()),
        ),
        (ValType::I32, ConstExpr::i32_const(400)),
    ];
    for (index, (val_type, init)) in (0u32..).zip(values) {
        let ty = GlobalType {
            val_type,
            mutable: true,
            shared: false,
        };
        let name = format!("g{index}");
        exports.export(&name, ExportKind::Global, index);
        if index < taken {
            imports.add(random, &name, ty);
        } else {
            globals.global(ty, &init);
        }
    }

    let mut outside = || is_last && random.chance(12);
    let (no_table, no_memory) = (outside(), outside());
    let elements = elements(random, more, no_table);
    let data = data(random, instance, kind, no_memory);

    let mut module = Module::new();
    module
        .section(&types(more))
        .section(&imports.section)
        .section(&functions)
        .section(&tables)
        .section(&memories);
    if more.exceptions.is_some() {
        module.section(&tags);
    }
    module.section(&globals).section(&exports);
    if starts {
        module.section(&StartSection {
            function_index: FUNCTIONS,
        });
    }
    module.section(&elements);
    if more.statics {
        module.section(&DataCountSection { count: data.len() });
    }
    module.section(&code).section(&data);
    instrument(&module.finish(), Some(FUEL))
}

fn types(more: More) -> TypeSection {
    use ValType::{F64, I32, I64};
    let mut types = TypeSection::new();
    types.ty().function([I32, I32], [I32]);
    types.ty().function([I64, I32], [I64]);
    types.ty().function([I32, I64, I32, F64], [I32]);
    types.ty().function([I32], [I32]);
    types.ty().function([I32], []);
    types.ty().function([I64, I32], []);
    if more.exceptions == Some(Form::Standard) {
        types.ty().function([], [I32, ValType::EXNREF]);
        types.ty().function([], [I64, I32, ValType::EXNREF]);
    } else {
        types.ty().function([], [I32]);
        types.ty().function([], [I64, I32]);
    }
    types.ty().function([], []);
    types
}

fn elements(random: &mut Random, more: More, outside: bool) -> ElementSection {
    let mut elements = ElementSection::new();
    if more.statics {
        elements.passive(Elements::Functions((&[3, 2, 1, 0][..]).into()));
    }
    let helpers: Vec<u32> = (0..5)
        .map(|_| random.below(HELPERS as usize) as u32)
        .collect();
    let at = ConstExpr::i32_const((random.below(2) as u32).cast_signed());
    elements.active(None, &at, Elements::Functions((&helpers).into()));
    let all: Vec<u32> = (0..HELPERS).collect();
    elements.declared(Elements::Functions((&all).into()));
    if more.typed {
        let of = [ConstExpr::ref_func(0), ConstExpr::ref_func(2)];
        let at = ConstExpr::i32_const((random.below(3) as u32).cast_signed());
        elements.active(Some(1), &at, Elements::Expressions(TYPED, (&of[..]).into()));
    }
    if outside {
        let at = ConstExpr::i32_const(9);
        elements.active(None, &at, Elements::Functions((&helpers).into()));
    }
    elements
}

fn data(random: &mut Random, instance: usize, kind: Kind, outside: bool) -> DataSection {
    let Kind { wide, more, .. } = kind;
    let mut data = DataSection::new();
    let offset = |at: i32| match wide {
        true => ConstExpr::i64_const(at.into()),
        false => ConstExpr::i32_const(at),
    };
    let mut words = Vec::new();
    for _ in 0..512 {
        let word = if random.chance(8) {
            random.integer() as u32
        } else {
            random.below(0xfff0) as u32
        };
        words.extend(word.to_le_bytes());
    }
    if more.statics {
        data.passive(words[..SEGMENT].iter().copied());
    }
    let at = offset((1024 * instance as u32).cast_signed());
    data.active(0, &at, words.iter().copied());
    if outside {
        data.active(0, &offset(0x1fff0), words.iter().copied());
    }
    data
}
