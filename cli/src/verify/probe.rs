//! The loop that touches every page of a large frame, so that none steps over the guard of the stack.

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use super::flow::{Prover, Stop};
use super::state::{Flags, RSP, State};
use super::value::Value;

impl Prover<'_, '_> {
    /// Whether these instructions are such a loop; then what is known is what is known after it.
    ///
    /// ```text
    /// again: sub rsp, PAGE
    ///        mov dword [rsp], 0
    ///        cmp rLAST, rsp
    ///        jne again
    /// ```
    pub(super) fn probe_loop(
        &mut self,
        loop_: &[Instruction],
        state: &mut State,
    ) -> Result<bool, Stop> {
        let [sub, mov, cmp, jne] = loop_ else {
            return Ok(false);
        };
        let is_loop = sub.mnemonic() == Mnemonic::Sub
            && sub.op0_kind() == OpKind::Register
            && sub.op0_register() == Register::RSP
            && matches!(
                sub.op1_kind(),
                OpKind::Immediate8to64 | OpKind::Immediate32to64
            )
            && mov.mnemonic() == Mnemonic::Mov
            && mov.op0_kind() == OpKind::Memory
            && mov.op1_kind() == OpKind::Immediate32
            && mov.memory_base() == Register::RSP
            && mov.memory_index() == Register::None
            && mov.memory_displacement64() == 0
            && cmp.mnemonic() == Mnemonic::Cmp
            && cmp.op0_kind() == OpKind::Register
            && cmp.op1_kind() == OpKind::Register
            && cmp.op1_register() == Register::RSP
            && cmp.op0_register().is_gpr64()
            && jne.mnemonic() == Mnemonic::Jne
            && jne.op0_kind() == OpKind::NearBranch64
            && jne.near_branch64() == sub.ip();
        if !is_loop {
            return Ok(false);
        }
        if let Some(reason) = loop_.iter().find_map(super::allowed::forbidden) {
            return self.rejected(reason);
        }
        let page = sub.immediate(1).cast_signed();
        let last = state.registers[cmp.op0_register().number()].as_stack();
        let (Some(top), Some(last)) = (state.registers[RSP].as_stack(), last) else {
            return Ok(false);
        };
        let steps = top.wrapping_sub(last).checked_div(page).unwrap_or(0);
        if !(1..=0x8000).contains(&page) || steps < 1 || last != top - steps * page {
            return self.rejected("a loop over the pages of a frame has no end");
        }
        self.touch(state, top - page)?;
        state.touched = last;
        state.forget_slots(last, top - last);
        state.registers[RSP] = Value::stack(last);
        state.flags = Flags::Unknown;
        Ok(true)
    }
}
