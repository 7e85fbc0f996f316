//! Branch hints: which branches a module's producer expects to be taken.
//!
//! They come in a custom section, so nothing in it makes a module invalid: what is malformed ends the section, and what
//! hints at no branch is never looked up. Source: the proposal "Branch Hinting", section `metadata.code.branch_hint`.

use std::collections::HashMap;
use wasmparser::BranchHintSectionReader;

/// The hints of one function.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hints(Vec<(u32, bool)>);

impl Hints {
    /// Whether the branch at an offset, counted from the start of the function's body, is expected to be taken.
    pub(crate) fn taken(&self, offset: u64) -> Option<bool> {
        let offset = u32::try_from(offset).ok()?;
        let at = self.0.binary_search_by_key(&offset, |&(offset, _)| offset);
        at.ok().map(|at| self.0[at].1)
    }
}

/// Reads the section: hints by function index.
pub(crate) fn read(section: BranchHintSectionReader<'_>) -> HashMap<u32, Hints> {
    let mut functions = HashMap::new();
    for function in section {
        let Ok(function) = function else { break };
        let hints = function.hints.into_iter().map_while(Result::ok);
        let mut hints: Vec<_> = hints.map(|hint| (hint.func_offset, hint.taken)).collect();
        hints.sort_by_key(|&(offset, _)| offset);
        functions.insert(function.func, Hints(hints));
    }
    functions
}
