//! Function names for people and for symbol tables.

/// A name as its source language writes it.
pub(crate) fn demangle(name: &str) -> String {
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

/// A name as a symbol table holds it: any bytes but NUL, which ends a symbol.
pub(crate) fn symbol(name: &str) -> String {
    name.replace('\0', "\u{fffd}")
}
