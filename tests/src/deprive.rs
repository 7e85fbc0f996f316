//! What a program is deprived of before it starts: system calls, descriptors, limits.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The number of `openat2`, the same on every architecture.
pub const OPENAT2: u32 = 437;

/// Makes the kernel answer the system call `number` with `errno`, as one that does not have it or a container that
/// does not allow it.
pub fn without_system_call(command: &mut Command, number: u32, errno: u16) {
    on_system_call(command, number, libc::SECCOMP_RET_ERRNO | u32::from(errno));
}

/// Makes the kernel end the program when it makes the system call `number`.
pub fn killed_by_system_call(command: &mut Command, number: u32) {
    on_system_call(command, number, libc::SECCOMP_RET_KILL_PROCESS);
}

fn on_system_call(command: &mut Command, number: u32, action: u32) {
    let statement = |code: u32, jt, jf, k| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    let filter = [
        // The number is the first word.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, number),
        statement(libc::BPF_RET | libc::BPF_K, 0, 0, action),
        statement(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    before_start(command, move || {
        let program = libc::sock_fprog {
            len: filter.len() as u16,
            filter: filter.as_ptr().cast_mut(),
        };
        // SAFETY: the arguments are those that prctl(2) documents, and `program` outlives the call.
        let results = unsafe {
            [
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                libc::prctl(
                    libc::PR_SET_SECCOMP,
                    libc::SECCOMP_MODE_FILTER,
                    &raw const program,
                ),
            ]
        };
        check(results.into_iter().min().unwrap_or(-1))
    });
}

/// Starts it with signals as they are where nobody has changed that: who runs the tests may ignore or block some.
pub fn with_default_signals(command: &mut Command) {
    before_start(command, || {
        // SAFETY: an empty set is one, and signal(2) and sigprocmask(2) may be called between fork and exec.
        unsafe {
            for signal in (1..32).filter(|signal| ![libc::SIGKILL, libc::SIGSTOP].contains(signal))
            {
                libc::signal(signal, libc::SIG_DFL);
            }
            let mut none = std::mem::zeroed();
            libc::sigemptyset(&raw mut none);
            check(libc::sigprocmask(
                libc::SIG_SETMASK,
                &raw const none,
                std::ptr::null_mut(),
            ))
        }
    });
}

/// Starts it without the descriptor `fd`.
pub fn without_descriptor(command: &mut Command, fd: i32) {
    // SAFETY: the descriptor is one of the standard streams, which nothing in the child owns.
    before_start(command, move || check(unsafe { libc::close(fd) }));
}

/// Starts it with a signal blocked.
pub fn with_signal_blocked(command: &mut Command, signal: i32) {
    before_start(command, move || {
        // SAFETY: a set of zeros is one, and outlives the calls.
        check(unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, signal);
            libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut())
        })
    });
}

/// Allows it descriptors below `count`.
pub fn with_descriptors_below(command: &mut Command, count: u64) {
    limit(command, libc::RLIMIT_NOFILE, count);
}

/// Allows it files of at most `bytes`.
pub fn with_file_size_below(command: &mut Command, bytes: u64) {
    limit(command, libc::RLIMIT_FSIZE, bytes);
}

/// Allows it that many bytes of address space.
pub fn with_address_space_below(command: &mut Command, bytes: u64) {
    limit(command, libc::RLIMIT_AS, bytes);
}

/// Allows it that many bytes that it may write and shares with nobody.
pub fn with_data_below(command: &mut Command, bytes: u64) {
    limit(command, libc::RLIMIT_DATA, bytes);
}

/// Allows it that many bytes of the stack that the kernel gives; any, if it is `u64::MAX`.
pub fn with_stack_below(command: &mut Command, bytes: u64) {
    limit(command, libc::RLIMIT_STACK, bytes);
}

fn limit(command: &mut Command, resource: libc::__rlimit_resource_t, value: u64) {
    before_start(command, move || {
        let limit = libc::rlimit {
            rlim_cur: value,
            rlim_max: value,
        };
        // SAFETY: `limit` outlives the call.
        check(unsafe { libc::setrlimit(resource, &raw const limit) })
    });
}

/// The system does not let anybody mount.
#[derive(Debug)]
pub enum MountError {
    /// Neither as the user that runs the tests nor in a user namespace.
    NotAllowed,
}

