//! What a file holds, collected for people and for programs to read.

mod executable;
mod features;
mod module;
mod text;

pub(crate) use executable::executable;
pub(crate) use module::module;

use serde::Serialize;

/// What there is to say about a file. Serialized, it is the output of `--json`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Report {
    Module(Module),
    Executable(Executable),
}

/// A WebAssembly module.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Module {
    /// The name that the module gives itself.
    pub(crate) name: Option<String>,
    /// Bytes in binary format.
    pub(crate) size: u64,
    /// What running it would call: `_start`, `_initialize`, both or none.
    pub(crate) entry: Vec<String>,
    /// Names of the proposals beyond WebAssembly 1.0 that it uses, sorted.
    pub(crate) features: Vec<String>,
    pub(crate) sections: Vec<Section>,
    pub(crate) types: Vec<String>,
    pub(crate) imports: Vec<Import>,
    pub(crate) exports: Vec<Export>,
    /// Functions with a body.
    pub(crate) functions: u32,
    /// Imported ones first, as in all lists below.
    pub(crate) memories: Vec<Memory>,
    pub(crate) tables: Vec<Table>,
    pub(crate) globals: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// Where its content starts in the binary format.
    pub(crate) offset: u64,
    pub(crate) size: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Export {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Memory {
    /// Pages.
    pub(crate) initial: u64,
    pub(crate) maximum: Option<u64>,
    /// Bytes.
    pub(crate) page_size: u64,
    /// Width of an index in bits.
    pub(crate) index_bits: u8,
    pub(crate) shared: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Table {
    pub(crate) initial: u64,
    pub(crate) maximum: Option<u64>,
    pub(crate) element: String,
    /// Width of an index in bits.
    pub(crate) index_bits: u8,
}

/// An executable made by nativize.
#[derive(Debug, Serialize)]
pub(crate) struct Executable {
    pub(crate) size: u64,
    /// The version of nativize.
    pub(crate) compiler: String,
    /// The program's name in messages.
    pub(crate) name: String,
    pub(crate) directories: Vec<Directory>,
    pub(crate) env: Vec<EnvVar>,
    pub(crate) inherit_env: bool,
    /// Directories inside of it.
    pub(crate) embedded: Vec<Embedded>,
    /// Where it listens.
    pub(crate) tcp_listen: Vec<String>,
    /// The sockets that it is started with are passed on.
    pub(crate) listen_fds: bool,
    /// Bytes.
    pub(crate) stack_size: u64,
    /// How the kernel enforces the grants.
    pub(crate) sandbox: &'static str,
    /// The system calls that its filter allows, some of them with certain arguments only; `None` without a filter.
    pub(crate) system_calls: Option<Vec<&'static str>>,
    /// Bytes.
    pub(crate) max_memory: Option<u64>,
    pub(crate) max_fds: Option<u64>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) cpu_timeout_ms: Option<u64>,
    /// It ignores `NATIVIZE_*` variables, but for the one that narrows the grants.
    pub(crate) no_knobs: bool,
    /// It can write core dumps.
    pub(crate) coredump: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Directory {
    pub(crate) host: String,
    pub(crate) guest: String,
    pub(crate) read_only: bool,
}

/// A directory inside of an executable.
#[derive(Debug, Serialize)]
pub(crate) struct Embedded {
    pub(crate) guest: String,
    /// Bytes.
    pub(crate) size: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct EnvVar {
    pub(crate) key: String,
    /// `None` takes the value at start.
    pub(crate) value: Option<String>,
}
