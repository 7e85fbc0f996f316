//! Shorter forms of instructions that do the same.

use iced_x86::Instruction;

/// An instruction with an operand of four bytes that fits in one, which the processor extends with its sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short {
    pub start: u32,
    pub end: u32,
    /// Where its opcode is, from its start.
    pub opcode: usize,
}

/// What is saved.
pub(super) const SAVED: u32 = 3;

impl Short {
    /// The form of `instruction` at `start`, if it has one: those of the eight operations that share the opcode 81
    /// (Intel's manual, volume 2, appendix A.4, group 1).
    pub(super) fn of(instruction: &Instruction, start: u32, bytes: &[u8]) -> Option<Short> {
        let has_rex = bytes.first().is_some_and(|&first| first & 0xf0 == 0x40);
        let opcode = usize::from(has_rex);
        if bytes.get(opcode) != Some(&0x81) || instruction.is_ip_rel_memory_operand() {
            return None;
        }
        let (_, immediate) = bytes.split_last_chunk::<4>()?;
        i8::try_from(i32::from_le_bytes(*immediate)).ok()?;
        let end = start + u32::try_from(bytes.len()).ok()?;
        Some(Short { start, end, opcode })
    }

    /// Writes the instruction that is `old`.
    pub(super) fn write(&self, old: &[u8], new: &mut Vec<u8>) {
        let opcode = new.len() + self.opcode;
        new.extend_from_slice(&old[..old.len() - SAVED as usize]);
        new[opcode] = 0x83;
    }
}
