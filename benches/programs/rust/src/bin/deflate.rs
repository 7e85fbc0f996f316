//! DEFLATE: compresses and decompresses a text.

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib;
use programs::{done, mix, mix_bytes, text, work};

fn main() {
    let mut data = text(1 << 17).into_bytes();
    let mut sum = 0;
    for round in 0..work(14) {
        let packed = compress_to_vec_zlib(&data, 1 + (round % 9) as u8);
        for _ in 0..4 {
            assert_eq!(decompress_to_vec_zlib(&packed).unwrap(), data);
        }
        sum = mix_bytes(mix(sum, packed.len() as u64), &packed);
        data.rotate_left(1001);
    }
    done(sum);
}
