//! `poll_oneoff`: waiting for clocks and descriptors.

use super::layout::{flags, store, words};
use crate::core::clock::{now, timespec};
use crate::core::errno::{Errno, Result};
use crate::core::pages::Pages;
use crate::core::table::{self, Descriptor, Kind};
use crate::guest::Guest;
use core::array::from_fn;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{CWD, FileType, fstat, tell};
use rustix::io;
use rustix::time::{ClockId, Timespec};

/// `eventtype`
const CLOCK: u8 = 0;
const FD_READ: u8 = 1;
const FD_WRITE: u8 = 2;

/// `eventrwflags`
const HANGUP: u64 = 1;

/// Subscriptions that fit without a mapping.
const INLINE: usize = 16;

/// What is waited for.
#[derive(Clone, Copy)]
enum Source {
    /// Until `clock` shows `deadline`, in nanoseconds.
    Clock { clock: ClockId, deadline: u64 },
    /// Until a descriptor can be read or written.
    Descriptor { descriptor: Descriptor, write: bool },
}

#[derive(Clone, Copy)]
struct Subscription {
    userdata: u64,
    source: Source,
}

const NOTHING: Subscription = Subscription {
    userdata: 0,
    source: Source::Clock {
        clock: ClockId::Monotonic,
        deadline: 0,
    },
};

/// Waits until at least one of the `count` subscriptions at `subscriptions` occurs. Each is 48 bytes, 8-aligned:
///
/// ```text
/// 0 userdata: u64    8 tag: u8, then for a clock (tag 0)
///     16 clock: u32    24 timeout: u64    32 precision: u64    40 flags: u16, 1 when the timeout is a time of the clock
/// and for a descriptor to be read (1) or written (2)
///     16 descriptor: u32
/// ```
///
/// Writes one event for each that occurred to `events`, 32 bytes each, in the order of the subscriptions:
///
/// ```text
/// 0 userdata: u64    8 errno: u16 = 0    10 tag: u8    16 bytes: u64    24 flags: u16, 1 at the end of the data
/// ```
///
/// and their number, a `u32`, to `out`. `bytes` is 1 for every descriptor: how many there are is found out by reading.
///
/// # Errors
/// `INVAL` without subscriptions, for more than 2^20, or for a clock that cannot be waited for; `BADF` for a directory, for reading
/// standard output and for writing standard input.
pub fn oneoff(
    guest: &mut Guest<'_>,
    subscriptions: u32,
    events: u32,
    count: u32,
    out: u32,
) -> Result<()> {
    wait(guest, events, count, out, |guest, index| {
        let record = guest.record_at::<48>(subscriptions, index, 8);
        let (head, variant) = record.split_at(16);
        parse(head, variant)
    })
}

/// As [`oneoff`], with the subscriptions of `wasi_unstable`, 56 bytes each: a clock has an identifier of the guest's,
/// a `u64` that nothing uses, before its other fields.
pub fn oneoff_unstable(
    guest: &mut Guest<'_>,
    subscriptions: u32,
    events: u32,
    count: u32,
    out: u32,
) -> Result<()> {
    wait(guest, events, count, out, |guest, index| {
        let record = guest.record_at::<56>(subscriptions, index, 8);
        let (head, variant) = record.split_at(16);
        let is_clock = head.get(8) == Some(&CLOCK);
        parse(
            head,
            variant
                .get(if is_clock { 8.. } else { 0.. })
                .unwrap_or_default(),
        )
    })
}

/// The little-endian number in the `N` bytes at `offset`.
fn field<const N: usize>(bytes: &[u8], offset: usize) -> u64 {
    let mut value = [0; 8];
    let field = bytes.get(offset..offset + N).unwrap_or_default();
    for (place, byte) in value.iter_mut().zip(field) {
        *place = *byte;
    }
    u64::from_le_bytes(value)
}

fn parse(head: &[u8], variant: &[u8]) -> Result<Subscription> {
    let tag = field::<1>(head, 8) as u8;
    // A `u32` was read.
    let number = field::<4>(variant, 0) as u32;
    let source = match tag {
        CLOCK => {
            let timeout = field::<8>(variant, 8);
            // A `u16` was read.
            let absolute = flags(field::<2>(variant, 24) as u32, 1)? != 0;
            let clock = match number {
                0 => ClockId::Realtime,
                1 => ClockId::Monotonic,
                _ => return Err(Errno::INVAL),
            };
            if absolute {
                Source::Clock {
                    clock,
                    deadline: timeout,
                }
            } else {
                // A relative timeout goes by even when the time of day is set.
                let clock = ClockId::Monotonic;
                let deadline = now(clock).saturating_add(timeout);
                Source::Clock { clock, deadline }
            }
        }
        FD_READ | FD_WRITE => {
            let descriptor = table::get(number)?;
            let write = tag == FD_WRITE;
            match descriptor.kind {
                Kind::File => {}
                Kind::Input if !write => {}
                Kind::Output if write => {}
                _ => return Err(Errno::BADF),
            }
            Source::Descriptor { descriptor, write }
        }
        _ => return Err(Errno::INVAL),
    };
    Ok(Subscription {
        userdata: field::<8>(head, 0),
        source,
    })
}

