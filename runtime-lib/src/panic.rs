//! A panic of the runtime, which is a bug.

/// Says so without the panic's own message: formatting it would put its machinery into every executable.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    crate::trap::internal_error()
}
