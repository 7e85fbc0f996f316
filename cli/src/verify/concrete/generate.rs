//! Functions made at random, of the instruction forms that are followed, as bytes that the processor can run too.

use iced_x86::{Decoder, DecoderOptions, Instruction, OpKind, Register};

use super::super::allowed;
use super::super::encoding::Encoding;
use super::{BASE_CELL, FRAME, LENGTH_CELL, SIZE_CELLS};

/// Numbers that are as random as need be, and the same each time.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 8) % end
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// Numbers at which comparisons and sums change what they say.
    pub(super) fn number(&mut self) -> u64 {
        let edges = [
            0,
            1 << 7,
            1 << 15,
            1 << 16,
            1 << 31,
            1 << 32,
            1 << 63,
            u64::MAX,
        ];
        match self.below(4) {
            0 => self.below(16),
            1 => self.next(),
            2 => self.next() >> self.below(64),
            _ => self.of(&edges).wrapping_add(self.below(9)).wrapping_sub(4),
        }
    }
}

/// The counter of a loop has a place in the frame that nothing else writes to.
const COUNTER: u8 = FRAME as u8 - 8;

/// A function without its end: with its frame, some instructions, branches ahead and perhaps a loop. What leaves it early
/// goes to [`TO_TRAP`] bytes after it.
pub(super) fn function(random: &mut Random, start: u64) -> Vec<u8> {
    let mut made = Made {
        // sub rsp, FRAME
        code: vec![0x48, 0x81, 0xec],
        start,
        traps: Vec::new(),
    };
    made.code.extend((FRAME as u32).to_le_bytes());
    for _ in 0..1 + random.below(3) {
        if random.one_in(3) {
            // mov dword [rsp + COUNTER], n; again: ...; sub dword [rsp + COUNTER], 1; jne again
            let times = 1 + random.below(3) as u8;
            let counter = [0xc7, 0x44, 0x24, COUNTER, times, 0, 0, 0];
            made.code.extend(counter);
            let again = made.code.len();
            sequence(random, &mut made);
            made.code.extend([0x83, 0x6c, 0x24, COUNTER, 1]);
            let distance = again.wrapping_sub(made.code.len() + 6) as u32;
            made.code.extend([0x0f, 0x85]);
            made.code.extend(distance.to_le_bytes());
        } else {
            sequence(random, &mut made);
        }
    }
    for at in made.traps {
        let distance = (made.code.len() + TO_TRAP - at - 4) as u32;
        made.code[at..at + 4].copy_from_slice(&distance.to_le_bytes());
    }
    made.code
}

/// From the end of a function to where it goes when it leaves early.
pub(super) const TO_TRAP: usize = 5;

struct Made {
    code: Vec<u8>,
    start: u64,
    /// The places of distances of branches that leave.
    traps: Vec<usize>,
}

fn sequence(random: &mut Random, made: &mut Made) {
    // The places of distances of branches, and after how many instructions they go to.
    let mut open: Vec<(usize, u64)> = Vec::new();
    for _ in 0..2 + random.below(14) {
        if random.one_in(3) {
            // What compares and what then branches, by conditions that are unsigned or equality mostly.
            if random.one_in(3) {
                relative(random, made);
            }
            match random.below(4) {
                0 | 1 => compare_with_cell(random, made),
                _ => {
                    let compares = [0x38, 0x39, 0x3a, 0x3b, 0x81, 0x83, 0x85, 0x03];
                    instruction(random, made, Some(&compares));
                }
            }
            let condition = random.of(&[2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6, 7, 12, 8]);
            made.code.extend([0x0f, 0x80 | condition]);
            if random.one_in(2) {
                open.push((made.code.len(), 1 + random.below(4)));
            } else {
                made.traps.push(made.code.len());
            }
            made.code.extend([0; 4]);
        } else {
            instruction(random, made, None);
        }
        open.retain_mut(|(at, left)| {
            *left -= 1;
            if *left == 0 {
                land(&mut made.code, *at);
            }
            *left > 0
        });
    }
    for (at, _) in open {
        land(&mut made.code, at);
    }
}

/// lea register, [other + a little], or [other * 8 + a little]
fn relative(random: &mut Random, made: &mut Made) {
    let (register, other) = (random.of(LOW), random.of(LOW));
    let little = random.below(33) as i32 - 16;
    made.code.extend([0x48, 0x8d]);
    if random.one_in(2) {
        made.code
            .extend([0x40 | register << 3 | other, little as u8]);
    } else {
        made.code.extend([register << 3 | 4, 0xc5 | other << 3]);
        made.code.extend(little.to_le_bytes());
    }
}

/// The registers that most instructions have.
const LOW: &[u8] = &[0, 1, 2, 3, 6, 7];

