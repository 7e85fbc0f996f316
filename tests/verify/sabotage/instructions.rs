//! Instructions that guest code must not have, or not there.

use super::{Expected, Sabotage, Victim, over_access};

pub(super) const ALL: &[Sabotage] = &[
    ("system_call", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0x0f, 0x05])
    }),
    (
        "system_call_by_interrupt",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0xcd, 0x80]),
    ),
    ("system_enter", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0x0f, 0x34])
    }),
    ("halt", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0xf4])
    }),
    (
        "write_of_a_model_register",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0x0f, 0x30]),
    ),
    (
        "input_from_a_port",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0xec]),
    ),
    (
        "output_to_a_port",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0xee]),
    ),
    (
        "interrupts_off",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0xfa]),
    ),
    (
        "direction_of_strings",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0xfd]),
    ),
    ("string_store", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0xf3, 0x48, 0xab])
    }),
    ("far_return", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0xcb])
    }),
    ("breakpoint", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0xcc])
    }),
    (
        "no_instruction",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0x06]),
    ),
    ("segment_fs", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0x64, 0x8b, 0x07])
    }),
    ("segment_gs", Victim::Guard, Expected::Function, |image| {
        over_access(image, &[0x65, 0x8b, 0x07])
    }),
    (
        "segment_register",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0x8e, 0xe0]),
    ),
    (
        "write_of_fs_base",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0xf3, 0x0f, 0xae, 0xd0]),
    ),
    (
        "computed_address_of_32_bits",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0x67, 0x48, 0x8d, 0x07]),
    ),
    (
        "stack_pointer_from_a_parameter",
        Victim::Guard,
        Expected::Function,
        |image| over_access(image, &[0x48, 0x89, 0xfc]),
    ),
    (
        "slot_above_the_frame",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov [rbp + 16], rdi: the caller's.
            over_access(image, &[0x48, 0x89, 0x7d, 0x10]);
        },
    ),
    (
        "slot_below_the_stack",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov [rsp - 8], rdi
            over_access(image, &[0x48, 0x89, 0x7c, 0x24, 0xf8]);
        },
    ),
    (
        "return_address_overwritten",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov [rbp + 8], rdi
            over_access(image, &[0x48, 0x89, 0x7d, 0x08]);
        },
    ),
    (
        "frame_pointer_overwritten",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov [rbp], rdi
            over_access(image, &[0x48, 0x89, 0x7d, 0x00]);
        },
    ),
    (
        "kept_register_lost",
        Victim::Guard,
        Expected::Function,
        |image| {
            // xor ebx, ebx
            over_access(image, &[0x31, 0xdb]);
        },
    ),
];
