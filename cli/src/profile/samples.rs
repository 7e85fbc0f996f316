//! The file of samples as the runtime leaves it.

use std::mem::offset_of;

use nativize_abi::profile::{
    BASE, Header, MAGIC, SAMPLE_DEEP, SAMPLE_HEAD, SAMPLE_HOST, SAMPLE_LEN,
};

/// The samples of a run.
#[derive(Debug)]
pub(crate) struct Samples {
    /// The address of the program's header.
    pub(crate) program: u64,
    pub(crate) interval: u64,
    pub(crate) user_time: bool,
    pub(crate) lost: u64,
    words: Vec<u32>,
}

/// One sample. Addresses that are not known are 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sample {
    pub(crate) program_counter: u64,
    /// The two uppermost words of the stack, if the program counter is in guest code.
    pub(crate) top: [u64; 2],
    /// Return addresses, the innermost first.
    pub(crate) calls: Vec<u64>,
    /// The program counter is not in guest code.
    pub(crate) in_host: bool,
    /// There were more calls.
    pub(crate) is_deep: bool,
}

impl Samples {
    /// Reads the file; `None` when no program has written it.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let field = |offset: usize| {
            let field = bytes.get(offset..offset + 8)?;
            Some(u64::from_le_bytes(field.try_into().ok()?))
        };
        if !bytes.starts_with(&MAGIC) {
            return None;
        }
        let used = field(offset_of!(Header, used))?;
        let words = bytes.get(size_of::<Header>()..)?;
        let len = usize::try_from(used).unwrap_or(usize::MAX);
        let words = words.as_chunks::<4>().0;
        let words = &words[..len.min(words.len())];
        Some(Samples {
            program: field(offset_of!(Header, program))?,
            interval: field(offset_of!(Header, interval))?,
            user_time: field(offset_of!(Header, user_time))? != 0,
            lost: field(offset_of!(Header, lost))?,
            words: words.iter().map(|word| u32::from_le_bytes(*word)).collect(),
        })
    }

    /// Each sample. One that was being written when the program ended may lack its end.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Sample> {
        let mut rest = &self.words[..];
        std::iter::from_fn(move || {
            loop {
                let (&first, after) = rest.split_first()?;
                let len = (first & SAMPLE_LEN) as usize;
                let (words, after) = after.split_at_checked(len)?;
                rest = after;
                if let ([program_counter, top0, top1], Some(calls)) = (
                    words.get(..SAMPLE_HEAD).unwrap_or(&[]),
                    words.get(SAMPLE_HEAD..),
                ) {
                    let address = |word| if word == 0 { 0 } else { BASE + u64::from(word) };
                    return Some(Sample {
                        program_counter: address(*program_counter),
                        top: [*top0, *top1].map(address),
                        calls: calls.iter().map(|&call| address(call)).collect(),
                        in_host: first & SAMPLE_HOST != 0,
                        is_deep: first & SAMPLE_DEEP != 0,
                    });
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(used: u64, words: &[u32]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for field in [0x40_0000, 1000, 1, used, 2] {
            bytes.extend(u64::to_le_bytes(field));
        }
        bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        bytes
    }

    #[test]
    fn samples_are_read_up_to_what_is_used() {
        let words = [4, 10, 0, 11, 12, 0, 3 | SAMPLE_HOST, 20, 0, 0, 3, 1, 2, 3];
        let samples = Samples::read(&file(10, &words)).unwrap();
        assert_eq!((samples.program, samples.interval), (0x40_0000, 1000));
        assert_eq!((samples.user_time, samples.lost), (true, 2));
        let first = Sample {
            program_counter: BASE + 10,
            top: [0, BASE + 11],
            calls: vec![BASE + 12],
            in_host: false,
            is_deep: false,
        };
        let second = Sample {
            program_counter: BASE + 20,
            top: [0, 0],
            calls: Vec::new(),
            in_host: true,
            is_deep: false,
        };
        assert_eq!(samples.iter().collect::<Vec<_>>(), [first.clone(), second]);
        // More is used than the file has, and the last one lacks its end.
        let samples = Samples::read(&file(1 << 40, &words[..8])).unwrap();
        assert_eq!(samples.iter().collect::<Vec<_>>(), [first]);
    }

    #[test]
    fn other_files_have_no_samples() {
        assert!(Samples::read(&[0; 100]).is_none());
        assert!(Samples::read(&MAGIC).is_none());
    }
}
