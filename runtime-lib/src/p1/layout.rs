//! Numbers and records of the witx documents that several areas share.

use crate::core::clock::nanoseconds;
use crate::core::errno::{Errno, Result};
use crate::guest::Guest;
use core::ops::Range;
use core::slice;
use rustix::fs::{FileType, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};

/// `fdflags`
pub(super) const APPEND: u16 = 1;
pub(super) const DSYNC: u16 = 1 << 1;
pub(super) const NONBLOCK: u16 = 1 << 2;
pub(super) const RSYNC: u16 = 1 << 3;
pub(super) const SYNC: u16 = 1 << 4;

/// `filetype`
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Filetype {
    Unknown,
    BlockDevice,
    CharacterDevice,
    Directory,
    RegularFile,
    SocketDgram,
    SocketStream,
    SymbolicLink,
}

impl From<FileType> for Filetype {
    fn from(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Filetype::RegularFile,
            FileType::Directory => Filetype::Directory,
            FileType::Symlink => Filetype::SymbolicLink,
            FileType::CharacterDevice => Filetype::CharacterDevice,
            FileType::BlockDevice => Filetype::BlockDevice,
            FileType::Socket => Filetype::SocketStream,
            // There is no number for a pipe.
            _ => Filetype::Unknown,
        }
    }
}

/// The bits of `value`, when they are of a set of flags whose members are `all`.
pub(super) fn flags(value: u32, all: u16) -> Result<u16> {
    match u16::try_from(value) {
        Ok(flags) if flags & !all == 0 => Ok(flags),
        _ => Err(Errno::INVAL),
    }
}

/// Whether `lookupflags` ask to follow a symbolic link at the end of the path.
pub(super) fn follow(lookup: u32) -> Result<bool> {
    Ok(flags(lookup, 1)? != 0)
}

/// `filestat`, before it is written.
#[derive(Clone, Copy)]
pub(super) struct Filestat {
    pub(super) filetype: Filetype,
    dev: u64,
    ino: u64,
    nlink: u64,
    size: u64,
    /// Access, modification, status change.
    times: [u64; 3],
}

impl Filestat {
    /// All zero, but for the type.
    pub(super) const fn of_type(filetype: Filetype) -> Self {
        Filestat {
            filetype,
            dev: 0,
            ino: 0,
            nlink: 0,
            size: 0,
            times: [0; 3],
        }
    }

    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        clippy::cast_possible_wrap,
        reason = "the types of the host's fields differ between its architectures"
    )]
    pub(super) fn new(stat: &Stat) -> Result<Self> {
        let time = |seconds: i64, fraction: i64| {
            nanoseconds(&Timespec {
                tv_sec: seconds,
                tv_nsec: fraction,
            })
        };
        Ok(Filestat {
            filetype: FileType::from_raw_mode(stat.st_mode).into(),
            dev: stat.st_dev.into(),
            ino: stat.st_ino.into(),
            nlink: stat.st_nlink.into(),
            size: stat.st_size.cast_unsigned(),
            times: [
                time(stat.st_atime as i64, stat.st_atime_nsec as i64)?,
                time(stat.st_mtime as i64, stat.st_mtime_nsec as i64)?,
                time(stat.st_ctime as i64, stat.st_ctime_nsec as i64)?,
            ],
        })
    }

    /// Writes the record of `wasi_snapshot_preview1`.
    pub(super) fn store(&self, guest: &mut Guest<'_>, pointer: u32) {
        store(guest, pointer, &self.encode(), slice::from_ref(&(17..24)));
    }

    /// Writes the record of `wasi_unstable`.
    pub(super) fn store_unstable(&self, guest: &mut Guest<'_>, pointer: u32) {
        store(
            guest,
            pointer,
            &self.encode_unstable(),
            slice::from_ref(&(17..20)),
        );
    }

    /// The record of `wasi_snapshot_preview1`, 8-aligned.
    ///
    /// ```text
    /// 0 dev  8 ino  16 filetype: u8  24 nlink  32 size  40 atim  48 mtim  56 ctim
    /// ```
    fn encode(&self) -> [u8; 64] {
        let [atim, mtim, ctim] = self.times;
        words([
            self.dev,
            self.ino,
            self.filetype as u64,
            self.nlink,
            self.size,
            atim,
            mtim,
            ctim,
        ])
    }

    /// The record of `wasi_unstable`, 8-aligned.
    ///
    /// ```text
    /// 0 dev  8 ino  16 filetype: u8  20 nlink: u32  24 size  32 atim  40 mtim  48 ctim
    /// ```
    fn encode_unstable(&self) -> [u8; 56] {
        let [atim, mtim, ctim] = self.times;
        let nlink = u64::from(u32::try_from(self.nlink).unwrap_or(u32::MAX));
        words([
            self.dev,
            self.ino,
            self.filetype as u64 | nlink << 32,
            self.size,
            atim,
            mtim,
            ctim,
        ])
    }
}

