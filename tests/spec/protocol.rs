//! Speaks with an executable whose main loop is the script's: requests on its standard input, answers on its output.
//!
//! All integers are little-endian. A request is `entry: u32, count: u32, count values of 16 bytes`; an answer is
//! `status: u8, count: u32, count values of 16 bytes`, with the code of a trap as its status, or 0. The end of the
//! input ends the program.

use crate::values::Value;
use nativize_abi::Trap;
use nativize_tests::{Executable, Outcome};
use std::io;

/// A call of one of the program's entries.
pub(crate) struct Request<'a> {
    pub(crate) entry: usize,
    pub(crate) arguments: &'a [Value],
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Answer {
    Results(Vec<Value>),
    Trap(Trap),
}

/// The answers to a list of requests.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// As many as there were before a problem.
    pub(crate) answers: Vec<Answer>,
    /// The executable died, or did not keep to the protocol.
    pub(crate) problem: Option<String>,
}

/// Runs `executable` with `requests`.
pub(crate) fn exchange(executable: &Executable, requests: &[Request<'_>]) -> io::Result<Exchange> {
    let mut input = Vec::new();
    for request in requests {
        let entry = u32::try_from(request.entry).expect("there are fewer entries than that");
        let count = u32::try_from(request.arguments.len()).expect("a function has few parameters");
        input.extend(entry.to_le_bytes());
        input.extend(count.to_le_bytes());
        for argument in request.arguments {
            input.extend(argument.0);
        }
    }
    let outcome = executable.run([] as [&str; 0], &input)?;
    let mut answers = Vec::new();
    let mut rest = outcome.stdout.as_slice();
    let mut problem = None;
    while answers.len() < requests.len() && problem.is_none() {
        match read_answer(&mut rest) {
            Some(Ok(answer)) => answers.push(answer),
            Some(Err(message)) => problem = Some(message),
            None => problem = Some("the executable ended before it answered".to_owned()),
        }
    }
    if problem.is_none() && !rest.is_empty() {
        problem = Some(format!("{} bytes follow the last answer", rest.len()));
    }
    if problem.is_none() && !outcome.status.success() {
        problem = Some("the executable failed after its last answer".to_owned());
    }
    Ok(Exchange {
        answers,
        problem: problem.map(|problem| describe(&problem, &outcome)),
    })
}

fn read_answer(rest: &mut &[u8]) -> Option<Result<Answer, String>> {
    let status = u8::from_le_bytes(*rest.split_off(..1)?.first_chunk()?);
    let count = u32::from_le_bytes(*rest.split_off(..4)?.first_chunk()?);
    let mut values = Vec::new();
    for _ in 0..count {
        values.push(Value(*rest.split_off(..16)?.first_chunk()?));
    }
    Some(match (status, Trap::from_code(status)) {
        (0, _) => Ok(Answer::Results(values)),
        (_, Some(trap)) => Ok(Answer::Trap(trap)),
        (_, None) => Err(format!("there is no trap with code {status}")),
    })
}

fn describe(problem: &str, outcome: &Outcome) -> String {
    let late = if outcome.timed_out {
        ", killed because it took too long"
    } else {
        ""
    };
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    format!(
        "{problem} ({}{late}){}{}",
        outcome.status,
        if stderr.is_empty() { "" } else { ": " },
        stderr.trim_end()
    )
}
