//! What was compared where a trap follows from it: read from the machine code, as nothing else knows where values are in
//! the end. The code is not changed by it, and a shape that is not understood only makes a message shorter.

use iced_x86::{
    ConditionCode, Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register,
};
use nativize_abi::Trap;
use nativize_abi::checks::Operand;
use nativize_abi::program::SIGNATURE_PREFIX;
use nativize_abi::sites::Site;

/// A compare that a trap follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compare {
    /// Of the instruction that traps.
    pub pc: u32,
    /// What must not exceed the limit, or has to be aligned.
    pub value: Operand,
    pub kind: Kind,
    /// It is the second check of its instruction.
    pub second: bool,
}

/// How it was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    /// With a limit.
    Limit = 0,
    /// With a limit that is part of the instruction.
    Literal = 1,
    /// It is a sum that does not fit: 2^64 more than the value is.
    Carry = 2,
    /// With zero: the limit is 1.
    NotZero = 3,
    /// Some of its bits were tested.
    Bits = 4,
    /// It is a function, whose type was compared.
    Callee = 5,
}

impl Kind {
    /// The kind of a number.
    pub(crate) fn from_code(code: u32) -> Option<Kind> {
        let kinds = [
            Kind::Limit,
            Kind::Literal,
            Kind::Carry,
            Kind::NotZero,
            Kind::Bits,
            Kind::Callee,
        ];
        kinds.get(code as usize).copied()
    }
}

/// A function's machine code.
#[derive(Clone, Copy)]
pub(super) struct Function<'a> {
    pub code: &'a [u8],
    /// Where its blocks start.
    pub blocks: &'a [u32],
    /// Where relocations are, ascending.
    pub relocated: &'a [u32],
    /// Where traps are that follow from the second check of their instruction, ascending.
    pub second: &'a [u32],
}

/// The compares that lead to traps of accesses among `sites`, ascending.
pub(super) fn compares(function: Function<'_>, sites: &[Site]) -> Vec<Compare> {
    let Function { code, blocks, .. } = function;
    let is_trap = |site: &&Site| {
        matches!(
            site.trap,
            Some(
                Trap::MemoryOutOfBounds
                    | Trap::TableOutOfBounds
                    | Trap::UndefinedElement
                    | Trap::UnalignedAtomic
                    | Trap::IndirectCallTypeMismatch
            )
        ) && code
            .get(site.pc as usize..)
            .is_some_and(|code| code.starts_with(&UD2))
    };
    let wanted: Vec<(u32, Trap)> = sites
        .iter()
        .filter(is_trap)
        .filter_map(|site| Some((site.pc, site.trap?)))
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let end = u32::try_from(code.len()).expect("functions are smaller than 4 GiB");
    for (index, &start) in blocks.iter().enumerate() {
        let end = blocks.get(index + 1).copied().unwrap_or(end);
        block(function, start..end, &wanted, &mut found);
    }
    found.sort_unstable_by_key(|compare| compare.pc);
    found
}

/// What traps because of a compare.
const UD2: [u8; 2] = [0x0f, 0x0b];

fn block(
    function: Function<'_>,
    range: std::ops::Range<u32>,
    wanted: &[(u32, Trap)],
    found: &mut Vec<Compare>,
) {
    let code = &function.code[..range.end as usize];
    let mut decoder = Decoder::with_ip(64, code, 0, DecoderOptions::NONE);
    if decoder.set_position(range.start as usize).is_err() {
        return;
    }
    decoder.set_ip(range.start.into());
    let (mut instruction, mut before) = (Instruction::default(), Instruction::default());
    let mut constant = None;
    // Where the type of the function in the second register was loaded to last.
    let mut identity = None;
    while decoder.can_decode() {
        std::mem::swap(&mut instruction, &mut before);
        let constant_before = constant.take();
        decoder.decode_out(&mut instruction);
        match instruction.flow_control() {
            FlowControl::ConditionalBranch => {
                let target = u32::try_from(instruction.near_branch_target()).unwrap_or(u32::MAX);
                let position = wanted.binary_search_by_key(&target, |&(pc, _)| pc);
                if let Ok(position) = position {
                    let (pc, trap) = wanted[position];
                    let condition = instruction.condition_code();
                    let compare = if trap == Trap::IndirectCallTypeMismatch {
                        callee(&before, identity, condition)
                    } else {
                        compare(trap, (&before, constant_before), condition)
                    };
                    found.extend(compare.map(|(value, kind)| Compare {
                        pc,
                        value,
                        kind,
                        second: function.second.binary_search(&pc).is_ok(),
                    }));
                }
            }
            FlowControl::Next => {
                if instruction.is_ip_rel_memory_operand() {
                    let offsets = decoder.get_constant_offsets(&instruction);
                    let at = decoder.ip() - instruction.len() as u64
                        + offsets.displacement_offset() as u64;
                    constant = function.constant(at, &instruction);
                }
                identity = loaded_identity(&instruction).or(identity.filter(|&(to, code)| {
                    let written = instruction.op0_register().full_register();
                    let compares = matches!(instruction.mnemonic(), Mnemonic::Cmp | Mnemonic::Test);
                    compares || (written != to && written != code)
                }));
            }
            FlowControl::Call | FlowControl::IndirectCall => identity = None,
            // Behind the last one of a block stand tables.
            _ => return,
        }
    }
}

