//! Tests of the command itself: arguments, messages, exit statuses, and what is and is not left on the disk.
//!
//! They are a test of the crate `nativize`, because cargo tells only that crate's tests where the command is.

mod audit;
mod bad_input;
mod bench;
mod cache;
mod command_line;
mod coredump;
mod debug_file;
mod embed;
mod explain;
mod inspect;
mod limits;
#[path = "../src/line.rs"]
mod line;
mod links;
mod mistakes;
mod output;
mod policy;
mod profile;
mod run;
mod sandbox;
mod signals;
#[path = "../src/skip.rs"]
mod skip;
mod target_cpu;
mod unstable;
