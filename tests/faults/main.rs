//! What a program sees when the host fails it: no room, nobody reading, signals, no descriptors, directories that are
//! removed, standard streams that are closed or something unusual. Results are those of `guest.c`.

mod addresses;
mod cut;
mod deprived;
mod process;

use nativize::policy::{Directory, Policy};
use nativize_tests::deprive::{
    MountError, with_descriptors_below, with_file_size_below, with_tmpfs, without_descriptor,
};
use nativize_tests::{Executable, Outcome, start_piped};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use tempfile::TempDir;

fn executable() -> &'static Executable {
    static EXECUTABLE: OnceLock<Executable> = OnceLock::new();
    EXECUTABLE.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/guest.wasm");
        let bytes = fs::read(path).expect("the module is there");
        let module = nativize_compiler::parse(&bytes).expect("it is a module");
        let program = nativize_compiler::Program::command(&module, None).expect("it is a command");
        let policy = Policy {
            name: b"test".to_vec(),
            directories: vec![Directory {
                host: b"data".to_vec(),
                guest: b"/".to_vec(),
                read_only: false,
            }],
            ..Policy::default()
        };
        let options = nativize_compiler::Options::default();
        nativize_tests::build(&program, &options, &policy.encode()).expect("it builds")
    })
}

/// A directory `data` for the program, and the program about to run the case `name`.
fn prepare(name: &str) -> (TempDir, Command) {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let data = directory.path().join("data");
    fs::create_dir_all(data.join("dir")).expect("the directory is new");
    for file in ["file", "dir/file"] {
        fs::write(data.join(file), "content").expect("the directory is new");
    }
    let mut command = executable().command();
    command.arg(name).current_dir(directory.path());
    (directory, command)
}

#[track_caller]
fn check(outcome: &Outcome, expected: &str) {
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(outcome.status.code(), Some(0), "{stderr}");
    assert_eq!(stderr, expected);
}

#[test]
fn no_space() {
    let (directory, mut command) = prepare("fill");
    let data = directory.path().join("data");
    match with_tmpfs(&mut command, &data, 64 << 10) {
        Ok(()) => {}
        Err(MountError::NotAllowed) => {
            nativize_tests::skipped("leave to mount a file system");
            return;
        }
    }
    let outcome = nativize_tests::run(&mut command, b"").expect("it starts");
    check(
        &outcome,
        "errno 51, written 1, size 1, read back 1\nallocate 51\nanother file 51\ntruncate 0\nthen 0\nsync 0\n",
    );
}

#[test]
fn file_size_limit() {
    let (_directory, mut command) = prepare("fill");
    with_file_size_below(&mut command, 10_000);
    let outcome = nativize_tests::run(&mut command, b"").expect("it starts");
    check(
        &outcome,
        "errno 22, written 1, size 1, read back 1\nallocate 22\nanother file 0\ntruncate 0\nthen 22\nsync 0\n",
    );
}

/// Runs the program with that standard output.
fn writing_to(command: &mut Command, stdout: impl Into<Stdio>) -> Output {
    command
        .stdin(Stdio::null())
        .stdout(stdout)
        .output()
        .expect("it starts")
}

#[test]
fn device_without_space() {
    let (_directory, mut command) = prepare("stdout");
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let output = writing_to(&mut command, full);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "errno 51 after 0\n"
    );
}

#[test]
fn nobody_reads_a_pipe() {
    let (_directory, mut command) = prepare("stdout");
    let (reader, writer) = io::pipe().expect("there are descriptors");
    drop(reader);
    let output = writing_to(&mut command, writer);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "errno 64 after 0\n"
    );
}

#[test]
fn nobody_reads_a_socket() {
    let (_directory, mut command) = prepare("stdout");
    let (reader, writer) = UnixStream::pair().expect("there are descriptors");
    drop(reader);
    let writer = std::os::fd::OwnedFd::from(writer);
    let output = writing_to(&mut command, writer);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "errno 64 after 0\n"
    );
}

#[test]
fn no_descriptors() {
    let (_directory, mut command) = prepare("descriptors");
    with_descriptors_below(&mut command, 12);
    let outcome = nativize_tests::run(&mut command, b"").expect("it starts");
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    // How many there are depends on what the tests themselves were started with.
    assert!(stderr.starts_with("errno 33 after "), "{stderr}");
    assert!(stderr.ends_with("\nstat 0\nclose 0\nopen 0\n"), "{stderr}");
}

