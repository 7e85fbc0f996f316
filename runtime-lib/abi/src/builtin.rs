//! Runtime helpers that compiled code calls with the platform's calling convention. None of them traps: compiled
//! code checks bounds before it calls.

/// Calls a macro with the table of builtins: `variant, "symbol", (parameters) -> result`, types being `i32`, `i64`
/// and `ptr` (an address).
///
/// - `memory_grow(memory: *mut Memory, delta_pages) -> old_pages or -1`
/// - `memory_grow_shared`: the same for a memory that other threads grow too.
/// - `memory_wait32(address, expected, timeout)` and `memory_wait64`: waits until it is notified (result 0), unless the
///   value at the address, which is aligned, is another one (1), or until so many nanoseconds have passed (2); a negative
///   timeout is none.
/// - `memory_notify(address, count) -> how many it woke`: at most `count` of those who wait at the address.
/// - `thread_state(threads) -> thread`: the [`Thread`](crate::program::Thread) of the calling thread.
/// - `thread_spawn(threads, start, argument) -> id`: starts a thread that calls
///   `start: extern "C" fn(thread, id, argument)`, or gives a negative number.
/// - `host_leave()`: a host function has returned to the guest, in a program that starts threads.
/// - `memory_copy(dst, src, len)`: the ranges may overlap.
/// - `memory_fill(dst, byte, len)`
/// - `table_grow(table: *mut Table, delta, init) -> old_len or -1`
/// - `table_fill(first_entry, value, count)`: entries are 8 bytes.
/// - `fma_f32(a, b, c)` and `fma_f64(a, b, c)`: `a * b + c` rounded once; operands and result are the bits of floats.
/// - `exception_keep(exception) -> reference`: the address of a copy that stays, or the exception's own if it does.
#[macro_export]
macro_rules! for_each_builtin {
    ($mac:ident) => {
        $mac! {
            MemoryGrow, "nvz_memory_grow", (ptr, i64) -> i64;
            MemoryCopy, "nvz_memory_copy", (ptr, ptr, i64);
            MemoryFill, "nvz_memory_fill", (ptr, i32, i64);
            TableGrow, "nvz_table_grow", (ptr, i64, i64) -> i64;
            TableFill, "nvz_table_fill", (ptr, i64, i64);
            FmaF32, "nvz_fma_f32", (i32, i32, i32) -> i32;
            FmaF64, "nvz_fma_f64", (i64, i64, i64) -> i64;
            ExceptionKeep, "nvz_exception_keep", (ptr) -> ptr;
            MemoryGrowShared, "nvz_memory_grow_shared", (ptr, i64) -> i64;
            MemoryWait32, "nvz_memory_wait32", (ptr, i32, i64) -> i32;
            MemoryWait64, "nvz_memory_wait64", (ptr, i64, i64) -> i32;
            MemoryNotify, "nvz_memory_notify", (ptr, i32) -> i32;
            ThreadState, "nvz_thread_state", (ptr) -> ptr;
            ThreadSpawn, "nvz_thread_spawn", (ptr, ptr, i32) -> i32;
            HostLeave, "nvz_host_leave", ();
        }
    };
}
