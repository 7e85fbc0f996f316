//! Core dumps: what a trap leaves of the program, in the format of WebAssembly's tool conventions (`Coredump.md`).
//!
//! The file is a module that is never instantiated: its memories and globals are those of the program, and custom
//! sections tell the active calls. It is opened at start, before the kernel forbids that; only programs that were built
//! for it carry any of this. The values of locals and operands are not known any more.
//!
//! Of a program with threads, the dump is that of the thread that trapped. The others run on until the process ends: of
//! shared memories the sizes are taken once, all bytes are written, and these may be of different moments.
#![allow(unsafe_code)]

use crate::text::Text;
use crate::trap::{Location, Origin, Seen, walk};
use core::ffi::CStr;
use core::slice;
use core::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use nativize_abi::config::Record;
use nativize_abi::coredump::{CoreDump, DumpedGlobal, DumpedInstance, DumpedMemory};
use nativize_abi::program::{Memory, Span, Thread, ValueType};
use rustix::fd::{BorrowedFd, IntoRawFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// The variable that names the file.
const VARIABLE: &str = "NATIVIZE_COREDUMP";
/// `AT_SECURE` of the auxiliary vector: the program has rights that its user does not.
const AT_SECURE: usize = 23;
/// Content of memory is left out where this many bytes are zero.
const CHUNK: u64 = 64 << 10;

unsafe extern "C" {
    #[allow(non_upper_case_globals, reason = "the name of the contract")]
    safe static nvz_coredump: CoreDump;
}

/// The descriptor of the file, or 0.
static FILE: AtomicI32 = AtomicI32::new(0);
/// The address of [`write`], or 0: nothing else refers to it, so that other programs do not carry it.
static WRITE: AtomicUsize = AtomicUsize::new(0);

/// Opens the file that the program's user asks for.
#[unsafe(no_mangle)]
extern "C" fn nvz_open_coredump() {
    let Some(name) = name().filter(|_| crate::start::auxv(AT_SECURE) == Some(0)) else {
        return;
    };
    // A link there may be the program's own, from an earlier run.
    let flags = OFlags::WRONLY
        | OFlags::CREATE
        | OFlags::TRUNC
        | OFlags::NOFOLLOW
        | OFlags::CLOEXEC
        | OFlags::NOCTTY;
    // With a standard stream closed at exec, the file must not become one.
    let file = rustix::fs::open(name, flags, Mode::RUSR | Mode::WUSR)
        .and_then(|file| rustix::io::fcntl_dupfd_cloexec(file, 3));
    match file {
        Ok(file) => {
            FILE.store(file.into_raw_fd(), Relaxed);
            let write: fn(&Origin) = write;
            WRITE.store(write as usize, Relaxed);
        }
        Err(error) => crate::exit::fail(1, |text| {
            text.str(VARIABLE).str(": cannot open `");
            text.untrusted(name.to_bytes()).str("`: errno ");
            text.decimal(error.raw_os_error().unsigned_abs().into());
        }),
    }
}

/// The name of the file.
fn name() -> Option<&'static CStr> {
    let value = crate::start::knob(VARIABLE).filter(|value| !value.is_empty())?;
    // SAFETY: the value ends where the string of the environment does that it is the end of.
    Some(unsafe { CStr::from_ptr(value.as_ptr().cast()) })
}

/// Writes the dump of a program that ends at `origin`, if it was asked for.
pub(crate) fn dump(origin: &Origin) {
    let write = WRITE.load(Relaxed);
    if write != 0 {
        // SAFETY: it is the address of such a function.
        let write: fn(&Origin) = unsafe { core::mem::transmute(write) };
        write(origin);
    }
}

