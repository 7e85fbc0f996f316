//! Reads modules, binary or text, and says what one is when it is neither.
//!
//! The file is read, not mapped: a file that shrinks while it is mapped kills its reader with SIGBUS, and compiling
//! takes a hundred times longer than reading.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nativize_compiler::DebugSections;
use rustix::fs::{Mode, OFlags};

use crate::code::Code;
use crate::error::Failure;
use crate::settings::{Settings, Source};

/// The first bytes of every binary module and component.
const MAGIC: &[u8; 4] = b"\0asm";
/// The version and layer fields of a component.
const COMPONENT_VERSION: [u8; 4] = [0x0d, 0x00, 0x01, 0x00];
const ELF_MAGIC: &[u8; 4] = b"\x7fELF";

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Wasm,
    Text,
    Elf,
    Other,
}

/// The files of a program as they are.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) main: Vec<u8>,
    /// In the order of [`Settings::links`].
    pub(crate) linked: Vec<Vec<u8>>,
    /// Where the main module's debug information is, if that is not in the module.
    pub(crate) debug: Option<DebugFile>,
}

/// A file with the debug information of a module.
#[derive(Debug)]
pub(crate) struct DebugFile {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    /// Whether it is the module that named it, and not the user.
    pub(crate) is_named_by_module: bool,
}

impl Inputs {
    /// Reads all of them.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Failure> {
        let links = settings.links.iter();
        let main = settings.input.read()?;
        Ok(Inputs {
            linked: links
                .map(|link| link.source.read())
                .collect::<Result<_, _>>()?,
            debug: match &settings.debug_file {
                Some(path) => Some(DebugFile {
                    bytes: Source::File(path.clone()).read()?,
                    path: path.clone(),
                    is_named_by_module: false,
                }),
                None => external(&main, &settings.input),
            },
            main,
        })
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> u64 {
        let linked: usize = self.linked.iter().map(Vec::len).sum();
        let debug = self.debug.as_ref().map_or(0, |file| file.bytes.len());
        (self.main.len() + linked + debug) as u64
    }
}

/// The file that a module names as the place of its debug information, if it is there: a module comes from anywhere, so
/// only a file in the module's own folder is read.
fn external(main: &[u8], input: &Source) -> Option<DebugFile> {
    let Source::File(module) = input else {
        return None;
    };
    if detect(main) != Format::Wasm {
        return None;
    }
    let debug = DebugSections::of_file(main).ok()?;
    let name = Path::new(debug.external().filter(|_| debug.is_empty())?);
    if name.file_name()? != name.as_os_str() {
        return None;
    }
    // (Next to a pipe lie devices.)
    if !std::fs::metadata(module).is_ok_and(|found| found.is_file()) {
        return None;
    }
    let path = module.with_file_name(name);
    let (mut file, _) = open_regular(&path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    Some(DebugFile {
        path,
        bytes,
        is_named_by_module: true,
    })
}

/// A file and what the system says of it, if there is one by that name that is neither a link nor a pipe or device.
pub(crate) fn open_regular(path: &Path) -> Option<(File, Metadata)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).ok()?);
    let found = file.metadata().ok().filter(Metadata::is_file)?;
    Some((file, found))
}

impl Source {
    /// All bytes of what should be an executable.
    pub(crate) fn read_executable(&self) -> Result<Vec<u8>, Failure> {
        self.read().map_err(|failure| match self {
            Source::File(path) if path.is_dir() => {
                failure.help("name an executable in that directory")
            }
            _ => failure,
        })
    }

    /// All bytes of the file.
    pub(crate) fn read(&self) -> Result<Vec<u8>, Failure> {
        match self {
            Source::File(path) => {
                std::fs::read(path).map_err(|error| Failure::file("read", path, &error))
            }
            Source::Stdin => {
                let mut bytes = Vec::new();
                io::stdin()
                    .lock()
                    .read_to_end(&mut bytes)
                    .map_err(|error| Failure::file("read", Path::new("standard input"), &error))?;
                Ok(bytes)
            }
        }
    }

    /// Whether it is a file in the text format, which can be read again.
    pub(crate) fn is_text(&self) -> bool {
        match self {
            Source::File(path) => {
                std::fs::metadata(path).is_ok_and(|found| found.is_file())
                    && std::fs::read(path).is_ok_and(|bytes| detect(&bytes) == Format::Text)
            }
            Source::Stdin => false,
        }
    }

