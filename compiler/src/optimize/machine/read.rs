//! Reads machine code: which instructions it consists of, what can be changed in them, what names places.

use super::moves::{ADDRESS_SIZE, distance_bytes};
use super::needless;
use super::short::Short;
use iced_x86::{
    Code as Form, Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory,
    Register,
};

/// A branch inside the function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    /// It may become short.
    pub short: bool,
    pub conditional: bool,
}

/// Four bytes that hold the distance from `from` to `target`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Distance {
    pub at: u32,
    pub from: u32,
    pub target: u32,
}

/// A block, and the offsets of the blocks that branches or jump tables at its end lead to.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub start: u32,
    pub end: u32,
    pub successors: Vec<u32>,
    /// What stands behind it is executed after it.
    pub falls_through: bool,
    /// Its last instruction is a call.
    pub ends_in_call: bool,
}

/// What a function's code consists of.
#[derive(Debug, Default)]
pub(super) struct Shape {
    /// Ascending.
    pub branches: Vec<Branch>,
    pub distances: Vec<Distance>,
    /// The instructions that get a prefix, ascending.
    pub prefixed: Vec<u32>,
    /// Instructions that have a shorter form, ascending.
    pub short: Vec<Short>,
    /// Instructions that change nothing, from where to where, ascending.
    pub needless: Vec<(u32, u32)>,
    pub blocks: Vec<Block>,
    /// Where the instructions end, and constants begin.
    pub end: u32,
}

/// Reads the shape of one function.
struct Reader<'a> {
    bytes: &'a [u8],
    /// Where blocks start.
    blocks: &'a [u32],
    /// Where the linker writes.
    relocated: &'a [u32],
    /// The instructions that must get a prefix.
    wrapping: &'a [u32],
    /// Where exceptions land.
    landings: &'a [u32],
    shape: Shape,
    /// Where jump tables start.
    tables: Vec<u32>,
    /// What instructions refer to relative to themselves: jump tables and constants.
    data: Vec<u32>,
    /// Where the instructions start.
    starts: Vec<u32>,
    /// Whether a branch that was read leads to an offset.
    is_target: Vec<bool>,
    /// The instructions of a block so far.
    before: Vec<Instruction>,
    factory: InstructionInfoFactory,
}

impl Branch {
    /// What it loses when it becomes short: two bytes are left.
    pub(super) fn saved(&self) -> u32 {
        if self.short {
            self.end - self.start - 2
        } else {
            0
        }
    }

    /// Writes the branch that is `old`, to a target that is at `target` now.
    pub(super) fn write(&self, old: &[u8], target: u32, new: &mut Vec<u8>) {
        let start = u32::try_from(new.len()).expect("functions are smaller than 4 GiB");
        if self.short {
            // The second byte of a long conditional branch is the first of a short one, but for the high bits.
            let opcode = if self.conditional {
                old[1] ^ 0xf0
            } else {
                0xeb
            };
            let by = i8::try_from(i64::from(target) - i64::from(start + 2))
                .expect("a short branch reaches");
            new.extend_from_slice(&[opcode, by.cast_unsigned()]);
        } else {
            new.extend_from_slice(&old[..old.len() - 4]);
            let end = start + (self.end - self.start);
            new.extend_from_slice(&distance_bytes(end, target));
        }
    }
}

impl Shape {
    /// `None` if the code has something that is not fully understood.
    pub(super) fn read(
        bytes: &[u8],
        blocks: &[u32],
        relocated: &[u32],
        wrapping: &[u32],
        landings: &[u32],
    ) -> Option<Shape> {
        let mut reader = Reader {
            bytes,
            blocks,
            relocated,
            wrapping,
            landings,
            shape: Shape::default(),
            tables: Vec::new(),
            data: Vec::new(),
            starts: Vec::new(),
            is_target: vec![false; bytes.len() + 1],
            before: Vec::new(),
            factory: InstructionInfoFactory::new(),
        };
        reader.blocks()?;
        let Reader { shape, starts, .. } = reader;
        if shape.prefixed != wrapping {
            return None;
        }
        for branch in &shape.branches {
            starts.binary_search(&branch.target).ok()?;
        }
        Some(shape)
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
            self.shape.blocks.push(Block {
                start,
                ..Block::default()
            });
            let end = if next.is_none() && self.is_empty(start) {
                start
            } else {
                self.block(start, next, is_first)?
            };
            self.current().end = end;
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
        // What else instructions refer to is a constant, and none was read as code.
        let is_read = |target: &u32| !behind(*target) && !self.tables.contains(target);
        if self.data.iter().any(is_read) {
            return None;
        }
        (self.shape.end <= len).then_some(())
    }

