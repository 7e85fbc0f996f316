//! What the runtime is given, by code and by the file: what it would take for something else.

use super::code::Part::{Code, To};
use super::code::{ENTER, LEAVE, rewrite, write};
use super::file::{change_header, change_hook, header};
use super::rewritten::Change;
use super::written::threads;
use super::{Expected, Sabotage, Victim};
use crate::image::Image;
use iced_x86::{Code as Form, Instruction, Mnemonic, Register};
use nativize_abi::address::{EXECUTABLE_BASE, LOW_MEMORY_BASE};
use nativize_abi::config::Hooks;
use nativize_abi::program::{
    CATCH_ALL, Checks, Entry, Handler, LARGEST_EXCEPTION, ProgramHeader, Table, Threads,
};
use object::elf;
use std::mem::offset_of;

pub(super) const ALL: &[Sabotage] = &[
    (
        "exception_with_the_tag_of_all",
        Victim::Carried,
        Expected::Function,
        |image| {
            let tag = image.find("throws_five", |it| is_store_at(it, 0));
            image.last_word(&tag, |_| CATCH_ALL);
        },
    ),
    (
        "exception_larger_than_the_runtime_keeps",
        Victim::Carried,
        Expected::Function,
        |image| {
            let size = image.find("throws_five", |it| is_store_at(it, 4));
            image.last_word(&size, |_| LARGEST_EXCEPTION as u32 + 8);
        },
    ),
    (
        "thread_before_the_first_has_a_block",
        Victim::Own,
        Expected::Function,
        |image| {
            // lea rdi, [record]; lea rsi, [start]; xor edx, edx; call nvz_thread_spawn; again: jmp again
            let record = threads(image);
            let (start, _) = image.symbol("[thread of 0]");
            let (spawn, _) = image.symbol("nvz_thread_spawn");
            let code = [
                ENTER,
                Code(&[0x48, 0x8d, 0x3d]),
                To(record),
                Code(&[0x48, 0x8d, 0x35]),
                To(start),
                Code(&[0x31, 0xd2, 0xe8]),
                To(spawn),
                Code(&[0xeb, 0xfe]),
            ];
            write(image, "[entry 0]", &code);
        },
    ),
    (
        "start_of_threads_as_an_entry",
        Victim::Own,
        Expected::Elsewhere,
        |image| {
            let (start, _) = image.symbol("[thread of 0]");
            let entries = header(image, offset_of!(ProgramHeader, entries));
            let call = entries + offset_of!(Entry, call) as u64;
            image.write(call, &start.to_le_bytes());
        },
    ),
    (
        "memory_where_threads_have_a_table",
        Victim::Own,
        Expected::File,
        |image| {
            // It is one of four bytes in the low slot, and a table in a block that is as large.
            let threads = threads(image);
            let data = image.read_u64(threads + offset_of!(Threads, data) as u64);
            let size = threads + offset_of!(Threads, size) as u64;
            image.write(size, &0x9_0000_u64.to_le_bytes());
            let table = data + 32 + offset_of!(Table, base) as u64;
            assert_eq!(image.read_u64(data + 32 + offset_of!(Table, len) as u64), 4);
            image.write(table, &LOW_MEMORY_BASE.to_le_bytes());
            change_header(image, offset_of!(ProgramHeader, memories), data);
            change_header(image, offset_of!(ProgramHeader, tables) + 8, 0);
        },
    ),
    (
        "code_of_the_runtime_as_the_programs",
        Victim::Guard,
        Expected::File,
        |image| {
            let text = header(image, offset_of!(ProgramHeader, text));
            let (start, size) = image.symbol("nvz_main_command");
            let len = start + size - text;
            change_header(image, offset_of!(ProgramHeader, text) + 8, len);
        },
    ),
    (
        "handler_of_a_call_of_the_runtime",
        Victim::Carried,
        Expected::File,
        |image| {
            let record = image.find("throws", |it| {
                it.mnemonic() == Mnemonic::Lea
                    && it.is_ip_rel_memory_operand()
                    && it.op0_register() == Register::RSI
            });
            let record = record.ip_rel_memory_address();
            let (first, len) = (image.read_u64(record), image.read_u64(record + 8));
            let text = header(image, offset_of!(ProgramHeader, text));
            let (start, _) = image.symbol("nvz_main_command");
            let last = first + (len - 1) * size_of::<Handler>() as u64;
            let at = last + offset_of!(Handler, return_address) as u64;
            let offset = u32::try_from(start + 5 - text).expect("it is near");
            image.write(at, &offset.to_le_bytes());
        },
    ),
    (
        "segment_below_the_stack",
        Victim::Guard,
        Expected::File,
        |image| {
            let flags = elf::PF_R | elf::PF_W;
            image.add_segment(EXECUTABLE_BASE - (32 << 20), flags, 0x1000);
        },
    ),
    (
        "stack_over_variables_of_the_runtime",
        Victim::Bare,
        Expected::File,
        |image| {
            let (frame, _) = image.symbol("nvz_guest_frame");
            change_hook(image, offset_of!(Hooks, stack_end), |_| frame);
        },
    ),
    (
        "hooks_without_a_symbol",
        Victim::Bare,
        Expected::File,
        |image| image.hide_symbol("nvz_hooks"),
    ),
    (
        "configuration_beyond_its_end",
        Victim::Guard,
        Expected::File,
        |image| {
            let (len, _) = image.symbol("nvz_config_len");
            let more = image.read_u64(len) + 0x100;
            image.write(len, &more.to_le_bytes());
        },
    ),
    (
        "filter_beyond_its_end",
        Victim::Guard,
        Expected::File,
        |image| change_hook(image, offset_of!(Hooks, filter_len), |len| len + 1),
    ),
    (
        "segments_out_of_order",
        Victim::Guard,
        Expected::File,
        Image::swap_segments,
    ),
    (
        "variables_that_begin_as_something_else",
        Victim::Guard,
        Expected::File,
        |image| {
            // The data of the program, and eight bytes before them.
            let (hooks, _) = image.symbol("nvz_hooks");
            let before = image.read_u64(hooks + offset_of!(Hooks, data_image) as u64) - 8;
            image.write(before, &[1; 8]);
            change_hook(image, offset_of!(Hooks, stack_end), |end| end - 8);
            change_hook(image, offset_of!(Hooks, data_image), |_| before);
        },
    ),
    (
        "sites_that_can_be_written",
        Victim::Guard,
        Expected::File,
        |image| {
            let (data, _) = image.symbol("nvz_program_data");
            change_header(image, offset_of!(ProgramHeader, sites), data);
        },
    ),
    (
        "table_of_checks_that_can_be_written",
        Victim::Guard,
        Expected::File,
        |image| {
            let (data, _) = image.symbol("nvz_program_data");
            let checks = header(image, offset_of!(ProgramHeader, checks));
            let table = checks + offset_of!(Checks, table) as u64;
            image.write(table, &data.to_le_bytes());
        },
    ),
    (
        "parameters_over_the_return_address",
        Victim::Bare,
        Expected::Function,
        |image| opens(image, &[], &[], &[]),
    ),
    (
        "parameter_that_stays_what_it_was",
        Victim::Bare,
        Expected::Function,
        // sub rsp, 48; mov [rsp + 24], rbx; mov rbx, [rsp + 24]
        |image| {
            opens(
                image,
                ROOM,
                &[0x48, 0x89, 0x5c, 0x24, 24],
                &[0x48, 0x8b, 0x5c, 0x24, 24],
            )
        },
    ),
    (
        "cells_between_two",
        Victim::References,
        Expected::Function,
        |image| calls_a_cell(image, Some(|function| [function << 56, function >> 8, 0])),
    ),
    (
        "exchange_that_looks_like_a_pause",
        Victim::Guard,
        Expected::Function,
        |image| {
            // xchg rax, r8 with a prefix
            let code = Code(&[0xf3, 0x49, 0x90, 0x31, 0xc0, 0xc3]);
            rewrite(image, "spill", &[code]);
        },
    ),
    (
        "prefix_before_another",
        Victim::Guard,
        Expected::Function,
        |image| {
            // A REX that the prefix for 16 bits behind it makes none.
            let code = Code(&[0x48, 0x66, 0x31, 0xc0, 0x31, 0xc0, 0xc3]);
            rewrite(image, "spill", &[code]);
        },
    ),
];

