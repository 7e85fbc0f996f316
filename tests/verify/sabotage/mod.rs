//! Damage to executables that must not pass: each finds its place by the form of the code, so that it does not depend on
//! where the compiler puts things, and fails if there is no such place.

mod carried;
mod code;
mod compared;
mod control;
mod data;
mod dropped;
mod file;
mod instructions;
mod loops;
mod memory;
mod named;
mod references;
mod rewritten;
mod runtime;
mod written;

pub(crate) use rewritten::Change;

use crate::image::Image;
use iced_x86::{Code, ConditionCode, Instruction, Mnemonic, OpKind, Register};

/// What is damaged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Victim {
    /// `victim.wat` with guard pages.
    Guard,
    /// The same with explicit checks.
    Explicit,
    /// `compared.wat`: 64-bit and shared memories, small pages, a table of 64-bit indices.
    Compared,
    /// `references.wat`.
    References,
    /// `carried.wat`.
    Carried,
    /// `grown.wat`.
    Grown,
    /// `dropped.wat` at `-O0`.
    Dropped,
    /// `tests/run/checks/copy_in_loops.wat`.
    Loops,
    /// `tests/programs/throws.wasm`.
    Exceptions,
    /// `tests/programs/pthreads.wasm`.
    Threads,
    /// `own.wat`.
    Own,
    /// `chosen.wat`.
    Chosen,
    /// `bare.wat`.
    Bare,
}

/// What must be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    /// The function with the damage is not proven.
    Function,
    /// Some function is not proven: that which shows the damage is another one.
    Elsewhere,
    /// More accesses rely on pages than before.
    Pages,
    /// The file is rejected.
    File,
}

/// Its name, what it damages, what must be found, and how.
pub(crate) type Sabotage = (&'static str, Victim, Expected, fn(&mut Image));

/// Every one.
pub(crate) fn all() -> impl Iterator<Item = Sabotage> {
    let lists = [
        memory::ALL,
        compared::ALL,
        control::ALL,
        instructions::ALL,
        data::ALL,
        references::ALL,
        dropped::ALL,
        loops::ALL,
        carried::ALL,
        rewritten::ALL,
        file::ALL,
        written::ALL,
        named::ALL,
        runtime::ALL,
    ];
    lists.into_iter().flatten().copied()
}

/// What looks like some of those and is in order.
pub(crate) fn in_order() -> impl Iterator<Item = Change> {
    let lists = [rewritten::IN_ORDER, named::IN_ORDER, runtime::IN_ORDER];
    lists.into_iter().flatten().copied()
}

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

/// Nothing in the place of an instruction.
fn erase(image: &mut Image, function: &str, is: impl Fn(&Instruction) -> bool) {
    let found = image.find(function, is);
    image.replace(&found, &[]);
}

/// Lets a branch never be made.
fn remove(image: &mut Image, function: &str, condition: ConditionCode) {
    erase(image, function, |it| it.condition_code() == condition);
}

/// `add register, 4`
fn add_four(register: Register) -> [u8; 4] {
    let number = register.number() as u8;
    [0x48 | number >> 3, 0x83, 0xc0 | number & 7, 4]
}

/// The address of a function is taken: the first in the code, before any data.
fn is_function(it: &Instruction) -> bool {
    it.mnemonic() == Mnemonic::Lea
        && it.is_ip_rel_memory_operand()
        && it.ip_rel_memory_address().abs_diff(it.ip()) < 0x1000
}

/// Lets a function take the address of another one than it does.
fn refer_to(image: &mut Image, function: &str, other: &str) {
    let reference = image.find(function, is_function);
    let (start, _) = image.symbol(other);
    image.retarget(&reference, start);
}
