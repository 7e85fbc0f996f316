//! Fenced blocks of a page.

/// A block between lines of three backticks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// The line of its first backticks, from 1.
    pub(crate) line: usize,
    pub(crate) language: &'a str,
    /// The file that it is written to.
    pub(crate) file: Option<&'a str>,
    /// The tool without which it is not run.
    pub(crate) needs: Option<&'a str>,
    pub(crate) content: String,
}

/// The blocks of a page, in their order.
pub(crate) fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(page.lines());
    while let Some((line, text)) = lines.next() {
        let Some(words) = text.strip_prefix("```") else {
            continue;
        };
        let mut words = words.split(',');
        let mut block = Block {
            line,
            language: words.next().unwrap_or_default(),
            file: None,
            needs: None,
            content: String::new(),
        };
        for word in words {
            match word.split_once('=') {
                Some(("file", name)) => block.file = Some(name),
                Some(("needs", tool)) => block.needs = Some(tool),
                _ => panic!("line {line}: what is `{word}`?"),
            }
        }
        for (_, text) in lines
            .by_ref()
            .take_while(|(_, text)| !text.starts_with("```"))
        {
            block.content.push_str(text);
            block.content.push('\n');
        }
        blocks.push(block);
    }
    blocks
}

/// Whether `found` is what `expected` says, in which `...` stands for anything.
pub(crate) fn matches(expected: &[&str], found: &[&str]) -> bool {
    match expected.split_first() {
        None => found.is_empty(),
        Some((&"...", rest)) => (0..=found.len()).any(|skipped| matches(rest, &found[skipped..])),
        Some((line, rest)) => found
            .split_first()
            .is_some_and(|(first, others)| line_matches(line, first) && matches(rest, others)),
    }
}

fn line_matches(expected: &str, found: &str) -> bool {
    let Some((start, rest)) = expected.split_once("...") else {
        return expected == found;
    };
    let Some(found) = found.strip_prefix(start) else {
        return false;
    };
    let mut ends = (0..=found.len()).filter(|&end| found.is_char_boundary(end));
    ends.any(|end| line_matches(rest, &found[end..]))
}

#[test]
fn blocks_have_their_words() {
    let page = "text\n```console,needs=clang\n$ a\nb\n```\n```c,file=x.c\nint x;\n```\n";
    let found = blocks(page);
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].language, found[0].needs),
        ("console", Some("clang"))
    );
    assert_eq!(found[0].content, "$ a\nb\n");
    assert_eq!((found[1].line, found[1].file), (6, Some("x.c")));
}

#[test]
fn dots_stand_for_anything() {
    assert!(matches(&["a", "..."], &["a"]));
    assert!(matches(&["...", "c"], &["a", "b", "c"]));
    assert!(!matches(&["...", "c"], &["a", "b"]));
    assert!(matches(&["x ... y"], &["x 12 y"]));
    assert!(!matches(&["x ... y"], &["x 12 z"]));
    assert!(!matches(&["a"], &["a", "b"]));
    assert!(!matches(&["a"], &[]));
}
