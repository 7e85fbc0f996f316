//! Where in the source a frame of a backtrace is: what a program whose module says that has in addition.
//!
//! The rest of the runtime reaches this by the program's tables only, so that other programs do not carry it.
#![allow(unsafe_code)]

use super::symbols::Location;
use crate::text::Text;
use core::slice;
use nativize_abi::lines::{self, Position};
use nativize_abi::program::Lines;

/// What of a frame is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
enum Part {
    /// A line for each function that was inlined, up to where the line of the function itself goes on.
    Inlined,
    /// The place in the function itself.
    Place,
}

/// Writes ` at FILE:LINE:COLUMN`.
fn at(text: &mut Text, position: Option<Position<'_>>) {
    if let Some(position) = position {
        text.str(" at ").untrusted(position.file);
        text.byte(b':').decimal(position.line.into());
        if position.column != 0 {
            text.byte(b':').decimal(position.column.into());
        }
    }
}

/// Shows a part of the frame at a wasm offset. Whether there was something.
///
/// # Safety
/// `record` is the program's.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_show_lines(
    text: &mut Text,
    record: &Lines,
    instance: u32,
    wasm_offset: u32,
    part: Part,
) -> bool {
    // SAFETY: the program object has that many bytes there, in read-only data.
    let table = unsafe {
        slice::from_raw_parts(record.table.address as *const u8, record.table.len as usize)
    };
    let mut shown = false;
    for frame in lines::Lines::new(table).frames(instance, wasm_offset) {
        match (frame.inlined, part) {
            (Some(inlined), Part::Inlined) => {
                text.untrusted(inlined.name.unwrap_or(b"?"));
                at(text, frame.position);
                text.str(" (inlined)\n       ");
                shown = true;
            }
            (None, Part::Place) => {
                at(text, frame.position);
                shown = frame.position.is_some();
            }
            _ => {}
        }
    }
    shown
}

// One copy: every executable has it.
#[inline(never)]
fn show(text: &mut Text, location: &Location, part: Part) -> bool {
    let address = crate::program::header().lines;
    let Some(wasm_offset) = location.wasm_offset.filter(|_| address != 0) else {
        return false;
    };
    // SAFETY: the program object has such a record there.
    let record = unsafe { &*(address as *const Lines) };
    // SAFETY: it has the address of `nvz_show_lines` there.
    let show: unsafe extern "C" fn(&mut Text, &Lines, u32, u32, Part) -> bool =
        unsafe { core::mem::transmute(record.show as usize) };
    // SAFETY: the record is the program's.
    unsafe { show(text, record, location.instance, wasm_offset, part) }
}

/// Writes a line for each source function that was inlined where the frame is.
pub(super) fn inlined(text: &mut Text, location: &Location) {
    show(text, location, Part::Inlined);
}

/// Writes the frame's place in the source. Whether it is known.
pub(super) fn place(text: &mut Text, location: &Location) -> bool {
    show(text, location, Part::Place)
}
