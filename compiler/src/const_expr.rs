//! Constant expressions: the initial values of globals, tables and segments.

use crate::Error;
use wasmparser::{BinaryReaderError, Operator};

/// An operator of a constant expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ConstOp {
    /// A number as its bits, zero-extended.
    Number(u128),
    RefNull,
    RefFunc(u32),
    GlobalGet(u32),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
}

/// A validated constant expression in postfix order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ConstExpr(pub Vec<ConstOp>);

/// What a constant expression evaluates to. `Function` is generic over how functions are identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConstValue<F> {
    /// A number, or a null reference (0), as bits.
    Bits(u128),
    /// A reference to a function.
    Function(F),
}

impl<F: Copy> ConstValue<F> {
    /// The number; a function reference has none.
    fn bits(self) -> u128 {
        match self {
            ConstValue::Bits(bits) => bits,
            ConstValue::Function(_) => unreachable!("validated: arithmetic is on numbers"),
        }
    }

    /// The number as an unsigned offset of a 32-bit or 64-bit index type.
    pub(crate) fn offset(self) -> u64 {
        self.bits() as u64
    }
}

impl ConstExpr {
    /// A reference to one function.
    pub(crate) fn ref_func(index: u32) -> Self {
        ConstExpr(vec![ConstOp::RefFunc(index)])
    }

    /// Reads a validated expression. The inner error names an operator that is not supported, with its offset.
    pub(crate) fn read(
        expr: &wasmparser::ConstExpr<'_>,
    ) -> Result<Result<Self, Error>, BinaryReaderError> {
        let mut ops = Vec::with_capacity(1);
        let mut reader = expr.get_operators_reader();
        loop {
            let (op, offset) = reader.read_with_offset()?;
            ops.push(match op {
                Operator::End => return Ok(Ok(ConstExpr(ops))),
                Operator::I32Const { value } => ConstOp::Number(u128::from(value.cast_unsigned())),
                Operator::I64Const { value } => ConstOp::Number(u128::from(value.cast_unsigned())),
                Operator::F32Const { value } => ConstOp::Number(u128::from(value.bits())),
                Operator::F64Const { value } => ConstOp::Number(u128::from(value.bits())),
                Operator::V128Const { value } => {
                    ConstOp::Number(u128::from_le_bytes(*value.bytes()))
                }
                Operator::RefNull { .. } => ConstOp::RefNull,
                Operator::RefFunc { function_index } => ConstOp::RefFunc(function_index),
                Operator::GlobalGet { global_index } => ConstOp::GlobalGet(global_index),
                Operator::I32Add => ConstOp::I32Add,
                Operator::I32Sub => ConstOp::I32Sub,
                Operator::I32Mul => ConstOp::I32Mul,
                Operator::I64Add => ConstOp::I64Add,
                Operator::I64Sub => ConstOp::I64Sub,
                Operator::I64Mul => ConstOp::I64Mul,
                other => {
                    let feature = crate::features::name_of(&other).to_owned();
                    return Ok(Err(Error::Unsupported { feature, offset }));
                }
            });
        }
    }

    /// Evaluates it. `global` gives the value of an immutable global, `function` identifies a function.
    pub(crate) fn evaluate<F: Copy>(
        &self,
        global: impl Fn(u32) -> ConstValue<F>,
        function: impl Fn(u32) -> F,
    ) -> ConstValue<F> {
        let mut stack: Vec<ConstValue<F>> = Vec::with_capacity(2);
        let binary32 = |stack: &mut Vec<ConstValue<F>>, op: fn(u32, u32) -> u32| {
            let (b, a) = pop_two(stack);
            ConstValue::Bits(u128::from(op(a as u32, b as u32)))
        };
        let binary64 = |stack: &mut Vec<ConstValue<F>>, op: fn(u64, u64) -> u64| {
            let (b, a) = pop_two(stack);
            ConstValue::Bits(u128::from(op(a as u64, b as u64)))
        };
        for &op in &self.0 {
            let value = match op {
                ConstOp::Number(bits) => ConstValue::Bits(bits),
                ConstOp::RefNull => ConstValue::Bits(0),
                ConstOp::RefFunc(index) => ConstValue::Function(function(index)),
                ConstOp::GlobalGet(index) => global(index),
                ConstOp::I32Add => binary32(&mut stack, u32::wrapping_add),
                ConstOp::I32Sub => binary32(&mut stack, u32::wrapping_sub),
                ConstOp::I32Mul => binary32(&mut stack, u32::wrapping_mul),
                ConstOp::I64Add => binary64(&mut stack, u64::wrapping_add),
                ConstOp::I64Sub => binary64(&mut stack, u64::wrapping_sub),
                ConstOp::I64Mul => binary64(&mut stack, u64::wrapping_mul),
            };
            stack.push(value);
        }
        stack
            .pop()
            .expect("validated: an expression leaves one value")
    }
}

fn pop_two<F: Copy>(stack: &mut Vec<ConstValue<F>>) -> (u128, u128) {
    let mut pop = || stack.pop().expect("validated: two operands").bits();
    (pop(), pop())
}
