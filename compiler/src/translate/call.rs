//! Calls.

use super::function::Translator;
use super::trap_code;
use crate::program::number;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Inst, InstBuilder, MemFlagsData, types};
use nativize_abi::Trap;
use nativize_abi::program::SIGNATURE_PREFIX;

/// The identity that no function has: of types without any function in the program.
const NO_SIGNATURE: u32 = u32::MAX;

impl Translator<'_> {
    pub(super) fn call(&mut self, index: u32) {
        let instance = &self.body.environment.program.instances[self.instance];
        let params = instance.module.function_type(index).params().len();
        let function = self
            .body
            .program_function(instance.functions[index as usize]);
        let arguments = self.pop_many(params);
        let call = self.body.ins().call(function, &arguments);
        self.push_results(call);
    }

    fn push_results(&mut self, call: Inst) {
        self.stack
            .extend_from_slice(self.body.builder.inst_results(call));
    }

    /// Three checks, in the order of the specification: the index, null, the type. A table entry is the address of
    /// the function's code, and the identity of its type stands before that; null is address 0, so that reading the
    /// identity faults, and the fault's program counter says why.
    pub(super) fn call_indirect(&mut self, type_index: u32, table_index: u32) {
        let program = self.body.environment.program;
        let ty = &program.instances[self.instance].module.types[type_index as usize];
        let index = self.pop();
        let entry = self
            .body
            .checked_entry(self.table(table_index), index, Trap::UndefinedElement);
        let flags = self.body.table_flags();
        let code = self.body.ins().load(types::I64, flags, entry, 0);
        let identity_flags = MemFlagsData::new()
            .with_aligned()
            .with_readonly()
            .with_trap_code(Some(trap_code(Trap::UninitializedElement)));
        let prefix = -(SIGNATURE_PREFIX as i32);
        let identity = self
            .body
            .ins()
            .load(types::I32, identity_flags, code, prefix);
        let signature = program.signature_of(ty);
        let expected = signature.map_or(NO_SIGNATURE, number);
        let differs = self
            .body
            .ins()
            .icmp_imm_u(IntCC::NotEqual, identity, i64::from(expected));
        self.body.trap_if(differs, Trap::IndirectCallTypeMismatch);
        let Some(signature) = signature else {
            // No function of the program has this type, so the check above always traps.
            self.unreachable();
            return;
        };
        let signature = self.body.signature_ref(signature);
        let arguments = self.pop_many(ty.params().len());
        let call = self.body.ins().call_indirect(signature, code, &arguments);
        self.push_results(call);
    }
}
