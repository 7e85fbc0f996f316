//! Numeric instructions.

use super::function::Translator;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Type, Value, types};
use cranelift_frontend::FuncInstBuilder;

impl<'a> Translator<'a> {
    pub(super) fn unary(&mut self, op: impl FnOnce(FuncInstBuilder<'_, 'a>, Value) -> Value) {
        let operand = self.pop();
        let result = op(self.body.ins(), operand);
        self.push(result);
    }

    pub(super) fn binary(
        &mut self,
        op: impl FnOnce(FuncInstBuilder<'_, 'a>, Value, Value) -> Value,
    ) {
        let (left, right) = self.pop2();
        let result = op(self.body.ins(), left, right);
        self.push(result);
    }

    /// An operation on two 128-bit numbers, each of which is two operands, the low half first.
    pub(super) fn binary128(
        &mut self,
        op: impl FnOnce(FuncInstBuilder<'_, 'a>, Value, Value) -> Value,
    ) {
        let (low, high) = self.pop2();
        let right = self.body.ins().iconcat(low, high);
        let (low, high) = self.pop2();
        let left = self.body.ins().iconcat(low, high);
        let result = op(self.body.ins(), left, right);
        self.push128(result);
    }

    /// The 128-bit product of two operands that `extend` makes as wide.
    pub(super) fn multiply_wide(
        &mut self,
        extend: impl Fn(FuncInstBuilder<'_, 'a>, Value) -> Value,
    ) {
        let (left, right) = self.pop2();
        let left = extend(self.body.ins(), left);
        let right = extend(self.body.ins(), right);
        let product = self.body.ins().imul(left, right);
        self.push128(product);
    }

    fn push128(&mut self, value: Value) {
        let (low, high) = self.body.ins().isplit(value);
        self.push(low);
        self.push(high);
    }

    /// A comparison gives an i8 in CLIF and an i32 in wasm.
    pub(super) fn push_flag(&mut self, flag: Value) {
        let result = self.body.ins().uextend(types::I32, flag);
        self.push(result);
    }

    pub(super) fn compare(&mut self, condition: IntCC) {
        let (left, right) = self.pop2();
        let flag = self.body.ins().icmp(condition, left, right);
        self.push_flag(flag);
    }

    pub(super) fn compare_float(&mut self, condition: FloatCC) {
        let (left, right) = self.pop2();
        let flag = self.body.ins().fcmp(condition, left, right);
        self.push_flag(flag);
    }

    pub(super) fn eqz(&mut self) {
        let operand = self.pop();
        let flag = self.body.ins().icmp_imm_u(IntCC::Equal, operand, 0);
        self.push_flag(flag);
    }

    /// Sign-extends the low bits of a value, from the width of `narrow`.
    pub(super) fn extend_low(&mut self, narrow: Type) {
        let operand = self.pop();
        let ty = self.body.builder.func.dfg.value_type(operand);
        let low = self.body.ins().ireduce(narrow, operand);
        let result = self.body.ins().sextend(ty, low);
        self.push(result);
    }

    pub(super) fn reinterpret(&mut self, ty: Type) {
        let flags = MemFlagsData::new().with_endianness(Endianness::Little);
        self.unary(|ins, value| ins.bitcast(ty, flags, value));
    }

    pub(super) fn i32_const(&mut self, value: i32) {
        let constant = self
            .body
            .ins()
            .iconst(types::I32, i64::from(value.cast_unsigned()));
        self.push(constant);
    }

    pub(super) fn i64_const(&mut self, value: i64) {
        let constant = self.body.ins().iconst(types::I64, value);
        self.push(constant);
    }

    pub(super) fn f32_const(&mut self, bits: u32) {
        let constant = self.body.ins().f32const(f32::from_bits(bits));
        self.push(constant);
    }

    pub(super) fn f64_const(&mut self, bits: u64) {
        let constant = self.body.ins().f64const(f64::from_bits(bits));
        self.push(constant);
    }
}
