//! Functions whose code is another, by which a value would be taken for a different one: of the same name, or of the same distance
//! from something else. Next to most, the code that is in order.

use super::code::Part::{self, Code, To};
use super::code::{ENTER, LEAVE, rewrite, write_at};
use super::file::{change_table, table};
use super::references::called_global;
use super::rewritten::{Change, LARGE, global};
use super::{Expected, Sabotage, Victim};
use crate::image::Image;
use iced_x86::{Mnemonic, Register};
use nativize_abi::program::{Memory, Table};
use std::mem::offset_of;

pub(super) const ALL: &[Sabotage] = &[
    (
        "copy_of_what_was_when_the_loop_was_entered_before",
        Victim::Guard,
        Expected::Function,
        // mov edx, [rax + 0x10000]
        |image| loop_of_two_entries(image, 0x90),
    ),
    (
        "slot_with_the_name_of_a_register",
        Victim::Guard,
        Expected::Function,
        // mov eax, [rax + 0x10000]
        |image| far_slot(image, 0x80),
    ),
    (
        "identity_times_eight",
        Victim::Guard,
        Expected::Function,
        // shl rcx, 3
        |image| compared_identity(image, &[0x48, 0xc1, 0xe1, 3]),
    ),
    (
        "number_added_to_a_table_taken_for_the_number",
        Victim::Grown,
        Expected::Function,
        // lea rax, [rdi + rcx]
        |image| sum_with_a_carry(image, &[0x48, 0x8d, 0x04, 0x0f]),
    ),
    (
        "reference_added_to_a_table_called",
        Victim::Grown,
        Expected::Function,
        |image| call_of_a_sum(image, true),
    ),
    (
        "number_in_a_table_over_a_reference",
        Victim::Grown,
        Expected::Elsewhere,
        |image| {
            number_in_a_table(image);
            // The table lies over the global by which another function calls.
            let global = called_global(image, "called");
            change_table(image, offset_of!(Table, base), global);
            change_table(image, offset_of!(Table, len), 1);
        },
    ),
    (
        "entries_behind_an_index_that_was_added_to",
        Victim::Grown,
        Expected::Function,
        |image| entries_from_an_index(image, 0x2018, 0, 1),
    ),
    (
        "entry_behind_an_index_by_a_displacement",
        Victim::Grown,
        Expected::Function,
        |image| entries_from_an_index(image, 0, 8, 1),
    ),
    (
        "entry_before_an_index_by_a_displacement",
        Victim::Grown,
        Expected::Function,
        |image| entries_from_an_index(image, 0, -8, 1),
    ),
    (
        "two_entries_where_one_was_compared",
        Victim::Grown,
        Expected::Function,
        |image| entries_from_an_index(image, 0, 0, 2),
    ),
    (
        "entries_from_the_middle_of_one",
        Victim::Grown,
        Expected::Function,
        |image| entries_from(image, 15),
    ),
    (
        "length_that_is_the_size_of_a_memory",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (header, _) = image.symbol("nvz_program");
            let memories = offset_of!(nativize_abi::program::ProgramHeader, memories);
            let record = image.read_u64(header + memories as u64);
            let parts = [
                ENTER,
                // lea rdi, [global]; mov esi, 0x10000; mov rdx, [size]; call nvz_memory_copy
                Code(&[0x48, 0x8d, 0x3d]),
                To(global(image)),
                Code(&[0xbe, 0, 0, 1, 0, 0x48, 0x8b, 0x15]),
                To(record + offset_of!(Memory, size) as u64),
                Code(&[0xe8]),
                To(image.symbol("nvz_memory_copy").0),
                LEAVE,
            ];
            rewrite(image, LARGE, &parts);
        },
    ),
    (
        "cell_stored_to_by_a_table",
        Victim::Grown,
        Expected::Function,
        // mov [rdx], rcx
        |image| cell_of_a_table(image, &[0x48, 0x89, 0x0a]),
    ),
    (
        "what_a_copied_exception_carries_changed",
        Victim::Carried,
        Expected::Function,
        // mov [rdi + 8], rcx
        |image| thrown_copy(image, &[0x48, 0x89, 0x4f, 8]),
    ),
    (
        "middle_of_an_exception_thrown",
        Victim::Carried,
        Expected::Function,
        |image| thrown_or_null(image, 8),
    ),
];

