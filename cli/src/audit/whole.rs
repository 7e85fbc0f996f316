//! Whether an executable is all there, and for the machine that nativize makes executables for.

use object::elf;
use object::read::elf::{FileHeader as _, ProgramHeader as _, SectionHeader as _};
use object::{Endian as _, LittleEndian as LE};

/// Looks at an executable whose notes could be read.
///
/// # Errors
/// What is wrong with it, as a sentence without a full stop.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let header = elf::FileHeader64::<LE>::parse(bytes).map_err(|_| "its header is damaged")?;
    let is_little = header
        .endian()
        .is_ok_and(|endian| endian.is_little_endian());
    if !is_little || header.e_machine.get(LE) != elf::EM_X86_64 {
        return Err("it is for another machine than x86-64");
    }
    if header.e_type.get(LE) != elf::ET_EXEC {
        return Err("it is no executable");
    }
    let is_inside = |(offset, size): (u64, u64)| {
        offset
            .checked_add(size)
            .is_some_and(|end| end <= bytes.len() as u64)
    };
    let segments = header.program_headers(LE, bytes);
    let segments = segments.map_err(|_| "its header is damaged")?;
    if !segments.iter().all(|one| is_inside(one.file_range(LE))) {
        return Err("it is cut off: the file ends before its segments");
    }
    let sections = header.section_headers(LE, bytes);
    let mut sections = sections
        .map_err(|_| "it is cut off: the file ends before its section headers")?
        .iter();
    if !sections.all(|one| one.file_range(LE).is_none_or(is_inside)) {
        return Err("it is cut off: the file ends before its sections");
    }
    Ok(())
}
