//! Every committed input, and every one that once found a bug, through the targets' bodies. Each has ten seconds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use nativize_fuzz_targets::{TARGETS, Target};

/// What an input may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The inputs of a target in `folder`.
fn inputs(folder: &str, target: &Target) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join(target.name);
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("it is readable").path())
        .collect();
    files.sort();
    files
}

/// Runs the target, with a stack of the main thread's size.
fn check(target: &Target, name: &str, bytes: Vec<u8>) {
    let run = target.run;
    let (done, wait) = mpsc::channel();
    let thread = std::thread::Builder::new().stack_size(8 << 20);
    let thread = thread
        .spawn(move || {
            run(&bytes);
            let _ = done.send(());
        })
        .expect("there are threads");
    if wait.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("{}: {name} takes more than {LIMIT:?}", target.name);
    }
    assert!(thread.join().is_ok(), "{}: {name} panics", target.name);
}

#[test]
fn committed_inputs() {
    for target in &TARGETS {
        for folder in ["seeds", "past"] {
            for path in inputs(folder, target) {
                let bytes = fs::read(&path).expect("it is readable");
                check(target, &path.display().to_string(), bytes);
            }
        }
    }
}

#[test]
fn first_inputs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../run/names");
    for target in &TARGETS {
        for (number, bytes) in (target.seeds)(&root).into_iter().enumerate() {
            check(target, &format!("seed {number}"), bytes);
        }
    }
}

#[test]
fn past_inputs_belong_to_targets() {
    for folder in ["seeds", "past"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder).expect("it is there") {
            let name = entry.expect("it is readable").file_name();
            let known = TARGETS
                .iter()
                .any(|target| name == target.name || name == "README.md");
            assert!(known, "no target is called {name:?}");
        }
    }
}
