//! What a filter allows: for `inspect`, which shows what the kernel will do and not what was meant.

use nativize_abi::sandbox::{
    ALLOW, AND, ARCHITECTURE, ARGUMENTS, Instruction, JUMP, JUMP_ANY_BIT, JUMP_EQUAL,
    JUMP_NOT_LESS, LOAD, NUMBER, RETURN, X86_64,
};
use nativize_abi::system_call::SystemCall;

/// A system call as a filter sees it: the low halves of its first arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) architecture: u32,
    pub(super) number: u32,
    pub(super) arguments: [u32; 4],
}

/// Which calls `filter` allows, all or some of them.
pub(crate) fn allowed(filter: &[Instruction]) -> Vec<SystemCall> {
    let reaches = |call: SystemCall| {
        let call = Call {
            architecture: X86_64,
            number: call.number().into(),
            arguments: [0; 4],
        };
        // Arguments are looked at only where it depends on them.
        !matches!(
            run(filter, &call),
            Some(End {
                allowed: false,
                tested: false
            }) | None
        )
    };
    let calls = SystemCall::ALL.iter().copied();
    calls.filter(|&call| reaches(call)).collect()
}

/// Whether `filter` allows `call`.
#[cfg(test)]
pub(super) fn is_allowed(filter: &[Instruction], call: &Call) -> bool {
    run(filter, call).expect("it is a filter").allowed
}

struct End {
    allowed: bool,
    /// An argument was looked at.
    tested: bool,
}

/// Runs `filter`; `None` when it is not one of ours.
fn run(filter: &[Instruction], call: &Call) -> Option<End> {
    let mut accumulator = 0u32;
    let mut tested = false;
    let mut at = 0;
    loop {
        let instruction = filter.get(at)?;
        let operand = instruction.operand;
        let branch = |taken| {
            usize::from(if taken {
                instruction.if_true
            } else {
                instruction.if_false
            })
        };
        at += 1;
        match instruction.code {
            LOAD => {
                accumulator = match operand {
                    NUMBER => call.number,
                    ARCHITECTURE => call.architecture,
                    _ => {
                        tested = true;
                        let index = operand.checked_sub(ARGUMENTS)? / 8;
                        *call.arguments.get(index as usize)?
                    }
                }
            }
            AND => accumulator &= operand,
            JUMP => at += operand as usize,
            JUMP_EQUAL => at += branch(accumulator == operand),
            JUMP_NOT_LESS => at += branch(accumulator >= operand),
            JUMP_ANY_BIT => at += branch(accumulator & operand != 0),
            RETURN => {
                return Some(End {
                    allowed: operand == ALLOW,
                    tested,
                });
            }
            _ => return None,
        }
    }
}
