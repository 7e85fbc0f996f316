//! Damage to accesses of the program's data, and to what its tables hold.

use super::{Expected, Sabotage, Victim, erase};
use crate::image::Image;
use iced_x86::{Code, Mnemonic, OpKind};

pub(super) const ALL: &[Sabotage] = &[
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
            erase(image, function, |it| {
                it.code() == Code::Mov_r64_rm64
                    && it.op1_kind() == OpKind::Memory
                    && it.memory_displacement64() == 8
            });
        },
    ),
];

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
