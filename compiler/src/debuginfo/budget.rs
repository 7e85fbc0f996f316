//! How much work a module's DWARF may ask for: what refers to the same tables again and again is refused.
//!
//! DWARF comes from whoever made the module. A unit of a dozen bytes can name tables of megabytes, so that a small
//! file would keep the compiler busy for hours; what compilers write reads each byte a few times at most.

use super::unit::{Dwarf, Header};
use gimli::{DebugAbbrevOffset, Reader as _, Section as _};
use std::collections::HashSet;

/// How often the bytes of a section may be read.
const AGAIN: u64 = 16;
/// More attributes than any entry has.
const MAX_ATTRIBUTES: usize = 256;

/// The bytes of a section that may still be read.
struct Budget(u64);

impl Budget {
    fn of(section: usize) -> Self {
        Budget((section as u64 + 4096) * AGAIN)
    }

    fn spend(&mut self, bytes: u64) -> Result<(), String> {
        self.0 = self
            .0
            .checked_sub(bytes)
            .ok_or("it refers to the same bytes too often")?;
        Ok(())
    }
}

/// Whether the tables of abbreviations can all be parsed, each once.
pub(super) fn check_abbreviations(dwarf: &Dwarf<'_>) -> Result<(), String> {
    let mut budget = Budget::of(dwarf.debug_abbrev.reader().len());
    let mut tables = HashSet::new();
    let mut units = dwarf.units();
    // (What is wrong with a unit is reported when it is read.)
    while let Ok(Some(header)) = units.next() {
        let table = header.debug_abbrev_offset();
        if tables.insert(table) {
            budget.spend(abbreviations_len(dwarf, table)?)?;
        }
    }
    Ok(())
}

/// The headers of the units whose line programs are affordable, each with whether it is the first to refer to its line
/// program; and what is wrong with the first of the others.
pub(super) fn headers<'a>(dwarf: &Dwarf<'a>) -> (Vec<(Header<'a>, bool)>, Option<String>) {
    let mut lines = Budget::of(dwarf.debug_line.reader().len());
    let mut programs = HashSet::new();
    let mut problem = None;
    let mut found = Vec::new();
    let mut units = dwarf.units();
    loop {
        let header = match units.next() {
            Ok(Some(header)) => header,
            Ok(None) => break,
            Err(error) => {
                problem.get_or_insert(error.to_string());
                break;
            }
        };
        let mut check = || -> Result<bool, String> {
            let Some(program) = line_program(dwarf, &header).map_err(|error| error.to_string())?
            else {
                return Ok(false);
            };
            let (header, whole) = line_lengths(dwarf, program).unwrap_or_default();
            lines.spend(header)?;
            let is_first = programs.insert(program);
            if is_first {
                lines.spend(whole)?;
            }
            Ok(is_first)
        };
        match check() {
            Ok(is_first) => found.push((header, is_first)),
            Err(message) => {
                problem.get_or_insert(message);
            }
        }
    }
    (found, problem)
}

/// The bytes of the table of abbreviations at an offset.
fn abbreviations_len(dwarf: &Dwarf<'_>, at: DebugAbbrevOffset) -> Result<u64, String> {
    let mut reader = *dwarf.debug_abbrev.reader();
    let mut read = || -> gimli::Result<Option<u64>> {
        reader.skip(at.0)?;
        let before = reader.len();
        while reader.read_uleb128()? != 0 {
            reader.read_uleb128()?;
            reader.skip(1)?;
            for count in 0.. {
                let (name, form) = (reader.read_uleb128()?, reader.read_uleb128()?);
                if form == u64::from(gimli::DW_FORM_implicit_const.0) {
                    reader.read_sleb128()?;
                }
                if name == 0 && form == 0 {
                    break;
                }
                if count == MAX_ATTRIBUTES {
                    return Ok(None);
                }
            }
        }
        Ok(Some((before - reader.len()) as u64))
    };
    match read() {
        Ok(Some(len)) => Ok(len),
        Ok(None) => Err("an entry has too many attributes".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The offset of a unit's line program.
fn line_program(dwarf: &Dwarf<'_>, header: &Header<'_>) -> gimli::Result<Option<usize>> {
    let abbreviations = dwarf.abbreviations(header)?;
    let mut entries = header.entries_raw(&abbreviations, None)?;
    let mut program = None;
    if let Some(root) = entries.read_abbreviation()? {
        for &attribute in root.attributes() {
            let attribute = entries.read_attribute(attribute)?;
            if attribute.name() == gimli::DW_AT_stmt_list
                && let gimli::AttributeValue::DebugLineRef(offset) = attribute.value()
            {
                program = Some(offset.0);
            }
        }
    }
    Ok(program)
}

/// The bytes of the header of a line program, and those of all of it.
fn line_lengths(dwarf: &Dwarf<'_>, at: usize) -> Option<(u64, u64)> {
    let mut reader = *dwarf.debug_line.reader();
    reader.skip(at).ok()?;
    let rest = reader.len() as u64;
    let (whole, format) = reader.read_initial_length().ok()?;
    let version = reader.read_u16().ok()?;
    if version >= 5 {
        reader.skip(2).ok()?;
    }
    let header = reader.read_length(format).ok()?;
    Some(((header as u64).min(rest), (whole as u64).min(rest)))
}
