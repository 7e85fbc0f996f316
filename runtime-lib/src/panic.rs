//! A panic of the runtime, which is a bug.

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    crate::exit::exit(134)
}
