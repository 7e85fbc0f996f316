//! Damage to a file of the function cache: what is found is what was kept, or nothing.
//!
//! Each three bytes of the input are an edit: a place and what it is combined with. An odd number of bytes left over cuts
//! the file off there, or else more follows.

use std::path::Path;

pub(crate) fn run(bytes: &[u8]) {
    let entries: [([u8; 32], &[u8]); 4] = [
        ([0; 32], b""),
        ([1; 32], b"one"),
        ([7; 32], &[7; 100]),
        ([255; 32], b"the last"),
    ];
    let folder = tempfile::tempdir().expect("there is room");
    let damage = |pack: &mut Vec<u8>| {
        let (edits, rest) = bytes.as_chunks::<3>();
        for &[low, high, change] in edits {
            let at = usize::from(u16::from_le_bytes([low, high])) % pack.len();
            pack[at] ^= change;
        }
        match *rest {
            [at] => pack.truncate(usize::from(at) * 3),
            [count, byte] => pack.resize(pack.len() + usize::from(count), byte),
            _ => {}
        }
    };
    let found =
        nativize::untrusted::damaged_pack(folder.path(), &entries, damage).expect("there is room");
    for ((key, kept), found) in entries.iter().zip(found) {
        assert!(
            found.is_none_or(|found| found == *kept),
            "the entry {} is another one",
            key[0]
        );
    }
}

pub(crate) fn seeds(_: &Path) -> Vec<Vec<u8>> {
    vec![vec![], vec![0, 0, 1], vec![60, 0, 255, 70], vec![9, 9]]
}
