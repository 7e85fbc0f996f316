//! Modules that are valid and meant to exhaust: each has an outcome, a time and a memory, small ones here and all of them
//! at full size by `cargo test --release -p nativize --test hostile -- --ignored --nocapture`.
//!
//! Time is that of the processor on all threads, memory the largest resident size. With `WASMTIME` naming the oracle, the
//! full run compiles with it too: what it compiles, nativize compiles.

mod builds;
mod bytes;
mod child;
mod code;
mod many;
mod names;
mod types;

use child::{Measured, Tool};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a module comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// It is compiled.
    Compiled,
    /// It is valid, and beyond a limit that the message states.
    Limit,
    /// It is not valid.
    Invalid,
}

/// A way to make modules of any size.
struct Hostile {
    family: &'static str,
    name: &'static str,
    make: fn(u32) -> Vec<u8>,
    /// Small enough for every run of the tests.
    small: u32,
    full: u32,
    /// At full size.
    expect: Expect,
    /// At full size: seconds of processor time, and megabytes.
    seconds: u64,
    megabytes: u64,
}

/// What a small module may take. Tests run beside others, so time is that of the processor.
const SMALL_SECONDS: u64 = 10;
const SMALL_MEGABYTES: u64 = 500;

macro_rules! hostile {
    ($($family:ident::$make:ident: $small:literal, $full:literal => $expect:ident, $seconds:literal s, $megabytes:literal MB;)*) => {
        [$(Hostile {
            family: stringify!($family),
            name: stringify!($make),
            make: $family::$make,
            small: $small,
            full: $full,
            expect: Expect::$expect,
            seconds: $seconds,
            megabytes: $megabytes,
        }),*]
    };
}

