//! Where things lie in the address space of an executable, or what memories a module declares.

use std::fmt::Write as _;

use nativize_abi::address::{
    EXECUTABLE_BASE, EXECUTABLE_END, HIGH_STACK_AREA, LOW_STACK_MAX, STACK_GUARD,
};
use object::{Object as _, ObjectSegment as _, SegmentFlags};

use super::Page;
use crate::console::Size;
use crate::html::escape;

/// Writes the part of the page.
pub(super) fn section(out: &mut String, page: &Page<'_>) {
    out.push_str("<h2>Memory</h2>\n");
    if let Some(module) = page.module {
        out.push_str("<ul>");
        for memory in &module.memories {
            let _ = write!(
                out,
                "<li>memory, in pages: <code>{}</code>",
                escape(&memory.to_string())
            );
        }
        for table in &module.tables {
            let _ = write!(
                out,
                "<li>table: <code>{}</code>",
                escape(&table.to_string())
            );
        }
        if module.memories.is_empty() && module.tables.is_empty() {
            out.push_str("<li>the module has no memory and no table");
        }
        out.push_str("</ul>\n");
    }
    let Some((executable, image)) = page.executable.zip(page.image) else {
        return;
    };
    let mut rows: Vec<(u64, u64, String)> = Vec::new();
    let stack = executable.stack_size;
    let mut bottom = None;
    for segment in image.file().segments() {
        let SegmentFlags::Elf { p_flags } = segment.flags() else {
            continue;
        };
        let below = EXECUTABLE_BASE - LOW_STACK_MAX..EXECUTABLE_BASE;
        if below.contains(&segment.address()) {
            // The stack, and data above it.
            let data = segment.size().saturating_sub(stack);
            let at = segment.address() + stack;
            rows.push((segment.address(), stack, "stack of the program".to_owned()));
            rows.push((at, data, "data".to_owned()));
            bottom = Some(segment.address());
            continue;
        }
        let shown = match p_flags & 7 {
            5 => "code",
            4 => "constants",
            _ if !(EXECUTABLE_BASE..EXECUTABLE_END).contains(&segment.address()) => {
                "initial content of a memory"
            }
            _ => "data",
        };
        rows.push((segment.address(), segment.size(), shown.to_owned()));
    }
    let bottom = bottom.unwrap_or_else(|| {
        let bottom = match stack {
            ..=LOW_STACK_MAX => EXECUTABLE_BASE - stack,
            _ => HIGH_STACK_AREA + STACK_GUARD,
        };
        rows.push((bottom, stack, "stack of the program".to_owned()));
        bottom
    });
    rows.push((
        bottom - STACK_GUARD,
        STACK_GUARD,
        "guard of the stack: inaccessible".to_owned(),
    ));
    for (number, memory) in image.memories().iter().enumerate() {
        rows.push((
            memory.base,
            memory.size,
            format!("memory {number} at start"),
        ));
    }
    rows.sort_by_key(|row| (row.0, std::cmp::Reverse(row.1)));
    out.push_str("<div class=scroll><table><tr><th>address<th>size<th class=left>what\n");
    for (address, size, what) in rows {
        let _ = writeln!(
            out,
            "<tr><td><code>{address:#x}</code><td>{}<td class=left>{what}",
            Size(size)
        );
    }
    out.push_str("</table></div>\n");
}
