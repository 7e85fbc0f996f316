//! What every version of WASI shares: descriptors, path resolution, clocks, randomness, the environment.

pub mod clock;
pub mod deny;
pub mod embedded;
pub mod environment;
pub mod errno;
pub mod listeners;
pub(crate) mod lock;
pub mod own;
pub mod pages;
pub mod path;
pub mod preopens;
pub mod random;
pub mod resolve;
pub mod table;
mod walk;
