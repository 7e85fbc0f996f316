//! Randomness from the kernel.

use super::errno::Result;
use rustix::io;
use rustix::rand::{GetRandomFlags, getrandom};

/// Fills `bytes`.
///
/// # Errors
/// Those of `getrandom`, which has none once the system has started.
pub fn fill(mut bytes: &mut [u8]) -> Result<()> {
    while !bytes.is_empty() {
        match getrandom(&mut *bytes, GetRandomFlags::empty()) {
            Ok(len) => bytes = bytes.split_at_mut(len).1,
            Err(io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
