//! The system calls of an executable: what each function of the runtime may ask of the kernel, in one table.
//!
//! The filter of an executable is made of the rows of those functions that its program refers to. A function that makes
//! a call which is not in its row ends with a message as soon as it does, so a row has the fallbacks too: for kernels
//! that lack something newer, and for a process without a vDSO.

use crate::{for_each_builtin, for_each_wasi_p1};

/// Calls a macro with the table of system calls: `Name = number, "name"`, ascending by number.
///
/// The numbers are those of x86-64. Calls that no row has are here for the sake of messages.
#[macro_export]
macro_rules! for_each_system_call {
    ($mac:ident) => {
        $mac! {
            Read = 0, "read";
            Write = 1, "write";
            Open = 2, "open";
            Close = 3, "close";
            Fstat = 5, "fstat";
            Lseek = 8, "lseek";
            Mmap = 9, "mmap";
            Mprotect = 10, "mprotect";
            Munmap = 11, "munmap";
            RtSigaction = 13, "rt_sigaction";
            RtSigprocmask = 14, "rt_sigprocmask";
            RtSigreturn = 15, "rt_sigreturn";
            Ioctl = 16, "ioctl";
            Readv = 19, "readv";
            Writev = 20, "writev";
            SchedYield = 24, "sched_yield";
            Mremap = 25, "mremap";
            Setitimer = 38, "setitimer";
            Socket = 41, "socket";
            Connect = 42, "connect";
            Sendmsg = 46, "sendmsg";
            Recvmsg = 47, "recvmsg";
            Shutdown = 48, "shutdown";
            Bind = 49, "bind";
            Getsockopt = 55, "getsockopt";
            Clone = 56, "clone";
            Fork = 57, "fork";
            Execve = 59, "execve";
            Exit = 60, "exit";
            Kill = 62, "kill";
            Fcntl = 72, "fcntl";
            Fsync = 74, "fsync";
            Fdatasync = 75, "fdatasync";
            Ftruncate = 77, "ftruncate";
            Chmod = 90, "chmod";
            Ptrace = 101, "ptrace";
            Sigaltstack = 131, "sigaltstack";
            Fstatfs = 138, "fstatfs";
            ArchPrctl = 158, "arch_prctl";
            Gettid = 186, "gettid";
            Futex = 202, "futex";
            Getdents64 = 217, "getdents64";
            RestartSyscall = 219, "restart_syscall";
            Fadvise64 = 221, "fadvise64";
            ClockGettime = 228, "clock_gettime";
            ClockGetres = 229, "clock_getres";
            ExitGroup = 231, "exit_group";
            Tgkill = 234, "tgkill";
            Openat = 257, "openat";
            Mkdirat = 258, "mkdirat";
            Newfstatat = 262, "newfstatat";
            Unlinkat = 263, "unlinkat";
            Renameat = 264, "renameat";
            Linkat = 265, "linkat";
            Symlinkat = 266, "symlinkat";
            Readlinkat = 267, "readlinkat";
            Fchmodat = 268, "fchmodat";
            Ppoll = 271, "ppoll";
            Utimensat = 280, "utimensat";
            Fallocate = 285, "fallocate";
            Accept4 = 288, "accept4";
            Preadv = 295, "preadv";
            Pwritev = 296, "pwritev";
            Getrandom = 318, "getrandom";
            MemfdCreate = 319, "memfd_create";
            Execveat = 322, "execveat";
            Clone3 = 435, "clone3";
            Openat2 = 437, "openat2";
        }
    };
}

macro_rules! define_calls {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        /// A system call, by its number.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        #[repr(u16)]
        #[allow(missing_docs, reason = "the names are the kernel's")]
        pub enum SystemCall {
            $($name = $number,)*
        }

        impl SystemCall {
            /// All calls of the table.
            pub const ALL: &[SystemCall] = &[$(SystemCall::$name),*];

            /// The number in `rax`.
            pub const fn number(self) -> u16 {
                self as u16
            }

            /// The kernel's name for it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(SystemCall::$name => $text,)*
                }
            }
        }
    };
}
for_each_system_call!(define_calls);

