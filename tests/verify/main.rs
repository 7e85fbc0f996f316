//! `nativize verify`: executables of the test programs are proven whole, and damaged ones are not.
//!
//! The trials that are ignored build each program in every way that changes its code: `--ignored run::`, `program::`,
//! `script::`. With `VERIFY_KEEP=FOLDER` they leave what they built there.

#[path = "../run/directives.rs"]
#[allow(dead_code, reason = "how a program is started does not matter here")]
mod directives;
mod image;
#[path = "../spec/link.rs"]
#[allow(dead_code, reason = "that modules do not link is no question here")]
mod link;
mod mutate;
#[path = "../spec/plan.rs"]
#[allow(dead_code, reason = "what calls give does not matter here")]
mod plan;
mod sabotage;
#[path = "../spec/script.rs"]
#[allow(dead_code, reason = "what calls give does not matter here")]
mod script;
mod subject;
#[path = "../spec/values.rs"]
#[allow(dead_code, reason = "what calls give does not matter here")]
mod values;
mod variant;

use image::Image;
use libtest_mimic::{Arguments, Failed, Trial};
use nativize::verify::{Report, verify};
use nativize_compiler::{BoundsChecks, OptLevel, Options, Pass};
use nativize_tests::without_passes;
use sabotage::{Expected, Victim};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use variant::Variant;

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    programs(&mut trials);
    let built: Arc<Victims> = Arc::default();
    for (name, victim, expected, damage) in sabotage::all() {
        let built = built.clone();
        trials.push(trial(format!("sabotage::{name}"), move || {
            let mut image = Image::new(built.get(victim)?);
            let before = verify(&image.bytes, 1)?;
            damage(&mut image);
            is_found(&image, expected, &before)
        }));
    }
    for (name, victim, change) in sabotage::in_order() {
        let built = built.clone();
        trials.push(trial(format!("in_order::{name}"), move || {
            let mut image = Image::new(built.get(victim)?);
            change(&mut image);
            are_proven(name, &[image.bytes], false)
        }));
    }
    for victim in [Victim::Guard, Victim::Compared, Victim::Exceptions] {
        let built = built.clone();
        let campaign = trial(format!("mutations::{victim:?}"), move || {
            mutate::campaign(&built.get(victim)?)
        });
        trials.push(campaign.with_ignored_flag(true));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A trial for each program and each way to build it.
fn programs(trials: &mut Vec<Trial>) {
    for subject in subject::all() {
        for variant in Variant::all() {
            let subject = subject.clone();
            let is_quick = subject.is_quick(&variant);
            let name = format!("{:?}::{}+{}", subject.kind, subject.name, variant.name);
            let name = name.to_lowercase();
            let proof = trial(name.clone(), move || {
                let options = without_passes(&variant.options);
                let is_explicit = options.bounds_checks == BoundsChecks::Explicit;
                are_proven(&name, &subject.build(&options)?, is_explicit)
            });
            trials.push(proof.with_ignored_flag(!is_quick));
        }
    }
}

fn trial(name: String, test: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    let rerun = nativize_tests::rerun("verify", &name);
    Trial::test(name, move || {
        test().map_err(|message| Failed::from(format!("{message}\nrerun: {rerun}")))
    })
}

/// Each is proven whole, and with explicit checks without regard to pages.
fn are_proven(name: &str, executables: &[Vec<u8>], is_explicit: bool) -> Result<(), String> {
    if let Ok(folder) = std::env::var("VERIFY_KEEP") {
        for (index, executable) in executables.iter().enumerate() {
            let file = format!("{}.{index}", name.replace('/', "."));
            std::fs::write(Path::new(&folder).join(file), executable)
                .map_err(|error| error.to_string())?;
        }
    }
    for executable in executables {
        let report = verify(executable, 1)?;
        if !report.is_proven() || is_explicit && report.relying_on_pages > 0 {
            return Err(report.to_string());
        }
    }
    Ok(())
}

/// What is damaged, built once and proven before.
#[derive(Default)]
struct Victims(Mutex<HashMap<Victim, Vec<u8>>>);

impl Victims {
    fn get(&self, victim: Victim) -> Result<Vec<u8>, String> {
        let mut built = self.0.lock().expect("no test panics with the lock");
        if let Some(executable) = built.get(&victim) {
            return Ok(executable.clone());
        }
        let path = match victim {
            Victim::Guard | Victim::Explicit => "verify/victim.wat",
            Victim::Compared => "verify/compared.wat",
            Victim::References => "verify/references.wat",
            Victim::Carried => "verify/carried.wat",
            Victim::Grown => "verify/grown.wat",
            Victim::Dropped => "verify/dropped.wat",
            Victim::Loops => "run/checks/copy_in_loops.wat",
            Victim::Exceptions => "programs/throws.wasm",
            Victim::Threads => "programs/pthreads.wasm",
            Victim::Own => "verify/own.wat",
            Victim::Chosen => "verify/chosen.wat",
            Victim::Bare => "verify/bare.wat",
        };
        let bounds_checks = match victim {
            Victim::Explicit => BoundsChecks::Explicit,
            _ => BoundsChecks::default(),
        };
        let opt_level = match victim {
            Victim::Dropped => OptLevel::O0,
            _ => Options::default().opt_level,
        };
        let options = Options {
            bounds_checks,
            opt_level,
            // Each function with its calls stays what it is in the source.
            disabled_passes: [Pass::Inline].into_iter().collect(),
            threads: Some(1),
            ..Options::default()
        };
        let all = subject::program(&subject::root().join(path), &options)?;
        let executable = all.into_iter().next().expect("it is a command");
        // Otherwise nothing would be shown by what is found after.
        let report = verify(&executable, 1)?;
        if !report.is_proven() {
            return Err(report.to_string());
        }
        built.insert(victim, executable.clone());
        Ok(executable)
    }
}

fn is_found(image: &Image, expected: Expected, before: &Report) -> Result<(), String> {
    let report = verify(&image.bytes, 1).unwrap_or_else(|fault| Report {
        faults: vec![fault],
        ..Report::default()
    });
    let found = match expected {
        Expected::File => !report.faults.is_empty(),
        Expected::Pages => report.relying_on_pages > before.relying_on_pages,
        Expected::Elsewhere => !report.is_proven(),
        Expected::Function => image.changed.iter().any(|&address| {
            let function = image.function_at(address);
            let mut findings = report.findings.iter();
            findings.any(|finding| Some(&finding.function) == function.as_ref())
        }),
    };
    if found {
        Ok(())
    } else {
        Err(format!("the damage was not found:\n{report}"))
    }
}
