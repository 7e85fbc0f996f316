//! Writes the first inputs of all targets: `seeds DIR`, made from the programs of `tests/run`.

use std::fs;
use std::path::Path;

use nativize_fuzz_targets::TARGETS;

fn main() -> std::io::Result<()> {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: seeds DIR");
        std::process::exit(2);
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../run");
    for target in &TARGETS {
        let folder = Path::new(&folder).join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = (target.seeds)(&root);
        println!("{}: {} inputs", target.name, seeds.len());
        for (number, bytes) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("first-{number:03}")), bytes)?;
        }
    }
    Ok(())
}
