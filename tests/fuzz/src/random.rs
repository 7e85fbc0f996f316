//! A deterministic source of choices: the same seed gives the same module on every machine.

use crate::case::Kind;

/// Sebastiano Vigna's splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6e61_7469_7669_7a65)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number less than `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// True once in `n` times.
    pub(crate) fn chance(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// An integer near an edge, small, or any.
    pub(crate) fn integer(&mut self) -> u64 {
        let edges = [
            0,
            1,
            2,
            7,
            8,
            31,
            32,
            63,
            64,
            255,
            256,
            0x7fff,
            0x8000,
            0xffff,
            0x10000,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_fffe,
            0xffff_ffff,
            0x1_0000_0000,
            i64::MAX as u64,
            i64::MIN as u64,
            u64::MAX,
            u64::MAX - 1,
            0xffff_ffff_8000_0000,
            0xffff_ffff_0000_0000,
        ];
        match self.below(4) {
            0 => self.pick(&edges),
            1 => self.next() % 40,
            2 => self.next() % 0x2_0000,
            _ => self.next(),
        }
    }

    /// A value to pass for a parameter; references are null.
    pub(crate) fn argument(&mut self, kind: Kind) -> u128 {
        let floats = [
            0.0,
            -0.0,
            1.0,
            -1.5,
            1e10,
            -1e300,
            f64::INFINITY,
            f64::MIN_POSITIVE,
            4294967296.0,
            0.1,
        ];
        let bits = match kind {
            Kind::I32 | Kind::I64 => u128::from(self.integer()),
            Kind::F32 => u128::from((self.pick(&floats) as f32).to_bits()),
            Kind::F64 => u128::from(self.pick(&floats).to_bits()),
            Kind::V128 => u128::from(self.integer()) | u128::from(self.integer()) << 64,
            Kind::Func | Kind::Extern | Kind::Exn => 0,
        };
        kind.comparable(bits)
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}
