//! The packages that decide what is in an executable, with their versions: what `nativize audit` checks.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Those that decide what code there is, and those that the runtime consists of. What only reads and writes files for the
/// compiler is not among them: its flaws stay in the compiler.
const NAMES: [&str; 12] = [
    "bitflags",
    "cranelift-bforest",
    "cranelift-codegen",
    "cranelift-control",
    "cranelift-entity",
    "cranelift-frontend",
    "iced-x86",
    "linux-raw-sys",
    "nativize",
    "regalloc2",
    "rustix",
    "wasmparser",
];

/// A line `NAME VERSION` for each, and for the compiler of the runtime.
///
/// # Errors
/// What is missing in the lock file, or in what the compiler says.
pub(crate) fn list(lock: &Path, rustc: &str) -> Result<String, String> {
    let text = fs::read_to_string(lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    let mut lines = Vec::new();
    for name in NAMES {
        let version = version(&text, name)
            .ok_or_else(|| format!("{} does not say the version of {name}", lock.display()))?;
        lines.push(format!("{name} {version}\n"));
    }
    let output = Command::new(rustc).arg("--version").output();
    let output = output.map_err(|error| format!("{rustc}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    match said.split(' ').nth(1) {
        Some(version) => lines.push(format!("rustc {version}\n")),
        None => return Err(format!("{rustc} --version says {said:?}")),
    }
    lines.sort_unstable();
    Ok(lines.concat())
}

/// The version of a package; where the lock file has several, the one that the compiler depends on.
fn version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let entry = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"");
    let before = entry(name);
    let mut entries = lock.split(&before).skip(1);
    let (first, second) = (entries.next()?, entries.next());
    if second.is_none() {
        return first.split('"').next();
    }
    let compiler = lock.split(&entry("nativize-compiler")).nth(1)?;
    let dependencies = compiler.split("[[package]]").next()?;
    let line = dependencies.split(&format!("\"{name} ")).nth(1)?;
    line.split('"').next()
}
