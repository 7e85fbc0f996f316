//! Measures programs under nativize and under its peers, side by side: the engine of `nativize bench` and of the project's
//! own benchmarks.

pub mod compare;
pub mod html;
pub mod machine;
pub mod peers;
pub mod process;
pub mod report;
pub mod stats;
mod wasm2c;

use std::path::PathBuf;

/// Where the program `name` is, if it is on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file())
}