fn write(origin: &Origin) {
    keep_sizes();
    let mut out = Out {
        result: Ok(()),
        counting: false,
        count: 0,
        len: 0,
        buffer: [0; 4096],
    };
    out.bytes(b"\0asm\x01\0\0\0");
    let executable = crate::start::config().find_map(|record| match record {
        Record::Name(name) => Some(name),
        _ => None,
    });
    out.section(0, |out| {
        out.name(b"core").byte(0);
        out.name(executable.unwrap_or(b"program"));
    });
    let record = &nvz_coredump;
    // SAFETY: the program object has so many of them there, here and below.
    out.bytes(unsafe { array::<u8>(record.sections) });
    out.section(0, |out| stack(out, origin));
    out.section(5, memory_types);
    out.section(6, globals);
    out.section(11, contents);
    out.flush();
    let mut text = Text::stderr();
    match out.result {
        Ok(()) => {
            text.str("core dump: ")
                .untrusted(name().map_or(b"", CStr::to_bytes));
            if let Some(thread) = thread() {
                text.str(" (of thread ").decimal(thread.id.into());
                text.str("; others are not in it)");
            }
            &mut text
        }
        Err(error) => text
            .str("error: the core dump is not complete: errno ")
            .decimal(error.raw_os_error().unsigned_abs().into()),
    };
    text.str("\n").flush();
}

/// # Safety
/// `span` holds values of type `T` that never change.
unsafe fn array<T>(span: Span) -> &'static [T] {
    if span.len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(span.address as *const T, span.len as usize) }
}

/// The section `corestack`: the active calls, without the values of locals and operands.
fn stack(out: &mut Out, origin: &Origin) {
    let record = &nvz_coredump;
    // SAFETY: as in `write`.
    let (instances, starts) = unsafe {
        (
            array::<DumpedInstance>(record.instances),
            array::<u32>(record.starts),
        )
    };
    out.name(b"corestack").byte(0);
    match thread() {
        // Numbers of threads have at most nine digits.
        Some(Thread { id: id @ 1.., .. }) => {
            let mut name = *b"thread 000000000";
            let mut rest = *id;
            for digit in name.iter_mut().rev().take(9) {
                *digit += (rest % 10) as u8;
                rest /= 10;
            }
            out.name(&name)
        }
        _ => out.name(b"main"),
    };
    let mut count = 0;
    each_frame(origin, |_| count += 1);
    out.unsigned(count);
    each_frame(origin, |location| {
        let mut numbered = instances.iter().enumerate();
        let instance = numbered.find(|(_, instance)| instance.number == location.instance);
        let start = instance.and_then(|(_, instance)| {
            let index = location.index.checked_sub(instance.imported)?;
            starts.get((instance.first + index) as usize)
        });
        let offset = location.wasm_offset.unwrap_or(0);
        out.byte(0)
            .unsigned(instance.map_or(0, |(index, _)| index as u64));
        out.unsigned(location.index.into());
        out.unsigned(offset.saturating_sub(start.copied().unwrap_or(0)).into());
        // Locals and operands.
        out.unsigned(0).unsigned(0);
    });
}

fn each_frame(origin: &Origin, mut visit: impl FnMut(&Location)) {
    let symbols = crate::program::symbols();
    let mut seen = Seen::new();
    // SAFETY: the stack is mapped before the guest, or a host function, can run.
    for place in unsafe { walk(*origin, crate::stack::range()) } {
        if !symbols.has(place) {
            break;
        }
        for location in symbols.locate(place, &mut seen) {
            visit(&location);
        }
    }
}

/// The thread that trapped, in a program with threads.
fn thread() -> Option<&'static Thread> {
    let state = (crate::thread::hooks()?.state)();
    // SAFETY: the state stays as long as the thread.
    Some(unsafe { &*state })
}

