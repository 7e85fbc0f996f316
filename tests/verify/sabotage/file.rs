//! Damage to the headers of the file and to its records.

use super::{Expected, Sabotage, Victim};
use crate::image::Image;
use nativize_abi::address::SLOT_SIZE;
use nativize_abi::config::Hooks;
use nativize_abi::program::{Checks, Memory, ProgramHeader, Table};
use object::elf;
use std::mem::offset_of;

pub(super) const ALL: &[Sabotage] = &[
    ("code_writable", Victim::Guard, Expected::File, |image| {
        image.change_flags(
            |kind, flags| kind == elf::PT_LOAD && flags & elf::PF_X != 0,
            elf::PF_R | elf::PF_W | elf::PF_X,
        );
    }),
    ("data_executable", Victim::Guard, Expected::File, |image| {
        image.change_flags(
            |kind, flags| kind == elf::PT_LOAD && flags & elf::PF_W != 0,
            elf::PF_R | elf::PF_W | elf::PF_X,
        );
    }),
    ("stack_executable", Victim::Guard, Expected::File, |image| {
        image.change_flags(
            |kind, _| kind == elf::PT_GNU_STACK,
            elf::PF_R | elf::PF_W | elf::PF_X,
        );
    }),
    (
        "constants_writable",
        Victim::Guard,
        Expected::File,
        |image| {
            image.change_flags(
                |kind, flags| kind == elf::PT_LOAD && flags == elf::PF_R,
                elf::PF_R | elf::PF_W,
            );
        },
    ),
    ("data_read_only", Victim::Guard, Expected::File, |image| {
        image.change_flags(
            |kind, flags| kind == elf::PT_LOAD && flags & elf::PF_W != 0,
            elf::PF_R,
        );
    }),
    (
        "segment_beside_the_memory_in_the_low_slot",
        Victim::Guard,
        Expected::File,
        |image| {
            // Where an address that is computed in 32 bits reaches it.
            image.move_segment(
                |kind, flags| kind == elf::PT_LOAD && flags & elf::PF_W != 0,
                0x8000_0000,
            );
        },
    ),
    (
        "maximum_beyond_the_slot",
        Victim::Guard,
        Expected::File,
        |image| change_memory(image, offset_of!(Memory, max), SLOT_SIZE + 1),
    ),
    (
        "maximum_below_the_size",
        Victim::Guard,
        Expected::File,
        |image| change_memory(image, offset_of!(Memory, max), 0),
    ),
    ("memory_elsewhere", Victim::Guard, Expected::File, |image| {
        change_memory(image, offset_of!(Memory, base), 0x3f20_0000);
    }),
    (
        "stack_executable_by_default",
        Victim::Guard,
        Expected::File,
        |image| {
            image.change_type(elf::PT_GNU_STACK, elf::PT_NULL);
        },
    ),
    (
        "begin_in_guest_code",
        Victim::Guard,
        Expected::File,
        |image| {
            let (load, _) = image.symbol("load");
            // e_entry
            image.bytes[24..32].copy_from_slice(&load.to_le_bytes());
        },
    ),
    (
        "main_loop_in_guest_code",
        Victim::Guard,
        Expected::File,
        |image| {
            let (load, _) = image.symbol("load");
            change_header(image, offset_of!(ProgramHeader, main), load);
        },
    ),
    (
        "copy_to_what_is_no_memory",
        Victim::Guard,
        Expected::File,
        |image| {
            // The records of functions are taken for one, with a number as the address.
            let functions = header(image, offset_of!(ProgramHeader, functions));
            change_header(image, offset_of!(ProgramHeader, copies), functions);
            change_header(image, offset_of!(ProgramHeader, copies) + 8, 1);
        },
    ),
    (
        "constants_behind_what_the_file_has_of_them",
        Victim::Guard,
        Expected::File,
        // The kernel leaves there what follows in the file.
        |image| image.lengthen_segment(|kind, flags| kind == elf::PT_LOAD && flags == elf::PF_R, 8),
    ),
    (
        "check_shown_by_guest_code",
        Victim::Guard,
        Expected::File,
        |image| {
            let checks = header(image, offset_of!(ProgramHeader, checks));
            assert_ne!(checks, 0);
            let (load, _) = image.symbol("load");
            image.write(
                checks + offset_of!(Checks, show) as u64,
                &load.to_le_bytes(),
            );
        },
    ),
    (
        "lines_shown_by_the_main_loop",
        Victim::Guard,
        Expected::File,
        |image| {
            // A constant with the address of a function: the record of the main loop.
            let (program, _) = image.symbol("nvz_program");
            let main = program + offset_of!(ProgramHeader, main) as u64;
            change_header(image, offset_of!(ProgramHeader, lines), main);
        },
    ),
    (
        "limit_that_is_guest_code",
        Victim::Guard,
        Expected::File,
        |image| call_load(image, offset_of!(Hooks, check_memory)),
    ),
    (
        "limit_of_descriptors_that_is_guest_code",
        Victim::Guard,
        Expected::File,
        |image| call_load(image, offset_of!(Hooks, check_descriptors)),
    ),
    ("stack_over_data", Victim::Guard, Expected::File, |image| {
        let (data, size) = image.symbol("nvz_program_data");
        change_hook(image, offset_of!(Hooks, stack_end), |_| data + size);
    }),
    (
        "stack_in_a_memory",
        Victim::Guard,
        Expected::File,
        |image| change_hook(image, offset_of!(Hooks, stack_end), |_| 0x2_0000),
    ),
    (
        "preparation_that_is_guest_code",
        Victim::Guard,
        Expected::File,
        |image| call_load(image, size_of::<Hooks>()),
    ),
    (
        "image_beside_the_memories",
        Victim::Guard,
        Expected::File,
        |image| {
            let (header, _) = image.symbol("nvz_program");
            change_header(image, offset_of!(ProgramHeader, images), header);
            change_header(image, offset_of!(ProgramHeader, images) + 8, 1);
        },
    ),
    (
        "table_in_data_of_the_runtime",
        Victim::Grown,
        Expected::File,
        |image| {
            let (frame, _) = image.symbol("nvz_guest_frame");
            change_table(image, offset_of!(Table, base), frame);
        },
    ),
    (
        "table_longer_than_its_data",
        Victim::Grown,
        Expected::File,
        |image| {
            change_table(image, offset_of!(Table, len), 90);
        },
    ),
    (
        "table_over_its_record",
        Victim::Grown,
        Expected::File,
        |image| {
            let record = table(image);
            change_table(image, offset_of!(Table, base), record);
        },
    ),
    (
        "table_that_is_a_mapping_already",
        Victim::Grown,
        Expected::File,
        |image| {
            change_table(image, offset_of!(Table, capacity), 512);
        },
    ),
];

