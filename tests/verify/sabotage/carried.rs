//! Damage to what exceptions carry, and to how it is read.

use super::{Expected, Sabotage, Victim, is_function, refer_to};
use crate::image::Image;
use iced_x86::{Code, Instruction, Mnemonic, OpKind, Register};
use nativize_abi::program::Exception;

pub(super) const ALL: &[Sabotage] = &[
    (
        "value_beyond_its_exception",
        Victim::Carried,
        Expected::Function,
        |image| {
            let [.., last] = carried(image);
            // The last byte is the displacement.
            let at = last.next_ip() - 1;
            let displacement = image.read(at, 1)[0];
            assert_eq!(u64::from(displacement), last.memory_displacement64());
            image.write(at, &[displacement + 8]);
        },
    ),
    (
        "value_behind_its_exception_by_a_sum",
        Victim::Carried,
        Expected::Function,
        |image| {
            // add rax, 8
            let [_, second, _] = carried(image);
            image.replace(&second, &[0x48, 0x83, 0xc0, 8]);
        },
    ),
    (
        "value_before_its_exception_by_a_sum",
        Victim::Carried,
        Expected::Function,
        |image| {
            // add rax, -32
            let [_, second, _] = carried(image);
            image.replace(&second, &[0x48, 0x83, 0xc0, 0xe0]);
        },
    ),
    (
        "header_anywhere_by_a_sum",
        Victim::Carried,
        Expected::Function,
        |image| {
            // What was read first is added, add rax, r10 and the like, and what every exception begins with is read there.
            let [first, second, last] = carried(image);
            let number = first.op0_register().number() as u8;
            let sum = [0x48 | number >> 3 << 2, 0x01, 0xc0 | (number & 7) << 3];
            image.replace(&second, &sum);
            image.write(last.next_ip() - 1, &[0]);
        },
    ),
    (
        "parameter_far_above_the_frame",
        Victim::Carried,
        Expected::Function,
        |image| {
            // Of a function that does not return, so that it does not say how many it takes: from [rbp + 0x7fff0000].
            let load = image.find("throws", |it| {
                it.code() == Code::Mov_r64_rm64 && it.op1_kind() == OpKind::Memory
            });
            let [prefix, opcode, modrm] = [0, 1, 2].map(|at| image.read(load.ip() + at, 1)[0]);
            assert_eq!((opcode, load.len()), (0x8b, 7));
            image.write(load.ip(), &[prefix & !1, opcode, modrm & !7 | 5]);
            image.last_word(&load, |_| 0x7fff_0000);
        },
    ),
    (
        "number_carried_as_a_reference",
        Victim::Carried,
        Expected::Elsewhere,
        |image| {
            let reference = image.find("throws_a_function", is_function);
            image.replace(&reference, &[]);
        },
    ),
    (
        "reference_of_another_type_carried",
        Victim::Carried,
        Expected::Elsewhere,
        |image| {
            refer_to(image, "throws_a_function", "catches");
        },
    ),
];

/// The instructions that read what the exception of `catches` carries: a number of 32 bits and two of 64.
fn carried(image: &Image) -> [Instruction; 3] {
    let header = size_of::<Exception>() as u64;
    let all = [0, 8, 16].map(|offset| {
        image.find("catches", |it| {
            it.mnemonic() == Mnemonic::Mov
                && it.op1_kind() == OpKind::Memory
                && it.memory_base() == Register::RAX
                && it.memory_displacement64() == header + offset
        })
    });
    assert!(all[0].ip() < all[1].ip() && all[1].ip() < all[2].ip());
    all
}
