//! Where in the source instructions of a module come from, for who shows both.

use super::source::{FileId, Source};
use crate::Module;
use std::collections::HashMap;

/// Places in source files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcePlaces {
    /// The paths of files, as the debug information has them, each once.
    pub files: Vec<String>,
    /// For each instruction, if it is known: the position of the file in `files`, the line, and the column or 0. Of code that
    /// was inlined it is the place in the inlined function.
    pub places: Vec<Option<(usize, u32, u32)>>,
}

impl Module<'_> {
    /// Where the instructions at these ascending offsets in the module come from, by its DWARF.
    pub fn source_places(&self, offsets: &[u32]) -> SourcePlaces {
        let mut found = SourcePlaces::default();
        if self.debug.is_empty() {
            found.places = vec![None; offsets.len()];
            return found;
        }
        let start = u32::try_from(self.debug.code_start()).unwrap_or(u32::MAX);
        let addresses: Vec<u32> = offsets
            .iter()
            .map(|offset| offset.saturating_sub(start))
            .collect();
        let source = Source::read(&self.debug, self.debug.code_len(), None);
        let mut files: HashMap<FileId, Option<usize>> = HashMap::new();
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for place in source.locate(&addresses) {
            let place = place.position.and_then(|(file, line, column)| {
                let file = *files.entry(file).or_insert_with(|| {
                    let path = source.path(file)?;
                    let next = numbers.len();
                    Some(*numbers.entry(path).or_insert(next))
                });
                Some((file?, line, column))
            });
            found.places.push(place);
        }
        let mut paths: Vec<(String, usize)> = numbers.into_iter().collect();
        paths.sort_unstable_by_key(|&(_, number)| number);
        found.files = paths.into_iter().map(|(path, _)| path).collect();
        found
    }
}
