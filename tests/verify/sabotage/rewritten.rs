//! Functions whose code is another: what no damage to a compiler's code comes to. Next to each, the code that is in order.

use super::code::Part::{self, Code, To};
use super::code::{ENTER, LEAVE, rewrite};
use super::references::called_global;
use super::{Expected, Sabotage, Victim};
use crate::image::Image;
use iced_x86::{Mnemonic, OpKind};

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
        |image| rewrite(image, LARGE, &[ENTER, Code(&[0x66, 0xc9, 0xc3])]),
    ),
    (
        "bit_anywhere_set",
        Victim::Guard,
        Expected::Function,
        |image| {
            // bts [rsp], rax
            let set = Code(&[0x48, 0x0f, 0xab, 0x04, 0x24]);
            rewrite(image, LARGE, &[ENTER, FRAME, LOAD, set, LEAVE]);
        },
    ),
    (
        "count_of_zeros_for_an_address",
        Victim::Guard,
        Expected::Function,
        |image| {
            // bsf for processors that do not have it, and that leaves rax if there is nothing to find.
            rewrite(image, LARGE, &[ENTER, LOAD, COUNT, ACCESS, LEAVE]);
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
        |image| {
            // Some processors take a distance and an address of 16 bits.
            let branch = Code(&[0x66, 0x0f, 0x84, 0, 0, 0, 0, 0xc3]);
            rewrite(image, LARGE, &[TEST, branch]);
        },
    ),
    (
        "call_of_16_bits",
        Victim::Guard,
        Expected::Function,
        |image| {
            let load = To(image.symbol("load").0);
            rewrite(image, LARGE, &[ENTER, Code(&[0x66, 0xe8]), load, LEAVE]);
        },
    ),
    (
        "half_of_a_number_taken_for_all",
        Victim::Guard,
        Expected::Function,
        // mov word [rcx + rax * 2], 3
        |image| number(image, &[0x66, 0xc7, 0x44, 0x41, 0, 3, 0]),
    ),
    (
        "record_of_a_memory_copied_over",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (data, size) = image.symbol("nvz_program_data");
            copy(image, data, size, 0);
        },
    ),
    (
        "entries_that_are_more_than_addresses",
        Victim::Guard,
        Expected::Function,
        |image| {
            let global = global(image);
            copy(image, global, (1 << 61) + 1, 3);
        },
    ),
    (
        "reference_stored_over_two_cells",
        Victim::References,
        Expected::Elsewhere,
        |image| reference(image, 4),
    ),
];

/// What differs from those by what is wrong in them, and has to stay proven.
pub(super) const IN_ORDER: &[Change] = &[
    ("place_in_the_frame_over_a_call", Victim::Guard, |image| {
        below_the_stack_pointer(image, 0);
    }),
    ("frame_left", Victim::Guard, |image| {
        rewrite(image, LARGE, &[ENTER, Code(&[0xc9, 0xc3])]);
    }),
    ("bit_of_a_register_set", Victim::Guard, |image| {
        // bts rcx, rax; bts qword [rsp], 5
        let set = Code(&[0x48, 0x0f, 0xab, 0xc1, 0x48, 0x0f, 0xba, 0x2c, 0x24, 5]);
        rewrite(image, LARGE, &[ENTER, FRAME, LOAD, set, LEAVE]);
    }),
    ("count_of_zeros_extended", Victim::Guard, |image| {
        // mov eax, eax
        let extend = Code(&[0x89, 0xc0]);
        rewrite(image, LARGE, &[ENTER, LOAD, COUNT, extend, ACCESS, LEAVE]);
    }),
    ("distance_of_a_jump_table", Victim::Guard, |image| {
        jump(image, 3, 0x81);
    }),
    ("branch", Victim::Guard, |image| {
        let branch = Code(&[0x0f, 0x84, 0, 0, 0, 0, 0xc3]);
        rewrite(image, LARGE, &[TEST, branch]);
    }),
    ("call", Victim::Guard, |image| {
        let load = To(image.symbol("load").0);
        rewrite(image, LARGE, &[ENTER, Code(&[0xe8]), load, LEAVE]);
    }),
    ("number_stored_and_read", Victim::Guard, |image| {
        // mov dword [rcx], 3
        number(image, &[0xc7, 0x41, 0, 3, 0, 0, 0]);
    }),
    ("global_copied_over", Victim::Guard, |image| {
        let global = global(image);
        copy(image, global, 8, 0);
    }),
    ("entry_copied_over", Victim::Guard, |image| {
        let global = global(image);
        copy(image, global, 1, 3);
    }),
    ("reference_stored", Victim::References, |image| {
        reference(image, 0);
    }),
];

