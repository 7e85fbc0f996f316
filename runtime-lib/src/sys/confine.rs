//! What a process can ask the kernel to forbid it, and timers: what rustix has not.
#![allow(unsafe_code)]

use super::arch::call;
use nativize_abi::sandbox::Instruction;
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;

fn result(value: isize) -> Result<usize, Errno> {
    usize::try_from(value).map_err(|_| Errno::from_raw_os_error(-(value as i32)))
}

/// Forbids the process, and whatever it might execute, to gain rights by executing a file: without that the kernel lets
/// only an administrator be confined.
#[inline]
pub(crate) fn no_new_privileges() -> Result<(), Errno> {
    const PR_SET_NO_NEW_PRIVS: u64 = 38;
    // SAFETY: the operation takes a number.
    result(unsafe { call::prctl(PR_SET_NO_NEW_PRIVS, 1) }).map(|_| ())
}

/// Lets `filter` decide on every system call from now on.
pub(crate) fn set_filter(filter: &[Instruction]) -> Result<(), Errno> {
    /// `struct sock_fprog`.
    #[repr(C)]
    struct Program {
        len: u16,
        instructions: *const Instruction,
    }
    const SECCOMP_SET_MODE_FILTER: u64 = 1;
    // Kernels before 5.16 otherwise slow down every load of a filtered process, against an attack on other processes. Those
    // before 4.17 do not know the flag.
    const SECCOMP_FILTER_FLAG_SPEC_ALLOW: u64 = 4;
    let program = Program {
        len: filter.len() as u16,
        instructions: filter.as_ptr(),
    };
    let address = (&raw const program) as u64;
    // SAFETY: the program and its instructions outlive the call.
    let set = unsafe {
        call::seccomp(
            SECCOMP_SET_MODE_FILTER,
            SECCOMP_FILTER_FLAG_SPEC_ALLOW,
            address,
        )
    };
    result(set).map(|_| ())
}

/// Which of the versions of Landlock's interface the kernel has.
pub(crate) fn landlock_version() -> Result<usize, Errno> {
    const LANDLOCK_CREATE_RULESET_VERSION: u64 = 1;
    // SAFETY: with this flag there are no attributes.
    result(unsafe { call::landlock_create_ruleset(0, 0, LANDLOCK_CREATE_RULESET_VERSION) })
}

/// A set of rules that is being made.
pub(crate) struct Ruleset(OwnedFd);

/// What a set of rules forbids as far as no rule allows it: `struct landlock_ruleset_attr`.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Handled {
    /// Operations on files.
    pub(crate) files: u64,
    /// Operations on ports of TCP.
    pub(crate) network: u64,
    /// Reaching other processes.
    pub(crate) scope: u64,
}

impl Ruleset {
    /// A set without rules.
    pub(crate) fn new(handled: &Handled) -> Result<Self, Errno> {
        let address = core::ptr::from_ref(handled) as u64;
        // SAFETY: the record is valid for reads. An older kernel takes a longer one if what it does not know is zero.
        let descriptor = result(unsafe {
            call::landlock_create_ruleset(address, size_of::<Handled>() as u64, 0)
        })?;
        #[allow(clippy::cast_possible_wrap, reason = "descriptors are small")]
        let descriptor = descriptor as i32;
        // SAFETY: the kernel has just made this descriptor, for us.
        Ok(Ruleset(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    /// Allows `operations` on `directory` and on all beneath it.
    pub(crate) fn allow(&self, directory: BorrowedFd<'_>, operations: u64) -> Result<(), Errno> {
        /// `struct landlock_path_beneath_attr`.
        #[repr(C, packed)]
        struct PathBeneath {
            allowed: u64,
            parent: i32,
        }
        const LANDLOCK_RULE_PATH_BENEATH: u64 = 1;
        let rule = PathBeneath {
            allowed: operations,
            parent: directory.as_raw_fd(),
        };
        // SAFETY: the rule outlives the call.
        result(unsafe {
            call::landlock_add_rule(
                self.0.as_raw_fd(),
                LANDLOCK_RULE_PATH_BENEATH,
                (&raw const rule) as u64,
            )
        })
        .map(|_| ())
    }

    /// Holds this process to the rules from now on.
    pub(crate) fn restrict(self) -> Result<(), Errno> {
        result(call::landlock_restrict_self(self.0.as_raw_fd())).map(|_| ())
    }
}

/// Lets the initial stack grow to no more than `bytes`. (What rustix has for it takes success for granted.)
#[inline]
pub(crate) fn limit_stack(bytes: u64) -> Result<(), Errno> {
    const RLIMIT_STACK: u64 = 3;
    let mut old = [0; 2];
    result(call::prlimit(RLIMIT_STACK, None, &mut old))?;
    let [soft, hard] = old;
    if soft > bytes {
        result(call::prlimit(RLIMIT_STACK, Some(&[bytes, hard]), &mut old))?;
    }
    Ok(())
}

/// Which time a timer counts.
#[derive(Clone, Copy)]
pub(crate) enum Timer {
    /// Time as it passes; then it raises `SIGALRM`.
    Wall = 0,
    /// Processor time of all threads, without the kernel's work for them; then it raises `SIGVTALRM`.
    User = 1,
    /// Processor time of all threads, the kernel's work for them included; then it raises `SIGPROF`.
    Processor = 2,
}

/// Raises the timer's signal after that many microseconds.
pub(crate) fn start_timer(timer: Timer, microseconds: u64) -> Result<(), Errno> {
    let [seconds, rest] = split(microseconds);
    result(call::setitimer(timer as u64, &[0, 0, seconds, rest])).map(|_| ())
}

/// Raises the timer's signal again and again, after that many microseconds each.
pub(crate) fn repeat_timer(timer: Timer, microseconds: u64) -> Result<(), Errno> {
    let [seconds, rest] = split(microseconds);
    result(call::setitimer(
        timer as u64,
        &[seconds, rest, seconds, rest],
    ))
    .map(|_| ())
}

/// Seconds, and microseconds.
fn split(microseconds: u64) -> [u64; 2] {
    const SECOND: u64 = 1_000_000;
    [microseconds / SECOND, microseconds % SECOND]
}
