//! wasm2c of WABT: a module becomes C, which a C compiler compiles together with what of WASI simple programs need.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::process::CommandLine;

/// The host functions: standard streams, arguments, clocks. Others are missing at link, and the module is left out.
const HOST: &str = include_str!("wasm2c_host.c");

/// The commands that compile `module` to the executable `file`; `folder` is for what lies between.
pub(super) fn compile(
    name: &str,
    wasm2c: &Path,
    clang: &Path,
    module: &Path,
    folder: &Path,
    file: &Path,
) -> anyhow::Result<Vec<CommandLine>> {
    // The runtime of Debian's package, or of an installation beside the program.
    let prefix = wasm2c.parent().and_then(Path::parent);
    let share = prefix
        .context("wasm2c lies in no folder")?
        .join("share/wabt/wasm2c");
    let host = folder.join("host.c");
    std::fs::write(&host, HOST)?;
    let source: PathBuf = folder.join("module.c");
    let translate = CommandLine::new(name, wasm2c, ["-n", "module"]).with([
        module.as_os_str(),
        "-o".as_ref(),
        source.as_os_str(),
    ]);
    let compile = CommandLine::new(name, clang, ["-O2", "-w", "-I"]).with([
        share.as_os_str(),
        "-I".as_ref(),
        folder.as_os_str(),
        source.as_os_str(),
        host.as_os_str(),
        share.join("wasm-rt-impl.c").as_os_str(),
        "-lm".as_ref(),
        "-o".as_ref(),
        file.as_os_str(),
    ]);
    Ok(vec![translate, compile])
}
