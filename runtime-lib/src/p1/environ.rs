//! `environ_*`: the environment.

use super::args::{Strings, write_sizes};
use crate::core::environment;
use crate::core::errno::Result;
use crate::guest::Guest;

/// Reads the environment.
///
/// Writes one `u32` for each variable to `environ`, pointers into `buffer`, where the variables follow one another as
/// `NAME=VALUE`, each ended by a zero byte.
pub fn get(guest: &mut Guest<'_>, environ: u32, buffer: u32) -> Result<()> {
    let mut strings = Strings::new(environ, buffer);
    for (name, value) in environment::guest() {
        strings.write(guest, &[name, b"=", value, b"\0"])?;
    }
    Ok(())
}

/// Writes the number of variables to `count` and their size in bytes, zeros included, to `size`.
///
/// # Errors
/// `OVERFLOW` when they are longer than 4 GiB.
pub fn sizes_get(guest: &mut Guest<'_>, count: u32, size: u32) -> Result<()> {
    let sizes = environment::guest().map(|(name, value)| name.len() + value.len() + 2);
    write_sizes(guest, count, size, sizes)
}
