//! Multiplication and addition rounded once, for processors without an instruction for it.

/// What a result is rounded to.
struct Format {
    /// Bits of the significand, the implied one included.
    significand: u32,
    /// The exponent of the least normal number.
    least_exponent: i32,
}

const F32: Format = Format {
    significand: 24,
    least_exponent: -126,
};

const F64: Format = Format {
    significand: 53,
    least_exponent: -1022,
};

/// `significand * 2^exponent`, negated if `negative`.
#[derive(Clone, Copy)]
struct Number {
    negative: bool,
    significand: u128,
    exponent: i32,
}

/// `a * b + c` rounded to the nearest float, ties to even.
pub(crate) fn fma_f32(a: f32, b: f32, c: f32) -> f32 {
    // Products of floats of 32 bits are exact in 64 bits.
    let (a, b, c) = (f64::from(a), f64::from(b), f64::from(c));
    match simple(a, b, c) {
        Some(result) => result as f32,
        None => f32::from_bits(sum_with_product(a, b, c).round(&F32) as u32),
    }
}

/// `a * b + c` rounded to the nearest float, ties to even.
pub(crate) fn fma_f64(a: f64, b: f64, c: f64) -> f64 {
    simple(a, b, c).unwrap_or_else(|| f64::from_bits(sum_with_product(a, b, c).round(&F64)))
}

/// The result where at most one rounding happens anyway, or none: with an infinity, NaN or zero.
fn simple(a: f64, b: f64, c: f64) -> Option<f64> {
    if !a.is_finite() || !b.is_finite() {
        Some(a * b + c)
    } else if !c.is_finite() {
        // The product must not overflow to an infinity of the other sign.
        Some(c + c)
    } else if a == 0.0 || b == 0.0 {
        Some(a * b + c)
    } else if c == 0.0 {
        // Adding the zero would change the sign of a product that underflows.
        Some(a * b)
    } else {
        None
    }
}

/// The sum of finite numbers other than zero: exact but for a last bit that says whether there are more.
fn sum_with_product(a: f64, b: f64, c: f64) -> Number {
    let (a, b, c) = (Number::new(a), Number::new(b), Number::new(c));
    // Both get their highest bit at 124 or 125, so that a sum fits and what cancellation leaves is exact.
    let product = Number {
        negative: a.negative != b.negative,
        significand: (a.significand * b.significand) << 20,
        exponent: a.exponent + b.exponent - 20,
    };
    let addend = Number {
        significand: c.significand << 72,
        exponent: c.exponent - 72,
        ..c
    };
    let (high, low) = if product.exponent >= addend.exponent {
        (product, addend)
    } else {
        (addend, product)
    };
    let low_significand = shift_right_sticky(low.significand, high.exponent.abs_diff(low.exponent));
    if high.negative == low.negative {
        return Number {
            significand: high.significand + low_significand,
            ..high
        };
    }
    let negative = match high.significand.cmp(&low_significand) {
        core::cmp::Ordering::Less => low.negative,
        core::cmp::Ordering::Equal => false,
        core::cmp::Ordering::Greater => high.negative,
    };
    Number {
        negative,
        significand: high.significand.abs_diff(low_significand),
        exponent: high.exponent,
    }
}

/// Shifts right; the last bit of the result is set if any bit was lost.
fn shift_right_sticky(value: u128, count: u32) -> u128 {
    let shifted = value.checked_shr(count).unwrap_or(0);
    let lost = shifted.checked_shl(count).unwrap_or(0) != value;
    shifted | u128::from(lost)
}

impl Number {
    /// A finite number other than zero, with the highest bit of its significand at 52.
    fn new(value: f64) -> Self {
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let biased = (bits >> 52 & 0x7ff) as i32;
        let (significand, exponent) = if biased == 0 {
            let shift = fraction.leading_zeros() - 11;
            (fraction << shift, -1074 - shift.cast_signed())
        } else {
            (fraction | 1 << 52, biased - 1075)
        };
        Number {
            negative: value.is_sign_negative(),
            significand: u128::from(significand),
            exponent,
        }
    }

