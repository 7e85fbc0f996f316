//! What the runtime reads: the program header and the tables that it points to.

use crate::checks::Accesses;
use crate::codegen::{Code, wasm_offset};
use crate::debuginfo::{self, Tables, Wanted};
use crate::optimize::Scope;
use crate::plan::{Block, Place, Plan, Sections, Target};
use crate::program::{FuncId, FunctionKind, Instance, InstanceId, Main, Program};
use crate::text::Text;
use crate::translate::{Unit, entry_types};
use crate::{Options, Progress};
use cranelift_entity::SecondaryMap;
use nativize_abi::program::{self as abi, ProgramHeader};
use nativize_abi::sites::{self as abi_sites, Site};
use nativize_abi::{leb, symbol};
use std::collections::HashMap;
use std::mem::{offset_of, size_of};
use wasmparser::{RefType, ValType};

/// An array that the header points to: where, and how many elements.
pub(crate) type Array = (Target, u64);

/// What the tables are made from.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'p, 'a> {
    pub(crate) program: &'p Program<'a>,
    pub(crate) plan: &'p Plan,
    pub(crate) units: &'p [Unit],
    pub(crate) code: &'p [Code],
    pub(crate) text: &'p Text,
}

/// Appends the header and everything that it points to to `sections`, and gives the header's place.
pub(crate) fn write(
    parts: &Parts<'_, '_>,
    options: &Options,
    progress: &dyn Progress,
    sections: &mut Sections,
) -> Place {
    let &Parts {
        program,
        plan,
        units,
        code,
        text,
    } = parts;
    let debug = debug(parts, options);
    if let Some(problem) = &debug.problem {
        progress.malformed_debug_info(problem);
    }
    let Functions {
        functions,
        names,
        sites,
        tags,
        checks,
    } = functions(parts, options, &debug.names, sections);
    if let Some(exceptions) = plan.state.exceptions {
        let handlers = handlers(code, text, sections);
        let record = exceptions.tables;
        span(
            sections,
            record,
            offset_of!(abi::Exceptions, handlers),
            handlers,
        );
        span(sections, record, offset_of!(abi::Exceptions, tags), tags);
    }
    let memories = (
        Target::Place(plan.state.memory_records.0),
        plan.state.memory_records.1,
    );
    let tables = (
        Target::Place(plan.state.table_records.0),
        plan.state.table_records.1,
    );
    let lines = debug.lines.map(|table| {
        let (show, table_at) = (offset_of!(abi::Lines, show), offset_of!(abi::Lines, table));
        shown(&table, symbol::SHOW_LINES, (show, table_at), sections)
    });
    let checks = (!checks.is_empty()).then(|| {
        let (show, table) = (
            offset_of!(abi::Checks, show),
            offset_of!(abi::Checks, table),
        );
        shown(&checks, symbol::SHOW_CHECK, (show, table), sections)
    });
    let images = images(plan, sections);
    let copies = copies(plan, sections);
    let entries = entries(program, units, text, sections);
    let header = sections.reserve(Block::Rodata, size_of::<ProgramHeader>() as u64, 8);
    sections.write(
        header,
        offset_of!(ProgramHeader, version),
        &nativize_abi::VERSION.to_le_bytes(),
    );
    sections.write(
        header,
        offset_of!(ProgramHeader, cpu_features),
        &options.target_cpu.0.to_le_bytes(),
    );
    let main = match program.main {
        Main::Command => symbol::MAIN_COMMAND,
        Main::Invoke => symbol::MAIN_INVOKE,
        Main::Script => symbol::MAIN_SCRIPT,
    };
    sections.address(
        header,
        offset_of!(ProgramHeader, main),
        Target::Runtime(main),
    );
    let records = [
        (offset_of!(ProgramHeader, lines), lines),
        (offset_of!(ProgramHeader, checks), checks),
    ];
    for (at, record) in records {
        if let Some(record) = record {
            sections.address(header, at, Target::Place(record));
        }
    }
    let arrays: [(usize, Array); 9] = [
        (
            offset_of!(ProgramHeader, text),
            (Target::Text(0), text.bytes.len() as u64),
        ),
        (offset_of!(ProgramHeader, functions), functions),
        (offset_of!(ProgramHeader, sites), sites),
        (offset_of!(ProgramHeader, names), names),
        (offset_of!(ProgramHeader, memories), memories),
        (offset_of!(ProgramHeader, tables), tables),
        (offset_of!(ProgramHeader, images), images),
        (offset_of!(ProgramHeader, copies), copies),
        (offset_of!(ProgramHeader, entries), entries),
    ];
    for (at, array) in arrays {
        span(sections, header, at, array);
    }
    header
}

