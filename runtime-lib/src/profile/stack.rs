//! From the registers of interrupted code to the active calls.
//!
//! Guest code keeps frame pointers, the runtime's does not. Where the runtime was interrupted, the stack is searched for
//! the return address of the guest's call: an address after a call instruction whose target is not guest code. The
//! guest's frame pointer is then what the callee saved, or still in its register, or found at the frame itself.
#![allow(unsafe_code)]

use crate::trap::caller;
use core::ops::Range;
use nativize_abi::profile::{BASE, MAX_CALLS, SAMPLE_DEEP, SAMPLE_HEAD, SAMPLE_HOST};

/// How many words of the stack are searched at most.
const SEARCHED: u64 = 4096;

/// What matters of the registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers {
    pub(super) program_counter: u64,
    pub(super) stack_pointer: u64,
    pub(super) frame_pointer: u64,
}

/// Where guest code lies, and the guest's stack of the thread.
#[derive(Clone, Debug)]
pub(super) struct Ranges {
    pub(super) text: Range<u64>,
    pub(super) stack: Range<u64>,
}

/// A sample as it is written.
pub(super) struct Calls {
    words: [u32; 1 + SAMPLE_HEAD + MAX_CALLS],
    len: usize,
    flags: u32,
}

impl Calls {
    /// One without anything.
    pub(super) fn new() -> Self {
        Calls {
            words: [0; 1 + SAMPLE_HEAD + MAX_CALLS],
            len: 1,
            flags: 0,
        }
    }

    /// Adds an address; false if there is no room.
    fn push(&mut self, address: u64) -> bool {
        let Some(place) = self.words.get_mut(self.len) else {
            self.flags |= SAMPLE_DEEP;
            return false;
        };
        let offset = address.checked_sub(BASE);
        *place = offset
            .and_then(|offset| u32::try_from(offset).ok())
            .unwrap_or(0);
        self.len += 1;
        true
    }

    /// Its words.
    pub(super) fn finish(&mut self) -> &[u32] {
        let words = self.words.get_mut(..self.len).unwrap_or_default();
        if let Some((first, rest)) = words.split_first_mut() {
            *first = self.flags | rest.len() as u32;
        }
        words
    }
}

impl Ranges {
    /// Adds what is active to `calls`.
    ///
    /// # Safety
    /// Both ranges are readable.
    pub(super) unsafe fn walk(&self, registers: Registers, calls: &mut Calls) {
        let Registers {
            program_counter,
            stack_pointer,
            frame_pointer,
        } = registers;
        calls.push(program_counter);
        if self.text.contains(&program_counter) {
            // At the ends of a function the stack pointer leads to what the frame pointer does not: who reads the code
            // can tell.
            for index in 0..2 {
                // SAFETY: the caller's promise.
                let word = unsafe { self.word(stack_pointer + 8 * index) };
                calls.push(word.filter(|&word| self.is_after_code(word)).unwrap_or(0));
            }
            // SAFETY: as above.
            return unsafe { self.callers(frame_pointer, calls) };
        }
        calls.flags |= SAMPLE_HOST;
        calls.push(0);
        calls.push(0);
        // SAFETY: as above.
        if let Some((slot, address)) = unsafe { self.call_of_runtime(stack_pointer) } {
            calls.push(address);
            // SAFETY: as above.
            if let Some(frame) = unsafe { self.frame_above(slot, frame_pointer) } {
                // SAFETY: as above.
                unsafe { self.callers(frame, calls) };
            }
        }
    }

    /// Adds the return addresses that the frames from this one on have.
    unsafe fn callers(&self, mut frame: u64, calls: &mut Calls) {
        let mut stack = self.stack.clone();
        // SAFETY: the caller's promise.
        while let Some([next, address]) = unsafe { caller(frame, &mut stack) } {
            if !self.is_after_code(address) || !calls.push(address) {
                break;
            }
            frame = next;
        }
    }

    /// Where the stack has the return address of the innermost call that the guest made of the runtime, and the address.
    unsafe fn call_of_runtime(&self, stack_pointer: u64) -> Option<(u64, u64)> {
        if !stack_pointer.is_multiple_of(8) || !self.stack.contains(&stack_pointer) {
            return None;
        }
        (0..SEARCHED)
            .map(|index| stack_pointer + 8 * index)
            // SAFETY: the caller's promise.
            .map_while(|slot| Some((slot, unsafe { self.word(slot) }?)))
            // SAFETY: as above.
            .find(|&(_, word)| unsafe { self.is_after_call_of_runtime(word) })
    }

    /// Whether the instruction before `address` is a call from guest code to what is not guest code.
    unsafe fn is_after_call_of_runtime(&self, address: u64) -> bool {
        /// `call rel32`.
        const CALL: u8 = 0xe8;
        const LEN: u64 = 5;
        if !self.is_after_code(address) || address - self.text.start < LEN {
            return false;
        }
        // SAFETY: the five bytes before the address are in the text.
        let instruction = unsafe { *((address - LEN) as *const [u8; LEN as usize]) };
        let [CALL, distance @ ..] = instruction else {
            return false;
        };
        let target = address.wrapping_add_signed(i32::from_le_bytes(distance).into());
        !self.text.contains(&target)
    }

