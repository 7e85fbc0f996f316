//! System calls -> the filter's instructions.
//!
//! A kernel that installs a filter runs it once for each number that there is, to remember which calls it always
//! allows, and compiles it. Both take time at every start, so the filter is short and its paths are too: the numbers
//! are searched by halving them, weighted by how many numbers lie on either side.
//!
//! ```text
//!     load architecture, not x86-64: trap
//!     load number, search
//!     for each call with tests: load argument, test, ...
//!     trap
//!     allow
//! ```
//!
//! Jumps only lead forward, so instructions are generated from the last one to the first.

use std::collections::BTreeSet;

use nativize_abi::sandbox::{
    ALLOW, AND, ARCHITECTURE, ARGUMENTS, Instruction, JUMP, JUMP_ANY_BIT, JUMP_EQUAL,
    JUMP_NOT_LESS, LOAD, NUMBER, RETURN, TRAP, X86_64,
};
use nativize_abi::system_call::{SystemCall, Test};

/// More numbers than the kernel has calls: none beyond has a cost.
const NUMBERS: u32 = 512;

/// Instructions in reverse order. A place in it is an index from the end of the program.
struct Reversed(Vec<Instruction>);

/// The places of the instructions that every filter ends with.
const ALLOWED: usize = 0;
const TRAPPED: usize = 1;

/// The filter that allows `calls`, as far as their arguments are what they must be, and traps on all others.
pub(super) fn program(calls: &BTreeSet<SystemCall>) -> Vec<Instruction> {
    let mut out = Reversed(Vec::new());
    out.push(RETURN, ALLOW);
    out.push(RETURN, TRAP);

    // Where each run of numbers begins, and where the search ends for it.
    let mut runs: Vec<(u32, usize)> = vec![(0, TRAPPED)];
    for call in calls {
        let number = call.number().into();
        let place = out.tests(call.tests());
        runs.push((number, place));
        runs.push((number + 1, TRAPPED));
    }
    // Where a run is empty, because the next call follows, or goes on as before.
    let mut merged: Vec<(u32, usize)> = Vec::new();
    for (index, &(start, place)) in runs.iter().enumerate() {
        let is_empty = runs.get(index + 1).is_some_and(|next| next.0 == start);
        if !is_empty && merged.last().is_none_or(|last| last.1 != place) {
            merged.push((start, place));
        }
    }
    let search = out.search(&merged, NUMBERS);
    let search = out.next_is(search);
    debug_assert_eq!(search, out.last(), "what was loaded falls through");
    let number = out.push(LOAD, NUMBER);
    out.branch(JUMP_EQUAL, X86_64, number, TRAPPED);
    out.push(LOAD, ARCHITECTURE);
    out.0.reverse();
    out.0
}

impl Reversed {
    fn last(&self) -> usize {
        self.0.len() - 1
    }

    fn push(&mut self, code: u16, operand: u32) -> usize {
        self.0.push(Instruction {
            code,
            if_true: 0,
            if_false: 0,
            operand,
        });
        self.last()
    }

    /// A place from which `place` is reached, and to which the next `more` instructions can jump: `place` itself, or an
    /// unconditional jump to it, whose distance is not limited to a byte. Nothing falls through into that.
    fn near(&mut self, place: usize, more: usize) -> usize {
        if self.last() + more - place <= u8::MAX.into() {
            return place;
        }
        let distance = self.last() - place;
        self.push(JUMP, u32::try_from(distance).expect("a filter is short"))
    }

    /// As [`Reversed::near`], for an instruction that falls through.
    fn next_is(&mut self, place: usize) -> usize {
        if place == self.last() {
            return place;
        }
        let distance = self.last() - place;
        self.push(JUMP, u32::try_from(distance).expect("a filter is short"))
    }

    /// A conditional jump.
    fn branch(&mut self, code: u16, operand: u32, if_true: usize, if_false: usize) -> usize {
        // The second may push a jump, and so does the instruction itself.
        let if_true = self.near(if_true, 2);
        let if_false = self.near(if_false, 1);
        let distance = |place| u8::try_from(self.last() - place).expect("the place is near");
        self.0.push(Instruction {
            code,
            if_true: distance(if_true),
            if_false: distance(if_false),
            operand,
        });
        self.last()
    }

    /// The instructions that allow a call if all `tests` of its arguments hold. Gives where they begin.
    fn tests(&mut self, tests: &[Test]) -> usize {
        tests
            .iter()
            .rev()
            .fold(ALLOWED, |holds, test| self.test(*test, holds))
    }

