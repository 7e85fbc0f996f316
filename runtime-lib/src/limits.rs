//! Limits of a program's memory, descriptors and time: beyond each, it ends with a message.
//!
//! The configuration object refers to what is in use only, so programs without limits have nothing of it.
#![allow(unsafe_code, reason = "it has symbols of the contract")]

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::exit::{ABORTED, TIMED_OUT, exit};
use crate::memory::of_thread;
use crate::program;
use crate::sys::arch::signal::Context;
use crate::sys::confine::{Timer, start_timer};
use crate::sys::signal::{Info, SIGALRM, SIGPROF, handle_nested, unblock};
use crate::text::Text;
use crate::trap;
use nativize_abi::config::Setting;

/// Ends the program if its memories are larger at start than they may be.
#[unsafe(no_mangle)]
extern "C" fn nvz_limit_start() {
    nvz_limit_memory(0);
}

/// Ends the program if its memories would be larger than they may be after growing by `bytes`.
#[unsafe(no_mangle)]
extern "C" fn nvz_limit_memory(bytes: u64) {
    let bytes = bytes.saturating_add(of_thread::bytes());
    let wanted = program::memories().fold(bytes, |sum, memory| sum.saturating_add(memory.size));
    if let Some(limit) = crate::start::config().setting(Setting::MAX_MEMORY)
        && wanted > limit
    {
        end(ABORTED, "memory", "--max-memory", |text| {
            amount(text, wanted);
            text.str(" of linear memory are more than the ");
            amount(text, limit);
            text.str(" that it may have");
        });
    }
}

/// `65536 KiB`, or bytes where that would not be exact.
fn amount(text: &mut Text, bytes: u64) {
    if bytes.is_multiple_of(1 << 10) {
        text.decimal(bytes >> 10).str(" KiB");
    } else {
        text.decimal(bytes).str(" bytes");
    }
}

/// Ends the program if it may not have `open` descriptors.
#[unsafe(no_mangle)]
extern "C" fn nvz_limit_descriptors(open: u64) {
    if let Some(limit) = crate::start::config().setting(Setting::MAX_DESCRIPTORS)
        && open > limit
    {
        end(ABORTED, "descriptors", "--max-fds", |text| {
            text.str("more than the ")
                .decimal(limit)
                .str(" that it may have open");
        });
    }
}

/// Starts the clocks.
#[unsafe(no_mangle)]
extern "C" fn nvz_limit_time() {
    for (timer, signal) in [(Timer::Wall, SIGALRM), (Timer::Processor, SIGPROF)] {
        let time = time(signal);
        // The first one also says how long the end may take.
        if time.is_none() && signal != SIGALRM {
            continue;
        }
        handle_nested(signal, on_timeout);
        unblock(&[signal]);
        let Some(time) = time else { continue };
        if start_timer(timer, time).is_err() {
            end(ABORTED, "time", flag(signal), |text| {
                text.str("the kernel has no timer for it");
            });
        }
    }
}

extern "C" fn on_timeout(signal: i32, info: &Info, _: &mut Context) {
    /// The kernel itself.
    const SI_KERNEL: i32 = 0x80;
    /// How long the message may take, in microseconds: who reads standard error may be slow, or another thread may wait for it.
    const PATIENCE: u64 = 1_000_000;
    static ENDING: AtomicBool = AtomicBool::new(false);
    if info.code != SI_KERNEL || time(signal).is_none() && !ENDING.load(Relaxed) {
        // Somebody sent it, or who started the program left a timer: it ends the program as it would have without a handler.
        trap::end_by(signal);
    }
    if ENDING.swap(true, Relaxed) || start_timer(Timer::Wall, PATIENCE).is_err() {
        exit(TIMED_OUT);
    }
    end(TIMED_OUT, "time", flag(signal), |text| {
        let milliseconds = time(signal).unwrap_or_default() / 1000;
        text.str(if signal == SIGALRM {
            "it ran for "
        } else {
            "it used the processor for "
        });
        if milliseconds.is_multiple_of(1000) {
            text.decimal(milliseconds / 1000).str(" s");
        } else {
            text.decimal(milliseconds).str(" ms");
        }
    });
}

fn flag(signal: i32) -> &'static str {
    if signal == SIGALRM {
        "--timeout"
    } else {
        "--cpu-timeout"
    }
}

/// The limit of which `signal` tells that it is reached, in microseconds.
fn time(signal: i32) -> Option<u64> {
    crate::start::config().setting(if signal == SIGALRM {
        Setting::TIMEOUT
    } else {
        Setting::CPU_TIMEOUT
    })
}

/// `NAME: error: limit of WHAT reached: WHY (built with FLAG)`
fn end(status: i32, what: &str, flag: &str, why: impl FnOnce(&mut Text)) -> ! {
    let mut text = trap::named();
    text.str("limit of ").str(what).str(" reached: ");
    why(&mut text);
    text.str(" (").str(flag).str(")\n").flush();
    exit(status)
}
