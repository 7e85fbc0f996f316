//! The code of functions in its forms side by side.

use std::fmt::Write as _;

use nativize_compiler::{FunctionCode, Module};
use serde::Serialize;
use wasmparser::{FunctionBody, Parser, Payload};

use super::functions::imported_functions;
use super::operators::instruction;
use super::source::{Place, Row, Rows, Sources};
use super::{Functions, Page};

/// A function's code.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    pub(crate) index: u32,
    name: String,
    /// The lines of the source, if anything is known of them: a number by which they are referred to, or 0, and the text.
    source: Vec<Row>,
    /// Offset in the module, depth of nesting, text, and the number of the line of the source of each instruction.
    wasm: Vec<(u32, u32, String, u32)>,
    /// Offset in the module of where it comes from, or 0, and text of each line.
    clif: Vec<(u32, String)>,
    /// The same of machine code.
    asm: Vec<(u32, String)>,
}

/// How much text a form of a function may have.
const MAX_LINES: usize = 3000;

impl Listing {
    /// About how many bytes it takes in a page.
    pub(crate) fn len(&self) -> usize {
        let wasm = self.wasm.iter().map(|line| line.2.len() + 20);
        let lines = self.clif.iter().chain(&self.source).chain(&self.asm);
        let lines = lines.map(|line| line.1.len() + 16);
        wasm.chain(lines).sum()
    }

    /// The code of the functions in `made`, which are of the module in `bytes`.
    pub(crate) fn all(
        (bytes, module): (&[u8], &Module<'_>),
        functions: &Functions,
        sources: &mut Sources,
        made: Vec<FunctionCode>,
    ) -> Vec<Self> {
        let mut bodies = bodies(bytes);
        let mut listings: Vec<Listing> = made
            .into_iter()
            .map(|code| Listing {
                index: code.index,
                name: match functions.find(code.index) {
                    Some(found) => found.name.clone(),
                    None => format!("wasm function {}", code.index),
                },
                source: Vec::new(),
                wasm: bodies
                    .remove(&code.index)
                    .map_or_else(Vec::new, |body| wasm(&body)),
                clif: code.clif.lines().take(MAX_LINES).map(clif_line).collect(),
                asm: match code.asm {
                    Some(asm) => {
                        let lines = asm.into_iter().take(MAX_LINES);
                        lines.map(|line| (line.wasm_offset, line.text)).collect()
                    }
                    None => {
                        let text = "; its body stands only in the place of calls";
                        vec![(0, text.to_owned())]
                    }
                },
            })
            .collect();
        add_sources(&mut listings, module, sources);
        listings
    }
}

/// Adds the lines of the source. The debug information is read once for all of them.
fn add_sources(listings: &mut [Listing], module: &Module<'_>, sources: &mut Sources) {
    let offsets = listings.iter().flat_map(|listing| &listing.wasm);
    let mut offsets: Vec<u32> = offsets.map(|line| line.0).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let found = module.source_places(&offsets);
    for listing in listings {
        let places = listing.wasm.iter().filter_map(|&(offset, ..)| {
            let at = offsets.binary_search(&offset).ok()?;
            let (file, line, _) = (*found.places.get(at)?)?;
            Some(Place { offset, file, line })
        });
        let places: Vec<Place> = places.collect();
        let Rows { rows, numbers } = sources.rows(&found.files, &places);
        listing.source = rows;
        for (offset, .., number) in &mut listing.wasm {
            *number = numbers.get(offset).copied().unwrap_or(0);
        }
    }
}

fn bodies(bytes: &[u8]) -> std::collections::HashMap<u32, FunctionBody<'_>> {
    let mut bodies = std::collections::HashMap::new();
    let mut index = 0;
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        match payload {
            Payload::ImportSection(imports) => index += imported_functions(imports),
            Payload::CodeSectionEntry(body) => {
                bodies.insert(index, body);
                index += 1;
            }
            _ => {}
        }
    }
    bodies
}

fn wasm(body: &FunctionBody<'_>) -> Vec<(u32, u32, String, u32)> {
    let mut lines = Vec::new();
    let mut depth: u32 = 0;
    let Ok(operators) = body.get_operators_reader() else {
        return lines;
    };
    for operator in operators
        .into_iter_with_offsets()
        .map_while(Result::ok)
        .take(MAX_LINES)
    {
        let (operator, offset) = operator;
        let text = instruction(&operator);
        let word = text.split(' ').next().unwrap_or_default();
        if matches!(word, "end" | "else" | "catch" | "catch_all" | "delegate") {
            depth = depth.saturating_sub(1);
        }
        lines.push((u32::try_from(offset).unwrap_or(0), depth, text.clone(), 0));
        if matches!(
            word,
            "block" | "loop" | "if" | "else" | "try" | "try_table" | "catch" | "catch_all"
        ) {
            depth += 1;
        }
    }
    lines
}

/// `@01f3    v2 = iadd v0, v1` comes from the instruction at 0x1f3.
fn clif_line(line: &str) -> (u32, String) {
    let located = line.strip_prefix('@').and_then(|line| {
        let (offset, rest) = line.split_once(' ')?;
        Some((
            u32::from_str_radix(offset, 16).ok()?,
            format!("    {}", rest.trim_start()),
        ))
    });
    located.unwrap_or_else(|| {
        // There is a column for offsets before lines that have none.
        let text = line.trim();
        let is_inside = line.starts_with(' ') && !text.starts_with("block");
        (0, format!("{}{text}", if is_inside { "    " } else { "" }))
    })
}

/// Writes the part of the page.
pub(super) fn section(out: &mut String, page: &Page<'_>) {
    out.push_str("<h2 id=code>Code</h2>\n");
    for remark in page.remarks {
        let _ = writeln!(out, "<p>{}</p>", crate::html::escape(remark));
    }
    if page.listings.is_empty() {
        return;
    }
    // In a script element only its end has a meaning.
    let json = serde_json::to_string(page.listings).unwrap_or_else(|_| "[]".to_owned());
    let json = json.replace('<', "\\u003c");
    let _ = writeln!(
        out,
        "<p><label>Function <select id=function></select></label> <span class=dim>A line under the pointer shows what \
         belongs to it; a click keeps it.</span></p>\n<div class=code><section id=from hidden><h3>Source</h3><pre id=source></pre></section>\
         <section><h3>WebAssembly</h3><pre id=wasm></pre></section>\
         <section><h3>CLIF, as translated</h3><pre id=clif></pre></section>\
         <section><h3>Machine code</h3><pre id=asm></pre></section></div>\n\
         <script type=application/json id=listings>{json}</script>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_instruction() {
        let line = clif_line("@01f3                               v2 = iadd v0, v1");
        assert_eq!(line, (0x1f3, "    v2 = iadd v0, v1".to_owned()));
        assert_eq!(
            clif_line("block0(v0: i32):  "),
            (0, "block0(v0: i32):".to_owned())
        );
        let behind = |text: &str| clif_line(&format!("{text:>60}")).1;
        assert_eq!(behind("block2:"), "block2:");
        assert_eq!(behind("v2 -> v1"), "    v2 -> v1");
    }
}
