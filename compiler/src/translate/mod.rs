//! One function of the program -> CLIF.

mod atomic;
mod call;
mod control;
mod exception;
mod function;
mod global;
mod heap;
mod instantiate;
mod legacy_exception;
mod memory;
mod numeric;
mod operators;
mod reference;
mod simd;
mod stack;
mod table;
mod thread;
mod trace;
mod trampoline;

use crate::Options;
use crate::plan::{Block, Place, Plan};
use crate::program::{FuncId, InstanceId, Program, SignatureId, number};
use cranelift_codegen::ir::{
    self, AbiParam, AliasRegion, AliasRegionData, ExtFuncData, ExternalName, Function, GlobalValue,
    GlobalValueData, InstBuilder, MemFlagsData, SigRef, Signature, TrapCode, Type,
    UserExternalName, UserFuncName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use nativize_abi::Trap;
use std::collections::HashMap;
use wasmparser::{FuncType, ValType};

pub(crate) use trace::{Home, Traced, Watched};
pub(crate) use trampoline::entry_types;

/// The name spaces of external names in CLIF.
pub(crate) mod namespace {
    /// A [`FuncId`](crate::program::FuncId): its code, or the trampoline of a host function.
    pub(crate) const FUNCTION: u32 = 0;
    /// The code that instantiates an instance.
    pub(crate) const INSTANTIATE: u32 = 1;
    /// A data section, by its position in [`Block::ALL`](crate::plan::Block::ALL).
    pub(crate) const BLOCK: u32 = 2;
    /// A [`Builtin`](crate::builtin::Builtin) of the runtime.
    pub(crate) const BUILTIN: u32 = 3;
    /// A [`HostFunction`](crate::host::HostFunction) of the runtime.
    pub(crate) const HOST: u32 = 4;
    /// The runtime's guest frame record.
    pub(crate) const GUEST_FRAME: u32 = 5;
    /// The runtime's function that passes exceptions to their handlers.
    pub(crate) const THROW: u32 = 6;
    /// The runtime's function that ends the run because of an import that nothing provides.
    pub(crate) const UNKNOWN_IMPORT: u32 = 7;
    /// What the runtime calls in a new thread, by the [`InstanceId`](crate::program::InstanceId) that starts it.
    pub(crate) const THREAD_START: u32 = 8;
}

/// A piece of code to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A function of an instance, or the trampoline to a host function.
    Function(FuncId),
    /// What is left of an instance's instantiation.
    Instantiate(InstanceId),
    /// What the runtime calls for an entry, by its position.
    Entry(u32),
    /// What the runtime calls in a thread that an instance starts.
    ThreadStart(InstanceId),
}

/// What translation reads: nothing in it changes.
#[derive(Clone, Copy)]
pub(crate) struct Environment<'a> {
    pub program: &'a Program<'a>,
    pub plan: &'a Plan,
    pub options: &'a Options,
}

/// Translates `unit` into `function`; gives what debuggers are told of it.
///
/// # Errors
/// [`crate::Error::Unsupported`] at the first operator that is not translated.
pub(crate) fn translate(
    environment: Environment<'_>,
    unit: Unit,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) -> Result<Traced, crate::Error> {
    let mut traced = Traced::default();
    match unit {
        Unit::Function(id) => match environment.program.functions[id].kind {
            crate::program::FunctionKind::Defined { instance, index } => {
                function.name = UserFuncName::user(namespace::FUNCTION, number(id));
                function.signature =
                    environment.signature(environment.program.functions[id].signature);
                traced = function::translate(environment, id, instance, index, function, context)?;
            }
            crate::program::FunctionKind::Host {
                function: host,
                caller,
            } => {
                function.name = UserFuncName::user(namespace::FUNCTION, number(id));
                function.signature =
                    environment.signature(environment.program.functions[id].signature);
                trampoline::host(environment, host, caller, function, context);
            }
            crate::program::FunctionKind::Unknown(import) => {
                function.name = UserFuncName::user(namespace::FUNCTION, number(id));
                function.signature =
                    environment.signature(environment.program.functions[id].signature);
                let name = &environment.program.unknown[import as usize];
                trampoline::unknown(environment, name, function, context);
            }
        },
        Unit::Instantiate(instance) => {
            function.name = UserFuncName::user(namespace::INSTANTIATE, number(instance));
            function.signature = Signature::new(CallConv::Tail);
            instantiate::translate(environment, instance, function, context);
        }
        Unit::Entry(index) => {
            function.name = UserFuncName::default();
            trampoline::entry(environment, index, function, context);
        }
        Unit::ThreadStart(instance) => {
            function.name = UserFuncName::user(namespace::THREAD_START, number(instance));
            thread::start(environment, instance, function, context);
        }
    }
    Ok(traced)
}

