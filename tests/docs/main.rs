//! The book: its commands are run, chapter by chapter, and its pages and links are there.
//!
//! In `docs/src`, the words after a block's language say what becomes of it:
//! - `file=NAME`: the block is written to a file of that name in the chapter's folder;
//! - `console`: each line after `$ ` is run, has to succeed, and has to print what follows up to the next such line; `...`
//!   stands for anything, on a line of its own for any lines;
//! - `needs=TOOL`: only where the tool is. Tools that are large are not asked for unless `NATIVIZE_DOCS=all` is set:
//!   `NATIVIZE_DOCS=all cargo test --release -p nativize --test docs`.
//!
//! Other blocks are there to be read.

mod blocks;
mod commands;
mod references;
#[path = "../src/skip.rs"]
mod skip;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The targets of links `[...](target)` in a page, outside of blocks of code.
fn links(page: &str) -> Vec<String> {
    let mut is_code = false;
    let mut found = Vec::new();
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        if is_code {
            continue;
        }
        for part in line.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                found.push(target.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_page_is_in_the_summary_and_every_link_leads_somewhere() {
    let summary = links(&read(&source().join("SUMMARY.md")));
    let listed: BTreeSet<String> = summary.iter().cloned().collect();
    assert_eq!(listed.len(), summary.len(), "a page is listed twice");
    let entries = fs::read_dir(source()).expect("the book is there");
    let pages: BTreeSet<String> = entries
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name != "SUMMARY.md")
        .collect();
    assert_eq!(listed, pages);
    for page in &pages {
        for target in links(&read(&source().join(page))) {
            let file = target.split('#').next().unwrap_or_default();
            let is_elsewhere = target.starts_with("https://");
            assert!(
                is_elsewhere || file.is_empty() || pages.contains(file),
                "{page}: {target}"
            );
        }
    }
}

#[test]
fn commands_do_what_the_book_says() {
    let summary = links(&read(&source().join("SUMMARY.md")));
    let mut failures = Vec::new();
    let mut count = 0;
    for page in &summary {
        let text = read(&source().join(page));
        let mut chapter = commands::Chapter::new(page);
        for block in blocks::blocks(&text) {
            match chapter.run(&block) {
                Ok(commands) => count += commands,
                Err(message) => {
                    failures.push(format!("docs/src/{page}, line {}: {message}", block.line));
                    break;
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(count > 30, "only {count} commands were run");
}
