//! `clock_*`: reading clocks.

use crate::core::clock;
use crate::core::errno::Result;
use crate::guest::Guest;

/// Writes the resolution of clock `id` in nanoseconds, a `u64`, to `out`.
///
/// # Errors
/// `INVAL` when there is no such clock.
pub fn res_get(guest: &mut Guest<'_>, id: u32, out: u32) -> Result<()> {
    let resolution = clock::resolution(clock::from_id(id)?);
    guest.store_u64(out, resolution);
    Ok(())
}

/// Writes the time of clock `id` in nanoseconds, a `u64`, to `out`. `precision` allows for a lag that there never is.
///
/// # Errors
/// `INVAL` when there is no such clock.
pub fn time_get(guest: &mut Guest<'_>, id: u32, precision: u64, out: u32) -> Result<()> {
    let _ = precision;
    let now = clock::now(clock::from_id(id)?);
    guest.store_u64(out, now);
    Ok(())
}
