//! Function names for people and for symbol tables.

use crate::program::{FuncId, FunctionKind, Program};

/// The name of a function in backtraces; `None` leaves it to its number.
pub(crate) fn of_function(program: &Program<'_>, function: FuncId) -> Option<String> {
    let name = program.function_name(function).map(|name| demangle(&name));
    match program.label(function) {
        Some(label) => {
            let name = name.unwrap_or_else(|| unnamed(program, function));
            Some(format!("{label}!{name}"))
        }
        None => name,
    }
}

/// The symbol of a function: as its module has it, for tools that demangle. They do not see through a label, so after
/// one the name is as in backtraces.
pub(crate) fn symbol(program: &Program<'_>, function: FuncId) -> String {
    let name = match program.label(function) {
        Some(_) => of_function(program, function),
        None => program.function_name(function),
    };
    let name = name.unwrap_or_else(|| unnamed(program, function));
    // Any bytes but NUL, which ends a symbol.
    name.replace('\0', "\u{fffd}")
}

/// What stands for the name of a function that has none.
fn unnamed(program: &Program<'_>, function: FuncId) -> String {
    match program.functions[function].kind {
        FunctionKind::Defined { instance, index } => match program.shown_number(instance) {
            0 => format!("wasm-function[{index}]"),
            number => format!("wasm-function[{number}.{index}]"),
        },
        FunctionKind::Host { function, .. } => function.name(),
        FunctionKind::Unknown(import) => program.unknown[import as usize].clone(),
    }
}

/// A name as its source language writes it, if it is mangled as in Rust or C++; else as it is.
#[must_use]
pub fn demangle(name: &str) -> String {
    if let Ok(demangled) = rustc_demangle::try_demangle(name) {
        // The alternate form leaves the hash out.
        return format!("{demangled:#}");
    }
    if name.starts_with("_Z") {
        let options = cpp_demangle::DemangleOptions::new();
        // Mangled names are untrusted input; the demangler limits its recursion, and a failure leaves the name as it is.
        if let Ok(Ok(demangled)) = cpp_demangle::Symbol::new(name.as_bytes())
            .map(|symbol| symbol.demangle_with_options(&options))
        {
            return demangled;
        }
    }
    name.to_owned()
}
