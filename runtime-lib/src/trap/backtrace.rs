//! The guest's active calls, innermost first.
//!
//! Guest code keeps frame pointers: at each lie the caller's frame pointer and the return address. The stack holds what
//! the guest did, so nothing there is trusted: a frame has to lie on the stack, above the one before.
#![allow(unsafe_code)]

#[cfg(all(feature = "standalone", not(test)))]
use super::source;
use super::symbols::Place;
#[cfg(all(feature = "standalone", not(test)))]
use super::symbols::{Location, Seen, Symbols};
#[cfg(all(feature = "standalone", not(test)))]
use crate::text::Text;
use core::ops::Range;
#[cfg(all(feature = "standalone", not(test)))]
use nativize_abi::program::shown_instance;

/// How many frames are shown of either end of a deep recursion.
#[cfg(all(feature = "standalone", not(test)))]
const INNERMOST: usize = 50;
#[cfg(all(feature = "standalone", not(test)))]
const OUTERMOST: usize = 10;

/// Where a backtrace begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The innermost place.
    pub(crate) place: Place,
    /// A caller that the frame pointer does not lead to, as the callee has no frame yet.
    pub(crate) caller: Option<Place>,
    /// The innermost frame.
    pub(crate) frame_pointer: u64,
}

/// The places of the active calls from an [`Origin`] on, up to the entry into the guest.
struct Walk {
    next: Option<Place>,
    caller: Option<Place>,
    frame_pointer: u64,
    stack: Range<u64>,
}

/// The frame pointer and return address of the caller of the function with this frame. What lies below the frame is no
/// part of `stack` any more: it was walked already, or is none of a live frame.
///
/// # Safety
/// `stack` is readable.
#[inline(always)]
pub(crate) unsafe fn caller(frame_pointer: u64, stack: &mut Range<u64>) -> Option<[u64; 2]> {
    if !frame_pointer.is_multiple_of(8)
        || frame_pointer < stack.start
        || stack.end.saturating_sub(frame_pointer) < 16
    {
        return None;
    }
    stack.start = frame_pointer + 16;
    // SAFETY: 16 bytes from there are part of the stack.
    Some(unsafe { *(frame_pointer as *const [u64; 2]) })
}

impl Walk {
    /// # Safety
    /// `stack` is readable.
    unsafe fn new(origin: Origin, stack: Range<u64>) -> Self {
        Walk {
            next: Some(origin.place),
            caller: origin.caller,
            frame_pointer: origin.frame_pointer,
            stack,
        }
    }

    /// The caller according to the frame pointer, which moves up.
    fn step(&mut self) -> Option<Place> {
        // SAFETY: `new` was promised that the stack is readable.
        let [frame_pointer, return_address] =
            unsafe { caller(self.frame_pointer, &mut self.stack) }?;
        self.frame_pointer = frame_pointer;
        Some(Place::Call(return_address))
    }
}

impl Iterator for Walk {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        let place = self.next?;
        self.next = match self.caller.take() {
            Some(caller) => Some(caller),
            None => self.step(),
        };
        Some(place)
    }
}

/// The places of the active calls from `origin` on, and those of the runtime's callers of the guest.
///
/// # Safety
/// `stack` is readable.
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) unsafe fn walk(origin: Origin, stack: Range<u64>) -> impl Iterator<Item = Place> {
    // SAFETY: the caller's promise.
    unsafe { Walk::new(origin, stack) }
}

/// Functions between which and the innermost frame, or the outermost, is what Rust itself does: its own backtraces leave
/// that out as well.
#[cfg(all(feature = "standalone", not(test)))]
const PANIC_ENDS: &[u8] = b"rust_end_short_backtrace";
#[cfg(all(feature = "standalone", not(test)))]
const START_ENDS: &[u8] = b"rust_begin_short_backtrace";

/// Calls `then` with each location of each place, and with none at the end of a place, up to the runtime's.
// One copy, whoever calls it: every executable has it.
#[cfg(all(feature = "standalone", not(test)))]
#[inline(never)]
fn each(symbols: &Symbols<'_>, walk: Walk, then: &mut dyn FnMut(Place, Option<Location>)) {
    let mut seen = Seen::new();
    for place in walk {
        for location in symbols.locate(place, &mut seen) {
            then(place, Some(location));
        }
        then(place, None);
        // (Otherwise the runtime called the guest from there.)
        if !symbols.has(place) {
            break;
        }
    }
}

/// The numbers of the frames that belong to a panic, and of the first that belongs to the program's start.
#[cfg(all(feature = "standalone", not(test)))]
fn of_rust(symbols: &Symbols<'_>, walk: Walk) -> (Range<usize>, usize) {
    let (mut panic, mut start) = (0..0, usize::MAX);
    let mut count = 0;
    each(symbols, walk, &mut |_, location| {
        let Some(location) = location else { return };
        let name = symbols.name(location.name).unwrap_or_default();
        if start == usize::MAX && contains(name, PANIC_ENDS) {
            // The first one stays: there it trapped.
            panic = 1..count + 1;
        } else if contains(name, START_ENDS) {
            start = count;
        }
        count += 1;
    });
    (panic, start)
}

#[cfg(all(feature = "standalone", not(test)))]
#[inline(never)]
fn contains(name: &[u8], mut part: &[u8]) -> bool {
    // (A mark that begins inside of another's beginning is missed: there is no such name.)
    let whole = part;
    for &byte in name {
        part = match part {
            [first, rest @ ..] if *first == byte => rest,
            [] => return true,
            _ if whole.first() == Some(&byte) => whole.get(1..).unwrap_or_default(),
            _ => whole,
        };
    }
    part.is_empty()
}