/// Lets the span at `at` of a record be that of an array.
pub(crate) fn span(sections: &mut Sections, record: Place, at: usize, (target, len): Array) {
    sections.address(record, at + offset_of!(abi::Span, address), target);
    sections.write(record, at + offset_of!(abi::Span, len), &len.to_le_bytes());
}

struct Functions {
    functions: Array,
    names: Array,
    sites: Array,
    tags: Array,
    /// The table of what is compared before accesses.
    checks: Vec<u8>,
}

/// The names of functions, each once.
struct Names<'p> {
    /// Those that only debug sections tell.
    from_debug: &'p HashMap<(u32, u32), String>,
    bytes: Vec<u8>,
    /// One more than the offset of each that is there.
    offsets: SecondaryMap<FuncId, u32>,
}

impl Names<'_> {
    /// The index, instance and name of a function as records have them.
    fn function(&mut self, program: &Program<'_>, id: FuncId) -> (u32, u32, u32) {
        let FunctionKind::Defined { instance, index } = program.functions[id].kind else {
            return (abi::TRAMPOLINE, 0, abi::NO_NAME);
        };
        let name = match self.offsets[id].checked_sub(1) {
            Some(offset) => offset,
            None => match crate::names::of_function_or(program, id, || {
                let key = (program.record_number(instance), index);
                self.from_debug.get(&key).cloned()
            }) {
                Some(name) => {
                    let offset = blob_offset(&self.bytes);
                    leb::write_bytes(&mut self.bytes, name.as_bytes());
                    self.offsets[id] = offset + 1;
                    offset
                }
                None => abi::NO_NAME,
            },
        };
        (index, program.record_number(instance), name)
    }
}

