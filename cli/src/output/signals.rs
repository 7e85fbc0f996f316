//! Temporary names that are removed whatever ends the process: an error, a panic, or a signal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

/// The names that exist. Held locked while one comes or goes, so that a signal never meets a name between its
/// creation and its registration.
static NAMES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The process that signals are meant for, or 0.
static CHILD: AtomicI32 = AtomicI32::new(0);

/// Starts a process that gets the signals from now on that tell this one to end.
pub(crate) fn pass_on_to(start: impl FnOnce() -> io::Result<Child>) -> io::Result<Child> {
    watch();
    let child = start()?;
    CHILD.store(child.id().cast_signed(), Ordering::SeqCst);
    Ok(child)
}

/// Takes signals for its own again.
pub(crate) fn stop_passing_on() {
    CHILD.store(0, Ordering::SeqCst);
}

/// A file under a name that is not its last one. Dropping it removes the file.
#[derive(Debug)]
pub(super) struct TemporaryName {
    path: PathBuf,
}

impl TemporaryName {
    /// Registers the name that `create` has given a file; tries again while it finds its name taken.
    pub(super) fn create<T>(
        mut create: impl FnMut() -> io::Result<(PathBuf, T)>,
    ) -> io::Result<(Self, T)> {
        watch();
        let mut names = lock();
        loop {
            match create() {
                Ok((path, value)) => {
                    names.push(path.clone());
                    return Ok((TemporaryName { path }, value));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the file its last name, replacing what has it.
    pub(super) fn rename(self, path: &Path) -> io::Result<()> {
        let mut names = lock();
        fs::rename(&self.path, path)?;
        names.retain(|name| *name != self.path);
        Ok(())
    }
}

impl Drop for TemporaryName {
    fn drop(&mut self) {
        let mut names = lock();
        if let Some(at) = names.iter().position(|name| *name == self.path) {
            names.swap_remove(at);
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Lets writing beyond a limit of file sizes (`ulimit -f`) be an error like others. The signal would end the process without
/// a word. It is handled, not ignored: what `nativize run` becomes has it as it was.
pub(crate) fn heed_file_size_limit() {
    // Where that is refused, the signal still ends the process.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

fn lock() -> MutexGuard<'static, Vec<PathBuf>> {
    NAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread that answers signals, once there is something to clean up.
fn watch() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let ignored = ignored_signals();
        let watched = [SIGHUP, SIGINT, SIGTERM]
            .into_iter()
            // What `nohup` or a shell's background job ignores stays ignored.
            .filter(|signal| ignored & (1 << (signal - 1)) == 0);
        let Ok(mut signals) = Signals::new(watched) else {
            return;
        };
        // Without the thread a signal has to wait for the few milliseconds that a name exists.
        let _ = thread::Builder::new().spawn(move || {
            for signal in signals.forever() {
                let child = Pid::from_raw(CHILD.load(Ordering::SeqCst));
                if let (Some(child), Some(signal)) = (child, Signal::from_named_raw(signal)) {
                    // It may have ended just now.
                    let _ = kill_process(child, signal);
                    continue;
                }
                // Never unlocked again: no new name appears while the process ends.
                let names = lock();
                for name in names.iter() {
                    let _ = fs::remove_file(name);
                }
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
    });
}

/// The kernel's mask of ignored signals; bit 0 is signal 1.
fn ignored_signals() -> u64 {
    fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(line.trim(), 16).ok()
        })
        .unwrap_or(0)
}
