//! The translation of a function body: locals, operators, finish.

use super::control::{Frame, FrameKind};
use super::legacy_exception::Tries;
use super::trace::{Trace, Traced};
use super::{Body, Environment, clif_type};
use crate::Error;
use crate::hints::Hints;
use crate::program::{FuncId, InstanceId};
use cranelift_codegen::ir::{Function, InstBuilder, SourceLoc, Type, Value, types};
use cranelift_frontend::{FunctionBuilderContext, Variable};
use wasmparser::{BinaryReader, FuncType, FunctionBody};

/// The state of the translation of one function body.
pub(super) struct Translator<'a> {
    pub body: Body<'a>,
    pub instance: InstanceId,
    pub ty: &'a FuncType,
    /// The operand stack.
    pub stack: Vec<Value>,
    pub control: Vec<Frame>,
    /// Whether the next operator can execute. Operators that cannot are skipped, but for block structure.
    pub reachable: bool,
    pub locals: Vec<Variable>,
    /// Offset of the current operator in the module.
    pub offset: u64,
    pub code: &'a FunctionBody<'a>,
    /// What is known of the function's `try`s, once there is one.
    pub tries: Option<Tries>,
    /// What debuggers are told of the locals.
    pub trace: Option<Trace<'a>>,
    hints: &'a Hints,
    /// Offset of the body in the module: hints count from here.
    start: u64,
}

/// Translates `id`, which is defined function `index` of `instance`.
pub(super) fn translate<'a>(
    environment: Environment<'a>,
    id: FuncId,
    instance: InstanceId,
    index: u32,
    function: &'a mut Function,
    context: &'a mut FunctionBuilderContext,
) -> Result<Traced, Error> {
    let module = environment.program.instances[instance].module;
    let body = module.body(index);
    let code = &body.code;
    let mut translator = Translator {
        body: Body::new(environment, function, context),
        instance,
        ty: module.function_type(index),
        stack: Vec::new(),
        control: Vec::new(),
        reachable: true,
        locals: Vec::new(),
        offset: code.range().start,
        code,
        tries: None,
        trace: environment.plan.watched(id).map(Trace::new),
        hints: &body.hints,
        start: code.range().start,
    };
    translator.parameters();
    let operators = translator.declare_locals(code)?;
    translator.operators(operators)?;
    let end = code.range().end;
    let trace = translator.trace.take();
    let traced = trace.map(|trace| trace.finish(translator.body.builder.func, location(end)));
    translator
        .body
        .builder
        .finalize(crate::codegen::frontend_config());
    Ok(traced.unwrap_or_default())
}

/// An offset as a source location has it.
fn location(offset: u64) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

impl<'a> Translator<'a> {
    fn parameters(&mut self) {
        for value in self.body.start() {
            let ty = self.body.builder.func.dfg.value_type(value);
            let variable = self.body.builder.declare_var(ty);
            self.body.builder.def_var(variable, value);
            self.locals.push(variable);
        }
        self.trace_start();
        let results = self.ty.results().iter().map(|&ty| clif_type(ty));
        let exit = self.body.block_with_params(results);
        self.control.push(Frame::new(
            FrameKind::Block,
            exit,
            0,
            self.ty.results().len(),
            0,
        ));
    }

    fn declare_locals(&mut self, code: &FunctionBody<'a>) -> Result<BinaryReader<'a>, Error> {
        let mut reader = code.get_locals_reader()?;
        for _ in 0..reader.get_count() {
            let offset = reader.original_position();
            let (count, ty) = reader.read()?;
            if let Some(feature) = crate::features::unsupported_type(ty) {
                return Err(Error::Unsupported {
                    feature: feature.to_owned(),
                    offset,
                });
            }
            let ty = clif_type(ty);
            let zero = self.body.zero(ty);
            for _ in 0..count {
                let variable = self.body.builder.declare_var(ty);
                self.body.builder.def_var(variable, zero);
                self.trace_local(zero);
                self.locals.push(variable);
            }
        }
        Ok(reader.get_binary_reader())
    }

    /// Whether the module hints that the current operator's branch is taken.
    pub(super) fn hint(&self) -> Option<bool> {
        self.hints.taken(self.offset - self.start)
    }

    fn operators(&mut self, operators: BinaryReader<'a>) -> Result<(), Error> {
        let mut reader = wasmparser::OperatorsReader::new(operators);
        while !reader.eof() {
            let (op, offset) = reader.read_with_offset()?;
            self.offset = offset;
            let location =
                u32::try_from(offset).map_or_else(|_| SourceLoc::default(), SourceLoc::new);
            self.body.builder.set_srcloc(location);
            self.trace_operator();
            self.operator(&op)?;
        }
        Ok(())
    }
}

impl Body<'_> {
    /// The default value of a type.
    pub(super) fn zero(&mut self, ty: Type) -> Value {
        match ty {
            types::F32 => self.ins().f32const(0.0),
            types::F64 => self.ins().f64const(0.0),
            _ if ty.is_vector() => {
                let zero = self.builder.func.dfg.constants.insert(vec![0; 16].into());
                self.ins().vconst(ty, zero)
            }
            _ => self.ins().iconst(ty, 0),
        }
    }
}
