//! `random_get`: randomness.

use crate::core::errno::Result;
use crate::core::random;
use crate::guest::Guest;

/// Writes `len` random bytes to `buffer`.
pub fn get(guest: &mut Guest<'_>, buffer: u32, len: u32) -> Result<()> {
    random::fill(guest.bytes_mut(buffer, len))
}
