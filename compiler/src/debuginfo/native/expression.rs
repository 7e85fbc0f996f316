//! DWARF expressions over wasm -> expressions over the machine.
//!
//! An expression computes with addresses in linear memory, as it did; only what goes out of it or reads memory adds the
//! memory's base. Arithmetic in 64 bits in place of 32 differs in the upper half alone, as long as nothing shifts it down
//! or compares: expressions with such operators are left out, as is all that reads what only the wasm machine has.

use super::Slice;
use super::map::Place;
use crate::codegen::ValuePlace;
use crate::translate::Home;
use gimli::write::{Address, Expression};
use gimli::{DwOp, Operation, Register, UnitRef, X86_64};

/// What expressions of an instance refer to.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub memory: Option<Memory>,
    pub globals: Vec<Global>,
}

/// The linear memory that addresses are in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    pub base: u64,
    /// Bytes of an address: 4 or 8.
    pub width: u8,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Global {
    Constant(u64),
    /// Where it is, and how many bytes it has.
    Cell(Address, u8),
    /// Elsewhere in each thread, or no number.
    Unknown,
}

/// One step of a computation.
#[derive(Debug, Clone)]
enum Step {
    Home(Home),
    Constant(u64),
    /// An address in the executable, of what has as many bytes.
    Load(Address, u8),
    FrameOffset(i64),
    Operator(DwOp),
    Pick(u8),
    PlusConstant(u64),
    /// Reads linear memory.
    Deref(u8),
}

/// What a computation gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The address of the variable.
    Address,
    /// The variable itself.
    Value,
}

/// A variable or a part of it.
#[derive(Debug, Clone)]
struct Piece {
    steps: Vec<Step>,
    outcome: Outcome,
    /// In bits, if it is a part.
    size: Option<u64>,
}

/// An expression that can be told.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

/// What is wanted of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Location,
    /// The native pointer that a pointer of the program stands for.
    Pointer,
    /// The native address that others count from.
    FrameBase,
}

impl Template {
    /// `None` if it does what cannot be told.
    pub(super) fn new(
        expression: gimli::Expression<Slice<'_>>,
        unit: UnitRef<'_, Slice<'_>>,
        world: &World,
    ) -> Option<Template> {
        let mut operations = expression.operations(unit.encoding());
        let mut pieces = Vec::new();
        let mut steps = Vec::new();
        let mut outcome = Outcome::Address;
        let mut depth = 0usize;
        while let Some(operation) = operations.next().ok()? {
            if steps.len() + pieces.len() > 64 {
                return None;
            }
            if outcome == Outcome::Value && !matches!(operation, Operation::Piece { .. }) {
                return None;
            }
            match operation {
                Operation::StackValue => outcome = Outcome::Value,
                Operation::Piece {
                    size_in_bits,
                    bit_offset: None | Some(0),
                } => {
                    pieces.push(Piece {
                        steps: std::mem::take(&mut steps),
                        outcome,
                        size: Some(size_in_bits),
                    });
                    (outcome, depth) = (Outcome::Address, 0);
                }
                operation => {
                    let operation = match operation {
                        Operation::AddressIndex { index } => Operation::Address {
                            address: unit.address(index).ok()?,
                        },
                        Operation::ConstantIndex { index } => Operation::UnsignedConstant {
                            value: unit.address(index).ok()?,
                        },
                        operation => operation,
                    };
                    let (step, takes, gives) = step(operation, world)?;
                    depth = depth.checked_sub(takes)? + gives;
                    steps.extend(step);
                }
            }
        }
        if pieces.is_empty() {
            if depth == 0 {
                return None;
            }
            pieces.push(Piece {
                steps,
                outcome,
                size: None,
            });
        } else if !steps.is_empty() {
            return None;
        }
        Some(Template { pieces })
    }

    /// Whether it is a variable in one piece.
    pub(super) fn is_whole(&self) -> bool {
        matches!(&self.pieces[..], [piece] if piece.size.is_none())
    }

    /// The homes that it reads.
    pub(super) fn homes(&self) -> Vec<Home> {
        let steps = self.pieces.iter().flat_map(|piece| &piece.steps);
        let homes = steps.filter_map(|step| match step {
            Step::Home(home) => Some(*home),
            _ => None,
        });
        let mut homes: Vec<Home> = homes.collect();
        homes.sort_unstable();
        homes.dedup();
        homes
    }

