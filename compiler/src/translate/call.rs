//! Calls.

use super::exception::Handlers;
use super::function::Translator;
use super::{clif_type, trap_code};
use crate::identity;
use crate::program::{FunctionKind, SignatureId, number};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, InstBuilder, MemFlagsData, SigRef, Value, types};
use nativize_abi::Trap;
use nativize_abi::program::SIGNATURE_PREFIX;
use wasmparser::{FuncType, ValType};

/// What is called, with what it takes and gives.
struct Callee<'a> {
    target: Target,
    ty: &'a FuncType,
    /// Host functions do not.
    can_throw: bool,
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
        let callee = self.table_element(type_index, table_index);
        self.emit_call(&callee);
    }

    pub(super) fn return_call_indirect(&mut self, type_index: u32, table_index: u32) {
        let callee = self.table_element(type_index, table_index);
        self.emit_return_call(&callee);
    }

    pub(super) fn call_ref(&mut self, type_index: u32) {
        let callee = self.referenced(type_index);
        self.emit_call(&callee);
    }

    pub(super) fn return_call_ref(&mut self, type_index: u32) {
        let callee = self.referenced(type_index);
        self.emit_return_call(&callee);
    }

    fn function(&mut self, index: u32) -> Callee<'a> {
        let program = self.body.environment.program;
        let instance = &program.instances[self.instance];
        let function = instance.functions[index as usize];
        let kind = program.functions[function].kind;
        Callee {
            can_throw: matches!(kind, FunctionKind::Defined { .. }),
            target: Target::Function(self.body.program_function(function)),
            ty: instance.module.function_type(index),
        }
    }

    /// Three checks, in the order of the specification: the index, null, the type. A table entry is the address of
    /// the function's code, and the identity of its type stands before that; null is address 0, so that reading the
    /// identity faults, and the fault's program counter says why. Where all elements of the table are of the type
    /// asked for, only null is left to check.
    fn table_element(&mut self, type_index: u32, table_index: u32) -> Callee<'a> {
        let table = self.table(table_index);
        let index = self.pop();
        let entry = self
            .body
            .checked_entry(table, index, Trap::UndefinedElement);
        let flags = self.body.table_flags();
        let code = self.body.ins().load(types::I64, flags, entry, 0);
        let signature =
            self.body.environment.program.instances[self.instance].types[type_index as usize];
        match self.body.environment.program.tables[table].ty.element {
            ValType::Ref(element) if identity::concrete(element) == Some(number(signature)) => {
                if element.is_nullable() {
                    self.body.trap_if_null(code, Trap::UninitializedElement);
                }
            }
            _ => self.check_identity(code, signature),
        }
        self.code_of_type(code, type_index)
    }

    /// Traps unless `code` is that of a function of this type.
    fn check_identity(&mut self, code: Value, signature: SignatureId) {
        let flags = MemFlagsData::new()
            .with_aligned()
            .with_readonly()
            .with_trap_code(Some(trap_code(Trap::UninitializedElement)));
        let prefix = -(SIGNATURE_PREFIX as i32);
        let identity = self.body.ins().load(types::I32, flags, code, prefix);
        let expected = i64::from(number(signature));
        let differs = self
            .body
            .ins()
            .icmp_imm_u(IntCC::NotEqual, identity, expected);
        self.body.trap_if(differs, Trap::IndirectCallTypeMismatch);
    }

    /// What a reference of the type `(ref null $type)` refers to.
    fn referenced(&mut self, type_index: u32) -> Callee<'a> {
        let code = self.pop();
        self.body.trap_if_null(code, Trap::NullFunctionReference);
        self.code_of_type(code, type_index)
    }

    fn code_of_type(&mut self, code: Value, type_index: u32) -> Callee<'a> {
        let instance = &self.body.environment.program.instances[self.instance];
        let signature = self.body.signature_ref(instance.types[type_index as usize]);
        Callee {
            can_throw: true,
            target: Target::Code(signature, code),
            ty: &instance.module.types[type_index as usize],
        }
    }

    fn emit_call(&mut self, callee: &Callee<'_>) {
        let handlers = if callee.can_throw {
            self.handlers()
        } else {
            Vec::new()
        };
        if !handlers.is_empty() {
            return self.emit_try_call(callee, &handlers);
        }
        let arguments = self.pop_many(callee.ty.params().len());
        let ins = self.body.ins();
        let call = match callee.target {
            Target::Function(function) => ins.call(function, &arguments),
            Target::Code(signature, code) => ins.call_indirect(signature, code, &arguments),
        };
        self.stack
            .extend_from_slice(self.body.builder.inst_results(call));
    }

    /// A call inside a block that catches exceptions.
    fn emit_try_call(&mut self, callee: &Callee<'_>, handlers: &Handlers) {
        let arguments = self.pop_many(callee.ty.params().len());
        let results = callee.ty.results().iter().map(|&ty| clif_type(ty));
        let next = self.body.block_with_params(results);
        let cold = self.body.is_cold();
        self.body.set_cold_if(next, cold);
        match callee.target {
            Target::Function(function) => {
                let signature = self.body.builder.func.dfg.ext_funcs[function].signature;
                let table = self.body.exception_table(signature, next, handlers);
                self.body.ins().try_call(function, &arguments, table);
            }
            Target::Code(signature, code) => {
                let table = self.body.exception_table(signature, next, handlers);
                self.body.ins().try_call_indirect(code, &arguments, table);
            }
        }
        self.body.builder.switch_to_block(next);
        self.body.builder.seal_block(next);
        self.stack
            .extend_from_slice(self.body.builder.block_params(next));
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
