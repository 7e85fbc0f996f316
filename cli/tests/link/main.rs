//! Links sample objects, runs the results, reads them with another ELF reader, and compares them with lld's.

mod errors;
mod layout;
mod lld;
mod objects;
mod running;
#[path = "../../../tests/src/skip.rs"]
mod skip;

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use nativize::link::{Input, LinkError, LinkOptions, link};

const CONFIG: &[u8] = &[1, 2, 250];

/// Links objects that messages call `0`, `1`, ...
fn link_all(objects: &[&[u8]]) -> Result<Vec<u8>, LinkError> {
    link_with(objects, &LinkOptions::default())
}

fn link_with(objects: &[&[u8]], options: &LinkOptions) -> Result<Vec<u8>, LinkError> {
    let names: Vec<String> = (0..objects.len()).map(|index| index.to_string()).collect();
    let inputs: Vec<Input<'_>> = names
        .iter()
        .zip(objects)
        .map(|(name, bytes)| Input {
            name,
            bytes,
            local_symbols: true,
        })
        .collect();
    link(&inputs, options)
}

/// Runs an executable given as bytes.
fn run(executable: &[u8]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("program");
    std::fs::write(&path, executable).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    loop {
        match Command::new(&path).output() {
            // Another test's child may still hold the file open for writing, between its fork and its exec.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            output => return output.unwrap(),
        }
    }
}
