//! A nested build of the runtime, as one object. Tests include this file, to build it in another way than it is shipped.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A build of the runtime.
pub(crate) struct Build<'a> {
    pub(crate) cargo: OsString,
    pub(crate) workspace: &'a Path,
    /// The target of the outer cargo.
    pub(crate) target: &'a str,
    pub(crate) target_directory: &'a Path,
    pub(crate) features: &'a str,
}

impl Build<'_> {
    /// Runs cargo once more, with a target directory of its own: the outer cargo holds the lock of the usual one.
    ///
    /// # Errors
    /// What failed, as a sentence.
    pub(crate) fn object(&self, object: &Path) -> Result<(), String> {
        let mut cargo = Command::new(&self.cargo);
        for (key, _) in env::vars_os() {
            if !is_kept(&key) {
                cargo.env_remove(key);
            }
        }
        // Set, it replaces flags from every other source, configuration files included: the builder's CPU or sanitizer
        // never enters what is shipped.
        cargo.env(
            "CARGO_ENCODED_RUSTFLAGS",
            flags(self.workspace).join("\x1f"),
        );
        let mut emit = OsString::from("--emit=obj=");
        emit.push(object);
        cargo
            .current_dir(self.workspace)
            .args(["rustc", "--locked", "--quiet", "--lib"])
            .args(["--package", "nativize-runtime-lib"])
            .args(["--features", self.features])
            .args(["--profile", "runtime"])
            .args(["--crate-type", "staticlib"])
            .args(["--target", triple(self.target)])
            .arg("--target-dir")
            .arg(self.target_directory)
            .arg("--")
            .arg(emit);
        match cargo.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("building the runtime failed: {status}")),
            Err(error) => Err(format!("cannot run cargo for the runtime: {error}")),
        }
    }
}

/// The compiler flags of the runtime and its dependencies.
fn flags(workspace: &Path) -> Vec<String> {
    let mut flags: Vec<String> = [
        // The executable has a fixed address beyond 4 GiB: code names places by their distance.
        "relocation-model=pie",
        "code-model=small",
        "panic=abort",
        "target-cpu=x86-64-v2",
    ]
    .into_iter()
    .flat_map(|option| ["-C".to_owned(), option.to_owned()])
    .collect();
    // The bytes must not depend on where the sources lie: panics name their file.
    let mut remap = |from: &Path, to: &str| {
        flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    };
    remap(workspace, "nativize");
    for registry in registries() {
        remap(&registry, "");
    }
    flags
}

/// The directories with the sources of dependencies, one for each registry.
fn registries() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let mut registries: Vec<PathBuf> = home
        .and_then(|home| fs::read_dir(home.join("registry").join("src")).ok())
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    registries.sort();
    registries
}

/// The target that the runtime is built for. Its standard library is not used, only `core`, which is the same for
/// each libc: the one that is installed serves.
fn triple(target: &str) -> &str {
    if target.starts_with("x86_64-") && target.contains("-linux-") {
        target
    } else {
        "x86_64-unknown-linux-gnu"
    }
}

/// Whether the inner cargo sees a variable of the outer one's environment. What the outer one and its subcommands
/// set (profile, wrappers, flags) is not meant for it; where to find registries is.
fn is_kept(key: &OsString) -> bool {
    let Some(key) = key.to_str() else {
        return true;
    };
    let kept_cargo = key == "CARGO_HOME"
        || [
            "CARGO_NET_",
            "CARGO_HTTP_",
            "CARGO_REGISTRIES_",
            "CARGO_REGISTRY_",
            "CARGO_SOURCE_",
        ]
        .iter()
        .any(|prefix| key.starts_with(prefix));
    let dropped = key.starts_with("CARGO")
        || key.starts_with("DEP_")
        || matches!(
            key,
            "RUSTC_WRAPPER"
                | "RUSTC_WORKSPACE_WRAPPER"
                | "RUSTC_LINKER"
                | "RUSTFLAGS"
                | "CLIPPY_ARGS"
                | "RUSTC_BOOTSTRAP"
        );
    kept_cargo || !dropped
}