    /// The guest's frame pointer at a call whose return address is at `slot`.
    unsafe fn frame_above(&self, slot: u64, frame_pointer: u64) -> Option<u64> {
        // What a callee saves first, if it needs the register.
        // SAFETY: the caller's promise.
        let saved = unsafe { self.word(slot.wrapping_sub(8)) };
        let above = (1..SEARCHED).map(|index| slot + 8 * index);
        saved
            .into_iter()
            .chain([frame_pointer])
            .chain(above)
            // SAFETY: as above.
            .find(|&frame| frame > slot && unsafe { self.is_frame(frame) })
    }

    /// Whether there is a caller's frame pointer and a return address.
    unsafe fn is_frame(&self, frame: u64) -> bool {
        // SAFETY: the caller's promise.
        let Some([next, address]) = (unsafe { caller(frame, &mut self.stack.clone()) }) else {
            return false;
        };
        match next {
            // The entry from the runtime.
            0 => address != 0 && !self.stack.contains(&address),
            _ => {
                next > frame
                    && next < self.stack.end
                    && next.is_multiple_of(8)
                    && self.is_after_code(address)
            }
        }
    }

    /// The word at an address of the stack.
    unsafe fn word(&self, address: u64) -> Option<u64> {
        let is_there = address >= self.stack.start && address.checked_add(8)? <= self.stack.end;
        // SAFETY: the caller's promise.
        is_there.then(|| unsafe { (address as *const u64).read_unaligned() })
    }

    /// Whether it may be a return address: a call may be the last instruction.
    fn is_after_code(&self, address: u64) -> bool {
        self.text.contains(&address.wrapping_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stack and a text in which guest code calls the runtime at 8 and at 40, and itself at 24.
    struct World {
        stack: [u64; 16],
        text: [u8; 64],
    }

    impl World {
        fn new() -> Self {
            let mut text = [0x90; 64];
            for (at, distance) in [(3, 0x1000_0000i32), (19, -24), (35, 0x1000_0000)] {
                text[at] = 0xe8;
                text[at + 1..at + 5].copy_from_slice(&distance.to_le_bytes());
            }
            World {
                stack: [0; 16],
                text,
            }
        }

        fn ranges(&self) -> Ranges {
            let (stack, text) = (self.stack.as_ptr_range(), self.text.as_ptr_range());
            Ranges {
                text: text.start as u64..text.end as u64,
                stack: stack.start as u64..stack.end as u64,
            }
        }

        fn slot(&self, index: usize) -> u64 {
            self.stack.as_ptr() as u64 + 8 * index as u64
        }

        fn code(&self, offset: usize) -> u64 {
            self.text.as_ptr() as u64 + offset as u64
        }
    }

    #[test]
    fn guest_calls_of_the_runtime_are_found() {
        let mut world = World::new();
        // An address of a function, a call among guest functions, and the one that counts.
        world.stack[2] = world.code(0);
        world.stack[3] = world.code(24);
        world.stack[5] = world.code(40);
        world.stack[7] = world.code(8);
        let ranges = world.ranges();
        // SAFETY: the ranges are arrays.
        let found = |index| unsafe { ranges.call_of_runtime(world.slot(index)) };
        assert_eq!(found(1), Some((world.slot(5), world.code(40))));
        assert_eq!(found(6), Some((world.slot(7), world.code(8))));
        assert_eq!(found(8), None);
        assert_eq!(found(100), None);
        // SAFETY: as above.
        assert_eq!(unsafe { ranges.call_of_runtime(world.slot(1) + 4) }, None);
    }

    #[test]
    fn frames_above_a_call_are_found_in_all_three_ways() {
        let mut world = World::new();
        let (call, frame, outer) = (4, 8, 12);
        world.stack[frame] = world.slot(outer);
        world.stack[frame + 1] = world.code(24);
        world.stack[outer + 1] = 1;
        let ranges = world.ranges();
        // SAFETY: the ranges are arrays.
        let found = |frame_pointer| unsafe { ranges.frame_above(world.slot(call), frame_pointer) };
        assert_eq!(found(world.slot(frame)), Some(world.slot(frame)));
        assert_eq!(found(17), Some(world.slot(frame)));
        assert_eq!(found(world.slot(outer)), Some(world.slot(outer)));
        world.stack[call - 1] = world.slot(frame);
        let ranges = world.ranges();
        // SAFETY: as above.
        let found = unsafe { ranges.frame_above(world.slot(call), world.slot(outer)) };
        assert_eq!(found, Some(world.slot(frame)));
    }

    #[test]
    fn callers_end_at_the_entry() {
        let mut world = World::new();
        world.stack[2] = world.slot(6);
        world.stack[3] = world.code(24);
        world.stack[6] = 0;
        world.stack[7] = 17;
        let mut calls = Calls::new();
        // SAFETY: the ranges are arrays.
        unsafe { world.ranges().callers(world.slot(2), &mut calls) };
        assert_eq!(calls.finish().len(), 2);
        assert_eq!(calls.finish()[0], 1);
    }

    #[test]
    fn deep_calls_are_cut() {
        let mut calls = Calls::new();
        while calls.push(BASE + 7) {}
        let words = calls.finish();
        assert_eq!(words[0] & SAMPLE_DEEP, SAMPLE_DEEP);
        assert_eq!(words.len(), 1 + SAMPLE_HEAD + MAX_CALLS);
        assert!(words[1..].iter().all(|&word| word == 7));
    }
}
