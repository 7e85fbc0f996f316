//! The entry point, and what the kernel and the build hand the process.
#![allow(unsafe_code)]

use core::ffi::CStr;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};
use nativize_abi::config::Records;
#[cfg(all(feature = "standalone", not(test)))]
use nativize_abi::cpu::CpuFeatures;

/// The pointers to the command line, null-terminated, followed by those of the environment.
static ARGUMENTS: AtomicPtr<*const u8> = AtomicPtr::new(ptr::null_mut());
static ARGUMENT_COUNT: AtomicUsize = AtomicUsize::new(0);

/// Pointers to C strings up to a null pointer.
struct Strings {
    next: *const *const u8,
}

impl Iterator for Strings {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        if self.next.is_null() {
            return None;
        }
        // SAFETY: `next` points into an array of the initial stack that a null pointer ends, and has not passed it.
        let string = unsafe { *self.next };
        if string.is_null() {
            return None;
        }
        // SAFETY: as above: the null pointer has not been reached.
        self.next = unsafe { self.next.add(1) };
        // SAFETY: the kernel put a C string there, which nothing changes or unmaps.
        Some(unsafe { CStr::from_ptr(string.cast()) })
    }
}

/// The command line, the program's name included (unless the caller of `execve` gave none).
pub fn args() -> impl Iterator<Item = &'static CStr> {
    Strings {
        next: ARGUMENTS.load(Relaxed),
    }
}

/// The host's environment, as `NAME=VALUE` strings.
pub fn environ() -> impl Iterator<Item = &'static CStr> {
    Strings {
        next: environment(),
    }
}

fn environment() -> *const *const u8 {
    let arguments = ARGUMENTS.load(Relaxed);
    if arguments.is_null() {
        return ptr::null();
    }
    // SAFETY: the array of arguments has that many elements and a null pointer, and the environment comes next.
    unsafe { arguments.add(ARGUMENT_COUNT.load(Relaxed) + 1) }
}

/// The values of a variable of the host's environment, which may have it more than once.
pub fn values(name: &str) -> impl Iterator<Item = &'static [u8]> {
    environ().filter_map(move |entry| {
        entry
            .to_bytes()
            .strip_prefix(name.as_bytes())?
            .strip_prefix(b"=")
    })
}

/// The first value of a variable of the host's environment.
pub fn variable(name: &str) -> Option<&'static [u8]> {
    values(name).next()
}

/// The value of a variable by which a user asks the runtime for something, unless the build forbids that. One that makes
/// the runtime write a file must mean nothing either to a program that runs with more rights than its user (`AT_SECURE`);
/// there is none yet.
#[cfg(all(feature = "standalone", not(test)))]
pub fn knob(name: &str) -> Option<&'static [u8]> {
    variable(name).filter(|_| !crate::program::flag(nativize_abi::config::FLAG_NO_KNOBS))
}

/// The value of an entry of the auxiliary vector, by its `AT_` number.
pub fn auxv(kind: usize) -> Option<usize> {
    let mut next = environment().cast::<usize>();
    if next.is_null() {
        return None;
    }
    // SAFETY: the environment ends with a null pointer; after it come pairs of words, of which the last has kind 0.
    unsafe {
        while *next != 0 {
            next = next.add(1);
        }
        next = next.add(1);
        while *next != 0 {
            if *next == kind {
                return Some(*next.add(1));
            }
            next = next.add(2);
        }
    }
    None
}

/// What the build granted.
#[cfg(all(feature = "standalone", not(test)))]
pub fn config() -> Records<'static> {
    Records::new(crate::program::config())
}

/// What the build granted: nothing, when this is no executable of its own.
#[cfg(not(all(feature = "standalone", not(test))))]
pub fn config() -> Records<'static> {
    Records::new(&[])
}

/// What the build granted, encoded.
#[cfg(all(feature = "standalone", not(test)))]
pub fn config_bytes() -> &'static [u8] {
    crate::program::config()
}

/// What the build granted, encoded: nothing, when this is no executable of its own.
#[cfg(not(all(feature = "standalone", not(test))))]
pub fn config_bytes() -> &'static [u8] {
    &[]
}

/// Prepares the process for guest code and runs the program's main loop.
///
/// # Safety
/// `stack` is the initial stack pointer.
#[cfg(all(feature = "standalone", not(test)))]
pub(crate) unsafe extern "C" fn start(stack: *const usize) -> ! {
    // SAFETY: this comes first. (A copy of less than a page looks at no variable.)
    unsafe { crate::program::fill_data() };
    // SAFETY: argc comes first, then the pointers to the arguments.
    let arguments = unsafe {
        ARGUMENT_COUNT.store(*stack, Relaxed);
        stack.add(1).cast_mut().cast::<*const u8>()
    };
    ARGUMENTS.store(arguments, Relaxed);
    // SAFETY: this is the environment's place on the initial stack, and no function of rustix ran before.
    unsafe { rustix::param::init(environment().cast_mut().cast()) };

    let program = crate::program::header();
    if program.version != nativize_abi::VERSION {
        crate::exit::fail(crate::exit::ABORTED, |text| {
            text.str("the program and its runtime are of different versions of nativize");
        });
    }
    if program.cpu_features != CpuFeatures::NONE {
        check_processor(program.cpu_features);
    }
    crate::trap::install();
    crate::stack::set_size(config().stack_size());
    crate::memory::map_all();
    crate::program::prepare();
    crate::program::main()
}

/// Ends the process if the processor lacks any of `needed`: an instruction that it does not know need not even fault.
#[cfg(all(feature = "standalone", not(test)))]
#[cold]
fn check_processor(needed: CpuFeatures) {
    let missing = crate::sys::arch::cpu::missing_features(needed);
    if missing == CpuFeatures::NONE {
        return;
    }
    crate::exit::fail(crate::exit::ABORTED, |text| {
        text.str("this program needs a CPU with ");
        for (index, feature) in missing.iter().enumerate() {
            text.str(if index == 0 { "" } else { ", " })
                .str(feature.name());
        }
        text.str("; this machine lacks that. Build it with a lower --target-cpu");
    });
}