/// The registers to which an instruction loads the identity of a type, and of the function that has it.
fn loaded_identity(instruction: &Instruction) -> Option<(Register, Register)> {
    let code = identity_of(instruction, 1)?;
    let to = instruction.op0_register();
    let is_load = instruction.mnemonic() == Mnemonic::Mov && to.is_gpr32();
    (is_load && to.full_register() != code).then(|| (to.full_register(), code))
}

/// The register with the code of the function whose type an operand may be.
fn identity_of(instruction: &Instruction, operand: u32) -> Option<Register> {
    let displacement = instruction.memory_displacement64().cast_signed();
    let is_before_code = instruction.op_kind(operand) == OpKind::Memory
        && instruction.memory_index() == Register::None
        && displacement == -SIGNATURE_PREFIX.cast_signed();
    is_before_code.then(|| instruction.memory_base().full_register())
}

/// The function whose type an instruction compares.
fn callee(
    instruction: &Instruction,
    identity: Option<(Register, Register)>,
    condition: ConditionCode,
) -> Option<(Operand, Kind)> {
    // (A test of all of a register compares with the identity 0.)
    let compares = match instruction.mnemonic() {
        Mnemonic::Cmp => true,
        Mnemonic::Test => instruction.op0_register() == instruction.op1_register(),
        _ => false,
    };
    if !compares || condition != ConditionCode::ne {
        return None;
    }
    let code = match identity_of(instruction, 0) {
        Some(code) => code,
        None => {
            let compared = instruction.op0_register().full_register();
            identity.filter(|&(to, _)| to == compared)?.1
        }
    };
    Some((register(code, true)?, Kind::Callee))
}

impl Function<'_> {
    /// What an instruction reads that is a constant behind the function's code, named by the displacement at an offset.
    fn constant(&self, displacement: u64, instruction: &Instruction) -> Option<u64> {
        let displacement = u32::try_from(displacement).ok()?;
        if self.relocated.binary_search(&displacement).is_ok() {
            return None;
        }
        let at = usize::try_from(instruction.ip_rel_memory_address()).ok()?;
        let bytes = self.code.get(at..)?;
        match instruction.memory_size().size() {
            8 => bytes.first_chunk().map(|&bytes| u64::from_le_bytes(bytes)),
            _ => None,
        }
    }
}

/// What an instruction compares before a branch under `condition` to a trap; a constant that it reads comes with it.
fn compare(
    trap: Trap,
    (instruction, constant): (&Instruction, Option<u64>),
    condition: ConditionCode,
) -> Option<(Operand, Kind)> {
    let (value, other) = match (trap, instruction.mnemonic(), condition) {
        (Trap::UnalignedAtomic, Mnemonic::Test, ConditionCode::ne)
            if is_literal(instruction, 1) =>
        {
            // Of the address, the low bits are tested.
            let address = instruction.op0_register().full_register();
            return Some((register(address, true)?, Kind::Bits));
        }
        (Trap::UnalignedAtomic, ..) => return None,
        (_, Mnemonic::Cmp, ConditionCode::a | ConditionCode::ae) => (0, 1),
        (_, Mnemonic::Cmp, ConditionCode::b | ConditionCode::be) => (1, 0),
        (_, Mnemonic::Test, ConditionCode::ne)
            if instruction.op0_register() == instruction.op1_register() =>
        {
            return Some((operand(instruction, 0, None)?, Kind::NotZero));
        }
        (_, Mnemonic::Add, ConditionCode::b) => (0, 1),
        _ => return None,
    };
    let kind = if instruction.mnemonic() == Mnemonic::Add {
        Kind::Carry
    } else if is_literal(instruction, other) {
        Kind::Literal
    } else {
        Kind::Limit
    };
    Some((operand(instruction, value, constant)?, kind))
}

fn is_literal(instruction: &Instruction, operand: u32) -> bool {
    instruction.try_immediate(operand).is_ok()
}

fn operand(instruction: &Instruction, operand: u32, constant: Option<u64>) -> Option<Operand> {
    match instruction.op_kind(operand) {
        OpKind::Register => {
            let named = instruction.op_register(operand);
            register(named.full_register(), named.is_gpr64())
                .filter(|_| named.is_gpr64() || named.is_gpr32())
        }
        OpKind::Memory if constant.is_some() => constant.map(Operand::Constant),
        OpKind::Memory => {
            let Operand::Register { number: base, .. } = register(instruction.memory_base(), true)?
            else {
                return None;
            };
            let size = instruction.memory_size().size();
            if instruction.memory_index() != Register::None
                || instruction.segment_prefix() != Register::None
                || !matches!(size, 4 | 8)
            {
                return None;
            }
            let displacement = instruction.memory_displacement64().cast_signed();
            Some(Operand::Memory {
                base,
                displacement: i32::try_from(displacement).ok()?,
                wide: size == 8,
            })
        }
        _ => {
            let number = instruction.try_immediate(operand).ok()?;
            let is_wide = instruction.op0_register().is_gpr64()
                || (instruction.op0_kind() == OpKind::Memory
                    && instruction.memory_size().size() == 8);
            let number = if is_wide {
                number
            } else {
                number & 0xffff_ffff
            };
            Some(Operand::Constant(number))
        }
    }
}

