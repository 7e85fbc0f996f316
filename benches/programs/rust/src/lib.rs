//! What the Rust programs share, as `bench.h` has it for C.

/// The amount of work: `full`, or that divided by the first argument.
pub fn work(full: u32) -> u32 {
    let divisor = std::env::args().nth(1).and_then(|argument| argument.parse().ok());
    (full / divisor.unwrap_or(1).max(1)).max(1)
}

/// xorshift64*
pub struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Random(0x9e3779b97f4a7c15)
    }
}

impl Random {
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545f4914f6cdd1d) >> 32) as u32
    }
}

/// Mixes a value into a checksum.
pub fn mix(sum: u64, value: u64) -> u64 {
    (sum ^ value).wrapping_mul(0x100000001b3).wrapping_add(sum >> 29)
}

/// Mixes bytes into a checksum.
pub fn mix_bytes(sum: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(sum, |sum, &byte| mix(sum, byte.into()))
}

pub fn done(sum: u64) {
    println!("{sum:016x}");
}

/// Words, numbers and lines.
pub fn text(size: usize) -> String {
    const WORDS: [&str; 18] = [
        "the", "Compiler", "of", "memory", "a", "page", "is", "mapped", "and", "linear", "table", "INDEX", "calls",
        "function", "to", "return", "value", "Stack",
    ];
    const BETWEEN: [char; 10] = [' ', ',', '\n', ' ', '\t', '.', ' ', ';', ' ', ' '];
    let mut random = Random::default();
    let mut text = String::with_capacity(size + 16);
    while text.len() < size {
        let r = random.next();
        if r % 11 == 0 {
            text += &(random.next() % 100000).to_string();
        } else {
            text += WORDS[r as usize % WORDS.len()];
        }
        text.push(BETWEEN[(r >> 8) as usize % BETWEEN.len()]);
    }
    text
}