    /// The native expression where homes have these places. Parts whose place is not known are left out; `None` if nothing
    /// is left.
    pub(super) fn native(
        &self,
        wanted: Wanted,
        world: &World,
        place: &dyn Fn(Home) -> Option<Place>,
    ) -> Option<Expression> {
        let mut result = Expression::new();
        let mut any = false;
        for piece in &self.pieces {
            if piece.size.is_some() && wanted != Wanted::Location {
                return None;
            }
            let mut expression = Expression::new();
            let known = piece.steps.is_empty()
                || piece
                    .native(&mut expression, wanted, world, place)
                    .is_some();
            match piece.size {
                None if known => return Some(expression),
                None => return None,
                Some(size) => {
                    if known && !piece.steps.is_empty() {
                        any = true;
                        // (Nothing in it refers to entries or to places in itself.)
                        append(&mut result, piece, wanted, world, place);
                    }
                    if size.is_multiple_of(8) {
                        result.op_piece(size / 8);
                    } else {
                        result.op_bit_piece(size, 0);
                    }
                }
            }
        }
        any.then_some(result)
    }
}

fn append(
    result: &mut Expression,
    piece: &Piece,
    wanted: Wanted,
    world: &World,
    place: &dyn Fn(Home) -> Option<Place>,
) {
    let done = piece.native(result, wanted, world, place);
    debug_assert!(done.is_some(), "it was tried before");
}

/// An operation as a step, if it is one, with how many values it takes and gives.
fn step(operation: Operation<Slice<'_>>, world: &World) -> Option<(Option<Step>, usize, usize)> {
    let operator = |op, takes| Some((Some(Step::Operator(op)), takes, 1));
    let push = |step| Some((Some(step), 0, 1));
    match operation {
        Operation::WasmLocal { index } => push(Step::Home(Home::Local(index))),
        Operation::WasmStack { index } => push(Step::Home(Home::Stack(index))),
        Operation::WasmGlobal { index } => match *world.globals.get(index as usize)? {
            Global::Constant(bits) => push(Step::Constant(bits)),
            Global::Cell(address, width) => push(Step::Load(address, width)),
            Global::Unknown => None,
        },
        Operation::Address { address } => push(Step::Constant(address)),
        Operation::UnsignedConstant { value } => push(Step::Constant(value)),
        Operation::SignedConstant { value } => push(Step::Constant(value.cast_unsigned())),
        Operation::FrameOffset { offset } => push(Step::FrameOffset(offset)),
        Operation::PlusConstant { value } => Some((Some(Step::PlusConstant(value)), 1, 1)),
        Operation::Plus => operator(gimli::DW_OP_plus, 2),
        Operation::Minus => operator(gimli::DW_OP_minus, 2),
        Operation::Mul => operator(gimli::DW_OP_mul, 2),
        Operation::And => operator(gimli::DW_OP_and, 2),
        Operation::Or => operator(gimli::DW_OP_or, 2),
        Operation::Xor => operator(gimli::DW_OP_xor, 2),
        Operation::Shl => operator(gimli::DW_OP_shl, 2),
        Operation::Neg => operator(gimli::DW_OP_neg, 1),
        Operation::Not => operator(gimli::DW_OP_not, 1),
        Operation::Pick { index } => {
            let depth = usize::from(index) + 1;
            Some((Some(Step::Pick(index)), depth, depth + 1))
        }
        Operation::Drop => Some((Some(Step::Operator(gimli::DW_OP_drop)), 1, 0)),
        Operation::Swap => Some((Some(Step::Operator(gimli::DW_OP_swap)), 2, 2)),
        Operation::Deref {
            base_type: gimli::UnitOffset(0),
            size,
            space: false,
        } => Some((Some(Step::Deref(size.min(world.memory?.width))), 1, 1)),
        Operation::Nop => Some((None, 0, 0)),
        _ => None,
    }
}

