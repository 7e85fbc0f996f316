//! What is changed in the machine code of a function: short branches in place of long ones, and 32-bit addresses.
//!
//! Cranelift reserves four bytes for the distance of every branch; most need one. And it computes every address in 64 bits;
//! accesses that [`super::fold`] has made need a prefix. So the code is decoded, block by block, each branch that reaches
//! its target with one byte is made short, the prefixes are put in, and everything that names a place in the code is
//! moved: other branches, accesses relative to the program counter, jump tables, and what the compiler knows about the
//! code. Only shapes that are fully understood are changed: at the first surprise the code stays as it was.

use crate::codegen::Code;
use iced_x86::{Code as Form, Decoder, DecoderOptions, FlowControl, Instruction, Register};

/// The least alignment of the constants behind the code.
const CONSTANT_ALIGN: u32 = 16;

/// A branch inside the function.
#[derive(Debug, Clone, Copy)]
struct Branch {
    start: u32,
    end: u32,
    target: u32,
    /// It may become short.
    short: bool,
    conditional: bool,
    /// How many branches end at or before the target.
    before_target: usize,
    /// How many more prefixes stand before the target than before the end.
    prefixes: i64,
}

impl Branch {
    /// What it loses when it becomes short: two bytes are left.
    fn saved(&self) -> u32 {
        if self.short {
            self.end - self.start - 2
        } else {
            0
        }
    }
}

/// Four bytes that hold the distance from `from` to `target`.
#[derive(Debug, Clone, Copy)]
struct Distance {
    at: u32,
    from: u32,
    target: u32,
}

/// What a function's code consists of.
#[derive(Debug, Default)]
struct Shape {
    /// Ascending.
    branches: Vec<Branch>,
    distances: Vec<Distance>,
    /// The instructions that get a prefix, ascending.
    prefixed: Vec<u32>,
    /// Where the instructions end, and constants begin.
    end: u32,
}

/// The code has a shape that is not understood.
#[derive(Debug)]
pub(crate) struct Refused;

/// Lets the instructions at `wrapping` compute their address in 32 bits, and shortens the branches of `code` if
/// `shortens`. Its blocks start at the offsets in `blocks`, the first behind the prologue.
///
/// # Errors
/// When the instructions could not get what they need; the code is as it was, and must not be used. Without such instructions
/// there are no errors.
pub(crate) fn rewrite(
    code: &mut Code,
    blocks: &[u32],
    wrapping: &[u32],
    shortens: bool,
) -> Result<(), Refused> {
    if wrapping.is_empty() && !shortens {
        return Ok(());
    }
    let prologue = if blocks.first() == Some(&0) {
        None
    } else {
        Some(0)
    };
    let blocks: Vec<u32> = prologue.into_iter().chain(blocks.iter().copied()).collect();
    let relocated: Vec<u32> = {
        let mut offsets: Vec<u32> = code.relocs.iter().map(|reloc| reloc.offset).collect();
        offsets.sort_unstable();
        offsets
    };
    let Some(mut shape) = Shape::read(&code.bytes, &blocks, &relocated, wrapping) else {
        return if wrapping.is_empty() {
            Ok(())
        } else {
            Err(Refused)
        };
    };
    if !shortens {
        for branch in &mut shape.branches {
            branch.short = false;
        }
    }
    shape.relax();
    let moves = Moves::new(&shape, code.bytes.len());
    if moves.edits.is_empty() {
        return Ok(());
    }
    code.bytes = rewritten(&code.bytes, &shape, &moves);
    for reloc in &mut code.relocs {
        reloc.offset = moves.of_code(reloc.offset);
    }
    for site in code.sites.iter_mut().chain(&mut code.stretches) {
        site.pc = moves.of_code(site.pc);
    }
    for compare in &mut code.compares {
        compare.pc = moves.of_code(compare.pc);
    }
    for handler in &mut code.handlers {
        handler.return_address = moves.of_code(handler.return_address);
        handler.target = moves.of_code(handler.target);
    }
    if let Some(debug) = &mut code.debug {
        debug.relocate(|offset| moves.of_code(offset));
    }
    Ok(())
}

