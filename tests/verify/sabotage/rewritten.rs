//! Functions whose code is another: what no damage to a compiler's code comes to. Next to each, the code that is in order.

use super::{Expected, Sabotage, Victim};
use crate::image::Image;

pub(super) const ALL: &[Sabotage] = &[
    (
        "place_below_the_stack_pointer_over_a_call",
        Victim::Guard,
        Expected::Function,
        |image| below_the_stack_pointer(image, 0x20),
    ),
    (
        "frame_left_with_16_bits",
        Victim::Guard,
        Expected::Function,
        |image| rewrite(image, &[&ENTER, &[0x66, 0xc9], &[0xc3]]),
    ),
    (
        "bit_anywhere_set",
        Victim::Guard,
        Expected::Function,
        // bts [rsp], rax
        |image| {
            rewrite(
                image,
                &[
                    &ENTER,
                    &FRAME,
                    &LOAD,
                    &[0x48, 0x0f, 0xab, 0x04, 0x24],
                    &LEAVE,
                ],
            )
        },
    ),
    (
        "count_of_zeros_for_an_address",
        Victim::Guard,
        Expected::Function,
        // tzcnt eax, esi: bsf for processors that do not have it, and that leaves rax if there is nothing to find.
        |image| {
            rewrite(
                image,
                &[&ENTER, &LOAD, &[0xf3, 0x0f, 0xbc, 0xc6], &ACCESS, &LEAVE],
            )
        },
    ),
    (
        "distance_between_two_of_a_jump_table",
        Victim::Guard,
        Expected::Function,
        // Up to 12, and not times 4.
        |image| jump(image, 12, 0x01),
    ),
    (
        "branch_of_16_bits",
        Victim::Guard,
        Expected::Function,
        // Some processors take the distance of 16 bits, and the address.
        |image| rewrite(image, &[&TEST, &[0x66, 0x0f, 0x84, 0, 0, 0, 0], &[0xc3]]),
    ),
    (
        "call_of_16_bits",
        Victim::Guard,
        Expected::Function,
        |image| call(image, &[&ENTER, &[0x66, 0xe8, 0, 0, 0, 0], &LEAVE], 10),
    ),
];

/// What differs from those by what is wrong in them, and has to stay proven.
pub(crate) const IN_ORDER: &[Change] = &[
    ("place_in_the_frame_over_a_call", |image| {
        below_the_stack_pointer(image, 0);
    }),
    ("frame_left", |image| {
        rewrite(image, &[&ENTER, &[0xc9], &[0xc3]]);
    }),
    ("bit_of_a_register_set", |image| {
        // bts rcx, rax; bts qword [rsp], 5
        let bits = [0x48, 0x0f, 0xab, 0xc1, 0x48, 0x0f, 0xba, 0x2c, 0x24, 5];
        rewrite(image, &[&ENTER, &FRAME, &LOAD, &bits, &LEAVE]);
    }),
    ("count_of_zeros_extended", |image| {
        let count = [0xf3, 0x0f, 0xbc, 0xc6];
        // mov eax, eax
        rewrite(
            image,
            &[&ENTER, &LOAD, &count, &[0x89, 0xc0], &ACCESS, &LEAVE],
        );
    }),
    ("distance_of_a_jump_table", |image| jump(image, 3, 0x81)),
    ("branch", |image| {
        rewrite(image, &[&TEST, &[0x0f, 0x84, 0, 0, 0, 0], &[0xc3]]);
    }),
    ("call", |image| {
        call(image, &[&ENTER, &[0xe8, 0, 0, 0, 0], &LEAVE], 9);
    }),
];

/// A name, and what is done to an executable.
pub(crate) type Change = (&'static str, fn(&mut Image));

/// The function that gets other code: it takes a 32-bit number in `rdi`.
const FUNCTION: &str = "large";

/// `push rbp`, `mov rbp, rsp`
const ENTER: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];
/// `sub rsp, 16`
const FRAME: [u8; 4] = [0x48, 0x83, 0xec, 0x10];
/// `mov esi, edi`, `mov rax, [rsi + 0x10000]`: any number.
const LOAD: [u8; 9] = [0x89, 0xfe, 0x48, 0x8b, 0x86, 0, 0, 1, 0];
/// `mov eax, [rax + 0x10000]`
const ACCESS: [u8; 6] = [0x8b, 0x80, 0, 0, 1, 0];
/// `mov rsp, rbp`, `pop rbp`, `ret`
const LEAVE: [u8; 5] = [0x48, 0x89, 0xec, 0x5d, 0xc3];
/// `test edi, edi`
const TEST: [u8; 2] = [0x85, 0xff];

/// Gives the function this code, and `ud2` for what is left of it.
fn rewrite(image: &mut Image, code: &[&[u8]]) {
    let (start, size) = image.symbol(FUNCTION);
    let mut code = code.concat();
    assert!(code.len() as u64 <= size, "there is no room");
    while (code.len() as u64) < size {
        code.extend([0x0f, 0x0b]);
    }
    code.truncate(size as usize);
    image.write(start, &code);
}

/// The same, where the four bytes before an offset are the distance to `load`.
fn call(image: &mut Image, code: &[&[u8]], next: u64) {
    rewrite(image, code);
    let (start, _) = image.symbol(FUNCTION);
    let (callee, _) = image.symbol("load");
    let distance = callee.wrapping_sub(start + next) as u32;
    image.write(start + next - 4, &distance.to_le_bytes());
}

/// Puts zero into the frame, lets the stack pointer be `by` higher while something is called, and takes what is there for an
/// address.
fn below_the_stack_pointer(image: &mut Image, by: u8) {
    let code: [&[u8]; 10] = [
        &ENTER,
        // sub rsp, 32
        &[0x48, 0x83, 0xec, 0x20],
        // xor eax, eax; mov [rsp], rax
        &[0x31, 0xc0, 0x48, 0x89, 0x04, 0x24],
        // add rsp, by
        &[0x48, 0x83, 0xc4, by],
        // mov edi, 4
        &[0xbf, 4, 0, 0, 0],
        &[0xe8, 0, 0, 0, 0],
        // sub rsp, by
        &[0x48, 0x83, 0xec, by],
        // mov rax, [rsp]
        &[0x48, 0x8b, 0x04, 0x24],
        &ACCESS,
        &LEAVE,
    ];
    call(image, &code, 28);
}

/// A jump by a table of four, with an index up to `most`, times what the `SIB` byte with `rcx` and `rax` says.
fn jump(image: &mut Image, most: u8, sib: u8) {
    let code: [&[u8]; 9] = [
        &ENTER,
        // mov eax, edi; cmp eax, most; ja 0x1b
        &[0x89, 0xf8, 0x83, 0xf8, most, 0x77, 0x10],
        // lea rcx, [rip + 14]
        &[0x48, 0x8d, 0x0d, 14, 0, 0, 0],
        // movsxd rax, [rcx + rax * scale]
        &[0x48, 0x63, 0x04, sib],
        // add rax, rcx; jmp rax
        &[0x48, 0x01, 0xc8, 0xff, 0xe0],
        &LEAVE,
        // All to 0x1b.
        &(-5_i32).to_le_bytes().repeat(2),
        &(-5_i32).to_le_bytes(),
        &(-5_i32).to_le_bytes(),
    ];
    rewrite(image, &code);
}
