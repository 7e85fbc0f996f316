//! `proc_*`: the process.

use crate::core::errno::{Errno, Result};
use crate::guest::Guest;

/// Ends the process with status `code`, of which its parent sees the low 8 bits.
pub fn exit(guest: &mut Guest<'_>, code: u32) -> ! {
    let _ = guest;
    crate::exit::exit(code.cast_signed())
}

/// Signals are not part of preview 1 as it is implemented anywhere.
///
/// # Errors
/// `NOTSUP`, always; `INVAL` when `signal` is not the number of one.
pub fn raise(guest: &mut Guest<'_>, signal: u32) -> Result<()> {
    const SIGNALS: u32 = 31;
    let _ = guest;
    #[cfg(feature = "unchecked")]
    crate::sys::system_call(signal);
    Err(if signal < SIGNALS {
        Errno::NOTSUP
    } else {
        Errno::INVAL
    })
}