/// cmp register, [cell]
fn compare_with_cell(random: &mut Random, made: &mut Made) {
    let register = random.of(LOW);
    made.code.extend([0x48, 0x3b, 0x05 | register << 3]);
    let cell = random.of(&[SIZE_CELLS[0], SIZE_CELLS[1], LENGTH_CELL, LENGTH_CELL]);
    let end = made.start + made.code.len() as u64 + 4;
    made.code
        .extend((cell.wrapping_sub(end) as u32).to_le_bytes());
}

/// A branch goes to what comes next.
fn land(code: &mut [u8], at: usize) {
    let distance = (code.len() - at - 4) as u32;
    code[at..at + 4].copy_from_slice(&distance.to_le_bytes());
}

/// One that is followed: what does not decode to that is tried again.
fn instruction(random: &mut Random, made: &mut Made, of: Option<&[u8]>) {
    loop {
        let at = made.start + made.code.len() as u64;
        let bytes = bytes(random, at, of);
        let mut decoder = Decoder::with_ip(64, &bytes, at, DecoderOptions::NONE);
        let it = decoder.decode();
        if it.len() == bytes.len() && is_followed(&it) && Encoding::new().is_usual(&it, &bytes) {
            made.code.extend(bytes);
            return;
        }
    }
}

fn is_followed(it: &Instruction) -> bool {
    use iced_x86::Mnemonic as M;
    let is_stack =
        |register: Register| register.is_gpr() && register.full_register() == Register::RSP;
    let operands = 0..it.op_count();
    let touches_stack = operands.clone().any(|operand| {
        it.op_kind(operand) == OpKind::Register && is_stack(it.op_register(operand))
    });
    let has_memory = operands
        .clone()
        .any(|operand| it.op_kind(operand) == OpKind::Memory);
    let computes = it.mnemonic() == M::Lea;
    let in_frame = it.memory_base() == Register::RSP
        && it.memory_index() == Register::None
        // (Larger ones have to be aligned.)
        && it.memory_size().size() <= 8
        && it.memory_displacement64() + (it.memory_size().size() as u64) < u64::from(COUNTER);
    let is_cell = it.is_ip_rel_memory_operand()
        && (SIZE_CELLS.contains(&it.ip_rel_memory_address())
            || [LENGTH_CELL, BASE_CELL].contains(&it.ip_rel_memory_address()))
        && it.op0_kind() == OpKind::Register
        && it.memory_size().size() == 8
        && it.mnemonic() != M::Xchg
        && it.mnemonic() != M::Xadd
        && it.mnemonic() != M::Cmpxchg;
    // (Bits of places are counted from there on.)
    let is_far = matches!(it.mnemonic(), M::Bt | M::Bts | M::Btr | M::Btc);
    !it.is_invalid()
        && allowed::forbidden(it).is_none()
        && allowed::is_known(it)
        && !touches_stack
        && (!has_memory
            || computes && !it.is_ip_rel_memory_operand()
            || (in_frame || is_cell) && !computes && !is_far)
        && it.flow_control() == iced_x86::FlowControl::Next
        && !matches!(
            it.mnemonic(),
            M::Div | M::Idiv | M::Leave | M::Cmpxchg8b | M::Cmpxchg16b
        )
        && (!matches!(it.mnemonic(), M::Push | M::Pop))
}

