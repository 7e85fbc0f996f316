//! A panic of the runtime, which is a bug.

/// Says where. The panic's own message is left out: formatting it would put its machinery into every executable.
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    crate::trap::internal_error(info.location())
}
