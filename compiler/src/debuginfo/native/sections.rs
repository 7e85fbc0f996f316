//! The debug sections of the object.

use super::entries::{Entries, Scene};
use super::expression::{Global, Memory, World};
use super::map::FunctionMap;
use super::{Bodies, Budget, Dwarf, Exhausted, dwarf, lines};
use crate::Progress;
use crate::codegen::Code;
use crate::const_expr::ConstValue;
use crate::module::IndexType;
use crate::plan::{Block, GlobalPlan, Plan};
use crate::program::{FuncId, InstanceId, Program};
use crate::text::Text;
use crate::translate::Unit;
use gimli::write::{
    Address, ConvertUnit, ConvertUnitEntry, EndianVec, FilterUnitSection, RelocateWriter,
    Relocation, RelocationTarget, Sections,
};
use gimli::{Encoding, Format, LineEncoding, LittleEndian, SectionId};
use std::collections::HashMap;
use wasmparser::ValType;

/// A section of debug information.
#[derive(Debug)]
pub(crate) struct DebugSection {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub relocs: Vec<DebugReloc>,
}

/// An address or an offset to fill in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DebugReloc {
    pub offset: u64,
    /// In bytes: 4 or 8.
    pub size: u8,
    pub target: DebugTarget,
    pub addend: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DebugTarget {
    Text,
    Block(Block),
    /// Another of the sections, by name.
    Section(&'static str),
}

/// Makes the debug sections of a program from those of its modules. Modules whose debug information cannot be converted are
/// named in a warning, with the reason.
pub(crate) fn sections(
    program: &Program<'_>,
    plan: &Plan,
    units: &[Unit],
    code: &[Code],
    text: &Text,
    progress: &dyn Progress,
) -> Vec<DebugSection> {
    let mut compiled: HashMap<FuncId, usize> = HashMap::new();
    for (index, &unit) in units.iter().enumerate() {
        if let Unit::Function(id) = unit {
            compiled.insert(id, index);
        }
    }
    if program
        .instances
        .values()
        .all(|instance| instance.module.debug.is_empty())
    {
        progress.warning("-g: the module has no debug information (DWARF)");
    }
    let mut sections = Sections::new(SectionWriter::default());
    for id in program.instances.keys() {
        let Some(dwarf) = dwarf(program.instances[id].module) else {
            continue;
        };
        let mut converter = Converter {
            program,
            plan,
            code,
            text,
            compiled: &compiled,
            instance: id,
            sections: &mut sections,
        };
        if let Err(reason) = converter.instance(&dwarf) {
            let name = program.instances[id].label.as_deref();
            let of = name.map_or_else(String::new, |name| {
                format!(" of the linked module \"{name}\"")
            });
            progress.warning(&format!(
                "debug information{of} is left out in part: {reason}"
            ));
        }
    }
    let mut result = Vec::new();
    let collected: Result<(), std::convert::Infallible> = sections.for_each_mut(|id, section| {
        if !section.bytes.slice().is_empty() {
            result.push(DebugSection {
                name: id.name(),
                bytes: std::mem::replace(&mut section.bytes, EndianVec::new(LittleEndian))
                    .into_vec(),
                relocs: section.relocs(),
            });
        }
        Ok(())
    });
    let Ok(()) = collected;
    result
}

struct Converter<'c, 'p> {
    program: &'c Program<'p>,
    plan: &'c Plan,
    code: &'c [Code],
    text: &'c Text,
    compiled: &'c HashMap<FuncId, usize>,
    instance: InstanceId,
    sections: &'c mut Sections<SectionWriter>,
}

impl Converter<'_, '_> {
    fn instance(&mut self, dwarf: &Dwarf<'_>) -> Result<(), String> {
        let module = self.program.instances[self.instance].module;
        let mut budget = Budget::new(module);
        let scene = self.scene();
        let malformed = |error: gimli::write::ConvertError| error.to_string();
        let mut written = gimli::write::Dwarf::new();
        let mut filter = FilterUnitSection::new(dwarf).map_err(malformed)?;
        // A unit that cannot be read ends the section: where the next one would begin is not certain.
        let mut problem = None;
        loop {
            match filter.read_unit() {
                Ok(None) => break,
                Err(error) => {
                    problem = Some(malformed(error));
                    break;
                }
                Ok(Some(mut unit)) => {
                    let mut entry = unit.null_entry();
                    loop {
                        budget.spend(1).map_err(exhausted)?;
                        match unit.read_entry(&mut entry) {
                            Ok(true) if entry.depth > MAX_DEPTH => {
                                return Err("it nests too deeply".to_owned());
                            }
                            Ok(true) if scene.is_wanted(&entry) => unit.require_entry(entry.offset),
                            Ok(true) => {}
                            Ok(false) => break,
                            Err(error) => {
                                problem = Some(malformed(error));
                                break;
                            }
                        }
                    }
                }
            }
        }
        let mut convert = written.convert_with_filter(filter).map_err(malformed)?;
        loop {
            match convert.read_unit() {
                Ok(None) => break,
                Err(error) => {
                    problem = Some(malformed(error));
                    break;
                }
                Ok(Some((unit, root))) => {
                    if let Err(reason) = Self::unit(unit, root, &scene, &mut budget) {
                        problem = Some(reason);
                    }
                }
            }
        }
        written
            .write(self.sections)
            .map_err(|error| error.to_string())?;
        problem.map_or(Ok(()), Err)
    }

    /// Converts one unit.
    fn unit<'u, 'a>(
        mut unit: ConvertUnit<'u, super::Slice<'a>>,
        root: ConvertUnitEntry<'u, super::Slice<'a>>,
        scene: &Scene<'_>,
        budget: &mut Budget,
    ) -> Result<(), String> {
        let encoding = Encoding {
            address_size: 8,
            format: Format::Dwarf32,
            version: unit.unit.encoding().version,
        };
        if !(2..=5).contains(&encoding.version) {
            unit.skip();
            return Err(format!(
                "version {} of DWARF is not known",
                encoding.version
            ));
        }
        unit.unit.set_encoding(encoding);
        let mut problem = None;
        let program = unit.read_line_program(Some(encoding), Some(LineEncoding::default()));
        match program {
            Ok(Some(program)) => match lines::convert(program, &scene.functions, budget) {
                Ok((program, files)) => unit.set_line_program(program, files),
                Err(lines::Failed::Malformed) => {
                    problem = Some("a line program is malformed".to_owned())
                }
                Err(lines::Failed::Exhausted) => {
                    unit.skip();
                    return Err(exhausted(Exhausted));
                }
            },
            Ok(None) => {}
            Err(error) => problem = Some(error.to_string()),
        }
        let mut positions = Vec::new();
        let mut entries = Entries::new(unit, &root, scene, budget);
        let mut entry = entries.unit.null_entry();
        loop {
            match entries.unit.read_entry(&mut entry) {
                Ok(None) => break,
                Ok(Some(None)) => continue,
                Ok(Some(Some(id))) => {
                    if entries.entry(id, &entry, &mut positions).is_err() {
                        entries.unit.skip();
                        return Err(exhausted(Exhausted));
                    }
                }
                Err(error) => {
                    problem = Some(error.to_string());
                    break;
                }
            }
        }
        positions.sort_unstable();
        positions.dedup();
        if entries.root(&root, &positions).is_err() {
            entries.unit.skip();
            return Err(exhausted(Exhausted));
        }
        problem.map_or(Ok(()), Err)
    }

    fn scene(&self) -> Scene<'_> {
        let instance = &self.program.instances[self.instance];
        let module = instance.module;
        let bodies = Bodies::new(module);
        let base = module.debug.code_start();
        let mut functions = Vec::new();
        let mut numbers = HashMap::new();
        for &(start, end, number) in &bodies.ranges {
            let id = instance.functions[module.imported_functions as usize + number];
            let Some(&unit) = self.compiled.get(&id) else {
                continue;
            };
            let Some(debug) = &self.code[unit].debug else {
                continue;
            };
            numbers.insert(number, functions.len());
            let span = self.text.spans[unit];
            functions.push(FunctionMap::new(debug, span, (start, end), base));
        }
        Scene {
            world: self.world(),
            bodies,
            functions,
            numbers,
        }
    }

    fn world(&self) -> World {
        let instance = &self.program.instances[self.instance];
        let state = &self.plan.state;
        let memory = instance.memories.first().and_then(|&id| state.memories[id]);
        let memory = memory.filter(|plan| !plan.per_thread).map(|plan| Memory {
            base: plan.base,
            width: match plan.index {
                IndexType::I32 => 4,
                IndexType::I64 => 8,
            },
        });
        let globals = instance.globals.iter().map(|&id| {
            let width = match self.program.globals[id].ty.content {
                ValType::I32 => 4,
                ValType::I64 => 8,
                _ => return Global::Unknown,
            };
            match state.globals[id] {
                Some(GlobalPlan::Constant(ConstValue::Bits(bits))) => Global::Constant(bits as u64),
                Some(GlobalPlan::Cell(place)) if self.plan.threads.is_none() => {
                    let address = Address::Symbol {
                        symbol: 1 + place.block as usize,
                        addend: place.offset.into(),
                    };
                    Global::Cell(address, width)
                }
                _ => Global::Unknown,
            }
        });
        World {
            memory,
            globals: globals.collect(),
        }
    }
}

