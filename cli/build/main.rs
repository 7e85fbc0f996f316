//! Builds the runtime as one relocatable object, which the command embeds, and collects what `nativize audit` knows.

mod advisories;
mod elf;
mod packages;
mod runtime;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::exit;

fn main() {
    let out = PathBuf::from(variable("OUT_DIR"));
    let workspace = PathBuf::from(variable("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in the workspace")
        .to_owned();
    let object_path = out.join("runtime.o");
    let with_debug = out.join("runtime-with-debug.o");
    let build = runtime::Build {
        cargo: variable("CARGO").into(),
        workspace: &workspace,
        target: &variable("TARGET"),
        target_directory: &out.join("runtime"),
        features: "standalone",
    };
    if let Err(error) = build.object(&with_debug) {
        fail(&error);
    }
    let stripped = fs::read(&with_debug)
        .map_err(|error| error.to_string())
        .and_then(|object| elf::without_debug(&object).ok_or("it is no ELF object".to_owned()))
        .and_then(|object| fs::write(&object_path, object).map_err(|error| error.to_string()));
    if let Err(error) = stripped {
        fail(&format!("{}: {error}", with_debug.display()));
    }

    let lists =
        packages::list(&workspace.join("Cargo.lock"), &variable("RUSTC")).and_then(|list| {
            fs::write(out.join("packages"), list).map_err(|error| error.to_string())?;
            let advisories = advisories::embed(&workspace.join("cli/advisories"))?;
            fs::write(out.join("advisories.rs"), advisories).map_err(|error| error.to_string())
        });
    if let Err(error) = lists {
        fail(&error);
    }

    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=advisories");
    for source in ["runtime-lib", "Cargo.toml", "Cargo.lock"] {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join(source).display()
        );
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| fail(&format!("cargo did not set {name}")))
}

fn fail(message: &str) -> ! {
    eprintln!("error: {message}");
    exit(1)
}
