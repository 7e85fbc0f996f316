//! Relocatable objects, to the linker, and executables, to `inspect`.

use std::path::Path;

use nativize::policy::Policy;
use nativize_compiler::Options;

use crate::build::{link, object, parse};

pub(crate) fn run(bytes: &[u8]) {
    nativize::untrusted::filter(bytes, &Policy::default().encode());
    for strip in [false, true] {
        link(bytes, strip);
    }
}

/// What only reads notes and headers.
pub(crate) fn inspect(bytes: &[u8]) {
    let _ = nativize::untrusted::inspect(bytes);
    let _ = nativize::untrusted::audit(bytes, b"");
}

pub(crate) fn verify(bytes: &[u8]) {
    if let Ok(report) = nativize::verify::verify(bytes, 1) {
        report.to_string();
    }
}

/// The objects of small programs.
pub(crate) fn seeds(root: &Path) -> Vec<Vec<u8>> {
    let options = Options {
        threads: Some(1),
        ..Options::default()
    };
    let objects = crate::modules(root).into_iter();
    objects
        .filter_map(|bytes| object(&parse(&bytes)?, &options))
        .filter(|object| object.len() < 10_000)
        .step_by(4)
        .collect()
}

/// Some of their executables.
pub(crate) fn executables(root: &Path) -> Vec<Vec<u8>> {
    let objects = seeds(root).into_iter();
    objects
        .step_by(8)
        .filter_map(|object| link(&object, true))
        .collect()
}

/// More of them, with the names of functions.
pub(crate) fn named_executables(root: &Path) -> Vec<Vec<u8>> {
    let objects = seeds(root).into_iter();
    objects
        .step_by(2)
        .filter_map(|object| link(&object, false))
        .collect()
}
