//! What a check before an access found: what a program that compares has in addition.
//!
//! The rest of the runtime reaches this by the program's tables only, so that other programs do not carry it.
#![allow(unsafe_code)]

use crate::sys::arch::signal::Context;
use crate::text::Text;
use core::slice;
use nativize_abi::checks::{self, Check, Limit, Operand, What};
use nativize_abi::program::{Checks, Table};

/// The number in an operand of an instruction that has just been executed.
fn number(operand: Operand, context: &Context) -> u64 {
    let narrow = |number: u64, wide| {
        if wide {
            number
        } else {
            number & u64::from(u32::MAX)
        }
    };
    match operand {
        Operand::Register { number, wide } => narrow(context.register(number), wide),
        Operand::Memory {
            base,
            displacement,
            wide,
        } => {
            let address = context
                .register(base)
                .wrapping_add_signed(displacement.into());
            // SAFETY: the compare before the trap read the same bytes from there.
            let low = unsafe { (address as *const u32).read_unaligned() };
            if !wide {
                return low.into();
            }
            // SAFETY: as above.
            unsafe { (address as *const u64).read_unaligned() }
        }
        Operand::Constant(number) => number,
    }
}

/// The size that a number was compared with.
fn size(limit: Limit) -> Option<u64> {
    match limit {
        Limit::Unknown => None,
        Limit::Memory(position) => crate::program::memories()
            .nth(position as usize)
            .map(|memory| memory.size),
        Limit::Table(position) => {
            let span = crate::program::header().tables;
            let table = span.address as *const Table;
            let exists = u64::from(position) < span.len;
            // SAFETY: the program object defines that many records there.
            exists.then(|| unsafe { (*table.add(position as usize)).len })
        }
        Limit::Constant(size) => Some(size),
    }
}

/// Shows ` (4 bytes at address 0x10400, memory size 0x10000)` or what else is known of the trap at an offset in the text.
///
/// # Safety
/// `record` is the program's, and `context` that of a trap there.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_show_check(text: &mut Text, record: &Checks, context: &Context, pc: u32) {
    // SAFETY: the program object has that many bytes there, in read-only data.
    let table = unsafe {
        slice::from_raw_parts(record.table.address as *const u8, record.table.len as usize)
    };
    for check in checks::Checks::new(table) {
        if check.pc == pc {
            return write(text, &check, context);
        }
    }
}

/// A number, or 2^64 more.
fn hex(text: &mut Text, number: u64, is_more: bool) {
    if !is_more {
        text.hex(number);
        return;
    }
    text.str("0x1");
    for digit in (0..16).rev() {
        text.byte(b"0123456789abcdef"[(number >> (4 * digit) & 15) as usize]);
    }
}

fn write(text: &mut Text, check: &Check, context: &Context) {
    let value = check.value.map(|value| {
        let (sum, wraps) = number(value, context).overflowing_add_signed(check.bias);
        (sum, wraps != check.carry)
    });
    if check.what == What::Callee {
        let function = value.and_then(|(at, _)| crate::program::symbols().function_at(at));
        match function {
            Some((_, Some(name))) => text.str(" (calling ").untrusted(name).str(")"),
            Some((index, None)) => text
                .str(" (calling wasm function ")
                .decimal(index.into())
                .str(")"),
            None => text,
        };
        return;
    }
    text.str(" (");
    if let Some((value, is_more)) = value {
        let is_decimal = match check.what {
            What::Callee => return,
            What::Access | What::Alignment => {
                text.decimal(check.bytes.into());
                text.str(if check.bytes > 1 { " bytes" } else { " byte" });
                text.str(" at address ");
                false
            }
            What::Range => {
                text.str("up to address ");
                false
            }
            What::DataRange => {
                text.str("up to byte ");
                true
            }
            What::Element => {
                text.str("index ");
                true
            }
            What::Elements | What::SegmentElements => {
                text.str("up to index ");
                true
            }
        };
        if is_decimal {
            text.decimal(value);
        } else {
            hex(text, value, is_more);
        }
    }
    if let Some(size) = size(check.limit) {
        if value.is_some() {
            text.str(", ");
        }
        match check.what {
            What::Access | What::Range | What::Alignment | What::Callee => {
                text.str("memory size ").hex(size);
            }
            What::DataRange | What::SegmentElements => {
                text.str("segment size ").decimal(size);
            }
            What::Element | What::Elements => {
                text.str("table size ").decimal(size);
            }
        }
    }
    text.str(")");
}

/// Shows what a check found that led to the instruction of `context`, if one did.
#[inline(always)]
pub(super) fn show(text: &mut Text, context: &Context) {
    let header = crate::program::header();
    let pc = context.program_counter().wrapping_sub(header.text.address);
    if header.checks == 0 || pc >= header.text.len {
        return;
    }
    // SAFETY: the program object has such a record there.
    let record = unsafe { &*(header.checks as *const Checks) };
    // SAFETY: it has the address of `nvz_show_check` there.
    let show: unsafe extern "C" fn(&mut Text, &Checks, &Context, u32) =
        unsafe { core::mem::transmute(record.show as usize) };
    // SAFETY: the record is the program's, and the context that of the trap.
    unsafe { show(text, record, context, pc as u32) }
}
