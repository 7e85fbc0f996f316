//! `.eh_frame` for the text section.

use crate::codegen::Code;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::isa::unwind::UnwindInfo;
use gimli::write::{Address, EhFrame, EndianVec, FrameTable, Result as GimliResult, Writer};
use gimli::{DW_EH_PE_pcrel, DW_EH_PE_sdata4, DwEhPe, RunTimeEndian};

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
    for (code, &(start, _)) in code.iter().zip(spans) {
        if let Some(UnwindInfo::SystemV(info)) = &code.unwind {
            let address = Address::Symbol {
                symbol: 0,
                addend: i64::from(start),
            };
            table.add_fde(cie, info.to_fde(address));
        }
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
