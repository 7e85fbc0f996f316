//! Global names -> definitions, and one of each section group.

use std::collections::{HashMap, HashSet};

use super::error::display;
use super::read::{Object, Place};
use super::{LinkError, SectionId, SymbolId};

/// What every symbol stands for.
#[derive(Debug)]
pub(super) struct Resolution<'a> {
    globals: HashMap<&'a [u8], SymbolId>,
    /// By object, then by index from its first global symbol on.
    definitions: Vec<Vec<Option<SymbolId>>>,
    /// By object, then by section: whether another object's group takes its place.
    superseded: Vec<Vec<bool>>,
}

impl Resolution<'_> {
    /// The definition of a global name.
    pub(super) fn global(&self, name: &str) -> Option<SymbolId> {
        self.globals.get(name.as_bytes()).copied()
    }

    /// The symbol that `id` stands for: a local symbol for itself, a global one for the definition of its name.
    pub(super) fn definition(&self, objects: &[Object<'_>], id: SymbolId) -> Option<SymbolId> {
        let object = &objects[id.object];
        if let Some(global) = id.symbol.checked_sub(object.first_global) {
            return self.definitions[id.object].get(global).copied().flatten();
        }
        match object.symbols.get(id.symbol)?.place {
            Place::Section(section) if self.superseded[id.object][section] => None,
            Place::Undefined => None,
            _ => Some(id),
        }
    }

    /// Whether a section gave way to the same group of an earlier object.
    pub(super) fn superseded(&self, id: SectionId) -> bool {
        self.superseded[id.object][id.section]
    }
}

/// Resolves all symbols. A strong definition wins over weak ones, the first weak one over the others; local symbols
/// take no part.
pub(super) fn resolve<'a>(objects: &[Object<'a>]) -> Result<Resolution<'a>, LinkError> {
    let superseded = supersede_groups(objects);
    let mut globals: HashMap<&'a [u8], SymbolId> = HashMap::new();
    for (index, object) in objects.iter().enumerate() {
        for (symbol, definition) in object.symbols.iter().enumerate().skip(object.first_global) {
            match definition.place {
                Place::Undefined => continue,
                Place::Section(section) if superseded[index][section] => continue,
                _ => {}
            }
            let id = SymbolId {
                object: index,
                symbol,
            };
            let Some(&previous) = globals.get(definition.name) else {
                globals.insert(definition.name, id);
                continue;
            };
            let weak = objects[previous.object].symbols[previous.symbol].weak;
            if weak && !definition.weak {
                globals.insert(definition.name, id);
            } else if !weak && !definition.weak {
                return Err(LinkError::Duplicate {
                    symbol: display(definition.name),
                    first: objects[previous.object].name.to_owned(),
                    second: object.name.to_owned(),
                });
            }
        }
    }
    let definitions = objects
        .iter()
        .map(|object| {
            let symbols = object
                .symbols
                .get(object.first_global..)
                .unwrap_or_default();
            symbols
                .iter()
                .map(|symbol| globals.get(symbol.name).copied())
                .collect()
        })
        .collect();
    Ok(Resolution {
        globals,
        definitions,
        superseded,
    })
}

fn supersede_groups(objects: &[Object<'_>]) -> Vec<Vec<bool>> {
    let mut seen = HashSet::new();
    let mut superseded = Vec::with_capacity(objects.len());
    for object in objects {
        let mut sections = vec![false; object.sections.len()];
        for group in &object.groups {
            if !seen.insert(group.signature) {
                for &member in &group.members {
                    sections[member] = true;
                }
            }
        }
        superseded.push(sections);
    }
    superseded
}