/// A name, and what is done to which executable.
pub(crate) type Change = (&'static str, Victim, fn(&mut Image));

/// The function of [`Victim::Guard`] that gets other code: it takes a 32-bit number in `rdi`.
pub(super) const LARGE: &str = "large";

/// `sub rsp, 16`
const FRAME: Part<'_> = Code(&[0x48, 0x83, 0xec, 0x10]);
/// `mov esi, edi`, `mov rax, [rsi + 0x10000]`: any number.
const LOAD: Part<'_> = Code(&[0x89, 0xfe, 0x48, 0x8b, 0x86, 0, 0, 1, 0]);
/// `tzcnt eax, esi`
const COUNT: Part<'_> = Code(&[0xf3, 0x0f, 0xbc, 0xc6]);
/// `mov eax, [rax + 0x10000]`
const ACCESS: Part<'_> = Code(&[0x8b, 0x80, 0, 0, 1, 0]);
/// `test edi, edi`
const TEST: Part<'_> = Code(&[0x85, 0xff]);

/// Puts zero into the frame, lets the stack pointer be `by` higher while something is called, and takes what is there for an
/// address.
fn below_the_stack_pointer(image: &mut Image, by: u8) {
    let parts = [
        ENTER,
        // sub rsp, 32; xor eax, eax; mov [rsp], rax
        Code(&[0x48, 0x83, 0xec, 0x20, 0x31, 0xc0, 0x48, 0x89, 0x04, 0x24]),
        // add rsp, by; mov edi, 4; call load
        Code(&[0x48, 0x83, 0xc4, by, 0xbf, 4, 0, 0, 0, 0xe8]),
        To(image.symbol("load").0),
        // sub rsp, by; mov rax, [rsp]
        Code(&[0x48, 0x83, 0xec, by, 0x48, 0x8b, 0x04, 0x24]),
        ACCESS,
        LEAVE,
    ];
    rewrite(image, LARGE, &parts);
}

/// A jump by a table of four, with an index up to `most`, times what the `SIB` byte with `rcx` and `rax` says.
fn jump(image: &mut Image, most: u8, sib: u8) {
    let parts = [
        ENTER,
        // mov eax, edi; cmp eax, most; ja to the end
        Code(&[0x89, 0xf8, 0x83, 0xf8, most, 0x77, 0x10]),
        // lea rcx, [rip + 14]
        Code(&[0x48, 0x8d, 0x0d, 14, 0, 0, 0]),
        // movsxd rax, [rcx + rax * scale]; add rax, rcx; jmp rax
        Code(&[0x48, 0x63, 0x04, sib, 0x48, 0x01, 0xc8, 0xff, 0xe0]),
        LEAVE,
        // All to the end.
        Code(&(-5_i32).to_le_bytes().repeat(4)),
    ];
    rewrite(image, LARGE, &parts);
}

/// Stores 3 in a global, reads it and takes it for the index of a table of four.
fn number(image: &mut Image, store: &[u8]) {
    let parts = [
        ENTER,
        // lea rcx, [global]
        Code(&[0x48, 0x8d, 0x0d]),
        To(global(image)),
        // mov eax, edi; and eax, 1
        Code(&[0x89, 0xf8, 0x83, 0xe0, 1]),
        Code(store),
        // mov eax, [rcx]; lea rdx, [rip + 14]
        Code(&[0x8b, 0x01, 0x48, 0x8d, 0x15, 14, 0, 0, 0]),
        // movsxd rax, [rdx + rax * 4]; add rax, rdx; jmp rax
        Code(&[0x48, 0x63, 0x04, 0x82, 0x48, 0x01, 0xd0, 0xff, 0xe0]),
        LEAVE,
        Code(&(-5_i32).to_le_bytes().repeat(4)),
    ];
    rewrite(image, LARGE, &parts);
}

/// Copies entries of `1 << shift` bytes, 1 or 8, of memory to `address`: at any index and up to seven, so that both together are at most
/// `limit`.
fn copy(image: &mut Image, address: u64, limit: u64, shift: u8) {
    // shl rax, 3
    let bytes: &[u8] = match shift {
        3 => &[0x48, 0xc1, 0xe0, 3],
        _ => &[0x90; 4],
    };
    let parts = [
        ENTER,
        // mov esi, edi; mov eax, [rsi + 0x10000]; and eax, 7; mov ecx, edi
        Code(&[
            0x89, 0xfe, 0x8b, 0x86, 0, 0, 1, 0, 0x83, 0xe0, 7, 0x89, 0xf9,
        ]),
        // lea rdx, [rcx + rax]; mov r8, limit
        Code(&[0x48, 0x8d, 0x14, 0x01, 0x49, 0xb8]),
        Code(&limit.to_le_bytes()),
        // cmp rdx, r8; ja to the end; lea rdi, [address]
        Code(&[0x4c, 0x39, 0xc2, 0x77, 0x1d, 0x48, 0x8d, 0x3d]),
        To(address),
        // lea rdi, [rdi + rcx * scale + 0]
        Code(&[0x48, 0x8d, 0x7c, 0x0f | shift << 6, 0]),
        Code(bytes),
        // mov rdx, rax; mov esi, 0x10000
        Code(&[0x48, 0x89, 0xc2, 0xbe, 0, 0, 1, 0]),
        Code(&[0xe8]),
        To(image.symbol("nvz_memory_copy").0),
        LEAVE,
    ];
    rewrite(image, LARGE, &parts);
}

/// Stores a reference of the right type so many bytes behind where one is.
fn reference(image: &mut Image, by: u64) {
    let parts = [
        // lea rax, [negate]
        Code(&[0x48, 0x8d, 0x05]),
        To(image.symbol("negate").0),
        // lea rcx, [global + by]
        Code(&[0x48, 0x8d, 0x0d]),
        To(called_global(image, "by_global") + by),
        // mov [rcx], rax; ret
        Code(&[0x48, 0x89, 0x01, 0xc3]),
    ];
    rewrite(image, "set_others", &parts);
}

/// The address of the global of [`Victim::Guard`], an `i64`.
pub(super) fn global(image: &Image) -> u64 {
    let data = image.find("global", |it| {
        it.mnemonic() == Mnemonic::Lea && it.is_ip_rel_memory_operand()
    });
    let store = image.find("global", |it| {
        it.op0_kind() == OpKind::Memory && it.memory_base() == data.op0_register()
    });
    data.ip_rel_memory_address() + store.memory_displacement64()
}