/// The bytes of [`NAMES`].
const NAMES_LEN: usize = {
    let mut len = 0;
    let mut index = 0;
    while index < SystemCall::ALL.len() {
        len += 1 + SystemCall::ALL[index].name().len();
        index += 1;
    }
    len
};

/// For each call, the difference to the number before with the highest bit set, and its name.
static NAMES: [u8; NAMES_LEN] = {
    let mut names = [0; NAMES_LEN];
    let mut at = 0;
    let mut previous = 0;
    let mut index = 0;
    while index < SystemCall::ALL.len() {
        let call = SystemCall::ALL[index];
        let difference = call.number() - previous;
        assert!(
            difference < 0x80,
            "a gap is too large for the table of names"
        );
        names[at] = 0x80 | difference as u8;
        at += 1;
        let name = call.name().as_bytes();
        let mut byte = 0;
        while byte < name.len() {
            names[at] = name[byte];
            at += 1;
            byte += 1;
        }
        previous = call.number();
        index += 1;
    }
    names
};

/// The name of a system call, where the table has one.
pub fn name_of(number: u32) -> Option<&'static [u8]> {
    let mut rest = &NAMES[..];
    let mut found = 0;
    while let [difference, names @ ..] = rest {
        found += u32::from(difference & 0x7f);
        let end = names.iter().position(|&byte| byte >= 0x80);
        let (name, after) = names.split_at_checked(end.unwrap_or(names.len()))?;
        if found == number {
            return Some(name);
        }
        rest = after;
    }
    None
}

/// What must hold for an argument of an allowed call. Of an argument the low 32 bits count: the kernel looks at no others
/// of those that are tested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Test {
    /// None of these bits of the argument is set.
    Without(u8, u32),
    /// All of these bits of the argument are set.
    With(u8, u32),
    /// The argument is one of these.
    OneOf(u8, &'static [u32]),
}

const PROT_READ_WRITE: u32 = 3;
const MAP_ANONYMOUS: u32 = 0x20;
const F_GETFL: u32 = 3;
const F_SETFL: u32 = 4;
const F_DUPFD_CLOEXEC: u32 = 1030;
const F_ADD_SEALS: u32 = 1033;
const TIOCGWINSZ: u32 = 0x5413;
const FIONREAD: u32 = 0x541b;
const SOL_SOCKET: u32 = 1;
/// `CLONE_VM`, `CLONE_SIGHAND`, `CLONE_THREAD`: what makes it a thread of this process and nothing else.
const CLONE_THREAD: u32 = 0x1_0900;
const ARCH_SET_FS: u32 = 0x1002;
const SIG_BLOCK: u32 = 0;
/// The namespaces.
const CLONE_NEW: u32 = 0x7e02_0000;

impl SystemCall {
    /// What its arguments must be besides, wherever it is allowed.
    pub const fn tests(self) -> &'static [Test] {
        match self {
            // No new code, and no file in memory.
            SystemCall::Mmap => &[
                Test::Without(2, !PROT_READ_WRITE),
                Test::With(3, MAP_ANONYMOUS),
            ],
            SystemCall::Mprotect => &[Test::Without(2, !PROT_READ_WRITE)],
            // Others let the kernel signal other processes, or type on the terminal.
            SystemCall::Fcntl => &[Test::OneOf(
                1,
                &[F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_ADD_SEALS],
            )],
            SystemCall::Ioctl => &[Test::OneOf(1, &[TIOCGWINSZ, FIONREAD])],
            SystemCall::Getsockopt => &[Test::OneOf(1, &[SOL_SOCKET])],
            SystemCall::Clone => &[Test::With(0, CLONE_THREAD), Test::Without(0, CLONE_NEW)],
            SystemCall::ArchPrctl => &[Test::OneOf(0, &[ARCH_SET_FS])],
            SystemCall::RtSigprocmask => &[Test::OneOf(0, &[SIG_BLOCK])],
            _ => &[],
        }
    }
}

