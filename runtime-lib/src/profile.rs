//! Samples of what runs, for `nativize profile`: a timer of the kernel interrupts the program, and its handler writes
//! down the active calls.
//!
//! Only executables that are built for it have any of this. The file for the samples is opened and mapped before the
//! kernel's sandbox forbids it, so the handler makes no system call, and nothing has to be done at the end.
#![allow(unsafe_code)]

mod stack;

#[cfg(all(feature = "standalone", not(test)))]
mod standalone {
    use super::stack::{Calls, Ranges, Registers};
    use crate::exit::{ABORTED, fail};
    use crate::sys::arch::signal::Context;
    use crate::sys::confine::{Timer, repeat_timer};
    use crate::sys::signal::{Info, SIGPROF, SIGVTALRM, handle_between, unblock};
    use core::ffi::CStr;
    use core::mem::offset_of;
    use core::ptr;
    use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::Relaxed};
    use nativize_abi::config::Setting;
    use nativize_abi::profile::{FILE_SIZE, Header, MAGIC, MAX_CALLS, SAMPLE_HEAD, VARIABLE};
    use rustix::fs::{CWD, Mode, OFlags, fstat, ftruncate, openat};
    use rustix::io;
    use rustix::mm::{MapFlags, ProtFlags, mmap};

    /// The file, mapped.
    static FILE: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
    /// The 32-bit words after its header.
    static CAPACITY: AtomicU64 = AtomicU64::new(0);

    /// Whether a path is `/proc/PID/fd/N`, which `nativize profile` gives: a link by its form, and not a program's.
    fn is_descriptor(path: &[u8]) -> bool {
        let parts = path.strip_prefix(b"/proc/").unwrap_or_default();
        let mut parts = parts.split(|&byte| byte == b'/');
        let mut is = |right: fn(&[u8]) -> bool| parts.next().is_some_and(right);
        let number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
        is(number) && is(|part| part == b"fd") && is(number) && parts.next().is_none()
    }

    /// Starts to sample if the variable names a file.
    #[unsafe(no_mangle)]
    extern "C" fn nvz_profile_start() {
        const AT_SECURE: usize = 23;
        // A program that has more rights than its user must not write where that user says.
        if crate::start::auxv(AT_SECURE).is_some_and(|secure| secure != 0) {
            return;
        }
        let Some(path) = crate::start::knob(VARIABLE) else {
            return;
        };
        if let Err(error) = start(path) {
            fail(ABORTED, |text| {
                text.str(VARIABLE)
                    .str("=")
                    .untrusted(path)
                    .str(": no samples can be written there (errno ")
                    .decimal(error.raw_os_error().unsigned_abs().into())
                    .str(")");
            });
        }
    }

    fn start(path: &'static [u8]) -> io::Result<()> {
        // SAFETY: a variable's value ends with the end of its C string.
        let path = unsafe { CStr::from_ptr(path.as_ptr().cast()) };
        // A link there may be the program's own, from an earlier run.
        let follow = if is_descriptor(path.to_bytes()) {
            OFlags::empty()
        } else {
            OFlags::NOFOLLOW
        };
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | follow;
        let file = openat(CWD, path, flags, Mode::RUSR | Mode::WUSR)?;
        let mut size = fstat(&file)?.st_size.cast_unsigned();
        if size < FILE_SIZE {
            size = FILE_SIZE;
            ftruncate(&file, size)?;
        }
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        let place = crate::area::map(size as usize, ProtFlags::empty(), MapFlags::NORESERVE)?;
        // SAFETY: the place was mapped for this.
        let mapping = unsafe {
            mmap(
                place as *mut _,
                size as usize,
                protection,
                MapFlags::SHARED | MapFlags::FIXED,
                &file,
                0,
            )?
        };
        let interval = crate::start::config()
            .setting(Setting::PROFILE)
            .unwrap_or_default()
            .max(1);
        let header = Header {
            magic: MAGIC,
            program: ptr::from_ref(crate::program::header()) as u64,
            interval,
            user_time: u64::from(signal() == SIGVTALRM),
            used: 0,
            lost: 0,
        };
        // SAFETY: the mapping has room for it, and pages are aligned.
        unsafe { mapping.cast::<Header>().write(header) };
        CAPACITY.store((size - size_of::<Header>() as u64) / 4, Relaxed);
        FILE.store(mapping.cast(), Relaxed);
        let signal = signal();
        handle_between(signal, on_sample);
        unblock(&[signal]);
        let timer = if signal == SIGPROF {
            Timer::Processor
        } else {
            Timer::User
        };
        repeat_timer(timer, interval)
    }

    /// The signal of the timer: another one where the first is that of `--cpu-timeout`.
    fn signal() -> i32 {
        match crate::start::config().setting(Setting::CPU_TIMEOUT) {
            None => SIGPROF,
            Some(_) => SIGVTALRM,
        }
    }

    extern "C" fn on_sample(signal: i32, info: &Info, context: &mut Context) {
        /// The kernel itself.
        const SI_KERNEL: i32 = 0x80;
        if info.code != SI_KERNEL {
            crate::trap::end_by(signal);
        }
        let registers = Registers {
            program_counter: context.program_counter(),
            stack_pointer: context.stack_pointer(),
            frame_pointer: context.frame_pointer(),
        };
        let text = crate::program::header().text;
        let ranges = Ranges {
            text: text.address..text.address + text.len,
            stack: crate::stack::range(),
        };
        let mut calls = Calls::new();
        // SAFETY: the stack is mapped, up to its end, wherever the stack pointer in it is; so is the text.
        unsafe { ranges.walk(registers, &mut calls) };
        write(calls.finish());
    }

    /// Adds a sample to the file.
    fn write(words: &[u32]) {
        const _: () = assert!(SAMPLE_HEAD + MAX_CALLS < 0x1_0000);
        let file = FILE.load(Relaxed);
        let counter = |offset: usize| {
            // SAFETY: the header is at the file's beginning; all threads access these fields in this way.
            unsafe { AtomicU64::from_ptr(file.add(offset).cast()) }
        };
        let len = words.len() as u64;
        let at = counter(offset_of!(Header, used)).fetch_add(len, Relaxed);
        // (The file may be the guest's to change.)
        let end = at.checked_add(len);
        if end.is_none_or(|end| end > CAPACITY.load(Relaxed)) {
            counter(offset_of!(Header, lost)).fetch_add(1, Relaxed);
            return;
        }
        // SAFETY: the words are in the file, and this thread's alone since it has counted them as used.
        let place = unsafe { file.add(size_of::<Header>()).cast::<u32>().add(at as usize) };
        for (index, &word) in words.iter().enumerate() {
            // SAFETY: as above.
            unsafe { AtomicU32::from_ptr(place.add(index)).store(word, Relaxed) };
        }
    }
}