/// All of them. The numbers are the sizes, small and full.
#[rustfmt::skip]
fn all() -> Vec<Hostile> {
    hostile! {
        many::functions: 3000, 1000000 => Compiled, 240 s, 4000 MB;
        many::functions_beyond: 1000001, 1000001 => Limit, 10 s, 500 MB;
        many::functions_that_nothing_calls: 20000, 1000000 => Compiled, 20 s, 2000 MB;
        many::imports: 2000, 200000 => Compiled, 60 s, 2000 MB;
        many::imports_of_wasi: 2000, 200000 => Compiled, 60 s, 2000 MB;
        many::exports: 5000, 400000 => Compiled, 20 s, 2000 MB;
        many::globals: 5000, 100000 => Compiled, 20 s, 2000 MB;
        many::globals_in_a_chain: 5000, 100000 => Compiled, 20 s, 1000 MB;
        many::tags: 5000, 1000000 => Compiled, 20 s, 2000 MB;
        many::tables: 50, 100000 => Compiled, 30 s, 2000 MB;
        many::memories: 20, 100 => Compiled, 10 s, 500 MB;
        many::element_segments: 5000, 100000 => Compiled, 30 s, 1000 MB;
        many::element_segments_out_of_bounds: 2000, 100000 => Compiled, 60 s, 2000 MB;
        many::passive_elements: 2000, 100000 => Compiled, 60 s, 2000 MB;
        many::data_segments: 5000, 100000 => Compiled, 30 s, 1000 MB;
        many::data_segments_far_apart: 5000, 65536 => Compiled, 30 s, 1500 MB;
        many::data_segments_out_of_bounds: 2000, 100000 => Compiled, 60 s, 2000 MB;
        many::data_segments_beyond: 100001, 100001 => Limit, 10 s, 500 MB;
        many::large_data: 1000000, 200000000 => Compiled, 20 s, 1500 MB;
        many::data_segments_in_pages: 5000, 100000 => Compiled, 30 s, 2000 MB;
        many::huge_memory: 65536, 65536 => Compiled, 10 s, 500 MB;
        many::huge_table: 10000000, 10000000 => Compiled, 10 s, 500 MB;
        many::huge_table_of_functions: 100000, 10000000 => Compiled, 20 s, 2000 MB;
        many::huge_tables_of_functions_beyond: 20000000, 20000000 => Limit, 10 s, 500 MB;
        many::huge_table_beyond: 300000000, 300000000 => Limit, 10 s, 500 MB;
        code::large_body: 100000, 6900000 => Compiled, 120 s, 4000 MB;
        code::large_body_beyond: 10000000, 10000000 => Limit, 10 s, 500 MB;
        code::stores: 20000, 700000 => Compiled, 120 s, 4000 MB;
        code::constants: 30000, 70000 => Compiled, 20 s, 1000 MB;
        code::nested_blocks: 50000, 100000 => Compiled, 20 s, 2000 MB;
        code::nested_loops: 2000, 100000 => Compiled, 90 s, 4000 MB;
        code::nested_ifs: 40000, 100000 => Compiled, 20 s, 4000 MB;
        code::nested_tries: 2400, 50000 => Compiled, 20 s, 2000 MB;
        code::calls_with_clauses: 1000, 10000 => Compiled, 20 s, 2000 MB;
        code::calls_in_tries: 5000, 70000 => Compiled, 20 s, 2000 MB;
        code::arguments: 4, 300 => Compiled, 120 s, 4000 MB;
        code::loops: 5000, 100000 => Compiled, 60 s, 4000 MB;
        code::ifs: 5000, 300000 => Compiled, 60 s, 4000 MB;
        code::branches_that_become_long: 120000, 140000 => Compiled, 20 s, 2000 MB;
        code::branch_table: 500000, 1000000 => Compiled, 20 s, 2000 MB;
        code::branch_table_of_blocks: 80000, 100000 => Compiled, 20 s, 4000 MB;
        code::branch_tables: 300, 1900 => Compiled, 120 s, 4000 MB;
        code::locals: 50000, 50000 => Compiled, 60 s, 4000 MB;
        code::locals_through_loops: 20000, 35000 => Compiled, 20 s, 2000 MB;
        code::locals_in_branches: 20000, 25000 => Compiled, 20 s, 2000 MB;
        code::locals_of_all_types: 5400, 20000 => Compiled, 20 s, 2000 MB;
        code::locals_beyond: 50001, 50001 => Limit, 10 s, 500 MB;
        code::locals_in_loops: 200, 2000 => Compiled, 120 s, 4000 MB;
        code::live_values: 2000, 100000 => Compiled, 60 s, 4000 MB;
        code::stack_of_operands: 5000, 1000000 => Compiled, 60 s, 4000 MB;
        code::calls: 5000, 300000 => Compiled, 120 s, 4000 MB;
        code::doubling_calls: 30, 1000 => Compiled, 20 s, 1000 MB;
        code::values_through_blocks: 20, 1000 => Compiled, 120 s, 4000 MB;
        code::constant_expression: 10000, 1000000 => Compiled, 20 s, 1000 MB;
        code::unreachable_code: 50000, 3000000 => Compiled, 20 s, 1000 MB;
        code::grows: 5000, 200000 => Compiled, 60 s, 4000 MB;
        types::thousand_parameters: 1000, 1000 => Compiled, 10 s, 500 MB;
        types::thousand_parameters_beyond: 1001, 1001 => Limit, 10 s, 500 MB;
        types::chain: 2000, 200000 => Compiled, 30 s, 1000 MB;
        types::group: 1000, 200000 => Compiled, 30 s, 1000 MB;
        types::equal_groups: 1000, 200000 => Compiled, 30 s, 1000 MB;
        types::wide: 200, 20000 => Compiled, 30 s, 2000 MB;
        types::distinct_calls: 500, 50000 => Compiled, 60 s, 2000 MB;
        names::long: 100000, 100000 => Compiled, 10 s, 500 MB;
        names::long_beyond: 1000000, 1000000 => Limit, 10 s, 500 MB;
        names::many_long: 100, 1000 => Compiled, 30 s, 1500 MB;
        names::mangled_bombs: 20, 3000 => Compiled, 60 s, 1500 MB;
        names::equal: 2000, 200000 => Compiled, 60 s, 2000 MB;
        names::duplicate_exports: 2, 100000 => Invalid, 10 s, 1000 MB;
    }
    .into()
}

/// Compiles with nativize, in a directory of its own, and gives what it took.
fn compile(folder: &Path, module: &Path, extra: &[&str]) -> Measured {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nativize"));
    command
        .arg(module)
        .args(["--cache", "off", "--unknown-imports=trap", "-o"])
        .arg(folder.join("out"))
        .args(extra);
    child::measure(&command, Tool::Nativize)
}

/// What is wrong with a result, if anything.
fn judge(measured: &Measured, expect: Expect, seconds: u64, megabytes: u64) -> Option<String> {
    let (status, part) = match expect {
        Expect::Compiled => (0, ""),
        Expect::Limit => (3, "[too-large]"),
        Expect::Invalid => (1, "[invalid-module]"),
    };
    let mut wrong = Vec::new();
    if measured.status != Some(status) || !measured.stderr.contains(part) {
        let head: String = measured.stderr.chars().take(300).collect();
        wrong.push(format!("status {:?}: {head}", measured.status));
    }
    if measured.stderr.len() > 10_000 {
        wrong.push(format!("a message of {} bytes", measured.stderr.len()));
    }
    if measured.seconds > seconds as f64 {
        wrong.push(format!("{:.1} s", measured.seconds));
    }
    if measured.megabytes > megabytes {
        wrong.push(format!("{} MB", measured.megabytes));
    }
    (!wrong.is_empty()).then(|| wrong.join(", "))
}