    /// Its path, if it is a file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Source::File(path) => Some(path),
            Source::Stdin => None,
        }
    }

    /// How messages call it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Source::Stdin => "standard input".to_owned(),
            Source::File(path) => format!("`{}`", path.display()),
        }
    }
}

/// Recognizes a file by its content; names do not count.
pub(crate) fn detect(bytes: &[u8]) -> Format {
    if bytes.starts_with(MAGIC) {
        Format::Wasm
    } else if bytes.starts_with(ELF_MAGIC) {
        Format::Elf
    } else if matches!(bytes.trim_ascii_start(), [b'(', ..] | [b';', b';', ..]) {
        Format::Text
    } else {
        Format::Other
    }
}

/// The binary module in `bytes`, which came from `source`.
///
/// # Errors
/// [`Code::NotWasm`] for what is no WebAssembly, [`Code::Component`] for a component.
pub(crate) fn module(bytes: Vec<u8>, source: &Source) -> Result<Vec<u8>, Failure> {
    let bytes = match detect(&bytes) {
        Format::Wasm => bytes,
        Format::Text => assemble(&bytes, source)?,
        Format::Elf => {
            return Err(
                not_a_module(source, "it is a native executable or object (ELF) already")
                    .help("`nativize inspect` shows what an executable was built with"),
            );
        }
        Format::Other => return Err(not_a_module(source, &first_look(&bytes)).help(remedy(&bytes))),
    };
    if bytes.get(4..8) == Some(&COMPONENT_VERSION) {
        return Err(Failure::new(
            Code::Component,
            format!("cannot compile {}", source.describe()),
        )
        .cause("unsupported feature: components (at offset 0x4)")
        .help("build it as a core module for WASI preview 1, e.g. with the target wasm32-wasip1"));
    }
    Ok(bytes)
}

fn not_a_module(source: &Source, cause: &str) -> Failure {
    Failure::new(
        Code::NotWasm,
        format!("{} is not a WebAssembly module", source.describe()),
    )
    .cause(cause)
}

fn first_look(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "it is empty".to_owned();
    }
    if MAGIC.starts_with(bytes) {
        return format!("it ends after {} of the 4 bytes `\\0asm`", bytes.len());
    }
    let head = &bytes[..bytes.len().min(4)];
    format!(
        "it starts with \"{}\", not with \"\\0asm\"",
        head.escape_ascii()
    )
}

fn remedy(bytes: &[u8]) -> &'static str {
    if MAGIC.starts_with(bytes) {
        "check that the toolchain or the download that wrote the file completed"
    } else {
        "give it a .wasm file, or text that starts with `(module`"
    }
}

/// Text format -> binary format.
fn assemble(bytes: &[u8], source: &Source) -> Result<Vec<u8>, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        not_a_module(
            source,
            &format!(
                "the text is not UTF-8 (at offset {:#x})",
                error.valid_up_to()
            ),
        )
        .help("save the file as UTF-8")
    })?;
    let encode = || {
        let buffer = wast::parser::ParseBuffer::new(text)?;
        let mut module = wast::parser::parse::<wast::Wat<'_>>(&buffer)?;
        module.encode()
    };
    encode().map_err(|error: wast::Error| {
        let (line, column) = error.span().linecol_in(text);
        not_a_module(
            source,
            &format!(
                "{} (line {}, column {})",
                error.message(),
                line + 1,
                column + 1
            ),
        )
        .help("correct the text format; `(module)` is the smallest module")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        assert_eq!(detect(b"\0asm\x01\0\0\0"), Format::Wasm);
        assert_eq!(detect(b"\n\t (module)"), Format::Text);
        assert_eq!(detect(b";; hello"), Format::Text);
        assert_eq!(detect(b"\x7fELF\x02"), Format::Elf);
        assert_eq!(detect(b""), Format::Other);
        assert_eq!(detect(b"; hello"), Format::Other);
    }

    #[test]
    fn text_errors_name_the_place() {
        let error = module(b"(module\n  (fun))".to_vec(), &Source::Stdin).unwrap_err();
        assert_eq!(error.code, Code::NotWasm);
        assert!(error.causes[0].ends_with("(line 2, column 4)"), "{error}");
    }
}
