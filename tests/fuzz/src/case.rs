//! Modules with the calls that are made of their instances, and what came of them.

use crate::random::Random;
use wasmparser::{ExternalKind, Parser, Payload, RefType, TypeRef, ValType};

/// What a value is, as far as engines can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    I32,
    I64,
    F32,
    F64,
    V128,
    Func,
    Extern,
    /// Exceptions: passed and compared as null or not.
    Exn,
}

/// An exported function of an instance.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) instance: usize,
    pub(crate) name: String,
    pub(crate) params: Vec<Kind>,
    pub(crate) results: Vec<Kind>,
}

/// A call of `functions[function]`.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) function: usize,
    pub(crate) arguments: Vec<u128>,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) modules: Vec<Vec<u8>>,
    /// The module of each instance, in their order: what one imports from `iN` is what instance N exports. Only the last one's
    /// instantiation may trap.
    pub(crate) instances: Vec<usize>,
    /// Whether the modules are those of [`crate::shape::linked`].
    pub(crate) is_linked: bool,
    /// Modules that do the same in a form that other engines know.
    pub(crate) twins: Option<Vec<Vec<u8>>>,
    pub(crate) functions: Vec<Function>,
    pub(crate) calls: Vec<Call>,
}

/// What came of a call or of the instantiation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Results(Vec<u128>),
    Trap(&'static str),
    /// Of an instance that there is not, because its instantiation trapped.
    Skipped,
    /// The program died.
    Broken(String),
    /// It did not answer in time.
    Late,
}

/// The outcomes of the instantiations first, then that of each call.
pub(crate) type Outcomes = Vec<Outcome>;

impl Kind {
    fn new(ty: ValType) -> Option<Kind> {
        Some(match ty {
            ValType::I32 => Kind::I32,
            ValType::I64 => Kind::I64,
            ValType::F32 => Kind::F32,
            ValType::F64 => Kind::F64,
            ValType::V128 => Kind::V128,
            ValType::Ref(ty) if !ty.is_nullable() => return None,
            ValType::Ref(RefType::FUNCREF) => Kind::Func,
            ValType::Ref(RefType::EXTERNREF) => Kind::Extern,
            ValType::Ref(ty) if ty == RefType::EXNREF => Kind::Exn,
            ValType::Ref(_) => return None,
        })
    }

    /// The part of a 16-byte slot that engines must agree upon.
    pub(crate) fn comparable(self, bits: u128) -> u128 {
        match self {
            Kind::I32 | Kind::F32 => bits & u128::from(u32::MAX),
            Kind::I64 | Kind::F64 => bits & u128::from(u64::MAX),
            Kind::V128 => bits,
            Kind::Func | Kind::Extern | Kind::Exn => u128::from(bits & u128::from(u64::MAX) != 0),
        }
    }
}

impl Case {
    /// Plans calls of what the instances export: each in turn with arguments drawn from `random`, the observers after.
    pub(crate) fn new(
        seed: u64,
        modules: Vec<Vec<u8>>,
        instances: Vec<usize>,
        random: &mut Random,
    ) -> Option<Case> {
        let functions = all_exported(&modules, &instances)?;
        let (guests, observers): (Vec<usize>, Vec<usize>) =
            (0..functions.len()).partition(|&at| !functions[at].name.starts_with("nvz:"));
        let fuel = |instance| {
            let is_fuel = |at: &usize| {
                functions[*at].name == "nvz:fuel" && functions[*at].instance == instance
            };
            observers.iter().copied().find(is_fuel)
        };
        let mut calls = Vec::new();
        for round in 0..3 {
            for _ in 0..guests.len().min(6) {
                let function = guests[random.below(guests.len())];
                if let Some(fuel) = fuel(functions[function].instance) {
                    calls.push(Call {
                        function: fuel,
                        arguments: vec![400],
                    });
                }
                let params = &functions[function].params;
                let arguments = params.iter().map(|&kind| random.argument(kind)).collect();
                calls.push(Call {
                    function,
                    arguments,
                });
            }
            if round == 0 && random.chance(2) {
                break;
            }
        }
        for &function in &observers {
            if functions[function].name != "nvz:fuel" {
                calls.push(Call {
                    function,
                    arguments: Vec::new(),
                });
            }
        }
        Some(Case {
            seed,
            modules,
            instances,
            is_linked: false,
            twins: None,
            functions,
            calls,
        })
    }

    /// The modules for other engines.
    pub(crate) fn for_others(&self) -> &[Vec<u8>] {
        self.twins.as_ref().unwrap_or(&self.modules)
    }

    /// The same calls with another module in the place of one, if it still exports what they call.
    pub(crate) fn with_module(&self, index: usize, wasm: Vec<u8>) -> Option<Case> {
        let mut modules = self.modules.clone();
        modules[index] = wasm;
        let functions = all_exported(&modules, &self.instances)?;
        let mut calls = Vec::new();
        for call in &self.calls {
            let old = &self.functions[call.function];
            if let Some(function) = functions.iter().position(|new| {
                new.instance == old.instance
                    && new.name == old.name
                    && new.params == old.params
                    && new.results == old.results
            }) {
                calls.push(Call {
                    function,
                    arguments: call.arguments.clone(),
                });
            }
        }
        Some(Case {
            seed: self.seed,
            modules,
            instances: self.instances.clone(),
            is_linked: self.is_linked,
            twins: None,
            functions,
            calls,
        })
    }

    /// Marks what an instance whose instantiation trapped can have no outcome for.
    pub(crate) fn skip(&self, outcomes: &mut Outcomes) {
        let count = self.instances.len();
        let there = |outcomes: &Outcomes, instance: usize| {
            matches!(outcomes.get(instance), Some(Outcome::Results(_)))
        };
        for (at, call) in self.calls.iter().enumerate() {
            if !there(outcomes, self.functions[call.function].instance)
                && let Some(outcome) = outcomes.get_mut(count + at)
                && !matches!(outcome, Outcome::Broken(_) | Outcome::Late)
            {
                *outcome = Outcome::Skipped;
            }
        }
    }
}

fn all_exported(modules: &[Vec<u8>], instances: &[usize]) -> Option<Vec<Function>> {
    let mut all = Vec::new();
    for (instance, &module) in instances.iter().enumerate() {
        all.extend(exported(&modules[module], instance)?);
    }
    Some(all)
}

/// The exported functions whose values can be passed in and compared.
fn exported(wasm: &[u8], instance: usize) -> Option<Vec<Function>> {
    let mut types = Vec::new();
    let mut functions = Vec::new();
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.ok()? {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    types.push(ty.ok()?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import.ok()?.ty {
                        functions.push(ty);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    functions.push(ty.ok()?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.ok()?;
                    if export.kind == ExternalKind::Func {
                        exports.push((export.name.to_owned(), export.index));
                    }
                }
            }
            _ => {}
        }
    }
    let kinds = |types: &[ValType]| {
        types
            .iter()
            .map(|&ty| Kind::new(ty))
            .collect::<Option<Vec<_>>>()
    };
    Some(
        exports
            .into_iter()
            .filter_map(|(name, index)| {
                let ty = &types[functions[index as usize] as usize];
                // Scripts have no null exceptions as arguments.
                if ty.params().contains(&ValType::EXNREF) {
                    return None;
                }
                Some(Function {
                    instance,
                    name,
                    params: kinds(ty.params())?,
                    results: kinds(ty.results())?,
                })
            })
            .collect(),
    )
}
