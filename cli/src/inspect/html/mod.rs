//! A file as one web page that needs nothing else: what takes room, what is granted, and code side by side.

mod code;
mod functions;
mod grants;
mod layout;
mod operators;
mod source;
mod treemap;

pub(crate) use code::Listing;
pub(crate) use functions::{Found, Functions};
pub(crate) use source::Sources;

use std::fmt::Write as _;

use super::{Executable, Module};
use crate::console::Size;
use crate::html::{STYLE, escape};
use crate::profile::{Image, Profile};

const PAGE_STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// How many functions the tables list.
const LISTED: usize = 200;

/// What there is to show.
pub(crate) struct Page<'a> {
    /// The file's name.
    pub(crate) title: &'a str,
    pub(crate) executable: Option<&'a Executable>,
    /// What the executable says of its code, unless it is stripped.
    pub(crate) image: Option<&'a Image<'a>>,
    pub(crate) module: Option<&'a Module>,
    pub(crate) profile: Option<&'a Profile>,
    pub(crate) functions: &'a Functions,
    /// The code of some functions.
    pub(crate) listings: &'a [Listing],
    /// Why there is no code, or not all that was asked for.
    pub(crate) remarks: &'a [String],
}

/// The page.
pub(crate) fn page(page: &Page<'_>) -> String {
    let mut out = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}{PAGE_STYLE}</style>\n<h1>{title}</h1>\n",
        title = escape(page.title)
    );
    summary(&mut out, page);
    treemap::section(&mut out, page);
    hottest(&mut out, page);
    largest(&mut out, page);
    grants::section(&mut out, page);
    layout::section(&mut out, page);
    code::section(&mut out, page);
    let _ = writeln!(out, "<script>{SCRIPT}</script></html>");
    out
}

fn summary(out: &mut String, page: &Page<'_>) {
    out.push_str("<p>");
    if let Some(executable) = page.executable {
        let _ = write!(
            out,
            "Executable of {}, made by nativize {}. ",
            Size(executable.size),
            escape(&executable.compiler)
        );
    }
    if let Some(module) = page.module {
        let _ = write!(
            out,
            "Module of {} with {} functions; beyond WebAssembly 1.0 it uses {}.",
            Size(module.size),
            module.functions,
            match &module.features[..] {
                [] => "nothing".to_owned(),
                features => escape(&features.join(", ")),
            }
        );
    }
    out.push_str("</p>\n");
}

/// A row's name: a button that shows the code, if it is there.
fn name_cell(page: &Page<'_>, function: &Found) -> String {
    let name = escape(&function.name);
    let listing = page
        .listings
        .iter()
        .position(|listing| listing.index == function.index);
    match listing {
        Some(number) => format!("<button class=show data-listing={number}>{name}</button>"),
        None => format!("<span>{name}</span>"),
    }
}

fn hottest(out: &mut String, page: &Page<'_>) {
    let Some(profile) = page.profile else { return };
    let _ = writeln!(
        out,
        "<h2>Hottest functions</h2><p>{} samples in {:.2} s of processor time</p>\
         <div class=scroll><table><tr><th>function<th>self<th>total<th>samples",
        profile.samples, profile.cpu_seconds
    );
    let percent = |samples| 100.0 * profile.share(samples);
    for frame in profile
        .frames
        .iter()
        .take(LISTED)
        .filter(|frame| frame.own > 0)
    {
        let found = frame.index.filter(|_| frame.instance == Some(0));
        let found = found.and_then(|index| page.functions.find(index));
        let name = found.map_or_else(|| escape(&frame.name), |found| name_cell(page, found));
        let _ = writeln!(
            out,
            "<tr><td>{name}<td><span class=bar style=\"--share:{:.2}%\"></span>{:.1}%<td>{:.1}%<td>{}",
            percent(frame.own),
            percent(frame.own),
            percent(frame.total),
            frame.own
        );
    }
    out.push_str("</table></div>\n");
}

fn largest(out: &mut String, page: &Page<'_>) {
    let functions = page.functions.by_size();
    let _ = writeln!(
        out,
        "<h2>Functions by size</h2><p>The largest {} of {}. A function that is missing stands only in the place of \
         calls.</p><div class=scroll><table><tr><th>function<th>index<th>machine code<th>WebAssembly",
        functions.len().min(LISTED),
        functions.len()
    );
    let bytes = |size: Option<u64>| size.map_or_else(|| "-".to_owned(), |size| size.to_string());
    for function in functions.iter().take(LISTED) {
        let _ = writeln!(
            out,
            "<tr><td>{}<td>{}<td>{}<td>{}",
            name_cell(page, function),
            function.index,
            bytes(function.code),
            bytes(function.wasm)
        );
    }
    out.push_str("</table></div>\n");
}
