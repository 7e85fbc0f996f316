//! The lengths of x86-64 instructions, as far as Cranelift emits them, and whether they touch the stack.

/// What there is to know of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decoded {
    pub len: usize,
    /// It reads or writes memory relative to the stack or frame pointer.
    pub is_spill: bool,
    pub kind: Kind,
}

/// How control goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Next,
    /// A branch that may be taken.
    Conditional,
    Call,
    Jump,
    Return,
    /// Nothing follows: a trap.
    Stop,
}

/// What follows an opcode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operands {
    None,
    ModRm,
    /// No ModR/M byte, and so many bytes.
    Immediate(usize),
    /// A ModR/M byte, then so many bytes.
    ModRmImmediate(usize),
    /// A ModR/M byte, then so many bytes if it says `test`.
    TestImmediate(usize),
}

/// Decodes the instruction at the start of `code`; `None` if it is none that is known.
pub(super) fn decode(code: &[u8]) -> Option<Decoded> {
    let mut at = 0;
    let mut operand_size = 4;
    let mut rex = 0;
    loop {
        match *code.get(at)? {
            0x66 => operand_size = 2,
            0xf0 | 0xf2 | 0xf3 | 0x64 => {}
            byte @ 0x40..=0x4f => {
                rex = byte;
                at += 1;
                break;
            }
            _ => break,
        }
        at += 1;
    }
    let wide = rex & 8 != 0;
    let mut base_extended = rex & 1 != 0;
    let opcode = *code.get(at)?;
    at += 1;
    let mut displacement_scale = 1;
    let (operands, kind) = match opcode {
        0x0f => {
            let second = *code.get(at)?;
            at += 1;
            match second {
                0x38 => {
                    at += 1;
                    (Operands::ModRm, Kind::Next)
                }
                0x3a => {
                    at += 1;
                    (Operands::ModRmImmediate(1), Kind::Next)
                }
                0x0b => (Operands::None, Kind::Stop),
                0x80..=0x8f => (Operands::Immediate(4), Kind::Conditional),
                _ => (second_map(second)?, Kind::Next),
            }
        }
        // VEX with two bytes, with three, and EVEX. All of them imply a ModR/M byte.
        0xc5 => {
            base_extended = false;
            at += 1;
            let second = *code.get(at)?;
            at += 1;
            (second_map(second)?, Kind::Next)
        }
        0xc4 => {
            let byte = *code.get(at)?;
            base_extended = byte & 0x20 == 0;
            at += 2;
            let second = *code.get(at)?;
            at += 1;
            (vector_map(byte & 0x1f, second)?, Kind::Next)
        }
        0x62 => {
            let byte = *code.get(at)?;
            base_extended = byte & 0x20 == 0;
            at += 3;
            let second = *code.get(at)?;
            at += 1;
            // Displacements of one byte are scaled; that changes their value, not their length.
            displacement_scale = 0;
            (vector_map(byte & 0x07, second)?, Kind::Next)
        }
        _ => first_map(opcode, operand_size, wide)?,
    };
    let mut kind = kind;
    let mut is_spill = false;
    let immediate = match operands {
        Operands::None => 0,
        Operands::Immediate(len) => len,
        Operands::ModRm | Operands::ModRmImmediate(_) | Operands::TestImmediate(_) => {
            let modrm = *code.get(at)?;
            at += 1;
            let (mode, register, memory) = (modrm >> 6, modrm >> 3 & 7, modrm & 7);
            if mode != 3 {
                let mut base = memory;
                if memory == 4 {
                    base = *code.get(at)? & 7;
                    at += 1;
                }
                let no_base = mode == 0 && base == 5;
                is_spill = (base == 4 || base == 5) && !base_extended && !no_base && opcode != 0x8d;
                at += match mode {
                    0 if base == 5 => 4,
                    0 => 0,
                    1 => 1,
                    _ => 4,
                };
            }
            if opcode == 0xff && displacement_scale == 1 {
                kind = match register {
                    2 => Kind::Call,
                    4 => Kind::Jump,
                    _ => Kind::Next,
                };
            }
            match operands {
                Operands::ModRmImmediate(len) => len,
                Operands::TestImmediate(len) if register < 2 => len,
                _ => 0,
            }
        }
    };
    let len = at + immediate;
    (len <= code.len()).then_some(Decoded {
        len,
        is_spill,
        kind,
    })
}

/// Opcodes of one byte.
fn first_map(opcode: u8, operand_size: usize, wide: bool) -> Option<(Operands, Kind)> {
    use Operands::{Immediate, ModRm, ModRmImmediate, None as Nothing, TestImmediate};
    let operands = match opcode {
        0x00..=0x3f => match opcode & 7 {
            0..=3 => ModRm,
            4 => Immediate(1),
            5 => Immediate(operand_size),
            _ => return None,
        },
        0x50..=0x5f | 0x90..=0x99 | 0xc3 | 0xc9 | 0xcc | 0xf4 => Nothing,
        0x63 | 0x84..=0x8f | 0xd0..=0xd3 | 0xfe | 0xff => ModRm,
        0x68 | 0xa9 => Immediate(operand_size),
        0x6a | 0x70..=0x7f | 0xa8 | 0xb0..=0xb7 | 0xeb => Immediate(1),
        0x69 | 0x81 | 0xc7 => ModRmImmediate(operand_size),
        0x6b | 0x80 | 0x83 | 0xc0 | 0xc1 | 0xc6 => ModRmImmediate(1),
        0xb8..=0xbf if wide => Immediate(8),
        0xb8..=0xbf => Immediate(operand_size),
        0xc2 => Immediate(2),
        0xe8 | 0xe9 => Immediate(4),
        0xf6 => TestImmediate(1),
        0xf7 => TestImmediate(operand_size),
        _ => return None,
    };
    let kind = match opcode {
        0x70..=0x7f => Kind::Conditional,
        0xc2 | 0xc3 => Kind::Return,
        0xcc | 0xf4 => Kind::Stop,
        0xe8 => Kind::Call,
        0xe9 | 0xeb => Kind::Jump,
        _ => Kind::Next,
    };
    Some((operands, kind))
}

