//! Damage at random: what still passes is for a person to look at.

use crate::image::Image;
use nativize::verify::verify;
use nativize_abi::program::ProgramHeader;
use std::mem::offset_of;

/// Flips bits of code at random and prints what is still proven, for a person to look at: `--ignored mutations`.
///
/// Most of what passes is as safe as before (another constant, another register with a value of the same kind).
pub(crate) fn campaign(executable: &[u8]) -> Result<(), String> {
    let image = Image::new(executable.to_vec());
    let count = std::env::var("MUTATIONS").ok();
    let count: u64 = count.and_then(|count| count.parse().ok()).unwrap_or(1000);
    let (header, _) = image.symbol("nvz_program");
    let text = header + offset_of!(ProgramHeader, text) as u64;
    let word = |at| u64::from_le_bytes(image.read(at, 8).try_into().expect("eight bytes"));
    let (start, len) = (word(text), word(text + 8));
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let mut passed = 0;
    for _ in 0..count {
        let address = start + random() % len;
        let Some(function) = image.function_at(address) else {
            continue;
        };
        let byte = image.read(address, 1)[0] ^ (1 << (random() % 8));
        let mut mutated = Image::new(image.bytes.clone());
        mutated.write(address, &[byte]);
        if verify(&mutated.bytes, 1).is_ok_and(|report| report.is_proven()) {
            passed += 1;
            let is_there = |it: &&iced_x86::Instruction| (it.ip()..it.next_ip()).contains(&address);
            let of = |image: &Image| {
                let instructions = image.instructions(&function);
                instructions
                    .iter()
                    .find(is_there)
                    .map(|it| (it.code(), it.len()))
            };
            println!(
                "{function} {address:#x}: {:?} -> {:?}, byte {:02x?} -> {byte:#04x}",
                of(&image),
                of(&mutated),
                image.read(address, 1)
            );
        }
    }
    println!("{passed} of {count} are proven");
    Ok(())
}
