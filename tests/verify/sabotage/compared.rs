//! Damage to accesses of memories and tables that pages do not protect, and to what the runtime is given of them.

use super::{Expected, Sabotage, Victim, erase, invert, is_extension, is_heap_access, remove};
use crate::image::Image;
use iced_x86::{ConditionCode, Instruction, Mnemonic, OpKind, Register};

pub(super) const ALL: &[Sabotage] = &[
    (
        "explicit_check_removed",
        Victim::Explicit,
        Expected::Pages,
        |image| {
            remove(image, "load", ConditionCode::a);
        },
    ),
    (
        "explicit_check_of_a_store_removed",
        Victim::Explicit,
        Expected::Pages,
        |image| {
            remove(image, "store", ConditionCode::a);
        },
    ),
    (
        "explicit_check_inverted",
        Victim::Explicit,
        Expected::Pages,
        |image| {
            invert(image, "load", ConditionCode::a);
        },
    ),
    (
        "explicit_end_too_low",
        Victim::Explicit,
        Expected::Pages,
        |image| {
            let end = image.find("load", is_end);
            change_last(image, &end, -1);
        },
    ),
    (
        "explicit_maximum_compared",
        Victim::Explicit,
        Expected::Pages,
        |image| {
            // The field after the size.
            let compare = image.find("load", is_compared_with_memory);
            change_last(image, &compare, 8);
        },
    ),
    (
        "explicit_displacement_enlarged",
        Victim::Explicit,
        Expected::Pages,
        |image| {
            let load = image.find("load", is_heap_access);
            image.last_word(&load, |displacement| displacement + 1);
        },
    ),
    (
        "wide_check_removed",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "load", ConditionCode::a);
        },
    ),
    (
        "wide_check_of_a_store_removed",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "store", ConditionCode::a);
        },
    ),
    (
        "wide_check_inverted",
        Victim::Compared,
        Expected::Function,
        |image| {
            invert(image, "load", ConditionCode::a);
        },
    ),
    (
        "wide_end_too_low",
        Victim::Compared,
        Expected::Function,
        |image| {
            // One less is taken from the size.
            let end = image.find("load", |it| {
                it.mnemonic() == Mnemonic::Mov && it.op1_kind() == OpKind::Immediate32to64
            });
            image.last_word(&end, |end| end.wrapping_add(1));
        },
    ),
    (
        "wide_displacement_enlarged",
        Victim::Compared,
        Expected::Function,
        |image| {
            let load = image.find("load", is_heap_access);
            image.last_word(&load, |displacement| displacement + 1);
        },
    ),
    (
        "wide_displacement_negative",
        Victim::Compared,
        Expected::Function,
        |image| {
            let load = image.find("load", is_heap_access);
            image.last_word(&load, |displacement| 0_u32.wrapping_sub(displacement));
        },
    ),
    (
        "wide_carry_not_checked",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "carry", ConditionCode::b);
        },
    ),
    (
        "wide_sum_not_compared",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "carry", ConditionCode::a);
        },
    ),
    (
        "wide_sum_too_low",
        Victim::Compared,
        Expected::Function,
        |image| {
            let sum = image.find("carry", |it| {
                it.mnemonic() == Mnemonic::Add && it.op1_kind() == OpKind::Immediate32to64
            });
            image.last_word(&sum, |add| add - 1);
        },
    ),
    (
        "wide_size_of_another_memory",
        Victim::Compared,
        Expected::Pages,
        |image| {
            let size = image.find("load", |it| {
                it.mnemonic() == Mnemonic::Add && it.memory_displacement64() == 8
            });
            // That one has a maximum, so that pages are enough.
            change_last(image, &size, 0x40);
        },
    ),
    (
        "wide_range_carry_not_checked",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "copy", ConditionCode::b);
        },
    ),
    (
        "wide_range_not_compared",
        Victim::Compared,
        Expected::Function,
        |image| {
            let checks = image.instructions("copy");
            let last = checks
                .iter()
                .rfind(|it| it.condition_code() == ConditionCode::a);
            image.replace(last.expect("it is compared"), &[]);
        },
    ),
    (
        "wide_range_moved",
        Victim::Compared,
        Expected::Function,
        |image| {
            // The base of the memory, one byte on.
            let start = image.find("fill", |it| {
                it.mnemonic() == Mnemonic::Add && it.op1_kind() == OpKind::Immediate32to64
            });
            image.last_word(&start, |base| base + 1);
        },
    ),
    (
        "bytes_check_removed",
        Victim::Compared,
        Expected::Pages,
        |image| {
            remove(image, "byte", ConditionCode::a);
        },
    ),
    (
        "bytes_end_too_low",
        Victim::Compared,
        Expected::Pages,
        |image| {
            let end = image.find("byte", is_end);
            change_last(image, &end, -1);
        },
    ),
    (
        "wide_table_check_removed",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "indirect", ConditionCode::ae);
        },
    ),
    (
        "wide_table_check_inverted",
        Victim::Compared,
        Expected::Function,
        |image| {
            invert(image, "indirect", ConditionCode::ae);
        },
    ),
    (
        "wide_table_store_not_checked",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "set", ConditionCode::ae);
        },
    ),
    (
        "wide_table_load_not_checked",
        Victim::Compared,
        Expected::Function,
        |image| {
            // The length is at least 16: what is loaded is entry 17 instead.
            let load = image.find("set", |it| {
                it.mnemonic() == Mnemonic::Mov
                    && it.memory_displacement64() == 8
                    && it.op0_register() != Register::None
            });
            change_last(image, &load, 120);
        },
    ),
    (
        "wide_table_maximum_compared",
        Victim::Compared,
        Expected::Function,
        |image| {
            let compare = image.find("indirect", is_compared_with_memory);
            change_last(image, &compare, 8);
        },
    ),
    (
        "wait_not_compared",
        Victim::Compared,
        Expected::Function,
        |image| {
            remove(image, "wait", ConditionCode::a);
        },
    ),
    (
        "wait_end_too_low",
        Victim::Compared,
        Expected::Function,
        |image| {
            let end = image.find("wait", is_end);
            change_last(image, &end, -1);
        },
    ),
    (
        "shared_index_not_extended",
        Victim::Compared,
        Expected::Function,
        |image| {
            erase(image, "swap", is_extension);
        },
    ),
];

/// Where an access ends, as it is compared.
fn is_end(it: &Instruction) -> bool {
    it.mnemonic() == Mnemonic::Lea && !it.is_ip_rel_memory_operand()
}

fn is_compared_with_memory(it: &Instruction) -> bool {
    it.mnemonic() == Mnemonic::Cmp && it.op1_kind() == OpKind::Memory
}

/// Adds to the last byte of an instruction: a displacement.
fn change_last(image: &mut Image, instruction: &Instruction, by: i8) {
    let at = instruction.next_ip() - 1;
    let byte = image.read(at, 1)[0];
    image.write(at, &[byte.wrapping_add_signed(by)]);
}
