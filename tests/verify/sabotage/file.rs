//! Damage to the headers of the file and to its records.

use super::{Expected, Sabotage, Victim};
use crate::image::Image;
use nativize_abi::address::SLOT_SIZE;
use nativize_abi::program::{Memory, ProgramHeader};
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
];

/// Changes the record of the first memory.
fn change_memory(image: &mut Image, field: usize, value: u64) {
    let (header, _) = image.symbol("nvz_program");
    let at = header + offset_of!(ProgramHeader, memories) as u64;
    let bytes = image.read(at, 8);
    let record = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    image.write(record + field as u64, &value.to_le_bytes());
}