/// The function records, the names with those of tags, and the sites.
fn functions(
    parts: &Parts<'_, '_>,
    options: &Options,
    from_debug: &HashMap<(u32, u32), String>,
    sections: &mut Sections,
) -> Functions {
    let &Parts {
        program,
        plan,
        units,
        code,
        text,
    } = parts;
    let mut checks = Vec::new();
    let (mut records, mut sites) = (Vec::new(), Vec::new());
    let mut names = Names {
        from_debug,
        bytes: Vec::new(),
        offsets: SecondaryMap::new(),
    };
    for ((&unit, code), &(start, size)) in units.iter().zip(code).zip(&text.spans) {
        let (index, instance, name) = match unit {
            Unit::Function(id) => names.function(program, id),
            Unit::Instantiate(_) | Unit::Entry(_) | Unit::ThreadStart(_) => {
                (abi::TRAMPOLINE, 0, abi::NO_NAME)
            }
        };
        let sites_offset = blob_offset(&sites);
        let mut list = |scopes: &[Scope], list: &[Site]| {
            let scopes = scopes.iter().map(|scope| {
                let (index, instance, name) = names.function(program, scope.function);
                abi_sites::Scope {
                    parent: scope.parent,
                    wasm_offset: wasm_offset(scope.call),
                    index,
                    instance,
                    name,
                }
            });
            let scopes: Vec<abi_sites::Scope> = scopes.collect();
            abi_sites::write(&mut sites, &scopes, list);
        };
        let accesses = Accesses::new(program, plan, unit, &code.scopes);
        list(&code.scopes, &accesses.with_widths(&code.sites));
        checks.extend(accesses.checks(&code.sites, &code.compares, start));
        if options.profiling {
            list(&code.stretch_scopes, &code.stretches);
        }
        for field in [start, size, name, sites_offset, index, instance] {
            records.extend_from_slice(&field.to_le_bytes());
        }
    }
    let mut names = names.bytes;
    let mut tags = Vec::new();
    for (id, tag) in &program.tags {
        tags.extend_from_slice(&blob_offset(&names).to_le_bytes());
        leb::write_bytes(&mut names, program.describe_tag(id).as_bytes());
        let params = program.signatures[tag.signature].params().iter();
        let types: Vec<u8> = params.map(|&ty| value_type(ty) as u8).collect();
        leb::write_bytes(&mut names, &types);
    }
    let count = units.len() as u64;
    let mut blob =
        |bytes: &[u8], len: u64| (Target::Place(sections.append(Block::Rodata, bytes, 8)), len);
    Functions {
        functions: blob(&records, count),
        names: blob(&names, names.len() as u64),
        sites: blob(&sites, sites.len() as u64),
        tags: blob(&tags, program.tags.len() as u64),
        checks: {
            let mut table = Vec::new();
            nativize_abi::checks::write(&mut table, &checks);
            table
        },
    }
}

/// What the debug sections of the modules give.
fn debug(parts: &Parts<'_, '_>, options: &Options) -> Tables {
    let program = parts.program;
    let has_debug = |instance: &Instance<'_>| !instance.module.debug.is_empty();
    if options.strip || !program.instances.values().any(has_debug) {
        return Tables::default();
    }
    let mut offsets: SecondaryMap<InstanceId, Vec<u32>> = SecondaryMap::new();
    let instance_of = |function| program.body(function).map(|(instance, _)| instance);
    for (unit, code) in parts.units.iter().zip(parts.code) {
        let &Unit::Function(function) = unit else {
            continue;
        };
        // A place is in the module of its scope's function, and the call that a scope stands for in that of its parent's.
        let of_scope = |scope: u32| match scope.checked_sub(1) {
            None => instance_of(function),
            Some(index) => instance_of(code.scopes[index as usize].function),
        };
        let sites = code.sites.iter().map(|site| (site.scope, site.wasm_offset));
        let scopes = code.scopes.iter();
        let calls = scopes.map(|scope| (scope.parent, wasm_offset(scope.call)));
        for (scope, offset) in sites.chain(calls) {
            if let Some(instance) = of_scope(scope)
                && offset != 0
            {
                offsets[instance].push(offset);
            }
        }
    }
    let wanted = program.instances.iter().map(|(id, instance)| Wanted {
        number: program.record_number(id),
        module: instance.module,
        offsets: std::mem::take(&mut offsets[id]),
    });
    debuginfo::write(wanted.collect(), options.threads)
}

/// The record of a table that the runtime's function `show` reads: [`abi::Lines`] or [`abi::Checks`], with the address of
/// the function and the span of the table at these offsets.
fn shown(
    table: &[u8],
    show: &'static str,
    (show_at, table_at): (usize, usize),
    sections: &mut Sections,
) -> Place {
    const { assert!(size_of::<abi::Lines>() == size_of::<abi::Checks>()) };
    let record = sections.reserve(Block::Rodata, size_of::<abi::Lines>() as u64, 8);
    sections.address(record, show_at, Target::Runtime(show));
    let len = table.len() as u64;
    let table = Target::Place(sections.append(Block::Rodata, table, 8));
    span(sections, record, table_at, (table, len));
    record
}

