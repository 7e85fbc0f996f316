//! Damage to calls, branches, frames, and to what handlers are.

use super::{Expected, Sabotage, Victim, erase, invert, remove};
use crate::image::Image;
use iced_x86::{Code, ConditionCode, FlowControl, Instruction, Mnemonic, OpKind, Register};
use nativize_abi::program::{Exceptions, Handler};
use std::mem::offset_of;

pub(super) const ALL: &[Sabotage] = &[
    (
        "length_check_of_a_table_removed",
        Victim::Guard,
        Expected::Function,
        |image| {
            remove(image, "indirect", ConditionCode::ae);
        },
    ),
    (
        "length_of_a_table_enlarged",
        Victim::Guard,
        Expected::Function,
        |image| {
            let compare = image.find("indirect", |it| {
                it.mnemonic() == Mnemonic::Cmp && it.op1_kind() == OpKind::Immediate8to64
                    || it.mnemonic() == Mnemonic::Cmp && it.op1_kind() == OpKind::Immediate8to32
            });
            let at = compare.next_ip() - 1;
            image.write(at, &[0x7f]);
        },
    ),
    (
        "type_check_removed",
        Victim::Guard,
        Expected::Function,
        |image| {
            remove(image, "indirect", ConditionCode::ne);
        },
    ),
    (
        "type_check_inverted",
        Victim::Guard,
        Expected::Function,
        |image| {
            invert(image, "indirect", ConditionCode::ne);
        },
    ),
    (
        "call_of_an_index",
        Victim::Guard,
        Expected::Function,
        |image| {
            // The load of the table's entry.
            erase(image, "indirect", |it| {
                it.mnemonic() == Mnemonic::Mov
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_index_scale() == 8
            });
        },
    ),
    (
        "branch_into_an_instruction",
        Victim::Guard,
        Expected::Function,
        |image| {
            let at = distance_of_a_branch(image);
            let byte = image.read(at, 1)[0];
            image.write(at, &[byte.wrapping_add(1)]);
        },
    ),
    (
        "branch_out_of_the_function",
        Victim::Guard,
        Expected::Function,
        |image| {
            let at = distance_of_a_branch(image);
            image.write(at, &[0x7f]);
        },
    ),
    (
        "call_into_a_function",
        Victim::Guard,
        Expected::Function,
        |image| {
            let call = call(image, "spill");
            image.last_word(&call, |distance| distance.wrapping_add(4));
        },
    ),
    (
        "call_between_functions",
        Victim::Guard,
        Expected::Function,
        |image| {
            let call = call(image, "spill");
            image.last_word(&call, |distance| distance.wrapping_sub(1));
        },
    ),
    (
        "call_into_the_runtime",
        Victim::Guard,
        Expected::Function,
        |image| {
            let call = call(image, "grow");
            image.last_word(&call, |distance| distance.wrapping_add(1));
        },
    ),
    (
        "call_of_a_function_that_is_the_runtimes_own",
        Victim::Guard,
        Expected::Function,
        |image| {
            call_another(image, "grow", "nvz_main_command");
        },
    ),
    (
        "call_of_an_entry",
        Victim::Guard,
        Expected::Function,
        |image| {
            call_another(image, "spill", "[entry 0]");
        },
    ),
    (
        "kept_register_not_restored",
        Victim::Guard,
        Expected::Function,
        |image| {
            erase(image, "spill", |it| {
                it.code() == Code::Mov_r64_rm64
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_base() == Register::RSP
                    && [Register::RBX, Register::R12, Register::R13, Register::R14]
                        .contains(&it.op0_register())
            });
        },
    ),
    (
        "stack_pointer_not_restored",
        Victim::Guard,
        Expected::Function,
        |image| {
            erase(image, "spill", |it| {
                it.mnemonic() == Mnemonic::Mov
                    && it.op0_register() == Register::RSP
                    && it.op1_register() == Register::RBP
            });
        },
    ),
    (
        "return_that_pops",
        Victim::Guard,
        Expected::Elsewhere,
        |image| {
            // Over the end of a function and what pads it: ret 8.
            let end = image.find("load", |it| it.mnemonic() == Mnemonic::Ret);
            image.write(end.ip(), &[0xc2, 8, 0]);
        },
    ),
    (
        "far_return_at_the_end",
        Victim::Guard,
        Expected::Function,
        |image| {
            // It takes a segment off the stack as well.
            let end = image.find("load", |it| it.mnemonic() == Mnemonic::Ret);
            image.replace(&end, &[0xcb]);
        },
    ),
    (
        "frame_over_the_guard",
        Victim::Guard,
        Expected::Function,
        |image| {
            let frame = image.find("large", |it| {
                it.mnemonic() == Mnemonic::Sub
                    && it.op0_register() == Register::RSP
                    && it.op1_kind() == OpKind::Immediate32to64
            });
            image.last_word(&frame, |_| 0x10_0000);
        },
    ),
    (
        "place_for_results_elsewhere",
        Victim::Guard,
        Expected::Elsewhere,
        |image| {
            // The callee writes where this points to.
            let place = image.find("large", |it| {
                it.mnemonic() == Mnemonic::Lea && it.memory_base() == Register::RSP
            });
            // mov reg, rsi instead: not the address in the frame.
            let modrm = 0xf0 | (place.op0_register().number() as u8 & 7);
            let rex = 0x48 | u8::from(place.op0_register().number() > 7);
            image.replace(&place, &[rex, 0x89, modrm]);
        },
    ),
    (
        "place_in_a_frame_four_gigabytes_further",
        Victim::Guard,
        Expected::Function,
        |image| {
            // The callee writes where the register of the first parameter points to: that is added to, in place of a store.
            let number = image.find("passes", |it| it.code() == Code::Mov_r64_imm64);
            let store = image.find("passes", |it| it.op0_kind() == OpKind::Memory);
            assert_eq!(number.op0_register(), store.op1_register());
            image.write(number.next_ip() - 8, &(1_u64 << 32).to_le_bytes());
            let register = number.op0_register().number() as u8;
            // add rdi, register
            let sum = [0x48 | register >> 3 << 2, 0x01, 0xc7 | (register & 7) << 3];
            image.replace(&store, &sum);
        },
    ),
    (
        "entry_of_a_jump_table_into_an_instruction",
        Victim::Guard,
        Expected::Function,
        |image| {
            let table = jump_table(image);
            let entry = image.read_u32(table).wrapping_add(1);
            image.write(table, &entry.to_le_bytes());
        },
    ),
    (
        "entry_of_a_jump_table_out_of_the_function",
        Victim::Guard,
        Expected::Function,
        |image| {
            let table = jump_table(image);
            image.write(table + 4, &0x1000_u32.to_le_bytes());
        },
    ),
    (
        "clamp_of_a_jump_table_removed",
        Victim::Guard,
        Expected::Function,
        |image| {
            // The move is made whatever the comparison says.
            let clamp = image.find("switch", |it| it.mnemonic() == Mnemonic::Cmovb);
            let bytes = image.read(clamp.ip(), clamp.len());
            let at = bytes
                .windows(2)
                .position(|window| window == [0x0f, 0x42])
                .expect("its opcode");
            let mut mov = bytes;
            mov.splice(at..at + 2, [0x8b]);
            image.replace(&clamp, &mov);
        },
    ),
    (
        "clamp_of_a_jump_table_enlarged",
        Victim::Guard,
        Expected::Function,
        |image| {
            let limit = image.find("switch", |it| it.code() == Code::Mov_r32_imm32);
            image.last_word(&limit, |limit| limit + 8);
        },
    ),
    (
        "landing_into_an_instruction",
        Victim::Exceptions,
        Expected::Elsewhere,
        |image| {
            let handler = handler(image);
            let at = handler + offset_of!(Handler, target) as u64;
            let target = image.read_u32(at) + 1;
            image.write(at, &target.to_le_bytes());
        },
    ),
    (
        "landing_in_another_function",
        Victim::Exceptions,
        Expected::Elsewhere,
        |image| {
            let handler = handler(image);
            let at = handler + offset_of!(Handler, target) as u64;
            image.write(at, &0_u32.to_le_bytes());
        },
    ),
    (
        "landing_with_a_larger_frame",
        Victim::Exceptions,
        Expected::Elsewhere,
        |image| {
            let handler = handler(image);
            let at = handler + offset_of!(Handler, frame_size) as u64;
            let size = image.read_u32(at) + 64;
            image.write(at, &size.to_le_bytes());
        },
    ),
    (
        "thread_register_overwritten",
        Victim::Threads,
        Expected::Function,
        |image| {
            // The frame that the runtime is shown is not that of the thread: mov r15, rdi.
            let store = image.find("wasi_snapshot_preview1.fd_write", |it| {
                it.memory_base() == Register::R15 || it.op1_register() == Register::R15
            });
            image.replace(&store, &[0x49, 0x89, 0xff]);
        },
    ),
    (
        "call_of_what_the_runtime_passes",
        Victim::Guard,
        Expected::Elsewhere,
        |image| {
            // call rdi, which is a reference if only other functions of the program pass it.
            let call = call(image, "[entry 0]");
            image.replace(&call, &[0xff, 0xd7]);
        },
    ),
];