/// Mounts an empty file system of `bytes` at `path`, for the program alone.
///
/// # Errors
/// It is not allowed.
pub fn with_tmpfs(command: &mut Command, path: &Path, bytes: u64) -> Result<(), MountError> {
    let path = CString::new(path.as_os_str().as_bytes()).expect("paths have no zeros");
    let options = CString::new(format!("size={bytes}")).expect("numbers have no zeros");
    // SAFETY: the calls have no arguments.
    let map = unsafe { [libc::getuid(), libc::getgid()] }.map(|id| format!("{id} {id} 1"));
    let mount = move || {
        // SAFETY: the arguments are those that unshare(2) and mount(2) document, the strings C strings.
        unsafe {
            if libc::unshare(libc::CLONE_NEWNS) != 0 {
                // Who may not do that may in a user namespace, where the user stays who it is.
                check(libc::unshare(libc::CLONE_NEWNS | libc::CLONE_NEWUSER))?;
                write_to(c"/proc/self/setgroups", b"deny")?;
                write_to(c"/proc/self/uid_map", map[0].as_bytes())?;
                write_to(c"/proc/self/gid_map", map[1].as_bytes())?;
            }
            let nothing = std::ptr::null();
            let private = libc::MS_REC | libc::MS_PRIVATE;
            check(libc::mount(
                nothing,
                c"/".as_ptr(),
                nothing,
                private,
                nothing.cast(),
            ))?;
            let kind = c"tmpfs".as_ptr();
            check(libc::mount(
                kind,
                path.as_ptr(),
                kind,
                0,
                options.as_ptr().cast(),
            ))
        }
    };
    let mut probe = Command::new("/bin/true");
    before_start(&mut probe, mount.clone());
    match probe.status() {
        Ok(status) if status.success() => {}
        _ => return Err(MountError::NotAllowed),
    }
    before_start(command, mount);
    Ok(())
}

/// Writes to a file of the kernel, without allocating.
fn write_to(path: &CStr, text: &[u8]) -> io::Result<()> {
    // SAFETY: the path is a C string, and `text` has that many bytes; the descriptor is this function's own.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        check(file)?;
        let written = libc::write(file, text.as_ptr().cast(), text.len());
        libc::close(file);
        check(if written < 0 { -1 } else { 0 })
    }
}

/// The two ends of a terminal: what controls it, and what a program has.
///
/// # Errors
/// The kernel's.
pub fn terminal() -> io::Result<(OwnedFd, OwnedFd)> {
    let (mut controller, mut program) = (-1, -1);
    // SAFETY: both numbers are written, and what may be null is.
    unsafe {
        check(libc::openpty(
            &raw mut controller,
            &raw mut program,
            std::ptr::null_mut(),
            std::ptr::null(),
            std::ptr::null(),
        ))?;
        Ok((
            OwnedFd::from_raw_fd(controller),
            OwnedFd::from_raw_fd(program),
        ))
    }
}

/// Sends a signal to a child that has not been waited for.
pub fn signal(process: i32, signal: i32) {
    // SAFETY: the call has no effect on this process. The child may have ended, which is no error here.
    let _ = unsafe { libc::kill(process, signal) };
}

/// Gives it `fd` as the descriptor `number`.
pub fn with_descriptor(command: &mut Command, fd: i32, number: i32) {
    // SAFETY: the caller's descriptor is open in the child too. A descriptor is no copy of itself, so that it would be
    // closed on exec: the flag is taken away.
    before_start(command, move || unsafe {
        check(libc::dup2(fd, number))?;
        check(libc::fcntl(number, libc::F_SETFD, 0))
    });
}

/// Exchanges two entries of a directory, at once.
///
/// # Errors
/// The kernel's.
pub fn exchange(directory: &Path, one: &str, other: &str) -> io::Result<()> {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;
    let path =
        |name| CString::new(directory.join(name).as_os_str().as_bytes()).map_err(io::Error::other);
    let (one, other) = (path(one)?, path(other)?);
    // SAFETY: both are C strings.
    check(unsafe {
        libc::renameat2(
            libc::AT_FDCWD,
            one.as_ptr(),
            libc::AT_FDCWD,
            other.as_ptr(),
            libc::RENAME_EXCHANGE,
        )
    })
}

fn check(result: i32) -> io::Result<()> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn before_start(
    command: &mut Command,
    action: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
) {
    // SAFETY: the callers' actions make system calls only: no allocation, no lock.
    unsafe { command.pre_exec(action) };
}
