//! The initial content of linear memory as the file holds it: page ranges that the kernel maps in place, and what is
//! too sparse for that as a list to copy at start.

use super::section::{Block, Place, Sections};
use super::state::State;
use crate::options::Options;
use crate::program::MemoryId;
use nativize_abi::address::{HIGH_SLOTS_BASE, PAGE_SIZE, SLOT_SIZE};
use std::collections::BTreeMap;

/// Ranges that are mapped; each costs a program header, and the kernel time for each (256 of them 0.6 ms).
const MAX_MAPPED: usize = 16;

/// Ranges closer than this are mapped as one.
const MERGE_DISTANCE: u64 = 16 * PAGE_SIZE;

/// What merging may add to the file beyond [`PADDING_SHARE`]: modules with a byte here and there would have files of
/// gigabytes.
const PADDING: u64 = 4 << 20;

/// Bytes that merging may add for each byte of content.
const PADDING_SHARE: u64 = 2;

/// An image of at most this many bytes is copied at start: that takes less than the kernel needs for one more mapping
/// (measured on hello: 4 us less), and the file has no padding to whole pages.
const MAX_SMALL: u64 = 4 * PAGE_SIZE;

/// Whole pages at a page-aligned address.
#[derive(Debug)]
pub(crate) struct MappedRange {
    pub address: u64,
    pub bytes: Vec<u8>,
}

/// Bytes to copy at start.
#[derive(Debug)]
pub(crate) struct SparseRange {
    pub address: u64,
    pub content: Place,
    pub len: u64,
}

/// The initial content of all memories, ascending by address.
#[derive(Debug, Default)]
pub(crate) struct Image {
    pub mapped: Vec<MappedRange>,
    pub copied: Vec<SparseRange>,
}

impl Image {
    /// Applies `writes` (memory, offset, bytes) in order.
    pub(crate) fn new(
        state: &State,
        writes: &[(MemoryId, u64, &[u8])],
        sections: &mut Sections,
        options: &Options,
    ) -> Self {
        let at = |memory: MemoryId, offset: u64| {
            state.memories[memory]
                .as_ref()
                .expect("every memory has a plan")
                .base
                + offset
        };
        let spans: Vec<(u64, &[u8])> = writes
            .iter()
            .flat_map(|&(memory, offset, bytes)| nonzero_runs(at(memory, offset), bytes))
            .collect();
        let ranges = page_ranges(&spans);
        // The largest are mapped, the others copied; both stay in ascending order.
        let mut by_size: Vec<usize> = (0..ranges.len()).collect();
        by_size.sort_by_key(|&index| std::cmp::Reverse(ranges[index].1 - ranges[index].0));
        let mut is_mapped = vec![false; ranges.len()];
        let total: u64 = ranges.iter().map(|(start, end)| end - start).sum();
        let mapped = match total {
            0..=MAX_SMALL => 0,
            _ if options.valgrind => MAX_MAPPED - 1,
            _ => MAX_MAPPED,
        };
        for &index in by_size.iter().take(mapped) {
            is_mapped[index] = true;
        }
        let mut contents: BTreeMap<u64, Vec<u8>> = ranges
            .iter()
            .map(|&(start, end)| {
                (
                    start,
                    vec![0; usize::try_from(end - start).expect("data segments fit the host")],
                )
            })
            .collect();
        // Every write is applied, zeros too: a later segment may clear what an earlier one set.
        for &(memory, offset, bytes) in writes {
            apply(&mut contents, at(memory, offset), bytes);
        }
        let mut image = Image::default();
        for ((address, bytes), mapped) in contents.into_iter().zip(is_mapped) {
            if mapped {
                image.mapped.push(MappedRange { address, bytes });
            } else {
                let (address, bytes) = without_zeros(address, &bytes);
                let content = sections.append(Block::Rodata, bytes, 8);
                image.copied.push(SparseRange {
                    address,
                    content,
                    len: bytes.len() as u64,
                });
            }
        }
        image
    }
}