/// Writes a line for each active call from `origin` on; if `is_full`, with native addresses, with the glue between the guest
/// and the runtime, and with what a language does around the program.
///
/// # Safety
/// `stack` is readable.
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) unsafe fn print(
    text: &mut Text,
    symbols: &Symbols<'_>,
    origin: Origin,
    stack: Range<u64>,
    is_full: bool,
) {
    // SAFETY: the caller's promise.
    let walk = |stack| unsafe { Walk::new(origin, stack) };
    let (panic, end) = match is_full {
        true => (0..0, usize::MAX),
        false => of_rust(symbols, walk(stack.clone())),
    };
    let mut outermost = [None; OUTERMOST];
    let (mut count, mut before, mut omitted) = (0, 0, 0);
    each(symbols, walk(stack), &mut |place, location| {
        let Some(location) = location else {
            if is_full && (before < INNERMOST || count == before) {
                let label = match (count == before, symbols.has(place)) {
                    (false, _) => "native code",
                    (true, true) => "[glue]",
                    (true, false) => "[runtime]",
                };
                let (Place::Instruction(pc) | Place::Call(pc)) = place;
                text.str("       ").str(label).str(" at ").hex(pc).str("\n");
            }
            before = count;
            return;
        };
        if count >= end {
            omitted += 1;
            return;
        }
        if panic.contains(&count) {
            if count + 1 == panic.end {
                of_language(text, panic.len());
            }
        } else if count < INNERMOST {
            line(text, symbols, count, &location);
        } else if let Some(slot) = outermost.get_mut((count - INNERMOST) % OUTERMOST) {
            *slot = Some(location);
        }
        count += 1;
    });
    let first = count.saturating_sub(OUTERMOST).max(INNERMOST);
    if first > INNERMOST {
        text.str("    ... ")
            .decimal((first - INNERMOST) as u64)
            .str(" frames omitted\n");
    }
    for number in first..count {
        if let Some(Some(location)) = outermost.get((number - INNERMOST) % OUTERMOST) {
            line(text, symbols, number, location);
        }
    }
    if omitted > 0 {
        of_language(text, omitted);
    }
}

#[cfg(all(feature = "standalone", not(test)))]
#[inline(never)]
fn of_language(text: &mut Text, count: usize) {
    text.str("    ... ")
        .decimal(count as u64)
        .str(" frames of Rust itself (all: NATIVIZE_BACKTRACE=full)\n");
}

/// `    0: name (wasm function 12) at offset 0x1a4`, or where the source is known,
/// `    0: name (wasm function 12) at sum.c:42:7 [0x1a4]`, after lines such as `    0: inner at sum.c:3:5 (inlined)` for
/// what was inlined there.
#[cfg(all(feature = "standalone", not(test)))]
#[inline(never)]
fn line(text: &mut Text, symbols: &Symbols<'_>, number: usize, location: &Location) {
    for limit in [10, 100, 1000, 10_000] {
        if number < limit {
            text.byte(b' ');
        }
    }
    text.decimal(number as u64).str(": ");
    source::inlined(text, location);
    let name = symbols.name(location.name);
    if let Some(name) = name {
        text.untrusted(name).str(" (");
    }
    text.str("wasm function ").decimal(location.index.into());
    let instance = shown_instance(location.instance);
    if instance != 0 {
        text.str(" of instance ").decimal(instance.into());
    }
    if name.is_some() {
        text.byte(b')');
    }
    if let Some(offset) = location.wasm_offset {
        if source::place(text, location) {
            text.str(" [").hex(offset.into()).byte(b']');
        } else {
            text.str(" at offset ").hex(offset.into());
        }
    }
    text.byte(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(stack: &[u64], frame_index: usize) -> Vec<Place> {
        let range = stack.as_ptr_range();
        let origin = Origin {
            place: Place::Instruction(1),
            caller: None,
            frame_pointer: (range.start as u64) + 8 * frame_index as u64,
        };
        // SAFETY: the range is a slice.
        unsafe { Walk::new(origin, range.start as u64..range.end as u64) }.collect()
    }

    #[test]
    fn frames_lead_upwards() {
        let mut stack = [0; 10];
        let address = |index: u64| stack.as_ptr() as u64 + 8 * index;
        let (four, seven) = (address(4), address(7));
        stack[1..3].copy_from_slice(&[four, 100]);
        stack[4..6].copy_from_slice(&[seven, 200]);
        stack[7..9].copy_from_slice(&[0, 300]);
        assert_eq!(
            walk(&stack, 1),
            [
                Place::Instruction(1),
                Place::Call(100),
                Place::Call(200),
                Place::Call(300)
            ]
        );
    }

    #[test]
    fn broken_chains_end() {
        let mut stack = [0; 6];
        let base = stack.as_ptr() as u64;
        // Itself, below itself, not aligned, outside, half outside.
        for frame_pointer in [base + 16, base, base + 33, base + 48, 8, base + 40] {
            stack[2..4].copy_from_slice(&[frame_pointer, 100]);
            assert_eq!(walk(&stack, 2), [Place::Instruction(1), Place::Call(100)]);
        }
        assert_eq!(walk(&stack, 5), [Place::Instruction(1)]);
    }
}