/// Reads the shape of one function.
struct Reader<'a> {
    bytes: &'a [u8],
    blocks: &'a [u32],
    relocated: &'a [u32],
    wrapping: &'a [u32],
    shape: Shape,
    /// Where the instructions start.
    starts: Vec<u32>,
    /// Whether a branch that was read leads to an offset.
    is_target: Vec<bool>,
}

impl Shape {
    fn read(bytes: &[u8], blocks: &[u32], relocated: &[u32], wrapping: &[u32]) -> Option<Shape> {
        let mut reader = Reader {
            bytes,
            blocks,
            relocated,
            wrapping,
            shape: Shape::default(),
            starts: Vec::new(),
            is_target: vec![false; bytes.len() + 1],
        };
        reader.blocks()?;
        let Reader {
            mut shape, starts, ..
        } = reader;
        if shape.prefixed != wrapping {
            return None;
        }
        let ends: Vec<u32> = shape.branches.iter().map(|branch| branch.end).collect();
        let prefixes = |before: u32| {
            let count = wrapping.partition_point(|&at| at < before);
            i64::try_from(count).expect("few instructions")
        };
        for branch in &mut shape.branches {
            starts.binary_search(&branch.target).ok()?;
            branch.before_target = ends.partition_point(|&end| end <= branch.target);
            branch.prefixes = prefixes(branch.target) - prefixes(branch.end);
        }
        Some(shape)
    }

    /// Makes long again what does not reach, until all do.
    fn relax(&mut self) {
        let mut saved = vec![0; self.branches.len() + 1];
        loop {
            for (index, branch) in self.branches.iter().enumerate() {
                saved[index + 1] = saved[index] + branch.saved();
            }
            let mut stable = true;
            for (index, branch) in self.branches.iter_mut().enumerate() {
                if !branch.short {
                    continue;
                }
                let target = i64::from(branch.target - saved[branch.before_target]);
                let from = i64::from(branch.end - saved[index + 1]);
                if i8::try_from(target - from + branch.prefixes).is_err() {
                    branch.short = false;
                    stable = false;
                }
            }
            if stable {
                return;
            }
        }
    }
}

