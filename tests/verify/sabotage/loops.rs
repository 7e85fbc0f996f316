//! Damage to what is compared outside of loops and used in them.

use super::{Expected, Sabotage, Victim, add_four, remove};
use crate::image::Image;
use iced_x86::{ConditionCode, FlowControl, Mnemonic, OpKind, Register};
use nativize_abi::address::LOW_MEMORY_BASE;

pub(super) const ALL: &[Sabotage] = &[
    (
        "sum_from_outside_not_compared",
        Victim::Loops,
        Expected::Function,
        |image| {
            remove(image, "copies", ConditionCode::a);
        },
    ),
    (
        "length_changed_in_the_innermost_loop",
        Victim::Loops,
        Expected::Function,
        |image| {
            let length = copied(image, Register::RDX);
            add_in_the_place_of_a_store(image, 20, length);
        },
    ),
    (
        "length_changed_in_the_loop_around_it",
        Victim::Loops,
        Expected::Function,
        |image| {
            let length = copied(image, Register::RDX);
            add_in_the_place_of_a_store(image, 28, length);
        },
    ),
];

/// The register from which a parameter of the copy is moved.
fn copied(image: &Image, parameter: Register) -> Register {
    let instructions = image.instructions("copies");
    let call = instructions
        .iter()
        .position(|it| it.flow_control() == FlowControl::Call)
        .expect("it copies");
    let moved = instructions[..call].iter().rev().find(|it| {
        it.mnemonic() == Mnemonic::Mov
            && it.op0_register() == parameter
            && it.op1_kind() == OpKind::Register
    });
    moved.expect("it is in a register").op1_register()
}

/// Instead of the store with this offset, 4 is added to a register.
fn add_in_the_place_of_a_store(image: &mut Image, offset: u64, register: Register) {
    let store = image.find("copies", |it| {
        it.op0_kind() == OpKind::Memory && it.memory_displacement64() == LOW_MEMORY_BASE + offset
    });
    image.replace(&store, &add_four(register));
}
