//! A miniature of the runtime, compiled by the tests: calls the program, prints what it finds, exits with a status.
//! With panics, formatting, statics of every kind and functions that nothing calls.
#![no_std]
#![no_main]

use core::arch::{asm, global_asm};
use core::fmt::Write as _;

#[repr(C)]
pub struct Program {
    main: extern "C" fn() -> !,
    answer: extern "C" fn(u64) -> u64,
    image: *const u8,
    image_len: u64,
}

unsafe extern "C" {
    static nvz_program: Program;
    static nvz_config: u8;
    static nvz_config_len: u64;
}

static mut CALLS: u64 = 40;
static mut SCRATCH: [u8; 9000] = [0; 9000];
static NAMES: [&str; 3] = ["zero", "one", "two"];
static NAMERS: [fn(usize) -> &'static str; 2] = [name_of, nameless];

global_asm!(
    ".globl _start",
    "_start:",
    "xor %ebp, %ebp",
    "mov %rsp, %rdi",
    "and $-16, %rsp",
    "call {main}",
    "ud2",
    main = sym main,
    options(att_syntax)
);

struct Out;

impl core::fmt::Write for Out {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        unsafe { syscall(1, 1, text.as_ptr() as usize, text.len()) };
        Ok(())
    }
}

unsafe fn syscall(number: usize, a: usize, b: usize, c: usize) -> usize {
    let result;
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
             out("rcx") _, out("r11") _);
    }
    result
}

fn name_of(index: usize) -> &'static str {
    NAMES[index % 3]
}

fn nameless(_: usize) -> &'static str {
    "nameless"
}

extern "C" fn main(stack: *const usize) -> ! {
    unsafe {
        if *stack > 100 {
            nvz_unused_by_programs(*stack);
        }
        (nvz_program.main)()
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn nvz_main_command() -> ! {
    unsafe {
        let scratch = (&raw mut SCRATCH).cast::<u8>();
        scratch.add(8999).write_volatile(3);
        let config = core::slice::from_raw_parts(&raw const nvz_config, nvz_config_len as usize);
        let image = core::slice::from_raw_parts(nvz_program.image, nvz_program.image_len as usize);
        let sum: u64 = image.iter().map(|&byte| u64::from(byte)).sum();
        let answer = (nvz_program.answer)(2);
        let name = NAMERS[(answer & 1) as usize](image.len());
        let _ = writeln!(Out, "config {config:?}, image {sum}, answer {answer}, {name}");
        // The image is private memory.
        nvz_program.image.cast_mut().write_volatile(1);
        syscall(231, usize::from(scratch.add(8999).read_volatile()), 0, 0);
    }
    loop {}
}

/// Called by the program.
#[unsafe(no_mangle)]
pub extern "C" fn nvz_host(value: u64) -> u64 {
    unsafe {
        CALLS += value;
        CALLS
    }
}

/// Called by nothing in the second sample.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn nvz_unused_by_programs(value: usize) {
    let _ = writeln!(Out, "unused {}", name_of(value));
}

/// Called by nothing.
#[unsafe(no_mangle)]
pub extern "C" fn nvz_dead(value: usize) -> usize {
    dead_callee(value).len() + unsafe { DEAD_DATA[value & 7] as usize }
}

#[inline(never)]
fn dead_callee(value: usize) -> &'static str {
    NAMES[value]
}

static mut DEAD_DATA: [u8; 8] = *b"deaddata";

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
