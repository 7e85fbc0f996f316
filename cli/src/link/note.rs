//! The notes by which an executable says what made it and what it may do.
//!
//! Notes of the owner `nativize` in `.note.nativize`: the compiler's version, the configuration, the filter of system
//! calls, the options that code was made with, and the packages that it was made by and of. The runtime uses the same bytes,
//! so what `inspect` shows is what holds. Nothing in them is of the machine or the place of the build.

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
/// The type of the note whose content is the options, in UTF-8, separated by spaces.
const OPTIONS: u32 = 4;
/// The type of the note whose content is the packages, in UTF-8, a line `NAME VERSION` each.
const PACKAGES: u32 = 5;

/// The packages that decide what is in an executable, of this build of nativize.
pub(super) const OWN_PACKAGES: &str = include_str!(concat!(env!("OUT_DIR"), "/packages"));

/// What the notes of an executable say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notes<'a> {
    /// The version of the compiler that made it.
    pub version: &'a str,
    /// The encoded configuration ([`nativize_abi::config`]).
    pub config: &'a [u8],
    /// The filter of system calls as the kernel takes it, if there is one.
    pub filter: Option<&'a [u8]>,
    /// The options that its code was made with, separated by spaces.
    pub options: Option<&'a str>,
    /// The packages that it was made by and of, a line `NAME VERSION` each.
    pub packages: Option<&'a str>,
}

/// Why a file has no notes to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoNotes {
    /// nativize did not make it.
    NotOurs,
    /// There are some, but not as nativize writes them.
    Damaged(&'static str),
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
    check_notes(bytes).ok()
}

/// Reads the notes of an executable, and says what is wrong with them.
///
/// # Errors
/// See [`NoNotes`].
pub fn check_notes(bytes: &[u8]) -> Result<Notes<'_>, NoNotes> {
    let header = elf::FileHeader64::<LE>::parse(bytes).map_err(|_| NoNotes::NotOurs)?;
    let segments = header.program_headers(LE, bytes);
    let mut contents: [Option<&[u8]>; PACKAGES as usize + 1] = [None; _];
    let mut damage = None;
    for segment in segments.map_err(|_| NoNotes::NotOurs)? {
        let mut notes = match segment.notes(LE, bytes) {
            Ok(Some(notes)) => notes,
            Ok(None) => continue,
            Err(_) => {
                damage = Some("they lie outside of the file");
                continue;
            }
        };
        loop {
            match notes.next() {
                Ok(Some(note)) if note.name() == OWNER => {
                    match contents.get_mut(note.n_type(LE) as usize) {
                        Some(Some(_)) => damage = Some("one occurs twice"),
                        Some(content) => *content = Some(note.desc()),
                        None => {}
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => {
                    damage = Some("one does not end where they end");
                    break;
                }
            }
        }
    }
    if contents.iter().all(Option::is_none) {
        return Err(damage.map_or(NoNotes::NotOurs, NoNotes::Damaged));
    }
    if let Some(damage) = damage {
        return Err(NoNotes::Damaged(damage));
    }
    let content = |kind: u32| contents[kind as usize];
    let text = |kind| {
        let text = content(kind).map(std::str::from_utf8);
        text.transpose()
            .map_err(|_| NoNotes::Damaged("text in one of them is not UTF-8"))
    };
    Ok(Notes {
        version: text(VERSION)?.ok_or(NoNotes::Damaged("the compiler's version is missing"))?,
        config: content(CONFIG).ok_or(NoNotes::Damaged("the policy is missing"))?,
        filter: content(FILTER),
        options: text(OPTIONS)?,
        packages: text(PACKAGES)?,
    })
}

pub(super) fn encode(
    version: &str,
    config: &[u8],
    filter: Option<&[Instruction]>,
    options: &str,
) -> Encoded {
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
    note(&mut out, OPTIONS, options.as_bytes());
    note(&mut out, PACKAGES, OWN_PACKAGES.as_bytes());
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
