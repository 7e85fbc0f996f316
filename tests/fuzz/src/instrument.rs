//! Adds exported functions to a module that show its state: a hash of each memory, each table's nulls, each global.

use wasm_encoder::{BlockType, Function, MemArg, MemArgTarget, ValType as Enc};
use wasmparser::{GlobalType, MemoryType, Parser, Payload, RefType, TableType, ValType};

/// The module with observers named `nvz:...`; `fuel` is the global that the exported `nvz:fuel` sets.
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
            Payload::ImportSection(section) if section.count() > 0 => return None,
            Payload::FunctionSection(section) => functions = section.count(),
            Payload::MemorySection(section) => {
                memories = section.into_iter().collect::<Result<_, _>>().ok()?
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
    let mut observers: Vec<(String, Vec<u8>, Vec<u8>)> = Vec::new();
    let i64_result = vec![0x60, 0, 1, 0x7e];
    for (index, memory) in (0u32..).zip(&memories) {
        observers.push((
            format!("nvz:memory{index}"),
            i64_result.clone(),
            memory_hash(index, memory),
        ));
    }
    for (index, table) in (0u32..).zip(&tables) {
        observers.push((
            format!("nvz:table{index}"),
            i64_result.clone(),
            table_hash(index, table),
        ));
    }
    for (index, global) in (0u32..).zip(&globals) {
        let mut body = Function::new([]);
        let mut code = body.instructions();
        code.global_get(index);
        let ty = match global.content_type {
            ValType::I32 => 0x7f,
            ValType::I64 => 0x7e,
            ValType::F32 => 0x7d,
            ValType::F64 => 0x7c,
            ValType::V128 => 0x7b,
            ValType::Ref(ty) if ty == RefType::FUNCREF || ty == RefType::EXTERNREF => {
                code.ref_is_null();
                0x7f
            }
            ValType::Ref(_) => continue,
        };
        code.end();
        observers.push((
            format!("nvz:global{index}"),
            vec![0x60, 0, 1, ty],
            body.into_raw_body(),
        ));
    }
    if let Some(fuel) = fuel {
        let mut body = Function::new([]);
        body.instructions().local_get(0).global_set(fuel).end();
        observers.push((
            "nvz:fuel".to_owned(),
            vec![0x60, 1, 0x7f, 0],
            body.into_raw_body(),
        ));
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

/// Every byte of a memory, and its size, in 64 bits.
fn memory_hash(index: u32, memory: &MemoryType) -> Vec<u8> {
    let wide = memory.memory64;
    let shift = i64::from(memory.page_size_log2.unwrap_or(16));
    // 0: the address as i64, 1: the hash, 2: the size.
    let mut body = Function::new([(3, Enc::I64)]);
    let mut code = body.instructions();
    code.memory_size(index);
    if !wide {
        code.i64_extend_i32_u();
    }
    code.i64_const(shift).i64_shl().local_tee(2).local_set(1);
    for step in [8, 1] {
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
        code.i64_xor()
            .i64_const(0x0000_0100_0000_01b3)
            .i64_mul()
            .i64_const(29)
            .i64_rotl()
            .local_set(1);
        code.local_get(0)
            .i64_const(step)
            .i64_add()
            .local_set(0)
            .br(0)
            .end()
            .end();
    }
    code.local_get(1).end();
    body.into_raw_body()
}

/// Which elements of a table are null, and its size, in 64 bits.
fn table_hash(index: u32, table: &TableType) -> Vec<u8> {
    let wide = table.table64;
    let mut body = Function::new([(2, Enc::I64)]);
    let mut code = body.instructions();
    let size = |code: &mut wasm_encoder::InstructionSink<'_>| {
        code.table_size(index);
        if !wide {
            code.i64_extend_i32_u();
        }
    };
    size(&mut code);
    code.local_set(1)
        .block(BlockType::Empty)
        .loop_(BlockType::Empty);
    code.local_get(0);
    size(&mut code);
    code.i64_ge_u().br_if(1).local_get(1).local_get(0);
    if !wide {
        code.i32_wrap_i64();
    }
    code.table_get(index).ref_is_null().i64_extend_i32_u();
    code.i64_xor()
        .i64_const(0x0000_0100_0000_01b3)
        .i64_mul()
        .i64_const(29)
        .i64_rotl()
        .local_set(1);
    code.local_get(0)
        .i64_const(1)
        .i64_add()
        .local_set(0)
        .br(0)
        .end()
        .end();
    code.local_get(1).end();
    body.into_raw_body()
}
