//! The `anlan` binary.
fn main() {}
