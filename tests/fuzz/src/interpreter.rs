//! The outcomes in wasmi.

use crate::case::{Case, Kind, Outcome, Outcomes};
use wasmi::errors::ErrorKind;
use wasmi::{Config, Engine, Error, Instance, Linker, Module, Store, TrapCode, V128, Val};

/// What a case may execute in [`bounded_engine`]: far more than one does whose calls and loops count.
const FUEL: u64 = 3_000_000;

/// The engine with every proposal that it has.
pub(crate) fn engine() -> Engine {
    Engine::new(&config())
}

/// The same for modules that may have lost what ends their loops.
pub(crate) fn bounded_engine() -> Engine {
    Engine::new(config().consume_fuel(true))
}

fn config() -> Config {
    let mut config = Config::default();
    config
        .wasm_custom_page_sizes(true)
        .wasm_memory64(true)
        .wasm_multi_memory(true)
        .wasm_tail_call(true)
        .wasm_extended_const(true)
        .wasm_wide_arithmetic(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(true)
        .set_max_recursion_depth(100_000)
        .set_max_stack_height(64 << 20);
    config
}

/// Why there are no outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It does not support the modules, or has a limit of its own.
    Unsupported,
    /// The case executes more than [`bounded_engine`] allows.
    Endless,
}

pub(crate) fn run(engine: &Engine, case: &Case) -> Result<Outcomes, Refusal> {
    let mut modules = Vec::new();
    for wasm in case.for_others() {
        modules.push(Module::new(engine, wasm).or(Err(Refusal::Unsupported))?);
    }
    let mut store = Store::new(engine, ());
    // It is refused where nothing is counted.
    let _ = store.set_fuel(FUEL);
    let mut linker = Linker::new(engine);
    let mut instances: Vec<Instance> = Vec::new();
    let mut outcomes = Vec::new();
    for (number, &module) in case.instances.iter().enumerate() {
        match linker.instantiate_and_start(&mut store, &modules[module]) {
            Ok(instance) => {
                linker
                    .instance(&mut store, &format!("i{number}"), instance)
                    .or(Err(Refusal::Unsupported))?;
                instances.push(instance);
                outcomes.push(Outcome::Results(Vec::new()));
            }
            Err(error) => outcomes.push(trap(&error)?),
        }
    }
    for call in &case.calls {
        let function = &case.functions[call.function];
        let Some(instance) = instances.get(function.instance) else {
            outcomes.push(Outcome::Skipped);
            continue;
        };
        let callee = instance
            .get_func(&store, &function.name)
            .ok_or(Refusal::Unsupported)?;
        let mut arguments = Vec::new();
        for (&kind, &bits) in function.params.iter().zip(&call.arguments) {
            arguments.push(value(kind, bits).ok_or(Refusal::Unsupported)?);
        }
        let mut results = vec![Val::I32(0); function.results.len()];
        outcomes.push(match callee.call(&mut store, &arguments, &mut results) {
            Ok(()) => Outcome::Results(results.iter().map(bits).collect()),
            Err(error) => trap(&error)?,
        });
    }
    Ok(outcomes)
}

fn value(kind: Kind, bits: u128) -> Option<Val> {
    Some(match kind {
        Kind::I32 => Val::I32(bits as i32),
        Kind::I64 => Val::I64(bits as i64),
        Kind::F32 => Val::F32(wasmi::F32::from_bits(bits as u32)),
        Kind::F64 => Val::F64(wasmi::F64::from_bits(bits as u64)),
        Kind::V128 => Val::V128(V128::from(bits)),
        Kind::Func => Val::default(wasmi::ValType::FuncRef),
        Kind::Extern => Val::default(wasmi::ValType::ExternRef),
        Kind::Exn => return None,
    })
}

fn bits(value: &Val) -> u128 {
    match value {
        Val::I32(value) => u128::from(*value as u32),
        Val::I64(value) => u128::from(*value as u64),
        Val::F32(value) => u128::from(value.to_bits()),
        Val::F64(value) => u128::from(value.to_bits()),
        Val::V128(value) => value.as_u128(),
        Val::FuncRef(value) => u128::from(!value.is_null()),
        Val::ExternRef(value) => u128::from(!value.is_null()),
    }
}

fn trap(error: &Error) -> Result<Outcome, Refusal> {
    let code = match error.kind() {
        ErrorKind::TrapCode(code) => *code,
        _ => error.as_trap_code().ok_or(Refusal::Unsupported)?,
    };
    Ok(Outcome::Trap(match code {
        TrapCode::UnreachableCodeReached => "unreachable",
        TrapCode::MemoryOutOfBounds => "out of bounds memory access",
        TrapCode::TableOutOfBounds => "out of bounds table access",
        TrapCode::IndirectCallToNull => "uninitialized element",
        TrapCode::IntegerDivisionByZero => "integer divide by zero",
        TrapCode::IntegerOverflow => "integer overflow",
        TrapCode::BadConversionToInteger => "invalid conversion to integer",
        TrapCode::BadSignature => "indirect call type mismatch",
        TrapCode::OutOfFuel => return Err(Refusal::Endless),
        _ => return Err(Refusal::Unsupported),
    }))
}