impl Reader<'_> {
    fn is_relocated(&self, offset: u32) -> bool {
        self.relocated.binary_search(&offset).is_ok()
    }

    fn blocks(&mut self) -> Option<()> {
        let len = u32::try_from(self.bytes.len()).ok()?;
        let blocks = self.blocks;
        for (index, &start) in blocks.iter().enumerate() {
            let next = blocks.get(index + 1).copied();
            let is_first = index == 0;
            let end = self.block(start, next, is_first)?;
            match next {
                Some(next) if next != end => return None,
                Some(_) => {}
                None => self.shape.end = end,
            }
        }
        // Nothing but constants is left.
        let behind = |target: u32| target >= self.shape.end;
        if self
            .shape
            .branches
            .iter()
            .any(|branch| behind(branch.target))
        {
            return None;
        }
        (self.shape.end <= len).then_some(())
    }

    /// Reads from `start` to the next block or, in the last one, to the last instruction. Gives where that ends.
    fn block(&mut self, start: u32, next: Option<u32>, is_first: bool) -> Option<u32> {
        let mut decoder = Decoder::with_ip(64, self.bytes, 0, DecoderOptions::NONE);
        decoder.set_position(start as usize).ok()?;
        decoder.set_ip(start.into());
        let mut instruction = Instruction::default();
        let mut position = start;
        // Where the last address was taken: a jump table stands right behind the jump through it.
        let mut table = None;
        let len = u32::try_from(self.bytes.len()).ok()?;
        while position < next.unwrap_or(len) {
            decoder.decode_out(&mut instruction);
            if instruction.is_invalid() {
                return None;
            }
            self.starts.push(position);
            if self.wrapping.binary_search(&position).is_ok() {
                if !can_wrap(&instruction, &self.bytes[position as usize..]) {
                    return None;
                }
                self.shape.prefixed.push(position);
            }
            let end = position + u32::try_from(instruction.len()).ok()?;
            if instruction.is_ip_rel_memory_operand() {
                let offsets = decoder.get_constant_offsets(&instruction);
                if offsets.displacement_size() != 4 {
                    return None;
                }
                let at = position + u32::try_from(offsets.displacement_offset()).ok()?;
                if !self.is_relocated(at) {
                    let target = u32::try_from(instruction.ip_rel_memory_address()).ok()?;
                    table = Some(target);
                    self.shape.distances.push(Distance {
                        at,
                        from: end,
                        target,
                    });
                }
            }
            let flow = instruction.flow_control();
            match flow {
                FlowControl::Next | FlowControl::IndirectCall => {}
                FlowControl::Call if self.is_relocated(end - 4) => {}
                FlowControl::Return | FlowControl::Exception | FlowControl::Interrupt => {}
                FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch => {
                    self.branch(&instruction, position, end, next.filter(|_| is_first))?;
                }
                FlowControl::IndirectBranch if table == Some(end) => {
                    let next = next?;
                    self.table(end, next)?;
                    return Some(next);
                }
                FlowControl::IndirectBranch => {}
                _ => return None,
            }
            position = end;
            let ends = !matches!(
                flow,
                FlowControl::Next
                    | FlowControl::IndirectCall
                    | FlowControl::Call
                    | FlowControl::ConditionalBranch
            );
            // Behind the last instruction stand constants. What a branch leads to is an instruction.
            if next.is_none() && ends && !self.is_target[position as usize] {
                return Some(position);
            }
        }
        Some(position)
    }

    fn branch(
        &mut self,
        instruction: &Instruction,
        start: u32,
        end: u32,
        first_block: Option<u32>,
    ) -> Option<()> {
        if self.is_relocated(end - 4) {
            // To another function.
            return Some(());
        }
        let opcode = self.bytes.get(start as usize..start as usize + 2)?;
        let conditional = match (end - start, opcode) {
            (5, &[0xe9, _]) => false,
            (6, &[0x0f, second]) if second & 0xf0 == 0x80 => true,
            _ => return None,
        };
        debug_assert!(conditional || instruction.code() == Form::Jmp_rel32_64);
        let target = u32::try_from(instruction.near_branch_target()).ok()?;
        *self.is_target.get_mut(target as usize)? = true;
        self.shape.branches.push(Branch {
            start,
            end,
            target,
            // What unwinding knows of the prologue must not move; only a probe of the stack jumps there.
            short: first_block.is_none_or(|next| target >= next),
            conditional,
            before_target: 0,
            prefixes: 0,
        });
        Some(())
    }

    /// A jump table: distances from its start to blocks.
    fn table(&mut self, start: u32, end: u32) -> Option<()> {
        if !(end - start).is_multiple_of(4) {
            return None;
        }
        for at in (start..end).step_by(4) {
            let bytes = self.bytes.get(at as usize..at as usize + 4)?;
            let distance = i32::from_le_bytes(bytes.try_into().ok()?);
            let target = start.checked_add_signed(distance)?;
            self.blocks.binary_search(&target).ok()?;
            self.shape.distances.push(Distance {
                at,
                from: start,
                target,
            });
        }
        Some(())
    }
}

/// The prefix of an instruction that computes its address in 32 bits.
const ADDRESS_SIZE: u8 = 0x67;

/// Whether the prefix does to `instruction` what it is for, and nothing else.
fn can_wrap(instruction: &Instruction, bytes: &[u8]) -> bool {
    let first = bytes.first();
    instruction.memory_base().is_gpr64()
        && (instruction.memory_index() == Register::None || instruction.memory_index().is_gpr64())
        && instruction.segment_prefix() == Register::None
        && instruction.len() < MAX_INSTRUCTION
        && instruction.flow_control() == FlowControl::Next
        && first != Some(&ADDRESS_SIZE)
        && !instruction.is_stack_instruction()
        && !instruction.is_string_instruction()
}

