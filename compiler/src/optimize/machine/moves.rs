//! Where everything in the code of a function goes, and the code when it is there.

use super::align::{self, Candidate, Padding};
use super::read::Shape;
use super::short::SAVED;

/// The least alignment of the constants behind the code.
const CONSTANT_ALIGN: u32 = 16;

/// The prefix of an instruction that computes its address in 32 bits.
pub(super) const ADDRESS_SIZE: u8 = 0x67;

/// How far everything moves.
pub(super) struct Moves {
    /// From where on, and by how much all in all, ascending.
    edits: Vec<(u32, i64)>,
    paddings: Vec<Padding>,
    /// The constants, which keep their alignment, and how far they move.
    constants: (u32, i64),
}

/// A sum of what is known to be added up to each offset.
struct Sums(Vec<(u32, i64)>);

impl Sums {
    fn new(mut edits: Vec<(u32, i64)>) -> Sums {
        edits.sort_unstable();
        let mut total = 0;
        for (_, by) in &mut edits {
            total += *by;
            *by = total;
        }
        Sums(edits)
    }

    /// All that is added at `offset` or before.
    fn up_to(&self, offset: u32) -> i64 {
        let count = self.0.partition_point(|&(from, _)| from <= offset);
        count.checked_sub(1).map_or(0, |index| self.0[index].1)
    }
}

/// What changes whatever the branches are. What names the place of an instruction means its prefix.
fn fixed(shape: &Shape) -> impl Iterator<Item = (u32, i64)> {
    let prefixes = shape.prefixed.iter().map(|&at| (at + 1, 1));
    let short = shape.short.iter();
    let needless = shape.needless.iter();
    prefixes
        .chain(short.map(|short| (short.end, -i64::from(SAVED))))
        .chain(needless.map(|&(start, end)| (end, i64::from(start) - i64::from(end))))
}

/// After so many rounds few branches are left to become long. In code that is made for it each round finds one more.
const ROUNDS: usize = 32;

/// Makes branches long again that do not reach, until all do, whatever is put before `candidates`.
pub(super) fn relax(shape: &mut Shape, candidates: &[Candidate]) {
    let fixed = Sums::new(fixed(shape).collect());
    let ends: Vec<u32> = shape.branches.iter().map(|branch| branch.end).collect();
    // Of each branch: how many end at or before its target, what is between in any case, and what may be put there.
    let between: Vec<(usize, i64, i64)> = shape
        .branches
        .iter()
        .map(|branch| {
            let before_target = ends.partition_point(|&end| end <= branch.target);
            let by = fixed.up_to(branch.target) - fixed.up_to(branch.end);
            let count = |offset: u32| -> i64 {
                let count = candidates.partition_point(|candidate| candidate.start < offset);
                i64::try_from(count).expect("few blocks")
            };
            let most = (count(branch.target + 1) - count(branch.end)) * i64::from(align::MOST);
            (before_target, by, most)
        })
        .collect();
    let mut saved = vec![0; shape.branches.len() + 1];
    for round in 0..=ROUNDS {
        for (index, branch) in shape.branches.iter().enumerate() {
            // In the end those stay short that reach whether others do or not.
            let by = if round < ROUNDS { branch.saved() } else { 0 };
            saved[index + 1] = saved[index] + by;
        }
        let mut stable = true;
        for (index, branch) in shape.branches.iter_mut().enumerate() {
            if !branch.short {
                continue;
            }
            let (before_target, by, most) = between[index];
            let target = i64::from(branch.target - saved[before_target]);
            let from = i64::from(branch.end - saved[index + 1]);
            let least = target - from + by;
            if i8::try_from(least).is_err() || i8::try_from(least + most).is_err() {
                branch.short = false;
                stable = false;
            }
        }
        if stable {
            return;
        }
    }
}

impl Moves {
    /// For code of `len` bytes, with what is put before `candidates`.
    pub(super) fn new(shape: &Shape, candidates: &[Candidate], len: usize) -> Moves {
        let branches = shape.branches.iter().filter(|branch| branch.short);
        let branches = branches.map(|branch| (branch.end, -i64::from(branch.saved())));
        let mut edits: Vec<(u32, i64)> = branches.chain(fixed(shape)).collect();
        let sums = Sums::new(edits.clone());
        let mut paddings = Vec::new();
        let mut padded = 0;
        for candidate in candidates {
            let Candidate { start: at, .. } = *candidate;
            let before = sums.up_to(at);
            let len = |end: u32| moved(end - at, sums.up_to(end) - before);
            let start = moved(at, before + padded);
            let len_of_padding = align::padding(start, len(candidate.end), len(candidate.run_end));
            if len_of_padding > 0 {
                padded += i64::from(len_of_padding);
                edits.push((at, i64::from(len_of_padding)));
                paddings.push(Padding {
                    at,
                    len: len_of_padding,
                });
            }
        }
        let edits = Sums::new(edits).0;
        let total = edits.last().map_or(0, |&(_, total)| total);
        let has_constants = (shape.end as usize) < len;
        let align = i64::from(CONSTANT_ALIGN);
        // Towards the start by no more than there is room, towards the end by no less than is needed.
        let constants = (total + align - 1).div_euclid(align) * align;
        // (Without constants, the end is a place like any other: calls return there.)
        let start = if has_constants { shape.end } else { u32::MAX };
        Moves {
            edits,
            paddings,
            constants: (start, constants),
        }
    }

