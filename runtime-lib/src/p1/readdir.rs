//! `fd_readdir`: listing a directory.

use super::layout::{Filetype, words};
use crate::core::embedded::hooks;
use crate::core::errno::{Errno, Result};
use crate::core::table::{self, Descriptor, Kind};
use crate::guest::Guest;
use core::mem::MaybeUninit;
use rustix::fd::BorrowedFd;
use rustix::fs::{AtFlags, FileType, RawDir, SeekFrom, fstat, seek, statat};
use rustix::io;

/// The cookie of the first entry after `.` and `..`, which the list begins with wherever the host has them. Cookies from
/// here on are the host's, moved up by as much.
const FIRST: u64 = 2;

/// How much is asked of the kernel at once: as much as the C library asks of us.
const HOST_BUFFER: usize = 4096;

/// Lists the directory `fd` from `cookie` on, which is 0 for the start and otherwise `next` of the entry before. Writes
/// entries to the `len` bytes at `buffer`, one after another and without alignment:
///
/// ```text
/// 0 next: u64    8 inode: u64    16 length of the name: u32    20 filetype: u8    24 the name
/// ```
///
/// and the bytes used, a `u32`, to `out`. The last entry is cut off where the buffer ends; only a buffer that is not
/// full has reached the end of the directory.
///
/// # Errors
/// `BADF` when it is not a directory, `INVAL` when the host does not know the cookie.
pub fn readdir(
    guest: &mut Guest<'_>,
    fd: u32,
    buffer: u32,
    len: u32,
    cookie: u64,
    out: u32,
) -> Result<()> {
    let directory = table::get(fd)?;
    if !matches!(directory.kind, Kind::Directory | Kind::Embedded) {
        return Err(Errno::BADF);
    }
    let mut output = Output {
        buffer: guest.bytes_mut(buffer, len),
        used: 0,
    };
    if directory.kind == Kind::Embedded {
        list_embedded(&directory, cookie, &mut output)?;
    } else {
        list(directory.host(), cookie, &mut output)?;
    }
    // It is at most `len`.
    let used = output.used as u32;
    guest.store_u32(out, used);
    Ok(())
}

/// Cookies count the entries.
fn list_embedded(directory: &Descriptor, cookie: u64, output: &mut Output<'_>) -> Result<()> {
    let hooks = hooks()?;
    let directory = (hooks.itself)(directory)?;
    let own = u64::from(directory.offset) + 1;
    let names = [&b"."[..], b".."].into_iter();
    let head = names.map(|name| (own, Filetype::Directory, name));
    let rest = (hooks.entries)(directory).map(|found| {
        (
            u64::from(found.offset) + 1,
            found.node.kind.into(),
            found.node.name,
        )
    });
    for ((inode, kind, name), next) in head.chain(rest).zip(1..) {
        if cookie < next && !output.entry(next, inode, kind, name) {
            break;
        }
    }
    Ok(())
}

fn list(directory: BorrowedFd<'_>, cookie: u64, output: &mut Output<'_>) -> Result<()> {
    if cookie < FIRST {
        // What `..` is on the host is not the guest's business.
        let inode = fstat(directory)?.st_ino;
        for (name, next) in [(&b"."[..], 1), (b"..", FIRST)] {
            if cookie < next && !output.entry(next, inode, Filetype::Directory, name) {
                return Ok(());
            }
        }
    }
    seek(directory, SeekFrom::Start(cookie.saturating_sub(FIRST)))?;
    let mut buffer = [const { MaybeUninit::uninit() }; HOST_BUFFER];
    let mut entries = RawDir::new(directory, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = match entry {
            // The directory has been removed: nothing is left in it.
            Err(io::Errno::NOENT) => break,
            entry => entry?,
        };
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let kind = match entry.file_type() {
            // Not every file system keeps types in its directories. What is gone by now has none.
            FileType::Unknown => statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)
                .map_or(FileType::Unknown, |stat| {
                    FileType::from_raw_mode(stat.st_mode)
                }),
            kind => kind,
        };
        let next = entry.next_entry_cookie().wrapping_add(FIRST);
        if !output.entry(next, entry.ino(), kind.into(), name.to_bytes()) {
            break;
        }
    }
    Ok(())
}

struct Output<'g> {
    buffer: &'g mut [u8],
    used: usize,
}

impl Output<'_> {
    /// Writes an entry, and says whether there is room after it.
    fn entry(&mut self, next: u64, inode: u64, kind: Filetype, name: &[u8]) -> bool {
        // Names are at most 255 bytes long, so that their length is a `u32`.
        let head: [u8; 24] = words([next, inode, name.len() as u64 | (kind as u64) << 32]);
        self.write(&head) && self.write(name)
    }

    fn write(&mut self, bytes: &[u8]) -> bool {
        let room = self.buffer.get_mut(self.used..).unwrap_or_default();
        let len = bytes.len().min(room.len());
        let full = len == room.len();
        for (place, byte) in room.iter_mut().zip(bytes) {
            *place = *byte;
        }
        self.used += len;
        !full
    }
}