/// The longest instruction, in bytes.
const MAX_INSTRUCTION: usize = 15;

/// How far everything moves.
struct Moves {
    /// From where on, and by how much all in all, ascending.
    edits: Vec<(u32, i64)>,
    /// The constants, which keep their alignment, and how far they move.
    constants: (u32, i64),
}

impl Moves {
    fn new(shape: &Shape, len: usize) -> Moves {
        let branches = shape.branches.iter().filter(|branch| branch.short);
        let branches = branches.map(|branch| (branch.end, -i64::from(branch.saved())));
        // What names the place of an instruction means its prefix.
        let prefixes = shape.prefixed.iter().map(|&at| (at + 1, 1));
        let mut edits: Vec<(u32, i64)> = branches.chain(prefixes).collect();
        edits.sort_unstable();
        let mut total = 0;
        for (_, by) in &mut edits {
            total += *by;
            *by = total;
        }
        let has_constants = (shape.end as usize) < len;
        let align = i64::from(CONSTANT_ALIGN);
        // Towards the start by no more than there is room, towards the end by no less than is needed.
        let constants = (total + align - 1).div_euclid(align) * align;
        // (Without constants, the end is a place like any other: calls return there.)
        let start = if has_constants { shape.end } else { u32::MAX };
        Moves {
            edits,
            constants: (start, constants),
        }
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
    fn of_code(&self, offset: u32) -> u32 {
        let count = self.edits.partition_point(|&(from, _)| from <= offset);
        let by = count.checked_sub(1).map_or(0, |index| self.edits[index].1);
        moved(offset, by)
    }
}

fn moved(offset: u32, by: i64) -> u32 {
    u32::try_from(i64::from(offset) + by).expect("code is far smaller")
}

fn rewritten(old: &[u8], shape: &Shape, moves: &Moves) -> Vec<u8> {
    let mut new = Vec::with_capacity(old.len());
    let mut copied = 0;
    let distance = |from: u32, to: u32| i64::from(to) - i64::from(from);
    let mut prefixed = shape.prefixed.iter().map(|&at| at as usize).peekable();
    let mut copy = |new: &mut Vec<u8>, mut from: usize, to: usize| {
        while let Some(at) = prefixed.next_if(|&at| at < to) {
            new.extend_from_slice(&old[from..at]);
            new.push(ADDRESS_SIZE);
            from = at;
        }
        new.extend_from_slice(&old[from..to]);
    };
    for branch in &shape.branches {
        let (start, end) = (branch.start as usize, branch.end as usize);
        let opcode_len = end - start - 4;
        copy(&mut new, copied, start);
        let by = distance(moves.of_code(branch.end), moves.of_code(branch.target));
        if branch.short {
            // The second byte of a long conditional branch is the first of a short one, but for the high bits.
            let opcode = if branch.conditional {
                old[start + 1] ^ 0xf0
            } else {
                0xeb
            };
            let by = i8::try_from(by).expect("short branches were found to reach");
            new.extend_from_slice(&[opcode, by.to_le_bytes()[0]]);
        } else {
            new.extend_from_slice(&old[start..start + opcode_len]);
            new.extend_from_slice(&distance_bytes(by));
        }
        copied = end;
    }
    let end = shape.end as usize;
    copy(&mut new, copied, end);
    if end < old.len() {
        // What lies between is never executed; if it were, it would trap.
        new.resize(moves.of(shape.end) as usize, 0xcc);
        new.extend_from_slice(&old[end..]);
    }
    for item in &shape.distances {
        let by = distance(moves.of_code(item.from), moves.of(item.target));
        let at = moves.of(item.at) as usize;
        new[at..at + 4].copy_from_slice(&distance_bytes(by));
    }
    new
}

fn distance_bytes(by: i64) -> [u8; 4] {
    i32::try_from(by)
        .expect("a distance in a function fits")
        .to_le_bytes()
}
