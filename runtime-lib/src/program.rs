//! What the compiler and the linker put into the executable, as slices.
#![allow(unsafe_code)]

use crate::trap::Symbols;
use core::slice;
use nativize_abi::config::Hooks;
use nativize_abi::leb::Reader;
use nativize_abi::program::{
    Entry, Exceptions, Handler, ImageCopy, ImageRange, Memory, ProgramHeader, Span,
};
use nativize_abi::sandbox::Instruction;

#[allow(
    non_upper_case_globals,
    reason = "the names of the contract, see `nativize_abi::symbol`"
)]
unsafe extern "C" {
    safe static nvz_program: ProgramHeader;
    safe static nvz_config: u8;
    safe static nvz_config_len: u64;
    safe static nvz_filter: Instruction;
    safe static nvz_hooks: Hooks;
}

/// The root of the program's tables.
pub(crate) fn header() -> &'static ProgramHeader {
    &nvz_program
}

/// The encoded configuration.
pub(crate) fn config() -> &'static [u8] {
    // SAFETY: the configuration object defines that many bytes there, in read-only data.
    unsafe { slice::from_raw_parts(&raw const nvz_config, nvz_config_len as usize) }
}

/// What the configuration asks for before the program runs.
pub(crate) fn prepare() {
    // SAFETY: the list comes right after the hooks.
    let mut next = unsafe {
        (&raw const nvz_hooks)
            .add(1)
            .cast::<Option<extern "C" fn()>>()
    };
    // SAFETY: the configuration object has a null at the end of the list, which has not been passed.
    while let Some(prepare) = unsafe { *next } {
        prepare();
        // SAFETY: as above.
        next = unsafe { next.add(1) };
    }
}

/// Where the guest's stack ends, if the kernel has mapped it together with the executable's data.
pub(crate) fn stack_end() -> Option<u64> {
    Some(nvz_hooks.stack_end).filter(|&end| end != 0)
}

/// Fills in what data is at first, if no segment does.
///
/// # Safety
/// Nothing uses a variable that does not begin as zero before this.
pub(crate) unsafe fn fill_data() {
    let hooks = &nvz_hooks;
    // SAFETY: the linker has set that many bytes aside where the stack ends, for this.
    unsafe {
        core::ptr::copy_nonoverlapping(
            hooks.data_image as *const u8,
            hooks.stack_end as *mut u8,
            (hooks.data_image_end - hooks.data_image) as usize,
        );
    }
}

/// Whether the configuration object has set a bit of its flags.
pub(crate) fn flag(bit: u64) -> bool {
    nvz_hooks.flags & bit != 0
}

/// The filter of system calls. Only what the configuration asks for in [`prepare`] may look for it.
pub(crate) fn filter() -> &'static [Instruction] {
    // SAFETY: the configuration object defines that many instructions there, in read-only data; any alignment that notes
    // have is enough for them.
    unsafe { slice::from_raw_parts(&raw const nvz_filter, nvz_hooks.filter_len as usize) }
}

/// Ends the program if the configuration forbids its memories to grow by `bytes`.
#[inline]
pub(crate) fn check_memory(bytes: u64) {
    check(nvz_hooks.check_memory, bytes);
}

/// Ends the program if the configuration forbids that it has `open` descriptors.
#[inline]
pub(crate) fn check_descriptors(open: u64) {
    check(nvz_hooks.check_descriptors, open);
}

#[inline]
fn check(function: u64, amount: u64) {
    if function != 0 {
        // SAFETY: the configuration object has the address of such a function in each of those hooks, or 0.
        let function: extern "C" fn(u64) = unsafe { core::mem::transmute(function as usize) };
        function(amount);
    }
}

/// Where guest code lies and what is known about it.
pub(crate) fn symbols() -> Symbols<'static> {
    let header = header();
    // SAFETY: the program object defines each table as the contract says, in read-only data.
    unsafe {
        Symbols {
            text: header.text.address..header.text.address + header.text.len,
            functions: read_only(header.functions),
            sites: read_only(header.sites),
            names: read_only(header.names),
        }
    }
}

/// The functions that can be called.
pub(crate) fn entries() -> &'static [Entry] {
    // SAFETY: as for `symbols`.
    unsafe { read_only(header().entries) }
}

/// The handlers of calls.
///
/// # Safety
/// `exceptions` is the program's record.
pub(crate) unsafe fn handlers(exceptions: &Exceptions) -> &'static [Handler] {
    // SAFETY: as for `symbols`.
    unsafe { read_only(exceptions.handlers) }
}

/// What a person calls a tag, and the types of what its exceptions carry.
///
/// # Safety
/// `exceptions` is the program's record.
pub(crate) unsafe fn tag(
    exceptions: &Exceptions,
    tag: u32,
) -> Option<(&'static [u8], &'static [u8])> {
    let header = header();
    // SAFETY: as for `symbols`.
    let (tags, names) = unsafe {
        (
            read_only::<u32>(exceptions.tags),
            read_only::<u8>(header.names),
        )
    };
    let name = *tags.get(tag as usize)?;
    let mut reader = Reader::new(names.get(name as usize..)?);
    Some((reader.bytes()?, reader.bytes()?))
}

/// The ranges that the executable maps itself.
pub(crate) fn images() -> &'static [ImageRange] {
    // SAFETY: as for `symbols`.
    unsafe { read_only(header().images) }
}

/// The bytes to copy into memories.
pub(crate) fn copies() -> &'static [ImageCopy] {
    // SAFETY: as for `symbols`.
    unsafe { read_only(header().copies) }
}

/// Each memory as it is now. Guest code and growth change the records.
pub(crate) fn memories() -> impl Iterator<Item = Memory> {
    let span = header().memories;
    // SAFETY: the program object defines that many records there. Each is copied while nothing else runs.
    (0..span.len as usize).map(move |index| unsafe { *(span.address as *const Memory).add(index) })
}

/// Runs the main loop that the program chose.
pub(crate) fn main() -> ! {
    // SAFETY: the program object refers to one of the `MAIN_*` functions of this runtime.
    let main: extern "C" fn() -> ! = unsafe { core::mem::transmute(header().main as usize) };
    main()
}

/// # Safety
/// `span` holds values of type `T` that never change.
unsafe fn read_only<T>(span: Span) -> &'static [T] {
    if span.len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(span.address as *const T, span.len as usize) }
}
