//! Layouts of what compiled code hands the runtime. Addresses are plain `u64`: the linker resolves them, and the
//! compiler writes them on hosts of any width.

use crate::cpu::CpuFeatures;
use core::mem::size_of;

/// An address and a count of elements.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Span {
    /// The address of the first element.
    pub address: u64,
    /// How many elements follow.
    pub len: u64,
}

/// The root of everything, at [`crate::symbol::PROGRAM`], in read-only data.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ProgramHeader {
    /// [`crate::VERSION`].
    pub version: u32,
    /// What the processor must have beyond the baseline.
    pub cpu_features: CpuFeatures,
    /// The main loop: one of the runtime's `MAIN_*` functions, `extern "C" fn() -> !`.
    pub main: u64,
    /// Guest code, trampolines included (bytes).
    pub text: Span,
    /// [`Function`] records, ascending by `start`.
    pub functions: Span,
    /// The encoded trap and call sites, see [`crate::sites`] (bytes).
    pub sites: Span,
    /// Function names, see [`Function::name`] (bytes).
    pub names: Span,
    /// The [`Memory`] records, in writable data.
    pub memories: Span,
    /// The [`Table`] records of tables that can grow, in writable data.
    pub tables: Span,
    /// [`ImageRange`]s that the executable maps itself, ascending by address.
    pub images: Span,
    /// [`ImageCopy`]s that are too sparse to be mapped.
    pub copies: Span,
    /// [`Entry`] records.
    pub entries: Span,
    /// The address of a [`Lines`], or 0 when nothing is known of the source.
    pub lines: u64,
    /// The address of a [`Checks`], or 0 when nothing is compared before accesses.
    pub checks: u64,
}

/// What is compared before accesses.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Checks {
    /// The address of [`crate::symbol::SHOW_CHECK`], so that other programs do not carry what reads the table.
    pub show: u64,
    /// The table, see [`crate::checks`] (bytes).
    pub table: Span,
}

/// Where in the source the program's code comes from.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Lines {
    /// The address of [`crate::symbol::SHOW_LINES`], so that other programs do not carry what reads the table.
    pub show: u64,
    /// The table, see [`crate::lines`] (bytes).
    pub table: Span,
}

/// A piece of guest code.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Function {
    /// Offset of its first byte from the start of the text.
    pub start: u32,
    /// Its length in bytes.
    pub size: u32,
    /// Offset in the names of a LEB128 length and that many bytes of UTF-8 (demangled), or [`NO_NAME`].
    pub name: u32,
    /// Offset in the sites of its list ([`crate::sites`]).
    pub sites: u32,
    /// Its index in its module, or [`TRAMPOLINE`] for glue that no backtrace shows.
    pub index: u32,
    /// The [`instance`] that it belongs to.
    pub instance: u32,
}

/// The number of an instance in records: those that people tell apart by names of functions are not shown to them.
pub const fn instance(number: u32, is_hidden: bool) -> u32 {
    number << 1 | is_hidden as u32
}

/// The number of an instance as people see it; 0 for none.
pub const fn shown_instance(instance: u32) -> u32 {
    if instance & 1 == 0 { instance >> 1 } else { 0 }
}

/// What the runtime needs to know to pass exceptions on. Code that throws hands its address over, so that a program
/// without tags has nothing of it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Exceptions {
    /// [`Handler`] records, ascending by `return_address`; those of one address in the order in which they are tried.
    pub handlers: Span,
    /// For each tag, the offset in the names of what a person calls it, as in [`Function::name`] (`u32`s), after which
    /// come as many bytes as the length before them says: the [`ValueType`]s of what its exceptions carry.
    pub tags: Span,
}

/// What a call does when an exception leaves its callee.
///
/// Control goes to the handler with the frame pointer that the caller had, the stack pointer `frame_size` below it, and
/// the address of the [`Exception`] in the first return register; all other registers may hold anything.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Handler {
    /// Offset of the call's return address from the start of the text.
    pub return_address: u32,
    /// The tag that is caught, or [`CATCH_ALL`].
    pub tag: u32,
    /// Offset of the handler's first instruction from the start of the text.
    pub target: u32,
    /// Bytes from the stack pointer up to the frame pointer.
    pub frame_size: u32,
}

/// [`Handler::tag`] of a handler of every exception.
pub const CATCH_ALL: u32 = u32::MAX;

/// An exception, followed by what it carries: 16 bytes for a vector, 8 for any other value.
///
/// It is the program's while it is on its way to a handler, where the next one may take its place; a reference is the
/// address of a copy that stays.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Exception {
    /// Its tag.
    pub tag: u32,
    /// Its size with the values, in bytes: a multiple of 8.
    pub size: u32,
}

/// No [`Exception`] has a larger size: validation allows a tag 1000 values.
pub const LARGEST_EXCEPTION: u64 = 16 * 1024;

/// [`Function::name`] of a function without a name.
pub const NO_NAME: u32 = u32::MAX;
/// [`Function::index`] of trampolines and of synthesized functions.
pub const TRAMPOLINE: u32 = u32::MAX;

/// A linear memory. Compiled code reads `size`, and `base` where it is not known at compile time.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Memory {
    /// The address of byte 0.
    pub base: u64,
    /// Accessible bytes now.
    pub size: u64,
    /// Bytes that it may grow to; at most [`crate::address::INDEX_RANGE`] for a 32-bit memory.
    pub max: u64,
    /// The binary logarithm of its page size.
    pub page_shift: u32,
    /// Zero.
    pub reserved: u32,
}

