//! Waits until no process has a file open for writing.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::Duration;

/// Waits until nobody can write to the file at `path` any more, after its writer closed it.
///
/// The kernel refuses to execute a file that is open for writing. A child of another thread inherits every descriptor
/// and holds it between its fork and its exec; it closes them then, and nothing else opens the file. The kernel grants
/// a read lease just when there is no such descriptor left (fcntl(2), F_SETLEASE).
///
/// # Errors
/// The file cannot be opened, or the kernel knows no leases on it and says so.
pub(crate) fn wait_for_writers(path: &Path) -> io::Result<()> {
    let file = File::open(path)?;
    let lease = |kind: libc::c_int| {
        // SAFETY: the descriptor is open, and this command takes and gives integers only.
        let result = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, kind) };
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    };
    loop {
        match lease(libc::F_RDLCK) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_micros(200));
            }
            Err(error) => return Err(error),
            Ok(()) => return lease(libc::F_UNLCK),
        }
    }
}
