//! Compiles WebAssembly programs to native object files. No file I/O, no processes: bytes in, bytes out.
//!
//! The pipeline, in its order:
//!
//! 1. [`parse`]: bytes -> validated [`Module`]
//! 2. [`Program`]: modules -> a static graph of instances with every import resolved
//! 3. [`compile`]: program -> a relocatable ELF object, to be linked with the runtime
//!
//! # Example
//!
//! A module with one function becomes an object whose symbols name it. What the object refers to, here a main loop, is
//! nativize's runtime; the command links the two.
//!
//! ```
//! use nativize_compiler::{Options, Program, compile, parse};
//! use object::{Object, ObjectSymbol};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let wasm = wat::parse_str(
//!     r#"(module
//!         (memory (export "memory") 1)
//!         (func $double (export "_start")
//!             (i32.store (i32.const 8) (i32.mul (i32.load (i32.const 0)) (i32.const 2)))))"#,
//! )?;
//!
//! // Bytes -> a validated module, which borrows them.
//! let module = parse(&wasm)?;
//! assert_eq!(module.exports().count(), 2);
//!
//! // Modules -> a program: every import is resolved, and what runs at start is known.
//! let program = Program::command(&module, None)?;
//!
//! // Program -> an object. `()` ignores the progress, and the number of threads never changes the bytes.
//! let options = Options::default();
//! let object = compile(&program, &options, &())?;
//! let single = Options { threads: Some(1), ..options };
//! assert_eq!(object, compile(&program, &single, &())?);
//!
//! let file = object::File::parse(&*object)?;
//! let names: Vec<&str> = file.symbols().filter_map(|symbol| symbol.name().ok()).collect();
//! assert!(names.contains(&"double"), "{names:?}");
//! assert!(names.contains(&nativize_abi::symbol::PROGRAM));
//! # Ok(())
//! # }
//! ```
//!
//! An error says what is wrong and where:
//!
//! ```
//! let error = nativize_compiler::parse(b"\0asm\x01\0\0\0\x01").unwrap_err();
//! assert!(matches!(error, nativize_compiler::Error::Invalid { offset: 9, .. }), "{error:?}");
//! ```

mod builtin;
mod cache;
mod checks;
mod codegen;
mod command;
mod const_expr;
mod coredump;
mod debuginfo;
mod describe;
mod disassemble;
mod dump;
mod error;
mod facts;
mod features;
mod hints;
mod host;
mod identity;
mod metadata;
mod module;
mod names;
mod object;
mod optimize;
mod options;
mod parallel;
mod parse;
mod plan;
mod program;
mod text;
mod translate;
mod unwind;

pub use cache::{CodeCache, Key};
pub use command::{Linked, unused_links};
pub use debuginfo::{DebugSections, Mismatch, SourcePlaces};
pub use disassemble::AsmLine;
pub use dump::{Dump, FunctionCode, dump, function_code};
pub use error::Error;
pub use features::Features;
pub use module::{Export, ExternKind, Import, Module};
pub use names::demangle;
pub use options::{
    BoundsChecks, CpuFeature, CpuFeatures, OptLevel, Options, Pass, Passes, RelaxedSimd,
};
pub use parse::{parse, parse_with};
pub use program::{
    EntryPoint, Extern, FuncId, GlobalId, InstanceId, Main, MemoryId, Program, TableId, TagId,
    UnknownImports,
};

/// Receives the progress of [`compile`], from any thread.
pub trait Progress: Sync {
    /// `done` bytes of function bodies are compiled, out of `total`.
    fn compiled(&self, done: u64, total: u64);

    /// A module's DWARF is malformed, as `problem` says; what else it has is used.
    fn malformed_debug_info(&self, problem: &str) {
        let _ = problem;
    }

    /// The output is not all that was asked for: what is missing, and why.
    fn warning(&self, message: &str) {
        let _ = message;
    }
}

/// Ignores it.
impl Progress for () {
    fn compiled(&self, _: u64, _: u64) {}
}

/// Compiles `program` to a relocatable ELF object for x86-64 Linux.
///
/// The object defines [`nativize_abi::symbol::PROGRAM`] and refers to symbols of the runtime. The bytes depend on
/// the program and the options only, not on the number of threads.
///
/// # Errors
/// [`Error::Unsupported`] for an instruction that is not translated yet, [`Error::Limit`] when an implementation
/// limit is exceeded, [`Error::Codegen`] when Cranelift refuses a function.
pub fn compile(
    program: &Program<'_>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Vec<u8>, Error> {
    compile_with(program, options, progress, None)
}

/// As [`compile`], with code that `cache` has in place of making it; code that was made is put there. The bytes are those
/// without a cache.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_with(
    program: &Program<'_>,
    options: &Options,
    progress: &dyn Progress,
    cache: Option<&dyn CodeCache>,
) -> Result<Vec<u8>, Error> {
    let plan = plan::Plan::new(program, options)?;
    let units = codegen::units(program, &plan);
    // (What debuggers are told of code is not kept.)
    let cache = cache.filter(|_| !options.debug);
    let code = codegen::compile(program, &plan, &units, options, progress, cache)?;
    object::write(program, plan, &units, code, options, progress)
}