/// Changes a word of the program's header.
pub(super) fn change_header(image: &mut Image, field: usize, value: u64) {
    let (header, _) = image.symbol("nvz_program");
    image.write(header + field as u64, &value.to_le_bytes());
}

/// Lets the runtime call guest code.
fn call_load(image: &mut Image, hook: usize) {
    let (load, _) = image.symbol("load");
    change_hook(image, hook, |_| load);
}

pub(super) fn change_hook(image: &mut Image, hook: usize, change: impl Fn(u64) -> u64) {
    let (hooks, _) = image.symbol("nvz_hooks");
    let at = hooks + hook as u64;
    let value = change(image.read_u64(at));
    image.write(at, &value.to_le_bytes());
}

/// A word of it.
pub(super) fn header(image: &Image, field: usize) -> u64 {
    let (header, _) = image.symbol("nvz_program");
    image.read_u64(header + field as u64)
}

/// The record of the first table that can grow.
pub(super) fn table(image: &Image) -> u64 {
    header(image, offset_of!(ProgramHeader, tables))
}

pub(super) fn change_table(image: &mut Image, field: usize, value: u64) {
    let record = table(image);
    image.write(record + field as u64, &value.to_le_bytes());
}

/// Changes the record of the first memory.
fn change_memory(image: &mut Image, field: usize, value: u64) {
    let record = header(image, offset_of!(ProgramHeader, memories));
    image.write(record + field as u64, &value.to_le_bytes());
}
