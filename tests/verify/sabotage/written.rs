//! Functions of which the code is another: what no compiler writes, and a processor does.

use super::{Expected, Sabotage, Victim};
use crate::image::Image;

/// A piece of what is written.
enum Piece {
    Code(&'static [u8]),
    /// A call of a function.
    Call(&'static str),
}
use Piece::{Call, Code};

/// push rbp; mov rbp, rsp
const BEGIN: Piece = Code(&[0x55, 0x48, 0x89, 0xe5]);
/// mov rsp, rbp; pop rbp; ret
const END: Piece = Code(&[0x48, 0x89, 0xec, 0x5d, 0xc3]);
/// xor eax, eax
const ZERO: Piece = Code(&[0x31, 0xc0]);

pub(super) const ALL: &[Sabotage] = &[
    (
        "slot_below_the_stack_over_a_call",
        Victim::Guard,
        Expected::Function,
        |image| {
            // mov ecx, edi; sub rsp, 64; mov [rsp], rcx; add rsp, 64
            let keep = Code(&[
                0x89, 0xf9, 0x48, 0x83, 0xec, 0x40, 0x48, 0x89, 0x0c, 0x24, 0x48, 0x83, 0xc4, 0x40,
            ]);
            // sub rsp, 64; mov rcx, [rsp]; mov eax, [rcx + 0x10000]
            let read = Code(&[
                0x48, 0x83, 0xec, 0x40, 0x48, 0x8b, 0x0c, 0x24, 0x8b, 0x81, 0, 0, 1, 0,
            ]);
            write(image, "spill", &[BEGIN, keep, Call("load"), read, END]);
        },
    ),
    (
        "call_of_the_runtime_above_the_frame",
        Victim::Guard,
        Expected::Function,
        |image| {
            // lea rdi, [record] is what the function has: add rsp, 128 before it, over the prologue.
            let call = image.find("grow", |it| {
                it.flow_control() == iced_x86::FlowControl::Call
            });
            let (start, _) = image.symbol("grow");
            let callee = call.near_branch64();
            let record = image.find("grow", |it| it.is_ip_rel_memory_operand());
            let record = record.ip_rel_memory_address();
            // mov esi, edi; add rsp, 16; lea rdi, [record]; call; sub rsp, 16; ret
            let mut code = vec![0x48, 0x83, 0xc4, 0x10, 0x48, 0x8d, 0x3d];
            code.extend((record.wrapping_sub(start + 11) as u32).to_le_bytes());
            code.push(0xe8);
            code.extend((callee.wrapping_sub(start + 16) as u32).to_le_bytes());
            code.extend([0x48, 0x83, 0xec, 0x10, 0xc3]);
            image.write(start, &code);
        },
    ),
];

/// Lets a function be something else, from its first instruction on.
fn write(image: &mut Image, function: &str, pieces: &[Piece]) {
    let (start, size) = image.symbol(function);
    let mut code = Vec::new();
    for piece in pieces {
        match piece {
            Code(bytes) => code.extend_from_slice(bytes),
            Call(callee) => {
                let (callee, _) = image.symbol(callee);
                let next = start + code.len() as u64 + 5;
                code.push(0xe8);
                code.extend((callee.wrapping_sub(next) as u32).to_le_bytes());
            }
        }
    }
    assert!(code.len() as u64 <= size, "there is no room in {function}");
    image.write(start, &code);
}
