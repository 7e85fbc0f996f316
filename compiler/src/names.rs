//! Function names for people and for symbol tables.

use crate::program::{FuncId, FunctionKind, Program};
use std::fmt::{self, Write};

/// The name of a function in backtraces; `None` leaves it to its number.
pub(crate) fn of_function(program: &Program<'_>, function: FuncId) -> Option<String> {
    of_function_or(program, function, || None)
}

/// As [`of_function`], where `otherwise` may know the name if the module does not.
pub(crate) fn of_function_or(
    program: &Program<'_>,
    function: FuncId,
    otherwise: impl FnOnce() -> Option<String>,
) -> Option<String> {
    let name = program.function_name(function).map(|name| demangle(&name));
    let name = name.or_else(otherwise);
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

/// A name as its source language writes it, if it is mangled as in Rust or C++; one whose form is too long for its mangled
/// form stays as it is.
#[must_use]
pub fn demangle(name: &str) -> String {
    // Mangled names are untrusted input: what they repeat can grow without bounds, and demanglers limit only the depth.
    let mut out = Limited {
        text: String::new(),
        left: name.len() * LONGER,
    };
    let done = if let Ok(demangled) = rustc_demangle::try_demangle(name) {
        // The alternate form leaves the hash out.
        write!(out, "{demangled:#}").is_ok()
    } else if name.starts_with("_Z")
        && !is_parsed_again(name)
        && let Ok(symbol) = cpp_demangle::Symbol::new(name.as_bytes())
    {
        let options = cpp_demangle::DemangleOptions::new();
        symbol.structured_demangle(&mut out, &options).is_ok()
    } else {
        false
    };
    // (Linkers demangle names, too.)
    let name = if done { &out.text } else { name };
    if name.contains("std::__") || name.contains("[abi:") {
        return plain_cpp(name);
    }
    name.to_owned()
}

/// Whether the parser of C++ names might take for ever: what follows `new` or `delete` in an expression it parses twice, and what
/// follows such a word there twice again.
fn is_parsed_again(name: &str) -> bool {
    /// More than names of programs have, identifiers included. (Where those end only a parser knows.)
    const MOST: usize = 8;
    let mut pairs = name.as_bytes().windows(2);
    let mut next = || pairs.find(|&pair| matches!(pair, b"nw" | b"na" | b"dl" | b"da"));
    (0..=MOST).all(|_| next().is_some())
}

/// A name of C++ as its source has it: without the namespaces and tags by which a standard library tells its versions apart.
fn plain_cpp(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(['[', ':']) {
        let (before, found) = rest.split_at(at);
        plain.push_str(before);
        rest = if let Some(tag) = found.strip_prefix("[abi:") {
            tag.split_once(']').map_or("", |(_, rest)| rest)
        } else if let Some(version) = found.strip_prefix("::__")
            && plain.ends_with("std")
            && let Some((digits, after)) = version.split_once("::")
            && !digits.is_empty()
            && digits.bytes().all(|digit| digit.is_ascii_digit())
        {
            plain.push_str("::");
            after
        } else {
            plain.push_str(&found[..1]);
            &found[1..]
        };
    }
    plain.push_str(rest);
    let text = "std::basic_string<char, std::char_traits<char>, std::allocator<char>";
    let [with_space, without] = [format!("{text} >"), format!("{text}>")];
    plain
        .replace(&with_space, "std::string")
        .replace(&without, "std::string")
}

/// How many times longer than its mangled form a name may be.
const LONGER: usize = 64;

/// Text that must not become too long.
struct Limited {
    text: String,
    left: usize,
}

impl Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.left = self.left.checked_sub(text.len()).ok_or(fmt::Error)?;
        self.text.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_demangled() {
        for (mangled, name) in [
            (
                "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE",
                "core::fmt::Write::write_fmt",
            ),
            ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
            ("_ZN6shapes5GuardD2Ev", "shapes::Guard::~Guard()"),
            (
                "_Z1f1BIiiES_IS0_S0_E",
                "f(B<int, int>, B<B<int, int>, B<int, int> >)",
            ),
            (
                "_ZNSt3__212basic_stringIcNS_11char_traitsIcEENS_9allocatorIcEEE6appendB9nqn220108EPKc",
                "std::string::append(char const*)",
            ),
            (
                "_ZNKSt3__28functionIFivEEclB9nqn220108Ev",
                "std::function<int ()>::operator()() const",
            ),
            ("_Znonsense", "_Znonsense"),
            ("main", "main"),
        ] {
            assert_eq!(demangle(mangled), name);
        }
    }

    #[test]
    fn names_that_are_parsed_again_and_again_stay_mangled() {
        for word in ["nw", "na", "dl", "da"] {
            let name = format!("_Z1fIX{}?EEvv", word.repeat(45));
            assert_eq!(demangle(&name), name);
        }
    }

    #[test]
    fn names_that_explode_stay_mangled() {
        // Each parameter is twice the one before.
        let mut name = "_Z1f1BIiiE".to_owned();
        for digit in "0123456789ABCDEFGHIJK".chars() {
            name += &format!("S_IS{digit}_S{digit}_E");
        }
        assert_eq!(demangle(&name), name);
    }
}
