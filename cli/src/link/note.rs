//! The notes by which an executable says what made it and what it may do.
//!
//! Notes of the owner `nativize` in `.note.nativize`: the compiler's version, and the configuration. The runtime reads
//! the configuration from the same bytes, so what `inspect` shows is what holds.

use object::LittleEndian as LE;
use object::elf;
use object::read::elf::{FileHeader as _, ProgramHeader as _};

/// The section that holds the notes.
pub(super) const SECTION: &str = ".note.nativize";
const OWNER: &[u8] = b"nativize";
/// The type of the note whose content is the compiler's version, in UTF-8.
const VERSION: u32 = 1;
/// The type of the note whose content is the encoded configuration.
const CONFIG: u32 = 2;

/// What the notes of an executable say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notes<'a> {
    /// The version of the compiler that made it.
    pub version: &'a str,
    /// The encoded configuration ([`nativize_abi::config`]).
    pub config: &'a [u8],
}

/// Reads the notes of an executable. `None` when `bytes` are not an executable made by nativize.
pub fn read_notes(bytes: &[u8]) -> Option<Notes<'_>> {
    let header = elf::FileHeader64::<LE>::parse(bytes).ok()?;
    let (mut version, mut config) = (None, None);
    for segment in header.program_headers(LE, bytes).ok()? {
        let Ok(Some(mut notes)) = segment.notes(LE, bytes) else {
            continue;
        };
        while let Ok(Some(note)) = notes.next() {
            match note.n_type(LE) {
                _ if note.name() != OWNER => {}
                VERSION => version = std::str::from_utf8(note.desc()).ok(),
                CONFIG => config = Some(note.desc()),
                _ => {}
            }
        }
    }
    Some(Notes {
        version: version?,
        config: config?,
    })
}

/// The contents of the section, and the offset of `config` in it.
pub(super) fn encode(version: &str, config: &[u8]) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    note(&mut out, VERSION, version.as_bytes());
    let at = note(&mut out, CONFIG, config);
    (out, at)
}

/// Appends a note and gives the offset of its content.
fn note(out: &mut Vec<u8>, kind: u32, content: &[u8]) -> u64 {
    let word = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    out.extend(word(OWNER.len() + 1));
    out.extend(word(content.len()));
    out.extend(kind.to_le_bytes());
    out.extend(OWNER);
    out.push(0);
    out.resize(out.len().next_multiple_of(4), 0);
    let at = out.len() as u64;
    out.extend(content);
    out.resize(out.len().next_multiple_of(4), 0);
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_have_no_notes() {
        assert_eq!(read_notes(b""), None);
        assert_eq!(read_notes(b"\x7fELF and then something else"), None);
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(read_notes(&this), None);
    }
}
