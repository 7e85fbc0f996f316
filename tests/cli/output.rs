//! What is written: whole files or none, in place where the target is no regular file, the same bytes everywhere.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::thread;

use crate::sandbox::{HELLO, Sandbox, assert_failure};

fn with_hello() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("hello.wat", HELLO);
    sandbox
}

#[test]
fn executable() {
    let sandbox = with_hello();
    sandbox.succeeds(&["hello.wat"]);
    assert_eq!(sandbox.execute("hello"), "hello\n");
    sandbox.succeeds(&["build", "hello.wat", "-o", "other"]);
    assert_eq!(sandbox.execute("other"), "hello\n");
    assert_eq!(sandbox.files().len(), 3);
}

#[test]
fn older_file_is_replaced() {
    let sandbox = with_hello();
    sandbox.write("app", "an older file");
    let older = File::open(sandbox.path("app")).unwrap();
    sandbox.succeeds(&["hello.wat", "-o", "app"]);
    assert_eq!(sandbox.execute("app"), "hello\n");
    assert_eq!(
        older.metadata().unwrap().nlink(),
        0,
        "it was written over, not replaced"
    );
    assert_eq!(sandbox.files().len(), 2);
}

#[test]
fn permissions_follow_the_umask() {
    let sandbox = with_hello();
    let mut shell = sandbox.command("/bin/sh");
    let script = format!(
        "umask 027; exec {} hello.wat",
        env!("CARGO_BIN_EXE_nativize")
    );
    assert!(shell.args(["-c", &script]).status().unwrap().success());
    let mode = sandbox.path("hello").metadata().unwrap().mode();
    assert_eq!(mode & 0o777, 0o750);
}

#[test]
fn standard_output() {
    let sandbox = with_hello();
    let bytes = sandbox.succeeds(&["hello.wat", "-o", "-"]);
    sandbox.succeeds(&["hello.wat"]);
    assert_eq!(bytes, sandbox.read("hello"));
    let output = sandbox.nativize_reading(&["-"], HELLO.as_bytes());
    assert!(
        output.stdout.starts_with(b"\x7fELF"),
        "standard input goes to standard output"
    );
}

#[test]
fn devices_and_pipes_are_written_in_place() {
    let sandbox = with_hello();
    sandbox.succeeds(&["hello.wat", "-o", "/dev/null"]);
    sandbox.succeeds(&["hello.wat", "-o", "/dev/null", "--emit=obj"]);
    let stdout = sandbox.succeeds(&["hello.wat", "-o", "/dev/stdout"]);
    assert!(stdout.starts_with(b"\x7fELF"));
    let fifo = sandbox.path("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let reader = thread::spawn({
        let fifo = fifo.clone();
        move || fs::read(fifo).unwrap()
    });
    sandbox.succeeds(&["hello.wat", "-o", "fifo"]);
    assert_eq!(reader.join().unwrap(), stdout);
    assert!(!fifo.metadata().unwrap().is_file());
}

#[test]
fn redirected_dev_stdout_keeps_its_file() {
    let sandbox = with_hello();
    let file = File::create(sandbox.path("app")).unwrap();
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_nativize"));
    command
        .args(["hello.wat", "-o", "/dev/stdout"])
        .stdout(file.try_clone().unwrap());
    assert!(command.status().unwrap().success());
    assert_eq!(file.metadata().unwrap().nlink(), 1);
    assert!(sandbox.read("app").starts_with(b"\x7fELF"));
}

#[test]
fn symbolic_link_is_replaced() {
    let sandbox = with_hello();
    sandbox.write("precious", "data");
    symlink("precious", sandbox.path("app")).unwrap();
    sandbox.succeeds(&["hello.wat", "-o", "app"]);
    assert_eq!(sandbox.read("precious"), b"data");
    assert!(sandbox.path("app").symlink_metadata().unwrap().is_file());
}

