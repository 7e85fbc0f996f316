//! The limits of executables that a valid module may be beyond. Any other refusal is a difference.

/// What the compiler's message begins with, and how a summary names the limit: those of `plan/state.rs` there that depend on what a
/// module declares.
const LIMITS: [(&str, &str); 3] = [
    ("more than 6081 memories", "memories"),
    ("a memory begins with ", "size of a memory at start"),
    (
        "the program's tables that are not empty at start have ",
        "entries of tables",
    ),
];

/// The limit that a refusal states, if it is one.
pub(crate) fn stated(reason: &str) -> Option<&'static str> {
    let mut limits = LIMITS.iter();
    let limit = limits.find(|(beginning, _)| reason.starts_with(beginning))?;
    Some(limit.1)
}