    /// Whether everything stays where it is.
    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Whether anything is to lie at a multiple of [`align::LINE`].
    pub(super) fn aligns(&self) -> bool {
        !self.paddings.is_empty()
    }

    /// Where the instruction, table or constant at `offset` is now.
    fn of(&self, offset: u32) -> u32 {
        let (constants, by) = self.constants;
        if offset >= constants {
            return moved(offset, by);
        }
        self.of_code(offset)
    }

    /// The same for what belongs to the instructions, of which one may end where constants begin.
    pub(super) fn of_code(&self, offset: u32) -> u32 {
        let count = self.edits.partition_point(|&(from, _)| from <= offset);
        let by = count.checked_sub(1).map_or(0, |index| self.edits[index].1);
        moved(offset, by)
    }

    /// The code `old` of which everything is where it goes.
    pub(super) fn rewritten(&self, old: &[u8], shape: &Shape) -> Vec<u8> {
        let mut changes: Vec<Change> = Vec::new();
        changes.extend((0..self.paddings.len()).map(Change::Padding));
        changes.extend((0..shape.prefixed.len()).map(Change::Prefix));
        changes.extend((0..shape.short.len()).map(Change::Short));
        changes.extend((0..shape.needless.len()).map(Change::Needless));
        changes.extend((0..shape.branches.len()).map(Change::Branch));
        // (At one place in this order.)
        changes.sort_by_key(|change| match *change {
            Change::Padding(index) => self.paddings[index].at,
            Change::Prefix(index) => shape.prefixed[index],
            Change::Short(index) => shape.short[index].start,
            Change::Needless(index) => shape.needless[index].0,
            Change::Branch(index) => shape.branches[index].start,
        });
        let mut new = Vec::with_capacity(old.len());
        let mut copied = 0;
        let mut copy = |new: &mut Vec<u8>, to: u32, after: u32| {
            new.extend_from_slice(&old[copied as usize..to as usize]);
            copied = after;
        };
        for change in changes {
            match change {
                Change::Padding(index) => {
                    let padding = self.paddings[index];
                    copy(&mut new, padding.at, padding.at);
                    padding.write(&mut new);
                }
                Change::Prefix(index) => {
                    let at = shape.prefixed[index];
                    copy(&mut new, at, at);
                    new.push(ADDRESS_SIZE);
                }
                Change::Short(index) => {
                    let short = &shape.short[index];
                    copy(&mut new, short.start, short.end);
                    short.write(&old[short.start as usize..short.end as usize], &mut new);
                }
                Change::Needless(index) => {
                    let (start, end) = shape.needless[index];
                    copy(&mut new, start, end);
                }
                Change::Branch(index) => {
                    let branch = &shape.branches[index];
                    copy(&mut new, branch.start, branch.end);
                    let old = &old[branch.start as usize..branch.end as usize];
                    branch.write(old, self.of_code(branch.target), &mut new);
                }
            }
        }
        copy(&mut new, shape.end, shape.end);
        let end = shape.end as usize;
        if end < old.len() {
            // What lies between is never executed; if it were, it would trap.
            new.resize(self.of(shape.end) as usize, 0xcc);
            new.extend_from_slice(&old[end..]);
        }
        for item in &shape.distances {
            let at = self.of(item.at);
            // (What is padded behind the instruction is not part of it.)
            let from = moved(at, i64::from(item.from) - i64::from(item.at));
            let by = distance_bytes(from, self.of(item.target));
            new[at as usize..][..4].copy_from_slice(&by);
        }
        new
    }
}

/// Something that changes, by its number.
enum Change {
    Padding(usize),
    Prefix(usize),
    Short(usize),
    Needless(usize),
    Branch(usize),
}

fn moved(offset: u32, by: i64) -> u32 {
    u32::try_from(i64::from(offset) + by).expect("code is far smaller")
}

/// A distance in four bytes.
pub(super) fn distance_bytes(from: u32, to: u32) -> [u8; 4] {
    i32::try_from(i64::from(to) - i64::from(from))
        .expect("a distance in a function fits")
        .to_le_bytes()
}
