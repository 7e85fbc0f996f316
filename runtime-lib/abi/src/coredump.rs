//! What the runtime needs to know to write a core dump: only in programs that were built for that.

use crate::program::Span;
use core::mem::size_of;

/// The root, at [`crate::symbol::COREDUMP`], in read-only data. Instances and globals have their order in the program,
/// and memories that of their records.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CoreDump {
    /// Sections of the file that are the same in every dump: `coremodules` and `coreinstances` (bytes).
    pub sections: Span,
    /// The [`DumpedInstance`]s.
    pub instances: Span,
    /// For each function with a body, the offset in its module where the body begins (`u32`s).
    pub starts: Span,
    /// The [`DumpedMemory`]s.
    pub memories: Span,
    /// The [`DumpedGlobal`]s.
    pub globals: Span,
}

/// An instance.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct DumpedInstance {
    /// As in [`Function::instance`](crate::program::Function::instance).
    pub number: u32,
    /// How many functions it imports.
    pub imported: u32,
    /// The place of its first function in [`CoreDump::starts`].
    pub first: u32,
    /// How many functions it defines.
    pub count: u32,
}

/// The type of a memory.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct DumpedMemory {
    /// The flags of the binary format.
    pub flags: u64,
    /// The pages that it may grow to, if the flags say that there is such a limit.
    pub max: u64,
    /// Where its record is, counted from the [`Thread`](crate::program::Thread), if each thread has a memory of its own; 0
    /// if the record is the one of this position.
    pub in_thread: u64,
}

/// A global.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct DumpedGlobal {
    /// Its [`ValueType`](crate::program::ValueType).
    pub ty: u32,
    /// 1 if each thread has one of its own.
    pub in_thread: u32,
    /// The address of its value, counted from the [`Thread`](crate::program::Thread) if each has one.
    pub address: u64,
}

const _: () = assert!(size_of::<CoreDump>() == 80);
const _: () = assert!(size_of::<DumpedInstance>() == 16);
const _: () = assert!(size_of::<DumpedMemory>() == 24);
const _: () = assert!(size_of::<DumpedGlobal>() == 16);
