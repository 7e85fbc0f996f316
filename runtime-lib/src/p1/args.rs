//! `args_*`: the command line.

use crate::core::errno::{Errno, Result};
use crate::guest::Guest;
use crate::start;

/// Reads the arguments.
///
/// Writes one `u32` for each to `argv`, pointers into `buffer`, where the arguments follow one another, each ended
/// by a zero byte.
pub fn get(guest: &mut Guest<'_>, argv: u32, buffer: u32) -> Result<()> {
    let mut strings = Strings::new(argv, buffer);
    for argument in start::args() {
        strings.write(guest, &[argument.to_bytes_with_nul()])?;
    }
    Ok(())
}

/// Writes the number of arguments to `count` and their size in bytes, zeros included, to `size`.
///
/// # Errors
/// `OVERFLOW` when they are longer than 4 GiB.
pub fn sizes_get(guest: &mut Guest<'_>, count: u32, size: u32) -> Result<()> {
    let sizes = start::args().map(|argument| argument.to_bytes_with_nul().len());
    write_sizes(guest, count, size, sizes)
}

/// Writes the number of strings to `count` and the sum of their `sizes` to `size`.
pub(super) fn write_sizes(
    guest: &mut Guest<'_>,
    count: u32,
    size: u32,
    sizes: impl Iterator<Item = usize>,
) -> Result<()> {
    let (mut strings, mut bytes) = (0u32, 0u64);
    for size in sizes {
        strings += 1;
        bytes += size as u64;
    }
    let bytes = u32::try_from(bytes).map_err(|_| Errno::OVERFLOW)?;
    // Last what is first, as Wasmtime does: they may be given the same place.
    guest.store_u32(size, bytes);
    guest.store_u32(count, strings);
    Ok(())
}

/// Writes strings one after another, and pointers to them.
pub(super) struct Strings {
    pointers: u32,
    index: u32,
    buffer: u32,
    /// Bytes in the buffer so far.
    written: u32,
}

impl Strings {
    pub(super) const fn new(pointers: u32, buffer: u32) -> Self {
        Strings {
            pointers,
            index: 0,
            buffer,
            written: 0,
        }
    }

    /// Writes the string made of `parts`.
    pub(super) fn write(&mut self, guest: &mut Guest<'_>, parts: &[&[u8]]) -> Result<()> {
        let pointer = guest.element(self.buffer, self.written, 1).to_le_bytes();
        *guest.record_at_mut(self.pointers, self.index, 4) = pointer;
        self.index += 1;
        for part in parts {
            let len = u32::try_from(part.len()).map_err(|_| Errno::OVERFLOW)?;
            let place = guest.element(self.buffer, self.written, 1);
            guest.bytes_mut(place, len).copy_from_slice(part);
            self.written = self.written.checked_add(len).ok_or(Errno::OVERFLOW)?;
        }
        Ok(())
    }
}
