//! Clocks.

use super::errno::{Errno, Result};
use rustix::time::{ClockId, Timespec, clock_getres, clock_gettime};

/// The clock that preview 1 numbers `id`.
///
/// # Errors
/// `INVAL` when there is no such clock.
pub fn from_id(id: u32) -> Result<ClockId> {
    Ok(match id {
        0 => ClockId::Realtime,
        1 => ClockId::Monotonic,
        2 => ClockId::ProcessCPUTime,
        3 => ClockId::ThreadCPUTime,
        _ => return Err(Errno::INVAL),
    })
}

/// What `clock` shows, in nanoseconds.
pub fn now(clock: ClockId) -> u64 {
    nanoseconds(&clock_gettime(clock)).unwrap_or(u64::MAX)
}

/// The step of `clock`, in nanoseconds.
pub fn resolution(clock: ClockId) -> u64 {
    nanoseconds(&clock_getres(clock)).unwrap_or(u64::MAX)
}

/// A point in time as nanoseconds since the epoch; times before it are the epoch itself.
///
/// # Errors
/// `OVERFLOW` when the time is too late for 64 bits, which is in the year 2554.
pub fn nanoseconds(time: &Timespec) -> Result<u64> {
    let Ok(seconds) = u64::try_from(time.tv_sec) else {
        return Ok(0);
    };
    seconds
        .checked_mul(1_000_000_000)
        .and_then(|total| total.checked_add(time.tv_nsec.cast_unsigned()))
        .ok_or(Errno::OVERFLOW)
}

/// Nanoseconds as seconds and nanoseconds.
pub fn timespec(nanoseconds: u64) -> Timespec {
    Timespec {
        tv_sec: (nanoseconds / 1_000_000_000).cast_signed(),
        tv_nsec: (nanoseconds % 1_000_000_000).cast_signed(),
    }
}