/// What a program must have for a function to get as far as its system calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given {
    /// Nothing: standard streams and memory are enough.
    Always,
    /// A descriptor that is no standard stream: of a file, a directory, or a connection.
    Descriptor,
    /// A directory of the host.
    Directory,
    /// A directory inside of the executable.
    Embedded,
}

/// A row: what a function of the runtime may ask of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The function.
    pub symbol: &'static str,
    /// When it gets that far.
    pub given: Given,
    /// The calls.
    pub calls: &'static [SystemCall],
}

macro_rules! define_uses {
    ($($symbol:literal: $($given:ident [$($call:ident)*])*;)*) => {
        /// The rows; a function may have several.
        pub static USES: &[Use] = &[$($(Use {
            symbol: $symbol,
            given: Given::$given,
            calls: &[$(SystemCall::$call),*],
        }),*),*];
    };
}

define_uses! {
    // What every executable needs: messages, the end, and the way out of handlers of signals.
    "_start": Always [Write ExitGroup RtSigreturn];

    "nvz_memory_grow": Always [Mprotect Mmap];
    "nvz_memory_grow_shared": Always [Mprotect Mmap Futex];
    "nvz_memory_wait32": Always [Futex RestartSyscall ClockGettime];
    "nvz_memory_wait64": Always [Futex RestartSyscall ClockGettime];
    "nvz_memory_notify": Always [Futex];
    "nvz_memory_copy": Always [];
    "nvz_memory_fill": Always [];
    "nvz_table_grow": Always [Mmap Mremap Munmap];
    "nvz_table_fill": Always [];
    "nvz_fma_f32": Always [];
    "nvz_fma_f64": Always [];
    "nvz_thread_state": Always [ArchPrctl Mmap Mprotect Munmap Mremap Futex];
    "nvz_thread_spawn": Always [Clone Mmap Mprotect Munmap Mremap Sigaltstack RtSigprocmask Exit Futex];
    "nvz_host_leave": Always [Futex Close];
    "nvz_exception_keep": Always [Mmap Munmap];
    "nvz_throw": Always [];
    "nvz_unknown_import": Always [];

    "nvz_limit_time": Always [Setitimer];

    "nvz_main_command": Always [];
    "nvz_main_invoke": Always [];
    "nvz_main_script": Always [Read];

    "nvz_p1_args_get": Always [];
    "nvz_p1_args_sizes_get": Always [];
    "nvz_p1_environ_get": Always [];
    "nvz_p1_environ_sizes_get": Always [];
    "nvz_p1_clock_res_get": Always [ClockGetres];
    "nvz_p1_clock_time_get": Always [ClockGettime];
    "nvz_p1_fd_advise": Descriptor [Fadvise64];
    "nvz_p1_fd_allocate": Descriptor [Fallocate];
    "nvz_p1_fd_close": Descriptor [Close];
    "nvz_p1_fd_datasync": Descriptor [Fdatasync];
    "nvz_p1_fd_fdstat_get": Always [Ioctl Getsockopt] Descriptor [Fstat];
    "nvz_p1_fd_fdstat_set_flags": Descriptor [Fcntl];
    "nvz_p1_fd_fdstat_set_rights": Always [];
    "nvz_p1_fd_filestat_get": Always [Ioctl Getsockopt] Descriptor [Fstat];
    "nvz_p0_fd_filestat_get": Always [Ioctl Getsockopt] Descriptor [Fstat];
    "nvz_p1_fd_filestat_set_size": Descriptor [Ftruncate];
    "nvz_p1_fd_filestat_set_times": Descriptor [Utimensat];
    "nvz_p1_fd_pread": Descriptor [Preadv];
    "nvz_p1_fd_prestat_get": Always [];
    "nvz_p1_fd_prestat_dir_name": Always [];
    "nvz_p1_fd_pwrite": Descriptor [Pwritev];
    "nvz_p1_fd_read": Always [Readv Ppoll RestartSyscall];
    "nvz_p1_fd_readdir": Directory [Getdents64 Lseek Fstat Newfstatat];
    "nvz_p1_fd_renumber": Descriptor [Close];
    "nvz_p1_fd_seek": Descriptor [Lseek];
    "nvz_p0_fd_seek": Descriptor [Lseek];
    "nvz_p1_fd_sync": Descriptor [Fsync];
    "nvz_p1_fd_tell": Descriptor [Lseek];
    "nvz_p1_fd_write": Always [Writev Ppoll RestartSyscall];
    "nvz_p1_path_create_directory": Directory [Openat2 Openat Readlinkat Close Mkdirat];
    "nvz_p1_path_filestat_get": Directory [Openat2 Openat Readlinkat Close Newfstatat Fstat];
    "nvz_p0_path_filestat_get": Directory [Openat2 Openat Readlinkat Close Newfstatat Fstat];
    "nvz_p1_path_filestat_set_times": Directory [Openat2 Openat Readlinkat Close Utimensat];
    "nvz_p1_path_link": Directory [Openat2 Openat Readlinkat Close Linkat];
    // A descriptor below 3 is moved up, and the table of descriptors grows.
    "nvz_p1_path_open": Directory [Openat2 Openat Readlinkat Close Fstat Newfstatat Fstatfs Fcntl Mmap Munmap];
    "nvz_p1_path_open": Embedded [MemfdCreate Write Fcntl Lseek Close Mmap Munmap];
    "nvz_p1_path_readlink": Directory [Openat2 Openat Readlinkat Close];
    "nvz_p1_path_remove_directory": Directory [Openat2 Openat Readlinkat Close Unlinkat];
    "nvz_p1_path_rename": Directory [Openat2 Openat Readlinkat Close Renameat];
    "nvz_p1_path_symlink": Directory [Openat2 Openat Readlinkat Close Symlinkat];
    "nvz_p1_path_unlink_file": Directory [Openat2 Openat Readlinkat Close Unlinkat];
    "nvz_p1_poll_oneoff": Always [Ppoll RestartSyscall ClockGettime Mmap Munmap] Descriptor [Fstat Lseek];
    "nvz_p0_poll_oneoff": Always [Ppoll RestartSyscall ClockGettime Mmap Munmap] Descriptor [Fstat Lseek];
    "nvz_p1_proc_exit": Always [];
    "nvz_p1_proc_raise": Always [];
    "nvz_p1_sched_yield": Always [SchedYield];
    "nvz_p1_random_get": Always [Getrandom];
    // A standard stream may be a socket, even one that listens.
    "nvz_p1_sock_accept": Always [Accept4 Fcntl Close Mmap Munmap];
    "nvz_p1_sock_recv": Always [Recvmsg];
    "nvz_p1_sock_send": Always [Sendmsg];
    "nvz_p1_sock_shutdown": Always [Shutdown];
}

