//! Calls.

use super::function::Translator;
use super::trap_code;
use crate::program::number;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, SigRef, Value, types};
use nativize_abi::Trap;
use nativize_abi::program::SIGNATURE_PREFIX;
use wasmparser::FuncType;

/// The identity that no function has: of types without any function in the program.
const NO_SIGNATURE: u32 = u32::MAX;

/// What is called, with what it takes and gives.
struct Callee<'a> {
    target: Target,
    ty: &'a FuncType,
}

enum Target {
    Function(ir::FuncRef),
    /// An address of code.
    Code(SigRef, Value),
}

impl<'a> Translator<'a> {
    pub(super) fn call(&mut self, index: u32) {
        let callee = self.function(index);
        self.emit_call(&callee);
    }

    pub(super) fn return_call(&mut self, index: u32) {
        let callee = self.function(index);
        self.emit_return_call(&callee);
    }

    pub(super) fn call_indirect(&mut self, type_index: u32, table_index: u32) {
        match self.table_element(type_index, table_index) {
            Some(callee) => self.emit_call(&callee),
            None => self.unreachable(),
        }
    }

    pub(super) fn return_call_indirect(&mut self, type_index: u32, table_index: u32) {
        match self.table_element(type_index, table_index) {
            Some(callee) => self.emit_return_call(&callee),
            None => self.unreachable(),
        }
    }

    fn function(&mut self, index: u32) -> Callee<'a> {
        let instance = &self.body.environment.program.instances[self.instance];
        let function = instance.functions[index as usize];
        Callee {
            target: Target::Function(self.body.program_function(function)),
            ty: instance.module.function_type(index),
        }
    }

    /// Three checks, in the order of the specification: the index, null, the type. A table entry is the address of
    /// the function's code, and the identity of its type stands before that; null is address 0, so that reading the
    /// identity faults, and the fault's program counter says why. `None` if no function of the program has the type:
    /// then the last check always traps.
    fn table_element(&mut self, type_index: u32, table_index: u32) -> Option<Callee<'a>> {
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
        let signature = self.body.signature_ref(signature?);
        Some(Callee {
            target: Target::Code(signature, code),
            ty,
        })
    }

    fn emit_call(&mut self, callee: &Callee<'_>) {
        let arguments = self.pop_many(callee.ty.params().len());
        let ins = self.body.ins();
        let call = match callee.target {
            Target::Function(function) => ins.call(function, &arguments),
            Target::Code(signature, code) => ins.call_indirect(signature, code, &arguments),
        };
        self.stack
            .extend_from_slice(self.body.builder.inst_results(call));
    }

    /// The callee takes the place of this function's frame: all guest code is of the `Tail` convention, in which the
    /// callee removes its stack arguments.
    fn emit_return_call(&mut self, callee: &Callee<'_>) {
        let arguments = self.pop_many(callee.ty.params().len());
        let ins = self.body.ins();
        match callee.target {
            Target::Function(function) => ins.return_call(function, &arguments),
            Target::Code(signature, code) => ins.return_call_indirect(signature, code, &arguments),
        };
        self.reachable = false;
    }
}
