//! Damage to executables that must not pass: each finds its place by the form of the code, so that it does not depend on
//! where the compiler puts things, and fails if there is no such place.

use crate::image::Image;
use iced_x86::{Code, ConditionCode, FlowControl, Instruction, Mnemonic, OpKind, Register};
use nativize_abi::address::SLOT_SIZE;
use nativize_abi::program::{Exceptions, Handler, Memory, ProgramHeader};
use object::elf;
use std::mem::offset_of;

/// What is damaged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Victim {
    /// `victim.wat` with guard pages.
    Guard,
    /// `tests/programs/throws.wasm`.
    Exceptions,
    /// `tests/programs/pthreads.wasm`.
    Threads,
}

/// What must be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    /// The function with the damage is not proven.
    Function,
    /// Some function is not proven: that which shows the damage is another one.
    Elsewhere,
    /// The file is rejected.
    File,
}

/// Its name, what it damages, what must be found, and how.
pub(crate) type Sabotage = (&'static str, Victim, Expected, fn(&mut Image));

pub(crate) const ALL: &[Sabotage] = &[
    (
        "index_not_extended",
        Victim::Guard,
        Expected::Function,
        |image| {
            let extension = image.find("load", is_extension);
            image.replace(&extension, &[]);
        },
    ),
    (
        "index_of_a_store_not_extended",
        Victim::Guard,
        Expected::Function,
        |image| {
            let extension = image.find("store", is_extension);
            image.replace(&extension, &[]);
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
            let check = image.find("far", |it| it.condition_code() == ConditionCode::a);
            image.replace(&check, &[]);
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
            let extension = image.find("second_load", is_extension);
            image.replace(&extension, &[]);
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
            let check = image.find("copy", |it| it.condition_code() == ConditionCode::a);
            image.replace(&check, &[]);
        },
    ),
    (
        "length_check_of_a_table_removed",
        Victim::Guard,
        Expected::Function,
        |image| {
            let check = image.find("indirect", |it| it.condition_code() == ConditionCode::ae);
            image.replace(&check, &[]);
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
            let check = image.find("indirect", |it| it.condition_code() == ConditionCode::ne);
            image.replace(&check, &[]);
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
            let load = image.find("indirect", |it| {
                it.mnemonic() == Mnemonic::Mov
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_index_scale() == 8
            });
            image.replace(&load, &[]);
        },
    ),
    (
        "table_of_references_changed",
        Victim::Guard,
        Expected::Elsewhere,
        |image| {
            let (target, _) = image.symbol("load");
            let (rodata, size) = image.symbol("nvz_program_rodata");
            let cell = (rodata..rodata + size).step_by(8);
            let mut cell = cell.filter(|&cell| image.read(cell, 8) == target.to_le_bytes());
            let cell = cell.next().expect("the function is in the table");
            image.write(cell, &(target + 4).to_le_bytes());
            image.changed.clear();
            let (indirect, _) = image.symbol("indirect");
            image.changed.push(indirect);
        },
    ),
    (
        "branch_into_an_instruction",
        Victim::Guard,
        Expected::Function,
        |image| {
            let branch = image.find("far", |it| {
                it.flow_control() == FlowControl::ConditionalBranch
            });
            let at = branch.next_ip() - 1;
            let byte = image.read(at, 1)[0];
            image.write(at, &[byte.wrapping_add(1)]);
        },
    ),
    (
        "branch_out_of_the_function",
        Victim::Guard,
        Expected::Function,
        |image| {
            let branch = image.find("far", |it| {
                it.flow_control() == FlowControl::ConditionalBranch
            });
            let at = branch.next_ip() - 1;
            image.write(at, &[0x7f]);
        },
    ),
    (
        "call_into_a_function",
        Victim::Guard,
        Expected::Function,
        |image| {
            let call = image.find("spill", |it| it.flow_control() == FlowControl::Call);
            image.last_word(&call, |distance| distance.wrapping_add(4));
        },
    ),
    (
        "call_between_functions",
        Victim::Guard,
        Expected::Function,
        |image| {
            let call = image.find("spill", |it| it.flow_control() == FlowControl::Call);
            image.last_word(&call, |distance| distance.wrapping_sub(1));
        },
    ),
    (
        "call_into_the_runtime",
        Victim::Guard,
        Expected::Function,
        |image| {
            let call = image.find("grow", |it| it.flow_control() == FlowControl::Call);
            image.last_word(&call, |distance| distance.wrapping_add(1));
        },
    ),
    (
        "call_of_a_function_that_is_the_runtimes_own",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (start, _) = image.symbol("nvz_main_command");
            let call = image.find("grow", |it| it.flow_control() == FlowControl::Call);
            let distance = start.wrapping_sub(call.next_ip()) as u32;
            image.last_word(&call, |_| distance);
        },
    ),
    (
        "call_of_an_entry",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (entry, _) = image.symbol("[entry 0]");
            let call = image.find("spill", |it| it.flow_control() == FlowControl::Call);
            let distance = entry.wrapping_sub(call.next_ip()) as u32;
            image.last_word(&call, |_| distance);
        },
    ),
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
        "load_by_a_parameter",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov eax, [rdi + 0x70000000]
            over_access(image, &[0x8b, 0x87, 0, 0, 0, 0x70]);
        },
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
    (
        "kept_register_not_restored",
        Victim::Guard,
        Expected::Function,
        |image| {
            let restored = image.find("spill", |it| {
                it.code() == Code::Mov_r64_rm64
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_base() == Register::RSP
                    && [Register::RBX, Register::R12, Register::R13, Register::R14]
                        .contains(&it.op0_register())
            });
            image.replace(&restored, &[]);
        },
    ),
    (
        "stack_pointer_not_restored",
        Victim::Guard,
        Expected::Function,
        |image| {
            let restored = image.find("spill", |it| {
                it.mnemonic() == Mnemonic::Mov
                    && it.op0_register() == Register::RSP
                    && it.op1_register() == Register::RBP
            });
            image.replace(&restored, &[]);
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
    ("far_return", Victim::Guard, Expected::Function, |image| {
        // It takes a segment off the stack as well.
        let end = image.find("load", |it| it.mnemonic() == Mnemonic::Ret);
        image.replace(&end, &[0xcb]);
    }),
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
        "write_to_constants",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (rodata, _) = image.symbol("nvz_program_rodata");
            redirect_global(image, rodata);
        },
    ),
    (
        "write_to_code",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (code, _) = image.symbol("global");
            redirect_global(image, code);
        },
    ),
    (
        "write_to_the_record_of_a_memory",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (data, _) = image.symbol("nvz_program_data");
            redirect_global(image, data);
        },
    ),
    (
        "write_to_the_runtime",
        Victim::Guard,
        Expected::Function,
        |image| {
            let (frame, size) = image.symbol("nvz_guest_frame");
            redirect_global(image, frame + size);
        },
    ),
    (
        "record_of_another_memory_to_grow",
        Victim::Guard,
        Expected::Function,
        |image| {
            let record = image.find("grow", |it| {
                it.mnemonic() == Mnemonic::Lea && it.is_ip_rel_memory_operand()
            });
            image.retarget(&record, record.ip_rel_memory_address() + 8);
        },
    ),
    (
        "record_of_the_guest_frame",
        Victim::Guard,
        Expected::Function,
        |image| {
            // What the runtime would take for the return address.
            let function = "wasi_snapshot_preview1.sched_yield";
            let load = image.find(function, |it| {
                it.code() == Code::Mov_r64_rm64
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_displacement64() == 8
            });
            image.replace(&load, &[]);
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
];

/// A 32-bit move, which clears the other half.
fn is_extension(it: &Instruction) -> bool {
    matches!(it.code(), Code::Mov_rm32_r32 | Code::Mov_r32_rm32)
        && it.op0_kind() == OpKind::Register
        && it.op1_kind() == OpKind::Register
}

fn is_heap_access(it: &Instruction) -> bool {
    it.mnemonic() == Mnemonic::Mov
        && it.op1_kind() == OpKind::Memory
        && it.memory_displacement64() >= nativize_abi::address::LOW_MEMORY_BASE
}

/// Something in the place of the access to memory of the function `load`.
fn over_access(image: &mut Image, bytes: &[u8]) {
    let load = image.find("load", is_heap_access);
    image.replace(&load, bytes);
}

/// Lets a branch be made where it was not.
fn invert(image: &mut Image, function: &str, condition: ConditionCode) {
    let branch = image.find(function, |it| it.condition_code() == condition);
    let bytes = image.read(branch.ip(), branch.len());
    let at = usize::from(bytes[0] == 0x0f);
    image.write(branch.ip() + at as u64, &[bytes[at] ^ 1]);
}

/// Lets the store to the global go elsewhere.
fn redirect_global(image: &mut Image, target: u64) {
    let address = image.find("global", |it| it.is_ip_rel_memory_operand());
    if address.mnemonic() == Mnemonic::Lea {
        // The store adds the place in the section.
        let store = image.find("global", |it| {
            it.mnemonic() == Mnemonic::Mov && it.op0_kind() == OpKind::Memory
        });
        image.retarget(&address, target.wrapping_sub(store.memory_displacement64()));
    } else {
        image.retarget(&address, target);
    }
}

/// The address of the table of `switch`.
fn jump_table(image: &Image) -> u64 {
    let address = image.find("switch", |it| {
        it.mnemonic() == Mnemonic::Lea && it.is_ip_rel_memory_operand()
    });
    address.ip_rel_memory_address()
}

/// Changes the record of the first memory.
fn change_memory(image: &mut Image, field: usize, value: u64) {
    let (header, _) = image.symbol("nvz_program");
    let at = header + offset_of!(ProgramHeader, memories) as u64;
    let bytes = image.read(at, 8);
    let record = u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    image.write(record + field as u64, &value.to_le_bytes());
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
        let first = image.read(span, 8);
        return u64::from_le_bytes(first.try_into().expect("eight bytes"));
    }
    panic!("nothing throws");
}
