//! Exceptions: the way from a throw to its handler.
//!
//! Guest code keeps frame pointers, and the compiler lists the handlers of each call by its return address. Handlers
//! expect no register to be kept, so no frame between throw and handler has anything to restore: the walk up reads two
//! words of each. An entry from the runtime ends it. What the runtime keeps about the guest is its last call of a host
//! function, which none of this touches.
#![allow(unsafe_code)]

use crate::trap::caller;
use core::ops::Range;
use nativize_abi::program::{CATCH_ALL, Handler};

/// A call in the guest: where it returns to, and the frame of its caller.
#[derive(Clone, Copy, Debug)]
struct Call {
    return_address: u64,
    frame_pointer: u64,
}

/// Where guest code lies, and the handlers of its calls.
#[derive(Clone, Debug)]
struct Handlers<'a> {
    text: Range<u64>,
    handlers: &'a [Handler],
}

/// Where a handler begins, and with which registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Target {
    program_counter: u64,
    frame_pointer: u64,
    stack_pointer: u64,
}

impl Handlers<'_> {
    /// What `call` does with an exception of this tag.
    fn of_call(&self, call: Call, tag: u32) -> Option<Target> {
        let offset = u32::try_from(call.return_address - self.text.start).ok()?;
        let first = self
            .handlers
            .partition_point(|handler| handler.return_address < offset);
        let handler = self
            .handlers
            .get(first..)?
            .iter()
            .take_while(|handler| handler.return_address == offset)
            .find(|handler| handler.tag == tag || handler.tag == CATCH_ALL)?;
        Some(Target {
            program_counter: self.text.start + u64::from(handler.target),
            frame_pointer: call.frame_pointer,
            stack_pointer: call.frame_pointer - u64::from(handler.frame_size),
        })
    }

    /// The innermost handler, from `call` outwards.
    ///
    /// # Safety
    /// `stack` is readable.
    unsafe fn find(&self, mut call: Call, tag: u32, mut stack: Range<u64>) -> Option<Target> {
        // (The return address of a call that is the last instruction is the end of the text.)
        while (self.text.start..=self.text.end).contains(&call.return_address) {
            if let Some(target) = self.of_call(call, tag) {
                return Some(target);
            }
            // SAFETY: the caller's promise.
            let [frame_pointer, return_address] =
                unsafe { caller(call.frame_pointer, &mut stack) }?;
            call = Call {
                return_address,
                frame_pointer,
            };
        }
        None
    }
}

#[cfg(all(feature = "standalone", not(test)))]
mod standalone {
    use super::{Call, Handlers};
    use crate::core::lock::Lock;
    use crate::exit::{ABORTED, fail};
    use crate::sys::arch::throw::resume;
    use crate::text::Text;
    use crate::thread::{Hooks, hooks};
    use core::ops::Range;
    use core::ptr;
    use nativize_abi::address::{EXECUTABLE_BASE, EXECUTABLE_END, LOW_STACK_MAX};
    use nativize_abi::program::{Exception, Exceptions, LARGEST_EXCEPTION, ValueType};
    use rustix::mm::{MapFlags, ProtFlags};

    /// Passes the exception to its handler. The guest's call returns to `return_address`, in the function of the frame.
    ///
    /// # Safety
    /// Guest code that calls [`nativize_abi::symbol::THROW`] comes here, with an exception and the program's
    /// tables.
    pub(crate) unsafe extern "C" fn throw(
        exception: *const Exception,
        exceptions: *const Exceptions,
        return_address: u64,
        frame_pointer: u64,
        pinned: u64,
    ) -> ! {
        let call = Call {
            return_address,
            frame_pointer,
        };
        // SAFETY: compiled code passes the addresses of an exception and of the program's tables; the guest runs, so its
        // stack is mapped.
        let target = unsafe {
            let handlers = Handlers {
                text: crate::program::symbols().text,
                handlers: crate::program::handlers(&*exceptions),
            };
            handlers.find(call, (*exception).tag, crate::stack::range())
        };
        let Some(target) = target else {
            let describe = |text: &mut Text| {
                // SAFETY: as above.
                unsafe { describe(text, &*exceptions, exception) };
            };
            crate::trap::uncaught(describe, return_address, frame_pointer)
        };
        // SAFETY: the compiler made the handler for these registers; frames of the runtime own nothing.
        unsafe {
            resume(
                target.program_counter,
                target.frame_pointer,
                target.stack_pointer,
                exception,
                pinned,
            )
        }
    }

