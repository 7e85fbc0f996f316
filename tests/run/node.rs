//! The second opinion on the older form of exceptions: node's, which accepts it where Wasmtime does not.

use crate::directives::Directives;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder whose files node runs too.
pub(crate) const FOLDER: &str = "legacy-exceptions";

/// Where node is, if it is in PATH.
pub(crate) fn find() -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join("node"))
        .find(|path| path.is_file())
}

/// Holds what node makes of the file against what its directives say of standard output and the exit status.
pub(crate) fn test(path: &Path) -> Result<(), String> {
    let Some(node) = find() else {
        nativize_tests::skipped("node");
        return Ok(());
    };
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let directives = Directives::parse(&text)?;
    let module = wat::parse_str(&text).map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = directory.path().join("test.wasm");
    std::fs::write(&file, module).map_err(|error| error.to_string())?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("run/node.js");
    let mut command = Command::new(node);
    command.arg(script).arg(file);
    let outcome = nativize_tests::run(&mut command, b"").map_err(|error| error.to_string())?;
    let stdout = String::from_utf8_lossy(&outcome.stdout);
    if outcome.status.code() == Some(directives.exit) && stdout == directives.stdout {
        return Ok(());
    }
    Err(format!(
        "expected exit status {} and {:?}, node has {} and {stdout:?}; standard error was:\n{}",
        directives.exit,
        directives.stdout,
        outcome.status,
        String::from_utf8_lossy(&outcome.stderr)
    ))
}