    /// The bits of the nearest float.
    fn round(self, format: &Format) -> u64 {
        let fraction_bits = format.significand - 1;
        let exponent_bits = if fraction_bits == 52 { 11 } else { 8 };
        let sign = u64::from(self.negative) << (fraction_bits + exponent_bits);
        if self.significand == 0 {
            return sign;
        }
        let shift = self.significand.leading_zeros();
        let significand = self.significand << shift;
        // The number is at least 2^exponent and less than twice that.
        let exponent = self.exponent - shift.cast_signed() + 127;
        let infinity = ((1 << exponent_bits) - 1) << fraction_bits;
        if exponent > 1 - format.least_exponent {
            return sign | infinity;
        }
        let below_normal = u32::try_from(format.least_exponent - exponent).unwrap_or(0);
        let dropped = 128 - format.significand + below_normal;
        if dropped > 128 {
            return sign;
        }
        let kept = significand.checked_shr(dropped).unwrap_or(0);
        let rest = significand - kept.checked_shl(dropped).unwrap_or(0);
        let half = 1 << (dropped - 1);
        let up = rest > half || (rest == half && kept & 1 == 1);
        let rounded = kept as u64 + u64::from(up);
        // The implied bit of a normal number adds one to the exponent field, and so does a carry.
        let field = u64::try_from(exponent - format.least_exponent).unwrap_or(0);
        sign | ((field << fraction_bits) + rounded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look alike: few distinct exponents, so that sums cancel and round.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (self.0 >> 32) ^ (self.0 << 20)
        }

        fn significand(&mut self) -> u64 {
            match self.next() % 4 {
                0 => self.next() & self.next() & self.next(),
                1 => self.next() | self.next() | self.next(),
                2 => 1 << (self.next() % 64),
                _ => self.next() ^ self.next() << 13,
            }
        }

        fn f64(&mut self, exponent: u64) -> f64 {
            let exponent = (exponent + self.next() % 4) & 0x7ff;
            f64::from_bits(self.next() << 63 | exponent << 52 | self.significand() >> 12)
        }

        fn f32(&mut self, exponent: u64) -> f32 {
            let exponent = (exponent + self.next() % 4) & 0xff;
            let bits = self.next() << 31 | exponent << 23 | self.significand() >> 41;
            f32::from_bits(bits as u32)
        }
    }

    #[test]
    fn as_the_fused_instruction_f64() {
        let mut random = Random(1);
        for _ in 0..400_000 {
            let (e, f) = (random.next() & 0x7ff, random.next() & 0x7ff);
            // Half of the addends are near the product.
            let g = if random.next() & 1 == 0 {
                (e + f).saturating_sub(1023 + random.next() % 60) & 0x7ff
            } else {
                random.next() & 0x7ff
            };
            let (a, b, c) = (random.f64(e), random.f64(f), random.f64(g));
            let (ours, theirs) = (fma_f64(a, b, c), a.mul_add(b, c));
            assert!(
                ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(),
                "{a:e} * {b:e} + {c:e}: {ours:e} instead of {theirs:e}"
            );
        }
    }

    #[test]
    fn as_the_fused_instruction_f32() {
        let mut random = Random(2);
        for _ in 0..400_000 {
            let (e, f) = (random.next() & 0xff, random.next() & 0xff);
            let g = if random.next() & 1 == 0 {
                (e + f).saturating_sub(127 + random.next() % 30) & 0xff
            } else {
                random.next() & 0xff
            };
            let (a, b, c) = (random.f32(e), random.f32(f), random.f32(g));
            let (ours, theirs) = (fma_f32(a, b, c), a.mul_add(b, c));
            assert!(
                ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(),
                "{a:e} * {b:e} + {c:e}: {ours:e} instead of {theirs:e}"
            );
        }
    }

    #[test]
    fn zeros_and_infinities() {
        let tiny = f64::from_bits(1);
        assert_eq!(fma_f64(tiny, -tiny, 0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!(fma_f64(2.0, 3.0, -6.0).to_bits(), 0);
        assert_eq!(
            fma_f64(f64::MAX, f64::MAX, f64::NEG_INFINITY),
            f64::NEG_INFINITY
        );
        assert_eq!(fma_f64(f64::MAX, 2.0, -f64::MAX), f64::MAX);
        assert!(fma_f64(f64::INFINITY, 1.0, f64::NEG_INFINITY).is_nan());
        assert_eq!(fma_f32(f32::MAX, 1.0, f32::MAX), f32::INFINITY);
    }
}