/// A range without the zeros at its ends.
fn without_zeros(address: u64, bytes: &[u8]) -> (u64, &[u8]) {
    let is_set = |&byte: &u8| byte != 0;
    let start = bytes.iter().position(is_set).unwrap_or(0);
    let end = bytes
        .iter()
        .rposition(is_set)
        .map_or(start, |last| last + 1);
    (address + start as u64, &bytes[start..end])
}

/// The parts of a write that are not long runs of zeros: memory is zero already.
fn nonzero_runs(address: u64, bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    const STRIDE: usize = PAGE_SIZE as usize;
    let mut offset = 0;
    std::iter::from_fn(move || {
        while let Some(chunk) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
            let chunk = &chunk[..chunk.len().min(STRIDE)];
            let start = offset;
            offset += chunk.len();
            if chunk.iter().any(|&byte| byte != 0) {
                return Some((address + start as u64, chunk));
            }
        }
        None
    })
}

/// The page ranges that `spans` touch, ascending, near ones merged as long as the gaps between them are not too much.
fn page_ranges(spans: &[(u64, &[u8])]) -> Vec<(u64, u64)> {
    let mut pages: Vec<(u64, u64)> = spans
        .iter()
        .map(|&(start, bytes)| {
            (
                start / PAGE_SIZE * PAGE_SIZE,
                (start + bytes.len() as u64).next_multiple_of(PAGE_SIZE),
            )
        })
        .collect();
    pages.sort_unstable();
    let adjacent = merge(&pages, |_| 0);
    // The smallest gaps are closed first, of equal ones the lowest.
    let mut gaps: Vec<(u64, usize)> = (1..)
        .zip(adjacent.windows(2))
        .filter(|(_, pair)| slot(pair[0].0) == slot(pair[1].0))
        .map(|(index, pair)| (pair[1].0 - pair[0].1, index))
        .filter(|&(gap, _)| gap <= MERGE_DISTANCE)
        .collect();
    gaps.sort_unstable();
    let content: u64 = spans.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let mut room = PADDING + PADDING_SHARE * content;
    let mut distance = vec![0; adjacent.len()];
    for (gap, index) in gaps {
        let Some(rest) = room.checked_sub(gap) else {
            break;
        };
        room = rest;
        distance[index] = MERGE_DISTANCE;
    }
    merge(&adjacent, |index| distance[index])
}

/// The high slot of an address: a memory may fill one whole, next to which another memory begins.
fn slot(address: u64) -> Option<u64> {
    Some(address.checked_sub(HIGH_SLOTS_BASE)? / SLOT_SIZE)
}

/// Joins ascending ranges: each with those before it in the same memory, if it begins within `distance` of their end.
fn merge(ranges: &[(u64, u64)], distance: impl Fn(usize) -> u64) -> Vec<(u64, u64)> {
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (index, &(start, end)) in ranges.iter().enumerate() {
        match merged.last_mut() {
            Some(last)
                if start <= last.1.saturating_add(distance(index))
                    && slot(start) == slot(last.0) =>
            {
                last.1 = last.1.max(end);
            }
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// Copies the part of `bytes` that falls into the ranges of `contents`.
fn apply(contents: &mut BTreeMap<u64, Vec<u8>>, address: u64, bytes: &[u8]) {
    let end = address + bytes.len() as u64;
    let first = contents
        .range(..=address)
        .next_back()
        .map_or(address, |(&start, _)| start);
    for (&start, content) in contents.range_mut(first..end) {
        let from = start.max(address);
        let to = (start + content.len() as u64).min(end);
        if from < to {
            let (from_content, from_bytes) = ((from - start) as usize, (from - address) as usize);
            let len = (to - from) as usize;
            content[from_content..from_content + len]
                .copy_from_slice(&bytes[from_bytes..from_bytes + len]);
        }
    }
}
