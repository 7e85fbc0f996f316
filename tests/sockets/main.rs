//! Sockets that a program listens at when it starts (`--tcp-listen`), or that it is started with (`--listen-fds`).

use nativize::policy::{Directory, Policy};
use nativize_tests::deprive::with_descriptor;
use nativize_tests::{Executable, first_line};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn build(policy: Policy) -> Executable {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sockets/guest.wasm");
    let bytes = std::fs::read(path).expect("the module is there");
    let module = nativize_compiler::parse(&bytes).expect("it is a module");
    let program = nativize_compiler::Program::command(&module, None).expect("it is a command");
    let options = nativize_compiler::Options::default();
    nativize_tests::build(&program, &options, &policy.encode()).expect("it builds")
}

/// A policy that grants this address.
fn listening(address: SocketAddr) -> Policy {
    Policy {
        name: b"test".to_vec(),
        tcp_listen: vec![address],
        ..Policy::default()
    }
}

/// An address at which nothing listens.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    listener.local_addr().expect("it has an address")
}

/// What the program prints when it is served so; the listener is its descriptor `listener`.
fn expected(listener: u32) -> String {
    let socket = listener + 1;
    format!(
        "fdstat: 0\ntype 6\nis no directory: 8\nnonblocking: 0\nnothing to accept: 6\nblocking: 0\n\
         receive from a listener: 53\npoll: 0\nevents 1, 5\naccept: 0\nis {socket}\nfdstat: 0\ntype 6\npeek: 0 abcd\n\
         receive: 0 abcd\nreceived 4, flags 0\nwait for all: 0 0123456789\nreceived 10\nread: 0 end\nsend: 0\nsent 5\n\
         write: 0\nseek: 70\nshut down to write: 0\nsend: 64\nthe end: 0\nreceived 0\nclose: 0\n\
         accept without blocking: 0\nfdstat: 0\nflags 4\nnothing yet: 6\n"
    )
}

/// Starts the program and is its client.
#[track_caller]
fn serve(mut command: Command, address: SocketAddr, listener: u32) {
    let mut child = command
        .arg(listener.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let line = first_line(&mut child);
    if line == "ready\n" {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("it is a TCP socket");
        // A second connection, for later.
        let second = TcpStream::connect(address).expect("it listens");
        for part in ["abcd0123", "456789"] {
            stream.write_all(part.as_bytes()).expect("it receives");
            std::thread::sleep(Duration::from_millis(30));
        }
        stream.write_all(b"end").expect("it receives");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it sends");
        assert_eq!(answer, "sent\nsent\n");
        stream.shutdown(Shutdown::Write).expect("it is open");
        let output = child.wait_with_output().expect("it ends");
        drop(second);
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected(listener));
        assert_eq!(output.status.code(), Some(0));
    } else {
        let output = child.wait_with_output().expect("it ends");
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn listens_when_it_starts() {
    let address = free_address();
    let executable = build(listening(address));
    serve(executable.command(), address, 3);
    // The address can be used again at once.
    serve(executable.command(), address, 3);
}

#[test]
fn comes_after_directories() {
    let address = free_address();
    let executable = build(Policy {
        directories: vec![Directory {
            host: b"/".to_vec(),
            guest: b"/".to_vec(),
            read_only: true,
        }],
        ..listening(address)
    });
    serve(executable.command(), address, 4);
}

#[test]
fn listens_at_every_address_of_version_6() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        // A machine without it refuses to bind for the program too.
        let executable = build(listening("[::1]:1".parse().expect("it is an address")));
        let outcome = executable.run(["3"], b"").expect("it starts");
        assert_eq!(outcome.status.code(), Some(1));
        return;
    };
    let address = listener.local_addr().expect("it has an address");
    drop(listener);
    let executable = build(listening(address));
    serve(executable.command(), address, 3);
}

#[test]
fn address_in_use() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let executable = build(listening(address));
    let outcome = executable.run(["3"], b"").expect("it starts");
    assert_eq!(
        String::from_utf8_lossy(&outcome.stderr),
        format!(
            "error: --tcp-listen port {}: Address already in use\n",
            address.port()
        )
    );
    assert_eq!(outcome.status.code(), Some(1));
}

