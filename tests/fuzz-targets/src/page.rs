//! Modules, executables and profiles, to the page about them.

use std::path::Path;
use std::sync::LazyLock;

use nativize::untrusted::page;

/// What a profile is about.
static MODULE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    wat::parse_str(
        r#"(module (memory (export "memory") 1)
            (func $f (param i32) (result i32) (i32.load (local.get 0)))
            (func (export "_start") (drop (call $f (i32.const 4)))))"#,
    )
    .expect("valid text")
});

/// A profile of it.
const PROFILE: &str = r#"{"format": "nativize-profile", "version": 1, "program": "a<b>", "clock": "processor",
"interval_us": 1000, "cpu_seconds": 0.5, "samples": 5, "lost": 1, "frames": [
{"kind": "function", "name": "f", "instance": 0, "index": 0, "self": 3, "total": 3, "offsets": [[60, 1], [62, 2]]},
{"kind": "function", "name": "_start", "instance": 0, "index": 1, "self": 2, "total": 5, "offsets": [[70, 2]]}],
"stacks": [{"samples": 3, "frames": [1, 0]}, {"samples": 2, "frames": [1]}]}"#;

pub(crate) fn run(bytes: &[u8]) {
    let page = if bytes.first() == Some(&b'{') {
        page(&MODULE, Some(bytes))
    } else {
        page(bytes, None)
    };
    let Ok(page) = page else { return };
    // Its own script, and where there is code another one, of data.
    let scripts = page.matches("<script").count();
    let of_data = page.matches("<script type=application/json ").count();
    assert!(of_data <= 1 && scripts == of_data + 1, "a name is markup");
}

pub(crate) fn seeds(root: &Path) -> Vec<Vec<u8>> {
    let mut seeds = crate::modules(root);
    seeds.extend(crate::object::named_executables(root).into_iter().take(4));
    seeds.push(PROFILE.into());
    seeds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_one() {
        let shown = page(&MODULE, Some(PROFILE.as_bytes())).expect("it is one");
        assert!(
            shown.contains("5 samples") || shown.contains("60"),
            "{shown}"
        );
        assert_ne!(shown, page(&MODULE, None).expect("a valid module"));
    }
}
