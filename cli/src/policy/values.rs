//! The values of flags that limit a program: sizes and times with units.

use std::ffi::OsStr;

use nativize_abi::address::{INDEX_RANGE, PAGE_SIZE, STACK_GUARD};

use super::usage;
use crate::error::Failure;

/// The smallest stack: the guard's size, so that a program never has more guard than stack.
const MIN_STACK_SIZE: u64 = STACK_GUARD;
/// The largest stack: the address map keeps 4 GiB for it.
const MAX_STACK_SIZE: u64 = 1 << 32;
/// A second, in microseconds.
const SECOND: u64 = 1_000_000;
/// The longest time: more than a century, and no overflow in any kernel.
const MAX_TIME: u64 = SECOND << 32;

/// The size of a stack: a number of bytes, optionally with a binary unit, rounded up to whole pages.
pub(crate) fn stack_size(text: &str) -> Result<u64, Failure> {
    let refuse = |why: &str| {
        usage(
            "--stack-size",
            OsStr::new(text),
            why,
            "write bytes or a unit, from 64K to 4G, e.g. --stack-size 16M",
        )
    };
    let bytes = size(text).map_err(refuse).and_then(|bytes| match bytes {
        ..MIN_STACK_SIZE => Err(refuse("too small")),
        MIN_STACK_SIZE..=MAX_STACK_SIZE => Ok(bytes),
        _ => Err(refuse("too large")),
    })?;
    Ok(bytes.next_multiple_of(PAGE_SIZE))
}

/// The limit of all linear memories together.
pub(crate) fn max_memory(text: &str) -> Result<u64, Failure> {
    size(text).map_err(|why| {
        usage(
            "--max-memory",
            OsStr::new(text),
            why,
            "write bytes or a unit, e.g. --max-memory 64M",
        )
    })
}

/// A time in microseconds.
pub(crate) fn time(flag: &str, text: &str) -> Result<u64, Failure> {
    let refuse = |why: &str| {
        usage(
            flag,
            OsStr::new(text),
            why,
            &format!("write seconds or a unit (ms, s, m, h), e.g. {flag} 500ms"),
        )
    };
    let (digits, unit) = split(text);
    let unit = match unit {
        "ms" => 1000,
        "" | "s" => SECOND,
        "m" | "min" => 60 * SECOND,
        "h" => 3600 * SECOND,
        _ => return Err(refuse("not a time")),
    };
    let number: u64 = digits.parse().map_err(|_| refuse("not a time"))?;
    match number.checked_mul(unit) {
        Some(0) => Err(refuse("no time at all")),
        Some(time) if time <= MAX_TIME => Ok(time),
        _ => Err(refuse("too long")),
    }
}

fn size(text: &str) -> Result<u64, &'static str> {
    const NO_SIZE: &str = "not a number of bytes";
    let (digits, unit) = split(text);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err(NO_SIZE),
    };
    let number: u64 = digits.parse().map_err(|_| NO_SIZE)?;
    number
        .checked_mul(1 << shift)
        .filter(|&bytes| bytes <= INDEX_RANGE << 16)
        .ok_or("too large")
}

/// Digits, and the unit after them.
fn split(text: &str) -> (&str, &str) {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    (digits, &text[digits.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stack_sizes() {
        assert_eq!(stack_size("65537").unwrap(), 69632);
        assert_eq!(stack_size("1M").unwrap(), 1 << 20);
        assert_eq!(stack_size("4GiB").unwrap(), 1 << 32);
        for bad in [
            "",
            "M",
            "1x",
            "-1",
            "63K",
            "5G",
            "99999999999999999999",
            "17179869184G",
            "1M1",
        ] {
            assert!(stack_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times() {
        let time = |text| time("--timeout", text);
        assert_eq!(time("5").unwrap(), 5_000_000);
        assert_eq!(time("5s").unwrap(), 5_000_000);
        assert_eq!(time("1500ms").unwrap(), 1_500_000);
        assert_eq!(time("2m").unwrap(), 120_000_000);
        assert_eq!(time("1h").unwrap(), 3_600_000_000);
        for bad in [
            "",
            "s",
            "0",
            "0ms",
            "-1",
            "1.5",
            "1d",
            "99999999999999999999",
            "9999999999h",
        ] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
