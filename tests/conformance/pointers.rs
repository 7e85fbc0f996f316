//! What every function does with pointers, lengths and descriptors that are out of range: each parameter in turn, with
//! all others as they should be.

use nativize_abi::for_each_wasi_p1;
use std::fmt::Write;
use std::process::Command;

/// A parameter of a correct call.
#[derive(Clone, Copy)]
enum Parameter {
    /// An `i32` with this value.
    Word(u32),
    /// An `i64` with this value, which no test changes.
    Long(u64),
}
use Parameter::{Long, Word};

/// Values for every `i32` parameter. The memory has 0x10000 bytes: they end it, begin in its last bytes, are not
/// aligned, or wrap around when anything is added.
const HOSTILE: [u32; 9] = [
    0x401,
    0xfff9,
    0xfffc,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff8,
    0xffff_ffff,
];

/// Zeros, aligned for everything.
const OUT: Parameter = Word(0x400);
/// Another such place.
const OUT2: Parameter = Word(0x600);
/// Two `iovec`, of 8 bytes each.
const IOVS: Parameter = Word(0x800);
/// The names `file`, `link` and `new`.
const FILE: Parameter = Word(0x900);
const LINK: Parameter = Word(0x910);
const NEW: Parameter = Word(0x920);
const FOUR: Parameter = Word(4);
/// What the harness grants, and the file that the module opens.
const ROOT: Parameter = Word(3);
const OPENED: Parameter = Word(5);
const ZERO: Parameter = Word(0);

/// A correct call of each function.
const CALLS: [(&str, &[Parameter]); 46] = [
    ("args_get", &[OUT, OUT2]),
    ("args_sizes_get", &[OUT, OUT2]),
    ("environ_get", &[OUT, OUT2]),
    ("environ_sizes_get", &[OUT, OUT2]),
    ("clock_res_get", &[Word(1), OUT]),
    ("clock_time_get", &[Word(1), Long(0), OUT]),
    ("fd_advise", &[OPENED, Long(0), Long(1), ZERO]),
    ("fd_allocate", &[OPENED, Long(0), Long(1)]),
    ("fd_close", &[OPENED]),
    ("fd_datasync", &[OPENED]),
    ("fd_fdstat_get", &[OPENED, OUT]),
    ("fd_fdstat_set_flags", &[OPENED, ZERO]),
    ("fd_fdstat_set_rights", &[OPENED, Long(0), Long(0)]),
    ("fd_filestat_get", &[OPENED, OUT]),
    ("fd_filestat_set_size", &[OPENED, Long(3)]),
    (
        "fd_filestat_set_times",
        &[OPENED, Long(1), Long(2), Word(5)],
    ),
    ("fd_pread", &[OPENED, IOVS, Word(2), Long(0), OUT]),
    ("fd_prestat_get", &[ROOT, OUT]),
    ("fd_prestat_dir_name", &[ROOT, OUT, Word(1)]),
    ("fd_pwrite", &[OPENED, IOVS, Word(2), Long(0), OUT]),
    ("fd_read", &[OPENED, IOVS, Word(2), OUT]),
    ("fd_readdir", &[ROOT, OUT, Word(0x100), Long(0), OUT2]),
    ("fd_renumber", &[OPENED, Word(4)]),
    ("fd_seek", &[OPENED, Long(1), ZERO, OUT]),
    ("fd_sync", &[OPENED]),
    ("fd_tell", &[OPENED, OUT]),
    ("fd_write", &[OPENED, IOVS, Word(2), OUT]),
    ("path_create_directory", &[ROOT, NEW, Word(3)]),
    ("path_filestat_get", &[ROOT, ZERO, FILE, FOUR, OUT]),
    (
        "path_filestat_set_times",
        &[ROOT, ZERO, FILE, FOUR, Long(1), Long(2), Word(5)],
    ),
    ("path_link", &[ROOT, ZERO, FILE, FOUR, ROOT, NEW, Word(3)]),
    (
        "path_open",
        &[ROOT, ZERO, FILE, FOUR, ZERO, Long(2), Long(2), ZERO, OUT],
    ),
    ("path_readlink", &[ROOT, LINK, FOUR, OUT, Word(0x100), OUT2]),
    ("path_remove_directory", &[ROOT, Word(0x930), FOUR]),
    ("path_rename", &[ROOT, FILE, FOUR, ROOT, NEW, Word(3)]),
    ("path_symlink", &[FILE, FOUR, ROOT, NEW, Word(3)]),
    ("path_unlink_file", &[ROOT, FILE, FOUR]),
    // All zero: a clock, and no time to wait.
    ("poll_oneoff", &[OUT, OUT2, Word(1), Word(0x700)]),
    ("proc_exit", &[Word(0)]),
    ("proc_raise", &[Word(1)]),
    ("sched_yield", &[]),
    ("random_get", &[OUT, Word(0x100)]),
    ("sock_accept", &[ZERO, ZERO, OUT]),
    ("sock_recv", &[ZERO, IOVS, Word(2), ZERO, OUT, OUT2]),
    ("sock_send", &[ZERO, IOVS, Word(2), ZERO, OUT]),
    ("sock_shutdown", &[ZERO, Word(3)]),
];