impl Environment<'_> {
    /// The CLIF signature of wasm functions of a type.
    fn signature(&self, id: SignatureId) -> Signature {
        signature(&self.program.signatures[id])
    }
}

/// The CLIF signature of wasm functions of a type: no hidden parameters.
fn signature(ty: &FuncType) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    signature
        .params
        .extend(ty.params().iter().map(|&ty| AbiParam::new(clif_type(ty))));
    signature
        .returns
        .extend(ty.results().iter().map(|&ty| AbiParam::new(clif_type(ty))));
    signature
}

/// The CLIF type of a value. A reference is an address-sized number, 0 for null.
fn clif_type(ty: ValType) -> Type {
    match ty {
        ValType::I32 => types::I32,
        ValType::I64 | ValType::Ref(_) => types::I64,
        ValType::F32 => types::F32,
        ValType::F64 => types::F64,
        ValType::V128 => types::I8X16,
    }
}

pub(crate) fn trap_code(trap: Trap) -> TrapCode {
    TrapCode::unwrap_user(trap as u8)
}

/// What is added to the code of a trap that follows from the second of an instruction's two checks.
const SECOND: u8 = 0x40;

/// The code of a trap that follows from the second of an instruction's two checks: which one it was decides what the
/// message says, and nothing else.
fn second_trap_code(trap: Trap) -> TrapCode {
    TrapCode::unwrap_user(SECOND | trap as u8)
}

/// The trap of a code that [`trap_code`] or [`second_trap_code`] gave, and whether it was the latter.
pub(crate) fn trap_of(code: TrapCode) -> (Trap, bool) {
    let code = code.as_raw().get();
    let trap = Trap::from_code(code & !SECOND).expect("translation uses the contract's codes");
    (trap, code & SECOND != 0)
}

/// [`Trap::MemoryOutOfBounds`] of an access that must compute its address in 32 bits.
pub(crate) const WRAPPING: TrapCode = TrapCode::unwrap_user(0x80 | Trap::MemoryOutOfBounds as u8);

/// A function body under construction, whatever it comes from: declarations are made when they are first used.
struct Body<'a> {
    environment: Environment<'a>,
    builder: FunctionBuilder<'a>,
    /// In the order of [`Block::ALL`].
    blocks: [GlobalValue; 4],
    functions: HashMap<(u32, u32), ir::FuncRef>,
    signatures: HashMap<SignatureId, SigRef>,
    regions: Regions,
}

/// Disjoint kinds of memory, for alias analysis.
#[derive(Clone, Copy)]
struct Regions {
    /// Linear memories.
    heap: AliasRegion,
    /// Globals and the records of memories and tables.
    state: AliasRegion,
    /// Entries of tables.
    table: AliasRegion,
}

