//! The beginning and the end of a thread.
//!
//! A thread's mapping holds, from its lowest address: a guard, the guest's stack, the state, the [`Control`], and the
//! stack of signal handlers. The main thread's stacks are those of any program.
#![allow(unsafe_code)]

use super::control::{Control, LIST, current, install_hooks};
use super::slots;
use crate::area;
use crate::core::errno::Errno;
use crate::stack;
use crate::sys::arch::thread as arch;
use crate::sys::signal::{block_all, set_alternate_stack};
use core::ops::Range;
use core::{ptr, slice};
use nativize_abi::address::{PAGE_SIZE, STACK_GUARD};
use nativize_abi::program::{Memory, Span, THREAD_DATA, Table, Thread, Threads};
use rustix::io;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};

/// Twice as much as below the main thread's stack, below which nothing is: a frame that begins in the guard must not end
/// in the mapping of another thread.
const GUARD: u64 = 2 * STACK_GUARD;

/// As for the main thread.
const ALTERNATE_STACK: u64 = 64 << 10;

/// The calling thread's state; the main thread's first call makes it.
///
/// # Safety
/// `threads` is the program's record.
pub(crate) unsafe fn state(threads: *const Threads) -> *mut Thread {
    if super::hooks().is_some() {
        return current().state;
    }
    // SAFETY: the caller's promise; the record is never changed.
    let threads = unsafe { &*threads };
    let Ok(control) = make(threads, 0) else {
        crate::exit::fail(crate::exit::ABORTED, |text| {
            text.str("no memory is left for the state of a thread");
        })
    };
    // SAFETY: the thread is new, and is the one that runs.
    unsafe {
        (*control).stack = stack::range();
        // Its memories are where their records say already.
        let tables: *mut Table = in_state((*control).state, threads.tables);
        place_tables((*control).state, tables, threads.tables.len);
        LIST.with(|list| list.add(control));
        arch::set_register(control.cast());
        install_hooks();
        (*control).state
    }
}

/// Starts a thread that calls `start` with `argument`, and gives its number, or a negative one.
///
/// # Safety
/// `threads` is the program's record, and `start` guest code: `extern "C" fn(thread, id, argument)`.
pub(crate) unsafe fn spawn(threads: *const Threads, start: u64, argument: i32) -> i32 {
    // A main loop that goes on after a trap has one stack to go back to.
    if stack::is_resumable() {
        return -Errno::NOTSUP.raw();
    }
    // SAFETY: the caller's promise; the record is never changed.
    let threads = unsafe { &*threads };
    // SAFETY: as above.
    match unsafe { try_spawn(threads, start, argument) } {
        Ok(id) => id.cast_signed(),
        Err(_) => -Errno::AGAIN.raw(),
    }
}

/// # Safety
/// As for [`spawn`].
unsafe fn try_spawn(threads: &'static Threads, start: u64, argument: i32) -> io::Result<u32> {
    let main_stack = stack::size();
    let control = make(threads, main_stack)?;
    // SAFETY: the thread is not running yet, so its control and state are ours; it runs on a stack of its own.
    unsafe {
        if let Err(error) = place_state(control) {
            unmap_all(&*control);
            return Err(error);
        }
        (*control).start = start;
        (*control).argument = argument;
        let id = LIST.with(|list| {
            (*control).id = list.new_id();
            list.add(control);
            (*control).id
        });
        (*(*control).state).id = id;
        let top = (*control).stack.end;
        let result = arch::clone(top, control.cast(), run);
        if result < 0 {
            LIST.with(|list| list.remove(control));
            forget_state(&*control);
            unmap_all(&*control);
            return Err(io::Errno::AGAIN);
        }
        Ok(id)
    }
}

