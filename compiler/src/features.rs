//! Which proposals are accepted, and their names in messages.

use wasmparser::AbstractHeapType as Abstract;
use wasmparser::{HeapType, Operator, ValType, WasmFeatures};

/// The sets of proposals that a module may be validated against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Features {
    /// WebAssembly 1.0.
    Wasm1,
    /// WebAssembly 1.0 and threads.
    Wasm1Threads,
    /// WebAssembly 2.0.
    Wasm2,
    /// WebAssembly 2.0 with 64-bit memories and tables, which came before multiple memories.
    Wasm2Memory64,
    /// WebAssembly 3.0.
    Wasm3,
    /// WebAssembly 3.0 and the proposals after it. Valid is not yet supported: what is not translated is an error of
    /// its own.
    #[default]
    All,
}

impl Features {
    pub(crate) fn wasm(self) -> WasmFeatures {
        match self {
            Features::Wasm1 => WasmFeatures::WASM1,
            Features::Wasm2 => WasmFeatures::WASM2,
            Features::Wasm1Threads => WasmFeatures::WASM1 | WasmFeatures::THREADS,
            Features::Wasm2Memory64 => WasmFeatures::WASM2 | WasmFeatures::MEMORY64,
            Features::Wasm3 => WasmFeatures::WASM3,
            Features::All => {
                WasmFeatures::WASM3
                    | WasmFeatures::THREADS
                    | WasmFeatures::LEGACY_EXCEPTIONS
                    | WasmFeatures::CUSTOM_PAGE_SIZES
                    | WasmFeatures::WIDE_ARITHMETIC
                    | WasmFeatures::STACK_SWITCHING
                    | WasmFeatures::SHARED_EVERYTHING_THREADS
                    | WasmFeatures::MEMORY_CONTROL
                    | WasmFeatures::CUSTOM_DESCRIPTORS
                    | WasmFeatures::COMPACT_IMPORTS
                    | WasmFeatures::ACQUIRE_RELEASE_ATOMICS
            }
        }
    }
}

/// The proposal that keeps a value type from being supported, if one does.
pub(crate) fn unsupported_type(ty: ValType) -> Option<&'static str> {
    match ty {
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => None,
        ValType::Ref(reference) => match reference.heap_type() {
            HeapType::Abstract { shared: true, .. } => Some("shared-everything threads"),
            HeapType::Abstract { ty, .. } => match ty {
                Abstract::Func
                | Abstract::NoFunc
                | Abstract::Extern
                | Abstract::NoExtern
                | Abstract::Exn
                | Abstract::NoExn => None,
                Abstract::Cont | Abstract::NoCont => Some("stack switching"),
                _ => Some("garbage collection (reference types of its hierarchy)"),
            },
            // What it refers to is a type of functions, or its declaration is not supported.
            HeapType::Concrete(_) => None,
            HeapType::Exact(_) => Some("custom descriptors (exact types)"),
        },
    }
}

macro_rules! define_name_of {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        /// The proposal of an operator, named for a person.
        pub(crate) fn name_of(op: &Operator<'_>) -> &'static str {
            match op {
                $( Operator::$op { .. } => title(stringify!($proposal)), )*
                _ => "an unknown instruction",
            }
        }
    };
}
wasmparser::for_each_operator!(define_name_of);

fn title(proposal: &'static str) -> &'static str {
    match proposal {
        "simd" => "SIMD",
        "relaxed_simd" => "relaxed SIMD",
        "exceptions" => "exceptions",
        "legacy_exceptions" => "exceptions (legacy form)",
        "tail_call" => "tail calls",
        "function_references" => "typed function references",
        "gc" => "garbage collection",
        "threads" => "threads (atomic operations)",
        "shared_everything_threads" => "shared-everything threads",
        "memory_control" => "memory control",
        "wide_arithmetic" => "wide arithmetic",
        "stack_switching" => "stack switching",
        "custom_descriptors" => "custom descriptors",
        "acquire_release_atomics" => "acquire-release atomics",
        other => other,
    }
}
