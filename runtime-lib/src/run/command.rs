//! The main loop of a command.
#![allow(unsafe_code)]

/// Calls every entry in order.
#[unsafe(no_mangle)]
extern "C" fn nvz_main_command() -> ! {
    for entry in crate::program::entries() {
        super::run(entry);
    }
    crate::exit::exit(0)
}
