//! The advisories that the command ships with, as a table of names and texts in Rust.

use std::fs;
use std::path::{Path, PathBuf};

/// An expression for the table: every `.md` in `folder` but its README, sorted by name.
///
/// # Errors
/// What cannot be read.
pub(crate) fn embed(folder: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(failed)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.retain(|path| !path.ends_with("README.md"));
    paths.sort();
    let mut table = String::from("&[\n");
    for path in paths {
        let text = fs::read_to_string(&path).map_err(failed)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        table.push_str(&format!("({name:?}, {text:?}),\n"));
    }
    table.push_str("]\n");
    Ok(table)
}
