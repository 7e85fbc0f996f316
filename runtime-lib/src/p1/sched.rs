//! `sched_yield`.

use crate::core::errno::Result;
use crate::guest::Guest;

/// Lets other threads run.
pub fn yield_now(guest: &mut Guest<'_>) -> Result<()> {
    let _ = guest;
    rustix::thread::sched_yield();
    Ok(())
}
