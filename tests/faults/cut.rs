//! Executables that lose their end: while they run, and before.

use crate::process::{SPINS, ended, guarded, started};
use nativize_tests::{Executable, Outcome, skipped, start_piped};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use object::{LittleEndian, elf};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use tempfile::TempDir;

/// What an executable says that finds something else where its file was, if it still has the code for that.
const CHANGED: &str = "error: the executable was changed or cut off, or its device failed\n";

/// Four megabytes of content; after a line of input it reads all of it, and ends with status 1 if it is as it was.
fn reads_all() -> String {
    let data = "\\5a".repeat(1 << 20);
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 80)
  (data (i32.const 0) "\08\00\00\00\06\00\00\00there\0a")
  (data (i32.const 65536) "{data}")
  (data (i32.const 1114112) "{data}")
  (func (export "_start") (local $at i32) (local $sum i32)
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32)))
    (local.set $at (i32.const 65536))
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4096)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 2162688))))
    (call $exit (i32.eq (local.get $sum) (i32.const 46080)))))"#
    )
}

/// Where the largest segment begins in the file: the image of the memory.
fn image(executable: &Executable) -> u64 {
    let bytes = fs::read(executable.path()).expect("it is there");
    let header = elf::FileHeader64::<LittleEndian>::parse(&*bytes).expect("it is ELF");
    let segments = header.program_headers(LittleEndian, &*bytes);
    let ranges = segments.expect("it has segments").iter();
    let largest = ranges
        .map(|segment| segment.file_range(LittleEndian))
        .max_by_key(|&(_, size)| size);
    let (offset, size) = largest.expect("there is one");
    assert!(size > 2 << 20, "{size}");
    offset
}

/// Cuts the file of a running program off and lets it go on: whether the kernel let the file be changed, how it ended, and what
/// it said.
fn cut(
    mut child: Child,
    executable: &Executable,
    len: u64,
) -> (io::Result<()>, ExitStatus, String) {
    let cut = File::options()
        .write(true)
        .open(executable.path())
        .and_then(|file| file.set_len(len));
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(b"go\n").expect("it reads");
    let (status, stderr) = ended(child);
    (cut, status, stderr)
}

/// A command that starts an executable from an overlay over its folder, in a namespace of its own. A kernel that lets nobody write to a
/// file that is being executed means the overlay's file then, and not the one below it.
fn over(executable: &Executable, then: &str) -> (TempDir, Command) {
    let folder = tempfile::tempdir().expect("there is room");
    for name in ["lower", "other", "merged"] {
        fs::create_dir(folder.path().join(name)).expect("the directory is new");
    }
    fs::hard_link(executable.path(), folder.path().join("lower/app")).expect("one file system");
    let mount = "mount -t overlay -o lowerdir=lower:other overlay merged";
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(format!("{mount} && {then}"))
        .current_dir(folder.path());
    (folder, command)
}

/// Pages that nobody has read yet.
#[test]
fn the_executable_is_cut_off_while_it_runs() {
    let executable = guarded(&reads_all());
    let (_folder, mut command) = over(&executable, "true");
    if !command.output().is_ok_and(|probe| probe.status.success()) {
        skipped("leave to mount an overlay");
        return;
    }
    let (_folder, mut command) = over(&executable, "exec merged/app");
    let (child, line) = start_piped(&mut command);
    assert_eq!(line, "there\n");
    let (cut, status, stderr) = cut(child, &executable, image(&executable) + (1 << 20));
    cut.expect("the file below can be written to");
    assert_eq!(status.code(), Some(134), "{stderr}");
    assert!(stderr.ends_with(CHANGED), "{stderr}");
}

/// Without its code as well. A kernel that does not let anybody write to a file that is being executed keeps this from happening;
/// then the program goes on.
#[test]
fn the_executable_loses_its_code_while_it_runs() {
    let executable = guarded(&reads_all());
    let (cut, status, stderr) = cut(started(&executable), &executable, 8192);
    match cut {
        Ok(()) => {
            // The kernel can neither give it the page nor, perhaps, the code that would say so.
            if status.code() != Some(134) {
                assert_eq!(status.signal(), Some(libc::SIGBUS), "{stderr}");
            }
            assert!(stderr.is_empty() || stderr.ends_with(CHANGED), "{stderr}");
        }
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::ExecutableFileBusy);
            assert_eq!(status.code(), Some(1), "{stderr}");
        }
    }
}

fn says(outcome: &Outcome) -> String {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    format!("{}: {stderr}", outcome.status)
}

/// A file that was cut off before: it ends as it would, or says so, or is ended by the kernel where the code that would say it is
/// gone.
#[test]
fn an_executable_without_its_end() {
    let executable = guarded(&SPINS.replace("(br $again)", ""));
    let bytes = fs::read(executable.path()).expect("it is there");
    let mut told = 0;
    // With less than that the kernel sees no executable.
    for len in (1024..bytes.len()).step_by(331) {
        let cut = Executable::new(&bytes[..len]).expect("there is room");
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -t 5; exec \"$0\""])
            .arg(cut.path());
        let outcome = nativize_tests::run(&mut command, b"").expect("there is a shell");
        assert!(!outcome.timed_out, "{len}");
        let is_as_it_should = match (outcome.status.code(), outcome.status.signal()) {
            (Some(0), _) => outcome.stdout == b"there\n" && outcome.stderr.is_empty(),
            (Some(134), _) => {
                told += 1;
                outcome.stderr.ends_with(CHANGED.as_bytes())
            }
            (None, Some(libc::SIGBUS | libc::SIGSEGV)) => outcome.stderr.is_empty(),
            _ => false,
        };
        assert!(
            is_as_it_should,
            "{len} of {}: {}",
            bytes.len(),
            says(&outcome)
        );
    }
    assert!(told > 0);
}
