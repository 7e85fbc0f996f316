//! The program's own file, of which its code is a mapping: who writes the file writes the code.

use super::errno::Result;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Stat, fstat, statat};

static DEVICE: AtomicU64 = AtomicU64::new(0);
/// Zero as long as nobody knows it.
static INODE: AtomicU64 = AtomicU64::new(0);

/// Finds out which file it is, while procfs can be asked.
pub fn find() {
    if let Ok(stat) = statat(CWD, c"/proc/self/exe", AtFlags::empty()) {
        set(&stat);
    }
}

/// It is the file that this is said of.
pub fn set(stat: &Stat) {
    DEVICE.store(stat.st_dev, Relaxed);
    INODE.store(stat.st_ino, Relaxed);
}

/// Whether a file is the program's own.
pub fn is(file: &OwnedFd) -> Result<bool> {
    let inode = INODE.load(Relaxed);
    if inode == 0 {
        return Ok(false);
    }
    let stat = fstat(file)?;
    Ok((stat.st_dev, stat.st_ino) == (DEVICE.load(Relaxed), inode))
}