/// Bytes that may be an instruction.
fn bytes(random: &mut Random, at: u64, of: Option<&[u8]>) -> Vec<u8> {
    const ONE: &[u8] = &[
        0x00, 0x01, 0x02, 0x03, 0x03, 0x01, 0x08, 0x09, 0x0b, 0x11, 0x13, 0x19, 0x1b, 0x20, 0x21,
        0x23, 0x28, 0x29, 0x2a, 0x2b, 0x29, 0x30, 0x31, 0x33, 0x38, 0x39, 0x3b, 0x63, 0x69, 0x6b,
        0x80, 0x81, 0x83, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x89, 0x89, 0x8a, 0x8b, 0x8b,
        0x8b, 0x8d, 0x8d, 0x90, 0x98, 0x99, 0xb0, 0xb8, 0xb8, 0xc0, 0xc1, 0xc1, 0xc6, 0xc7, 0xd0,
        0xd1, 0xd3, 0xf6, 0xf7, 0xfe, 0xff,
    ];
    const TWO: &[u8] = &[
        0x2a, 0x2c, 0x2d, 0x40, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4c, 0x6e, 0x7e, 0x92,
        0x93, 0x94, 0x95, 0x96, 0x97, 0x9c, 0xa3, 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xaf, 0xb0, 0xb1,
        0xb3, 0xb6, 0xb7, 0xb8, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc8, 0xc5, 0xd7,
        0x50,
    ];
    let mut bytes = Vec::new();
    let is_two = of.is_none() && random.one_in(4);
    let mut opcode = match of {
        Some(of) => random.of(of),
        None => random.of(if is_two { TWO } else { ONE }),
    };
    if is_two {
        match random.below(4) {
            0 => bytes.push(0x66),
            1 => bytes.push(0xf3),
            2 if matches!(opcode, 0x2a | 0x2c | 0x2d) => bytes.push(0xf2),
            _ => {}
        }
    } else if random.one_in(12) {
        bytes.push(0x66);
    }
    // Few registers, so that they meet; wide mostly.
    let high = |random: &mut Random| u8::from(random.one_in(8));
    let rex = 0x40
        | u8::from(random.below(3) > 0) << 3
        | high(random) << 2
        | high(random) << 1
        | high(random);
    if rex != 0x40 || random.one_in(2) {
        bytes.push(rex);
    }
    if is_two {
        bytes.push(0x0f);
    }
    let low = random.of(&[0, 0, 1, 2, 3, 6, 7]);
    let has_register = matches!((is_two, opcode), (false, 0x90 | 0xb0 | 0xb8) | (true, 0xc8));
    if has_register {
        opcode += low;
    }
    bytes.push(opcode);
    let has_modrm = !has_register && !matches!((is_two, opcode), (false, 0x98 | 0x99));
    if has_modrm {
        operands(
            random,
            &mut bytes,
            at,
            opcode == 0x8d && !is_two,
            has_immediate(is_two, opcode, rex, 0),
        );
    }
    let group = bytes.last().copied().unwrap_or(0);
    let group = if has_modrm {
        modrm_group(&bytes, is_two, opcode)
    } else {
        group
    };
    // With the prefix 66 it is shorter; then the instruction is, too, and tried again.
    let number = random.number().to_le_bytes();
    bytes.extend(&number[..has_immediate(is_two, opcode, rex, group)]);
    bytes
}

fn modrm_group(bytes: &[u8], is_two: bool, opcode: u8) -> u8 {
    let opcodes = bytes.iter().position(|&byte| byte == 0x0f && is_two);
    let at = match opcodes {
        Some(at) => at + 2,
        None => bytes.iter().position(|&byte| byte == opcode).unwrap_or(0) + 1,
    };
    bytes.get(at).map_or(0, |modrm| modrm >> 3 & 7)
}

/// How many bytes of an immediate there are.
fn has_immediate(is_two: bool, opcode: u8, rex: u8, group: u8) -> usize {
    match (is_two, opcode) {
        (false, 0x6b | 0x80 | 0x83 | 0xb0..=0xb7 | 0xc0 | 0xc1 | 0xc6) => 1,
        (false, 0x69 | 0x81 | 0xc7) => 4,
        (false, 0xb8..=0xbf) if rex & 8 != 0 => 8,
        (false, 0xb8..=0xbf) => 4,
        (false, 0xf6) if group < 2 => 1,
        (false, 0xf7) if group < 2 => 4,
        (true, 0xa4 | 0xac | 0xba | 0xc5) => 1,
        _ => 0,
    }
}

/// A register and another, or a place of the frame, or a cell that says how large something is.
fn operands(random: &mut Random, bytes: &mut Vec<u8>, at: u64, computes: bool, immediate: usize) {
    let register = random.of(&[0, 0, 1, 2, 3, 5, 6, 7]) << 3;
    match random.below(6) {
        _ if computes => {
            // [base + index * scale + displacement]
            bytes.push(random.of(&[0x44, 0x84]) | register);
            let (base, index) = (
                random.of(&[0, 1, 2, 3, 6, 7]),
                random.of(&[0, 1, 2, 3, 4, 4, 6, 7]),
            );
            bytes.push((random.of(&[0, 0, 1, 3, 3]) << 6) | index << 3 | base);
            let len = if bytes[bytes.len() - 2] & 0x80 == 0 {
                1
            } else {
                4
            };
            let number = random.number().to_le_bytes();
            bytes.extend(&number[..len]);
        }
        0 | 1 => bytes.extend([
            0x44 | register,
            0x24,
            random.below(FRAME - 8) as u8 & !(random.of(&[7, 7, 7, 3, 0])),
        ]),
        2 => {
            bytes.push(0x05 | register);
            let cells = [SIZE_CELLS[0], SIZE_CELLS[1], LENGTH_CELL, BASE_CELL];
            let cell = random.of(&cells);
            let end = at + bytes.len() as u64 + 4 + immediate as u64;
            bytes.extend((cell.wrapping_sub(end) as u32).to_le_bytes());
        }
        _ => bytes.push(0xc0 | register | random.of(&[0, 0, 1, 2, 3, 5, 6, 7])),
    }
}
