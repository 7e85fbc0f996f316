// A panic after some output: Rust's abort is an `unreachable` instruction.
use std::cell::Cell;

struct Guard<'a>(&'a Cell<i32>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

fn main() {
    let count = Cell::new(0);
    for _ in 0..3 {
        let _guard = Guard(&count);
    }
    println!("{} drops", count.get());
    let values = vec![1, 2, 3];
    let index = std::env::args().count() + 9;
    println!("{}", values[index]);
}
