// Without the standard library: generics and closures, inlined, with names in both manglings of Rust, and a panic.
#![no_std]

use core::sync::atomic::{AtomicU32, Ordering};

mod bounded {
    pub trait Step {
        fn step(&self, value: u32) -> u32;
    }

    impl<F: Fn(u32) -> u32> Step for F {
        fn step(&self, value: u32) -> u32 {
            self(value)
        }
    }

    pub struct Counter<const N: usize> {
        pub values: [u32; N],
    }

    impl<const N: usize> Counter<N> {
        #[inline(never)]
        pub fn run<S: Step>(&self, step: &S, from: usize) -> u32 {
            let mut total = 0u32;
            for index in from..from + 3 {
                total = total.wrapping_add(step.step(self.values[index]));
            }
            total
        }
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

static INPUT: AtomicU32 = AtomicU32::new(1);

#[no_mangle]
pub extern "C" fn _start() {
    let input = || INPUT.load(Ordering::Relaxed);
    let counter = bounded::Counter { values: [7, 8, 9, input()] };
    let factor = input();
    let step = |value: u32| value * factor;
    INPUT.store(counter.run(&step, input() as usize) / 9, Ordering::Relaxed);
    INPUT.store(counter.run(&step, input() as usize), Ordering::Relaxed);
}
