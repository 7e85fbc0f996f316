//! What was found: of each function, and of the file.

use std::fmt;

use serde::Serialize;

use crate::error::Printable;

/// What a function is that is not proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It may be right, but was not shown to be.
    Unproven,
    /// It breaks a rule that no code may break.
    Rejected,
}

/// Why a function was not proven, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name in the symbol table, or its address.
    pub function: String,
    /// The instruction.
    pub address: u64,
    /// How bad it is.
    pub verdict: Verdict,
    /// In words.
    pub reason: String,
}

/// The result for an executable.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Functions of the guest, trampolines included.
    pub functions: usize,
    /// Of these, those that are proven.
    pub proven: usize,
    /// Those that may be right, but were not shown to be.
    pub unproven: usize,
    /// Those that break a rule.
    pub rejected: usize,
    /// Bytes of code.
    pub code: u64,
    /// Instructions that can be reached.
    pub instructions: u64,
    /// Accesses to memory that only pages keep inside; none where each is compared with the size.
    pub relying_on_pages: u64,
    /// What is wrong with the file as a whole.
    pub faults: Vec<String>,
    /// Of each function that is not proven, the first reason.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Everything is proven.
    pub fn is_proven(&self) -> bool {
        self.faults.is_empty() && self.proven == self.functions
    }

    /// Something breaks a rule.
    pub fn is_rejected(&self) -> bool {
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
            "{} of {} functions proven, {} unproven, {} rejected ({} instructions, {} accesses rely on pages)",
            self.proven,
            self.functions,
            self.unproven,
            self.rejected,
            self.instructions,
            self.relying_on_pages
        )
    }
}
