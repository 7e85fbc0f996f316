//! The first line that a started program prints, by which it says how far it is. Tests of other crates have this file as a
//! module of their own.
#![allow(unreachable_pub, reason = "in other crates it is a private module")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Starts it with all standard streams piped, and gives the first line that it prints.
pub fn start_piped(command: &mut Command) -> (Child, String) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let line = first_line(&mut child);
    (child, line)
}

/// Waits for the first line of the standard output of `child`, which is piped, and gives it with its end. What comes with it
/// in the pipe may be lost.
pub fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("it is piped"))
        .read_line(&mut line)
        .expect("it prints");
    line
}