/// Writes a record at `pointer`, 8-aligned, but for what lies between its fields: that keeps what it was, as under
/// Wasmtime.
pub(super) fn store<const N: usize>(
    guest: &mut Guest<'_>,
    pointer: u32,
    record: &[u8; N],
    between: &[Range<usize>],
) {
    let place = guest.record_mut::<N>(pointer, 8);
    for ((place, byte), offset) in place.iter_mut().zip(record).zip(0..) {
        if !between.iter().any(|gap| gap.contains(&offset)) {
            *place = *byte;
        }
    }
}

/// The little-endian bytes of `values`.
pub(super) fn words<const W: usize, const B: usize>(values: [u64; W]) -> [u8; B] {
    const { assert!(B == 8 * W) }
    let mut bytes = [0; B];
    for (chunk, value) in bytes.chunks_exact_mut(8).zip(values) {
        chunk.copy_from_slice(&value.to_le_bytes());
    }
    bytes
}

/// The times to set that `fstflags` select of `atim` and `mtim`.
///
/// # Errors
/// `INVAL` for a time that is to be both the given one and the present.
pub(super) fn timestamps(atim: u64, mtim: u64, fstflags: u32) -> Result<Timestamps> {
    let flags = flags(fstflags, 0b1111)?;
    let time = |nanoseconds, set: u16, now: u16| match (flags & set != 0, flags & now != 0) {
        (true, true) => Err(Errno::INVAL),
        (true, false) => Ok(crate::core::clock::timespec(nanoseconds)),
        (false, now) => Ok(Timespec {
            tv_sec: 0,
            tv_nsec: if now { UTIME_NOW } else { UTIME_OMIT },
        }),
    };
    Ok(Timestamps {
        last_access: time(atim, 1, 1 << 1)?,
        last_modification: time(mtim, 1 << 2, 1 << 3)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filestat_has_the_layouts_of_both_versions() {
        let stat = Filestat {
            filetype: Filetype::RegularFile,
            dev: 1,
            ino: 2,
            nlink: 3,
            size: 4,
            times: [5, 6, 7],
        };
        let words: Vec<u64> = stat
            .encode()
            .chunks(8)
            .map(|word| u64::from_le_bytes(word.try_into().unwrap()))
            .collect();
        assert_eq!(words, [1, 2, 4, 3, 4, 5, 6, 7]);
        let old = stat.encode_unstable();
        assert_eq!(old[16..24], [4, 0, 0, 0, 3, 0, 0, 0]);
        assert_eq!(old[24], 4);
        assert_eq!(old[48], 7);
    }

    #[test]
    fn flags_without_meaning_are_refused() {
        assert_eq!(flags(0b101, 0b111), Ok(0b101));
        assert_eq!(flags(0b1000, 0b111), Err(Errno::INVAL));
        assert_eq!(flags(0x1_0001, 0b111), Err(Errno::INVAL));
        assert!(timestamps(0, 0, 0b0011).is_err());
        let times = timestamps(1_500_000_000, 9, 0b1001).unwrap();
        assert_eq!(times.last_access.tv_sec, 1);
        assert_eq!(times.last_access.tv_nsec, 500_000_000);
        assert_eq!(times.last_modification.tv_nsec, UTIME_NOW);
    }
}
