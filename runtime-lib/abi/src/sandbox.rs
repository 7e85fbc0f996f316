//! What the kernel enforces: the filter of system calls as it lies in the executable.
//!
//! The filter is a classic BPF program in the form of the kernel's `struct sock_filter`, generated when the executable is
//! built and installed as it is.

/// An instruction of a filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Instruction {
    /// What it does: one of the constants here.
    pub code: u16,
    /// How many instructions a jump skips when its condition holds.
    pub if_true: u8,
    /// And when it does not.
    pub if_false: u8,
    /// The operand.
    pub operand: u32,
}

/// Load the word at `operand` of `struct seccomp_data`.
pub const LOAD: u16 = 0x20;
/// Skip `operand` instructions.
pub const JUMP: u16 = 0x05;
/// Jump on equality with `operand`.
pub const JUMP_EQUAL: u16 = 0x15;
/// Jump if greater than or equal to `operand`, unsigned.
pub const JUMP_NOT_LESS: u16 = 0x35;
/// Jump if any bit of `operand` is set.
pub const JUMP_ANY_BIT: u16 = 0x45;
/// And the accumulator with `operand`.
pub const AND: u16 = 0x54;
/// End with the action `operand`.
pub const RETURN: u16 = 0x06;

/// The action that lets a call happen.
pub const ALLOW: u32 = 0x7fff_0000;
/// The action that raises SIGSYS instead.
pub const TRAP: u32 = 0x0003_0000;

/// Where `struct seccomp_data` has the number of the call.
pub const NUMBER: u32 = 0;
/// Where it has the architecture.
pub const ARCHITECTURE: u32 = 4;
/// Where it has the first of six arguments, 8 bytes each.
pub const ARGUMENTS: u32 = 16;

/// x86-64 (`AUDIT_ARCH_X86_64`). Calls of the x32 convention have it too, and numbers that no filter allows.
pub const X86_64: u32 = 0xc000_003e;

const _: () = assert!(core::mem::size_of::<Instruction>() == 8);