macro_rules! signatures {
    ($($module:tt, $name:tt, $symbol:ident ($($type:ident),*) $(-> $result:ident)?;)*) => {
        &[$(($module, $name, &[$(stringify!($type)),*])),*]
    };
}

/// The parameters of `function` as the contract declares them.
fn signature(function: &str) -> &'static [&'static str] {
    let all: &[(&str, &str, &[&str])] = for_each_wasi_p1!(signatures);
    all.iter()
        .find(|&&(module, name, _)| module == "wasi_snapshot_preview1" && name == function)
        .expect("the caller took it from the table")
        .2
}

/// The calls of `function`: the correct one, and each with one parameter that is hostile.
fn calls(function: &str) -> Vec<(String, Vec<Parameter>)> {
    let (_, correct) = CALLS
        .iter()
        .find(|(name, _)| *name == function)
        .unwrap_or_else(|| panic!("no correct call of {function} is given"));
    let types = signature(function);
    assert_eq!(types.len(), correct.len(), "{function}");
    let mut calls = vec![("correct".to_owned(), correct.to_vec())];
    for (index, parameter) in correct.iter().enumerate() {
        match parameter {
            Long(_) => assert_eq!(types[index], "i64", "{function}"),
            Word(_) => {
                assert_eq!(types[index], "i32", "{function}");
                for value in HOSTILE {
                    let mut call = correct.to_vec();
                    call[index] = Word(value);
                    calls.push((format!("parameter {index} is {value:#x}"), call));
                }
            }
        }
    }
    // All at once: what is checked first does not matter, that something is does.
    for value in HOSTILE {
        let hostile = |parameter: &Parameter| match parameter {
            Word(_) => Word(value),
            long => *long,
        };
        let call = correct.iter().map(hostile).collect();
        calls.push((format!("every parameter is {value:#x}"), call));
    }
    calls
}

/// A module that makes the call whose number is the number of its arguments, and exits with what it returns.
pub(crate) fn module(function: &str) -> Vec<u8> {
    let types = signature(function);
    let has_result = function != "proc_exit";
    let result = if has_result { "(result i32)" } else { "" };
    let mut text = format!(
        r#"(module
        (import "wasi_snapshot_preview1" "{function}" (func $f (param {}) {result}))
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
          (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1 1)
        (data (i32.const 0x800) "\00\0a\00\00\08\00\00\00\08\0a\00\00\08\00\00\00")
        (data (i32.const 0x900) "file")
        (data (i32.const 0x910) "link")
        (data (i32.const 0x920) "new")
        (data (i32.const 0x930) "dir!")
        (func (export "_start")
        (drop (call $args (i32.const 0) (i32.const 4)))
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0x900) (i32.const 4) (i32.const 0) (i64.const 66)
          (i64.const 66) (i32.const 0) (i32.const 8)))
        (i64.store (i32.const 0) (i64.sub (i64.load32_u (i32.const 0)) (i64.const 1)))
        "#,
        types.join(" ")
    );
    for (number, (_, parameters)) in calls(function).into_iter().enumerate() {
        let mut call = String::new();
        for parameter in parameters {
            match parameter {
                Word(value) => write!(call, "(i32.const {value:#x})"),
                Long(value) => write!(call, "(i64.const {value})"),
            }
            .expect("text can be written");
        }
        let call = if has_result {
            format!("(call $exit (call $f {call}))")
        } else {
            format!("(call $f {call})")
        };
        writeln!(
            text,
            "(if (i32.eq (i32.load (i32.const 0)) (i32.const {number})) (then (i32.store (i32.const 0) (i32.const 0)) {call}))"
        )
        .expect("text can be written");
    }
    text += "unreachable))";
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// Makes every call with `command` and gives a line for each: the errno it returned, or that the program was ended.
pub(crate) fn walk(
    function: &str,
    command: impl Fn() -> Command,
    ended: i32,
) -> Result<String, String> {
    let text = |error: std::io::Error| error.to_string();
    let mut lines = String::new();
    for (number, (name, _)) in calls(function).iter().enumerate() {
        let directory = crate::record::scratch().map_err(text)?;
        let data = directory.path().join("data");
        std::fs::create_dir(directory.path().join("other")).map_err(text)?;
        std::fs::create_dir_all(data.join("dir!")).map_err(text)?;
        std::fs::write(data.join("file"), "content").map_err(text)?;
        std::os::unix::fs::symlink("file", data.join("link")).map_err(text)?;
        let mut command = command();
        command.current_dir(directory.path());
        command.args(vec!["x"; number]);
        let outcome = nativize_tests::run(&mut command, b"").map_err(text)?;
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        let what = match outcome.status.code() {
            // Wasmtime ends the program with 1 for some, nativize always with that of a trap.
            Some(code) if code == ended || code == 134 => "trap".to_owned(),
            Some(code) => code.to_string(),
            None => return Err(format!("{function}, {name}: {}\n{stderr}", outcome.status)),
        };
        writeln!(lines, "{name}: {what}").expect("text can be written");
    }
    Ok(lines)
}
