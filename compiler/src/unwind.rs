//! `.eh_frame` for the text section.

use crate::codegen::Code;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::isa::unwind::UnwindInst;
use gimli::write::{
    Address, CallFrameInstruction, EhFrame, EndianVec, FrameDescriptionEntry, FrameTable,
    Result as GimliResult, Writer,
};
use gimli::{DW_EH_PE_pcrel, DW_EH_PE_sdata4, DwEhPe, Register, RunTimeEndian, X86_64};

/// How to find a unit's caller: what each part of the prologue makes true from its end on.
///
/// It is what Cranelift makes of the same instructions, but can be written down and read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub rules: Vec<(u32, Rule)>,
}

/// Something that holds about a frame. Registers have their DWARF numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// The caller's stack pointer is this far above the register that counts.
    CfaOffset(i32),
    /// Which register counts.
    CfaRegister(u16),
    /// A register's value is in memory, this far from the caller's stack pointer.
    Saved(u16, i32),
}

impl Frame {
    pub(crate) fn new(isa: &dyn TargetIsa, instructions: &[(u32, UnwindInst)]) -> Self {
        let signed =
            |distance: u32| i32::try_from(distance).expect("frames are smaller than 2 GiB");
        let mut rules = Vec::new();
        let mut clobbers = 0;
        for &(at, ref instruction) in instructions {
            match *instruction {
                UnwindInst::PushFrameRegs {
                    offset_upward_to_caller_sp: up,
                } => {
                    rules.push((at, Rule::CfaOffset(signed(up))));
                    rules.push((at, Rule::Saved(X86_64::RBP.0, -signed(up))));
                }
                UnwindInst::DefineNewFrame {
                    offset_upward_to_caller_sp: up,
                    offset_downward_to_clobbers: down,
                } => {
                    rules.push((at, Rule::CfaRegister(X86_64::RBP.0)));
                    clobbers = signed(up + down);
                }
                // The frame pointer counts.
                UnwindInst::StackAlloc { .. } => {}
                UnwindInst::SaveReg {
                    clobber_offset,
                    reg,
                } => {
                    let register = isa
                        .map_regalloc_reg_to_dwarf(reg.into())
                        .expect("registers of x86-64 have DWARF numbers");
                    rules.push((at, Rule::Saved(register, signed(clobber_offset) - clobbers)));
                }
                UnwindInst::RegStackOffset { .. } | UnwindInst::Aarch64SetPointerAuth { .. } => {
                    unreachable!("x86-64 has no {instruction:?}")
                }
            }
        }
        Frame { rules }
    }

    fn entry(&self, address: Address, size: u32) -> FrameDescriptionEntry {
        let mut entry = FrameDescriptionEntry::new(address, size);
        for &(at, rule) in &self.rules {
            let instruction = match rule {
                Rule::CfaOffset(offset) => CallFrameInstruction::CfaOffset(offset),
                Rule::CfaRegister(register) => {
                    CallFrameInstruction::CfaRegister(Register(register))
                }
                Rule::Saved(register, offset) => {
                    CallFrameInstruction::Offset(Register(register), offset)
                }
            };
            entry.add_instruction(at, instruction);
        }
        entry
    }
}

/// An address to fill in: a PC-relative 32-bit reference to an offset of the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnwindReloc {
    pub offset: u64,
    pub text_offset: i64,
}

/// The section's bytes and relocations.
#[derive(Debug)]
pub(crate) struct EhFrameSection {
    pub bytes: Vec<u8>,
    pub relocs: Vec<UnwindReloc>,
}

/// One CIE, and an FDE for each unit: `spans` are their offsets and sizes in the text.
pub(crate) fn eh_frame(isa: &dyn TargetIsa, code: &[Code], spans: &[(u32, u32)]) -> EhFrameSection {
    let mut table = FrameTable::default();
    let mut cie = isa
        .create_systemv_cie()
        .expect("x86-64 has System V unwind information");
    cie.fde_address_encoding = DwEhPe(DW_EH_PE_pcrel.0 | DW_EH_PE_sdata4.0);
    let cie = table.add_cie(cie);
    for (code, &(start, size)) in code.iter().zip(spans) {
        let address = Address::Symbol {
            symbol: 0,
            addend: i64::from(start),
        };
        table.add_fde(cie, code.unwind.entry(address, size));
    }
    let mut section = EhFrame(RelocatingWriter {
        bytes: EndianVec::new(RunTimeEndian::Little),
        relocs: Vec::new(),
    });
    table
        .write_eh_frame(&mut section)
        .expect("frame descriptions fit their section");
    let writer = section.0;
    EhFrameSection {
        bytes: writer.bytes.into_vec(),
        relocs: writer.relocs,
    }
}

#[derive(Clone)]
struct RelocatingWriter {
    bytes: EndianVec<RunTimeEndian>,
    relocs: Vec<UnwindReloc>,
}

impl Writer for RelocatingWriter {
    type Endian = RunTimeEndian;

    fn endian(&self) -> RunTimeEndian {
        RunTimeEndian::Little
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn write(&mut self, bytes: &[u8]) -> GimliResult<()> {
        self.bytes.write(bytes)
    }

    fn write_at(&mut self, offset: usize, bytes: &[u8]) -> GimliResult<()> {
        self.bytes.write_at(offset, bytes)
    }

    fn write_eh_pointer(
        &mut self,
        address: Address,
        encoding: DwEhPe,
        size: u8,
    ) -> GimliResult<()> {
        let Address::Symbol { addend, .. } = address else {
            return self.bytes.write_eh_pointer(address, encoding, size);
        };
        self.relocs.push(UnwindReloc {
            offset: self.len() as u64,
            text_offset: addend,
        });
        self.write_udata(0, 4)
    }
}
