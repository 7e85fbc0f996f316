//! The first line that a started program prints, by which it says how far it is.

use std::io::{BufRead, BufReader};
use std::process::Child;

/// Waits for the first line of the standard output of `child`, which is piped, and gives it with its end. What comes with it
/// in the pipe may be lost.
pub fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("it is piped"))
        .read_line(&mut line)
        .expect("it prints");
    line
}
