//! The translation of a function body: locals, operators, finish.

use super::control::{Frame, FrameKind};
use super::legacy_exception::Tries;
use super::trace::{Trace, Traced};
use super::{Body, Environment, clif_type};
use crate::Error;
use crate::hints::Hints;
use crate::program::{FuncId, InstanceId};
use cranelift_codegen::ir::{
    Function, InstBuilder, SourceLoc, StackSlot, StackSlotData, StackSlotKind, Type, Value, types,
};
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
    pub locals: Vec<Local>,
    /// For each, the last block that it was used or set in.
    last: Vec<u32>,
    /// The sum of these.
    cells: u64,
    /// Whether locals are in the frame,
    pub in_frame: bool,
    /// and whether they should be.
    pub has_too_many: bool,
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

/// A local.
#[derive(Clone, Copy)]
pub(super) enum Local {
    Variable(Variable),
    InFrame(StackSlot, Type),
}

/// Why a body was not translated.
enum Stop {
    Error(Error),
    /// There are too many values.
    Values,
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Error(error.into())
    }
}

/// A body of so many bytes may come to this many values. The construction of SSA form makes one for each local and each loop that it
/// lives through (20,000 of both: 400 million, 7 GB), most of them for nothing. Programs have less than one for each byte.
fn most_values(bytes: u64) -> u64 {
    2_000_000 + 4 * bytes
}

/// It has a table of all blocks for each local, and passes each at each branch to a loop that changes it: so many cells and arguments
/// may be in a body, each 4 bytes. (A thousand locals in 30,000 blocks are less than half of it.)
pub(super) const MOST_CELLS: u64 = 80_000_000;

/// Translates `id`, which is defined function `index` of `instance`.
pub(super) fn translate<'a>(
    environment: Environment<'a>,
    id: FuncId,
    instance: InstanceId,
    index: u32,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) -> Result<Traced, Error> {
    let mut result = attempt(environment, id, instance, index, function, context, false);
    if let Err(Stop::Values) = result {
        let (name, signature) = (function.name.clone(), function.signature.clone());
        function.clear();
        (function.name, function.signature) = (name, signature);
        *context = FunctionBuilderContext::default();
        result = attempt(environment, id, instance, index, function, context, true);
    }
    result.map_err(|stop| match stop {
        Stop::Error(error) => error,
        Stop::Values => unreachable!("locals in the frame are no values"),
    })
}

fn attempt<'a>(
    environment: Environment<'a>,
    id: FuncId,
    instance: InstanceId,
    index: u32,
    function: &'a mut Function,
    context: &'a mut FunctionBuilderContext,
    in_frame: bool,
) -> Result<Traced, Stop> {
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
        last: Vec::new(),
        cells: 0,
        in_frame,
        has_too_many: false,
        offset: code.range().start,
        code,
        tries: None,
        // (Where the frame has locals, debuggers are not told.)
        trace: environment
            .plan
            .watched(id)
            .filter(|_| !in_frame)
            .map(Trace::new),
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
            self.declare_local(value);
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
                self.trace_local(zero);
                self.declare_local(zero);
            }
        }
        Ok(reader.get_binary_reader())
    }

    fn declare_local(&mut self, value: Value) {
        let number = self.locals.len();
        let builder = &mut self.body.builder;
        let ty = builder.func.dfg.value_type(value);
        let local = if self.in_frame {
            let align = ty.bytes().trailing_zeros() as u8;
            let slot = StackSlotData::new(StackSlotKind::ExplicitSlot, ty.bytes(), align);
            Local::InFrame(builder.create_sized_stack_slot(slot), ty)
        } else {
            Local::Variable(builder.declare_var(ty))
        };
        self.locals.push(local);
        self.last.push(0);
        self.set_local(number, value);
    }

    /// What the local holds.
    pub(super) fn local(&mut self, number: usize) -> Value {
        self.reaches(number);
        match self.locals[number] {
            Local::Variable(variable) => self.body.builder.use_var(variable),
            Local::InFrame(slot, ty) => self.body.ins().stack_load(types::I64, ty, slot, 0),
        }
    }

    pub(super) fn set_local(&mut self, number: usize, value: Value) {
        self.reaches(number);
        match self.locals[number] {
            Local::Variable(variable) => self.body.builder.def_var(variable, value),
            Local::InFrame(slot, _) => {
                self.body.ins().stack_store(types::I64, value, slot, 0);
            }
        }
    }

    /// A local is used or set in the current block.
    fn reaches(&mut self, number: usize) {
        if let Some(block) = self.body.builder.current_block() {
            let more = block.as_u32().saturating_sub(self.last[number]);
            self.last[number] += more;
            self.cells += u64::from(more);
        }
    }

    /// Whether the construction of SSA form would take too much for locals.
    fn exceeds(&self, most_values: u64) -> bool {
        let dfg = &self.body.builder.func.dfg;
        self.has_too_many
            || dfg.num_values() as u64 > most_values
            || self.cells.max(dfg.value_lists.capacity() as u64) > MOST_CELLS
    }

    /// Whether the module hints that the current operator's branch is taken.
    pub(super) fn hint(&self) -> Option<bool> {
        self.hints.taken(self.offset - self.start)
    }

    fn operators(&mut self, operators: BinaryReader<'a>) -> Result<(), Stop> {
        let range = self.code.range();
        let most_values = most_values(range.end - range.start);
        let mut reader = wasmparser::OperatorsReader::new(operators);
        while !reader.eof() {
            let (op, offset) = reader.read_with_offset()?;
            self.offset = offset;
            let location =
                u32::try_from(offset).map_or_else(|_| SourceLoc::default(), SourceLoc::new);
            self.body.builder.set_srcloc(location);
            self.trace_operator();
            self.operator(&op)?;
            if !self.in_frame && self.exceeds(most_values) {
                return Err(Stop::Values);
            }
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