#[test]
fn directory_as_output() {
    let sandbox = with_hello();
    fs::create_dir(sandbox.path("hello")).unwrap();
    let lines = [
        "error: cannot write `hello",
        "  cause: is a directory",
        "  help: name a file",
    ];
    sandbox.fails(&["hello.wat"], 4, &lines);
    sandbox.fails(&["hello.wat", "-o", "hello/"], 4, &lines);
}

#[test]
fn missing_folder() {
    with_hello().fails(
        &["hello.wat", "-o", "new/"],
        4,
        &[
            "error: cannot write `new/`",
            "  cause: not a directory",
            "  help: create the directory",
        ],
    );
    with_hello().fails(
        &["hello.wat", "-o", "no/such/app"],
        4,
        &[
            "error: cannot write `no/such/app`",
            "  cause: no such file",
            "  help: create the directory",
        ],
    );
}

#[test]
fn unwritable_folder() {
    // Not even root creates a file here.
    with_hello().fails(
        &["hello.wat", "-o", "/proc/app"],
        4,
        &["error: cannot write `/proc/app`", "  cause: ", "  help: "],
    );
    let sandbox = with_hello();
    let folder = sandbox.path("locked");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o555)).unwrap();
    if File::create(folder.join("probe")).is_err() {
        sandbox.fails(
            &["hello.wat", "-o", "locked/app"],
            4,
            &[
                "error: cannot write `locked/app`",
                "  cause: permission denied",
                "  help: ",
            ],
        );
    }
}

#[test]
fn full_device() {
    with_hello().fails(
        &["hello.wat", "-o", "/dev/full"],
        4,
        &[
            "error: cannot write `/dev/full`",
            "  cause: no space left",
            "  help: free some space",
        ],
    );
}

#[test]
fn full_disk() {
    let sandbox = with_hello();
    fs::create_dir(sandbox.path("small")).unwrap();
    // A file system of a single page, in a namespace of its own.
    let script = format!(
        "mount -t tmpfs -o size=4096 none small || exit 99; \
         {} hello.wat -o small/app; status=$?; ls -A small; exit $status",
        env!("CARGO_BIN_EXE_nativize")
    );
    let output = sandbox
        .command("/usr/bin/env")
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .args(["unshare", "--mount", "--map-root-user", "sh", "-c", &script])
        .output()
        .unwrap();
    match output.status.code() {
        // Not every machine lets its users mount; /dev/full stands in there.
        Some(1 | 99 | 127) if !String::from_utf8_lossy(&output.stderr).contains("error: ") => {}
        _ => assert_failure(
            &output,
            4,
            &[
                "error: cannot write `small/app`",
                "  cause: no space left",
                "  help: free some space",
            ],
        ),
    }
}

#[test]
fn broken_pipe() {
    let sandbox = with_hello();
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_nativize"));
    let output = command
        .args(["hello.wat", "-o", "-"])
        .stdout(closed())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("cause: broken pipe"), "{stderr}");
    for arguments in [&["--help"][..], &["inspect", "hello.wat"]] {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_nativize"));
        let status = command.args(arguments).stdout(closed()).status().unwrap();
        assert_eq!(
            status.code(),
            Some(0),
            "a reader that has seen enough is no failure"
        );
    }
}

#[test]
fn same_bytes_in_every_folder() {
    let (one, other) = (with_hello(), with_hello());
    let arguments = ["hello.wat", "--dir", ".", "--env", "A=b"];
    one.succeeds(&arguments);
    other.succeeds(&[&arguments[..], &["-j1", "-o", "another-name"]].concat());
    assert!(one.read("hello") == other.read("another-name"));
}

#[test]
fn objects() {
    let sandbox = with_hello();
    let stdout = String::from_utf8(sandbox.succeeds(&["hello.wat", "--emit", "obj"])).unwrap();
    assert!(stdout.starts_with("ld.lld -T hello.ld "), "{stdout}");
    assert_eq!(stdout.lines().count(), 1);
    for object in ["hello.o", "hello.runtime.o", "hello.config.o"] {
        assert!(stdout.contains(object), "{stdout}");
        assert!(sandbox.read(object).starts_with(b"\x7fELF"));
        assert_eq!(sandbox.path(object).metadata().unwrap().mode() & 0o111, 0);
    }
    sandbox.read("hello.ld");
    assert_eq!(sandbox.files().len(), 5);
    let stdout = sandbox.succeeds(&["hello.wat", "--emit", "obj", "-o", "other"]);
    assert!(
        stdout.ends_with(b" -o other.out\n"),
        "the object is not overwritten"
    );
}

