//! The ways between runtime and guest: entries that the runtime calls, and trampolines to host functions.

use super::{Body, Environment, clif_type, displacement, namespace};
use crate::builtin::Builtin;
use crate::host::HostFunction;
use crate::program::{EntryPoint, InstanceId, Program};
use cranelift_codegen::ir::{
    AbiParam, ExternalName, Function, GlobalValueData, InstBuilder, MemFlagsData, Signature,
    StackSlotData, StackSlotKind, UserExternalName, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilderContext;
use nativize_abi::Trap;
use nativize_abi::program::{GuestFrame, Thread, Value as EntryValue};
use std::mem::{offset_of, size_of};
use wasmparser::ValType;

/// The types of the parameters and results of an entry.
pub(crate) fn entry_types(
    program: &Program<'_>,
    entry: EntryPoint,
) -> (Vec<ValType>, Vec<ValType>) {
    match entry {
        EntryPoint::Instantiate(_) => (Vec::new(), Vec::new()),
        EntryPoint::Call(function) => {
            let ty = &program.signatures[program.functions[function].signature];
            (ty.params().to_vec(), ty.results().to_vec())
        }
        EntryPoint::ReadGlobal(global) => (Vec::new(), vec![program.globals[global].ty.content]),
    }
}

/// `extern "C" fn(values: *mut Value)` for entry `index`.
pub(super) fn entry(
    environment: Environment<'_>,
    index: u32,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    function.signature = Signature::new(CallConv::SystemV);
    function.signature.params.push(AbiParam::new(types::I64));
    let mut body = Body::new(environment, function, context);
    let values = body.start()[0];
    body.enter_thread();
    let entry = environment.program.entries[index as usize];
    let (params, _) = entry_types(environment.program, entry);
    // A slot is aligned to 8 bytes, which is not enough for a v128.
    let flags = MemFlagsData::new().with_notrap();
    let arguments: Vec<Value> = (0..)
        .zip(&params)
        .map(|(slot, &ty)| {
            body.ins()
                .load(clif_type(ty), flags, values, slot_offset(slot))
        })
        .collect();
    let results: Vec<Value> = match entry {
        EntryPoint::Instantiate(instance) => {
            body.instantiate(instance);
            Vec::new()
        }
        EntryPoint::Call(callee) => {
            let callee = body.program_function(callee);
            let call = body.ins().call(callee, &arguments);
            body.builder.inst_results(call).to_vec()
        }
        EntryPoint::ReadGlobal(global) => vec![body.read_global(global)],
    };
    for (slot, value) in (0..).zip(results) {
        body.ins().store(flags, value, values, slot_offset(slot));
    }
    body.ins().return_(&[]);
    body.builder.finalize(crate::codegen::frontend_config());
}

/// The offset of a slot of an entry's values.
fn slot_offset(slot: i32) -> i32 {
    slot * displacement(size_of::<EntryValue>())
}

/// A function of the guest's convention that records where the guest was left, then calls the host function with the
/// caller's memory record before the guest's arguments.
pub(super) fn host(
    environment: Environment<'_>,
    host: HostFunction,
    caller: Option<InstanceId>,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    if host.starts_threads() {
        return super::thread::spawn(environment, caller, function, context);
    }
    let mut signature = function.signature.clone();
    signature.call_conv = CallConv::SystemV;
    signature.params.insert(0, AbiParam::new(types::I64));
    let mut body = Body::new(environment, function, context);
    let mut arguments = body.start();
    body.record_guest_frame();
    let memory = caller.and_then(|caller| environment.program.host_memory(caller));
    let record = match memory {
        Some(memory) => {
            let record = body.memory_plan(memory).record;
            body.address(record)
        }
        None => body.ins().iconst(types::I64, 0),
    };
    arguments.insert(0, record);
    let callee = body.function_ref(namespace::HOST, host.index(), || signature);
    let call = body.ins().call(callee, &arguments);
    let results = body.builder.inst_results(call).to_vec();
    if environment.plan.threads.is_some() {
        body.call_builtin(Builtin::HostLeave, &[]);
    }
    body.ins().return_(&results);
    body.builder.finalize(crate::codegen::frontend_config());
}

/// How much of the name of an import is shown.
const MAX_SHOWN_NAME: usize = 1024;

/// A function of the guest's convention that traps because nothing provides the import `name`.
///
/// It spells the name onto its stack, since code refers to no data but the plan's.
pub(super) fn unknown(
    environment: Environment<'_>,
    name: &str,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut body = Body::new(environment, function, context);
    body.start();
    body.record_guest_frame();
    // Names may be longer than a frame should be.
    let name = &name[..name.floor_char_boundary(MAX_SHOWN_NAME)];
    let size = u32::try_from(name.len().next_multiple_of(8)).expect("names are limited");
    let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3);
    let slot = body.builder.create_sized_stack_slot(slot);
    for (index, part) in (0..).zip(name.as_bytes().chunks(8)) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        let word = body.ins().iconst(types::I64, i64::from_le_bytes(word));
        body.ins().stack_store(types::I64, word, slot, index * 8);
    }
    let address = body.ins().stack_addr(types::I64, slot, 0);
    let len = body.ins().iconst(
        types::I64,
        i64::try_from(name.len()).expect("names are limited"),
    );
    let callee = body.function_ref(namespace::UNKNOWN_IMPORT, 0, || {
        let mut signature = Signature::new(CallConv::SystemV);
        signature.params.extend([AbiParam::new(types::I64); 2]);
        signature
    });
    body.ins().call(callee, &[address, len]);
    // It does not return.
    body.ins().trap(super::trap_code(Trap::UnknownImport));
    body.builder.finalize(crate::codegen::frontend_config());
}

impl Body<'_> {
    /// Leaves the caller's frame pointer and the return address where the runtime's backtrace starts.
    pub(super) fn record_guest_frame(&mut self) {
        let record = self.guest_frame();
        let flags = MemFlagsData::trusted();
        let own_frame = self.ins().get_frame_pointer(types::I64);
        // The caller's frame pointer is what the prologue pushed.
        let caller_frame = self.ins().load(types::I64, flags, own_frame, 0);
        let return_address = self.ins().get_return_address(types::I64);
        self.ins().store(
            flags,
            caller_frame,
            record,
            displacement(offset_of!(GuestFrame, frame_pointer)),
        );
        self.ins().store(
            flags,
            return_address,
            record,
            displacement(offset_of!(GuestFrame, return_address)),
        );
    }

    /// The address of the record for that.
    fn guest_frame(&mut self) -> Value {
        if self.environment.plan.threads.is_some() {
            let thread = self.ins().get_pinned_reg(types::I64);
            let offset = displacement(offset_of!(Thread, frame));
            return self.ins().iadd_imm_s(thread, i64::from(offset));
        }
        let func = &mut self.builder.func;
        let name =
            func.declare_imported_user_function(UserExternalName::new(namespace::GUEST_FRAME, 0));
        let symbol = GlobalValueData::Symbol {
            name: ExternalName::user(name),
            offset: 0.into(),
            colocated: true,
            tls: false,
        };
        let global_value = self.builder.create_global_value(symbol);
        self.ins().symbol_value(types::I64, global_value)
    }
}
