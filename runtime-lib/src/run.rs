//! The main loops, of which the program names one.

mod command;
mod invoke;
mod script;

use nativize_abi::program::Entry;

/// Calls `entry` without arguments.
fn run(entry: &Entry) {
    crate::stack::call(entry, crate::stack::values(entry));
}