/// A table that can grow. Entries are 8 bytes: a reference, or 0 for null.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Table {
    /// The address of entry 0; the first storage is part of the executable.
    pub base: u64,
    /// Entries now.
    pub len: u64,
    /// Entries that it may grow to.
    pub max: u64,
    /// Entries for which there is storage at `base`, once that is a mapping of its own; 0 before.
    pub capacity: u64,
}

/// A page-aligned range of linear memory whose initial content the kernel maps from the executable.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ImageRange {
    /// First address.
    pub start: u64,
    /// One past the last.
    pub end: u64,
}

/// Bytes to copy into linear memory at start.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct ImageCopy {
    /// Where to.
    pub destination: u64,
    /// Where from.
    pub source: u64,
    /// How many bytes.
    pub len: u64,
}

/// A function that the runtime can call in the guest.
///
/// `call` is an `extern "C" fn(values: *mut Value)`: parameters are read from consecutive values, results are
/// written over them. `values` has room for the larger number of the two. It must run on the guest stack.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Entry {
    /// The trampoline.
    pub call: u64,
    /// The types of the parameters, then of the results: one [`ValueType`] byte each.
    pub types: u64,
    /// How many parameters.
    pub params: u32,
    /// How many results.
    pub results: u32,
}

/// A slot of [`Entry`]'s array: little-endian, in the low bytes. References are 8 bytes.
pub type Value = [u64; 2];

/// The type of a value, numbered as in the binary format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ValueType {
    /// 32-bit integer.
    I32 = 0x7f,
    /// 64-bit integer.
    I64 = 0x7e,
    /// 32-bit float.
    F32 = 0x7d,
    /// 64-bit float.
    F64 = 0x7c,
    /// 128-bit vector.
    V128 = 0x7b,
    /// A function reference: the address of its code, 0 for null.
    FuncRef = 0x70,
    /// An external reference: any non-zero number, 0 for null.
    ExternRef = 0x6f,
    /// A reference to an exception: the address of an [`Exception`], 0 for null.
    ExnRef = 0x69,
}

impl ValueType {
    /// The type of a byte, if it is one.
    pub const fn from_byte(byte: u8) -> Option<ValueType> {
        Some(match byte {
            0x7f => ValueType::I32,
            0x7e => ValueType::I64,
            0x7d => ValueType::F32,
            0x7c => ValueType::F64,
            0x7b => ValueType::V128,
            0x70 => ValueType::FuncRef,
            0x6f => ValueType::ExternRef,
            0x69 => ValueType::ExnRef,
            _ => return None,
        })
    }
}

/// Where a trampoline leaves the guest before a host function runs, at [`crate::symbol::GUEST_FRAME`].
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct GuestFrame {
    /// The guest caller's frame pointer.
    pub frame_pointer: u64,
    /// The return address into the guest caller.
    pub return_address: u64,
}

/// What every thread has of its own, in a program that starts threads: this, then from [`THREAD_DATA`] on the program's
/// data, and zeros. Guest code finds it by the pinned register. Such a program leaves no [`GuestFrame`] elsewhere, and
/// its writable data are what the data of a thread begin as.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Thread {
    /// Where the thread has left the guest.
    pub frame: GuestFrame,
    /// Its number, 0 for the main thread.
    pub id: u32,
    /// Zero.
    pub reserved: u32,
}

/// Where the data of a thread begin, counted from its [`Thread`].
pub const THREAD_DATA: u64 = 64;

/// What the runtime needs to know to start threads. Code that does hands its address over, so that other programs have
/// nothing of it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Threads {
    /// What the data of a thread begin as (bytes). Zeros follow.
    pub data: Span,
    /// Bytes from a [`Thread`] to the end of its zeros.
    pub size: u64,
    /// Where the [`Memory`] records of memories that are not shared are, counted from the [`Thread`]; those of the main
    /// thread are mapped where the records say.
    pub memories: Span,
    /// The same of [`Table`] records. Each `base` is counted from the [`Thread`] too, before the thread exists.
    pub tables: Span,
    /// The first high slot that is free for the memories of a thread.
    pub free_slot: u64,
}

/// Bytes from a function's first instruction back to the `u32` that identifies its type. Present before functions
/// whose reference can be taken; `call_indirect` compares it.
pub const SIGNATURE_PREFIX: u64 = 4;

const _: () = assert!(size_of::<ProgramHeader>() == 16 + 9 * 16 + 16);
const _: () = assert!(size_of::<Lines>() == 24);
const _: () = assert!(size_of::<Checks>() == 24);
const _: () = assert!(size_of::<Function>() == 24);
const _: () = assert!(size_of::<Exceptions>() == 32);
const _: () = assert!(size_of::<Handler>() == 16);
const _: () = assert!(size_of::<Exception>() == 8);
const _: () = assert!(size_of::<Exception>() as u64 + 1000 * 16 <= LARGEST_EXCEPTION);
const _: () = assert!(size_of::<Memory>() == 32);
const _: () = assert!(size_of::<Table>() == 32);
const _: () = assert!(size_of::<Entry>() == 24);
const _: () = assert!(size_of::<Thread>() as u64 <= THREAD_DATA);
const _: () = assert!(size_of::<Threads>() == 64);
