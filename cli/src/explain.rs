//! The errors of compiler and linker as failures: which exit status, and what the user can do.

use nativize_compiler::Error;

use crate::code::Code;
use crate::error::Failure;
use crate::link::LinkError;
use crate::settings::{Settings, Source};

/// How many names a message lists before it only counts them.
const LISTED: usize = 12;

macro_rules! wasi_functions {
    ($($module:literal, $name:literal, $symbol:ident($($parameter:ident),*) $(-> $result:ident)?;)*) => {
        /// Module and name of every host function.
        const HOST_FUNCTIONS: &[(&str, &str)] = &[$(($module, $name)),*];
    };
}
nativize_abi::for_each_wasi_p1!(wasi_functions);

/// Why the module in `bytes` was not accepted.
pub(crate) fn parse(error: &Error, source: &Source, bytes: &[u8]) -> Failure {
    let input = source.describe();
    match error {
        Error::Invalid { message, offset } if source.is_text() => {
            let text = source.read().ok();
            let text = text.as_deref().and_then(|text| str::from_utf8(text).ok());
            let place = text.and_then(|text| crate::text::place(text, bytes, *offset));
            let cause = match place {
                Some((line, column)) => format!("{message} (line {line}, column {column})"),
                None => error.to_string(),
            };
            Failure::new(
                Code::InvalidModule,
                format!("{input} is not a valid module"),
            )
            .cause(cause)
            .help("correct the text, or the program that wrote it")
        }
        Error::Invalid { .. } => Failure::new(
            Code::InvalidModule,
            format!("{input} is not a valid module"),
        )
        .cause(error)
        .help("rebuild the module with its toolchain; the file may be damaged or incomplete"),
        Error::Unsupported { .. } => {
            Failure::new(Code::Unsupported, format!("cannot compile {input}"))
                .cause(error)
                .help("rebuild the module without that feature")
        }
        Error::Limit { .. } => Failure::new(Code::TooLarge, format!("cannot compile {input}"))
            .cause(error)
            .help("make the program smaller in that respect"),
        _ => crate::bug::failure(&error.to_string(), &[]),
    }
}

/// A compiler's error, of a program as a whole or in one of its modules.
pub(crate) fn compile(error: Error, settings: &Settings) -> Failure {
    match error {
        Error::InLinked { name, error } => {
            let mut links = settings.links.iter();
            let source = links.find(|link| link.name == name);
            in_module(
                *error,
                source.map_or(&settings.input, |link| &link.source),
                settings,
            )
        }
        error => in_module(error, &settings.input, settings),
    }
}

fn in_module(error: Error, source: &Source, settings: &Settings) -> Failure {
    let input = source.describe();
    match error {
        Error::Link {
            ref message,
            import: (ref module, ref name),
        } => {
            let links = &settings.links;
            match links.iter().find(|link| link.name == *module) {
                // It is there, since a missing export is another error. What a module imports by its own name is
                // WASI's.
                Some(link) if link.source != *source => {
                    let failure = unresolved(&input, module, name, OTHER_TYPE, message);
                    failure.help(format!(
                        "link a module that exports \"{name}\" with that type instead of {}",
                        link.source.describe()
                    ))
                }
                _ => unavailable(&input, module, name, message),
            }
        }
        Error::MissingExport {
            import: (module, name),
            wanted,
            exports,
        } => {
            let links = &settings.links;
            let link = links.iter().find(|link| link.name == module);
            let file = link.map_or_else(String::new, |link| link.source.describe());
            unresolved(
                &input,
                &module,
                &name,
                "is not available",
                &wanted_of(&file, &wanted),
            )
            .cause(match exports.len() {
                0 => "it exports nothing".to_owned(),
                _ => format!("it exports {}", listed(&exports)),
            })
            .help(match nearest(&name, exports.iter().map(String::as_str)) {
                Some(export) => format!("did you mean \"{export}\"?"),
                None => format!("link a module that exports \"{name}\" as \"{module}\""),
            })
        }
        Error::Cycle { .. } => Failure::new(Code::ModuleCycle, format!("cannot link {input}"))
            .cause(&error)
            .help("move what they share into a module of its own that both import from"),
        Error::NotALibrary { .. } => Failure::new(
            Code::NotALibrary,
            format!("cannot link with {input}"),
        )
        .cause(&error)
        .help("build it as a reactor, e.g. with clang -mexec-model=reactor, or as a Rust cdylib"),
        Error::NoEntryPoint { ref functions } => no_entry(&input, &error, functions, settings),
        Error::Codegen { .. } => crate::bug::failure(&error.to_string(), &[]),
        error => parse(&error, source, &[]),
    }
}

fn wanted_of(file: &str, wanted: &str) -> String {
    format!("{file} does not export it (wanted: {wanted})")
}

/// A linker's error. Its inputs are our own, so almost all of them are bugs.
pub(crate) fn link(error: &LinkError, settings: &Settings) -> Failure {
    match error {
        LinkError::Limit { .. } => Failure::new(
            Code::TooLarge,
            format!("cannot link {}", settings.input.describe()),
        )
        .cause(error)
        .help("make the program smaller in that respect"),
        _ => crate::bug::failure(&error.to_string(), &[]),
    }
}