    fn test(&mut self, test: Test, holds: usize) -> usize {
        let argument = match test {
            Test::Without(argument, bits) => {
                self.branch(JUMP_ANY_BIT, bits, TRAPPED, holds);
                argument
            }
            Test::With(argument, bits) => {
                self.branch(JUMP_EQUAL, bits, holds, TRAPPED);
                self.push(AND, bits);
                argument
            }
            Test::OneOf(argument, values) => {
                let mut otherwise = TRAPPED;
                for &value in values {
                    otherwise = self.branch(JUMP_EQUAL, value, holds, otherwise);
                }
                argument
            }
        };
        self.push(LOAD, ARGUMENTS + 8 * u32::from(argument))
    }

    /// The instructions that find the run in which the number lies. Gives where they begin.
    fn search(&mut self, runs: &[(u32, usize)], end: u32) -> usize {
        let [first, rest @ ..] = runs else {
            return TRAPPED;
        };
        if rest.is_empty() {
            return first.1;
        }
        // The first run of the upper part: the one that begins nearest to the middle.
        let middle = (first.0 + end) / 2;
        let upper = (1..runs.len())
            .min_by_key(|&run| runs[run].0.abs_diff(middle))
            .expect("there are several runs");
        let boundary = runs[upper].0;
        let above = self.search(&runs[upper..], end);
        let below = self.search(&runs[..upper], boundary);
        self.branch(JUMP_NOT_LESS, boundary, above, below)
    }
}

#[cfg(test)]
mod tests {
    use super::super::simulate::{Call, is_allowed};
    use super::*;

    fn call(number: u32, arguments: [u32; 4]) -> Call {
        Call {
            architecture: X86_64,
            number,
            arguments,
        }
    }

    fn of(calls: &[SystemCall]) -> Vec<Instruction> {
        program(&calls.iter().copied().collect())
    }

    #[test]
    fn every_set_is_allowed_and_nothing_else() {
        let all = SystemCall::ALL;
        for step in 1..all.len() {
            for offset in 0..step.min(7) {
                let calls: Vec<_> = all.iter().copied().skip(offset).step_by(step).collect();
                let filter = of(&calls);
                assert!(filter.len() <= 400, "{}", filter.len());
                for number in 0..600 {
                    let wanted = calls.iter().find(|call| u32::from(call.number()) == number);
                    let Some(wanted) = wanted else {
                        assert!(!is_allowed(&filter, &call(number, [0; 4])), "{number}");
                        continue;
                    };
                    if wanted.tests().is_empty() {
                        assert!(is_allowed(&filter, &call(number, [9; 4])), "{number}");
                    }
                    // Other conventions: 32-bit code, and x32.
                    let mut other = call(number, [0; 4]);
                    other.architecture = 0x4000_0003;
                    assert!(!is_allowed(&filter, &other), "{number}");
                    other = call(number | 0x4000_0000, [0; 4]);
                    assert!(!is_allowed(&filter, &other), "{number}");
                }
            }
        }
    }

    #[test]
    fn arguments_are_tested() {
        let filter = of(SystemCall::ALL);
        let allowed = |kind: SystemCall, arguments| {
            is_allowed(&filter, &call(kind.number().into(), arguments))
        };
        // mmap: readable and writable, anonymous; not executable, not of a file.
        assert!(allowed(SystemCall::Mmap, [0, 4096, 3, 0x22]));
        assert!(allowed(SystemCall::Mmap, [0, 4096, 0, 0x4022]));
        assert!(!allowed(SystemCall::Mmap, [0, 4096, 5, 0x22]));
        assert!(!allowed(SystemCall::Mmap, [0, 4096, 3, 2]));
        assert!(allowed(SystemCall::Mprotect, [0, 4096, 3, 0]));
        assert!(!allowed(SystemCall::Mprotect, [0, 4096, 4, 0]));
        assert!(!allowed(SystemCall::Mprotect, [0, 4096, 0x0100_0001, 0]));
        assert!(allowed(SystemCall::Fcntl, [3, 1030, 3, 0]));
        assert!(allowed(SystemCall::Fcntl, [3, 3, 0, 0]));
        assert!(!allowed(SystemCall::Fcntl, [3, 8, 0, 0]));
        assert!(allowed(SystemCall::Ioctl, [0, 0x5413, 0, 0]));
        // TIOCSTI: what it would type.
        assert!(!allowed(SystemCall::Ioctl, [0, 0x5412, 0, 0]));
        assert!(allowed(SystemCall::Clone, [0x3d0f00, 0, 0, 0]));
        assert!(!allowed(SystemCall::Clone, [0x11, 0, 0, 0]));
        assert!(!allowed(
            SystemCall::Clone,
            [0x1003d0f00u64 as u32 | 0x1000_0000, 0, 0, 0]
        ));
    }
}
