//! Modules shaped like what compilers emit: counted loops over memory, pointers in memory, small functions to inline.
//! The generator of wasm-smith rarely makes them, and the optimizations look at nothing else.

mod further;
mod integer;
mod linked;
mod statement;
mod vector;

pub(crate) use linked::generate as linked;

use crate::instrument::instrument;
use crate::random::Random;
use further::More;
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, MemArg, MemArgTarget,
    MemorySection, MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};

/// Global 0 is i32, 1 is i64, 2 is what loops spend.
const FUEL: u32 = 2;
const HELPERS: u32 = 4;
const FUNCTIONS: u32 = 7;

/// The bytes of the passive segment of data, and the elements of that of functions: the first of their kinds, where there are any.
const SEGMENT: usize = 64;
const SEGMENT_FUNCTIONS: u32 = 4;

/// The locals of every function by type: parameters first, and the counters of nested loops last.
struct Locals {
    i32s: Vec<u32>,
    i64s: Vec<u32>,
    f64s: Vec<u32>,
    v128s: Vec<u32>,
    counters: Vec<u32>,
    /// Of the type `(ref null 0)`, if there are any.
    refs: Vec<u32>,
    /// For an exception, in the newer form.
    exception: u32,
}

struct Body<'a> {
    random: &'a mut Random,
    locals: Locals,
    wide: bool,
    /// Loops around the current place.
    nesting: usize,
    /// Whether calls are possible: helpers call nothing.
    calls: bool,
    vectors: bool,
    budget: usize,
    more: More,
}

/// A module of its own; with arrays at constant addresses if `statics`.
pub(crate) fn generate(random: &mut Random, statics: bool) -> Option<Vec<u8>> {
    let more = More {
        statics,
        ..More::default()
    };
    let wide = random.chance(5);
    let vectors = random.chance(3);
    let mut types = TypeSection::new();
    types
        .ty()
        .function([ValType::I32, ValType::I32], [ValType::I32]);
    types
        .ty()
        .function([ValType::I64, ValType::I32], [ValType::I64]);
    types.ty().function(
        [ValType::I32, ValType::I64, ValType::I32, ValType::F64],
        [ValType::I32],
    );
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    for index in 0..FUNCTIONS {
        let ty = if index >= HELPERS { 2 } else { index % 2 };
        functions.function(ty);
        exports.export(&format!("f{index}"), ExportKind::Func, index);
        code.function(&function(random, ty, wide, vectors, more));
    }
    let mut tables = TableSection::new();
    let size = 6;
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: size,
        maximum: Some(size),
        shared: false,
    });
    let mut elements = ElementSection::new();
    if statics {
        elements.passive(Elements::Functions((&[3, 2, 1, 0][..]).into()));
    }
    elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions((&[0, 1, 2, 3, 0][..]).into()),
    );
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: Some(2),
        memory64: wide,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    for (val_type, init) in [
        (ValType::I32, ConstExpr::i32_const(random.integer() as i32)),
        (
            ValType::I64,
            ConstExpr::i64_const(random.integer().cast_signed()),
        ),
        (ValType::I32, ConstExpr::i32_const(400)),
    ] {
        globals.global(
            GlobalType {
                val_type,
                mutable: true,
                shared: false,
            },
            &init,
        );
    }
    let words = (0..512).flat_map(|_| {
        let word = if random.chance(8) {
            random.integer() as u32
        } else {
            random.below(0xfff0) as u32
        };
        word.to_le_bytes()
    });
    let words: Vec<u8> = words.collect();
    let mut data = DataSection::new();
    if statics {
        data.passive(words[..SEGMENT].iter().copied());
    }
    let at = if wide {
        ConstExpr::i64_const(0)
    } else {
        ConstExpr::i32_const(0)
    };
    data.active(0, &at, words.iter().copied());
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&tables)
        .section(&memories)
        .section(&globals);
    module.section(&exports).section(&elements);
    if statics {
        module.section(&DataCountSection { count: data.len() });
    }
    module.section(&code).section(&data);
    instrument(&module.finish(), Some(FUEL))
}

fn function(random: &mut Random, ty: u32, wide: bool, vectors: bool, more: More) -> Function {
    let (i32s, i64s, f64s, params): (&[u32], &[u32], &[u32], u32) = match ty {
        0 => (&[0, 1], &[], &[], 2),
        1 => (&[1], &[0], &[], 2),
        further::START => (&[], &[], &[], 0),
        _ => (&[0, 2], &[1], &[3], 4),
    };
    let and = |old: &[u32], from: u32, count: u32| {
        [old, &(from..from + count).collect::<Vec<_>>()].concat()
    };
    let locals = Locals {
        i32s: and(i32s, params, 4),
        i64s: and(i64s, params + 4, 2),
        f64s: and(f64s, params + 6, 2),
        v128s: vec![params + 8, params + 9],
        counters: vec![params + 10, params + 11, params + 12],
        refs: vec![params + 13, params + 14],
        exception: params + 15,
    };
    let mut types = vec![
        (4, ValType::I32),
        (2, ValType::I64),
        (2, ValType::F64),
        (2, ValType::V128),
        (3, ValType::I32),
    ];
    types.extend(more.locals());
    let mut function = Function::new(types);
    let main = ty == 2;
    let budget = if main {
        random.pick(&[40, 80, 160])
    } else {
        random.pick(&[4, 10, 20])
    };
    let mut body = Body {
        random,
        locals,
        wide,
        nesting: 0,
        calls: main,
        vectors,
        budget,
        more,
    };
    let code = &mut function;
    let statements = if main {
        3 + body.random.below(6)
    } else {
        body.random.below(3)
    };
    for _ in 0..statements {
        body.statement(code, 3);
    }
    match ty {
        1 => body.long(code, 3),
        further::START => {}
        _ => body.int(code, 3),
    }
    code.instructions().end();
    function
}

/// The first memory, without an order.
fn memory() -> MemArg {
    MemArg {
        offset: 0,
        align: 0,
        target: MemArgTarget::Memory(0),
        ordering: None,
    }
}
