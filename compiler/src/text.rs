//! Lays units out in one text section and resolves the references between them.

use crate::Error;
use crate::codegen::{Code, CodeReloc};
use crate::plan::Plan;
use crate::program::{FuncId, InstanceId, Program, number};
use crate::translate::{Unit, namespace};
use cranelift_codegen::binemit::Reloc;
use nativize_abi::program::SIGNATURE_PREFIX;
use std::collections::HashMap;

/// The least alignment of a unit: functions start on a fetch block, which also leaves room for the prefix.
const UNIT_ALIGN: usize = 16;

/// The text section.
#[derive(Debug, Default)]
pub(crate) struct Text {
    pub bytes: Vec<u8>,
    /// Offset and size of each unit, in order.
    pub spans: Vec<(u32, u32)>,
    /// What the linker resolves: offsets are the text's.
    pub relocs: Vec<CodeReloc>,
    functions: HashMap<FuncId, u32>,
    instantiates: HashMap<InstanceId, u32>,
    thread_starts: HashMap<InstanceId, u32>,
}

/// What the address of a unit is a multiple of.
fn align(code: &Code) -> usize {
    UNIT_ALIGN.max(code.align as usize)
}

impl Text {
    /// # Errors
    /// [`Error::Limit`] when the text exceeds what branches reach.
    pub(crate) fn new(
        program: &Program<'_>,
        plan: &Plan,
        units: &[Unit],
        code: &[Code],
    ) -> Result<Self, Error> {
        let mut text = Text::default();
        let size: usize = code
            .iter()
            .map(|code| code.bytes.len() + align(code) + SIGNATURE_PREFIX as usize)
            .sum();
        if i32::try_from(size).is_err() {
            return Err(Error::Limit {
                message: "the program's code exceeds 2 GiB".to_owned(),
            });
        }
        text.bytes.reserve_exact(size);
        for (&unit, code) in units.iter().zip(code) {
            text.place(program, plan, unit, code);
        }
        for (index, code) in code.iter().enumerate() {
            text.resolve(index, code);
        }
        Ok(text)
    }

    /// The offset of a function's first instruction.
    pub(crate) fn function(&self, id: FuncId) -> u32 {
        self.functions[&id]
    }

    fn place(&mut self, program: &Program<'_>, plan: &Plan, unit: Unit, code: &Code) {
        let align = align(code);
        let signature = match unit {
            Unit::Function(id) if plan.reach.referenced.contains(id) => {
                Some(program.functions[id].signature)
            }
            _ => None,
        };
        let prefix = if signature.is_some() {
            SIGNATURE_PREFIX as usize
        } else {
            0
        };
        let start = (self.bytes.len() + prefix).next_multiple_of(align);
        // What lies between functions is never executed; if it were, it would trap.
        self.bytes.resize(start, 0xcc);
        if let Some(signature) = signature {
            self.bytes[start - prefix..].copy_from_slice(&number(signature).to_le_bytes());
        }
        self.bytes.extend_from_slice(&code.bytes);
        let start = offset(start);
        self.spans.push((start, offset(code.bytes.len())));
        match unit {
            Unit::Function(id) => {
                self.functions.insert(id, start);
            }
            Unit::Instantiate(id) => {
                self.instantiates.insert(id, start);
            }
            Unit::ThreadStart(id) => {
                self.thread_starts.insert(id, start);
            }
            Unit::Entry(_) => {}
        }
    }

    fn resolve(&mut self, index: usize, code: &Code) {
        let (start, _) = self.spans[index];
        for reloc in &code.relocs {
            let place = start + reloc.offset;
            let target = match reloc.target {
                (namespace::FUNCTION, index) => self.functions[&FuncId::from_u32(index)],
                (namespace::INSTANTIATE, index) => self.instantiates[&InstanceId::from_u32(index)],
                (namespace::THREAD_START, index) => {
                    self.thread_starts[&InstanceId::from_u32(index)]
                }
                _ => {
                    self.relocs.push(CodeReloc {
                        offset: place,
                        ..*reloc
                    });
                    continue;
                }
            };
            assert!(
                matches!(
                    reloc.kind,
                    Reloc::X86PCRel4 | Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4
                ),
                "colocated references are PC-relative, not {:?}",
                reloc.kind
            );
            let value = i64::from(target) + reloc.addend - i64::from(place);
            let value = i32::try_from(value).expect("the text is smaller than 2 GiB");
            self.bytes[place as usize..][..4].copy_from_slice(&value.to_le_bytes());
        }
    }
}

fn offset(value: usize) -> u32 {
    u32::try_from(value).expect("the text is smaller than 2 GiB")
}
