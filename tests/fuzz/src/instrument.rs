//! Adds an exported function to a module that shows its state: a hash of each memory, each table's nulls, each global.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, MemArgTarget, ValType as Enc};
use wasmparser::{GlobalType, MemoryType, Parser, Payload, RefType, TableType, TypeRef, ValType};

/// The module with `nvz:state`, which observes; `fuel` is the global that the exported `nvz:fuel` sets.
pub(crate) fn instrument(wasm: &[u8], fuel: Option<u32>) -> Option<Vec<u8>> {
    let mut types = 0;
    let mut functions = 0;
    let mut memories: Vec<MemoryType> = Vec::new();
    let mut tables: Vec<TableType> = Vec::new();
    let mut globals: Vec<GlobalType> = Vec::new();
    let mut sections: Vec<(u8, std::ops::Range<usize>)> = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.ok()?;
        if let Some((id, range)) = payload.as_section() {
            sections.push((id, range.start as usize..range.end as usize));
        }
        match payload {
            Payload::TypeSection(section) => types = section.count(),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    match import.ok()?.ty {
                        TypeRef::Func(_) => functions += 1,
                        TypeRef::Memory(ty) => memories.push(ty),
                        TypeRef::Table(ty) => tables.push(ty),
                        TypeRef::Global(ty) => globals.push(ty),
                        _ => {}
                    }
                }
            }
            Payload::FunctionSection(section) => functions += section.count(),
            Payload::MemorySection(section) => {
                for memory in section {
                    memories.push(memory.ok()?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    tables.push(table.ok()?.ty);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    globals.push(global.ok()?.ty);
                }
            }
            _ => {}
        }
    }
    let mut observers: Vec<(&str, Vec<u8>, Vec<u8>)> = Vec::new();
    if let Some((ty, body)) = state(&memories, &tables, &globals) {
        observers.push(("nvz:state", ty, body));
    }
    if let Some(fuel) = fuel {
        let mut body = Function::new([]);
        body.instructions().local_get(0).global_set(fuel).end();
        observers.push(("nvz:fuel", vec![0x60, 1, 0x7f, 0], body.into_raw_body()));
    }
    let mut added: [(u8, Vec<u8>); 4] = [1, 3, 7, 10].map(|id| (id, Vec::new()));
    for (at, (name, ty, body)) in (0u32..).zip(&observers) {
        added[0].1.extend(ty);
        leb(types + at, &mut added[1].1);
        leb(u32::try_from(name.len()).ok()?, &mut added[2].1);
        added[2].1.extend(name.bytes());
        added[2].1.push(0);
        leb(functions + at, &mut added[2].1);
        leb(u32::try_from(body.len()).ok()?, &mut added[3].1);
        added[3].1.extend(body);
    }
    let count = u32::try_from(observers.len()).ok()?;
    let mut module = wasm[..8].to_vec();
    let mut added = added.into_iter().peekable();
    for (id, range) in sections {
        while added
            .peek()
            .is_some_and(|(next, _)| id != 0 && order(*next) < order(id))
        {
            let (next, extra) = added.next()?;
            section(next, 0, &[], count, &extra, &mut module);
        }
        let body = &wasm[range];
        if added.peek().is_some_and(|(next, _)| *next == id) {
            let (_, extra) = added.next()?;
            let (old, rest) = read_leb(body)?;
            section(id, old, rest, count, &extra, &mut module);
        } else {
            module.push(id);
            leb(u32::try_from(body.len()).ok()?, &mut module);
            module.extend(body);
        }
    }
    for (id, extra) in added {
        section(id, 0, &[], count, &extra, &mut module);
    }
    Some(module)
}

/// The place of a section: tags come after memories, the count of data segments before the code.
fn order(id: u8) -> u32 {
    match id {
        13 => 55,
        12 => 95,
        id => u32::from(id) * 10,
    }
}

fn section(id: u8, old: u32, rest: &[u8], new: u32, extra: &[u8], module: &mut Vec<u8>) {
    let mut body = Vec::new();
    leb(old + new, &mut body);
    body.extend(rest);
    body.extend(extra);
    module.push(id);
    leb(
        u32::try_from(body.len()).expect("a generated module is small"),
        module,
    );
    module.extend(body);
}

