//! Bytes -> validated module.
use crate::{Error, Module};
/// Parses and validates a binary module.
///
/// # Errors
/// [`Error::Invalid`] or [`Error::Unsupported`].
pub fn parse(bytes: &[u8]) -> Result<Module<'_>, Error> {
    let _ = bytes;
    todo!()
}
