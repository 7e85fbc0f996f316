//! Panics and impossible errors, reported as what they are: bugs in nativize.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Mutex, PoisonError};

use crate::code::Code;
use crate::error::Failure;

/// What panicked, in order. A worker thread's panic comes before that of the thread that waits for it.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps panics for the report, instead of printing them where they happen.
pub(crate) fn collect_panics() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        record(panic);
        // Whoever asks for a backtrace gets the usual report as well.
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            default(panic);
        }
    }));
}

/// Runs `command`; a panic in it, or in a thread that it waits for, becomes a failure.
pub(crate) fn caught(command: impl FnOnce() -> Result<u8, Failure>) -> Result<u8, Failure> {
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|payload| {
        let mut places =
            std::mem::take(&mut *PANICS.lock().unwrap_or_else(PoisonError::into_inner));
        places.dedup();
        Err(failure(text(&*payload), &places))
    })
}

/// A bug with what is known about it.
pub(crate) fn failure(message: &str, places: &[String]) -> Failure {
    let mut failure = Failure::new(Code::Bug, format!("nativize has a bug: {message}"));
    for place in places {
        failure = failure.cause(place);
    }
    failure.help(format!(
        "please report it, with the module, the command line and the version: nativize {}",
        env!("CARGO_PKG_VERSION")
    ))
}

fn record(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(String::new, |place| {
        format!(" at {}:{}", place.file(), place.line())
    });
    let message = format!("panic{place}: {}", text(panic.payload()));
    PANICS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(message);
}

fn text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_bugs() {
        let failure = caught(|| panic!("slot {} is missing", 3)).unwrap_err();
        assert_eq!(failure.code, Code::Bug);
        assert_eq!(failure.message, "nativize has a bug: slot 3 is missing");
        assert!(
            failure
                .help
                .is_some_and(|help| help.starts_with("please report it"))
        );
    }
}
