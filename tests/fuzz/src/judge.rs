//! Runs batches of cases in every engine, compares the outcomes and reports what differs.

use crate::case::{Case, Outcome, Outcomes};
use crate::cost::Costs;
use crate::interpreter::Refusal;
use crate::limits;
use crate::native::{self, Batch};
use crate::reference::Expectations;
use crate::variant::{self, Turns, Variant};
use crate::{interpreter, reference, shrink};
use nativize_compiler::{Module, OptLevel, Options};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Of how many modules Wasmtime is asked at once: its start costs as much as compiling a dozen of them.
const EXPECTED: usize = 288;

/// After how many modules a batch is compiled on one thread and on two.
const COMPARED: usize = 384;

/// How long a program of one case may take that is being made smaller.
const ALONE: Duration = Duration::from_secs(5);

/// What was done so far.
#[derive(Debug, Default)]
pub(crate) struct Counts(BTreeMap<String, u64>);

impl Counts {
    fn count(&mut self, what: &str, by: usize) {
        if by > 0 {
            *self.0.entry(what.to_owned()).or_default() += by as u64;
        }
    }

    pub(crate) fn add(&mut self, other: Counts) {
        for (what, count) in other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    pub(crate) fn modules(&self) -> u64 {
        self.0.get("modules").copied().unwrap_or(0)
    }

    pub(crate) fn differences(&self) -> u64 {
        self.0.get("DIFFERENCES").copied().unwrap_or(0)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (what, count)) in self.0.iter().enumerate() {
            write!(f, "{}{count} {what}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// An engine beside the base settings.
#[derive(Clone, Debug)]
pub(crate) enum Other {
    Native(Variant),
    Interpreter,
    Reference,
}

impl Other {
    pub(crate) fn name(&self) -> &str {
        match self {
            Other::Native(variant) => &variant.name,
            Other::Interpreter => "wasmi",
            Other::Reference => "wasmtime",
        }
    }
}

pub(crate) struct Judge {
    pub(crate) counts: Counts,
    pub(crate) costs: Costs,
    engine: wasmi::Engine,
    turns: Turns,
    /// How many modules were not compiled on two threads, since some were.
    uncompared: usize,
    /// The batches that Wasmtime was not asked for yet.
    expected: Vec<Expectations>,
    save: Option<PathBuf>,
    shrink: bool,
}

impl Judge {
    pub(crate) fn new(save: Option<&Path>, shrink: bool) -> Self {
        Judge {
            counts: Counts::default(),
            costs: Costs::default(),
            engine: interpreter::engine(),
            turns: Turns::new(),
            // The first batch is.
            uncompared: COMPARED,
            expected: Vec::new(),
            save: save.map(Path::to_owned),
            shrink,
        }
    }

    /// As many seeds gave no module: the generator had not enough of its random bytes.
    pub(crate) fn without(&mut self, seeds: usize) {
        self.counts.count("seeds without a module", seeds);
    }

    /// Runs the batch with this number, which chooses the settings and the memory in the low slot.
    pub(crate) fn batch(&mut self, number: u64, cases: &[Case]) {
        let mut usable = Vec::new();
        for case in cases {
            match native::parse(case) {
                Ok(modules) => usable.push((case, modules)),
                Err(reason) => self.refused(case, &reason),
            }
        }
        let mut pairs: Vec<(&Case, &[Module<'_>])> = usable
            .iter()
            .map(|(case, modules)| (*case, modules.as_slice()))
            .collect();
        let base = variant::base().options;
        let number = usize::try_from(number).expect("64 bits");
        let first = match self.costs.time("O2", || run(&pairs, number, &base)) {
            Ok(outcomes) => outcomes,
            Err(_) => {
                // One of them is refused: the others go on.
                pairs.retain(|pair| {
                    match Batch::new(&[*pair]).and_then(|batch| batch.object(&base)) {
                        Ok(_) => true,
                        Err(reason) => {
                            if reason == native::PANICKED {
                                self.differs(pair.0, &Other::Native(variant::base()), &reason);
                            } else {
                                self.refused(pair.0, &reason);
                            }
                            false
                        }
                    }
                });
                match run(&pairs, number, &base) {
                    Ok(outcomes) => outcomes,
                    Err(reason) => {
                        return self.differs(pairs[0].0, &Other::Native(variant::base()), &reason);
                    }
                }
            }
        };
        self.counts.count("modules", pairs.len());
        let linked = pairs.iter().filter(|(case, _)| case.is_linked);
        self.counts.count("linked", linked.clone().count());
        let instances = linked.map(|(case, _)| case.instances.len());
        self.counts.count("instances of these", instances.sum());
        for outcomes in &first {
            let traps = outcomes
                .iter()
                .filter(|outcome| matches!(outcome, Outcome::Trap(_)))
                .count();
            self.counts.count("calls", outcomes.len());
            self.counts.count("traps", traps);
        }
        let turn: Vec<Variant> = self.turns.of(number).into_iter().cloned().collect();
        for variant in turn {
            let other = Other::Native(variant.clone());
            self.counts
                .count(&format!("in {}", variant.group), pairs.len());
            let run_all = || run(&pairs, number, &variant.options);
            match self.costs.time(variant.group, run_all) {
                Ok(second) => {
                    for (at, (case, _)) in pairs.iter().enumerate() {
                        self.compare(case, &other, &first[at], &second[at]);
                    }
                }
                Err(reason) => {
                    // Of the first that fails alone, or of all.
                    let fails = |pair: &&(&Case, &[Module<'_>])| {
                        run(&[**pair], 0, &variant.options).is_err()
                    };
                    let pair = pairs.iter().find(fails).unwrap_or(&pairs[0]);
                    self.differs(pair.0, &other, &reason);
                }
            }
        }
        for (at, (case, _)) in pairs.iter().enumerate() {
            let interpret = || interpreter::run(&self.engine, case);
            if let Ok(mut second) = self.costs.time("wasmi", interpret) {
                self.counts.count("in wasmi", 1);
                let explained = explain(&first[at], &mut second);
                if explained > 0 {
                    self.counts.count(
                        "traps explained (call_indirect outside the table)",
                        explained,
                    );
                }
                self.compare(case, &Other::Interpreter, &first[at], &second);
            }
        }
        let cases = pairs.iter().map(|(case, _)| (*case).clone());
        self.expected.push(cases.zip(first).collect());
        if self.expected.iter().map(Vec::len).sum::<usize>() >= EXPECTED {
            self.finish();
        }
        self.uncompared += pairs.len();
        if self.uncompared >= COMPARED {
            self.uncompared = 0;
            self.determinism(&pairs);
        }
    }

    /// Asks Wasmtime for what was not asked yet.
    pub(crate) fn finish(&mut self) {
        let expected = std::mem::take(&mut self.expected);
        self.settle(&expected);
    }

    /// Asks Wasmtime for all at once, and where it does not agree for each half.
    fn settle(&mut self, expected: &[Expectations]) {
        let count = expected.iter().map(Vec::len).sum();
        if count == 0 {
            return;
        }
        let check = || reference::check(expected);
        let Some(answer) = self.costs.time("scripts", check) else {
            return;
        };
        match (answer, expected) {
            (Ok(()), _) => self.counts.count("in wasmtime", count),
            (Err(message), [batch]) if count == 1 => {
                if let Some(outcomes) = reference::excused(&batch[0], &message) {
                    self.counts
                        .count("traps explained (atomic, unaligned and outside)", 1);
                    self.settle(&[vec![(batch[0].0.clone(), outcomes)]]);
                } else {
                    self.differs(&batch[0].0, &Other::Reference, &message);
                }
            }
            (Err(_), parts) => {
                let differences = self.counts.differences();
                match parts {
                    [batch] => {
                        let (one, two) = batch.split_at(count / 2);
                        self.settle(&[one.to_vec()]);
                        self.settle(&[two.to_vec()]);
                    }
                    batches => {
                        let (one, two) = batches.split_at(batches.len() / 2);
                        self.settle(one);
                        self.settle(two);
                    }
                }
                if self.counts.differences() == differences {
                    self.counts.count("only in parts in wasmtime", count);
                }
            }
        }
    }

    /// One thread and two give the same bytes.
    fn determinism(&mut self, pairs: &[(&Case, &[Module<'_>])]) {
        let options = variant::base().options;
        let threads = |count| Options {
            threads: Some(count),
            ..options.clone()
        };
        let objects = Batch::new(pairs)
            .and_then(|batch| Ok((batch.object(&threads(1))?, batch.object(&threads(2))?)));
        self.counts.count("objects compared", 1);
        if !objects.is_ok_and(|(one, two)| one == two) {
            self.differs(
                pairs[0].0,
                &Other::Native(variant::base()),
                "two threads give other bytes than one",
            );
        }
    }

    /// Every module is valid, so that only a limit is a reason. What is refused is not made smaller: what becomes invalid on the
    /// way is refused as well.
    fn refused(&mut self, case: &Case, reason: &str) {
        if let Some(limit) = limits::stated(reason) {
            return self.counts.count(&format!("beyond a limit ({limit})"), 1);
        }
        self.counts.count("DIFFERENCES", 1);
        println!("seed {}: refused: {reason}", case.seed);
        self.keep(case, "refused", reason);
    }

    fn compare(&mut self, case: &Case, other: &Other, first: &Outcomes, second: &Outcomes) {
        if let Some(message) = difference(case, first, second) {
            self.differs(case, other, &message);
        }
    }

    fn differs(&mut self, case: &Case, other: &Other, message: &str) {
        self.counts.count("DIFFERENCES", 1);
        println!("seed {}: O2 against {}: {message}", case.seed, other.name());
        self.keep(case, "whole", message);
        if !self.shrink {
            return;
        }
        let engine = &interpreter::bounded_engine();
        if let Some(small) = shrink::shrink(case, &mut |case| alone(engine, case, other).is_some())
        {
            println!(
                "seed {}: shrunk to {} bytes",
                case.seed,
                small.modules.iter().map(Vec::len).sum::<usize>()
            );
            let message = alone(engine, &small, other).unwrap_or_default();
            self.keep(&small, "small", &message);
            self.keep_script(engine, &small, &message);
        } else {
            println!("seed {}: not alone", case.seed);
        }
    }

    /// Writes what belongs into `tests/spec/scripts`.
    fn keep_script(&self, engine: &wasmi::Engine, case: &Case, message: &str) {
        let Some(folder) = &self.save else { return };
        let Some((outcomes, whose)) = believed(engine, case) else {
            return println!("seed {}: no other engine has an outcome", case.seed);
        };
        let Some(script) = reference::script(case, &outcomes) else {
            return;
        };
        let text = format!(";; {message}; the expectations are those of {whose}.\n{script}");
        let path = folder.join(format!("{}.wast", case.seed));
        if let Err(error) = std::fs::write(&path, text) {
            eprintln!("{}: {error}", path.display());
        }
    }

    /// Writes a module as text, with the calls that led there.
    fn keep(&self, case: &Case, what: &str, message: &str) {
        let Some(folder) = &self.save else { return };
        let mut text = format!(";; {message}\n");
        for call in &case.calls {
            text += &format!(
                ";; i{} {} {:x?}\n",
                case.functions[call.function].instance,
                case.functions[call.function].name,
                call.arguments
            );
        }
        for (number, module) in case.instances.iter().enumerate() {
            text += &format!(";; i{number} is of module {module}\n");
        }
        for wasm in &case.modules {
            text += &wasmprinter::print_bytes(wasm).unwrap_or_default();
        }
        let stem = folder.join(format!("{}-{what}", case.seed));
        let mut written = std::fs::write(stem.with_extension("wat"), text);
        for (number, wasm) in case.modules.iter().enumerate() {
            let path = stem.with_extension(format!("{number}.wasm"));
            written = written.and_then(|()| std::fs::write(path, wasm));
        }
        if let Err(error) = written {
            eprintln!("{}: {error}", stem.display());
        }
    }
}

/// What a case has to come to, as far as the other engines say, and whose word that is: Wasmtime's, which is told what to expect,
/// or else wasmi's.
fn believed(engine: &wasmi::Engine, case: &Case) -> Option<(Outcomes, &'static str)> {
    let interpreted = interpreter::run(engine, case).ok();
    let native = |opt_level| {
        let options = Options {
            opt_level,
            ..variant::base().options
        };
        run_alone(case, &options).ok()
    };
    let guesses = [
        interpreted.clone(),
        native(OptLevel::O0),
        native(OptLevel::O2),
    ];
    let confirmed = guesses.into_iter().flatten().find(|outcomes| {
        reference::check(&[vec![(case.clone(), outcomes.clone())]]) == Some(Ok(()))
    });
    let by_wasmtime = confirmed.map(|outcomes| (outcomes, "Wasmtime"));
    by_wasmtime.or_else(|| Some((interpreted?, "wasmi")))
}

/// A program of its own: what differs, if anything does. What has lost the end of its loops on the way to become smaller does not
/// count: `engine` is the bounded one, and where it does not know the modules a program that is late does not differ.
fn alone(engine: &wasmi::Engine, case: &Case, other: &Other) -> Option<String> {
    let interpreted = interpreter::run(engine, case);
    if interpreted == Err(Refusal::Endless) {
        return None;
    }
    let first = match run_alone(case, &variant::base().options) {
        Ok(outcomes) => outcomes,
        Err(reason) => return (reason == native::PANICKED).then_some(reason),
    };
    if interpreted.is_err() && first.contains(&Outcome::Late) {
        return None;
    }
    let second = match other {
        Other::Native(variant) => match run_alone(case, &variant.options) {
            Ok(outcomes) => outcomes,
            Err(reason) => return Some(reason),
        },
        Other::Interpreter => {
            let mut second = interpreted.ok()?;
            explain(&first, &mut second);
            second
        }
        Other::Reference => return reference::check(&[vec![(case.clone(), first)]])?.err(),
    };
    difference(case, &first, &second)
}

/// As a program of its own, which may take [`ALONE`].
fn run_alone(case: &Case, options: &Options) -> Result<Outcomes, String> {
    let modules = native::parse(case)?;
    let pairs = [(case, modules.as_slice())];
    let mut batch = Batch::new(&pairs)?;
    batch.limit(ALONE);
    let outcomes = batch.run(options)?.pop();
    outcomes.ok_or_else(|| "no outcomes".to_owned())
}

fn run(
    pairs: &[(&Case, &[Module<'_>])],
    rotation: usize,
    options: &Options,
) -> Result<Vec<Outcomes>, String> {
    let mut batch = Batch::new(pairs)?;
    batch.rotate(rotation);
    batch.run(options)
}

/// One of the two classes of differences that are not errors (the other is [`reference::excused`]), and how often it occurred. The specification has one trap for
/// `call_indirect` outside its table (core/exec/instructions, `call_indirect` step "if tab.elem[i] does not exist") and
/// no name for it: its scripts say "undefined element", and wasmi has one code for this and for table accesses.
fn explain(first: &Outcomes, second: &mut Outcomes) -> usize {
    let mut explained = 0;
    for (one, two) in first.iter().zip(second) {
        let outside = Outcome::Trap("undefined element");
        if *one == outside && *two == Outcome::Trap("out of bounds table access") {
            *two = outside;
            explained += 1;
        }
    }
    explained
}

/// The first outcome that is not the same. An engine that ends with the instantiation is compared up to there.
fn difference(case: &Case, first: &Outcomes, second: &Outcomes) -> Option<String> {
    for (at, (one, two)) in first.iter().zip(second).enumerate() {
        let broken = matches!(one, Outcome::Broken(_) | Outcome::Late);
        if one != two || broken {
            let name = match at.checked_sub(case.instances.len()) {
                None => "instantiation",
                Some(call) => &case.functions[case.calls[call].function].name,
            };
            return Some(format!("outcome {at} ({name}): {one:x?} and {two:x?}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// A limit is a reason to refuse a module; what nobody provides and what is not valid are none, and no seed has them.
    #[test]
    fn what_is_refused_without_a_stated_limit_differs() {
        for (fields, differences, counted) in [
            ("", 0, "modules"),
            (
                "(memory i64 0x40_0001)",
                0,
                "beyond a limit (size of a memory at start)",
            ),
            (
                "(table 60_000_000 funcref (ref.func $f))",
                0,
                "beyond a limit (entries of tables)",
            ),
            ("(tag (import \"i1\" \"t\"))", 1, "DIFFERENCES"),
            ("(func (result i32))", 1, "DIFFERENCES"),
        ] {
            let text = format!("(module {fields} (func $f (export \"f\")))");
            let wasm = wat::parse_str(text).expect("well-formed text");
            let case = Case::new(1, vec![wasm], vec![0], &mut Random::new(1)).expect("an export");
            let mut judge = Judge::new(None, false);
            judge.batch(0, &[case]);
            let counts = &judge.counts;
            assert_eq!(counts.differences(), differences, "{fields}: {counts}");
            assert_eq!(counts.0.get(counted), Some(&1), "{fields}: {counts}");
        }
    }

    /// Neither what the interpreter does not end, nor what all do the same.
    #[test]
    fn what_never_ends_does_not_differ() {
        let engine = &interpreter::bounded_engine();
        for (body, expected) in [
            ("(loop $again (br $again))", Err(Refusal::Endless)),
            ("nop", Ok(())),
        ] {
            let wasm = wat::parse_str(format!("(module (func (export \"f\") {body}))"))
                .expect("valid text");
            let case = Case::new(1, vec![wasm], vec![0], &mut Random::new(1)).expect("an export");
            assert!(!case.calls.is_empty());
            assert_eq!(interpreter::run(engine, &case).map(drop), expected);
            assert_eq!(alone(engine, &case, &Other::Interpreter), None);
        }
    }
}