pub(super) const IN_ORDER: &[Change] = &[
    ("forms_of_our_own", Victim::Guard, |image| {
        let code = &[
            0x66, 0x66, 0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, // nop word [rax + rax]
            0x40, 0x31, 0xc0, // xor eax, eax
            0x67, 0x66, 0x89, 0x87, 0, 0, 1, 0, // mov [edi + 0x10000], ax
            0xf3, 0x90, // pause
            0xc3, // ret
        ];
        rewrite(image, "spill", &[Code(code)]);
    }),
    ("slot_above_parameters", Victim::Bare, |image| {
        // mov [rsp + 32], rbx; mov rbx, [rsp + 32]
        opens(
            image,
            ROOM,
            &[0x48, 0x89, 0x5c, 0x24, 32],
            &[0x48, 0x8b, 0x5c, 0x24, 32],
        );
    }),
    ("cells_from_the_second", Victim::References, |image| {
        calls_a_cell(image, None);
    }),
];

/// sub rsp, 48
const ROOM: &[u8] = &[0x48, 0x83, 0xec, 48];

/// A call of a host function with four parameters on the stack, with other code before and after.
fn opens(image: &mut Image, room: &[u8], before: &[u8], after: &[u8]) {
    let (open, _) = image.symbol("nvz_p1_path_open");
    let code = [
        ENTER,
        Code(room),
        Code(before),
        // xor edi, edi; call nvz_p1_path_open
        Code(&[0x31, 0xff, 0xe8]),
        To(open),
        Code(after),
        // mov rsp, rbp; pop rbp; ret 32
        Code(&[0x48, 0x89, 0xec, 0x5d, 0xc2, 32, 0]),
    ];
    rewrite(image, "wasi_snapshot_preview1.path_open", &code);
}

