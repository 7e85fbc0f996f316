//! What was found: of each function, and of the file.

use std::fmt;

use serde::Serialize;

use crate::error::Printable;

/// What a function is that is not proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// It may be right, but was not shown to be.
    Unproven,
    /// It breaks a rule that no code may break.
    Rejected,
}

/// Why a function was not proven, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) function: String,
    pub(crate) address: u64,
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) functions: usize,
    pub(crate) proven: usize,
    pub(crate) unproven: usize,
    pub(crate) rejected: usize,
    /// Bytes of code.
    pub(crate) code: u64,
    /// Instructions that can be reached.
    pub(crate) instructions: u64,
    /// What is wrong with the file as a whole.
    pub(crate) faults: Vec<String>,
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    /// Everything is proven.
    pub(crate) fn is_proven(&self) -> bool {
        self.faults.is_empty() && self.proven == self.functions
    }

    /// Something breaks a rule.
    pub(crate) fn is_rejected(&self) -> bool {
        !self.faults.is_empty() || self.rejected > 0
    }
}

/// How many findings are shown as text.
const SHOWN: usize = 50;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.faults {
            writeln!(f, "rejected: {}", Printable(fault))?;
        }
        for finding in self.findings.iter().take(SHOWN) {
            let verdict = match finding.verdict {
                Verdict::Unproven => "unproven",
                Verdict::Rejected => "rejected",
            };
            writeln!(
                f,
                "{verdict}: {} at {:#x}: {}",
                Printable(&finding.function),
                finding.address,
                finding.reason
            )?;
        }
        if self.findings.len() > SHOWN {
            writeln!(
                f,
                "... and {} more, which --json lists",
                self.findings.len() - SHOWN
            )?;
        }
        writeln!(
            f,
            "{} of {} functions proven, {} unproven, {} rejected ({} instructions)",
            self.proven, self.functions, self.unproven, self.rejected, self.instructions
        )
    }
}
