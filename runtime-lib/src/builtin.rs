//! The builtins: what compiled code calls for work that is not worth inlining.
#![allow(unsafe_code)]

use nativize_abi::for_each_builtin;
use nativize_abi::program::{Exception, Memory, Table, Threads};

/// An address, as compiled code passes it.
type Address = u64;

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_memory_grow(memory: Address, delta: i64) -> i64 {
    // SAFETY: compiled code passes the address of a memory's record.
    unsafe { crate::memory::grow(memory as *mut Memory, delta.cast_unsigned()).cast_signed() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_memory_grow_shared(memory: Address, delta: i64) -> i64 {
    // SAFETY: compiled code passes the address of a memory's record.
    unsafe {
        crate::memory::grow_shared(memory as *mut Memory, delta.cast_unsigned()).cast_signed()
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_memory_wait32(address: Address, expected: i32, timeout: i64) -> i32 {
    // SAFETY: compiled code has checked that an aligned value lies there in a memory.
    unsafe { crate::wait::wait32(address, expected.cast_unsigned(), timeout) as i32 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_memory_wait64(address: Address, expected: i64, timeout: i64) -> i32 {
    // SAFETY: as above.
    unsafe { crate::wait::wait64(address, expected.cast_unsigned(), timeout) as i32 }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_memory_notify(address: Address, count: i32) -> i32 {
    crate::wait::notify(address, count.cast_unsigned()).cast_signed()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_memory_copy(destination: Address, source: Address, len: i64) {
    // SAFETY: compiled code has checked that both ranges lie in memories.
    unsafe { core::ptr::copy(source as *const u8, destination as *mut u8, len as usize) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_memory_fill(destination: Address, byte: i32, len: i64) {
    // SAFETY: compiled code has checked that the range lies in a memory.
    unsafe { core::ptr::write_bytes(destination as *mut u8, byte as u8, len as usize) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_table_grow(table: Address, delta: i64, init: i64) -> i64 {
    // SAFETY: compiled code passes the address of a table's record.
    unsafe {
        crate::table::grow(
            table as *mut Table,
            delta.cast_unsigned(),
            init.cast_unsigned(),
        )
        .cast_signed()
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_table_fill(first: Address, value: i64, count: i64) {
    // SAFETY: compiled code has checked that the entries lie in a table.
    unsafe {
        crate::table::fill(
            first as *mut u64,
            value.cast_unsigned(),
            count.cast_unsigned(),
        );
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_fma_f32(a: i32, b: i32, c: i32) -> i32 {
    let [a, b, c] = [a, b, c].map(|bits| f32::from_bits(bits.cast_unsigned()));
    crate::fma::fma_f32(a, b, c).to_bits().cast_signed()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_fma_f64(a: i64, b: i64, c: i64) -> i64 {
    let [a, b, c] = [a, b, c].map(|bits| f64::from_bits(bits.cast_unsigned()));
    crate::fma::fma_f64(a, b, c).to_bits().cast_signed()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_exception_keep(exception: Address) -> Address {
    // SAFETY: compiled code passes the address of an exception.
    unsafe { crate::unwind::keep(exception as *const Exception) as Address }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_thread_state(threads: Address) -> Address {
    // SAFETY: compiled code passes the address of the program's record.
    unsafe { crate::thread::state(threads as *const Threads) as Address }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_thread_spawn(threads: Address, start: Address, argument: i32) -> i32 {
    // SAFETY: compiled code passes the address of the program's record, and that of the code for threads.
    unsafe { crate::thread::spawn(threads as *const Threads, start, argument) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn nvz_host_leave() {
    crate::thread::leave();
}

/// The functions by their symbols.
macro_rules! function {
    ("nvz_memory_grow") => {
        nvz_memory_grow
    };
    ("nvz_memory_grow_shared") => {
        nvz_memory_grow_shared
    };
    ("nvz_memory_wait32") => {
        nvz_memory_wait32
    };
    ("nvz_memory_wait64") => {
        nvz_memory_wait64
    };
    ("nvz_memory_notify") => {
        nvz_memory_notify
    };
    ("nvz_thread_state") => {
        nvz_thread_state
    };
    ("nvz_thread_spawn") => {
        nvz_thread_spawn
    };
    ("nvz_host_leave") => {
        nvz_host_leave
    };
    ("nvz_memory_copy") => {
        nvz_memory_copy
    };
    ("nvz_memory_fill") => {
        nvz_memory_fill
    };
    ("nvz_table_grow") => {
        nvz_table_grow
    };
    ("nvz_table_fill") => {
        nvz_table_fill
    };
    ("nvz_fma_f32") => {
        nvz_fma_f32
    };
    ("nvz_fma_f64") => {
        nvz_fma_f64
    };
    ("nvz_exception_keep") => {
        nvz_exception_keep
    };
}

/// The types of the table, here.
macro_rules! native {
    (i32) => {
        i32
    };
    (i64) => {
        i64
    };
    (ptr) => {
        Address
    };
}

/// A builtin of the table that is missing here, or has another type, does not compile.
macro_rules! check {
    ($($name:ident, $symbol:tt, ($($param:ident),*) $(-> $result:ident)?;)*) => {
        $(const _: unsafe extern "C" fn($(native!($param)),*) $(-> native!($result))? = function!($symbol);)*
    };
}
for_each_builtin!(check);
