//! Damage at random: what still passes is for a person to look at.

use crate::image::Image;
use iced_x86::{FlowControl, Instruction};
use nativize::verify::verify;
use nativize_abi::program::ProgramHeader;
use std::collections::BTreeMap;
use std::mem::offset_of;

/// What is damaged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    /// One bit of code.
    Bit,
    /// Two bytes of code, near each other.
    Bytes,
    /// Two instructions that follow each other are swapped.
    Swap,
    /// Two branches of a function go where the other one went.
    Targets,
    /// The last byte of an instruction, a displacement or a number mostly, is a little more or less.
    Number,
    /// One bit of the headers of segments.
    Header,
}

const KINDS: [Kind; 6] = [
    Kind::Bit,
    Kind::Bytes,
    Kind::Swap,
    Kind::Targets,
    Kind::Number,
    Kind::Header,
];

/// Damages an executable and prints what is still proven: `--ignored mutations`. `MUTATIONS` says how often, `SEED` with
/// what to begin.
///
/// Most of what passes is as safe as before (another constant, another register with a value of the same kind).
pub(crate) fn campaign(executable: &[u8]) -> Result<(), String> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let count: u64 = number("MUTATIONS").unwrap_or(1000);
    let mut seed = number("SEED").unwrap_or(0x9e37_79b9_7f4a_7c15_u64) | 1;
    let image = Image::new(executable.to_vec());
    let (header, _) = image.symbol("nvz_program");
    let text = header + offset_of!(ProgramHeader, text) as u64;
    let (start, len) = (image.read_u64(text), image.read_u64(text + 8));
    let mut random = |end: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 8) % end
    };
    let mut counts: BTreeMap<Kind, (u64, u64)> = BTreeMap::new();
    for _ in 0..count {
        let address = start + random(len);
        let kind = KINDS[random(KINDS.len() as u64) as usize];
        let mut mutated = Image::new(image.bytes.clone());
        let Some(function) = image.function_at(address) else {
            continue;
        };
        if mutate(&mut mutated, kind, &function, address, &mut random).is_none()
            || mutated.bytes == image.bytes
        {
            continue;
        }
        let counted = counts.entry(kind).or_default();
        counted.0 += 1;
        if verify(&mutated.bytes, 1).is_ok_and(|report| report.is_proven()) {
            counted.1 += 1;
            println!("{kind:?} in {function} at {:x?}", mutated.changed);
            for &address in &mutated.changed {
                println!(
                    "    {} -> {}",
                    shown(&image, address),
                    shown(&mutated, address)
                );
            }
        }
    }
    for (kind, (count, passed)) in counts {
        println!("{kind:?}: {passed} of {count} are proven");
    }
    Ok(())
}

/// Damages something; nothing if there is nothing of the kind.
fn mutate(
    image: &mut Image,
    kind: Kind,
    function: &str,
    address: u64,
    random: &mut impl FnMut(u64) -> u64,
) -> Option<()> {
    let flip = |image: &mut Image, address: u64, mask: u8| {
        let byte = image.read(address, 1)[0] ^ mask;
        image.write(address, &[byte]);
    };
    let instructions = image.instructions(function);
    let at = instructions
        .iter()
        .position(|it| (it.ip()..it.next_ip()).contains(&address))?;
    match kind {
        Kind::Bit => flip(image, address, 1 << random(8)),
        Kind::Bytes => {
            flip(image, address, 1 + random(255) as u8);
            let (_, size) = image.symbol(function);
            let (start, _) = image.symbol(function);
            let other = (address + 1 + random(6)).min(start + size - 1);
            flip(image, other, 1 + random(255) as u8);
        }
        Kind::Swap => {
            let (first, second) = (instructions[at], *instructions.get(at + 1)?);
            let mut bytes = image.read(second.ip(), second.len());
            bytes.extend(image.read(first.ip(), first.len()));
            image.write(first.ip(), &bytes);
        }
        Kind::Targets => {
            let is_branch = |it: &Instruction| {
                matches!(
                    it.flow_control(),
                    FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
                )
            };
            let branches: Vec<_> = instructions.into_iter().filter(is_branch).collect();
            if branches.len() < 2 {
                return None;
            }
            let one = branches[random(branches.len() as u64) as usize];
            let other = branches[random(branches.len() as u64) as usize];
            retarget(image, &one, other.near_branch64())?;
            retarget(image, &other, one.near_branch64())?;
        }
        Kind::Number => {
            let at = instructions[at].next_ip() - 1;
            let by = random(9).wrapping_sub(4) as u8;
            let byte = image.read(at, 1)[0].wrapping_add(by);
            image.write(at, &[byte]);
        }
        Kind::Header => {
            let count = u64::from(u16::from_le_bytes([image.bytes[56], image.bytes[57]]));
            let at = 64 + random(count * 56) as usize;
            image.bytes[at] ^= 1 << random(8);
            println!("header byte {at:#x}");
        }
    }
    Some(())
}

/// Lets a branch go elsewhere, if its distance has room for that.
fn retarget(image: &mut Image, branch: &Instruction, target: u64) -> Option<()> {
    let distance = target.wrapping_sub(branch.next_ip()).cast_signed();
    let opcode = image.read(branch.ip(), 2);
    if matches!(opcode[0], 0x70..=0x7f | 0xeb) {
        let distance = i8::try_from(distance).ok()?;
        image.write(branch.next_ip() - 1, &distance.to_le_bytes());
    } else {
        let distance = i32::try_from(distance).ok()?;
        image.write(branch.next_ip() - 4, &distance.to_le_bytes());
    }
    Some(())
}

/// The instruction that has an address: its form and its bytes.
fn shown(image: &Image, address: u64) -> String {
    let found = image.function_at(address).and_then(|function| {
        let instructions = image.instructions(&function).into_iter();
        instructions
            .into_iter()
            .find(|it| (it.ip()..it.next_ip()).contains(&address))
    });
    match found {
        Some(it) => format!("{:?} {:02x?}", it.code(), image.read(it.ip(), it.len())),
        None => "nothing".to_owned(),
    }
}
