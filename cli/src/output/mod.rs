//! What is written, a kind a file, and how a file comes to be written whole or not at all.

pub(crate) mod exe;
pub(crate) mod obj;
pub(crate) mod signals;
mod stage;
mod target;
pub(crate) mod text;

pub(crate) use signals::heed_file_size_limit;
pub(crate) use stage::{Mode, Staged};
pub(crate) use target::Target;
