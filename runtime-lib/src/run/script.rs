//! The main loop of a test script: calls come by standard input, and a trap ends only the call.
//!
//! A request is the index of an entry and a count as `u32`, and that many 16-byte values. The answer is a byte, 0 or
//! the code of the trap, a count as `u32`, and that many values. Everything is little-endian.
#![allow(unsafe_code)]

use crate::exit::{ABORTED, exit, fail};
use crate::{stack, sys};
use core::slice;
use nativize_abi::program::Value;
use rustix::fd::BorrowedFd;
use rustix::io::Errno;

/// Serves requests until standard input ends.
#[unsafe(no_mangle)]
extern "C" fn nvz_main_script() -> ! {
    stack::set_resumable();
    loop {
        let mut header = [0; 8];
        if !read(&mut header) {
            exit(0);
        }
        let [a, b, c, d, e, f, g, h] = header;
        let index = u32::from_le_bytes([a, b, c, d]);
        let count = u32::from_le_bytes([e, f, g, h]);
        let Some(entry) = crate::program::entries().get(index as usize) else {
            broken("there is no such entry")
        };
        if count != entry.params {
            broken("the function takes another number of values");
        }
        let values = stack::values(entry);
        if !read(bytes(values, entry.params)) {
            broken("the request ends early");
        }
        let status = stack::call(entry, values);
        let results = if status == 0 { entry.results } else { 0 };
        let [a, b, c, d] = results.to_le_bytes();
        // Traps have codes of one byte.
        write(&[status as u8, a, b, c, d]);
        write(bytes(values, results));
    }
}

/// The bytes of the first `count` values.
fn bytes(values: &mut [Value], count: u32) -> &mut [u8] {
    let values = values.get_mut(..count as usize).unwrap_or(&mut []);
    // SAFETY: the same memory, whose bytes mean something whatever they are.
    unsafe { slice::from_raw_parts_mut(values.as_mut_ptr().cast(), size_of_val(values)) }
}

fn broken(what: &str) -> ! {
    fail(ABORTED, |text| {
        text.str("broken request: ").str(what);
    })
}

/// Fills `buffer` from standard input; false at its end.
fn read(mut buffer: &mut [u8]) -> bool {
    while !buffer.is_empty() {
        match rustix::io::read(sys::stdin(), &mut *buffer) {
            Ok(0) => return false,
            Ok(count) => buffer = buffer.get_mut(count..).unwrap_or(&mut []),
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
    true
}

fn write(mut bytes: &[u8]) {
    let stdout: BorrowedFd<'_> = sys::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(stdout, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or(&[]),
            Err(Errno::INTR) => {}
            Err(_) => exit(ABORTED),
        }
    }
}
