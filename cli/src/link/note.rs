//! The notes by which an executable says what made it and what it may do.
//!
//! Notes of the owner `nativize` in `.note.nativize`: the compiler's version, the configuration, and the filter of system
//! calls. The runtime uses the same bytes, so what `inspect` shows is what holds.

use nativize_abi::sandbox::Instruction;
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
/// The type of the note whose content is the filter of system calls.
const FILTER: u32 = 3;

/// What the notes of an executable say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notes<'a> {
    /// The version of the compiler that made it.
    pub version: &'a str,
    /// The encoded configuration ([`nativize_abi::config`]).
    pub config: &'a [u8],
    /// The filter of system calls as the kernel takes it, if there is one.
    pub filter: Option<&'a [u8]>,
}

impl Notes<'_> {
    /// The instructions of the filter.
    pub fn instructions(&self) -> Option<Vec<Instruction>> {
        let (instructions, _) = self.filter?.as_chunks::<8>();
        let decode = |&[c0, c1, if_true, if_false, o0, o1, o2, o3]: &[u8; 8]| Instruction {
            code: u16::from_le_bytes([c0, c1]),
            if_true,
            if_false,
            operand: u32::from_le_bytes([o0, o1, o2, o3]),
        };
        Some(instructions.iter().map(decode).collect())
    }
}

/// The contents of the section, and the offsets of what has symbols in it.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) content: Vec<u8>,
    pub(super) config: u64,
    pub(super) filter: Option<u64>,
}

/// Reads the notes of an executable. `None` when `bytes` are not an executable made by nativize.
pub fn read_notes(bytes: &[u8]) -> Option<Notes<'_>> {
    let header = elf::FileHeader64::<LE>::parse(bytes).ok()?;
    let (mut version, mut config, mut filter) = (None, None, None);
    for segment in header.program_headers(LE, bytes).ok()? {
        let Ok(Some(mut notes)) = segment.notes(LE, bytes) else {
            continue;
        };
        while let Ok(Some(note)) = notes.next() {
            match note.n_type(LE) {
                _ if note.name() != OWNER => {}
                VERSION => version = std::str::from_utf8(note.desc()).ok(),
                CONFIG => config = Some(note.desc()),
                FILTER => filter = Some(note.desc()),
                _ => {}
            }
        }
    }
    Some(Notes {
        version: version?,
        config: config?,
        filter,
    })
}

pub(super) fn encode(version: &str, config: &[u8], filter: Option<&[Instruction]>) -> Encoded {
    let mut out = Vec::new();
    note(&mut out, VERSION, version.as_bytes());
    let config = note(&mut out, CONFIG, config);
    let filter = filter.map(|filter| {
        let encode = |instruction: &Instruction| {
            let [c0, c1] = instruction.code.to_le_bytes();
            let [o0, o1, o2, o3] = instruction.operand.to_le_bytes();
            let (if_true, if_false) = (instruction.if_true, instruction.if_false);
            [c0, c1, if_true, if_false, o0, o1, o2, o3]
        };
        let content: Vec<u8> = filter.iter().flat_map(encode).collect();
        note(&mut out, FILTER, &content)
    });
    Encoded {
        content: out,
        config,
        filter,
    }
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
