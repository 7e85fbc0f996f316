//! Snapshots of the intermediate code that a few modules of each family translate to.
//!
//! A file `tests/clif/<family>/*.wat` holds the input, the options in lines `;;! KEY: VALUE`, and what is expected in
//! lines `;;= ...` at its end. `BLESS=1` rewrites the expectation.
//!
//! ```text
//! opt-level: 0       a level other than the default
//! bounds: explicit   compare before every access
//! low-memory: N      which memory takes the low slot, the first if not given
//! show: PREFIX       the units to show, `function` if not given: those whose heading begins with this
//! ```

use libtest_mimic::{Arguments, Failed, Trial};
use nativize_compiler::{
    BoundsChecks, Dump, EntryPoint, Extern, ExternKind, OptLevel, Options, Program,
};
use std::path::Path;

/// The mark of a line of the expectation.
const MARK: &str = ";;=";

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("clif");
    let mut trials = Vec::new();
    for path in nativize_tests::files(&root, "wat") {
        let name = path
            .strip_prefix(&root)
            .expect("the file is below its root")
            .with_extension("")
            .to_string_lossy()
            .into_owned();
        trials.push(Trial::test(name.clone(), move || {
            test(&path).map_err(|message| {
                let rerun = nativize_tests::rerun("clif", &name);
                Failed::from(format!(
                    "{message}\nrerun: {rerun}\nrewrite the expectation: BLESS=1 {rerun}"
                ))
            })
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn test(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let input_end = text.find(MARK).unwrap_or(text.len());
    let (input, expected) = text.split_at(input_end);
    let got = snapshot(input)?;
    if std::env::var_os("BLESS").is_some() {
        let text = format!("{}\n\n{got}", input.trim_end());
        return std::fs::write(path, text).map_err(|error| error.to_string());
    }
    match nativize_tests::first_difference(expected.as_bytes(), got.as_bytes()) {
        Some(difference) => Err(difference),
        None => Ok(()),
    }
}

/// The expectation that `input` gives.
fn snapshot(input: &str) -> Result<String, String> {
    let mut options = Options {
        threads: Some(1),
        ..Options::default()
    };
    let mut show = "function";
    let mut low_memory = 0;
    for line in input.lines().filter_map(|line| line.strip_prefix(";;!")) {
        let unknown = || format!("not a directive: {line}");
        let (key, value) = line.split_once(':').ok_or_else(unknown)?;
        match (key.trim(), value.trim()) {
            ("opt-level", "0") => options.opt_level = OptLevel::O0,
            ("bounds", "explicit") => options.bounds_checks = BoundsChecks::Explicit,
            ("low-memory", value) => low_memory = value.parse().map_err(|_| unknown())?,
            ("show", value) => show = value,
            _ => return Err(unknown()),
        }
    }
    let bytes = wat::parse_str(input).map_err(|error| error.to_string())?;
    let module = nativize_compiler::parse(&bytes).map_err(|error| error.to_string())?;
    let mut program = Program::new();
    let instance = program
        .instantiate(&module, Program::wasi)
        .map_err(|error| error.to_string())?;
    program.add_entry(EntryPoint::Instantiate(instance));
    for export in module.exports() {
        if export.kind != ExternKind::Func {
            continue;
        }
        if let Some(Extern::Func(function)) = program.export(instance, export.name) {
            program.add_entry(EntryPoint::Call(function));
        }
    }
    if let Some(memory) = program.memories().nth(low_memory) {
        program.set_low_memory(memory);
    }
    let mut dump = String::new();
    nativize_compiler::dump(&program, &options, Dump::Clif, &mut dump)
        .map_err(|error| error.to_string())?;
    Ok(expectation(&dump, show))
}

/// The units of a dump that `show` asks for, without what is the same in all of them.
fn expectation(dump: &str, show: &str) -> String {
    let mut out = String::new();
    let mut shown = false;
    for line in dump.lines() {
        if let Some(heading) = line.strip_prefix(";; ") {
            shown = heading.starts_with(show) && is_function(heading) == (show == "function");
        }
        let preamble = line.trim_start();
        if !shown || preamble.starts_with("region") || preamble.starts_with("gv") {
            continue;
        }
        out.push_str(format!("{MARK} {line}").trim_end());
        out.push('\n');
    }
    out
}

/// Whether a unit is a function of the module, and not glue.
fn is_function(heading: &str) -> bool {
    heading
        .strip_prefix("function ")
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}