fn leb(mut value: u32, to: &mut Vec<u8>) {
    while value >= 0x80 {
        to.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

fn read_leb(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().enumerate().take(5) {
        value |= u32::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// The type and body of the one function that returns all of the state: engines compile one quicker than one for each part.
/// `None` if there is no state.
fn state(
    memories: &[MemoryType],
    tables: &[TableType],
    globals: &[GlobalType],
) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut results = vec![0x7e; memories.len() + tables.len()];
    // The locals of a hash: 0: address or index as i64, 1: the hash, 2: the size.
    let mut body = Function::new([(3, Enc::I64)]);
    let mut code = body.instructions();
    for (index, memory) in (0u32..).zip(memories) {
        memory_hash(index, memory, &mut code);
    }
    for (index, table) in (0u32..).zip(tables) {
        table_hash(index, table, &mut code);
    }
    for (index, global) in (0u32..).zip(globals) {
        let ty = match global.content_type {
            ValType::I32 => 0x7f,
            ValType::I64 => 0x7e,
            ValType::F32 => 0x7d,
            ValType::F64 => 0x7c,
            ValType::V128 => 0x7b,
            ValType::Ref(ty) if ty == RefType::FUNCREF || ty == RefType::EXTERNREF => {
                code.global_get(index).ref_is_null();
                results.push(0x7f);
                continue;
            }
            ValType::Ref(_) => continue,
        };
        code.global_get(index);
        results.push(ty);
    }
    code.end();
    let mut ty = vec![0x60, 0];
    leb(u32::try_from(results.len()).ok()?, &mut ty);
    ty.extend(&results);
    (!results.is_empty()).then(|| (ty, body.into_raw_body()))
}

/// Every byte of a memory, and its size, in 64 bits.
fn memory_hash(index: u32, memory: &MemoryType, code: &mut InstructionSink<'_>) {
    let wide = memory.memory64;
    let shift = memory.page_size_log2.unwrap_or(16);
    code.i64_const(0).local_set(0).memory_size(index);
    if !wide {
        code.i64_extend_i32_u();
    }
    code.i64_const(shift.into())
        .i64_shl()
        .local_tee(2)
        .local_set(1);
    // Only pages of single bytes can leave a rest.
    let steps: &[i64] = if shift >= 3 { &[8] } else { &[8, 1] };
    for &step in steps {
        code.block(BlockType::Empty).loop_(BlockType::Empty);
        code.local_get(0)
            .i64_const(step)
            .i64_add()
            .local_get(2)
            .i64_gt_u()
            .br_if(1);
        code.local_get(1).local_get(0);
        if !wide {
            code.i32_wrap_i64();
        }
        let at = MemArg {
            offset: 0,
            align: 0,
            target: MemArgTarget::Memory(index),
            ordering: None,
        };
        if step == 8 {
            code.i64_load(at)
        } else {
            code.i64_load8_u(at)
        };
        mix(code);
        advance(step, code);
    }
    code.local_get(1);
}

/// The hash and a word -> the hash with that word, in local 1.
fn mix(code: &mut InstructionSink<'_>) {
    code.i64_xor()
        .i64_const(0x0000_0100_0000_01b3)
        .i64_mul()
        .i64_const(29)
        .i64_rotl()
        .local_set(1);
}

/// The end of a loop over what local 0 counts.
fn advance(step: i64, code: &mut InstructionSink<'_>) {
    code.local_get(0)
        .i64_const(step)
        .i64_add()
        .local_set(0)
        .br(0)
        .end()
        .end();
}

/// Which elements of a table are null, and its size, in 64 bits.
fn table_hash(index: u32, table: &TableType, code: &mut InstructionSink<'_>) {
    let wide = table.table64;
    code.i64_const(0).local_set(0).table_size(index);
    if !wide {
        code.i64_extend_i32_u();
    }
    code.local_tee(2)
        .local_set(1)
        .block(BlockType::Empty)
        .loop_(BlockType::Empty);
    code.local_get(0)
        .local_get(2)
        .i64_ge_u()
        .br_if(1)
        .local_get(1)
        .local_get(0);
    if !wide {
        code.i32_wrap_i64();
    }
    code.table_get(index).ref_is_null().i64_extend_i32_u();
    mix(code);
    advance(1, code);
    code.local_get(1);
}
