//! Program -> executable, in process and in memory: what the command, the tests and the benchmarks share.

use std::fmt;

use nativize_abi::config::Records;
use nativize_compiler::{Options, Program, Progress};

use crate::audit;
use crate::link::{self, Input, LinkError, LinkOptions};
use crate::runtime::RUNTIME;
use crate::sandbox;

/// Why no executable was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The compiler refused the program.
    Compile(nativize_compiler::Error),
    /// The linker refused an object.
    Link(LinkError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Compile(error) => error.fmt(f),
            Error::Link(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Compile(error) => Some(error),
            Error::Link(error) => Some(error),
        }
    }
}

impl From<nativize_compiler::Error> for Error {
    fn from(error: nativize_compiler::Error) -> Self {
        Error::Compile(error)
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        Error::Link(error)
    }
}

/// Compiles `program` and links it with the runtime and `config` ([`crate::policy::Policy::encode`], or
/// [`nativize_abi::config`] directly). The bytes are an executable for x86-64 Linux; they depend on the arguments
/// alone, and not on [`Options::threads`].
///
/// # Errors
/// What [`nativize_compiler::compile`] and [`link::link`] report.
pub fn build(
    program: &Program<'_>,
    options: &Options,
    config: &[u8],
    link_options: &LinkOptions,
    progress: &dyn Progress,
) -> Result<Vec<u8>, Error> {
    let object = nativize_compiler::compile(program, options, progress)?;
    Ok(link(&object, options, config, link_options)?)
}

/// The second half of [`build`]: links a program that was compiled with `compiled_with` with the runtime and `config`,
/// which says how large the stack is.
///
/// # Errors
/// What [`link::link`] reports.
pub fn link(
    object: &[u8],
    compiled_with: &Options,
    config: &[u8],
    options: &LinkOptions,
) -> Result<Vec<u8>, LinkError> {
    let filter = sandbox::filter(object, config);
    let compiled_with = audit::describe_options(compiled_with);
    let options = LinkOptions {
        stack: Some(Records::new(config).stack_size()),
        ..*options
    };
    let config = link::config_object(config, filter.as_deref(), &compiled_with);
    link::link(
        &[
            Input {
                name: "program",
                bytes: object,
                local_symbols: true,
            },
            Input {
                name: "runtime",
                bytes: RUNTIME,
                local_symbols: false,
            },
            Input {
                name: "configuration",
                bytes: &config,
                local_symbols: false,
            },
        ],
        &options,
    )
}