/// The function by which a program without any grant can come to descriptors.
pub const ACCEPT: &str = "nvz_p1_sock_accept";

const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn has_row(symbol: &str) -> bool {
    let mut index = 0;
    while index < USES.len() {
        if equal(USES[index].symbol, symbol) {
            return true;
        }
        index += 1;
    }
    false
}

/// A host function or a builtin without a row does not compile.
macro_rules! check_host_functions {
    ($($module:tt, $name:tt, $symbol:ident $parameters:tt $(-> $result:ident)?;)*) => {
        const _: () = {
            $(assert!(has_row(stringify!($symbol)));)*
        };
    };
}
for_each_wasi_p1!(check_host_functions);

macro_rules! check_builtins {
    ($($name:ident, $symbol:literal, $parameters:tt $(-> $result:ident)?;)*) => {
        const _: () = {
            $(assert!(has_row($symbol));)*
        };
    };
}
for_each_builtin!(check_builtins);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(name_of(0), Some(&b"read"[..]));
        assert_eq!(name_of(59), Some(&b"execve"[..]));
        assert_eq!(name_of(437), Some(&b"openat2"[..]));
        assert_eq!(name_of(12), None);
        assert_eq!(name_of(1000), None);
        for call in SystemCall::ALL {
            assert_eq!(name_of(call.number().into()), Some(call.name().as_bytes()));
        }
    }
}
