#![no_std]
#![no_main]

use core::panic::PanicInfo;

enum Shape {
    Circle { radius: u32 },
    Rectangle { width: u32, height: u32 },
}

struct Canvas<'a> {
    shapes: &'a [Shape],
    factor: u64,
    total: u64,
}

impl Shape {
    #[inline(never)]
    fn area(&self) -> u64 {
        match *self {
            Shape::Circle { radius } => square(radius) * 3,
            Shape::Rectangle { width, height } => u64::from(width) * u64::from(height),
        }
    }
}

#[inline(always)]
fn square(side: u32) -> u64 {
    let side = u64::from(side);
    side * side
}

impl Canvas<'_> {
    #[inline(never)]
    fn measure(&mut self, limit: u64) -> u64 {
        for shape in self.shapes {
            let area = shape.area();
            self.total += area * self.factor;
        }
        self.total.min(limit)
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[unsafe(no_mangle)]
extern "C" fn _start() {
    let shapes = [Shape::Circle { radius: 2 }, Shape::Rectangle { width: 3, height: 4 }];
    let mut canvas = Canvas { shapes: &shapes, factor: 10, total: 0 };
    let measured = canvas.measure(1000);
    let index = measured as usize / 100;
    let last = shapes[index].area();
    assert!(last > 0);
}