#[test]
fn objects_all_or_none() {
    let sandbox = with_hello();
    fs::create_dir(sandbox.path("hello.ld")).unwrap();
    sandbox.fails(
        &["hello.wat", "--emit", "obj"],
        4,
        &[
            "error: cannot write `hello.ld`",
            "  cause: is a directory",
            "  help: ",
        ],
    );
}

#[test]
fn code_as_text() {
    let sandbox = with_hello();
    sandbox.succeeds(&["hello.wat", "--emit", "clif"]);
    sandbox.succeeds(&["hello.wat", "--emit", "asm"]);
    assert!(
        String::from_utf8(sandbox.read("hello.clif"))
            .unwrap()
            .contains("function")
    );
    assert!(
        String::from_utf8(sandbox.read("hello.s"))
            .unwrap()
            .contains("ret")
    );
    let stdout = sandbox.succeeds(&["hello.wat", "--emit", "asm", "-o", "-"]);
    assert_eq!(stdout, sandbox.read("hello.s"));
}

#[test]
fn strip() {
    let sandbox = with_hello();
    sandbox.succeeds(&["hello.wat", "-o", "full"]);
    sandbox.succeeds(&["hello.wat", "-o", "stripped", "--strip"]);
    assert!(sandbox.read("stripped").len() < sandbox.read("full").len());
    assert_eq!(sandbox.execute("stripped"), "hello\n");
}

#[test]
fn terminal() {
    let sandbox = with_hello();
    let Ok(mut terminal) = pseudoterminal() else {
        return;
    };
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_nativize"));
    let output = command
        .args(["hello.wat", "-o", "-"])
        .stdout(terminal.1)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    assert_failure(
        &output,
        2,
        &[
            "error: binary output is not written to a terminal",
            "  help: name a file with -o",
        ],
    );
    let mut written = [0];
    assert!(
        terminal.0.read(&mut written).is_err(),
        "something was written"
    );
}

/// Both ends of a new terminal; reading the first does not block.
fn pseudoterminal() -> std::io::Result<(File, File)> {
    use rustix::pty;
    let ours = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(0o4000)
        .open("/dev/ptmx")?;
    pty::unlockpt(&ours)?;
    let name = pty::ptsname(&ours, Vec::new())?;
    let theirs = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name.to_string_lossy().as_ref())?;
    Ok((ours, theirs))
}

#[test]
fn no_output_replaces_an_input() {
    let sandbox = Sandbox::new();
    for (input, arguments) in [
        (
            "app.ld",
            &["build", "--emit=obj", "app.ld", "-o", "app.o"][..],
        ),
        (
            "app.config.o",
            &["build", "--emit=obj", "app.config.o", "-o", "app.o"],
        ),
        ("in.wat", &["inspect", "in.wat", "--html", "in.wat"]),
    ] {
        sandbox.write(input, HELLO);
        let output = sandbox.nativize(arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && stderr.contains("would replace the input"),
            "{stderr}"
        );
        assert_eq!(sandbox.read(input), HELLO.as_bytes());
    }
}

#[test]
fn what_was_there_outlives_a_failure() {
    let sandbox = Sandbox::new();
    sandbox.write("app.wat", HELLO);
    sandbox.write("app.o", "before");
    std::fs::create_dir(sandbox.path("app.ld")).unwrap();
    let output = sandbox.nativize(&["app.wat", "--emit=obj", "-o", "app.o"]);
    assert!(!output.status.success());
    assert!(sandbox.path("app.o").exists());
    assert!(!sandbox.path("app.runtime.o").exists());
}
