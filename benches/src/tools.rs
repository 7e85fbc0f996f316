//! The programs that are measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use nativize::bench::on_path;

/// Where the compilers are.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    pub(crate) nativize: PathBuf,
    /// Not everyone has it: then comparisons with it are left out.
    pub(crate) wasmtime: Option<PathBuf>,
}

impl Tools {
    /// Finds what the command line does not name: nativize beside this program, Wasmtime on PATH.
    pub(crate) fn find(nativize: Option<&Path>, wasmtime: Option<&Path>) -> anyhow::Result<Self> {
        let nativize = match nativize {
            Some(path) => path.to_owned(),
            None => std::env::current_exe()?.with_file_name("nativize"),
        };
        if !nativize.exists() {
            bail!(
                "{} does not exist: run `cargo build --release` first, or pass --nativize",
                nativize.display()
            );
        }
        let wasmtime = match wasmtime {
            Some(path) => Some(path.to_owned()),
            None => on_path("wasmtime"),
        };
        Ok(Tools { nativize, wasmtime })
    }

    /// What the tools say their versions are.
    pub(crate) fn versions(&self) -> anyhow::Result<Vec<String>> {
        let tools = [Some(&self.nativize), self.wasmtime.as_ref()];
        tools
            .into_iter()
            .flatten()
            .map(|tool| version(tool))
            .collect()
    }
}

fn version(tool: &Path) -> anyhow::Result<String> {
    let output = Command::new(tool)
        .arg("--version")
        .output()
        .with_context(|| format!("cannot run {}", tool.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}
