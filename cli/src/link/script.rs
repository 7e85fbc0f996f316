//! The linker script by which another linker makes the same executable.

use std::fmt::Write as _;

use nativize_abi::address::EXECUTABLE_BASE;
use nativize_abi::symbol::START;

use super::read::{self, Kind};
use super::{Input, LinkError, edges, note};

/// A linker script for `program_object`, for
/// `ld.lld -T SCRIPT --gc-sections --eh-frame-hdr PROGRAM RUNTIME CONFIG -o OUTPUT`.
///
/// # Errors
/// When the object is malformed, as from [`super::link`].
pub fn linker_script(program_object: &[u8]) -> Result<String, LinkError> {
    let objects = read::read(&[Input {
        name: "program",
        bytes: program_object,
        local_symbols: true,
    }])?;
    let sections = objects.iter().flat_map(|object| &object.sections);
    let mut images: Vec<(u64, String)> = sections
        .filter_map(|section| match section.kind {
            Kind::Image(address) if section.size > 0 => {
                Some((address, super::error::display(section.name)))
            }
            _ => None,
        })
        .collect();
    images.sort_unstable();

    let mut image_headers = String::new();
    let mut image_sections = String::new();
    for (index, (address, name)) in images.iter().enumerate() {
        let _ = writeln!(image_headers, "  image{index} PT_LOAD FLAGS(6);");
        let _ = writeln!(
            image_sections,
            "  {name} {address:#x} : {{ KEEP(*({name})) }} :image{index}"
        );
    }
    let edges = edges::ALL
        .map(|(name, _)| format!("{name} = 0;\n"))
        .concat();
    let notes = note::SECTION;
    let next_segment = ". = ALIGN(CONSTANT(MAXPAGESIZE)) + (. & (CONSTANT(MAXPAGESIZE) - 1));";
    Ok(format!(
        "\
/* ld.lld -T SCRIPT --gc-sections --eh-frame-hdr PROGRAM RUNTIME CONFIG -o OUTPUT */
ENTRY({START})
{edges}PHDRS
{{
{image_headers}  read PT_LOAD FLAGS(4);
  code PT_LOAD FLAGS(5);
  data PT_LOAD FLAGS(6);
  note PT_NOTE FLAGS(4);
  unwind PT_GNU_EH_FRAME FLAGS(4);
  stack PT_GNU_STACK FLAGS(6);
}}
SECTIONS
{{
{image_sections}  . = {EXECUTABLE_BASE:#x} + SIZEOF_HEADERS;
  {notes} : {{ KEEP(*({notes})) }} :read :note
  .rodata : {{ *(.rodata .rodata.* .data.rel.ro .data.rel.ro.* .gcc_except_table .gcc_except_table.*) }} :read
  .got : {{ *(.got) }} :read
  .eh_frame_hdr : {{ *(.eh_frame_hdr) }} :read :unwind
  .eh_frame : {{ KEEP(*(.eh_frame)) }} :read
  {next_segment}
  .text : {{ *(.text .text.*) }} :code
  {next_segment}
  .data : {{ *(.data .data.*) }} :data
  .bss : {{ *(.bss .bss.* COMMON) }} :data
  /DISCARD/ : {{ *(.comment .note.gnu.property) }}
}}
"
    ))
}
