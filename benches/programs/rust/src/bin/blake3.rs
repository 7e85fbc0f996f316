//! BLAKE3 of messages of many sizes.

use programs::{Random, done, mix_bytes, work};

fn main() {
    let mut random = Random::default();
    let mut data: Vec<u8> = (0..1 << 16).map(|_| random.next() as u8).collect();
    let mut sum = 0;
    for round in 0..work(1500) as usize {
        let hash = blake3::hash(&data[..(round * 977) % data.len()]);
        sum = mix_bytes(sum, hash.as_bytes());
        data[round % 100..][..32].copy_from_slice(hash.as_bytes());
    }
    done(sum);
}
