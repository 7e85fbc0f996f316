//! All functions of a program: in rounds, until what they say of each other does not change any more.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::demands;
use super::flow::{Prover, Stop};
use super::program::Program;
use super::records;
use super::report::{Finding, Report, Verdict};
use super::state::RDI;
use super::summary::{Outcome, Summaries};
use super::tables;

/// More rounds than any program should need.
const MOST_ROUNDS: usize = 20;

pub(super) type Proof = (Outcome, Option<Stop>);

/// Proves every function.
pub(super) fn run(program: &Program<'_>, threads: usize) -> Report {
    let mut summaries = Summaries {
        pops: program
            .functions
            .iter()
            .map(|function| guess(program, function.start, function.size))
            .collect(),
        arguments: vec![0; program.functions.len()],
        frames: vec![[0; 16]; program.functions.len()],
        entries: program.entries.iter().map(|entry| entry.0).collect(),
        ..Summaries::default()
    };
    let all: Vec<u32> = (0..program.functions.len() as u32).collect();
    let mut proofs: Vec<Proof> = prove(program, &summaries, &all, threads);
    let mut settled = false;
    for _ in 0..MOST_ROUNDS {
        let next = summarize(program, &summaries, &proofs);
        if next == summaries {
            settled = true;
            break;
        }
        let again = affected(program, &summaries, &next, &proofs);
        summaries = next;
        let anew = prove(program, &summaries, &again, threads);
        for (function, proof) in again.into_iter().zip(anew) {
            proofs[function as usize] = proof;
        }
    }
    if settled && demands::need_arguments(&proofs) {
        summaries.keeps_arguments = true;
        proofs = prove(program, &summaries, &all, threads);
    }
    let mut faults = demands::check(program, &summaries, &proofs);
    faults.extend(entered(program, &summaries));
    for (function, reason) in faults {
        proofs[function].1.get_or_insert(Stop {
            verdict: Verdict::Unproven,
            address: program.functions[function].start,
            reason,
        });
    }
    let mut report = Report {
        functions: program.functions.len(),
        code: program
            .functions
            .iter()
            .map(|function| u64::from(function.size))
            .sum(),
        faults: program.file.faults.clone(),
        ..Report::default()
    };
    report.faults.extend(records::storage(program, &summaries));
    let has_record = proofs.iter().any(|proof| proof.0.threads_record.is_some());
    if has_record && summaries.thread.is_none() {
        let fault = "what threads have of their own is not what it can be";
        report.faults.push(fault.to_owned());
    }
    let mut returns = summaries.exceptions.handlers.keys();
    if !returns.all(|&address| program.is_after_code(address)) {
        let fault = "there are handlers of calls that are not the program's";
        report.faults.push(fault.to_owned());
    }
    if !settled {
        report
            .faults
            .push("what functions say of each other does not settle".to_owned());
    }
    for (function, (outcome, stop)) in program.functions.iter().zip(&proofs) {
        report.instructions += outcome.instructions;
        report.relying_on_pages += outcome.relying;
        let Some(stop) = stop else {
            report.proven += 1;
            continue;
        };
        match stop.verdict {
            Verdict::Rejected => report.rejected += 1,
            _ => report.unproven += 1,
        }
        report.findings.push(Finding {
            function: program.name(function),
            address: stop.address,
            verdict: stop.verdict.clone(),
            reason: stop.reason.clone(),
        });
    }
    report
}

/// What the runtime enters gets no more than values in an array, and nothing on the stack: nobody else looks at what it needs.
fn entered(program: &Program<'_>, summaries: &Summaries) -> Vec<demands::Fault> {
    let starts = summaries.thread_starts.iter().map(|&start| (start, 0));
    let entries = program.entries.iter().copied().chain(starts);
    let is_wrong = |&(function, values): &(u32, u64)| {
        let index = function as usize;
        let lent = summaries.frames[index].iter().enumerate();
        summaries.pops[index].is_some_and(|pop| pop > 0)
            || summaries.arguments[index] > 0
            || lent.into_iter().any(|(register, &bytes)| {
                let most = if register == RDI { values } else { 0 };
                u64::from(bytes) > most
            })
    };
    let fault = |(function, _): (u32, u64)| {
        let reason = "it needs more of who calls it than the runtime gives";
        (function as usize, reason.to_owned())
    };
    let entered = program.entries.iter();
    // What the one is passed is no block of a thread, and what the other is are no values.
    let is_both = entered.filter(|entry| summaries.is_thread_start(entry.0));
    let is_both = is_both.map(|&(function, _)| {
        let reason = "the runtime enters it as what threads start with, too";
        (function as usize, reason.to_owned())
    });
    entries.filter(is_wrong).map(fault).chain(is_both).collect()
}

