//! The errors of the linker.

use std::fmt;

/// Why no executable was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// An object's bytes contradict the ELF specification.
    Malformed {
        /// The object's name.
        object: String,
        /// What is wrong.
        message: String,
    },
    /// An object asks for something that this linker does not do.
    Unsupported {
        /// The object's name.
        object: String,
        /// What it asks for.
        message: String,
    },
    /// A section that is part of the executable refers to a symbol that no object defines.
    Undefined {
        /// The symbol.
        symbol: String,
        /// The object that refers to it.
        object: String,
        /// The section in it.
        section: String,
    },
    /// Two objects define the same global symbol.
    Duplicate {
        /// The symbol.
        symbol: String,
        /// The object with the first definition.
        first: String,
        /// The object with the second definition.
        second: String,
    },
    /// No object defines the entry point.
    NoEntryPoint,
    /// A relocation cannot be applied.
    Relocation {
        /// The object that it is in.
        object: String,
        /// The section that it patches.
        section: String,
        /// The offset in that section.
        offset: u64,
        /// Why not.
        message: String,
    },
    /// The executable does not fit the address map.
    Limit {
        /// What there is too much of, and how much is accepted.
        message: String,
    },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Malformed { object, message } => {
                write!(f, "{object}: malformed object: {message}")
            }
            LinkError::Unsupported { object, message } => {
                write!(f, "{object}: cannot link {message}")
            }
            LinkError::Undefined {
                symbol,
                object,
                section,
            } => write!(
                f,
                "undefined symbol `{symbol}`, needed by {object} ({section})"
            ),
            LinkError::Duplicate {
                symbol,
                first,
                second,
            } => {
                write!(
                    f,
                    "symbol `{symbol}` is defined by both {first} and {second}"
                )
            }
            LinkError::NoEntryPoint => {
                write!(
                    f,
                    "no object defines the entry point `{}`",
                    nativize_abi::symbol::START
                )
            }
            LinkError::Relocation {
                object,
                section,
                offset,
                message,
            } => write!(
                f,
                "{object}: relocation at {section}+{offset:#x}: {message}"
            ),
            LinkError::Limit { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for LinkError {}

/// A name from an object, for a message.
pub(super) fn display(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