/// More than a process can have descriptors, by default.
const MOST: u32 = 1 << 20;

/// A descriptor that `poll` passes over: its number is negative.
fn passed_over() -> PollFd<'static> {
    PollFd::from_borrowed_fd(CWD, PollFlags::empty())
}

fn wait(
    guest: &mut Guest<'_>,
    events: u32,
    count: u32,
    out: u32,
    subscription: impl Fn(&Guest<'_>, u32) -> Result<Subscription>,
) -> Result<()> {
    let Some(last) = count.checked_sub(1) else {
        return Err(Errno::INVAL);
    };
    // The last one tells whether the count is to be believed.
    subscription(guest, last)?;
    if count > MOST {
        return Err(Errno::INVAL);
    }
    let len = count as usize;
    let mut few = [NOTHING; INLINE];
    let mut few_polled: [PollFd<'_>; INLINE] = from_fn(|_| passed_over());
    let (mut many, mut many_polled);
    let (subscriptions, polled) = match (few.get_mut(..len), few_polled.get_mut(..len)) {
        (Some(few), Some(few_polled)) => (few, few_polled),
        _ => {
            many = Pages::new(len, NOTHING)?;
            many_polled = Pages::new(len, passed_over())?;
            (&mut *many, &mut *many_polled)
        }
    };
    for ((place, polled), index) in subscriptions.iter_mut().zip(&mut *polled).zip(0..) {
        *place = subscription(guest, index)?;
        if let Source::Descriptor { descriptor, write } = place.source {
            let wanted = if write { PollFlags::OUT } else { PollFlags::IN };
            *polled = PollFd::from_borrowed_fd(descriptor.host(), wanted);
        }
    }

    let mut occurred = 0;
    while occurred == 0 {
        match poll(polled, timeout(subscriptions).as_ref()) {
            Err(io::Errno::INTR) => continue,
            result => result?,
        };
        for (subscription, polled) in subscriptions.iter().zip(&*polled) {
            if let Some(event) = event(subscription, polled.revents())? {
                let place = guest.element(events, occurred, 32);
                store(guest, place, &event, &[11..16, 26..32]);
                occurred += 1;
            }
        }
    }
    guest.store_u32(out, occurred);
    Ok(())
}

/// How long it takes until the first clock of `subscriptions` shows its time, if there is one.
fn timeout(subscriptions: &[Subscription]) -> Option<Timespec> {
    subscriptions
        .iter()
        .filter_map(|subscription| match subscription.source {
            Source::Clock { clock, deadline } => Some(deadline.saturating_sub(now(clock))),
            Source::Descriptor { .. } => None,
        })
        .min()
        .map(timespec)
}

/// The event of `subscription`, when it occurred; `ready` is what `poll` found.
fn event(subscription: &Subscription, ready: PollFlags) -> Result<Option<[u8; 32]>> {
    let (tag, bytes, flags) = match subscription.source {
        Source::Clock { clock, deadline } => {
            if now(clock) < deadline {
                return Ok(None);
            }
            (CLOCK, 0, 0)
        }
        Source::Descriptor { descriptor, write } => {
            if ready.is_empty() {
                return Ok(None);
            }
            // Of the standard streams it is not told that nobody is at their other end.
            let hangup = !descriptor.is_stdio()
                && (ready.contains(PollFlags::HUP) || !write && at_end(&descriptor)?);
            let tag = if write { FD_WRITE } else { FD_READ };
            (tag, 1, if hangup { HANGUP } else { 0 })
        }
    };
    let head = u64::from(tag) << 16;
    Ok(Some(words([subscription.userdata, head, bytes, flags])))
}

/// Whether nothing is left to be read of a regular file.
fn at_end(descriptor: &Descriptor) -> Result<bool> {
    let stat = fstat(descriptor.host())?;
    Ok(
        FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
            && tell(descriptor.host())? >= stat.st_size.cast_unsigned(),
    )
}
