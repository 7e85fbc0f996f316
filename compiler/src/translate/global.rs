//! Locals, globals and the choice between two values.

use super::function::Translator;
use super::{Body, clif_type};
use crate::const_expr::ConstValue;
use crate::plan::GlobalPlan;
use crate::program::{FuncId, GlobalId};
use cranelift_codegen::ir::{InstBuilder, Type, Value, types};

impl Body<'_> {
    pub(super) fn read_global(&mut self, id: GlobalId) -> Value {
        let ty = clif_type(self.environment.program.globals[id].ty.content);
        match self.global_plan(id) {
            GlobalPlan::Constant(value) => self.constant(ty, value),
            GlobalPlan::Cell(place) => self.load_state(ty, place, 0),
        }
    }

    fn write_global(&mut self, id: GlobalId, value: Value) {
        match self.global_plan(id) {
            GlobalPlan::Cell(place) => self.store_state(value, place, 0),
            GlobalPlan::Constant(_) => unreachable!("validated: the global is mutable"),
        }
    }

    fn global_plan(&self, id: GlobalId) -> GlobalPlan {
        self.environment.plan.state.globals[id].expect("every global has a plan")
    }

    fn constant(&mut self, ty: Type, value: ConstValue<FuncId>) -> Value {
        match value {
            ConstValue::Function(function) => self.function_reference(function),
            ConstValue::Bits(bits) => match ty {
                types::F32 => self.ins().f32const(f32::from_bits(bits as u32)),
                types::F64 => self.ins().f64const(f64::from_bits(bits as u64)),
                types::I32 => self.ins().iconst(ty, i64::from(bits as u32)),
                types::I8X16 => {
                    let bytes = bits.to_le_bytes().to_vec();
                    let constant = self.builder.func.dfg.constants.insert(bytes.into());
                    self.ins().vconst(ty, constant)
                }
                _ => self.ins().iconst(ty, (bits as u64).cast_signed()),
            },
        }
    }
}

impl Translator<'_> {
    fn global(&self, index: u32) -> GlobalId {
        self.body.environment.program.instances[self.instance].globals[index as usize]
    }

    pub(super) fn local_get(&mut self, index: u32) {
        let value = self.local(index as usize);
        self.trace_use(index, value);
        self.push(value);
    }

    pub(super) fn local_set(&mut self, index: u32) {
        let value = self.pop();
        self.set_local(index as usize, value);
        self.trace_definition(index, value);
    }

    pub(super) fn local_tee(&mut self, index: u32) {
        let value = self.top(1)[0];
        self.set_local(index as usize, value);
        self.trace_definition(index, value);
    }

    pub(super) fn global_get(&mut self, index: u32) {
        let value = self.body.read_global(self.global(index));
        self.push(value);
    }

    pub(super) fn global_set(&mut self, index: u32) {
        let value = self.pop();
        self.body.write_global(self.global(index), value);
    }

    pub(super) fn select(&mut self) {
        let (first, second, condition) = self.pop3();
        let value = self.body.ins().select(condition, first, second);
        self.push(value);
    }
}
