//! Functions of which the code is another: what no compiler writes, and a processor does.

use super::code::Part::{self, Code, To};
use super::code::{ENTER, LEAVE, write};
use super::file::table;
use super::{Expected, Sabotage, Victim};
use crate::image::Image;
use iced_x86::{Mnemonic, Register};
use nativize_abi::address::EXECUTABLE_BASE;
use nativize_abi::program::{Memory, THREAD_DATA, Table, Threads};
use std::mem::offset_of;

/// xor eax, eax
const ZERO: Part<'_> = Code(&[0x31, 0xc0]);

pub(super) const ALL: &[Sabotage] = &[
    (
        "call_of_the_runtime_above_the_frame",
        Victim::Carried,
        Expected::Function,
        |image| {
            // add rsp, 16 instead of the frame: what the runtime has on the stack until the handler lies in that of the caller.
            write(image, "throws_five", &[Code(&[0x48, 0x83, 0xc4, 0x10])]);
        },
    ),
    (
        "guard_stepped_over_by_masked_stores",
        Victim::Guard,
        Expected::Function,
        |image| {
            // vpxor xmm0, xmm0, xmm0
            let none = Code(&[0xc5, 0xf9, 0xef, 0xc0]);
            let step = || Code(&[0x48, 0x81, 0xec, 0, 0x70, 0, 0]);
            // vmaskmovps [rsp], xmm0, xmm0
            let masked = || Code(&[0xc4, 0xe2, 0x79, 0x2e, 0x04, 0x24]);
            // mov dword [rsp], 1
            let store = Code(&[0xc7, 0x04, 0x24, 1, 0, 0, 0]);
            let code = [
                ENTER,
                none,
                step(),
                masked(),
                step(),
                masked(),
                step(),
                store,
                ZERO,
                LEAVE,
            ];
            write(image, "spill", &code);
        },
    ),
    (
        "segment_in_the_loop_over_a_frame",
        Victim::Guard,
        Expected::Function,
        |image| {
            let code = &[
                0x4c, 0x8d, 0x9c, 0x24, 0, 0xd0, 0xff, 0xff, // lea r11, [rsp - 0x3000]
                0x48, 0x81, 0xec, 0, 0x10, 0, 0, // again: sub rsp, 0x1000
                0x65, 0xc7, 0x04, 0x24, 0, 0, 0, 0, // mov dword gs:[rsp], 0
                0x49, 0x39, 0xe3, // cmp r11, rsp
                0x75, 0xec, // jne again
            ];
            write(image, "spill", &[ENTER, Code(code), ZERO, LEAVE]);
        },
    ),
    (
        "jump_through_one_of_two_tables",
        Victim::Guard,
        Expected::Function,
        |image| {
            let code = &[
                0x31, 0xc9, // xor ecx, ecx
                0x4c, 0x8d, 0x05, 0x1d, 0, 0, 0, // lea r8, [table]
                0x31, 0xc0, // xor eax, eax
                0x85, 0xff, // test edi, edi
                0x74, 0x06, // je second
                0x49, 0x63, 0x04, 0x88, // movsxd rax, dword [r8 + rcx * 4]
                0xeb, 0x05, // jmp to
                0x49, 0x63, 0x44, 0x88, 6, // second: movsxd rax, dword [r8 + rcx * 4 + 6]
                0x4c, 0x01, 0xc0, // to: add rax, r8
                0xff, 0xe0, // jmp rax
            ];
            // The second is 6 after the first, and leaves the function; what is 4 after it, and in it, does not.
            let table = &[0xf9, 0xff, 0xff, 0xff, 0xf9, 0xff, 0xff, 0xff, 0, 0, 0, 0];
            write(
                image,
                "spill",
                &[ENTER, Code(code), ZERO, LEAVE, Code(table)],
            );
        },
    ),
    (
        "entry_that_writes_by_another_register",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov [rsi], rdi; ret
            write(image, "[entry 0]", &[Code(&[0x48, 0x89, 0x3e, 0xc3])]);
        },
    ),
    (
        "entry_that_writes_behind_its_values",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov [rdi + 0x300], rdi; ret
            let far = Code(&[0x48, 0x89, 0xbf, 0, 3, 0, 0, 0xc3]);
            write(image, "[entry 0]", &[far]);
        },
    ),
    (
        "entry_that_pops",
        Victim::Guard,
        Expected::Function,
        |image| {
            // ret 16
            write(image, "[entry 0]", &[Code(&[0xc2, 16, 0])]);
        },
    ),
    (
        "entry_called_by_a_reference",
        Victim::Guard,
        Expected::Elsewhere,
        |image| {
            // It gets the identity of the functions in the table.
            let (load, _) = image.symbol("load");
            let identity = image.read(load - 4, 4);
            let (entry, _) = image.symbol("[entry 0]");
            image.write(entry - 4, &identity);
        },
    ),
    (
        "data_of_threads_stored_to",
        Victim::Threads,
        Expected::Elsewhere,
        |image| {
            // mov [data], rdi; ret: the next thread begins with that.
            let (data, _) = image.symbol("nvz_program_data");
            let code = [Code(&[0x48, 0x89, 0x3d]), To(data), Code(&[0xc3])];
            write(image, "__wasm_init_tls", &code);
        },
    ),
    (
        "record_of_threads_at_the_last_address",
        Victim::Threads,
        Expected::Elsewhere,
        |image| {
            // mov, with a number that comes to -1 with what is added to it.
            let data = image.find("[entry 0]", |it| it.is_ip_rel_memory_operand());
            let record = image.find("[entry 0]", |it| {
                it.op0_register() == Register::RDI && it.mnemonic() == Mnemonic::Lea
            });
            assert_eq!(record.memory_base(), data.op0_register());
            let number = -1 - record.memory_displacement64() as i32;
            let register = data.op0_register().number() as u8;
            let mov = [0x48 | register >> 3, 0xc7, 0xc0 | register & 7];
            image.replace(&data, &[&mov[..], &number.to_le_bytes()].concat());
        },
    ),
    (
        "memory_of_a_thread_elsewhere",
        Victim::Own,
        Expected::File,
        |image| {
            // The main thread takes what its record says.
            let memory = memory_of_threads(image) + offset_of!(Memory, base) as u64;
            image.write(memory, &EXECUTABLE_BASE.to_le_bytes());
        },
    ),
    (
        "memory_of_a_thread_of_another_size",
        Victim::Own,
        Expected::File,
        |image| {
            let memory = memory_of_threads(image) + offset_of!(Memory, size) as u64;
            image.write(memory, &0x2_0000_u64.to_le_bytes());
        },
    ),
    (
        "memories_of_threads_over_the_programs",
        Victim::Own,
        Expected::File,
        |image| {
            let free = threads(image) + offset_of!(Threads, free_slot) as u64;
            assert_ne!(image.read_u64(free), 0);
            image.write(free, &0_u64.to_le_bytes());
        },
    ),
    (
        "threads_that_begin_with_what_is_not_the_programs",
        Victim::Own,
        Expected::File,
        |image| {
            // The same as before, elsewhere: in code here, but it could be where guest code stores.
            let data = threads(image) + offset_of!(Threads, data) as u64;
            let (first, len) = (image.read_u64(data), image.read_u64(data + 8));
            let (place, size) = image.symbol("memmove");
            assert!(len <= size);
            let bytes = image.read(first, usize::try_from(len).expect("it is in the file"));
            image.write(place, &bytes);
            image.write(data, &place.to_le_bytes());
        },
    ),
    (
        "record_behind_what_a_thread_begins_with",
        Victim::Own,
        Expected::File,
        |image| {
            // Its maximum and its capacity are what the runtime has there.
            let threads = threads(image);
            let tables = image.read_u64(threads + offset_of!(Threads, tables) as u64);
            let len = threads + offset_of!(Threads, data) as u64 + 8;
            let behind = tables + offset_of!(Table, max) as u64 - THREAD_DATA;
            assert!(behind < image.read_u64(len));
            image.write(len, &behind.to_le_bytes());
        },
    ),
    (
        "number_shared_by_threads",
        Victim::Own,
        Expected::Function,
        |image| {
            // Another thread may change it between: mov dword [storage], 5; mov eax, [storage]; lea rcx, [storage]; mov al, [rcx + rax]
            let (place, _) = image.symbol("nvz_program_shared");
            let code = [
                Code(&[0xc7, 0x05]),
                To(place - 4),
                Code(&[5, 0, 0, 0, 0x8b, 0x05]),
                To(place),
                Code(&[0x48, 0x8d, 0x0d]),
                To(place),
                Code(&[0x8a, 0x04, 0x01, 0xc3]),
            ];
            write(image, "read", &code);
        },
    ),
    (
        "table_of_another_thread",
        Victim::Own,
        Expected::Function,
        |image| {
            // The record that the program's header has, and not that of the thread: mov rax, [base]; mov eax, [rax]; ret
            let base = table(image) + offset_of!(Table, base) as u64;
            let code = [
                Code(&[0x48, 0x8b, 0x05]),
                To(base),
                Code(&[0x8b, 0x00, 0xc3]),
            ];
            write(image, "read", &code);
        },
    ),
    (
        "record_of_exceptions_at_the_last_address",
        Victim::Carried,
        Expected::Elsewhere,
        |image| {
            for function in ["throws", "throws_five", "throws_a_function"] {
                // mov rsi, -1
                let record = image.find(function, |it| {
                    it.op0_register() == Register::RSI && it.is_ip_rel_memory_operand()
                });
                image.replace(&record, &[0x48, 0xc7, 0xc6, 0xff, 0xff, 0xff, 0xff]);
            }
        },
    ),
    (
        "call_with_the_stack_at_the_other_end_of_the_numbers",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov rax, 1 << 63; add rsp, rax; call the next instruction
            let far = &[0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x48, 0x01, 0xc4];
            write(
                image,
                "spill",
                &[Code(far), Code(&[0xe8, 0, 0, 0, 0, 0xc3])],
            );
        },
    ),
    (
        "frame_at_the_other_end_of_the_numbers",
        Victim::Carried,
        Expected::Function,
        |image| {
            // push rbp; mov rax, i64::MAX - 8; lea rbp, [rsp + rax]
            let far = &[
                0x55, 0x48, 0xb8, 0xf7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
            ];
            let throws = To(image.symbol("throws").0);
            let made = Code(&[0x48, 0x8d, 0x2c, 0x04, 0xe8]);
            write(image, "catches", &[Code(far), made, throws]);
        },
    ),
    (
        "copy_from_the_last_address",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov rsi, -1; mov rdi, rsi; mov edx, 8; call nvz_memory_copy
            let from = &[0x48, 0xc7, 0xc6, 0xff, 0xff, 0xff, 0xff, 0x48, 0x89, 0xf7];
            let copy = To(image.symbol("nvz_memory_copy").0);
            let len = Code(&[0xba, 8, 0, 0, 0, 0xe8]);
            write(image, "copy", &[Code(from), len, copy, Code(&[0xc3])]);
        },
    ),
];

/// The record of threads, which the entry passes on.
pub(super) fn threads(image: &Image) -> u64 {
    let data = image.find("[entry 0]", |it| it.is_ip_rel_memory_operand());
    let record = image.find("[entry 0]", |it| {
        it.op0_register() == Register::RDI && it.mnemonic() == Mnemonic::Lea
    });
    if record.is_ip_rel_memory_operand() {
        return record.ip_rel_memory_address();
    }
    assert_eq!(record.memory_base(), data.op0_register());
    data.ip_rel_memory_address() + record.memory_displacement64()
}

/// The record of the first memory in what threads begin with.
fn memory_of_threads(image: &Image) -> u64 {
    let record = threads(image);
    let data = image.read_u64(record + offset_of!(Threads, data) as u64);
    let memories = image.read_u64(record + offset_of!(Threads, memories) as u64);
    data + memories - THREAD_DATA
}
