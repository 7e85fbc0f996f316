//! Numbers on the command line, for `--invoke`.

/// The bits of an integer of `bits` bits: decimal, or hexadecimal after `0x`, with an optional sign, in the range of
/// the signed or of the unsigned type.
pub(crate) fn parse_integer(text: &[u8], bits: u32) -> Option<u64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        digits => (10, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut magnitude = 0u64;
    for &digit in digits {
        let digit = char::from(digit).to_digit(radix)?;
        magnitude = magnitude
            .checked_mul(radix.into())?
            .checked_add(digit.into())?;
    }
    let mask = u64::MAX >> (64 - bits);
    let limit = if negative { (mask >> 1) + 1 } else { mask };
    if magnitude > limit {
        return None;
    }
    Some(if negative {
        magnitude.wrapping_neg() & mask
    } else {
        magnitude
    })
}

/// A float as Rust reads it: decimal, `inf`, `nan`.
pub(crate) fn parse_float<F: core::str::FromStr>(text: &[u8]) -> Option<F> {
    core::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        let i32 = |text: &str| parse_integer(text.as_bytes(), 32);
        assert_eq!(i32("0"), Some(0));
        assert_eq!(i32("-1"), Some(0xffff_ffff));
        assert_eq!(i32("4294967295"), Some(0xffff_ffff));
        assert_eq!(i32("+7"), Some(7));
        assert_eq!(i32("0xFf"), Some(255));
        assert_eq!(i32("-0x80000000"), Some(0x8000_0000));
        for wrong in [
            "",
            "-",
            "0x",
            "4294967296",
            "-2147483649",
            "1.0",
            "a",
            " 1",
            "1_0",
            "--1",
        ] {
            assert_eq!(i32(wrong), None, "{wrong}");
        }
        let i64 = |text: &str| parse_integer(text.as_bytes(), 64);
        assert_eq!(i64("-9223372036854775808"), Some(1 << 63));
        assert_eq!(i64("18446744073709551615"), Some(u64::MAX));
        assert_eq!(i64("18446744073709551616"), None);
        assert_eq!(i64("-9223372036854775809"), None);
    }

    #[test]
    fn floats() {
        assert_eq!(parse_float::<f64>(b"-1.5e3"), Some(-1500.0));
        assert_eq!(parse_float::<f32>(b"inf"), Some(f32::INFINITY));
        assert_eq!(parse_float::<f32>(b"x"), None);
        assert_eq!(parse_float::<f32>(b"\xff"), None);
    }
}
