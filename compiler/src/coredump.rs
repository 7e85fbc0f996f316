//! What the runtime needs for a core dump, in programs that are built for that.

use crate::const_expr::ConstValue;
use crate::metadata::{span, value_type};
use crate::module::IndexType;
use crate::plan::{Block, GlobalPlan, Place, Plan, Sections, Target};
use crate::program::{Program, number};
use nativize_abi::coredump::{CoreDump, DumpedGlobal, DumpedInstance, DumpedMemory};
use nativize_abi::leb::{write_bytes, write_unsigned};
use std::mem::{offset_of, size_of};

/// Appends the record, and gives its place.
pub(crate) fn write(program: &Program<'_>, plan: &Plan, sections: &mut Sections) -> Place {
    let fixed = fixed_sections(program);
    let (mut instances, mut starts) = (Vec::new(), Vec::new());
    for (id, instance) in &program.instances {
        let module = instance.module;
        let fields = [
            program.record_number(id),
            module.imported_functions,
            (starts.len() / 4) as u32,
            module.bodies.len() as u32,
        ];
        instances.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        for body in &module.bodies {
            starts.extend((body.code.range().start as u32).to_le_bytes());
        }
    }
    let mut memories = Vec::new();
    for (id, memory) in &program.memories {
        let ty = memory.ty;
        let flags = u64::from(ty.max.is_some())
            | u64::from(ty.shared) << 1
            | u64::from(ty.index == IndexType::I64) << 2
            | u64::from(ty.page_shift != 16) << 3;
        let own = plan.state.memories[id].filter(|plan| plan.per_thread);
        let own = own.and_then(|own| in_thread(plan, own.record));
        for field in [flags, ty.max.unwrap_or(0), own.unwrap_or(0)] {
            memories.extend(field.to_le_bytes());
        }
    }
    let record = sections.reserve(Block::Rodata, size_of::<CoreDump>() as u64, 8);
    let arrays = [
        (offset_of!(CoreDump, sections), &fixed, 1),
        (
            offset_of!(CoreDump, instances),
            &instances,
            size_of::<DumpedInstance>(),
        ),
        (offset_of!(CoreDump, starts), &starts, 4),
        (
            offset_of!(CoreDump, memories),
            &memories,
            size_of::<DumpedMemory>(),
        ),
    ];
    for (at, bytes, element) in arrays {
        let place = Target::Place(sections.append(Block::Rodata, bytes, 8));
        span(
            sections,
            record,
            at,
            (place, (bytes.len() / element) as u64),
        );
    }
    let globals = globals(program, plan, sections);
    let count = program.globals.len() as u64;
    let at = offset_of!(CoreDump, globals);
    span(sections, record, at, (Target::Place(globals), count));
    record
}

/// Where a place is in the state of a thread, if each thread has one.
fn in_thread(plan: &Plan, place: Place) -> Option<u64> {
    let start = plan.threads?.block(place.block)?;
    Some(u64::from(start) + u64::from(place.offset))
}

fn globals(program: &Program<'_>, plan: &Plan, sections: &mut Sections) -> Place {
    let size = size_of::<DumpedGlobal>();
    let array = sections.reserve(Block::Rodata, (program.globals.len() * size) as u64, 8);
    for (index, (id, global)) in program.globals.iter().enumerate() {
        let constant = |value, sections: &mut Sections| match value {
            ConstValue::Bits(bits) => sections.append(Block::Rodata, &bits.to_le_bytes(), 16),
            // The dump has null in place of every reference.
            ConstValue::Function(_) => sections.append(Block::Rodata, &[0; 16], 16),
        };
        let place = match plan.state.globals[id] {
            Some(GlobalPlan::Cell(place)) => place,
            Some(GlobalPlan::Constant(value)) => constant(value, sections),
            None => constant(global.init, sections),
        };
        let ty = u32::from(value_type(global.ty.content) as u8);
        let at = index * size;
        sections.write(array, at + offset_of!(DumpedGlobal, ty), &ty.to_le_bytes());
        let address = at + offset_of!(DumpedGlobal, address);
        match in_thread(plan, place) {
            None => sections.address(array, address, Target::Place(place)),
            Some(offset) => {
                let flag = at + offset_of!(DumpedGlobal, in_thread);
                sections.write(array, flag, &1u32.to_le_bytes());
                sections.write(array, address, &offset.to_le_bytes());
            }
        }
    }
    array
}

/// The sections that are the same in every dump.
fn fixed_sections(program: &Program<'_>) -> Vec<u8> {
    let mut modules = Vec::new();
    let mut instances = Vec::new();
    for list in [&mut modules, &mut instances] {
        write_unsigned(list, program.instances.len() as u64);
    }
    for (id, instance) in &program.instances {
        let label = instance.label.as_deref();
        let name = label.or(instance.module.name()).unwrap_or_default();
        modules.push(0);
        write_bytes(&mut modules, name.as_bytes());
        // A module for each instance.
        instances.push(0);
        write_unsigned(&mut instances, number(id).into());
        write_unsigned(&mut instances, instance.memories.len() as u64);
        for &memory in &instance.memories {
            write_unsigned(&mut instances, number(memory).into());
        }
        write_unsigned(&mut instances, instance.globals.len() as u64);
        for &global in &instance.globals {
            write_unsigned(&mut instances, number(global).into());
        }
    }
    let mut out = Vec::new();
    for (name, content) in [("coremodules", modules), ("coreinstances", instances)] {
        let mut section = Vec::new();
        write_bytes(&mut section, name.as_bytes());
        section.extend(content);
        out.push(0);
        write_bytes(&mut out, &section);
    }
    out
}
