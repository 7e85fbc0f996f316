//! Instructions that change nothing.

use iced_x86::{
    FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
};

/// How far back it is looked for what wrote a register.
const REACH: usize = 16;

/// Whether `instruction` changes nothing after those of its block in `before`: it extends a register that what wrote it
/// last has extended already. Operations on the lower half of a register clear the upper half (AMD's manual, volume 1, section
/// 3.1.2).
pub(super) fn extends_again(
    instruction: &Instruction,
    before: &[Instruction],
    factory: &mut InstructionInfoFactory,
) -> bool {
    let register = instruction.op0_register();
    let is_extension = instruction.mnemonic() == Mnemonic::Mov
        && instruction.op1_register() == register
        && register.is_gpr32();
    if !is_extension {
        return false;
    }
    let whole = register.full_register();
    for earlier in before.iter().rev().take(REACH) {
        if earlier.flow_control() != FlowControl::Next {
            return false;
        }
        let info = factory.info(earlier);
        let mut writes = info.used_registers().iter().filter(|used| {
            used.register().full_register() == whole && used.access() != OpAccess::Read
        });
        if writes.next().is_some() {
            return earlier.op0_register() == register && extends(earlier);
        }
    }
    false
}

/// Whether an operation on the lower half of its first operand, a register, always writes it.
fn extends(instruction: &Instruction) -> bool {
    use Mnemonic as M;
    match instruction.mnemonic() {
        M::Mov | M::Movzx | M::Movsx | M::Lea | M::Popcnt | M::Lzcnt | M::Tzcnt => true,
        M::Add | M::Sub | M::And | M::Or | M::Xor | M::Imul | M::Neg | M::Not => true,
        // By a number of bits in a register, which may be 0, it may be that nothing is written.
        M::Shl | M::Shr | M::Sar | M::Rol | M::Ror => instruction.op1_kind() == OpKind::Immediate8,
        _ => false,
    }
}

/// Whether `instruction` sets the stack pointer whatever it was, so that `before`, which adds to it, is needless.
pub(super) fn sets_stack_pointer(before: &Instruction, instruction: &Instruction) -> bool {
    before.mnemonic() == Mnemonic::Add
        && before.op0_register() == Register::RSP
        && instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_register() == Register::RSP
        && instruction.op1_register() == Register::RBP
}
