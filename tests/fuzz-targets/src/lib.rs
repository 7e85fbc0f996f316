//! The bodies of the cargo-fuzz targets: each takes any bytes, and nothing but an error may come of them.
//!
//! A panic, more than 10 seconds or more than 2 GB for an input of up to 1 MB is a bug.

mod advisory;
mod build;
mod cache;
mod custom;
mod module;
mod object;
mod page;
mod policy;
mod text;

use std::path::Path;

/// A target: a name and what it does with an input.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its binary and of its directories of inputs.
    pub name: &'static str,
    /// Its body.
    pub run: fn(&[u8]),
    /// Its first inputs, made from the `.wat` files below a directory.
    pub seeds: fn(&Path) -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: [Target; 11] = [
    // A module, arbitrary or mutated: from the parser to the linker.
    Target {
        name: "module",
        run: module::run,
        seeds: module::seeds,
    },
    // A module that wasm-smith makes of the bytes, likewise.
    Target {
        name: "smith",
        run: module::smith,
        seeds: module::no_seeds,
    },
    // A relocatable object, to the linker.
    Target {
        name: "object",
        run: object::run,
        seeds: object::seeds,
    },
    // An executable, to `inspect` and `audit`.
    Target {
        name: "executable",
        run: object::inspect,
        seeds: object::executables,
    },
    // An executable, to `verify`.
    Target {
        name: "verify",
        run: object::verify,
        seeds: object::named_executables,
    },
    // A module, an executable or a profile, to the page about it.
    Target {
        name: "page",
        run: page::run,
        seeds: page::seeds,
    },
    // An advisory, to `audit`.
    Target {
        name: "advisory",
        run: advisory::run,
        seeds: advisory::seeds,
    },
    // Text format.
    Target {
        name: "text",
        run: text::run,
        seeds: text::seeds,
    },
    // Custom sections of a module that is otherwise in order.
    Target {
        name: "custom",
        run: custom::run,
        seeds: custom::seeds,
    },
    // A policy file.
    Target {
        name: "policy",
        run: policy::run,
        seeds: policy::seeds,
    },
    // Damage to a file of the function cache.
    Target {
        name: "cache",
        run: cache::run,
        seeds: cache::seeds,
    },
];

/// First inputs of up to a megabyte, made from the `.wasm` files of a directory.
pub fn large(name: &str, folder: &Path) -> Vec<Vec<u8>> {
    let options = nativize_compiler::Options {
        threads: Some(1),
        ..Default::default()
    };
    let object = |module: &Vec<u8>| build::object(&build::parse(module)?, &options);
    let modules = files(folder, "wasm").into_iter();
    let mut all: Vec<_> = match name {
        "module" | "page" => modules.collect(),
        "object" => modules.filter_map(|module| object(&module)).collect(),
        "executable" | "verify" => modules
            .filter_map(|module| build::link(&object(&module)?, false))
            .collect(),
        _ => Vec::new(),
    };
    all.retain(|bytes| bytes.len() <= 1 << 20);
    all
}

/// Runs the body of the target `name`.
///
/// # Panics
/// There is none, or the body found a bug.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").run)(bytes);
}

/// A mutated module: a valid one stays valid, by way of wasm-mutate. `None` where it has no idea.
pub fn mutate(module: &[u8], seed: u64) -> Option<Vec<u8>> {
    // It panics for what it does not know (an exported tag), and here every panic ends the process.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mutated = std::panic::catch_unwind(|| {
        let mut mutate = wasm_mutate::WasmMutate::default();
        mutate.seed(seed).fuel(1000).preserve_semantics(false);
        mutate.run(module).ok()?.next()?.ok()
    });
    std::panic::set_hook(hook);
    mutated.ok().flatten()
}

/// The modules of the `.wat` files below `root`.
fn modules(root: &Path) -> Vec<Vec<u8>> {
    sources(root)
        .iter()
        .filter_map(|text| wat::parse_bytes(text).ok())
        .map(|bytes| bytes.into_owned())
        .collect()
}

/// The `.wat` files below `root`, those of a few kilobytes.
fn sources(root: &Path) -> Vec<Vec<u8>> {
    let mut texts = files(root, "wat");
    texts.retain(|text| text.len() < 8000);
    texts
}

/// The files below `root` with this extension.
fn files(root: &Path, extension: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(folder).expect("the directory is readable");
        for entry in entries {
            let path = entry.expect("the directory is readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    let files = found.iter();
    files
        .map(|path| std::fs::read(path).expect("it is readable"))
        .collect()
}
