//! The code that does what is left of an instance's instantiation.

use super::{Body, Environment};
use crate::plan::{Length, Step};
use crate::program::InstanceId;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, Function, InstBuilder, types};
use cranelift_frontend::FunctionBuilderContext;
use nativize_abi::Trap;

pub(super) fn translate(
    environment: Environment<'_>,
    instance: InstanceId,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut body = Body::new(environment, function, context);
    body.start();
    for &step in &environment.plan.steps[instance] {
        body.step(instance, step);
    }
    body.ins().return_(&[]);
    body.builder.finalize(crate::codegen::frontend_config());
}

impl Body<'_> {
    fn step(&mut self, instance: InstanceId, step: Step) {
        match step {
            Step::RequireMemory { memory, pages } => {
                let needed = self.environment.program.memories[memory].ty.bytes(pages);
                let size = self.memory_size(memory);
                let too_small =
                    self.ins()
                        .icmp_imm_u(IntCC::UnsignedLessThan, size, needed.cast_signed());
                self.trap_if(too_small, Trap::IncompatibleImport);
            }
            Step::RequireTable { table, entries } => {
                let size = self.table_size(table);
                let too_small =
                    self.ins()
                        .icmp_imm_u(IntCC::UnsignedLessThan, size, entries.cast_signed());
                self.trap_if(too_small, Trap::IncompatibleImport);
            }
            Step::Elements {
                segment,
                table,
                offset,
            } => {
                let len = self.environment.plan.state.elements[&(instance, segment)].full_len;
                let operands = [offset, 0, len]
                    .map(|value| self.ins().iconst(types::I64, value.cast_signed()));
                self.table_init((instance, segment), table, operands, Length::Constant(len));
            }
            Step::Data {
                segment,
                memory,
                offset,
            } => {
                let len = self.environment.plan.state.data[&(instance, segment)].full_len;
                let definition = &self.environment.program.memories[memory];
                let once = self.environment.plan.threads.is_some()
                    && definition.ty.shared
                    && definition.owner == Some(instance);
                let next = once.then(|| self.skip_in_further_threads());
                let operands = [offset, 0, len]
                    .map(|value| self.ins().iconst(types::I64, value.cast_signed()));
                self.memory_init((instance, segment), memory, operands, Length::Constant(len));
                if let Some(next) = next {
                    self.jump(next, &[]);
                    self.builder.switch_to_block(next);
                    self.builder.seal_block(next);
                }
            }
            Step::Start(function) => {
                let function = self.program_function(function);
                self.ins().call(function, &[]);
            }
        }
    }

    /// Goes on to the block that it gives, but in the main thread: a memory that is shared, and an instance's own, is
    /// filled once.
    fn skip_in_further_threads(&mut self) -> Block {
        let id = self.thread_id();
        let (first, next) = (self.builder.create_block(), self.builder.create_block());
        self.ins().brif(id, next, &[], first, &[]);
        self.builder.switch_to_block(first);
        self.builder.seal_block(first);
        next
    }
}
