//! The nativize command line as a library: input, compilation, linking, output.
pub mod link;
