//! The bounded run: the first 300 seeds.

use std::process::Command;

#[test]
fn three_hundred_modules() {
    let output = Command::new(env!("CARGO_BIN_EXE_nativize-fuzz"))
        .args(["--seed-range", "0..300", "--jobs", "2", "--no-shrink"])
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    // That it ran at all, and in more than one engine.
    let count = |what: &str| {
        let (before, _) = text.split_once(what)?;
        before
            .rsplit(' ')
            .find(|word| !word.is_empty())?
            .parse::<u32>()
            .ok()
    };
    assert!(
        count(" modules,").is_some_and(|count| count > 200),
        "{text}"
    );
    assert!(
        count(" in wasmi").is_some_and(|count| count > 100),
        "{text}"
    );
}
