//! Values on the wire between harness and executable, and the patterns that results are held against.

use std::fmt;
use wast::core::{NanPattern, V128Pattern};
use wast::token::{F32, F64};

/// A value as the executable reads and writes it: little-endian, in the low bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Value(pub(crate) [u8; 16]);

impl From<u32> for Value {
    fn from(bits: u32) -> Self {
        Value::from(u64::from(bits))
    }
}

impl From<u64> for Value {
    fn from(bits: u64) -> Self {
        Value(u128::from(bits).to_le_bytes())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", u128::from_le_bytes(self.0))
    }
}

/// What a result may be.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `bytes` under `mask`.
    Bits { bytes: [u8; 16], mask: [u8; 16] },
    /// Any reference but null.
    NotNull,
    /// One of several.
    Either(Vec<Pattern>),
}

impl Pattern {
    pub(crate) fn bits32(bits: u32) -> Self {
        Pattern::concat([lane((bits, u32::MAX), u32::to_le_bytes)])
    }

    pub(crate) fn bits64(bits: u64) -> Self {
        Pattern::concat([lane((bits, u64::MAX), u64::to_le_bytes)])
    }

    pub(crate) fn f32(pattern: &NanPattern<F32>) -> Self {
        Pattern::concat([lane(masked_f32(pattern), u32::to_le_bytes)])
    }

    pub(crate) fn f64(pattern: &NanPattern<F64>) -> Self {
        Pattern::concat([lane(masked_f64(pattern), u64::to_le_bytes)])
    }

    pub(crate) fn v128(pattern: &V128Pattern) -> Self {
        match pattern {
            V128Pattern::I8x16(lanes) => Pattern::concat(lanes.map(|n| (n.to_le_bytes(), [255]))),
            V128Pattern::I16x8(lanes) => {
                Pattern::concat(lanes.map(|n| (n.to_le_bytes(), [255; 2])))
            }
            V128Pattern::I32x4(lanes) => {
                Pattern::concat(lanes.map(|n| (n.to_le_bytes(), [255; 4])))
            }
            V128Pattern::I64x2(lanes) => {
                Pattern::concat(lanes.map(|n| (n.to_le_bytes(), [255; 8])))
            }
            V128Pattern::F32x4(lanes) => {
                Pattern::concat(lanes.map(|n| lane(masked_f32(&n), u32::to_le_bytes)))
            }
            V128Pattern::F64x2(lanes) => {
                Pattern::concat(lanes.map(|n| lane(masked_f64(&n), u64::to_le_bytes)))
            }
        }
    }

    /// Lanes of bytes and masks, one after the other. What follows them is ignored.
    fn concat<const LANES: usize, const WIDTH: usize>(
        lanes: [([u8; WIDTH], [u8; WIDTH]); LANES],
    ) -> Self {
        let (mut bytes, mut mask) = ([0; 16], [0; 16]);
        for (lane, (lane_bytes, lane_mask)) in lanes.iter().enumerate() {
            let range = lane * WIDTH..(lane + 1) * WIDTH;
            bytes[range.clone()].copy_from_slice(lane_bytes);
            mask[range].copy_from_slice(lane_mask);
        }
        Pattern::Bits { bytes, mask }
    }

    pub(crate) fn accepts(&self, value: Value) -> bool {
        match self {
            Pattern::Bits { bytes, mask } => {
                (0..16).all(|at| (value.0[at] ^ bytes[at]) & mask[at] == 0)
            }
            Pattern::NotNull => value.0[..8] != [0; 8],
            Pattern::Either(cases) => cases.iter().any(|case| case.accepts(value)),
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Bits { bytes, mask } => {
                write!(f, "{:?}", Value(*bytes))?;
                let known = mask
                    .iter()
                    .rposition(|&byte| byte != 0)
                    .map_or(0, |last| last + 1);
                if mask[..known].iter().any(|&byte| byte != 255) {
                    write!(f, " under {:?}", Value(*mask))?;
                }
                Ok(())
            }
            Pattern::NotNull => f.write_str("a reference that is not null"),
            Pattern::Either(cases) => write!(f, "either of {cases:?}"),
        }
    }
}

/// The bytes of a lane's bits and of its mask.
fn lane<T, const WIDTH: usize>(
    (bits, mask): (T, T),
    bytes: fn(T) -> [u8; WIDTH],
) -> ([u8; WIDTH], [u8; WIDTH]) {
    (bytes(bits), bytes(mask))
}

/// Bits and the mask under which they count. A canonical NaN has any sign, an arithmetic one any sign and payload.
fn masked_f32(pattern: &NanPattern<F32>) -> (u32, u32) {
    match pattern {
        NanPattern::CanonicalNan => (0x7fc0_0000, 0x7fff_ffff),
        NanPattern::ArithmeticNan => (0x7fc0_0000, 0x7fc0_0000),
        NanPattern::Value(value) => (value.bits, u32::MAX),
    }
}

fn masked_f64(pattern: &NanPattern<F64>) -> (u64, u64) {
    match pattern {
        NanPattern::CanonicalNan => (0x7ff8_0000_0000_0000, 0x7fff_ffff_ffff_ffff),
        NanPattern::ArithmeticNan => (0x7ff8_0000_0000_0000, 0x7ff8_0000_0000_0000),
        NanPattern::Value(value) => (value.bits, u64::MAX),
    }
}
