//! The bounded runs: the first 300 seeds, and some of those that have linked modules among them.

use std::process::Command;

/// Runs the seeds and gives the summary, in which nothing differs.
fn run(seeds: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_nativize-fuzz"))
        .args(["--seed-range", seeds, "--jobs", "2", "--no-shrink"])
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// The number before `what` in a summary.
fn count(text: &str, what: &str) -> u32 {
    let before = text.split_once(what).map_or("", |(before, _)| before);
    let number = before.rsplit(' ').find(|word| !word.is_empty());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Each seed gives a module that is compiled, but for a few for which wasm-smith has not enough random bytes.
#[track_caller]
fn all_compiled(text: &str, seeds: u32) {
    let without = count(text, " seeds without a module");
    assert_eq!(count(text, " modules,") + without, seeds, "{text}");
    assert!(without <= 1 + seeds / 100, "{text}");
}

#[test]
fn three_hundred_modules() {
    let text = run("0..300");
    all_compiled(&text, 300);
    // In more than one engine.
    assert!(count(&text, " in wasmi") > 250, "{text}");
}

#[test]
fn linked_modules() {
    let text = run("2000000..2000060");
    all_compiled(&text, 60);
    assert!(count(&text, " linked") > 10, "{text}");
    assert!(count(&text, " instances") > 20, "{text}");
}

#[test]
fn hinted_modules() {
    let text = run("8000000..8000036");
    all_compiled(&text, 36);
}
