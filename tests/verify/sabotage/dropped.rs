//! Damage to ranges of known length in segments that can be dropped.

use super::{Expected, Sabotage, Victim, remove};
use crate::image::Image;
use iced_x86::{Code, ConditionCode, Instruction, Mnemonic, OpKind, Register};

pub(super) const ALL: &[Sabotage] = &[
    (
        "end_of_a_segment_not_compared",
        Victim::Dropped,
        Expected::Function,
        |image| {
            remove(image, "init", ConditionCode::a);
        },
    ),
    (
        "start_in_a_segment_compared_alone",
        Victim::Dropped,
        Expected::Function,
        |image| {
            compare_start_alone(image, "init");
        },
    ),
    (
        "start_among_elements_compared_alone",
        Victim::Dropped,
        Expected::Function,
        |image| {
            compare_start_alone(image, "init_table");
        },
    ),
    (
        "start_in_a_segment_that_may_wrap",
        Victim::Dropped,
        Expected::Function,
        |image| {
            // All of the register instead of its lower half.
            let sum = sum(image, "init");
            let extension = image.find("init", |it| {
                it.code() == Code::Mov_r32_rm32
                    && it.op1_kind() == OpKind::Register
                    && it.op0_register().full_register() == sum.memory_base()
            });
            let rex = image.read(extension.ip(), 1)[0];
            assert_eq!(rex >> 4, 4, "there is a prefix to change");
            image.write(extension.ip(), &[rex | 8]);
        },
    ),
    (
        "length_of_a_segment_that_grows",
        Victim::Dropped,
        Expected::Elsewhere,
        |image| {
            // The cell that the function `grow` counts up.
            let count = image.find("grow", |it| {
                it.code() == Code::Mov_rm64_r64
                    && it.op0_kind() == OpKind::Memory
                    && it.memory_base() != Register::RSP
            });
            let cell = count.memory_displacement64() as u8;
            let compare = compare(image);
            image.write(compare.next_ip() - 1, &[cell]);
        },
    ),
    (
        "length_of_a_segment_enlarged",
        Victim::Dropped,
        Expected::Elsewhere,
        |image| {
            let compare = compare(image);
            let data = image.find("init", |it| {
                it.mnemonic() == Mnemonic::Lea && it.op0_register() == compare.memory_base()
            });
            let cell = data.ip_rel_memory_address() + compare.memory_displacement64();
            image.write(cell, &0x10_0000_u64.to_le_bytes());
        },
    ),
    (
        "length_of_a_segment_overwritten_in_part",
        Victim::Dropped,
        Expected::Elsewhere,
        |image| {
            // Half of the cell keeps what it had, and the other gets what is stored.
            let store = image.find("drop", |it| {
                it.code() == Code::Mov_rm64_imm32 && it.memory_base() != Register::RSP
            });
            let cell = store.memory_displacement64() as u8 + 4;
            let at = store.next_ip() - 5;
            assert_eq!(image.read(at, 1)[0] + 4, cell, "a displacement of a byte");
            image.write(at, &[cell]);
        },
    ),
    (
        "part_of_a_reference_copied",
        Victim::Dropped,
        Expected::Elsewhere,
        |image| {
            // Half an entry instead of two.
            let bytes = image.find("init_table", |it| {
                it.mnemonic() == Mnemonic::Shl && it.op0_register() == Register::RDX
            });
            assert_eq!(image.read(bytes.next_ip() - 1, 1), [3]);
            image.write(bytes.next_ip() - 1, &[1]);
        },
    ),
];

/// The comparison of the end of the range with the cell.
fn compare(image: &Image) -> Instruction {
    image.find("init", |it| {
        it.mnemonic() == Mnemonic::Cmp && it.op1_kind() == OpKind::Memory
    })
}

/// The sum of start and length that is compared first.
fn sum(image: &Image, function: &str) -> Instruction {
    image.find(function, |it| {
        it.mnemonic() == Mnemonic::Lea && it.memory_index() != Register::None
    })
}

/// `mov SUM, START` instead of `lea SUM, [START + length]`.
fn compare_start_alone(image: &mut Image, function: &str) {
    let sum = sum(image, function);
    let to = sum.op0_register().number() as u8;
    let from = sum.memory_base().number() as u8;
    let rex = 0x48 | to >> 3 | (from >> 3) << 2;
    image.replace(&sum, &[rex, 0x89, 0xc0 | (from & 7) << 3 | to & 7]);
}
