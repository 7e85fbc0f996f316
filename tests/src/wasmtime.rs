//! Where the oracle is.

use std::path::PathBuf;

/// The file that the variable `WASMTIME` names, else `wasmtime` in PATH.
pub fn wasmtime() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("WASMTIME") {
        return Some(path.into());
    }
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join("wasmtime"))
        .find(|path| path.is_file())
}
