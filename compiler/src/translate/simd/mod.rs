//! Vector instructions: the shapes of their lanes, and the dispatch to the files of their families.
//!
//! A v128 is an `i8x16` in CLIF wherever its type is visible from elsewhere: in locals, parameters, block parameters
//! and on the operand stack. An operation sees it in the shape that it works on, by a bitcast, which is free in machine
//! code.

mod convert;
mod float;
mod integer;
mod lanes;
mod memory;
mod relaxed;

use super::function::Translator;
use crate::Error;
use cranelift_codegen::ir::{
    Endianness, InstBuilder, InstructionData, MemFlagsData, Opcode, Type, Value, ValueDef, types,
};
use cranelift_frontend::FuncInstBuilder;
use wasmparser::Operator as Op;

/// What a v128 is between operations.
const CANONICAL: Type = types::I8X16;

macro_rules! define_shape {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        /// The lanes that a vector instruction works on, from its name; none of another instruction.
        fn shape(op: &Op<'_>) -> Option<Type> {
            match op {
                $( Op::$op { .. } => const { shape_of_name(stringify!($op).as_bytes()) }, )*
                _ => None,
            }
        }
    };
}
wasmparser::for_each_operator!(define_shape);

/// The shape before the operation (`I16x8ShrS`), or that of a part of a v128 (`V128Load16Lane`). An instruction of
/// several shapes is named after that of its result.
const fn shape_of_name(name: &[u8]) -> Option<Type> {
    match name {
        [b'I', b'8', b'x', b'1', b'6', ..] => Some(types::I8X16),
        [b'I', b'1', b'6', b'x', b'8', ..] => Some(types::I16X8),
        [b'I', b'3', b'2', b'x', b'4', ..] => Some(types::I32X4),
        [b'I', b'6', b'4', b'x', b'2', ..] => Some(types::I64X2),
        [b'F', b'3', b'2', b'x', b'4', ..] => Some(types::F32X4),
        [b'F', b'6', b'4', b'x', b'2', ..] => Some(types::F64X2),
        [b'V', b'1', b'2', b'8', b'L', b'o', b'a', b'd', part @ ..]
        | [
            b'V',
            b'1',
            b'2',
            b'8',
            b'S',
            b't',
            b'o',
            b'r',
            b'e',
            part @ ..,
        ] => match part {
            [b'1', b'6', ..] => Some(types::I16X8),
            [b'3', b'2', ..] => Some(types::I32X4),
            [b'6', b'4', ..] => Some(types::I64X2),
            _ => Some(types::I8X16),
        },
        [b'V', b'1', b'2', b'8', ..] => Some(types::I8X16),
        _ => None,
    }
}

impl<'a> Translator<'a> {
    /// Translates a vector operator, and passes any other on.
    ///
    /// # Errors
    /// [`Error::Unsupported`].
    pub(super) fn vector_operator(&mut self, op: &Op<'_>) -> Result<(), Error> {
        match shape(op) {
            Some(shape) => self.vector_memory_operator(op, shape),
            None => self.atomic_operator(op),
        }
    }

    /// A v128 in the shape that an operation left it in.
    fn natural(&self, value: Value) -> Value {
        let dfg = &self.body.builder.func.dfg;
        if let ValueDef::Result(inst, _) = dfg.value_def(value)
            && let InstructionData::LoadNoOffset {
                opcode: Opcode::Bitcast,
                arg,
                ..
            } = dfg.insts[inst]
            && dfg.value_type(arg).is_vector()
        {
            arg
        } else {
            value
        }
    }

    /// A v128 as lanes of `shape`.
    fn shaped(&mut self, value: Value, shape: Type) -> Value {
        let value = self.natural(value);
        if self.body.builder.func.dfg.value_type(value) == shape {
            value
        } else {
            let flags = MemFlagsData::new().with_endianness(Endianness::Little);
            self.body.ins().bitcast(shape, flags, value)
        }
    }

    fn pop_vector(&mut self, shape: Type) -> Value {
        let value = self.pop();
        self.shaped(value, shape)
    }

    /// The two topmost operands, the lower one first.
    fn pop_vectors(&mut self, shape: Type) -> (Value, Value) {
        let second = self.pop_vector(shape);
        (self.pop_vector(shape), second)
    }

    /// The three topmost operands, the lowest first.
    fn pop_three_vectors(&mut self, shape: Type) -> (Value, Value, Value) {
        let third = self.pop_vector(shape);
        let (first, second) = self.pop_vectors(shape);
        (first, second, third)
    }

    fn push_vector(&mut self, value: Value) {
        let value = self.shaped(value, CANONICAL);
        self.push(value);
    }

    fn vector_unary(
        &mut self,
        shape: Type,
        op: impl FnOnce(FuncInstBuilder<'_, 'a>, Value) -> Value,
    ) {
        let operand = self.pop_vector(shape);
        let result = op(self.body.ins(), operand);
        self.push_vector(result);
    }

    fn vector_binary(
        &mut self,
        shape: Type,
        op: impl FnOnce(FuncInstBuilder<'_, 'a>, Value, Value) -> Value,
    ) {
        let (left, right) = self.pop_vectors(shape);
        let result = op(self.body.ins(), left, right);
        self.push_vector(result);
    }

    fn zero_vector(&mut self, shape: Type) -> Value {
        self.body.zero(shape)
    }
}