/// The problem of an import that resolves to something else.
const OTHER_TYPE: &str = "has another type than what is available";

fn unresolved(input: &str, module: &str, name: &str, problem: &str, cause: &str) -> Failure {
    let code = if problem == OTHER_TYPE {
        Code::ImportType
    } else {
        Code::MissingImport
    };
    Failure::new(
        code,
        format!("cannot link {input}: import \"{module}\" \"{name}\" {problem}"),
    )
    .cause(cause)
}

/// An import that WASI does not provide in that way.
fn unavailable(input: &str, module: &str, name: &str, message: &str) -> Failure {
    let problem = if HOST_FUNCTIONS.contains(&(module, name)) {
        OTHER_TYPE
    } else {
        "is not available"
    };
    unresolved(input, module, name, problem, message).help(import_help(module, name))
}

/// Nobody misspells a name that is longer; to compare two takes the product of their lengths.
const LONGEST: usize = 256;

/// The name that was probably meant.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = name.len().div_ceil(4);
    names
        .filter(|other| name.len() <= LONGEST && other.len().abs_diff(name.len()) <= most)
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .min()
        .filter(|(distance, _)| *distance <= most)
        .map(|(_, other)| other)
}

/// The first of some names, and how many more there are.
fn listed(names: &[String]) -> String {
    match names.split_at(names.len().min(LISTED)) {
        (listed, []) => listed.join(", "),
        (listed, more) => format!("{} and {} more", listed.join(", "), more.len()),
    }
}

/// What is available instead of an import, by what the import's module says of where it comes from.
fn import_help(module: &str, name: &str) -> String {
    let functions: Vec<&str> = HOST_FUNCTIONS
        .iter()
        .filter(|function| function.0 == module)
        .map(|function| function.1)
        .collect();
    if functions.contains(&name) {
        return format!(
            "rebuild the module with a toolchain that declares \"{name}\" as \"{module}\" defines it"
        );
    }
    if !functions.is_empty() {
        return match nearest(name, functions.iter().copied()) {
            Some(function) => format!("did you mean \"{function}\"?"),
            None => format!("\"{module}\" has {}", functions.join(", ")),
        };
    }
    let available = "available are the functions of wasi_snapshot_preview1 and wasi_unstable";
    let hint = match module {
        "gojs" | "go" => "build with GOOS=wasip1",
        "wbg" | "__wbindgen_placeholder__" | "__wbindgen_externref_xform__" => {
            "wasm-bindgen's modules need a JavaScript host: build for wasm32-wasip1 instead"
        }
        "env" if name.starts_with("emscripten_") || name.starts_with("__syscall") => {
            "build with emcc -sSTANDALONE_WASM, or with wasi-sdk"
        }
        "env" => {
            "the function was undefined when the module was linked: add the object or library that defines it"
        }
        "spectest" => "that module exists in the specification's test scripts only",
        _ if module.starts_with("wasi:") => {
            "build for WASI preview 1, e.g. with the target wasm32-wasip1"
        }
        _ => {
            return format!(
                "{available}; add the module that exports it with --link {module}=FILE"
            );
        }
    };
    format!("{available}; {hint}")
}

fn no_entry(input: &str, error: &Error, functions: &[String], settings: &Settings) -> Failure {
    let list = match functions {
        [] => "it exports no function".to_owned(),
        _ => format!("it exports {}", listed(functions)),
    };
    if let Some(name) = &settings.invoke {
        return Failure::new(
            Code::NoEntryPoint,
            format!("cannot link {input}: no function \"{name}\" is exported"),
        )
        .cause(list)
        .help(match functions {
            [] => "export the function from the module",
            _ => "choose one of these with --invoke",
        });
    }
    let entry = functions
        .iter()
        .find(|function| ["_start", "_initialize"].contains(&function.as_str()));
    let failure = Failure::new(Code::NoEntryPoint, format!("cannot link {input}"));
    match (entry, functions.first()) {
        (Some(entry), _) => failure
            .cause(format!(
                "`{entry}` has parameters or results, so it is not the one that runs by itself"
            ))
            .help(format!("call it with arguments: --invoke {entry}")),
        (None, Some(first)) => failure
            .cause(error)
            .cause(list)
            .help(format!("choose the function to run, e.g. --invoke {first}")),
        (None, None) => failure.cause(error).cause(list).help(
            "build it as a command, which exports _start; --invoke runs any exported function",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_explained() {
        let p1 = "wasi_snapshot_preview1";
        assert_eq!(import_help(p1, "fd_wriet"), "did you mean \"fd_write\"?");
        assert!(
            import_help(p1, "thread_spawn").starts_with("\"wasi_snapshot_preview1\" has args_get")
        );
        assert!(import_help(p1, "fd_write").starts_with("rebuild"));
        assert!(import_help("gojs", "runtime.wasmExit").ends_with("GOOS=wasip1"));
    }
}