/// Maps what a thread needs, with `stack` bytes of stack, or neither stack nor guard if that is none.
fn make(threads: &'static Threads, stack: u64) -> io::Result<*mut Control> {
    let guard = if stack == 0 { 0 } else { GUARD };
    let control_size = (size_of::<Control>() as u64).next_multiple_of(PAGE_SIZE);
    let state_size = threads.size.next_multiple_of(PAGE_SIZE);
    let alternate = if stack == 0 { 0 } else { ALTERNATE_STACK };
    let size = guard + stack + state_size + control_size + alternate;
    let start = area::map(size as usize, ProtFlags::empty(), MapFlags::NORESERVE)?;
    let mapping = start..start + size;
    let accessible = start + guard;
    // SAFETY: the mapping is ours.
    let result = unsafe {
        rustix::mm::mprotect(
            accessible as *mut _,
            (size - guard) as usize,
            MprotectFlags::READ | MprotectFlags::WRITE,
        )
    };
    if let Err(error) = result {
        unmap(&mapping);
        return Err(error);
    }
    let stack = accessible..accessible + stack;
    let state = stack.end;
    let control = (state + state_size) as *mut Control;
    // SAFETY: the mapping has room for all of that, and is zero: a control of zeros is one, once it has its references.
    unsafe {
        ptr::copy_nonoverlapping(
            threads.data.address as *const u8,
            (state + THREAD_DATA) as *mut u8,
            threads.data.len as usize,
        );
        (&raw mut (*control).own).write(control);
        (&raw mut (*control).state).write(state as *mut Thread);
        (&raw mut (*control).threads).write(threads);
        (&raw mut (*control).stack).write(stack);
        (&raw mut (*control).mapping).write(mapping);
    }
    Ok(control)
}

/// Lets what the state refers to be the new thread's own.
///
/// # Safety
/// The control is of a thread that does not run yet.
unsafe fn place_state(control: *mut Control) -> io::Result<()> {
    // SAFETY: the caller's promise, and `make` has made the state of what the records describe.
    unsafe {
        let Control { state, threads, .. } = *control;
        place_tables(state, in_state(state, threads.tables), threads.tables.len);
        let memories = in_state_slice::<Memory>(state, threads.memories);
        for index in 0..memories.len() {
            let (done, rest) = memories.split_at_mut(index);
            let Some(memory) = rest.first_mut() else {
                break;
            };
            if let Err(error) = slots::map(memory, threads.free_slot) {
                for memory in done {
                    slots::unmap(memory);
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Unmaps what the state of a thread refers to.
///
/// # Safety
/// The thread does not use it any more.
unsafe fn forget_state(control: &Control) {
    let Control { state, threads, .. } = *control;
    // SAFETY: the caller's promise.
    unsafe {
        for memory in in_state_slice::<Memory>(state, threads.memories) {
            slots::unmap(memory);
        }
        for table in in_state_slice::<Table>(state, threads.tables) {
            crate::table::unmap(table);
        }
    }
}

/// Counts the storage of tables from address 0 instead of the state.
///
/// # Safety
/// There are `count` records of a state that is new.
unsafe fn place_tables(state: *mut Thread, tables: *mut Table, count: u64) {
    for index in 0..count as usize {
        // SAFETY: the caller's promise.
        unsafe { (*tables.add(index)).base += state as u64 };
    }
}

/// What begins at an offset of a state.
unsafe fn in_state<T>(state: *mut Thread, span: Span) -> *mut T {
    // SAFETY: the contract says that it is there.
    unsafe { state.cast::<u8>().add(span.address as usize).cast() }
}

/// The records at an offset of a state.
///
/// # Safety
/// Nothing else uses them.
unsafe fn in_state_slice<'a, T>(state: *mut Thread, span: Span) -> &'a mut [T] {
    // SAFETY: as above, and the caller's promise.
    unsafe { slice::from_raw_parts_mut(in_state(state, span), span.len as usize) }
}

/// What a new thread does, on the guest's stack.
unsafe extern "C" fn run(control: *mut u8) -> ! {
    let control = control.cast::<Control>();
    // SAFETY: the control stays until the end of this function, and the list only reads it.
    unsafe {
        let mapping = (*control).mapping.clone();
        let alternate = (mapping.end - ALTERNATE_STACK) as *mut u8;
        set_alternate_stack(alternate, ALTERNATE_STACK as usize);
        arch::enter(
            (*control).start,
            (*control).state.cast(),
            (*control).id.cast_signed(),
            (*control).argument,
        );
        // No handler may run on the stacks that are unmapped, or look for them.
        block_all();
        LIST.with(|list| list.remove(control));
        forget_state(&*control);
        arch::unmap_and_exit(mapping.start, mapping.end - mapping.start)
    }
}

/// Unmaps all of a thread that never ran.
fn unmap_all(control: &Control) {
    let mapping = control.mapping.clone();
    unmap(&mapping);
}

fn unmap(mapping: &Range<u64>) {
    // SAFETY: it was mapped for a thread that does not run.
    let _ = unsafe {
        rustix::mm::munmap(
            mapping.start as *mut _,
            (mapping.end - mapping.start) as usize,
        )
    };
}