/// Opcodes after 0F.
fn second_map(opcode: u8) -> Option<Operands> {
    Some(match opcode {
        0x05 | 0x31 | 0x77 | 0xa2 | 0xc8..=0xcf => Operands::None,
        0x70..=0x73 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6 => Operands::ModRmImmediate(1),
        0x04
        | 0x0a
        | 0x0c
        | 0x0e
        | 0x0f
        | 0x24..=0x27
        | 0x36
        | 0x39
        | 0x3b..=0x3f
        | 0xa6
        | 0xa7 => {
            return None;
        }
        _ => Operands::ModRm,
    })
}

/// Opcodes of VEX and EVEX, by the number of their map.
fn vector_map(map: u8, opcode: u8) -> Option<Operands> {
    match map {
        1 => second_map(opcode),
        2 => Some(Operands::ModRm),
        3 => Some(Operands::ModRmImmediate(1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(code: &[u8]) -> (usize, bool, Kind) {
        let decoded = decode(code).unwrap();
        assert_eq!(decode(&code[..code.len() - 1]), None);
        (decoded.len, decoded.is_spill, decoded.kind)
    }

    #[test]
    fn lengths_and_stack_operands() {
        // push rbp; mov rbp, rsp; sub rsp, 32
        assert_eq!(decoded(&[0x55]), (1, false, Kind::Next));
        assert_eq!(decoded(&[0x48, 0x89, 0xe5]), (3, false, Kind::Next));
        assert_eq!(decoded(&[0x48, 0x83, 0xec, 0x20]), (4, false, Kind::Next));
        // mov [rsp + 8], r12; lea rax, [rsp + 8]; mov rax, [rbp - 8]
        assert_eq!(
            decoded(&[0x4c, 0x89, 0x64, 0x24, 0x08]),
            (5, true, Kind::Next)
        );
        assert_eq!(
            decoded(&[0x48, 0x8d, 0x44, 0x24, 0x08]),
            (5, false, Kind::Next)
        );
        assert_eq!(decoded(&[0x48, 0x8b, 0x45, 0xf8]), (4, true, Kind::Next));
        // mov eax, [r12 + 0x3f100000]; mov eax, [r13 + 0]
        assert_eq!(
            decoded(&[0x41, 0x8b, 0x84, 0x24, 0, 0, 0x10, 0x3f]),
            (8, false, Kind::Next)
        );
        assert_eq!(decoded(&[0x41, 0x8b, 0x45, 0x00]), (4, false, Kind::Next));
        // mov eax, [rip + 1]; mov rax, imm64; mov ax, imm16
        assert_eq!(decoded(&[0x8b, 0x05, 1, 0, 0, 0]), (6, false, Kind::Next));
        assert_eq!(
            decoded(&[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8]),
            (10, false, Kind::Next)
        );
        assert_eq!(decoded(&[0x66, 0xb8, 1, 2]), (4, false, Kind::Next));
        // test ecx, imm32; not ecx
        assert_eq!(decoded(&[0xf7, 0xc1, 1, 0, 0, 0]), (6, false, Kind::Next));
        assert_eq!(decoded(&[0xf7, 0xd1]), (2, false, Kind::Next));
        // vpaddd xmm0, xmm1, [rsp]; vaddsd xmm0, xmm1, [r12]; vpternlogd xmm0, xmm1, [rsp + 16], 1
        assert_eq!(
            decoded(&[0xc5, 0xf1, 0xfe, 0x04, 0x24]),
            (5, true, Kind::Next)
        );
        assert_eq!(
            decoded(&[0xc4, 0xc1, 0x73, 0x58, 0x04, 0x24]),
            (6, false, Kind::Next)
        );
        assert_eq!(
            decoded(&[0x62, 0xf3, 0x75, 0x08, 0x25, 0x44, 0x24, 0x01, 0x01]),
            (9, true, Kind::Next)
        );
    }

    #[test]
    fn control_flow() {
        assert_eq!(
            decoded(&[0x0f, 0x84, 1, 0, 0, 0]),
            (6, false, Kind::Conditional)
        );
        assert_eq!(decoded(&[0xe9, 1, 0, 0, 0]), (5, false, Kind::Jump));
        assert_eq!(decoded(&[0xff, 0xe0]), (2, false, Kind::Jump));
        assert_eq!(decoded(&[0x41, 0xff, 0xd4]), (3, false, Kind::Call));
        assert_eq!(decoded(&[0xff, 0x74, 0x24, 0x08]), (4, true, Kind::Next));
        assert_eq!(decoded(&[0x0f, 0x0b]), (2, false, Kind::Stop));
        assert_eq!(decoded(&[0xc3]), (1, false, Kind::Return));
        assert_eq!(decode(&[0x06]), None);
    }
}