impl Piece {
    fn native(
        &self,
        expression: &mut Expression,
        wanted: Wanted,
        world: &World,
        place: &dyn Fn(Home) -> Option<Place>,
    ) -> Option<()> {
        if wanted == Wanted::Location {
            match (&self.steps[..], self.outcome) {
                (&[Step::Home(home)], Outcome::Value) => {
                    whole(expression, place(home)?);
                    return Some(());
                }
                (&[Step::FrameOffset(offset)], Outcome::Address) => {
                    expression.op_fbreg(offset);
                    return Some(());
                }
                (&[Step::Constant(address)], Outcome::Address) => {
                    let memory = world.memory?;
                    // gdb takes what is just a number, or called an address, for part of a section of the executable, and
                    // warns that it is not. It does not see through a product.
                    expression.op_constu(memory.base.wrapping_add(address));
                    expression.op_constu(1);
                    expression.op(gimli::DW_OP_mul);
                    return Some(());
                }
                _ => {}
            }
        }
        for step in &self.steps {
            if let (Wanted::FrameBase, &Step::Home(home)) = (wanted, step)
                && let Some(Place::Constant(_)) = place(home)
            {
                // The local has the value that all of them begin with.
                return None;
            }
            self.step(step, expression, world, place)?;
        }
        match (wanted, self.outcome) {
            (Wanted::Location, Outcome::Value) => expression.op(gimli::DW_OP_stack_value),
            // (A frame base is an address, which is given as a value.)
            (Wanted::Location, Outcome::Address) | (Wanted::FrameBase, _) => {
                to_native(expression, world.memory?);
            }
            (Wanted::Pointer, outcome) => {
                let memory = world.memory?;
                if outcome == Outcome::Address {
                    load(expression, memory, memory.width);
                } else {
                    narrow(expression, memory);
                }
                // Null stays null.
                expression.op(gimli::DW_OP_dup);
                expression.op_constu(0);
                expression.op(gimli::DW_OP_ne);
                expression.op_constu(memory.base);
                expression.op(gimli::DW_OP_mul);
                expression.op(gimli::DW_OP_plus);
                expression.op(gimli::DW_OP_stack_value);
            }
        }
        Some(())
    }

    fn step(
        &self,
        step: &Step,
        expression: &mut Expression,
        world: &World,
        place: &dyn Fn(Home) -> Option<Place>,
    ) -> Option<()> {
        match *step {
            Step::Home(home) => match place(home)? {
                Place::Constant(bits) => expression.op_constu(bits),
                Place::Value(ValuePlace::Register(number)) if is_integer(number) => {
                    expression.op_breg(Register(number), 0);
                }
                Place::Value(ValuePlace::Frame(offset)) => {
                    // (The upper half is not looked at.)
                    expression.op_breg(X86_64::RBP, offset.into());
                    expression.op_deref_size(world.memory?.width);
                }
                Place::Value(ValuePlace::Register(_)) => return None,
            },
            Step::Constant(value) => expression.op_constu(value),
            Step::Load(address, width) => {
                expression.op_addr(address);
                expression.op_deref_size(width);
            }
            Step::FrameOffset(offset) => {
                expression.op_fbreg(offset);
                expression.op_constu(world.memory?.base);
                expression.op(gimli::DW_OP_minus);
            }
            Step::Operator(operator) => expression.op(operator),
            Step::Pick(index) => expression.op_pick(index),
            Step::PlusConstant(value) => expression.op_plus_uconst(value),
            Step::Deref(size) => load(expression, world.memory?, size),
        }
        Some(())
    }
}

/// A variable that is all of what a place holds.
fn whole(expression: &mut Expression, place: Place) {
    match place {
        Place::Constant(bits) => {
            expression.op_constu(bits);
            expression.op(gimli::DW_OP_stack_value);
        }
        Place::Value(ValuePlace::Register(number)) => expression.op_reg(Register(number)),
        Place::Value(ValuePlace::Frame(offset)) => {
            expression.op_breg(X86_64::RBP, offset.into());
        }
    }
}

/// Whether a register is one for integers.
fn is_integer(number: u16) -> bool {
    number < 16
}

/// What an address of 32 bits leaves undefined goes away.
fn narrow(expression: &mut Expression, memory: Memory) {
    if memory.width == 4 {
        expression.op_constu(u32::MAX.into());
        expression.op(gimli::DW_OP_and);
    }
}

fn to_native(expression: &mut Expression, memory: Memory) {
    narrow(expression, memory);
    expression.op_constu(memory.base);
    expression.op(gimli::DW_OP_plus);
}

fn load(expression: &mut Expression, memory: Memory, size: u8) {
    to_native(expression, memory);
    expression.op_deref_size(size);
}
