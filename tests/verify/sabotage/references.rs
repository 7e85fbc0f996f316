//! Damage to references, and to what functions are passed that take some.

use super::{Expected, Sabotage, Victim, add_four, is_function, refer_to};
use crate::image::Image;
use iced_x86::{Code, FlowControl, Mnemonic, OpKind, Register};

pub(super) const ALL: &[Sabotage] = &[
    (
        "reference_of_another_type_in_a_global",
        Victim::References,
        Expected::Elsewhere,
        |image| {
            let global = called_global(image, "by_global");
            let (apply, _) = image.symbol("apply");
            image.write(global, &apply.to_le_bytes());
        },
    ),
    (
        "reference_without_an_identity_in_a_global",
        Victim::References,
        Expected::Elsewhere,
        |image| {
            // It takes and returns the same, but nothing refers to it, so that nobody looked at it as one of a call.
            let global = called_global(image, "by_global");
            let (through, _) = image.symbol("through");
            image.write(global, &through.to_le_bytes());
        },
    ),
    (
        "reference_of_another_type_stored",
        Victim::References,
        Expected::Elsewhere,
        |image| {
            refer_to(image, "set", "apply");
        },
    ),
    (
        "reference_of_another_type_passed",
        Victim::References,
        Expected::Elsewhere,
        |image| {
            refer_to(image, "direct", "apply");
        },
    ),
    (
        "reference_of_another_type_passed_by_a_call_by_reference",
        Victim::References,
        Expected::Elsewhere,
        |image| {
            refer_to(image, "through", "apply");
        },
    ),
    (
        "reference_of_another_type_returned",
        Victim::References,
        Expected::Elsewhere,
        |image| {
            refer_to(image, "pick", "apply");
        },
    ),
    (
        "number_passed_by_a_call_by_reference",
        Victim::References,
        Expected::Elsewhere,
        |image| {
            // What the caller got stays in the register.
            let reference = image.find("through", is_function);
            assert_eq!(reference.op0_register(), Register::RDI);
            image.replace(&reference, &[]);
        },
    ),
    (
        "call_beside_a_reference",
        Victim::References,
        Expected::Function,
        |image| {
            // The constant for the callee becomes an addition to its reference.
            let function = "by_global_of_a_constant";
            let constant = image.find(function, |it| {
                it.code() == Code::Mov_r32_imm32 && it.immediate32() == 0x1234_5678
            });
            let call = image.find(function, |it| {
                it.flow_control() == FlowControl::IndirectCall
            });
            assert!(constant.ip() < call.ip());
            image.replace(&constant, &add_four(call.op0_register()));
        },
    ),
];

/// The address of the global by which a function calls.
pub(super) fn called_global(image: &Image, function: &str) -> u64 {
    let data = image.find(function, |it| {
        it.mnemonic() == Mnemonic::Lea && it.is_ip_rel_memory_operand()
    });
    let load = image.find(function, |it| {
        it.code() == Code::Mov_r64_rm64
            && it.op1_kind() == OpKind::Memory
            && it.memory_base() == data.op0_register()
    });
    data.ip_rel_memory_address() + load.memory_displacement64()
}
