//! Writes the first inputs of all targets: `seeds DIR`, made from the programs of `tests/run`, and larger ones from `tests/programs`.

use std::fs;
use std::path::Path;

use nativize_fuzz_targets::{TARGETS, large};

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: seeds DIR");
        std::process::exit(2);
    };
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for target in &TARGETS {
        let folder = Path::new(&folder).join(target.name);
        fs::create_dir_all(&folder)?;
        let small = (target.seeds)(&tests.join("run"));
        let large = large(target.name, &tests.join("programs"));
        println!("{}: {} inputs", target.name, small.len() + large.len());
        for (kind, seeds) in [("first", small), ("large", large)] {
            for (number, bytes) in seeds.iter().enumerate() {
                fs::write(folder.join(format!("{kind}-{number:03}")), bytes)?;
            }
        }
    }
    Ok(())
}
