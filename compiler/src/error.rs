//! The errors of the compiler.

use std::fmt;

/// Why a program was not compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The bytes are not a valid WebAssembly module.
    Invalid {
        /// What is wrong.
        message: String,
        /// Offset in the module's bytes.
        offset: u64,
    },
    /// Valid, but it needs something that is not supported.
    Unsupported {
        /// The name of the feature.
        feature: String,
        /// Offset in the module's bytes.
        offset: u64,
    },
    /// An import that cannot be resolved, or resolves to something of another type.
    Link {
        /// What is wrong, naming the import and the types.
        message: String,
        /// The import's module and name.
        import: (String, String),
    },
    /// An import from a linked module that has no such export.
    MissingExport {
        /// The import's module and name.
        import: (String, String),
        /// The import's type for a person.
        wanted: String,
        /// The names of the linked module's exports.
        exports: Vec<String>,
    },
    /// Linked modules that import from each other in a cycle, so that none can be the first.
    Cycle {
        /// Their names: each imports from the next, and the last from the first.
        modules: Vec<String>,
    },
    /// A module that cannot serve others.
    NotALibrary {
        /// Why not.
        message: String,
    },
    /// An error in a linked module.
    InLinked {
        /// The name by which the others import from it.
        name: String,
        /// The error.
        error: Box<Error>,
    },
    /// The program has nothing to run: no `_start` and no `_initialize`.
    NoEntryPoint {
        /// Exported functions that could be invoked by name.
        functions: Vec<String>,
    },
    /// An implementation limit is exceeded.
    Limit {
        /// What there is too much of, and how much is accepted.
        message: String,
    },
    /// The code generator refused a function.
    Codegen {
        /// The function's name or index.
        function: String,
        /// What the code generator said.
        message: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid { message, offset } => write!(f, "{message} (at offset {offset:#x})"),
            Error::Unsupported { feature, offset } => {
                write!(f, "unsupported feature: {feature} (at offset {offset:#x})")
            }
            Error::Link {
                message,
                import: (module, name),
            } => {
                write!(f, "import {module:?} {name:?}: {message}")
            }
            Error::MissingExport {
                import: (module, name),
                wanted,
                ..
            } => {
                write!(
                    f,
                    "import {module:?} {name:?}: the linked module exports nothing of this name (wanted: {wanted})"
                )
            }
            Error::Cycle { modules } => match modules.as_slice() {
                [one] => write!(f, "the linked module {one:?} imports from itself"),
                [first, rest @ ..] => {
                    write!(
                        f,
                        "linked modules import from each other in a cycle: {first:?} imports"
                    )?;
                    for module in rest {
                        write!(f, " from {module:?}, which imports")?;
                    }
                    write!(f, " from {first:?}")
                }
                [] => f.write_str("linked modules import from each other in a cycle"),
            },
            Error::NotALibrary { message } => f.write_str(message),
            Error::InLinked { name, error } => write!(f, "in linked module {name:?}: {error}"),
            Error::NoEntryPoint { .. } => f.write_str(
                "the module exports neither `_start` nor `_initialize`, so there is nothing to run",
            ),
            Error::Limit { message } => f.write_str(message),
            Error::Codegen { function, message } => {
                write!(f, "cannot compile function {function}: {message}")
            }
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The same error, said to be in the linked module `name`.
    pub(crate) fn in_linked(self, name: &str) -> Self {
        Error::InLinked {
            name: name.to_owned(),
            error: Box::new(self),
        }
    }
}

impl From<wasmparser::BinaryReaderError> for Error {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        let (message, offset) = (error.message(), error.offset());
        match beyond_limit(message) {
            Some(limit) => Error::Limit {
                message: format!("{limit} (at offset {offset:#x})"),
            },
            None => Error::Invalid {
                message: message.to_owned(),
                offset,
            },
        }
    }
}

/// What the parser accepts, as a message, if that is why it stopped: a module may be valid and still beyond that. The
/// limits are those that the JavaScript embedding states ("Limits").
fn beyond_limit(message: &str) -> Option<String> {
    let known = match message {
        "string size out of bounds" => "a name has more than 100000 bytes",
        "too many locals: locals exceed maximum" => "a function has more than 50000 locals",
        "data count section specifies too many data segments" => {
            "there are more than 100000 data segments"
        }
        "function params size is out of bounds" => "a function has more than 1000 parameters",
        "function returns size is out of bounds" => "a function has more than 1000 results",
        "br_table size is out of bounds" => "a branch table has more than 7654321 targets",
        _ if message.contains(" exceeds limit of ") => message,
        _ if message.contains(" exceeds the limit of ") => message,
        _ if message.starts_with("implementation limit: ") => message,
        _ => return None,
    };
    Some(known.to_owned())
}
