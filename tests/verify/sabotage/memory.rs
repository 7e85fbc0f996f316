//! Damage to accesses of memories that pages protect, and to the ranges of bulk operations.

use super::{
    Expected, Sabotage, Victim, erase, invert, is_extension, is_heap_access, over_access, remove,
};
use iced_x86::{Code, ConditionCode, Mnemonic, OpKind, Register};

pub(super) const ALL: &[Sabotage] = &[
    (
        "index_not_extended",
        Victim::Guard,
        Expected::Function,
        |image| {
            erase(image, "load", is_extension);
        },
    ),
    (
        "index_of_a_store_not_extended",
        Victim::Guard,
        Expected::Function,
        |image| {
            erase(image, "store", is_extension);
        },
    ),
    (
        "displacement_past_the_guard",
        Victim::Guard,
        Expected::Function,
        |image| {
            let load = image.find("second_load", |it| {
                it.mnemonic() == Mnemonic::Mov
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_displacement64() == 16
            });
            // An access of the same operands with a displacement of 32 bits takes three bytes more, over what follows it.
            let mut bytes = image.read(load.ip(), load.len());
            bytes.pop();
            let modrm = bytes.len()
                - if load.memory_index() == Register::None {
                    1
                } else {
                    2
                };
            bytes[modrm] = bytes[modrm] & 0x3f | 0x80;
            bytes.extend(0x7fff_ffff_u32.to_le_bytes());
            image.write(load.ip(), &bytes);
        },
    ),
    (
        "base_of_a_memory_changed",
        Victim::Guard,
        Expected::Function,
        |image| {
            let base = image.find("second_load", |it| it.code() == Code::Mov_r64_imm64);
            let at = base.next_ip() - 8;
            image.write(at, &0x0e_0000_0000_u64.to_le_bytes());
        },
    ),
    (
        "bounds_check_removed",
        Victim::Guard,
        Expected::Function,
        |image| {
            remove(image, "far", ConditionCode::a);
        },
    ),
    (
        "bounds_check_inverted",
        Victim::Guard,
        Expected::Function,
        |image| {
            invert(image, "far", ConditionCode::a);
        },
    ),
    (
        "displacement_negative",
        Victim::Guard,
        Expected::Function,
        |image| {
            let load = image.find("load", is_heap_access);
            image.last_word(&load, |_| 0x8000_0000);
        },
    ),
    (
        "index_of_another_memory_not_extended",
        Victim::Guard,
        Expected::Function,
        |image| {
            erase(image, "second_load", is_extension);
        },
    ),
    (
        "address_of_32_bits_widened",
        Victim::Guard,
        Expected::Function,
        |image| {
            let access = image.find("added", |it| it.memory_base().is_gpr32());
            let bytes = image.read(access.ip(), access.len());
            assert_eq!(bytes[0], 0x67);
            image.replace(&access, &bytes[1..]);
        },
    ),
    (
        "range_check_of_the_source_removed",
        Victim::Guard,
        Expected::Function,
        |image| {
            let checks = image.instructions("copy");
            let mut checks = checks
                .iter()
                .filter(|it| it.condition_code() == ConditionCode::a);
            let (_, last) = (checks.next().unwrap(), checks.next().expect("two checks"));
            image.replace(&last.clone(), &[]);
        },
    ),
    (
        "range_check_of_the_destination_removed",
        Victim::Guard,
        Expected::Function,
        |image| {
            remove(image, "copy", ConditionCode::a);
        },
    ),
    (
        "load_by_a_parameter",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov eax, [rdi + 0x70000000]
            over_access(image, &[0x8b, 0x87, 0, 0, 0, 0x70]);
        },
    ),
    (
        "sum_of_a_range_in_32_bits",
        Victim::Guard,
        Expected::Function,
        |image| {
            // What is compared is not what is copied to: lea reg, [from + len] without its prefix.
            let sum = image.find("copy", |it| {
                it.mnemonic() == Mnemonic::Lea && it.memory_index() != Register::None
            });
            let prefix = image.read(sum.ip(), 1)[0];
            image.write(sum.ip(), &[prefix & !8]);
        },
    ),
];
