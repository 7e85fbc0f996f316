//! The operand stack.

use super::function::Translator;
use cranelift_codegen::ir::Value;

impl Translator<'_> {
    pub(super) fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    pub(super) fn pop(&mut self) -> Value {
        self.stack.pop().expect("validated: an operand")
    }

    /// The two topmost operands, the lower one first.
    pub(super) fn pop2(&mut self) -> (Value, Value) {
        let second = self.pop();
        (self.pop(), second)
    }

    /// The three topmost operands, the lowest first.
    pub(super) fn pop3(&mut self) -> (Value, Value, Value) {
        let third = self.pop();
        let (first, second) = self.pop2();
        (first, second, third)
    }

    /// The `count` topmost operands, the lowest first; they stay.
    pub(super) fn top(&self, count: usize) -> &[Value] {
        &self.stack[self.stack.len() - count..]
    }

    /// The `count` topmost operands, the lowest first.
    pub(super) fn pop_many(&mut self, count: usize) -> Vec<Value> {
        self.stack.split_off(self.stack.len() - count)
    }
}
