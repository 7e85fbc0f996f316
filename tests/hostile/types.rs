//! Types that are many, wide, or refer to each other.

use super::many::{Parts, body};
use wasm_encoder::{
    BlockType, CompositeInnerType, CompositeType, ConstExpr, Elements, FuncType, HeapType, RefType,
    SubType, ValType,
};

/// A function of that many parameters and results, called in every way.
pub(crate) fn thousand_parameters(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let wide = vec![ValType::I64; count as usize];
    parts.types.ty().function(wide.clone(), wide);
    parts.function(
        1,
        &body(|code| {
            for number in (0..count).rev() {
                code.local_get(number);
            }
        }),
    );
    parts.table(1);
    parts.elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions([0].as_slice().into()),
    );
    parts.function(
        1,
        &body(|code| {
            for number in (0..count).rev() {
                code.local_get(number);
            }
            code.i32_const(0).return_call_indirect(0, 1);
        }),
    );
    parts.start(
        2,
        &body(|code| {
            for number in 0..count {
                code.i64_const(number.into());
            }
            code.call(1).block(BlockType::FunctionType(1));
            code.i32_const(0).call_indirect(0, 1).end();
            for _ in 0..count {
                code.drop();
            }
        }),
    );
    parts.finish()
}

pub(crate) fn thousand_parameters_beyond(count: u32) -> Vec<u8> {
    thousand_parameters(count)
}

fn reference(ty: u32) -> ValType {
    ValType::Ref(RefType {
        nullable: true,
        heap_type: HeapType::Concrete(ty),
    })
}

fn function(params: Vec<ValType>) -> SubType {
    SubType {
        is_final: true,
        supertype_idxs: vec![],
        composite_type: CompositeType {
            inner: CompositeInnerType::Func(FuncType::new(params, [])),
            shared: false,
            descriptor: None,
            describes: None,
        },
    }
}

/// Uses the last of `count` types, whose parameter is a reference to `of`.
fn last(mut parts: Parts, last: u32, of: u32) -> Vec<u8> {
    parts.function(last, &body(|_| {}));
    parts.start(
        1,
        &body(|code| {
            code.ref_null(HeapType::Concrete(of)).call(0);
        }),
    );
    parts.finish()
}

/// Each has a parameter of the one before.
pub(crate) fn chain(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    for number in 0..count {
        parts.types.ty().subtype(&function(vec![reference(number)]));
    }
    last(parts, count, count - 1)
}

/// One group, in which each refers to the next.
pub(crate) fn group(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let types = (1..=count).map(|number| function(vec![reference(1 + number % count)]));
    parts.types.ty().rec(types.collect::<Vec<_>>());
    last(parts, count, 1)
}

/// Groups of two that are all the same.
pub(crate) fn equal_groups(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    for pair in 0..count / 2 {
        let (a, b) = (1 + 2 * pair, 2 + 2 * pair);
        parts
            .types
            .ty()
            .rec([function(vec![reference(b)]), function(vec![reference(a)])]);
    }
    last(parts, count / 2 * 2, 1)
}

/// A thousand parameters each, and all differ.
pub(crate) fn wide(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    for number in 0..count {
        let params: Vec<ValType> = (0..100)
            .map(|bit| match number >> (bit % 32) & 1 {
                0 => ValType::I32,
                _ => ValType::F64,
            })
            .collect();
        parts.types.ty().function(params, []);
    }
    parts.start(0, &body(|_| {}));
    parts.finish()
}

/// Each call through the table is of another type.
pub(crate) fn distinct_calls(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    for number in 0..count {
        let params = (0..17).map(|bit| match number >> bit & 1 {
            0 => ValType::I32,
            _ => ValType::I64,
        });
        parts.types.ty().function(params.collect::<Vec<_>>(), []);
    }
    parts.table(1);
    parts.start(
        0,
        &body(|code| {
            for number in 0..count {
                for bit in 0..17 {
                    match number >> bit & 1 {
                        0 => code.i32_const(0),
                        _ => code.i64_const(0),
                    };
                }
                code.i32_const(0).call_indirect(0, number + 1);
            }
        }),
    );
    parts.finish()
}