/// A command that starts the program as systemd does, with `listener` as the descriptor 3.
fn activated(executable: &Executable, listener: &TcpListener, variables: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let script = format!("{variables} exec \"$0\" \"$@\"");
    command.arg("-c").arg(script).arg(executable.path());
    with_descriptor(&mut command, listener.as_raw_fd(), 3);
    command
}

#[test]
fn sockets_are_passed_on() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let address = listener.local_addr().expect("it has an address");
    let executable = build(Policy {
        name: b"test".to_vec(),
        listen_fds: true,
        ..Policy::default()
    });
    serve(
        activated(&executable, &listener, "LISTEN_PID=$$ LISTEN_FDS=1"),
        address,
        3,
    );
}

#[test]
fn sockets_for_others_are_not_passed_on() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let granted = build(Policy {
        name: b"test".to_vec(),
        listen_fds: true,
        ..Policy::default()
    });
    let denied = build(Policy::default());
    for (executable, variables) in [
        (&granted, "LISTEN_PID=1 LISTEN_FDS=1"),
        (&granted, "LISTEN_FDS=1"),
        (&granted, "LISTEN_PID=$$"),
        (&denied, "LISTEN_PID=$$ LISTEN_FDS=1"),
    ] {
        let mut command = activated(executable, &listener, variables);
        let outcome = nativize_tests::run(command.arg("3"), b"").expect("it starts");
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        assert!(stderr.starts_with("fdstat: 8\n"), "{variables}: {stderr}");
    }
    // Descriptors that are promised and not there, or no sockets.
    let mut command = activated(&granted, &listener, "LISTEN_PID=$$ LISTEN_FDS=500");
    let outcome = nativize_tests::run(command.arg("3"), b"").expect("it starts");
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert!(
        stderr.starts_with("error: --listen-fds: descriptor "),
        "{stderr}"
    );
    assert_eq!(outcome.status.code(), Some(1));
}

#[test]
fn denied_at_start() {
    let address = free_address();
    let executable = build(listening(address));
    let mut command = executable.command();
    command.arg("3").env("NATIVIZE_DENY", "network");
    let outcome = nativize_tests::run(&mut command, b"").expect("it starts");
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert!(stderr.starts_with("fdstat: 8\n"), "{stderr}");
}

/// Standard streams that are sockets are read or written, as they are: not both.
#[test]
fn standard_streams_have_a_direction() {
    let text = r#"(module
  (import "wasi_snapshot_preview1" "sock_recv" (func $recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_shutdown" (func $shut (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\02\00\00\04\00\00\00")
  (func (export "_start")
    (i32.store8 (i32.const 1000) (i32.add (i32.const 65)
      (call $recv (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 16) (i32.const 24))))
    (i32.store8 (i32.const 1001) (i32.add (i32.const 65)
      (call $send (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 16))))
    (i32.store8 (i32.const 1002) (i32.add (i32.const 65) (call $shut (i32.const 0) (i32.const 2))))
    (i32.store8 (i32.const 1003) (i32.add (i32.const 65) (call $shut (i32.const 1) (i32.const 3))))
    (i32.store8 (i32.const 1004) (i32.add (i32.const 65)
      (call $recv (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 16) (i32.const 24))))
    (i32.store8 (i32.const 1005) (i32.add (i32.const 65)
      (call $send (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 16))))
    (i32.store (i32.const 0) (i32.const 1000))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;
    let bytes = wat::parse_str(text).expect("the module is in order");
    let module = nativize_compiler::parse(&bytes).expect("it is valid");
    let program = nativize_compiler::Program::command(&module, None).expect("it is a command");
    let options = nativize_compiler::Options::default();
    let executable =
        nativize_tests::build(&program, &options, &Policy::default().encode()).expect("it builds");
    let (stdin, mut sender) = UnixStream::pair().expect("there are descriptors");
    let (stdout, mut receiver) = UnixStream::pair().expect("there are descriptors");
    sender.write_all(b"abcd").expect("it is open");
    receiver.write_all(b"efgh").expect("it is open");
    let output = executable
        .command()
        .stdin(OwnedFd::from(stdin))
        .stdout(OwnedFd::from(stdout))
        .output()
        .expect("it starts");
    // NOTSOCK, four times.
    assert_eq!(output.stderr, b"zzzzAA");
    let mut sent = [0; 4];
    receiver.read_exact(&mut sent).expect("it was sent");
    assert_eq!(&sent, b"abcd");
}
