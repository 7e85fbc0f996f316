//! `--target`: the names by which people call x86-64 Linux, and what is said about all others.

use crate::code::Code;
use crate::error::Failure;

/// Refuses what is not x86-64 Linux.
pub(crate) fn check(target: &str) -> Result<(), Failure> {
    let native = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let name = if target == "native" { &native } else { target };
    let mut parts = name.split('-');
    let arch = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let known = ["unknown", "pc", "linux", "gnu", "musl", "none"];
    let is_linux = rest.contains(&"linux") && rest.iter().all(|part| known.contains(part));
    if ["x86_64", "amd64"].contains(&arch) && (is_linux || rest.is_empty()) {
        return Ok(());
    }
    let failure = Failure::new(Code::UnknownTarget, format!("unknown target `{target}`"));
    if arch.starts_with("wasm") {
        return Err(failure
            .cause("that is what a module is compiled for; this is what the executable runs on")
            .help("leave --target out; nativize takes the module as it is"));
    }
    Err(failure
        .cause("executables are for x86-64 Linux only")
        .help("leave --target out, or write --target x86_64-linux"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "x86_64",
            "x86_64-linux",
            "x86_64-unknown-linux-gnu",
            "amd64",
        ] {
            assert!(check(name).is_ok(), "{name}");
        }
        assert!(check("x86_64-pc-linux-musl").is_ok());
        for name in [
            "",
            "aarch64-linux",
            "x86_64-apple-darwin",
            "x86_64-gnu",
            "wasm32-wasip1",
        ] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