/// Those of which a compiler may leave nothing.
const CONSTANT: &[&str] = &["constant_expression", "unreachable_code"];

/// The bytes of the largest function of an executable.
fn largest_function(executable: &Path) -> u64 {
    use object::{Object, ObjectSymbol};
    let file = std::fs::read(executable).expect("it was compiled");
    let file = object::File::parse(&*file).expect("it is an executable");
    let functions = file
        .symbols()
        .filter(|symbol| symbol.kind() == object::SymbolKind::Text);
    functions.map(|symbol| symbol.size()).max().unwrap_or(0)
}

fn write(folder: &Path, bytes: &[u8]) -> PathBuf {
    let path = folder.join("module.wasm");
    std::fs::write(&path, bytes).expect("there is room");
    path
}

#[test]
fn small() {
    let mut failures = Vec::new();
    for hostile in all() {
        let folder = tempfile::tempdir().expect("there is room");
        let path = write(folder.path(), &(hostile.make)(hostile.small));
        let beyond = hostile.small == hostile.full || hostile.expect == Expect::Invalid;
        let expect = if beyond {
            hostile.expect
        } else {
            Expect::Compiled
        };
        let measured = compile(folder.path(), &path, &[]);
        if let Some(wrong) = judge(&measured, expect, SMALL_SECONDS, SMALL_MEGABYTES) {
            failures.push(format!("{} at {}: {wrong}", hostile.name, hostile.small));
            continue;
        }
        if expect == Expect::Compiled && hostile.family == "code" {
            let bytes = largest_function(&folder.path().join("out"));
            if bytes < hostile.small.into() && !CONSTANT.contains(&hostile.name) {
                failures.push(format!("{} is {bytes} bytes of code only", hostile.name));
            }
        }
        // It ends, by itself or by a trap; what it does is other tests' business.
        if expect == Expect::Compiled {
            let run = child::measure(&Command::new(folder.path().join("out")), Tool::Program);
            let may_trap = hostile.name != "locals_of_all_types";
            if run.status != Some(0) && !(may_trap && run.status == Some(134)) {
                failures.push(format!(
                    "{} runs: {:?} {}",
                    hostile.name, run.status, run.stderr
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `HOSTILE=NAME,NAME` takes only those, `NAME=SIZE` at another size; `HOSTILE_KEEP=FILE` keeps the last module.
#[test]
#[ignore = "takes minutes and gigabytes"]
fn full_size() {
    let chosen = std::env::var("HOSTILE").unwrap_or_default();
    let wasmtime = std::env::var_os("WASMTIME");
    let mut failures = Vec::new();
    println!("| module | size | nativize | | Wasmtime | |\n|---|---|---|---|---|---|");
    for hostile in all() {
        let words = chosen.split(',').map(|word| match word.split_once('=') {
            Some((name, size)) => (name, size.parse().expect("the size is a number")),
            None => (word, hostile.full),
        });
        let size = match words.clone().find(|(name, _)| *name == hostile.name) {
            Some((_, size)) => size,
            None if chosen.is_empty() => hostile.full,
            None => continue,
        };
        let folder = tempfile::tempdir().expect("there is room");
        let path = write(folder.path(), &(hostile.make)(size));
        if let Some(keep) = std::env::var_os("HOSTILE_KEEP") {
            std::fs::copy(&path, keep).expect("there is room");
        }
        let measured = compile(folder.path(), &path, &[]);
        let oracle = wasmtime.as_ref().map(|wasmtime| {
            let mut command = Command::new(wasmtime);
            command
                .args(["compile", "-W", ORACLE_FEATURES, "-o"])
                .arg(folder.path().join("oracle"))
                .arg(&path);
            child::measure(&command, Tool::Oracle)
        });
        let theirs = oracle
            .as_ref()
            .map_or_else(|| " | ".to_owned(), child::cells);
        println!(
            "| `{}` | {size} | {} | {theirs} |",
            hostile.name,
            child::cells(&measured)
        );
        if let Some(wrong) = judge(
            &measured,
            hostile.expect,
            hostile.seconds,
            hostile.megabytes,
        ) {
            failures.push(format!("{}: {wrong}", hostile.name));
        }
        if measured.status != Some(0) && oracle.is_some_and(|oracle| oracle.status == Some(0)) {
            failures.push(format!("{}: Wasmtime compiles it", hostile.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What Wasmtime has that it does not take by default.
const ORACLE_FEATURES: &str = "exceptions=y,function-references=y,gc=y,tail-call=y,multi-memory=y,memory64=y,max-wasm-stack=6291456";
