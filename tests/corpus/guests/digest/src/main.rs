//! Hashes of many lengths by BLAKE3, and pictures resized by every filter: what vectors compute must be what plain code
//! does.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 24) as u8).collect()
    }
}

fn hashes() {
    let data = Random(1).bytes(1 << 20);
    let key: [u8; blake3::KEY_LEN] = *blake3::hash(b"key").as_bytes();
    let mut all = blake3::Hasher::new();
    // Every length around the sizes at which blocks, chunks and groups of chunks end.
    for size in [0, 1, 2, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 3072, 4096, 4097, 5120, 8192, 16384, 31744, 102_400] {
        let hash = blake3::hash(&data[..size]);
        let keyed = blake3::keyed_hash(&key, &data[..size]);
        println!("{size:7} {} {}", &hash.to_hex()[..24], &keyed.to_hex()[..24]);
    }
    for size in 0..3000 {
        all.update(blake3::hash(&data[size..2 * size]).as_bytes());
    }
    // In pieces of any size.
    let mut rest = &data[..];
    let mut random = Random(2);
    while !rest.is_empty() {
        let piece = (random.next() % 20_000) as usize;
        let (piece, after) = rest.split_at(piece.min(rest.len()));
        all.update(piece);
        rest = after;
    }
    let mut long = [0; 300];
    all.finalize_xof().fill(&mut long);
    println!("in pieces {}", blake3::hash(&long));
    println!("derived {}", blake3::Hash::from(blake3::derive_key("nativize 2026 test", &data)));
}

fn pictures() {
    let kinds = [
        PixelType::U8,
        PixelType::U8x2,
        PixelType::U8x3,
        PixelType::U8x4,
        PixelType::U16,
        PixelType::U16x3,
        PixelType::U16x4,
        PixelType::I32,
    ];
    let filters = [
        ("nearest", ResizeAlg::Nearest),
        ("box", ResizeAlg::Convolution(FilterType::Box)),
        ("bilinear", ResizeAlg::Convolution(FilterType::Bilinear)),
        ("catmull-rom", ResizeAlg::Convolution(FilterType::CatmullRom)),
        ("lanczos", ResizeAlg::Convolution(FilterType::Lanczos3)),
        ("super-sampling", ResizeAlg::SuperSampling(FilterType::Mitchell, 2)),
    ];
    for kind in kinds {
        let (width, height) = (323, 211);
        let bytes = Random(kind.size() as u64).bytes(width * height * kind.size());
        let source = Image::from_vec_u8(width as u32, height as u32, bytes, kind).expect("the sizes agree");
        for (name, algorithm) in filters {
            let mut sum = blake3::Hasher::new();
            for (width, height) in [(97, 61), (500, 301), (33, 400)] {
                let mut target = Image::new(width, height, kind);
                let options = ResizeOptions::new().resize_alg(algorithm).use_alpha(true);
                Resizer::new().resize(&source, &mut target, &options).expect("both have the same kind of pixels");
                sum.update(target.buffer());
            }
            println!("{kind:?} {name} {}", &sum.finalize().to_hex()[..32]);
        }
    }
    for kind in [PixelType::U8x2, PixelType::U8x4, PixelType::U16x2, PixelType::U16x4] {
        let bytes = Random(9).bytes(211 * 97 * kind.size());
        let mut picture = Image::from_vec_u8(211, 97, bytes, kind).expect("the sizes agree");
        let multiply = MulDiv::new();
        multiply.multiply_alpha_inplace(&mut picture).expect("it has an alpha channel");
        let multiplied = blake3::hash(picture.buffer());
        multiply.divide_alpha_inplace(&mut picture).expect("it has an alpha channel");
        println!("{kind:?} alpha {} {}", &multiplied.to_hex()[..24], &blake3::hash(picture.buffer()).to_hex()[..24]);
    }
}

fn main() {
    hashes();
    pictures();
}