/// A call of what is in one of the three globals, at an index whose multiple of 8 is compared with 7 and 8.
fn calls_a_cell(image: &mut Image, cells: Option<fn(u64) -> [u64; 3]>) {
    let (function, _) = image.symbol("double");
    let identity = image.read(function - 4, 4);
    let (data, size) = image.symbol("nvz_program_data");
    let place = data + size - 24;
    assert_eq!(image.read_u64(place), function);
    if let Some(cells) = cells {
        let cells = cells(function).map(u64::to_le_bytes);
        image.write(place, &cells.concat());
    }
    let code = [
        ENTER,
        // mov edi, edi; shl rdi, 3; cmp rdi, 7; jb out; cmp rdi, 8; ja out
        Code(&[0x8b, 0xff, 0x48, 0xc1, 0xe7, 3]),
        Code(&[0x48, 0x83, 0xff, 7, 0x72, 30]),
        Code(&[0x48, 0x83, 0xff, 8, 0x77, 24]),
        // lea rdx, [cells]; mov rax, [rdx + rdi]; mov edx, [rax - 4]; cmp edx, identity; jne out; call rax
        Code(&[0x48, 0x8d, 0x15]),
        To(place),
        Code(&[0x48, 0x8b, 0x04, 0x3a, 0x8b, 0x50, 0xfc, 0x81, 0xfa]),
        Code(&identity),
        // out: xor eax, eax
        Code(&[0x75, 2, 0xff, 0xd0, 0x31, 0xc0]),
        LEAVE,
    ];
    rewrite(image, "_start", &code);
}

/// A number of 32 bits is stored in what an exception begins with.
fn is_store_at(it: &Instruction, displacement: u64) -> bool {
    it.mnemonic() == Mnemonic::Mov
        && it.code() == Form::Mov_rm32_imm32
        && it.memory_base() == Register::RDI
        && it.memory_displacement64() == displacement
}
