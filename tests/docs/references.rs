//! What SECURITY.md and the lists of tests refer to is there: files, folders, and functions in them.

use std::fs;
use std::path::Path;

const PAGES: [&str; 3] = [
    "SECURITY.md",
    "tests/faults/README.md",
    "cli/advisories/README.md",
];
const FOLDERS: [&str; 5] = ["tests/", "cli/", "compiler/", "runtime-lib/", "docs/"];

/// The parts of a page between backticks that name something of ours.
fn references(page: &str) -> Vec<&str> {
    let parts = page.split('`').skip(1).step_by(2);
    parts
        .filter(|part| FOLDERS.iter().any(|folder| part.starts_with(folder)))
        .collect()
}

#[test]
fn what_pages_refer_to_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut count = 0;
    for page in PAGES {
        let text = super::read(&root.join(page));
        assert!(text.matches('`').count().is_multiple_of(2), "{page}");
        for reference in references(&text) {
            let (path, function) = match reference.split_once("::") {
                Some((path, function)) => (path, Some(function)),
                None => (reference, None),
            };
            let path = root.join(path);
            assert!(path.exists(), "{page}: {reference}");
            if let Some(function) = function {
                let source = fs::read_to_string(&path).unwrap_or_default();
                let is_there = source.contains(&format!("fn {function}()"));
                assert!(is_there, "{page}: {reference}");
            }
            count += 1;
        }
    }
    assert!(count > 20, "{count} references");
}