/// The handlers of all calls. Units lie in the text in their order, so the whole is ascending too.
fn handlers(code: &[Code], text: &Text, sections: &mut Sections) -> Array {
    let mut bytes = Vec::new();
    for (code, &(start, _)) in code.iter().zip(&text.spans) {
        for handler in &code.handlers {
            let fields = [
                start + handler.return_address,
                handler.tag,
                start + handler.target,
                handler.frame_size,
            ];
            bytes.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
        }
    }
    let len = (bytes.len() / size_of::<abi::Handler>()) as u64;
    (
        Target::Place(sections.append(Block::Rodata, &bytes, 8)),
        len,
    )
}

fn blob_offset(blob: &[u8]) -> u32 {
    u32::try_from(blob.len()).expect("tables of names and sites are smaller than 4 GiB")
}

fn images(plan: &Plan, sections: &mut Sections) -> Array {
    let mut bytes = Vec::new();
    for range in &plan.image.mapped {
        for word in [range.address, range.address + range.bytes.len() as u64] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
    }
    (
        Target::Place(sections.append(Block::Rodata, &bytes, 8)),
        plan.image.mapped.len() as u64,
    )
}

fn copies(plan: &Plan, sections: &mut Sections) -> Array {
    let count = plan.image.copied.len();
    let place = sections.reserve(
        Block::Rodata,
        (count * size_of::<abi::ImageCopy>()) as u64,
        8,
    );
    for (index, range) in plan.image.copied.iter().enumerate() {
        let at = index * size_of::<abi::ImageCopy>();
        sections.write(
            place,
            at + offset_of!(abi::ImageCopy, destination),
            &range.address.to_le_bytes(),
        );
        sections.address(
            place,
            at + offset_of!(abi::ImageCopy, source),
            Target::Place(range.content),
        );
        sections.write(
            place,
            at + offset_of!(abi::ImageCopy, len),
            &range.len.to_le_bytes(),
        );
    }
    (Target::Place(place), count as u64)
}

fn entries(program: &Program<'_>, units: &[Unit], text: &Text, sections: &mut Sections) -> Array {
    let place = sections.reserve(
        Block::Rodata,
        (program.entries.len() * size_of::<abi::Entry>()) as u64,
        8,
    );
    let starts = units
        .iter()
        .zip(&text.spans)
        .filter_map(|(unit, &(start, _))| match unit {
            Unit::Entry(index) => Some((*index as usize, start)),
            _ => None,
        });
    for (index, start) in starts {
        let (params, results) = entry_types(program, program.entries[index]);
        let types: Vec<u8> = params
            .iter()
            .chain(&results)
            .map(|&ty| value_type(ty) as u8)
            .collect();
        let types = sections.append(Block::Rodata, &types, 1);
        let at = index * size_of::<abi::Entry>();
        sections.address(
            place,
            at + offset_of!(abi::Entry, call),
            Target::Text(start),
        );
        sections.address(
            place,
            at + offset_of!(abi::Entry, types),
            Target::Place(types),
        );
        let count = |types: &[ValType]| {
            u32::try_from(types.len())
                .expect("validated: at most 1000")
                .to_le_bytes()
        };
        sections.write(place, at + offset_of!(abi::Entry, params), &count(&params));
        sections.write(
            place,
            at + offset_of!(abi::Entry, results),
            &count(&results),
        );
    }
    (Target::Place(place), program.entries.len() as u64)
}

pub(crate) fn value_type(ty: ValType) -> abi::ValueType {
    match ty {
        ValType::I32 => abi::ValueType::I32,
        ValType::I64 => abi::ValueType::I64,
        ValType::F32 => abi::ValueType::F32,
        ValType::F64 => abi::ValueType::F64,
        ValType::V128 => abi::ValueType::V128,
        ValType::Ref(ty) => match ty.as_non_null() {
            RefType::EXTERN | RefType::NOEXTERN => abi::ValueType::ExternRef,
            RefType::EXN | RefType::NOEXN => abi::ValueType::ExnRef,
            _ => abi::ValueType::FuncRef,
        },
    }
}