impl<'a> Body<'a> {
    fn new(
        environment: Environment<'a>,
        function: &'a mut Function,
        context: &'a mut FunctionBuilderContext,
    ) -> Self {
        // The same symbols in the same order in every function: the inliner copies global values as they are.
        let blocks = Block::ALL.map(|block| {
            let name = function.declare_imported_user_function(UserExternalName::new(
                namespace::BLOCK,
                block as u32,
            ));
            function.create_global_value(GlobalValueData::Symbol {
                name: ExternalName::user(name),
                offset: 0.into(),
                colocated: true,
                tls: false,
            })
        });
        let mut region = |user_id, description: &'static str| {
            let data = AliasRegionData {
                user_id,
                description: description.into(),
            };
            function.dfg.alias_regions.insert(data)
        };
        let regions = Regions {
            heap: region(0, "memory"),
            state: region(1, "state"),
            table: region(2, "table"),
        };
        let builder = FunctionBuilder::new(function, context);
        Body {
            environment,
            builder,
            blocks,
            functions: HashMap::new(),
            signatures: HashMap::new(),
            regions,
        }
    }

    /// Starts the entry block and gives the parameters.
    fn start(&mut self) -> Vec<Value> {
        let entry = self.builder.create_block();
        self.builder.append_block_params_for_function_params(entry);
        self.builder.switch_to_block(entry);
        self.builder.seal_block(entry);
        self.builder.block_params(entry).to_vec()
    }

    fn ins(&mut self) -> cranelift_frontend::FuncInstBuilder<'_, 'a> {
        self.builder.ins()
    }

    /// Where a block begins, as an address and a displacement: a section, or in a program that starts threads a part of
    /// the thread's state.
    fn block_address(&mut self, block: Block) -> (Value, u32) {
        let threads = self.environment.plan.threads;
        if let Some(start) = threads.and_then(|threads| threads.block(block)) {
            return (self.ins().get_pinned_reg(types::I64), start);
        }
        let global_value = self.blocks[block as usize];
        (self.ins().symbol_value(types::I64, global_value), 0)
    }

    /// The address of a place.
    fn address(&mut self, place: Place) -> Value {
        let (base, start) = self.block_address(place.block);
        let offset = i64::from(start) + i64::from(place.offset);
        self.ins().iadd_imm_s(base, offset)
    }

    /// A field of what is at a place, as the address and the displacement of an access.
    fn field(&mut self, place: Place, field: usize) -> (Value, i32) {
        let (base, start) = self.block_address(place.block);
        let offset = start as usize + place.offset as usize + field;
        (base, displacement(offset))
    }

    /// Flags of an access to runtime-owned state: it cannot trap.
    fn state_flags(&self) -> MemFlagsData {
        MemFlagsData::trusted().with_alias_region(Some(self.regions.state))
    }

    fn load_state(&mut self, ty: Type, place: Place, field: usize) -> Value {
        let flags = self.state_flags();
        let (base, offset) = self.field(place, field);
        self.ins().load(ty, flags, base, offset)
    }

    fn store_state(&mut self, value: Value, place: Place, field: usize) {
        let flags = self.state_flags();
        let (base, offset) = self.field(place, field);
        self.ins().store(flags, value, base, offset);
    }

    fn trap_if(&mut self, condition: Value, trap: Trap) {
        self.ins().trapnz(condition, trap_code(trap));
    }

    /// A reference to a function in some name space.
    fn function_ref(
        &mut self,
        namespace: u32,
        index: u32,
        signature: impl FnOnce() -> Signature,
    ) -> ir::FuncRef {
        if let Some(&function) = self.functions.get(&(namespace, index)) {
            return function;
        }
        let func = &mut self.builder.func;
        let name = func.declare_imported_user_function(UserExternalName::new(namespace, index));
        let signature = func.import_signature(signature());
        let function = func.import_function(ExtFuncData {
            name: ExternalName::user(name),
            signature,
            colocated: true,
            patchable: false,
        });
        self.functions.insert((namespace, index), function);
        function
    }

    /// A reference to a function of the program.
    fn program_function(&mut self, id: FuncId) -> ir::FuncRef {
        let environment = self.environment;
        let signature = environment.program.functions[id].signature;
        self.function_ref(namespace::FUNCTION, number(id), || {
            environment.signature(signature)
        })
    }

    fn signature_ref(&mut self, id: SignatureId) -> SigRef {
        if let Some(&signature) = self.signatures.get(&id) {
            return signature;
        }
        let signature = self
            .builder
            .import_signature(self.environment.signature(id));
        self.signatures.insert(id, signature);
        signature
    }

    /// Calls a builtin of the runtime.
    fn call_builtin(
        &mut self,
        builtin: crate::builtin::Builtin,
        arguments: &[Value],
    ) -> Option<Value> {
        let function =
            self.function_ref(namespace::BUILTIN, builtin as u32, || builtin.signature());
        let call = self.ins().call(function, arguments);
        self.builder.inst_results(call).first().copied()
    }

    /// The address of a function's code, which is its reference.
    fn function_reference(&mut self, id: FuncId) -> Value {
        let function = self.program_function(id);
        self.ins().func_addr(types::I64, function)
    }
}

/// An offset as the displacement of an access.
fn displacement(offset: usize) -> i32 {
    i32::try_from(offset).expect("sections are smaller than 2 GiB")
}
