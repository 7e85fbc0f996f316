//! x86-64 relocations: which there are, how they compute, and which loads of an address need no table.
//!
//! With `S` the symbol's address, `A` the addend, `P` the address that is patched and `G` the address of the symbol's
//! entry in the global offset table, a relocation stores one of `S + A`, `S + A - P` and `G + A - P`.
//!
//! An instruction that takes an address out of the table and is marked as such (`*GOTPCRELX`) is rewritten to one that
//! takes the address itself; the others, and the instructions that have no such form, get an entry in the table.
//!
//! Source: System V ABI, AMD64 supplement, 4.4 "Relocation" and B.2 "Optimize GOTPCRELX Relocations".

use object::elf;

/// How a relocation computes and what it overwrites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    None,
    /// `S + A` in 64 bits.
    Absolute64,
    /// `S + A` in 32 bits, zero-extended when used.
    Absolute32,
    /// `S + A` in 32 bits, sign-extended when used.
    AbsoluteSigned32,
    /// `S + A - P` in 32 bits.
    Relative32,
    /// `S + A - P` in 64 bits.
    Relative64,
    /// `G + A - P` in 32 bits.
    Table32,
    /// `G + A - P` in 32 bits, in an instruction that may be rewritten.
    Rewritable32,
}

impl Kind {
    /// The meaning of a relocation type, `None` for those that have no place in a static executable.
    pub(super) fn of(r_type: u32) -> Option<Kind> {
        Some(match r_type {
            elf::R_X86_64_NONE => Kind::None,
            elf::R_X86_64_64 => Kind::Absolute64,
            elf::R_X86_64_32 => Kind::Absolute32,
            elf::R_X86_64_32S => Kind::AbsoluteSigned32,
            // Without shared libraries a call through the procedure linkage table is a direct one.
            elf::R_X86_64_PC32 | elf::R_X86_64_PLT32 => Kind::Relative32,
            elf::R_X86_64_PC64 => Kind::Relative64,
            elf::R_X86_64_GOTPCREL => Kind::Table32,
            elf::R_X86_64_GOTPCRELX | elf::R_X86_64_REX_GOTPCRELX => Kind::Rewritable32,
            _ => return None,
        })
    }

    /// Whether the relocation at `offset` in `data` needs an entry in the global offset table.
    pub(super) fn needs_table(self, data: &[u8], offset: u64, addend: i64) -> bool {
        match self {
            Kind::Table32 => true,
            Kind::Rewritable32 => Rewrite::of(data, offset, addend).is_none(),
            _ => false,
        }
    }

    /// Bytes that the relocation overwrites.
    pub(super) fn width(self) -> usize {
        match self {
            Kind::None => 0,
            Kind::Absolute64 | Kind::Relative64 => 8,
            _ => 4,
        }
    }
}

/// The operands of a relocation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operands {
    /// `S`
    pub(super) symbol: u64,
    /// `A`
    pub(super) addend: i64,
    /// `P`
    pub(super) place: u64,
    /// `G`, where the symbol has one.
    pub(super) table: Option<u64>,
}

/// Applies a relocation at `offset` in `data`, the bytes of the section that it belongs to.
///
/// # Errors
/// What is wrong: the value does not fit, or the place is outside `data`.
pub(super) fn apply(
    kind: Kind,
    data: &mut [u8],
    offset: u64,
    operands: Operands,
) -> Result<(), String> {
    let Operands {
        symbol,
        addend,
        place,
        table,
    } = operands;
    let absolute = i128::from(symbol) + i128::from(addend);
    let relative = absolute - i128::from(place);
    let start = usize::try_from(offset).map_err(|_| "outside its section")?;
    let field = start
        .checked_add(kind.width())
        .and_then(|end| data.get_mut(start..end))
        .ok_or("outside its section")?;
    match kind {
        Kind::None => Ok(()),
        Kind::Absolute64 => store(field, absolute, i64::MIN.into(), u64::MAX.into()),
        Kind::Relative64 => store(field, relative, i64::MIN.into(), i64::MAX.into()),
        Kind::Absolute32 => store(field, absolute, 0, u32::MAX.into()),
        Kind::AbsoluteSigned32 => store_signed(field, absolute),
        Kind::Relative32 => store_signed(field, relative),
        Kind::Table32 | Kind::Rewritable32 => {
            if kind == Kind::Rewritable32
                && let Some(rewrite) = Rewrite::of(data, offset, addend)
            {
                return rewrite.apply(data, start, relative);
            }
            let table = table.ok_or("no entry in the global offset table")?;
            let field = &mut data[start..start + kind.width()];
            store_signed(
                field,
                i128::from(table) + i128::from(addend) - i128::from(place),
            )
        }
    }
}

fn store_signed(field: &mut [u8], value: i128) -> Result<(), String> {
    store(field, value, i32::MIN.into(), i32::MAX.into())
}

fn store(field: &mut [u8], value: i128, min: i128, max: i128) -> Result<(), String> {
    if !(min..=max).contains(&value) {
        let sign = if value < 0 { "-" } else { "" };
        let bits = field.len() * 8;
        return Err(format!(
            "{sign}{:#x} does not fit {bits} bits",
            value.unsigned_abs()
        ));
    }
    field.copy_from_slice(&value.to_le_bytes()[..field.len()]);
    Ok(())
}

/// An instruction that takes an address out of the global offset table, and need not.
#[derive(Clone, Copy, Debug)]
enum Rewrite {
    /// `call *symbol@GOTPCREL(%rip)` -> `addr32 call symbol`
    Call,
    /// `jmp *symbol@GOTPCREL(%rip)` -> `jmp symbol; nop`
    Jump,
    /// `mov symbol@GOTPCREL(%rip), %reg` -> `lea symbol(%rip), %reg`
    Load,
}

impl Rewrite {
    /// The rewrite for the instruction whose displacement is at `offset` in `data`.
    fn of(data: &[u8], offset: u64, addend: i64) -> Option<Rewrite> {
        let start = usize::try_from(offset).ok()?.checked_sub(2)?;
        match (data.get(start..)?.first_chunk()?, addend) {
            ([0xff, 0x15], -4) => Some(Rewrite::Call),
            ([0xff, 0x25], -4) => Some(Rewrite::Jump),
            ([0x8b, modrm], -4) if modrm & 0xc7 == 0x05 => Some(Rewrite::Load),
            _ => None,
        }
    }

    /// Rewrites the instruction whose displacement is at `start` and would be `relative`.
    fn apply(self, data: &mut [u8], start: usize, relative: i128) -> Result<(), String> {
        match self {
            Rewrite::Call => {
                data[start - 2..start].copy_from_slice(&[0x67, 0xe8]);
                store_signed(&mut data[start..start + 4], relative)
            }
            Rewrite::Jump => {
                // One byte shorter, so the displacement moves and counts from a byte earlier.
                data[start - 2] = 0xe9;
                data[start + 3] = 0x90;
                store_signed(&mut data[start - 1..start + 3], relative + 1)
            }
            Rewrite::Load => {
                data[start - 2] = 0x8d;
                store_signed(&mut data[start..start + 4], relative)
            }
        }
    }
}