    /// Whether the last block has no instructions: what it had, a jump, is gone when all that leads to it goes on to where that went.
    /// Constants stand there then.
    fn is_empty(&self, start: u32) -> bool {
        let [.., before, _] = &self.shape.blocks[..] else {
            return false;
        };
        let mut blocks = self.shape.blocks.iter();
        let is_target =
            self.landings.contains(&start) || blocks.any(|block| block.successors.contains(&start));
        !before.falls_through && !is_target
    }

    fn current(&mut self) -> &mut Block {
        self.shape.blocks.last_mut().expect("a block is read")
    }

    /// Reads from `start` to the next block or, in the last one, to the last instruction. Gives where that ends.
    fn block(&mut self, start: u32, next: Option<u32>, is_first: bool) -> Option<u32> {
        let mut decoder = Decoder::with_ip(64, self.bytes, 0, DecoderOptions::NONE);
        decoder.set_position(start as usize).ok()?;
        decoder.set_ip(start.into());
        let mut instruction = Instruction::default();
        let mut position = start;
        self.before.clear();
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
                    self.data.push(target);
                    self.shape.distances.push(Distance {
                        at,
                        from: end,
                        target,
                    });
                }
            }
            if !is_first {
                self.shorter(&instruction, position, end);
            }
            let flow = instruction.flow_control();
            let block = self.current();
            block.ends_in_call = matches!(flow, FlowControl::Call | FlowControl::IndirectCall);
            block.falls_through = block.ends_in_call
                || matches!(flow, FlowControl::Next | FlowControl::ConditionalBranch);
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
            let ends = !self.current().falls_through;
            // Behind the last instruction stand constants. What a branch leads to is an instruction.
            if next.is_none() && ends && !self.is_target[position as usize] {
                return Some(position);
            }
        }
        Some(position)
    }

    /// Notes what can be saved at an instruction, which those of its block in [`Reader::before`] precede.
    fn shorter(&mut self, instruction: &Instruction, start: u32, end: u32) {
        let shape = &mut self.shape;
        if needless::extends_again(instruction, &self.before, &mut self.factory) {
            shape.needless.push((start, end));
        } else if let Some(before) = self.before.last()
            && needless::sets_stack_pointer(before, instruction)
        {
            let before = start - u32::try_from(before.len()).expect("instructions are short");
            shape.short.pop_if(|short| short.start == before);
            shape.needless.push((before, start));
        } else {
            let bytes = &self.bytes[start as usize..end as usize];
            shape.short.extend(Short::of(instruction, start, bytes));
        }
        self.before.push(*instruction);
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
        self.current().successors.push(target);
        self.shape.branches.push(Branch {
            start,
            end,
            target,
            // What unwinding knows of the prologue must not move; only a probe of the stack jumps there.
            short: first_block.is_none_or(|next| target >= next),
            conditional,
        });
        Some(())
    }

    /// A jump table: distances from its start to blocks.
    fn table(&mut self, start: u32, end: u32) -> Option<()> {
        if !(end - start).is_multiple_of(4) {
            return None;
        }
        self.tables.push(start);
        for at in (start..end).step_by(4) {
            let bytes = self.bytes.get(at as usize..at as usize + 4)?;
            let distance = i32::from_le_bytes(bytes.try_into().ok()?);
            let target = start.checked_add_signed(distance)?;
            self.blocks.binary_search(&target).ok()?;
            self.current().successors.push(target);
            self.shape.distances.push(Distance {
                at,
                from: start,
                target,
            });
        }
        Some(())
    }
}

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
