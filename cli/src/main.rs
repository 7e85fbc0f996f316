//! The `nativize` command.
fn main() {}