/// What differs from those by what is wrong in them, and has to stay proven.
pub(super) const IN_ORDER: &[Change] = &[
    ("loop_of_two_entries", Victim::Guard, |image| {
        // mov edx, [rcx + 0x10000]
        loop_of_two_entries(image, 0x91);
    }),
    ("far_slot", Victim::Guard, |image| {
        // mov eax, [rcx + 0x10000]
        far_slot(image, 0x81);
    }),
    ("identity", Victim::Guard, |image| {
        compared_identity(image, &[0x90; 4]);
    }),
    ("sum_with_a_carry", Victim::Grown, |image| {
        // lea rax, [rcx]
        sum_with_a_carry(image, &[0x48, 0x8d, 0x01, 0x90]);
    }),
    ("reference_called", Victim::Grown, |image| {
        call_of_a_sum(image, false);
    }),
    ("number_in_a_table", Victim::Grown, number_in_a_table),
    ("cell_of_a_table", Victim::Grown, |image| {
        cell_of_a_table(image, &[0x90; 3]);
    }),
    ("entry_at_an_index", Victim::Grown, |image| {
        entries_from_an_index(image, 0, 0, 1);
    }),
    ("entries_from_the_second", Victim::Grown, |image| {
        entries_from(image, 8);
    }),
    ("copied_exception_thrown", Victim::Carried, |image| {
        thrown_copy(image, &[0x90; 4]);
    }),
    ("exception_or_null_thrown", Victim::Carried, |image| {
        thrown_or_null(image, 0);
    }),
];

/// A loop that is entered at two places with a number in two registers, of which it changes one, compares the other, and accesses
/// memory by that of the two that `modrm` has.
fn loop_of_two_entries(image: &mut Image, modrm: u8) {
    let parts = [
        ENTER,
        // mov rcx, [0x10318]; mov rax, rcx; mov rsi, [0x10310]; test rsi, rsi; je head
        Code(&[0x48, 0x8b, 0x0c, 0x25, 0x18, 3, 1, 0, 0x48, 0x89, 0xc8]),
        Code(&[
            0x48, 0x8b, 0x34, 0x25, 0x10, 3, 1, 0, 0x48, 0x85, 0xf6, 0x74, 11,
        ]),
        // mov rcx, [0x10308]; mov rax, rcx
        Code(&[0x48, 0x8b, 0x0c, 0x25, 8, 3, 1, 0, 0x48, 0x89, 0xc8]),
        // head: cmp rcx, 0x1000; ja to the end
        Code(&[0x48, 0x81, 0xf9, 0, 0x10, 0, 0, 0x77, 18]),
        // mov edx, [? + 0x10000]; mov rax, [0x10100]; test edx, edx; je head
        Code(&[0x8b, modrm, 0, 0, 1, 0, 0x48, 0x8b, 0x04, 0x25, 0, 1, 1, 0]),
        Code(&[0x85, 0xd2, 0x74, 0xe5]),
        LEAVE,
    ];
    rewrite(image, LARGE, &parts);
}