fn register(register: Register, wide: bool) -> Option<Operand> {
    if !register.is_gpr64() {
        return None;
    }
    let number = u8::try_from(register.number()).ok()?;
    Some(Operand::Register { number, wide })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code: &[u8], pc: u32, trap: Trap) -> Vec<Compare> {
        let site = Site {
            pc,
            trap: Some(trap),
            bytes: 0,
            scope: 0,
            wasm_offset: 0,
        };
        let function = Function {
            code,
            blocks: &[0],
            relocated: &[],
            second: &[],
        };
        compares(function, &[site])
    }

    #[test]
    fn the_side_that_is_too_large_is_known_by_the_condition() {
        // cmp rax, rcx; ja/jb 11; ret; nop; ud2
        let code = |jump| {
            [
                0x48, 0x39, 0xc8, 0x0f, jump, 2, 0, 0, 0, 0xc3, 0x90, 0x0f, 0x0b,
            ]
        };
        for (jump, number) in [(0x87, 0), (0x82, 1)] {
            let [compare] = found(&code(jump), 11, Trap::MemoryOutOfBounds)[..] else {
                panic!("none");
            };
            assert_eq!(compare.value, Operand::Register { number, wide: true });
            assert_eq!(compare.kind, Kind::Limit);
        }
        // je
        assert_eq!(found(&code(0x84), 11, Trap::MemoryOutOfBounds), []);
        // Something else traps there.
        assert_eq!(found(&code(0x87), 11, Trap::Unreachable), []);
    }

    #[test]
    fn literals_and_narrow_registers() {
        // cmp r9d, 5; jae 12; ret; ud2
        let code = [
            0x41, 0x83, 0xf9, 5, 0x0f, 0x83, 2, 0, 0, 0, 0xc3, 0x90, 0x0f, 0x0b,
        ];
        let [compare] = found(&code, 12, Trap::UndefinedElement)[..] else {
            panic!("none");
        };
        let value = Operand::Register {
            number: 9,
            wide: false,
        };
        assert_eq!(compare.value, value);
        assert_eq!(compare.kind, Kind::Literal);
    }

    #[test]
    fn spilled_values() {
        // cmp rdx, [rsp + 16]; jb 13; ret; nop; ud2
        let code = [
            0x48, 0x3b, 0x54, 0x24, 16, 0x0f, 0x82, 2, 0, 0, 0, 0xc3, 0x90, 0x0f, 0x0b,
        ];
        let [compare] = found(&code, 13, Trap::MemoryOutOfBounds)[..] else {
            panic!("none");
        };
        let value = Operand::Memory {
            base: 4,
            displacement: 16,
            wide: true,
        };
        assert_eq!(compare.value, value);
    }
    #[test]
    fn functions_of_another_type() {
        let trap = Trap::IndirectCallTypeMismatch;
        let callee = |code: &[u8]| {
            let pc = u32::try_from(code.len() - 2).unwrap();
            let found = found(code, pc, trap);
            found.first().map(|compare| (compare.value, compare.kind))
        };
        let expected = |number| Some((Operand::Register { number, wide: true }, Kind::Callee));
        // cmp dword [rsi - 4], 3; jne; ret; ud2
        let direct = [
            0x83, 0x7e, 0xfc, 3, 0x0f, 0x85, 1, 0, 0, 0, 0xc3, 0x0f, 0x0b,
        ];
        assert_eq!(callee(&direct), expected(6));
        // mov r9d, [r8 - 4]; mov edi, 1; cmp r9d, 1; jne; ret; ud2
        let mut loaded = [
            0x45, 0x8b, 0x48, 0xfc, 0xbf, 1, 0, 0, 0, 0x41, 0x83, 0xf9, 1, 0x0f, 0x85, 1, 0, 0, 0,
            0xc3, 0x0f, 0x0b,
        ];
        assert_eq!(callee(&loaded), expected(8));
        // test r9d, r9d
        loaded[9..13].copy_from_slice(&[0x90, 0x45, 0x85, 0xc9]);
        assert_eq!(callee(&loaded), expected(8));
        // mov esi, [rsi - 4]: what it was loaded from is gone.
        loaded[..4].copy_from_slice(&[0x90, 0x8b, 0x76, 0xfc]);
        loaded[9..13].copy_from_slice(&[0x90, 0x83, 0xfe, 1]);
        assert_eq!(callee(&loaded), None);
    }
}