/// The memories, each with its type, as they are now.
fn memories() -> impl Iterator<Item = (&'static DumpedMemory, Memory)> {
    // SAFETY: as in `write`.
    let types = unsafe { array::<DumpedMemory>(nvz_coredump.memories) };
    let own = |ty: &DumpedMemory| {
        let state = core::ptr::from_ref(thread().filter(|_| ty.in_thread != 0)?);
        // SAFETY: the record is there in the state of every thread.
        Some(unsafe {
            *state
                .cast::<u8>()
                .add(ty.in_thread as usize)
                .cast::<Memory>()
        })
    };
    let mut sizes = SHARED_SIZES.iter();
    let memories = types.iter().zip(crate::program::memories());
    memories.map(move |(ty, memory)| {
        let mut memory = own(ty).unwrap_or(memory);
        if ty.flags & SHARED != 0 {
            memory.size = sizes.next().map_or(0, |size| size.load(Relaxed));
        }
        (ty, memory)
    })
}

/// The sizes of shared memories that the dump has: of each it is read once. (No program has as many of them.)
static SHARED_SIZES: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
/// Of the flags of a memory's type: threads share it.
const SHARED: u64 = 2;

fn keep_sizes() {
    // SAFETY: as in `write`.
    let types = unsafe { array::<DumpedMemory>(nvz_coredump.memories) };
    let memories = types.iter().zip(crate::program::memories());
    let shared = memories.filter(|(ty, _)| ty.flags & SHARED != 0);
    for (size, (_, memory)) in SHARED_SIZES.iter().zip(shared) {
        size.store(memory.size, Relaxed);
    }
}

fn memory_types(out: &mut Out) {
    out.unsigned(nvz_coredump.memories.len);
    for (ty, memory) in memories() {
        out.byte(ty.flags as u8);
        out.unsigned(memory.size >> memory.page_shift);
        if ty.flags & 1 != 0 {
            out.unsigned(ty.max);
        }
        if ty.flags & 8 != 0 {
            out.unsigned(memory.page_shift.into());
        }
    }
}

/// The globals as constants; null for references.
fn globals(out: &mut Out) {
    // SAFETY: as in `write`.
    let globals = unsafe { array::<DumpedGlobal>(nvz_coredump.globals) };
    out.unsigned(globals.len() as u64);
    for global in globals {
        let ty = global.ty as u8;
        let state = thread().filter(|_| global.in_thread != 0);
        let state = state.map_or(0, |state| core::ptr::from_ref(state) as u64);
        let address = state + global.address;
        // SAFETY: each global has a place of its own of at least 8 bytes, and each thread globals of its own.
        let value = unsafe { (address as *const u64).read_unaligned() };
        out.byte(ty).byte(0);
        match ValueType::from_byte(ty) {
            Some(ValueType::I32) => out.byte(0x41).signed((value as i32).into()),
            Some(ValueType::I64) => out.byte(0x42).signed(value.cast_signed()),
            Some(ValueType::F32) => out.byte(0x43).bytes(&(value as u32).to_le_bytes()),
            Some(ValueType::F64) => out.byte(0x44).bytes(&value.to_le_bytes()),
            Some(ValueType::V128) => {
                // SAFETY: a vector has 16 bytes.
                let high = unsafe { (address as *const u64).add(1).read_unaligned() };
                out.bytes(&[0xfd, 0x0c]).bytes(&value.to_le_bytes());
                out.bytes(&high.to_le_bytes())
            }
            _ => out.byte(0xd0).byte(ty),
        };
        out.byte(0x0b);
    }
}

/// The data section: what of the memories is not zero.
fn contents(out: &mut Out) {
    let mut count = 0;
    for (ty, memory) in memories() {
        each_content(ty, &memory, |_, _| count += 1);
    }
    out.unsigned(count);
    for (index, (ty, memory)) in memories().enumerate() {
        each_content(ty, &memory, |offset, bytes| {
            match index {
                0 => out.byte(0),
                _ => out.byte(2).unsigned(index as u64),
            };
            if ty.flags & 4 != 0 {
                out.byte(0x42).signed(offset.cast_signed());
            } else {
                out.byte(0x41).signed((offset as u32).cast_signed().into());
            }
            out.byte(0x0b).unsigned(bytes.len() as u64);
            out.bytes(bytes);
        });
    }
}

