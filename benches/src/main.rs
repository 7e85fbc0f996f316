//! Measures nativize against its peers.
fn main() {}