/// The first call in a function.
fn call(image: &Image, function: &str) -> Instruction {
    image.find(function, |it| it.flow_control() == FlowControl::Call)
}

/// Lets that call go to another function.
fn call_another(image: &mut Image, function: &str, callee: &str) {
    let (start, _) = image.symbol(callee);
    let call = call(image, function);
    let distance = start.wrapping_sub(call.next_ip()) as u32;
    image.last_word(&call, |_| distance);
}

/// The address of the byte that says how far a branch of `far` goes.
fn distance_of_a_branch(image: &Image) -> u64 {
    let branch = image.find("far", |it| {
        it.flow_control() == FlowControl::ConditionalBranch
    });
    branch.next_ip() - 1
}

/// The address of the table of `switch`.
fn jump_table(image: &Image) -> u64 {
    let address = image.find("switch", |it| {
        it.mnemonic() == Mnemonic::Lea && it.is_ip_rel_memory_operand()
    });
    address.ip_rel_memory_address()
}

/// The first handler of the program, found by the record that code hands to the function that throws.
fn handler(image: &Image) -> u64 {
    let (throw, _) = image.symbol("nvz_throw");
    let functions = ["__cxa_throw", "_Unwind_RaiseException"];
    for function in functions {
        let instructions = image.instructions(function);
        let call = instructions
            .iter()
            .position(|it| it.flow_control() == FlowControl::Call && it.near_branch64() == throw);
        let Some(call) = call else { continue };
        let record = instructions[..call].iter().rev().find(|it| {
            it.mnemonic() == Mnemonic::Lea
                && it.is_ip_rel_memory_operand()
                && it.op0_register() == Register::RSI
        });
        let record = record
            .expect("the record is handed over")
            .ip_rel_memory_address();
        let span = record + offset_of!(Exceptions, handlers) as u64;
        return image.read_u64(span);
    }
    panic!("nothing throws");
}