#[test]
fn directory_removed_while_open() {
    let (directory, mut command) = prepare("removed");
    let (mut child, _) = start_piped(&mut command);
    fs::remove_dir_all(directory.path().join("data/dir")).expect("it is there");
    child
        .stdin
        .take()
        .expect("it is piped")
        .write_all(b"\n")
        .expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    // Two entries of 25 and 26 bytes: `.` and `..`.
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "list 0 51\ncreate 44\nopen 44\nopen . 0\nstat 0\nwrite 0\nfile 0 links 0 size 7\n"
    );
}

#[test]
fn stopped_and_continued() {
    let (_directory, mut command) = prepare("interrupted");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("it prints");
    let id = child.id().cast_signed();
    let (sender, stop) = std::sync::mpsc::channel::<()>();
    let signals = std::thread::spawn(move || {
        // Every wait of the kernel is left and entered again.
        while stop.recv_timeout(Duration::from_millis(3)) == Err(RecvTimeoutError::Timeout) {
            nativize_tests::deprive::signal(id, libc::SIGSTOP);
            nativize_tests::deprive::signal(id, libc::SIGCONT);
        }
    });
    let sent: Vec<u8> = (0..300_000u32).map(|index| (index % 251) as u8).collect();
    let copy = sent.clone();
    let writer = std::thread::spawn(move || {
        for part in copy.chunks(7000) {
            stdin.write_all(part).expect("it reads");
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let mut received = Vec::new();
    std::thread::sleep(Duration::from_millis(350));
    stdout.read_to_end(&mut received).expect("it writes");
    writer.join().expect("it does not panic");
    drop(sender);
    signals.join().expect("it does not panic");
    let output = child.wait_with_output().expect("it ends");
    let sum: u64 = sent.iter().map(|&byte| u64::from(byte)).sum();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!("slept 0, 1\nread 300000, sum {sum}\n")
    );
    assert!(received == sent);
}

#[test]
fn closed_streams() {
    for closed in 0..8 {
        let (directory, mut command) = prepare("streams");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for stream in 0..3 {
            if closed & 1 << stream != 0 {
                without_descriptor(&mut command, stream);
            }
        }
        let status = command.status().expect("it starts");
        assert_eq!(status.code(), Some(closed), "{closed:#b}");
        let opened = fs::read(directory.path().join("data/opened")).expect("it was made");
        assert_eq!(opened, b"");
    }
}

#[test]
fn streams_of_every_kind() {
    // A pipe, a file, a device, a socket, a directory.
    let (directory, _) = prepare("kinds");
    let file = directory.path().join("data/file");
    let path = |path: &Path| {
        File::options()
            .read(true)
            .write(path.is_file())
            .open(path)
            .expect("it is there")
    };
    let (mut here, there) = UnixStream::pair().expect("there are descriptors");
    here.write_all(b"socket").expect("the other end is open");
    let cases: [(&str, Stdio, &str); 4] = [
        (
            "file",
            path(&file).into(),
            "0: 0 type 0 flags 0, 0 type 0, seek 70\n",
        ),
        (
            "null",
            Stdio::null(),
            "0: 0 type 0 flags 0, 0 type 0, seek 70\n",
        ),
        (
            "socket",
            std::os::fd::OwnedFd::from(there).into(),
            "0: 0 type 6 flags 0, 0 type 6, seek 70\n",
        ),
        (
            "directory",
            path(directory.path()).into(),
            "0: 0 type 0 flags 0, 0 type 0, seek 70\n",
        ),
    ];
    let reads = [
        "read 0 5 conte\n",
        "read 0 0 \n",
        "read 0 5 socke\n",
        "read 31 0 \n",
    ];
    for ((name, stdin, expected), read) in cases.into_iter().zip(reads) {
        let (_directory, mut command) = prepare("kinds");
        let output = command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .output()
            .expect("it starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.starts_with(expected), "{name}: {stderr}");
        assert!(stderr.contains(read), "{name}: {stderr}");
        assert!(stderr.ends_with("write 0 3\n"), "{name}: {stderr}");
    }
}

#[test]
fn terminal() {
    let (_directory, mut command) = prepare("kinds");
    let (controller, program) = nativize_tests::deprive::terminal().expect("there are terminals");
    let mut controller = File::from(controller);
    controller
        .write_all(b"typed\n")
        .expect("the terminal is open");
    let output = program.try_clone().expect("there are descriptors");
    let child = command
        .stdin(program)
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let finished = child.wait_with_output().expect("it ends");
    assert_eq!(
        String::from_utf8_lossy(&finished.stderr),
        "0: 0 type 2 flags 0, 0 type 2, seek 70\n1: 0 type 2 flags 0, 0 type 2, seek 70\n\
         2: 0 type 0 flags 0, 0 type 0, seek 70\nread 0 5 typed\nwrite 0 3\n"
    );
}