/// A slot as far below the frame as there may be one, and `rax`, come together with other numbers from two ways. The slot is compared, and
/// memory is accessed by what `modrm` has: the slot's value or `rax`.
fn far_slot(image: &mut Image, modrm: u8) {
    let parts = [
        ENTER,
        // sub rsp, 0x7ff8; mov dword [rsp], 0; lea rdx, [rsp - 0x1fff8000]
        Code(&[
            0x48, 0x81, 0xec, 0xf8, 0x7f, 0, 0, 0xc7, 0x04, 0x24, 0, 0, 0, 0,
        ]),
        Code(&[0x48, 0x8d, 0x94, 0x24, 0, 0x80, 0, 0xe0]),
        // again: sub rsp, 0x8000; mov dword [rsp], 0; cmp rdx, rsp; jne again
        Code(&[
            0x48, 0x81, 0xec, 0, 0x80, 0, 0, 0xc7, 0x04, 0x24, 0, 0, 0, 0,
        ]),
        Code(&[0x48, 0x39, 0xe2, 0x75, 0xed]),
        // mov rax, [0x10318]; mov rcx, [0x10320]; mov [rsp], rcx
        Code(&[0x48, 0x8b, 0x04, 0x25, 0x18, 3, 1, 0]),
        Code(&[
            0x48, 0x8b, 0x0c, 0x25, 0x20, 3, 1, 0, 0x48, 0x89, 0x0c, 0x24,
        ]),
        // mov rsi, [0x10310]; test rsi, rsi; jne to the load
        Code(&[
            0x48, 0x8b, 0x34, 0x25, 0x10, 3, 1, 0, 0x48, 0x85, 0xf6, 0x75, 20,
        ]),
        // mov rcx, [0x10328]; mov [rsp], rcx; mov rax, [0x10100]
        Code(&[
            0x48, 0x8b, 0x0c, 0x25, 0x28, 3, 1, 0, 0x48, 0x89, 0x0c, 0x24,
        ]),
        Code(&[0x48, 0x8b, 0x04, 0x25, 0, 1, 1, 0]),
        // mov rcx, [rsp]; cmp rcx, 0x1000; ja to the end; mov eax, [? + 0x10000]
        Code(&[
            0x48, 0x8b, 0x0c, 0x24, 0x48, 0x81, 0xf9, 0, 0x10, 0, 0, 0x77, 6,
        ]),
        Code(&[0x8b, modrm, 0, 0, 1, 0]),
        LEAVE,
    ];
    rewrite(image, LARGE, &parts);
}

/// Calls an entry of the table after its identity, with which something is done before, was compared.
fn compared_identity(image: &mut Image, before: &[u8]) {
    let entries = image.find("indirect", |it| it.is_ip_rel_memory_operand());
    let parts = [
        ENTER,
        // mov eax, edi; cmp rax, 16; jae to the end; lea rcx, [entries]
        Code(&[0x89, 0xf8, 0x48, 0x83, 0xf8, 16, 0x73, 28, 0x48, 0x8d, 0x0d]),
        To(entries.ip_rel_memory_address()),
        // mov rax, [rcx + rax * 8]; mov ecx, [rax - 4]
        Code(&[0x48, 0x8b, 0x04, 0xc1, 0x8b, 0x48, 0xfc]),
        Code(before),
        // cmp rcx, 1; jne to the end; mov edi, 1; call rax
        Code(&[0x48, 0x83, 0xf9, 1, 0x75, 4, 0x31, 0xff, 0xff, 0xd0]),
        LEAVE,
    ];
    rewrite(image, LARGE, &parts);
}

/// Adds 16 to a number, does something with the sum, the start of a table (in `rdi`) and `rax`, and accesses memory by `rax` if the sum
/// has no carry and is small.
fn sum_with_a_carry(image: &mut Image, then: &[u8]) {
    let parts = [
        ENTER,
        // mov rdi, [base]; mov rcx, [0x10310]; add rcx, 16
        Code(&[0x48, 0x8b, 0x3d]),
        To(table(image) + offset_of!(Table, base) as u64),
        Code(&[0x48, 0x8b, 0x0c, 0x25, 0x10, 3, 1, 0, 0x48, 0x83, 0xc1, 16]),
        Code(then),
        // jc to the end; cmp rcx, 0x1000; ja to the end; mov eax, [rax + 0x10000]
        Code(&[0x72, 15, 0x48, 0x81, 0xf9, 0, 0x10, 0, 0, 0x77, 6]),
        Code(&[0x8b, 0x80, 0, 0, 1, 0]),
        LEAVE,
    ];
    rewrite(image, FILL, &parts);
}

