//! Lists of tests that are expected to fail, which themselves fail when an entry starts to pass.

use std::collections::BTreeMap;

/// Names of tests and the reason why each fails.
///
/// The format is a line for each test, `NAME: REASON`; empty lines and lines that begin with `#` are ignored.
#[derive(Clone, Debug, Default)]
pub struct ExpectedFailures(BTreeMap<String, String>);

impl ExpectedFailures {
    /// Reads a list.
    ///
    /// # Errors
    /// The first line that has no reason, or a test that is not among `tests`.
    pub fn parse(text: &str, tests: &[String]) -> Result<Self, String> {
        let mut entries = BTreeMap::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, reason) = line
                .split_once(": ")
                .ok_or_else(|| format!("expected failure without a reason: {line}"))?;
            if !tests.iter().any(|test| test == name) {
                return Err(format!(
                    "expected failure of a test that does not exist: {name}"
                ));
            }
            entries.insert(name.to_owned(), reason.trim().to_owned());
        }
        Ok(ExpectedFailures(entries))
    }

    /// Turns the result of `test` around when it is on the list.
    ///
    /// # Errors
    /// The test's own failure, or that a listed test passed.
    pub fn judge(&self, test: &str, result: Result<(), String>) -> Result<(), String> {
        match (self.0.get(test), result) {
            (None, result) => result,
            (Some(_), Err(_)) => Ok(()),
            (Some(reason), Ok(())) => Err(format!(
                "{test} passes although it is listed as an expected failure ({reason}): remove it from the list"
            )),
        }
    }
}