    /// Writes ` (TAG: TYPE VALUE, ...)`.
    ///
    /// # Safety
    /// Both are the program's.
    unsafe fn describe(text: &mut Text, exceptions: &Exceptions, exception: *const Exception) {
        // SAFETY: the caller's promise.
        let known = unsafe { crate::program::tag(exceptions, (*exception).tag) };
        let Some((name, types)) = known else {
            return;
        };
        text.str(" (").untrusted(name);
        // SAFETY: the values follow the exception's head.
        let mut value = unsafe { exception.add(1) }.cast::<u64>();
        for (index, &ty) in types.iter().enumerate() {
            text.str(if index == 0 { ": " } else { ", " });
            // SAFETY: the compiler gave the exception a value of each of these types.
            let bits = unsafe { value.read_unaligned() };
            let (name, words) = match ValueType::from_byte(ty) {
                Some(ValueType::I32) => ("i32 ", 1),
                Some(ValueType::I64) => ("i64 ", 1),
                Some(ValueType::F32) => ("f32 ", 1),
                Some(ValueType::F64) => ("f64 ", 1),
                Some(ValueType::V128) => ("v128 ", 2),
                _ => ("reference", 1),
            };
            text.str(name);
            match ValueType::from_byte(ty) {
                Some(ValueType::I32) => text.signed((bits as i32).into()),
                Some(ValueType::I64) => text.signed(bits.cast_signed()),
                Some(ValueType::F32) => text.hex(bits & 0xffff_ffff),
                Some(ValueType::F64) => text.hex(bits),
                Some(ValueType::V128) => {
                    // SAFETY: as above: it has 16 bytes.
                    let high = unsafe { value.add(1).read_unaligned() };
                    text.hex(bits).byte(b' ').hex(high)
                }
                _ => text,
            };
            // SAFETY: so many words belong to the value.
            value = unsafe { value.add(words) };
        }
        text.str(")");
    }

    /// Bytes that are mapped at once for exceptions that stay; more than the largest needs.
    const CHUNK: u64 = 256 << 10;
    const _: () = assert!(LARGEST_EXCEPTION <= CHUNK);

    /// What is free of the last mapping.
    static FREE: Lock<Range<u64>> = Lock::new(0..0);

    /// The address of a copy of the exception that stays, or its own if it does.
    ///
    /// # Safety
    /// `exception` points to an exception.
    pub(crate) unsafe fn keep(exception: *const Exception) -> *const Exception {
        // The place of exceptions on their way is part of the executable, or of the thread.
        let is_in_thread = |hooks: &Hooks| (hooks.has_state_at)(exception as u64);
        let own = EXECUTABLE_BASE - LOW_STACK_MAX..EXECUTABLE_END;
        let in_executable = own.contains(&(exception as u64));
        if !in_executable && !hooks().is_some_and(is_in_thread) {
            return exception;
        }
        // SAFETY: the caller's promise.
        let size = u64::from(unsafe { (*exception).size });
        let copy = FREE.with(|free| {
            if free.end - free.start < size {
                let chunk = map_chunk();
                *free = chunk..chunk + CHUNK;
            }
            let copy = free.start;
            free.start += size;
            copy
        });
        // SAFETY: that many bytes are free there, and the exception has them.
        unsafe {
            ptr::copy_nonoverlapping(exception.cast::<u8>(), copy as *mut u8, size as usize);
        }
        copy as *const Exception
    }

    fn map_chunk() -> u64 {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        match crate::area::map(CHUNK as usize, protection, MapFlags::empty()) {
            Ok(chunk) => chunk,
            Err(_) => fail(ABORTED, |text| {
                text.str("no memory is left for exceptions");
            }),
        }
    }
}

#[cfg(all(feature = "standalone", not(test)))]
pub(crate) use standalone::{keep, throw};

#[cfg(test)]
mod tests {
    use super::*;

    const fn handler(return_address: u32, tag: u32, target: u32) -> Handler {
        Handler {
            return_address,
            tag,
            target,
            frame_size: 32,
        }
    }

    const HANDLERS: Handlers<'static> = Handlers {
        text: 0x1000..0x1100,
        handlers: &[
            handler(0x10, 3, 0x18),
            handler(0x10, 4, 0x1c),
            handler(0x20, 4, 0x28),
            handler(0x20, CATCH_ALL, 0x2c),
            handler(0x20, 5, 0x30),
        ],
    };

    /// The handler that an exception of this tag reaches, thrown by a call that returns to 0x1010 and is itself in
    /// calls that return to `returns`.
    fn find(tag: u32, returns: &[u64]) -> Option<(u64, u64)> {
        let mut stack = [0u64; 32];
        let base = stack.as_ptr() as u64;
        for (index, &address) in returns.iter().enumerate() {
            stack[8 + 4 * index] = base + 8 * (12 + 4 * index as u64);
            stack[9 + 4 * index] = address;
        }
        let call = Call {
            return_address: 0x1010,
            frame_pointer: base + 64,
        };
        // SAFETY: the range is an array.
        let target = unsafe { HANDLERS.find(call, tag, base..base + 256) }?;
        assert_eq!(target.stack_pointer, target.frame_pointer - 32);
        Some((target.program_counter, (target.frame_pointer - base) / 8))
    }

    #[test]
    fn the_innermost_handler_wins() {
        assert_eq!(find(3, &[0x1020, 0]), Some((0x1018, 8)));
        assert_eq!(find(4, &[0x1020, 0]), Some((0x101c, 8)));
    }

    #[test]
    fn handlers_are_tried_in_order() {
        assert_eq!(find(5, &[0x1020, 0]), Some((0x102c, 12)));
        assert_eq!(find(5, &[0x1040, 0x1020, 0]), Some((0x102c, 16)));
    }

    #[test]
    fn code_of_the_runtime_ends_the_walk() {
        assert_eq!(find(5, &[0x2000, 0x1020, 0]), None);
        assert_eq!(find(5, &[]), None);
    }
}
