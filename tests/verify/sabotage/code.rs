//! Other code for a function, from its first instruction on.

use crate::image::Image;

/// A part of it.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Code(&'a [u8]),
    /// The distance to an address.
    To(u64),
}

use Part::{Code, To};

/// `push rbp`, `mov rbp, rsp`
pub(super) const ENTER: Part<'_> = Code(&[0x55, 0x48, 0x89, 0xe5]);
/// `mov rsp, rbp`, `pop rbp`, `ret`
pub(super) const LEAVE: Part<'_> = Code(&[0x48, 0x89, 0xec, 0x5d, 0xc3]);

/// Puts code at an address.
pub(super) fn write_at(image: &mut Image, address: u64, parts: &[Part<'_>]) {
    let code = assemble(address, parts);
    image.write(address, &code);
}

/// Lets a function begin with this code.
pub(super) fn write(image: &mut Image, function: &str, parts: &[Part<'_>]) {
    let (start, size) = image.symbol(function);
    let code = assemble(start, parts);
    assert!(code.len() as u64 <= size, "there is no room in {function}");
    image.write(start, &code);
}

/// Lets a function be this code, and `ud2` what is left of it.
pub(super) fn rewrite(image: &mut Image, function: &str, parts: &[Part<'_>]) {
    write(image, function, parts);
    let (start, size) = image.symbol(function);
    let size = usize::try_from(size).expect("it is in memory");
    let mut code = assemble(start, parts);
    code.extend([0x0f, 0x0b].repeat(size));
    image.write(start, &code[..size]);
}

fn assemble(start: u64, parts: &[Part<'_>]) -> Vec<u8> {
    let mut code = Vec::new();
    for part in parts {
        match part {
            Code(bytes) => code.extend_from_slice(bytes),
            To(address) => {
                let next = start + code.len() as u64 + 4;
                code.extend((address.wrapping_sub(next) as u32).to_le_bytes());
            }
        }
    }
    code
}