/// Entries deeper than that are in no program that somebody wrote.
const MAX_DEPTH: isize = 512;

fn exhausted(_: Exhausted) -> String {
    "it is too large for what it describes".to_owned()
}

/// The bytes of a section, with the addresses and offsets to fill in.
#[derive(Debug, Clone)]
struct SectionWriter {
    bytes: EndianVec<LittleEndian>,
    relocations: Vec<Relocation>,
}

impl Default for SectionWriter {
    fn default() -> Self {
        SectionWriter {
            bytes: EndianVec::new(LittleEndian),
            relocations: Vec::new(),
        }
    }
}

impl SectionWriter {
    fn relocs(&self) -> Vec<DebugReloc> {
        let relocs = self.relocations.iter().map(|relocation| DebugReloc {
            offset: relocation.offset as u64,
            size: relocation.size,
            target: match relocation.target {
                RelocationTarget::Symbol(0) => DebugTarget::Text,
                RelocationTarget::Symbol(block) => DebugTarget::Block(Block::ALL[block - 1]),
                RelocationTarget::Section(id) => DebugTarget::Section(SectionId::name(id)),
            },
            addend: relocation.addend,
        });
        relocs.collect()
    }
}

impl RelocateWriter for SectionWriter {
    type Writer = EndianVec<LittleEndian>;

    fn writer(&self) -> &Self::Writer {
        &self.bytes
    }

    fn writer_mut(&mut self) -> &mut Self::Writer {
        &mut self.bytes
    }

    fn relocate(&mut self, relocation: Relocation) {
        self.relocations.push(relocation);
    }
}
