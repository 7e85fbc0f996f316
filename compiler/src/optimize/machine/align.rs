//! Where innermost loops begin.

use super::loops::Loops;
use super::read::Block;

/// The bytes of code that processors handle together.
pub(super) const LINE: u32 = 64;

/// What is larger takes several lines anyway.
const LARGE: u32 = 4 * LINE;

/// The most that is put before a loop.
pub(super) const MOST: u32 = LINE - 1;

/// Instructions that do nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Padding {
    pub at: u32,
    pub len: u32,
}

/// The header of a loop, which something may be put before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub start: u32,
    pub end: u32,
    /// Where its loop ends, or the loop's first gap.
    pub run_end: u32,
}

/// The headers of loops, ascending.
pub(super) fn candidates(blocks: &[Block], loops: &Loops) -> Vec<Candidate> {
    let candidates = blocks.windows(2).enumerate().filter_map(|(index, pair)| {
        let header = index + 1;
        let run = loops.run(header);
        // (A call returns to what stands behind it, which would be the padding.)
        if run == 0 || pair[0].ends_in_call || pair[1].start == pair[1].end {
            return None;
        }
        Some(Candidate {
            start: pair[1].start,
            end: pair[1].end,
            run_end: blocks[header + run - 1].end,
        })
    });
    candidates.collect()
}

/// How much is to be put before a header of `len` bytes at `start`, whose loop goes on without a gap to `run` bytes.
///
/// Processors fetch lines and keep what they decoded by lines, and a compare and its branch that are in two of them are slow to
/// predict. So a header, and a loop, should be in as few lines as can hold it.
pub(super) fn padding(start: u32, len: u32, run: u32) -> u32 {
    let lines = |at: u32, len: u32| (at + len - 1) / LINE - at / LINE;
    let is_scattered = |len: u32| len > 0 && len <= LARGE && lines(start, len) > lines(0, len);
    if is_scattered(len) || is_scattered(run) {
        start.next_multiple_of(LINE) - start
    } else {
        0
    }
}

impl Padding {
    /// In as few instructions as there can be (Intel's manual, volume 2, NOP).
    pub(super) fn write(&self, new: &mut Vec<u8>) {
        const NOPS: [&[u8]; 11] = [
            &[0x90],
            &[0x66, 0x90],
            &[0x0f, 0x1f, 0x00],
            &[0x0f, 0x1f, 0x40, 0x00],
            &[0x0f, 0x1f, 0x44, 0x00, 0x00],
            &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
            &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
            &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
            &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
            &[0x66, 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
            &[
                0x66, 0x66, 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
            ],
        ];
        let mut left = self.len as usize;
        while left > 0 {
            let len = left.min(NOPS.len());
            new.extend_from_slice(NOPS[len - 1]);
            left -= len;
        }
    }
}