/// The functions whose proof used something that is different now.
fn affected(
    program: &Program<'_>,
    before: &Summaries,
    now: &Summaries,
    proofs: &[Proof],
) -> Vec<u32> {
    let all = 0..proofs.len() as u32;
    let same = before.entries == now.entries
        && before.thread_starts == now.thread_starts
        && before.thread == now.thread
        && before.exceptions == now.exceptions;
    if !same {
        return all.collect();
    }
    let is_changed = |function: u32| {
        let index = function as usize;
        before.pops[index] != now.pops[index]
            || before.arguments[index] != now.arguments[index]
            || before.frames[index] != now.frames[index]
    };
    let changed: HashSet<u32> = all.clone().filter(|&it| is_changed(it)).collect();
    let classes = changed.iter().flat_map(|&function| {
        let identity = program.functions[function as usize].identity;
        [Some(identity), None]
    });
    let classes: HashSet<Option<u32>> = classes.collect();
    let uses = |function: &u32| {
        let outcome = &proofs[*function as usize].0;
        changed.contains(function)
            || outcome
                .callees
                .iter()
                .any(|callee| changed.contains(callee))
            || outcome.classes.iter().any(|class| classes.contains(class))
    };
    all.filter(uses).collect()
}

/// The first round's idea of how many bytes a function takes off the stack; proving it corrects that.
fn guess(program: &Program<'_>, start: u64, size: u32) -> Option<u32> {
    let code = program.file.bytes(start, size.into())?;
    // mov rsp, rbp; pop rbp; then ret.
    let end = [0x48, 0x89, 0xec, 0x5d];
    let ends = code.windows(4).enumerate();
    let ends = ends.filter(|(_, window)| *window == end);
    ends.map(|(at, _)| &code[at + 4..])
        .find_map(|rest| match *rest {
            [0xc3, ..] => Some(0),
            [0xc2, low, high, ..] => Some(u16::from_le_bytes([low, high]).into()),
            _ => None,
        })
}

/// What the proofs say to the next round.
fn summarize(program: &Program<'_>, before: &Summaries, proofs: &[Proof]) -> Summaries {
    let mut next = before.clone();
    for (index, (outcome, stop)) in proofs.iter().enumerate() {
        if stop.is_none() || outcome.pop.is_some() {
            next.pops[index] = outcome.pop;
        }
        next.arguments[index] = next.arguments[index].max(outcome.arguments);
        let frames = next.frames[index].iter_mut().zip(outcome.frames);
        for (needed, found) in frames {
            *needed = (*needed).max(found);
        }
        next.thread_starts.extend(&outcome.thread_starts);
    }
    let record = proofs.iter().find_map(|proof| proof.0.threads_record);
    if let Some(record) = record
        && next.thread.is_none()
        && let Some(thread) = tables::thread(program, record)
    {
        next.thread = Some(thread);
        // Without it, the state of the thread looked as if callers lent it.
        next.frames.fill([0; 16]);
    }
    let exceptions = &mut next.exceptions;
    let record = proofs.iter().find_map(|proof| proof.0.exceptions);
    if let Some(record) = record
        && exceptions.record.is_none()
    {
        exceptions.record = Some(record);
        exceptions.handlers = tables::handlers(program, record);
    }
    exceptions.in_flight = proofs.iter().find_map(|proof| proof.0.in_flight);
    for &(tag, size) in proofs.iter().flat_map(|proof| &proof.0.thrown) {
        let least = exceptions.sizes.entry(tag).or_insert(size);
        *least = (*least).min(size);
    }
    next
}

fn prove(
    program: &Program<'_>,
    summaries: &Summaries,
    which: &[u32],
    threads: usize,
) -> Vec<Proof> {
    let next = AtomicUsize::new(0);
    let mut order: Vec<usize> = (0..which.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(program.functions[which[at] as usize].size));
    let done: Mutex<Vec<Option<Proof>>> = Mutex::new((0..which.len()).map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut own = Vec::new();
                loop {
                    let position = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&at) = order.get(position) else {
                        break;
                    };
                    own.push((at, Prover::new(program, summaries, which[at]).run()));
                }
                let mut done = done.lock().unwrap_or_else(|error| error.into_inner());
                for (at, proof) in own {
                    done[at] = Some(proof);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(|error| error.into_inner());
    done.into_iter()
        .map(|proof| proof.expect("each was proven"))
        .collect()
}
