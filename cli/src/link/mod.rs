//! The in-process linker: relocatable objects in, one static executable out.
//!
//! The job is closed: a program object, the runtime object and a configuration object, no shared libraries, a fixed
//! address map ([`nativize_abi::address`]). Each phase reads the previous ones' results and returns its own:
//!
//! 1. `read`: bytes -> sections, symbols, relocations and unwind records, everything unexpected refused
//! 2. `resolve`: global names -> definitions; groups that occur twice are kept once
//! 3. `gc`: what the entry point and the roots reach
//! 4. `layout`: live sections -> output sections and segments, with addresses and file offsets (`segments`), which say what
//!    the names of `edges` stand for
//! 5. `write`: the file's bytes, with `relocate` patching section contents in place
//!
//! What depends on the instruction set is in a file of its own (`x86_64`). Nothing is ignored: what the linker does
//! not know how to carry over is an error.

mod config;
mod edges;
mod error;
mod gc;
mod layout;
mod note;
mod read;
mod relocate;
mod resolve;
mod script;
mod segments;
mod symbols;
mod unwind;
mod write;
mod x86_64;

pub use config::config_object;
pub use edges::initial_bytes;
pub use error::LinkError;
pub use note::{NoNotes, Notes, check_notes, read_notes};
pub use script::linker_script;

/// A relocatable object.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What messages call it.
    pub name: &'a str,
    /// An ELF file of type `ET_REL`. Of any alignment.
    pub bytes: &'a [u8],
    /// Whether its local symbols go into the executable's symbol table: those of the program name wasm functions,
    /// those of the runtime would only take room.
    pub local_symbols: bool,
}

/// Choices about the executable.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkOptions {
    /// Leave out the symbol table and debug sections.
    pub strip: bool,
    /// The bytes of the guest's stack, if the code at the entry point takes one that the kernel has mapped and fills in data
    /// by itself ([`nativize_abi::symbol::STACK_END`]).
    pub stack: Option<u64>,
}

/// Links `objects` to a static, non-position-independent x86-64 Linux executable.
///
/// Contents keep the order of `objects`, so the first object's code comes first. The bytes depend on the arguments
/// alone.
///
/// # Errors
/// See [`LinkError`]; malformed objects are errors, never panics.
pub fn link(objects: &[Input<'_>], options: &LinkOptions) -> Result<Vec<u8>, LinkError> {
    let mut objects = read::read(objects)?;
    objects.push(edges::object());
    let resolution = resolve::resolve(&objects)?;
    let live = gc::mark(&objects, &resolution)?;
    let layout = layout::layout(&objects, &resolution, &live, options)?;
    write::write(&objects, &resolution, &live, &layout)
}

/// A section of an input: indices of the object and of the section in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct SectionId {
    object: usize,
    section: usize,
}

/// A symbol of an input: indices of the object and of the symbol in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct SymbolId {
    object: usize,
    symbol: usize,
}
