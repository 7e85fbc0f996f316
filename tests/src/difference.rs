//! The first difference of two texts, for the message of a failed test.

/// The first line in which the two differ, or `None` when they are equal.
pub fn first_difference(expected: &[u8], got: &[u8]) -> Option<String> {
    if expected == got {
        return None;
    }
    let (mut a, mut b) = (lines(expected), lines(got));
    let mut number = 1;
    loop {
        match (a.next(), b.next()) {
            (Some(x), Some(y)) if x == y => number += 1,
            (x, y) => {
                return Some(format!(
                    "line {number}: expected {}, got {}",
                    quote(x),
                    quote(y)
                ));
            }
        }
    }
}

/// Lines with their ends: a missing newline at the end of the text is a difference too.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n')
}

fn quote(line: Option<&[u8]>) -> String {
    match line {
        Some(line) => format!("{:?}", String::from_utf8_lossy(line)),
        None => "the end".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn differences() {
        assert_eq!(first_difference(b"a\nb\n", b"a\nb\n"), None);
        let difference = |a, b| first_difference(a, b).unwrap();
        assert_eq!(
            difference(b"a\nb\n", b"a\nc\n"),
            r#"line 2: expected "b\n", got "c\n""#
        );
        assert_eq!(
            difference(b"a\n", b"a"),
            r#"line 1: expected "a\n", got "a""#
        );
        assert_eq!(
            difference(b"a\n", b"a\nb"),
            r#"line 2: expected the end, got "b""#
        );
    }
}
