//! Damage to what exceptions carry, and to how it is read.

use super::code::{Part, write_at};
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
        "value_of_a_tag_that_was_not_compared",
        Victim::Chosen,
        Expected::Function,
        |image| {
            // The last two clauses for each other: exceptions of the last tag carry two numbers, those of the one before none.
            let compare = |image: &Image, tag: u64| {
                image.find("chooses", |it| {
                    it.mnemonic() == Mnemonic::Cmp
                        && it.op1_kind() == OpKind::Immediate8to32
                        && it.immediate(1) == tag
                })
            };
            for (tag, other) in [(compare(image, 16), 17), (compare(image, 17), 16)] {
                image.write(tag.next_ip() - 1, &[other]);
            }
        },
    ),
    (
        "value_behind_its_exception_by_a_sum",
        Victim::Carried,
        Expected::Function,
        |image| {
            add_before_the_last(image, 8);
        },
    ),
    (
        "value_before_its_exception_by_a_sum",
        Victim::Carried,
        Expected::Function,
        |image| {
            add_before_the_last(image, -32);
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
        "tag_and_size_called",
        Victim::Carried,
        Expected::Function,
        |image| {
            // mov rax, [rax + 8] becomes mov rax, [rax].
            let load = image.find("calls", |it| {
                it.op0_register() == Register::RAX
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_base() == Register::RAX
            });
            let at = load.next_ip() - 1;
            assert_eq!(image.read(at, 1), [8]);
            image.write(at, &[0]);
        },
    ),
    (
        "exception_of_less_than_its_header",
        Victim::Carried,
        Expected::Function,
        |image| {
            // mov dword [rdi + 4], 16
            let size = image.find("throws_a_function", |it| {
                it.code() == Code::Mov_rm32_imm32 && it.memory_displacement64() == 4
            });
            image.last_word(&size, |_| 4);
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
    (
        "exception_written_by_its_handler",
        Victim::Carried,
        Expected::Function,
        |image| {
            // The load of the second value becomes a store of what is in that register.
            let [_, second, _] = carried(image);
            let bytes = image.read(second.ip(), second.len());
            assert_eq!(bytes[1], 0x8b);
            image.write(second.ip() + 1, &[0x89]);
        },
    ),
    (
        "exception_changed_and_thrown_again",
        Victim::Carried,
        Expected::Function,
        |image| {
            let [first, ..] = carried(image);
            let in_flight = rip_address(image, "throws", Register::RDI);
            let record = rip_address(image, "throws", Register::RSI);
            let (throw, _) = image.symbol("nvz_throw");
            let code = [
                // mov [in_flight + 8], rcx
                Part::Code(&[0x48, 0x89, 0x0d]),
                Part::To(in_flight + 8),
                // mov rdi, rax; lea rsi, [record]
                Part::Code(&[0x48, 0x89, 0xc7, 0x48, 0x8d, 0x35]),
                Part::To(record),
                // call nvz_throw; ud2
                Part::Code(&[0xe8]),
                Part::To(throw),
                Part::Code(&[0x0f, 0x0b]),
            ];
            write_at(image, first.ip(), &code);
        },
    ),
    (
        "exceptions_of_one_tag_of_two_sizes",
        Victim::Carried,
        Expected::Elsewhere,
        |image| {
            // A handler takes the smaller size for what it may copy.
            let tag = image.find("throws_five", is_header);
            image.last_word(&tag, |_| 0);
        },
    ),
    (
        "another_record_of_exceptions",
        Victim::Carried,
        Expected::Elsewhere,
        |image| {
            let record = image.find("throws_five", |it| is_address(it, Register::RSI));
            image.retarget(&record, record.ip_rel_memory_address() + 16);
        },
    ),
    (
        "record_of_exceptions_that_can_be_written",
        Victim::Carried,
        Expected::Elsewhere,
        |image| {
            let (data, _) = image.symbol("nvz_program_data");
            for function in ["throws", "throws_five", "throws_a_function"] {
                let record = image.find(function, |it| is_address(it, Register::RSI));
                image.retarget(&record, data);
            }
        },
    ),
    (
        "throw_with_another_frame",
        Victim::Carried,
        Expected::Function,
        |image| {
            // The runtime would take what a number refers to for frames: mov rbp, rdi, which the function never needs.
            let frame = image.find("throws_five", |it| {
                it.op0_register() == Register::RBP && it.mnemonic() == Mnemonic::Mov
            });
            image.replace(&frame, &[0x48, 0x89, 0xfd]);
        },
    ),
];

/// Adds to the address by which the last value is read, in the place of the instruction that reads the second.
fn add_before_the_last(image: &mut Image, by: i8) {
    let [_, second, _] = carried(image);
    // add rax, by
    image.replace(&second, &[0x48, 0x83, 0xc0, by.cast_unsigned()]);
}

/// The address of something is taken.
fn is_address(it: &Instruction, register: Register) -> bool {
    it.mnemonic() == Mnemonic::Lea && it.is_ip_rel_memory_operand() && it.op0_register() == register
}

/// The tag of an exception is stored.
fn is_header(it: &Instruction) -> bool {
    it.code() == Code::Mov_rm32_imm32
        && it.memory_base() == Register::RDI
        && it.memory_displacement64() == 0
}

fn rip_address(image: &Image, function: &str, register: Register) -> u64 {
    let address = image.find(function, |it| is_address(it, register));
    address.ip_rel_memory_address()
}

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
