//! Text format, as the command reads it.

use std::path::Path;

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(module) = nativize::untrusted::module(bytes.to_vec()) {
        crate::build::parse(&module);
    }
}

pub(crate) fn seeds(root: &Path) -> Vec<Vec<u8>> {
    crate::sources(root)
}