/// The parts of a memory without long runs of zeros. What is zero in a shared one may change.
fn each_content(ty: &DumpedMemory, memory: &Memory, mut visit: impl FnMut(u64, &[u8])) {
    if ty.flags & SHARED != 0 {
        if memory.size != 0 {
            visit(0, range(memory, 0, memory.size));
        }
        return;
    }
    let chunk = |offset: u64| {
        let len = (memory.size - offset).min(CHUNK);
        // SAFETY: the memory has that many bytes there.
        unsafe { slice::from_raw_parts((memory.base + offset) as *const u8, len as usize) }
    };
    let mut start = None;
    let mut offset = 0;
    while offset < memory.size {
        let bytes = chunk(offset);
        let is_zero = is_zero(bytes);
        if is_zero && let Some(start) = start.take() {
            visit(start, range(memory, start, offset));
        }
        if !is_zero && start.is_none() {
            start = Some(offset);
        }
        offset += bytes.len() as u64;
    }
    if let Some(start) = start {
        visit(start, range(memory, start, memory.size));
    }
}

fn range(memory: &Memory, start: u64, end: u64) -> &'static [u8] {
    // SAFETY: the memory has those bytes.
    unsafe { slice::from_raw_parts((memory.base + start) as *const u8, (end - start) as usize) }
}

fn is_zero(bytes: &[u8]) -> bool {
    // SAFETY: any bytes make such numbers.
    let (head, words, tail) = unsafe { bytes.align_to::<u64>() };
    words.iter().all(|&word| word == 0) && head.iter().chain(tail).all(|&byte| byte == 0)
}

/// The file while it is written; or a count of what would be.
struct Out {
    result: Result<(), Errno>,
    counting: bool,
    count: u64,
    len: usize,
    buffer: [u8; 4096],
}

impl Out {
    /// A section whose content, which is asked for twice, is the same both times.
    fn section(&mut self, id: u8, content: impl Fn(&mut Out)) {
        self.counting = true;
        self.count = 0;
        content(self);
        self.counting = false;
        let size = self.count;
        // The format has 32 bits for it.
        if size > u32::MAX.into() {
            self.result = self.result.and(Err(Errno::FBIG));
            return;
        }
        self.byte(id).unsigned(size);
        content(self);
    }

    fn name(&mut self, name: &[u8]) -> &mut Self {
        self.unsigned(name.len() as u64).bytes(name)
    }

    fn unsigned(&mut self, mut value: u64) -> &mut Self {
        while value >= 0x80 {
            self.byte(value as u8 | 0x80);
            value >>= 7;
        }
        self.byte(value as u8)
    }

    fn signed(&mut self, mut value: i64) -> &mut Self {
        while !(-0x40..0x40).contains(&value) {
            self.byte(value as u8 | 0x80);
            value >>= 7;
        }
        self.byte(value as u8 & 0x7f)
    }

    fn byte(&mut self, byte: u8) -> &mut Self {
        self.bytes(&[byte])
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        if self.counting {
            self.count += bytes.len() as u64;
            return self;
        }
        if self.len + bytes.len() > self.buffer.len() {
            self.flush();
        }
        match self.buffer.get_mut(self.len..self.len + bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.write(bytes),
        }
        self
    }

    fn flush(&mut self) {
        let buffer = self.buffer;
        self.write(buffer.get(..self.len).unwrap_or(&[]));
        self.len = 0;
    }

    fn write(&mut self, mut bytes: &[u8]) {
        // SAFETY: it was opened at start, and nothing closes it.
        let file = unsafe { BorrowedFd::borrow_raw(FILE.load(Relaxed)) };
        while !bytes.is_empty() && self.result.is_ok() {
            match rustix::io::write(file, bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or(&[]),
                Err(Errno::INTR) => {}
                Err(error) => self.result = Err(error),
            }
        }
    }
}
