//! Whether an instruction is written as an assembler writes it. What nobody writes, processors and the decoder may take differently:
//! prefixes that say nothing, or that are there twice.

use iced_x86::{Encoder, Instruction, Mnemonic};

pub(super) struct Encoding(Encoder);

impl Encoding {
    pub(super) fn new() -> Self {
        Encoding(Encoder::new(64))
    }

    /// Whether these bytes, of which an instruction was decoded, are those that it is encoded as, but for what the compiler's own
    /// code has otherwise.
    pub(super) fn is_usual(&mut self, instruction: &Instruction, bytes: &[u8]) -> bool {
        let is_encoded = self.0.encode(instruction, instruction.ip()).is_ok();
        let mut usual = self.0.take_buffer();
        let is_usual = is_encoded && (usual == bytes || is_variation(instruction, bytes, &usual));
        usual.clear();
        self.0.set_buffer(usual);
        is_usual
    }
}

fn is_variation(instruction: &Instruction, bytes: &[u8], usual: &[u8]) -> bool {
    let ((prefixes, rest), (usual_prefixes, usual_rest)) = (split(bytes), split(usual));
    // A `nop` of several bytes may have more of one.
    let is_nop = instruction.mnemonic() == Mnemonic::Nop && instruction.op_count() == 1;
    let is_longer =
        is_nop && usual_prefixes == [0x66] && prefixes.iter().all(|&prefix| prefix == 0x66);
    let are_usual = prefixes == usual_prefixes
        || is_longer
        || prefixes == [0x67, 0x66] && usual_prefixes == [0x66, 0x67];
    // A REX that says nothing is one of an opcode, and not of VEX and EVEX.
    let is_rest = match rest {
        _ if rest == usual_rest => true,
        [0x40, 0xc4 | 0xc5 | 0x62, ..] => false,
        [0x40, opcode @ ..] => opcode == usual_rest,
        _ => false,
    };
    are_usual && is_rest
}

/// What comes before a REX, and all from it on.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let is_prefix = |byte: &u8| {
        matches!(
            byte,
            0x26 | 0x2e | 0x36 | 0x3e | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3
        )
    };
    let count = bytes.iter().take_while(|byte| is_prefix(byte)).count();
    bytes.split_at(count)
}
