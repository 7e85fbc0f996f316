//! `nativize verify`: executables of the test programs are proven whole, and damaged ones are not.

#[path = "../run/directives.rs"]
#[allow(dead_code, reason = "how a program is started does not matter here")]
mod directives;
mod image;
mod sabotage;

use directives::Directives;
use image::Image;
use libtest_mimic::{Arguments, Failed, Trial};
use nativize::link::LinkOptions;
use nativize::verify::{Report, verify};
use nativize_abi::program::ProgramHeader;
use nativize_compiler::{Linked, OptLevel, Options, Pass, Program};
use nativize_tests::without_passes;
use sabotage::{Expected, Victim};
use std::collections::HashMap;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Programs of `tests/run` whose exceptions carry references to exceptions, which is not followed.
const NOT_WHOLE: [&str; 1] = ["exceptions/references"];

fn main() -> std::process::ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (path, level) in programs() {
        let name = format!("proven::{}+{level:?}", stem(&path));
        trials.push(trial(name, move || {
            let options = Options {
                opt_level: level,
                ..Options::default()
            };
            let executable = build(&path, without_passes(&options))?;
            is_proven(&executable)
        }));
    }
    let root = root().join("run");
    for path in nativize_tests::files(&root, "wat") {
        let name = path.strip_prefix(&root).expect("below its root");
        let name = name.with_extension("").to_string_lossy().into_owned();
        if name.ends_with(".linked") || NOT_WHOLE.contains(&&*name) {
            continue;
        }
        trials.push(trial(format!("run::{name}"), move || runs(&path)));
    }
    let built: Arc<Victims> = Arc::default();
    for &(name, victim, expected, damage) in sabotage::ALL {
        let built = built.clone();
        trials.push(trial(format!("sabotage::{name}"), move || {
            let mut image = Image::new(built.get(victim)?);
            damage(&mut image);
            is_found(&image, expected)
        }));
    }
    for victim in [Victim::Guard, Victim::Exceptions] {
        let built = built.clone();
        let campaign = trial(format!("mutations::{victim:?}"), move || {
            mutations(&built.get(victim)?)
        });
        trials.push(campaign.with_ignored_flag(true));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Flips bits of code at random and prints what is still proven, for a person to look at: `--ignored mutations`.
///
/// Most of what passes is as safe as before (another constant, another register with a value of the same kind).
fn mutations(executable: &[u8]) -> Result<(), String> {
    let image = Image::new(executable.to_vec());
    let count = std::env::var("MUTATIONS").ok();
    let count: u64 = count.and_then(|count| count.parse().ok()).unwrap_or(1000);
    let (header, _) = image.symbol("nvz_program");
    let text = header + offset_of!(ProgramHeader, text) as u64;
    let word = |at| u64::from_le_bytes(image.read(at, 8).try_into().expect("eight bytes"));
    let (start, len) = (word(text), word(text + 8));
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let mut passed = 0;
    for _ in 0..count {
        let address = start + random() % len;
        let Some(function) = image.function_at(address) else {
            continue;
        };
        let byte = image.read(address, 1)[0] ^ (1 << (random() % 8));
        let mut mutated = Image::new(image.bytes.clone());
        mutated.write(address, &[byte]);
        if verify(&mutated.bytes, 1).is_ok_and(|report| report.is_proven()) {
            passed += 1;
            let is_there = |it: &&iced_x86::Instruction| (it.ip()..it.next_ip()).contains(&address);
            let of = |image: &Image| {
                let instructions = image.instructions(&function);
                instructions
                    .iter()
                    .find(is_there)
                    .map(|it| (it.code(), it.len()))
            };
            println!(
                "{function} {address:#x}: {:?} -> {:?}, byte {:02x?} -> {byte:#04x}",
                of(&image),
                of(&mutated),
                image.read(address, 1)
            );
        }
    }
    println!("{passed} of {count} are proven");
    Ok(())
}

fn trial(name: String, test: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    let rerun = nativize_tests::rerun("verify", &name);
    Trial::test(name, move || {
        test().map_err(|message| Failed::from(format!("{message}\nrerun: {rerun}")))
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().expect("it is a file");
    stem.to_string_lossy().into_owned()
}

/// The programs that have to be proven, with how much they are optimized.
fn programs() -> Vec<(PathBuf, OptLevel)> {
    let mut programs = Vec::new();
    for extension in ["wasm", "wat"] {
        for path in nativize_tests::files(&root().join("programs"), extension) {
            for level in [OptLevel::O0, OptLevel::O2, OptLevel::O3] {
                programs.push((path.clone(), level));
            }
        }
        for path in nativize_tests::files(&root().join("../benches/programs"), extension) {
            // (Its third level takes longer than all others together.)
            programs.push((path, OptLevel::O2));
        }
    }
    programs
}

fn build(path: &Path, options: Options) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let bytes = wat::parse_bytes(&bytes).map_err(|error| error.to_string())?;
    let options = Options {
        threads: Some(1),
        ..options
    };
    let module = nativize_compiler::parse(&bytes).map_err(|error| error.to_string())?;
    let program = Program::command(&module, None).map_err(|error| error.to_string())?;
    nativize::build::build(&program, &options, &[], &LinkOptions::default(), &())
        .map_err(|error| error.to_string())
}

/// Proves a program of `tests/run`, built as its head says.
fn runs(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let directives = Directives::parse(&text)?;
    if directives.error.is_some() {
        return Ok(());
    }
    let parse = |bytes| nativize_compiler::parse(bytes).map_err(|error| error.to_string());
    let bytes = wat::parse_str(&text).map_err(|error| error.to_string())?;
    let mut linked = Vec::new();
    for (_, file) in &directives.links {
        let file = path.with_file_name(file);
        linked.push(wat::parse_file(file).map_err(|error| error.to_string())?);
    }
    let main = parse(&bytes)?;
    let modules: Vec<_> = linked
        .iter()
        .map(|bytes| parse(bytes))
        .collect::<Result<_, _>>()?;
    let named = directives.links.iter().zip(&modules);
    let linked: Vec<_> = named
        .map(|((name, _), module)| Linked { name, module })
        .collect();
    let options = Options {
        threads: Some(1),
        opt_level: directives.opt_level,
        target_cpu: directives.target_cpu,
        relaxed_simd: directives.relaxed_simd,
        ..without_passes(&Options::default())
    };
    let invoke = directives.invoke.as_deref();
    let program = Program::command_with(&main, &linked, invoke, directives.unknown_imports)
        .map_err(|error| error.to_string())?;
    let executable = nativize::build::build(
        &program,
        &options,
        &directives.config,
        &LinkOptions::default(),
        &(),
    );
    let executable = executable.map_err(|error| error.to_string())?;
    if has_compared_memory(&bytes)? {
        let report = verify(&executable, 1)?;
        return match report.is_rejected() {
            true => Err(report.to_string()),
            false => Ok(()),
        };
    }
    is_proven(&executable)
}

/// Whether accesses to a memory of the module are compared, as pages do not protect it: not all of that is proven.
fn has_compared_memory(module: &[u8]) -> Result<bool, String> {
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| error.to_string())?;
        let wasmparser::Payload::MemorySection(memories) = payload else {
            continue;
        };
        for memory in memories {
            let memory = memory.map_err(|error| error.to_string())?;
            if memory.memory64 || memory.page_size_log2.is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_proven(executable: &[u8]) -> Result<(), String> {
    let report = verify(executable, 1)?;
    if report.is_proven() {
        Ok(())
    } else {
        Err(report.to_string())
    }
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
            Victim::Guard => "verify/victim.wat",
            Victim::Exceptions => "programs/throws.wasm",
            Victim::Threads => "programs/pthreads.wasm",
        };
        let options = Options {
            // Each function with its calls stays what it is in the source.
            disabled_passes: [Pass::Inline].into_iter().collect(),
            ..Options::default()
        };
        let executable = build(&root().join(path), options)?;
        // Otherwise nothing would be shown by what is found after.
        is_proven(&executable)?;
        built.insert(victim, executable.clone());
        Ok(executable)
    }
}

fn is_found(image: &Image, expected: Expected) -> Result<(), String> {
    let report = verify(&image.bytes, 1).unwrap_or_else(|fault| Report {
        faults: vec![fault],
        ..Report::default()
    });
    let found = match expected {
        Expected::File => !report.faults.is_empty(),
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