/// Calls the reference that is in the global, to which the start of a table was added.
fn call_of_a_sum(image: &mut Image, is_added: bool) {
    let base = table(image) + offset_of!(Table, base) as u64;
    let (add, to): (&[u8], &[Part<'_>]) = match is_added {
        // add rax, [base]
        true => (&[0x48, 0x03, 0x05], &[To(base)]),
        false => (&[0x90; 7], &[]),
    };
    let mut parts = vec![
        ENTER,
        // mov rax, [global]
        Code(&[0x48, 0x8b, 0x05]),
        To(called_global(image, "called")),
        Code(add),
    ];
    parts.extend(to);
    // call rax
    parts.extend([Code(&[0xff, 0xd0]), LEAVE]);
    rewrite(image, FILL, &parts);
}

/// Stores a number in the first entry of the table.
fn number_in_a_table(image: &mut Image) {
    let parts = [
        ENTER,
        // mov rdi, [base]; mov rcx, [0x10310]; mov [rdi], rcx
        Code(&[0x48, 0x8b, 0x3d]),
        To(table(image) + offset_of!(Table, base) as u64),
        Code(&[0x48, 0x8b, 0x0c, 0x25, 0x10, 3, 1, 0, 0x48, 0x89, 0x0f]),
        LEAVE,
    ];
    rewrite(image, FILL, &parts);
}

/// Stores 5 where the first entry of the table is at first, does something with its address (in `rdx`), reads it, and takes that for the distance
/// to a global.
fn cell_of_a_table(image: &mut Image, then: &[u8]) {
    let base = table(image) + offset_of!(Table, base) as u64;
    let storage = image.read_u64(base);
    let parts = [
        ENTER,
        // mov dword [storage], 5 (from behind which the distance counts)
        Code(&[0xc7, 0x05]),
        To(storage - 4),
        Code(&[5, 0, 0, 0]),
        // mov rdx, [base]; mov rcx, [0x10310]
        Code(&[0x48, 0x8b, 0x15]),
        To(base),
        Code(&[0x48, 0x8b, 0x0c, 0x25, 0x10, 3, 1, 0]),
        Code(then),
        // mov eax, [storage]; lea rcx, [storage]; mov al, [rcx + rax]
        Code(&[0x8b, 0x05]),
        To(storage),
        Code(&[0x48, 0x8d, 0x0d]),
        To(storage),
        Code(&[0x8a, 0x04, 0x01]),
        LEAVE,
    ];
    rewrite(image, FILL, &parts);
}

/// Fills entries of a table from an index that was compared, to which something is added then, and bytes after that.
fn entries_from_an_index(image: &mut Image, add: u32, displacement: i8, count: u8) {
    let record = table(image);
    let add = add.to_le_bytes();
    let parts = [
        ENTER,
        // mov rcx, [0x10308]; cmp rcx, [len]; jae to the end
        Code(&[0x48, 0x8b, 0x0c, 0x25, 8, 3, 1, 0, 0x48, 0x3b, 0x0d]),
        To(record + offset_of!(Table, len) as u64),
        Code(&[0x73, 37]),
        // add rcx, add; shl rcx, 3; mov rdi, [base]
        Code(&[0x48, 0x81, 0xc1, add[0], add[1], add[2], add[3]]),
        Code(&[0x48, 0xc1, 0xe1, 3, 0x48, 0x8b, 0x3d]),
        To(record + offset_of!(Table, base) as u64),
        // add rdi, rcx; add rdi, displacement; xor esi, esi; mov edx, count; call nvz_table_fill
        Code(&[
            0x48,
            0x01,
            0xcf,
            0x48,
            0x83,
            0xc7,
            displacement.cast_unsigned(),
        ]),
        Code(&[0x31, 0xf6, 0xba, count, 0, 0, 0, 0xe8]),
        To(image.symbol("nvz_table_fill").0),
        LEAVE,
    ];
    rewrite(image, FILL, &parts);
}

/// Fills so many entries of a table that one more is not beyond its end, from so many bytes on.
fn entries_from(image: &mut Image, bytes: u8) {
    let record = table(image);
    let parts = [
        ENTER,
        // mov rdx, [0x10310]; mov rcx, rdx; add rcx, 1; jc to the end
        Code(&[0x48, 0x8b, 0x14, 0x25, 0x10, 3, 1, 0, 0x48, 0x89, 0xd1]),
        Code(&[0x48, 0x83, 0xc1, 1, 0x72, 27]),
        // cmp rcx, [len]; ja to the end; mov rdi, [base]
        Code(&[0x48, 0x3b, 0x0d]),
        To(record + offset_of!(Table, len) as u64),
        Code(&[0x77, 18, 0x48, 0x8b, 0x3d]),
        To(record + offset_of!(Table, base) as u64),
        // add rdi, bytes; xor esi, esi; call nvz_table_fill
        Code(&[0x48, 0x83, 0xc7, bytes, 0x31, 0xf6, 0xe8]),
        To(image.symbol("nvz_table_fill").0),
        LEAVE,
    ];
    rewrite(image, FILL, &parts);
}

/// The function of [`Victim::Grown`] that gets other code.
const FILL: &str = "fill";

/// Where a function begins with what it caught, in `rax`.
fn landing(image: &Image) -> u64 {
    let mut all = image.instructions("keeps").into_iter();
    let first = all.find(|it| {
        it.mnemonic() == Mnemonic::Mov
            && it.op0_register() == Register::RDI
            && it.op1_register() == Register::RAX
    });
    first.expect("it keeps what it caught").ip()
}

/// The operand of an address that `throws` passes on.
fn passed(image: &Image, register: Register) -> u64 {
    let address = image.find("throws", |it| {
        it.mnemonic() == Mnemonic::Lea
            && it.is_ip_rel_memory_operand()
            && it.op0_register() == register
    });
    address.ip_rel_memory_address()
}

/// Keeps the exception that was caught, copies it to where exceptions are on their way, does something there, and throws it.
fn thrown_copy(image: &mut Image, then: &[u8]) {
    let in_flight = passed(image, Register::RDI);
    let parts = [
        // mov rdi, rax; call nvz_exception_keep
        Code(&[0x48, 0x89, 0xc7, 0xe8]),
        To(image.symbol("nvz_exception_keep").0),
        // mov edx, [rax + 4]; mov rsi, rax; lea rdi, [in_flight]; call nvz_memory_copy
        Code(&[0x8b, 0x50, 4, 0x48, 0x89, 0xc6, 0x48, 0x8d, 0x3d]),
        To(in_flight),
        Code(&[0xe8]),
        To(image.symbol("nvz_memory_copy").0),
        // lea rdi, [in_flight]
        Code(&[0x48, 0x8d, 0x3d]),
        To(in_flight),
        Code(then),
        // lea rsi, [record]; call nvz_throw; ud2
        Code(&[0x48, 0x8d, 0x35]),
        To(passed(image, Register::RSI)),
        Code(&[0xe8]),
        To(image.symbol("nvz_throw").0),
        Code(&[0x0f, 0x0b]),
    ];
    write_at(image, landing(image), &parts);
}

/// Keeps the exception that was caught, and throws it, from so many bytes on, or null.
fn thrown_or_null(image: &mut Image, from: u8) {
    let parts = [
        // mov rdi, rax; call nvz_exception_keep
        Code(&[0x48, 0x89, 0xc7, 0xe8]),
        To(image.symbol("nvz_exception_keep").0),
        // mov edx, [0x10300]; test edx, edx; jne over two; lea rdi, [rax + from]; jmp over one; xor edi, edi
        Code(&[0x8b, 0x14, 0x25, 0, 3, 1, 0, 0x85, 0xd2, 0x75, 6]),
        Code(&[0x48, 0x8d, 0x78, from, 0xeb, 2, 0x31, 0xff]),
        // lea rsi, [record]; call nvz_throw; ud2
        Code(&[0x48, 0x8d, 0x35]),
        To(passed(image, Register::RSI)),
        Code(&[0xe8]),
        To(image.symbol("nvz_throw").0),
        Code(&[0x0f, 0x0b]),
    ];
    write_at(image, landing(image), &parts);
}
