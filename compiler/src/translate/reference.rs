//! References: addresses of code, or numbers of the embedder's, and 0 for null.

use super::function::Translator;
use super::{Body, trap_code};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use nativize_abi::Trap;

impl Body<'_> {
    pub(super) fn trap_if_null(&mut self, reference: Value, trap: Trap) {
        self.ins().trapz(reference, trap_code(trap));
    }
}

impl Translator<'_> {
    pub(super) fn ref_null(&mut self) {
        let null = self.body.ins().iconst(types::I64, 0);
        self.push(null);
    }

    pub(super) fn ref_func(&mut self, index: u32) {
        let function =
            self.body.environment.program.instances[self.instance].functions[index as usize];
        let reference = self.body.function_reference(function);
        self.push(reference);
    }

    pub(super) fn ref_is_null(&mut self) {
        let reference = self.pop();
        let is_null = self.body.ins().icmp_imm_u(IntCC::Equal, reference, 0);
        let result = self.body.ins().uextend(types::I32, is_null);
        self.push(result);
    }

    pub(super) fn ref_as_non_null(&mut self) {
        let reference = self.top(1)[0];
        self.body.trap_if_null(reference, Trap::NullReference);
    }

    /// Branches if the reference is null, and keeps it if it is not.
    pub(super) fn br_on_null(&mut self, depth: u32) {
        let reference = self.pop();
        let is_null = self.body.ins().icmp_imm_u(IntCC::Equal, reference, 0);
        self.branch_if(is_null, depth, None);
        self.push(reference);
    }

    /// Branches with the reference if it is not null, and drops it if it is.
    pub(super) fn br_on_non_null(&mut self, depth: u32) {
        let reference = self.top(1)[0];
        self.branch_if(reference, depth, None);
        self.pop();
    }
}
