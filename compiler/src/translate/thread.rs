//! Threads: how they start, and how code comes to the state of its thread.
//!
//! Guest code of a program that starts threads finds what each thread has of its own by the pinned register, which an
//! entry from the runtime sets and nothing changes. A new thread has new instances of all modules (wasi-threads,
//! "instance per thread"), which share nothing but the shared memories.

use super::{Body, Environment, displacement, namespace};
use crate::builtin::Builtin;
use crate::program::{EntryPoint, InstanceId, number};
use cranelift_codegen::ir::{AbiParam, Function, InstBuilder, Signature, Value, types};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilderContext;
use nativize_abi::program::Thread;
use std::mem::offset_of;

/// `extern "C" fn(thread: *mut Thread, id: i32, argument: i32)`: what runs in a thread that `instance` starts.
pub(super) fn start(
    environment: Environment<'_>,
    instance: InstanceId,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    function.signature = start_signature();
    let mut body = Body::new(environment, function, context);
    let parameters = body.start();
    body.ins().set_pinned_reg(parameters[0]);
    // The instances with what makes linked ones ready. What follows the last instance makes up the command.
    let entries = &environment.program.entries;
    let is_instance = |entry: &EntryPoint| matches!(entry, EntryPoint::Instantiate(_));
    let end = entries.iter().rposition(is_instance).map_or(0, |at| at + 1);
    for &entry in &entries[..end] {
        match entry {
            EntryPoint::Instantiate(instance) => {
                body.instantiate(instance);
            }
            EntryPoint::Call(function) => {
                let function = body.program_function(function);
                body.ins().call(function, &[]);
            }
            EntryPoint::ReadGlobal(_) => {}
        }
    }
    let start = environment.plan.reach.threads[&instance];
    let start = body.program_function(start);
    body.ins().call(start, &parameters[1..]);
    body.ins().return_(&[]);
    body.builder.finalize(crate::codegen::frontend_config());
}

fn start_signature() -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    let params = [types::I64, types::I32, types::I32];
    signature.params.extend(params.map(AbiParam::new));
    signature
}

/// `thread-spawn`, a function of the guest's convention.
pub(super) fn spawn(
    environment: Environment<'_>,
    caller: Option<InstanceId>,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut body = Body::new(environment, function, context);
    let argument = body.start()[0];
    body.record_guest_frame();
    let caller = caller.expect("an instance imports what is called");
    let start = body.function_ref(namespace::THREAD_START, number(caller), start_signature);
    let start = body.ins().func_addr(types::I64, start);
    let threads = body.threads_record().expect("the program starts threads");
    let id = body
        .call_builtin(Builtin::ThreadSpawn, &[threads, start, argument])
        .expect("it has a result");
    body.ins().return_(&[id]);
    body.builder.finalize(crate::codegen::frontend_config());
}

impl Body<'_> {
    /// The address of what the runtime needs to know of threads, if the program starts any.
    fn threads_record(&mut self) -> Option<Value> {
        let record = self.environment.plan.threads?.record;
        Some(self.address(record))
    }

    /// Lets the pinned register be that of the thread, in code that the runtime calls.
    pub(super) fn enter_thread(&mut self) {
        if let Some(record) = self.threads_record() {
            let thread = self
                .call_builtin(Builtin::ThreadState, &[record])
                .expect("it has a result");
            self.ins().set_pinned_reg(thread);
        }
    }

    /// The number of the thread, 0 for the main one.
    pub(super) fn thread_id(&mut self) -> Value {
        let flags = self.state_flags();
        let thread = self.ins().get_pinned_reg(types::I64);
        let offset = displacement(offset_of!(Thread, id));
        self.ins().load(types::I32, flags, thread, offset)
    }

    /// Calls the code that instantiates an instance.
    pub(super) fn instantiate(&mut self, instance: InstanceId) {
        let signature = || Signature::new(CallConv::Tail);
        let callee = self.function_ref(namespace::INSTANTIATE, number(instance), signature);
        self.ins().call(callee, &[]);
    }
}
