//! Bodies that are large, deep, or wide.

use super::many::{Parts, body};
use wasm_encoder::{
    BlockType, Catch, ConstExpr, Elements, Function, GlobalType, HeapType, MemArg, TagKind,
    TagType, ValType,
};

const AT_ZERO: MemArg = MemArg {
    offset: 0,
    align: 0,
    target: wasm_encoder::MemArgTarget::Memory(0),
    ordering: None,
};

/// A module of `_start` with one local of 32 bits, a memory and a tag. The local's value comes from memory and goes there: what is done
/// with it in between has to be done.
fn start(write: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Vec<u8> {
    with_locals(1, write)
}

fn with_locals(locals: u32, write: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Vec<u8> {
    let mut parts = Parts::new();
    let mut function = Function::new([(locals, ValType::I32)]);
    let mut sink = function.instructions();
    load(&mut sink, 0);
    sink.local_set(0);
    write(&mut sink);
    sink.i32_const(0).local_get(0).i32_store(AT_ZERO).end();
    parts.memory(1);
    tags(&mut parts, 1);
    parts.start(0, &function);
    parts.finish()
}

/// Adds tags of exceptions that carry nothing.
fn tags(parts: &mut Parts, count: u32) {
    for _ in 0..count {
        parts.tags.tag(TagType {
            kind: TagKind::Exception,
            func_type_idx: 0,
        });
    }
}

/// A module of `_start` with so many tags, and a table that changes for [`call`].
fn with_tags(count: u32, write: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Vec<u8> {
    let mut parts = Parts::new();
    tags(&mut parts, count);
    parts.table(1);
    parts.start(
        0,
        &body(|code| {
            grow(code);
            write(code);
        }),
    );
    parts.finish()
}

/// A call of nobody knows what.
fn call(code: &mut wasm_encoder::InstructionSink<'_>) {
    code.i32_const(0).call_indirect(0, 0);
}

/// A number that the compiler does not know.
fn load(code: &mut wasm_encoder::InstructionSink<'_>, number: u32) {
    code.i32_const(place(number)).i32_load(AT_ZERO);
}

/// Stores the first locals.
fn store(code: &mut wasm_encoder::InstructionSink<'_>, locals: u32) {
    for number in 0..locals {
        code.i32_const(place(number));
        code.local_get(number).i32_store(AT_ZERO);
    }
}

/// Where a number is in memory.
fn place(number: u32) -> i32 {
    (number * 4 % 60000).cast_signed()
}

/// Lets a table be one that changes.
fn grow(code: &mut wasm_encoder::InstructionSink<'_>) {
    code.ref_null(HeapType::FUNC)
        .i32_const(1)
        .table_grow(0)
        .drop();
}

/// Arithmetic that depends on all that was before, in a body of about that many bytes.
pub(crate) fn large_body(bytes: u32) -> Vec<u8> {
    start(|code| {
        for number in 0..bytes / 12 {
            // 12 bytes: none of it is a constant.
            code.local_get(0)
                .i32_const(1_000_000 + number.cast_signed() % 1_000_000);
            code.i32_add().i32_load8_u(AT_ZERO).local_set(0);
        }
    })
}

pub(crate) fn large_body_beyond(bytes: u32) -> Vec<u8> {
    large_body(bytes * 12 / 11)
}

pub(crate) fn stores(count: u32) -> Vec<u8> {
    start(|code| {
        for number in 0..count {
            code.i32_const((number % 65536).cast_signed());
            code.local_get(0).i32_store8(AT_ZERO);
        }
    })
}

/// Stores of a thousand constants, again and again, to thousands of addresses.
pub(crate) fn constants(count: u32) -> Vec<u8> {
    start(|code| {
        for number in 0..count {
            code.i32_const((number * 8 % 65536).cast_signed());
            code.i64_const(0x1234_5678_9abc + i64::from(number % 1000));
            code.i64_store8(AT_ZERO);
        }
    })
}

pub(crate) fn nested_blocks(depth: u32) -> Vec<u8> {
    start(|code| {
        for _ in 0..depth {
            code.block(BlockType::Empty);
        }
        for level in 0..depth {
            load(code, level);
            code.br_if((depth - level) / 2);
            code.local_get(0).i32_const(3).i32_add().local_set(0).end();
        }
    })
}

pub(crate) fn nested_loops(depth: u32) -> Vec<u8> {
    start(|code| {
        for _ in 0..depth {
            code.loop_(BlockType::Empty);
        }
        for _ in 0..depth {
            code.local_get(0).i32_const(1).i32_add().local_tee(0);
            code.i32_eqz().br_if(0).end();
        }
    })
}

pub(crate) fn nested_ifs(depth: u32) -> Vec<u8> {
    start(|code| {
        for level in 0..depth {
            load(code, level);
            code.if_(BlockType::Empty);
        }
        for _ in 0..depth {
            code.local_get(0).i32_const(3).i32_add().local_set(0);
            code.else_()
                .local_get(0)
                .i32_const(5)
                .i32_mul()
                .local_set(0)
                .end();
        }
    })
}

/// Each with a tag of its own, and a call in each: every call has the handlers of all around it.
pub(crate) fn nested_tries(depth: u32) -> Vec<u8> {
    with_tags(depth, |code| {
        for tag in 0..depth {
            code.block(BlockType::Empty);
            code.try_table(BlockType::Empty, [Catch::One { tag, label: 0 }]);
        }
        for _ in 0..depth {
            call(code);
            code.end().end();
        }
    })
}

/// As many calls as clauses around them.
pub(crate) fn calls_with_clauses(count: u32) -> Vec<u8> {
    with_tags(count, |code| {
        code.block(BlockType::Empty);
        let clauses: Vec<_> = (0..count).map(|tag| Catch::One { tag, label: 0 }).collect();
        code.try_table(BlockType::Empty, clauses);
        for _ in 0..count {
            call(code);
        }
        code.end().end();
    })
}

/// A call in the innermost of many blocks that catch the same.
pub(crate) fn calls_in_tries(count: u32) -> Vec<u8> {
    with_tags(1, |code| {
        for _ in 0..count {
            code.block(BlockType::Empty);
            code.try_table(BlockType::Empty, [Catch::One { tag: 0, label: 0 }]);
        }
        for _ in 0..count {
            call(code);
        }
        for _ in 0..count {
            code.end().end();
        }
    })
}

/// One after the other.
pub(crate) fn loops(count: u32) -> Vec<u8> {
    start(|code| {
        for _ in 0..count {
            code.loop_(BlockType::Empty);
            code.local_get(0).i32_const(1).i32_add().local_tee(0);
            code.i32_eqz().br_if(0).end();
        }
    })
}

pub(crate) fn ifs(count: u32) -> Vec<u8> {
    start(|code| {
        for number in 0..count {
            load(code, number);
            code.if_(BlockType::Empty);
            code.i32_const(number.cast_signed()).local_set(0).end();
        }
    })
}

/// Each branch just reaches the next but eight, as long as those between are short: the last ones are not, and so on to the first.
pub(crate) fn branches_that_become_long(count: u32) -> Vec<u8> {
    const OVER: u32 = 8;
    start(|code| {
        for _ in 0..count {
            code.block(BlockType::Empty);
        }
        for number in 0..count {
            code.local_get(0).br_if(number.min(OVER));
            if number >= OVER {
                code.end();
            }
        }
        for number in 0..30 {
            code.i32_const(0).i32_const(0x287);
            code.i32_store(MemArg {
                offset: 4 * number,
                ..AT_ZERO
            });
        }
        for _ in 0..count.min(OVER) {
            code.end();
        }
    })
}

/// All go to the same two places.
pub(crate) fn branch_table(targets: u32) -> Vec<u8> {
    start(|code| {
        let labels: Vec<u32> = (0..targets).map(|number| number % 2).collect();
        code.block(BlockType::Empty).block(BlockType::Empty);
        code.local_get(0).br_table(labels, 1).end();
        code.i32_const(1).local_set(0).end();
    })
}

/// Each goes somewhere else.
pub(crate) fn branch_table_of_blocks(targets: u32) -> Vec<u8> {
    start(|code| {
        for _ in 0..targets {
            code.block(BlockType::Empty);
        }
        code.local_get(0).br_table(0..targets, 0);
        for number in 0..targets {
            code.end().i32_const(number.cast_signed()).local_set(0);
        }
    })
}

/// As many tables as blocks around them: the edges are their product.
pub(crate) fn branch_tables(count: u32) -> Vec<u8> {
    start(|code| {
        for _ in 0..count {
            code.block(BlockType::Empty);
        }
        for _ in 0..count {
            code.block(BlockType::Empty);
            load(code, 0);
            code.br_table(1..count, 0).end();
        }
        for number in 0..count {
            code.end().i32_const(number.cast_signed()).local_set(0);
        }
    })
}

/// All live around a loop, and change in it.
pub(crate) fn locals(count: u32) -> Vec<u8> {
    with_locals(count, |code| {
        code.loop_(BlockType::Empty);
        for number in 0..count {
            load(code, number);
            code.local_get(number).i32_add().local_set(number);
        }
        load(code, 0);
        code.br_if(0).end();
        store(code, count);
    })
}

/// Each lives through each loop, in which nothing changes it.
pub(crate) fn locals_through_loops(count: u32) -> Vec<u8> {
    with_locals(count, |code| {
        for number in 0..count {
            load(code, number);
            code.local_set(number);
        }
        for number in 0..count {
            code.loop_(BlockType::Empty);
            load(code, number);
            code.br_if(0).end();
        }
        store(code, count);
    })
}

/// Each is set in a block of its own, from which a loop around all of them begins again.
pub(crate) fn locals_in_branches(count: u32) -> Vec<u8> {
    with_locals(count, |code| {
        code.loop_(BlockType::Empty);
        for number in 0..count {
            load(code, number);
            code.local_set(number);
            load(code, number + 1);
            code.br_if(0);
        }
        code.end();
        store(code, count);
    })
}

/// Locals of all types through so many loops that the frame has them; the second half is set in them. It traps where one has not what
/// was set.
pub(crate) fn locals_of_all_types(loops: u32) -> Vec<u8> {
    const EACH: u32 = 300;
    let mut parts = Parts::new();
    let kinds = [
        ValType::I32,
        ValType::I64,
        ValType::F32,
        ValType::F64,
        ValType::V128,
        ValType::FUNCREF,
    ];
    let mut function = Function::new(kinds.map(|ty| (EACH, ty)));
    let mut code = function.instructions();
    let locals = EACH * kinds.len() as u32;
    // The number of a local and its type, as a value of that type; null for even numbers.
    let value = |code: &mut wasm_encoder::InstructionSink<'_>, local: u32| {
        let number = local.cast_signed();
        match local / EACH {
            0 => code.i32_const(number),
            1 => code.i64_const(number.into()),
            2 => code.f32_const((local as f32).into()),
            3 => code.f64_const(f64::from(local).into()),
            4 => code.i32_const(number).i32x4_splat(),
            _ if local.is_multiple_of(2) => code.ref_null(HeapType::FUNC),
            _ => code.ref_func(0),
        };
    };
    for local in 0..locals {
        if local % EACH < EACH / 2 {
            value(&mut code, local);
            code.local_set(local);
        }
    }
    for number in 0..loops {
        let local = number % locals;
        code.loop_(BlockType::Empty);
        if local % EACH >= EACH / 2 {
            value(&mut code, local);
            code.local_set(local);
        }
        load(&mut code, number);
        code.br_if(0).end();
    }
    for local in 0..locals {
        code.local_get(local);
        match local / EACH {
            0..=3 => value(&mut code, local),
            4 => {
                code.i32x4_extract_lane(3);
                code.i32_const(local.cast_signed());
            }
            _ => {
                code.ref_is_null();
                code.i32_const(i32::from(local.is_multiple_of(2)));
            }
        }
        match local / EACH {
            1 => code.i64_ne(),
            2 => code.f32_ne(),
            3 => code.f64_ne(),
            _ => code.i32_ne(),
        };
        code.if_(BlockType::Empty).unreachable().end();
    }
    code.end();
    parts.memory(1);
    parts.elements.declared(Elements::Functions(vec![0].into()));
    parts.start(0, &function);
    parts.finish()
}

pub(crate) fn locals_beyond(count: u32) -> Vec<u8> {
    with_locals(count, |code| {
        code.nop();
    })
}

/// As many loops as locals, and all of them are written in each.
pub(crate) fn locals_in_loops(count: u32) -> Vec<u8> {
    with_locals(count, |code| {
        for _ in 0..count {
            code.loop_(BlockType::Empty);
        }
        for number in 0..count {
            code.local_get(number)
                .i32_const(1)
                .i32_add()
                .local_set((number + 1) % count);
            code.local_get(number).i32_load8_u(AT_ZERO).br_if(0).end();
        }
    })
}

/// They live until the end, in any order.
pub(crate) fn live_values(count: u32) -> Vec<u8> {
    start(|code| {
        for number in 0..count {
            code.i32_const((number % 65536).cast_signed())
                .i32_load8_u(AT_ZERO);
        }
        for _ in 1..count {
            code.i32_add();
        }
        code.local_set(0);
    })
}

pub(crate) fn stack_of_operands(count: u32) -> Vec<u8> {
    start(|code| {
        for _ in 0..count {
            code.local_get(0);
        }
        for _ in 1..count {
            code.i32_add();
        }
        code.local_set(0);
    })
}

/// From one function to another that is not worth inlining.
pub(crate) fn calls(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.types.ty().function([ValType::I32], [ValType::I32]);
    parts.memory(1);
    parts.function(
        1,
        &body(|code| {
            code.loop_(BlockType::Empty);
            code.local_get(0)
                .i32_load8_u(AT_ZERO)
                .local_tee(0)
                .br_if(0)
                .end();
            code.local_get(0);
        }),
    );
    parts.start(
        1,
        &body(|code| {
            code.i32_const(0);
            for _ in 0..count {
                code.call(0);
            }
            code.drop();
        }),
    );
    parts.finish()
}

/// Each calls the one before twice: in the place of calls, all of it would be 2 to that power.
pub(crate) fn doubling_calls(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.types.ty().function([ValType::I32], [ValType::I32]);
    parts.function(
        1,
        &body(|code| {
            code.unreachable();
        }),
    );
    for number in 0..count {
        parts.function(
            1,
            &body(|code| {
                code.local_get(0).call(number).call(number);
            }),
        );
    }
    parts.start(
        count + 1,
        &body(|code| {
            code.i32_const(1).call(count).drop();
        }),
    );
    parts.finish()
}

/// Blocks of a thousand parameters, one after the other.
pub(crate) fn values_through_blocks(count: u32) -> Vec<u8> {
    const WIDTH: usize = 1000;
    let mut parts = Parts::new();
    let wide = [ValType::I32; WIDTH];
    parts.types.ty().function(wide, wide);
    parts.memory(1);
    parts.start(
        0,
        &body(|code| {
            for number in 0..1000 {
                code.i32_const(number).i32_load8_u(AT_ZERO);
            }
            for _ in 0..count {
                code.loop_(BlockType::FunctionType(1));
                code.i32_const(0).i32_load8_u(AT_ZERO).br_if(0).end();
            }
            for _ in 1..WIDTH {
                code.i32_add();
            }
            code.i32_load8_u(AT_ZERO).drop();
        }),
    );
    parts.finish()
}

/// A global whose first value takes that many additions.
pub(crate) fn constant_expression(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    let mut init = ConstExpr::i32_const(0);
    for _ in 0..count {
        init = init.with_i32_const(1).with_i32_add();
    }
    let ty = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    parts.globals.global(ty, &init);
    parts.start(
        0,
        &body(|code| {
            code.global_get(0).global_set(0);
        }),
    );
    parts.finish()
}

pub(crate) fn unreachable_code(count: u32) -> Vec<u8> {
    start(|code| {
        code.unreachable();
        for _ in 0..count / 2 {
            code.i32_add().drop();
        }
    })
}

pub(crate) fn grows(count: u32) -> Vec<u8> {
    start(|code| {
        for _ in 0..count {
            code.i32_const(0).memory_grow(0).drop();
        }
    })
}

/// Calls of a thousand arguments, each computed of two values that nothing else needs.
pub(crate) fn arguments(count: u32) -> Vec<u8> {
    let mut parts = Parts::new();
    parts.types.ty().function([ValType::I32; 1000], []);
    parts.memory(1);
    parts.table(1);
    parts.start(
        0,
        &body(|code| {
            grow(code);
            for _ in 0..count {
                for number in 0..1000 {
                    code.i32_const(number).i32_load8_u(AT_ZERO);
                    code.i32_const(number + 1).i32_load8_u(AT_ZERO).i32_mul();
                }
                code.i32_const(0).call_indirect(0, 1);
            }
        }),
    );
    parts.finish()
}
