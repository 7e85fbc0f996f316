//! Differential fuzzing: generated modules as nativize in several settings, as wasmi and as Wasmtime.

mod case;
mod cost;
mod hints;
mod instrument;
mod interpreter;
mod judge;
mod limits;
mod native;
mod random;
mod reference;
mod shape;
mod shrink;
mod smith;
mod variant;

use case::Case;
use judge::Judge;
use random::Random;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How many seeds become one program. One memory of a program has the low slot, where accesses have forms of their own, so
/// that programs should be small; but each has to be linked and started.
fn batch_size(from: u64) -> u64 {
    if from < LINKED { 24 } else { 6 }
}

const USAGE: &str =
    "usage: nativize-fuzz [--seed-range A..B] [--jobs N] [--seconds N] [--save DIR] [--no-shrink] [--stop]
The default is the bounded run: seeds 0..300. `A..` never ends, but with `--stop` at the first difference.";

struct Arguments {
    from: u64,
    to: u64,
    jobs: usize,
    seconds: u64,
    save: Option<std::path::PathBuf>,
    shrink: bool,
    /// At the first difference.
    stop: bool,
}

fn arguments() -> Option<Arguments> {
    let mut arguments = Arguments {
        from: 0,
        to: 300,
        jobs: 1,
        seconds: u64::MAX,
        save: None,
        shrink: true,
        stop: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seed-range" => {
                let range = words.next()?;
                let (from, to) = range.split_once("..")?;
                arguments.from = from.parse().ok()?;
                arguments.to = if to.is_empty() {
                    u64::MAX
                } else {
                    to.parse().ok()?
                };
            }
            "--jobs" => arguments.jobs = words.next()?.parse().ok()?,
            "--seconds" => arguments.seconds = words.next()?.parse().ok()?,
            "--save" => arguments.save = Some(words.next()?.into()),
            "--no-shrink" => arguments.shrink = false,
            "--stop" => arguments.stop = true,
            _ => return None,
        }
    }
    Some(arguments)
}

/// Seeds from here on have linked modules among them: those below are what they were in the runs so far.
const LINKED: u64 = 2_000_000;

/// From here on modules of ours have more of what compiled programs are made of.
const STATICS: u64 = 5_000_000;

/// From here on modules have hints for branches.
const HINTS: u64 = 8_000_000;

/// The case of a seed: even ones from wasm-smith, odd ones shaped like what compilers emit, a quarter of them linked.
fn generate(seed: u64) -> Option<Case> {
    let mut case = unhinted(seed)?;
    if seed >= HINTS {
        let mut random = Random::new(!seed);
        for module in &mut case.modules {
            if let Some(hinted) = hints::add(module, &mut random) {
                *module = hinted;
            }
        }
    }
    Some(case)
}

fn unhinted(seed: u64) -> Option<Case> {
    let mut random = Random::new(seed);
    let statics = seed >= STATICS;
    if seed >= LINKED && seed % 4 == 3 {
        let linked = shape::linked(&mut random, statics)?;
        let mut case = Case::new(seed, linked.modules, linked.instances, &mut random)?;
        case.twins = linked.twins;
        case.is_linked = true;
        return Some(case);
    }
    let wasm = if seed.is_multiple_of(2) {
        smith::generate(&mut random)?
    } else {
        shape::generate(&mut random, statics)?
    };
    Case::new(seed, vec![wasm], vec![0], &mut random)
}

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let start = Instant::now();
    let limit = Duration::from_secs(arguments.seconds);
    let next = AtomicU64::new(arguments.from);
    let total = Mutex::new((judge::Counts::default(), cost::Costs::default()));
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(|| {
                let mut judge = Judge::new(arguments.save.as_deref(), arguments.shrink);
                let enough = |judge: &Judge| arguments.stop && judge.counts.differences() > 0;
                while start.elapsed() < limit && !enough(&judge) {
                    let take = |from| Some(from + batch_size(from));
                    let from = next
                        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                        .expect("there is always a next one");
                    if from >= arguments.to {
                        break;
                    }
                    let size = batch_size(from);
                    let to = arguments.to.min(from.saturating_add(size));
                    let generated = || (from..to).filter_map(generate).collect::<Vec<_>>();
                    let cases = judge.costs.time("generators", generated);
                    judge.without(usize::try_from(to - from).unwrap_or(0) - cases.len());
                    judge.batch(from / size, &cases);
                }
                if !enough(&judge) {
                    judge.finish();
                }
                let mut total = total.lock().expect("no thread panics with the lock");
                total.0.add(judge.counts);
                total.1.add(judge.costs);
            });
        }
    });
    let (total, costs) = total.into_inner().expect("no thread panics with the lock");
    let seconds = start.elapsed().as_secs_f64();
    let end = next.into_inner().min(arguments.to);
    println!("seeds {}..{end}: {total}", arguments.from);
    println!(
        "{seconds:.1} s on {} threads, {:.1} modules/s",
        arguments.jobs,
        total.modules() as f64 / seconds
    );
    println!("{}", costs.summary(total.modules()));
    if total.differences() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
