//! What a module carries for debuggers: its DWARF sections, kept as bytes until something asks.

mod budget;
pub(crate) mod native;
mod places;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod unit;

pub use places::SourcePlaces;
pub(crate) use table::{Tables, Wanted, write};

use crate::{Error, Module};
use std::collections::HashSet;
use wasmparser::{CustomSectionReader, Encoding, Parser, Payload};

/// The debug sections of a module, or of the file that they were split out to.
#[derive(Clone, Debug, Default)]
pub struct DebugSections<'a> {
    /// Those called `.debug_*`, in their order.
    sections: Vec<(&'a str, &'a [u8])>,
    /// The contents of the code section.
    code: Option<&'a [u8]>,
    code_start: u64,
    external: Option<&'a str>,
    build_id: Option<&'a [u8]>,
}

impl<'a> DebugSections<'a> {
    /// Reads them from a module's bytes, of which nothing else is looked at: a file that was split out may have no other
    /// section.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the bytes are no sequence of sections.
    pub fn of_file(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut debug = DebugSections::default();
        let mut parser = Parser::new(0);
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let wasmparser::Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
                unreachable!("all of the bytes are there")
            };
            at += consumed;
            match payload {
                Payload::Version {
                    encoding: Encoding::Component,
                    range,
                    ..
                } => {
                    return Err(Error::Unsupported {
                        feature: "components".to_owned(),
                        offset: range.start,
                    });
                }
                Payload::CodeSectionStart {
                    unchecked_range: range,
                    size,
                    ..
                } => {
                    if bytes.len() - at < size as usize {
                        return Err(Error::Invalid {
                            message: "unexpected end-of-file".to_owned(),
                            offset: bytes.len() as u64,
                        });
                    }
                    parser.skip_section();
                    at += size as usize;
                    debug.code_section(range.start, &bytes[range.start as usize..at]);
                }
                Payload::CustomSection(section) => debug.custom_section(&section),
                Payload::End(_) => return Ok(debug),
                _ => {}
            }
        }
    }

    /// Takes the code section, whose `contents` begin at offset `start`.
    pub(crate) fn code_section(&mut self, start: u64, contents: &'a [u8]) {
        self.code_start = start;
        self.code = Some(contents);
    }

    /// Takes a custom section if it is one of them. Of several with one name, the first counts; one of strings without end is
    /// left out.
    pub(crate) fn custom_section(&mut self, section: &CustomSectionReader<'a>) {
        let (name, data) = (section.name(), section.data());
        match name {
            "external_debug_info" if self.external.is_none() => {
                self.external = string(data);
            }
            "build_id" if self.build_id.is_none() => self.build_id = Some(data),
            _ if name.starts_with(".debug_")
                && self.sections.len() < MOST_SECTIONS
                && self.get(name).is_none()
                && !has_endless_string(name, data) =>
            {
                self.sections.push((name, data));
            }
            _ => {}
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The bytes of all of them.
    pub(crate) fn len(&self) -> usize {
        self.sections.iter().map(|section| section.1.len()).sum()
    }

    /// The contents of the section `name`, e.g. `.debug_info`.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        let mut sections = self.sections.iter();
        sections
            .find(|section| section.0 == name)
            .map(|section| section.1)
    }

    /// The offset in the module's bytes from which the addresses in the DWARF count: that of the code section's contents.
    pub fn code_start(&self) -> u64 {
        self.code_start
    }

    /// The bytes of the code section's contents.
    pub(crate) fn code_len(&self) -> usize {
        self.code.map_or(0, <[u8]>::len)
    }

    /// The name of the file that they were split out to, as the module's section `external_debug_info` has it.
    pub fn external(&self) -> Option<&'a str> {
        self.external
    }
}

impl<'a> Module<'a> {
    /// Takes the debug sections of `file`, which were split out of this module, in place of its own. Whether they are this
    /// module's is known by the code, or where that was removed from the file, by the identity of the build, or by whether
    /// functions start where the DWARF says.
    ///
    /// # Errors
    /// [`Mismatch`] when they are another module's, or when there are none.
    pub fn replace_debug(&mut self, file: DebugSections<'a>) -> Result<(), Mismatch> {
        if file.is_empty() {
            return Err(Mismatch::Empty);
        }
        let is_own = match (file.code, self.debug.build_id, file.build_id) {
            (Some(code), _, _) => self.debug.code == Some(code),
            (None, Some(own), Some(other)) => own == other,
            (None, _, _) => self.starts_fit(&file),
        };
        if !is_own {
            return Err(Mismatch::Other);
        }
        self.debug.sections = file.sections;
        Ok(())
    }

    /// Whether the functions in the DWARF of `file`, of which there are some, start where functions of this module do.
    fn starts_fit(&self, file: &DebugSections<'a>) -> bool {
        let own = self.debug.code_start;
        let bodies = self.bodies.iter();
        let starts: HashSet<u64> = bodies.map(|body| body.code.range().start - own).collect();
        let code_len = self.debug.code_len();
        let functions = source::Source::read(file, code_len, Some(1)).functions();
        !functions.is_empty()
            && functions
                .iter()
                .all(|&start| starts.contains(&start.into()))
    }
}

/// Why the debug sections of a file are not taken for a module's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// They belong to other code.
    Other,
    /// There are none.
    Empty,
}

/// More than there are kinds of sections.
const MOST_SECTIONS: usize = 64;

/// Whether a table of strings has one that is longer than names are: each reference to it is read to its end.
fn has_endless_string(name: &str, data: &[u8]) -> bool {
    const LONGEST: usize = 1 << 16;
    matches!(name, ".debug_str" | ".debug_line_str")
        && data
            .split(|&byte| byte == 0)
            .any(|string| string.len() > LONGEST)
}

/// A length and as many bytes of UTF-8.
fn string(data: &[u8]) -> Option<&str> {
    wasmparser::BinaryReader::new(data, 0).read_string().ok()
}

#[cfg(test)]
mod section_tests {
    use super::*;

    #[test]
    fn sections_that_take_too_long_are_left_out() {
        let custom =
            |name: &str, len: usize| format!("(@custom \"{name}\" \"{}\")", "a".repeat(len));
        let mut text = custom(".debug_line_str", 0x1_0000) + &custom(".debug_str", 0x1_0001);
        for number in 0..1000 {
            text += &custom(&format!(".debug_{number}"), 0);
        }
        let wasm = wat::parse_str(format!("(module {text})")).unwrap();
        let debug = DebugSections::of_file(&wasm).unwrap();
        assert!(debug.get(".debug_line_str").is_some());
        assert!(debug.get(".debug_str").is_none());
        assert!(debug.sections.len() < 100);
    }

    #[test]
    fn a_module_keeps_its_sections() {
        let wasm = wat::parse_str(
            r#"(module (@custom ".debug_info" "abc") (func) (@custom ".debug_line" "d") (@custom ".debug_info" "x")
                (@custom "external_debug_info" "\03a.b"))"#,
        )
        .unwrap();
        let module = crate::parse(&wasm).unwrap();
        let of_file = DebugSections::of_file(&wasm).unwrap();
        for debug in [&module.debug, &of_file] {
            assert_eq!(debug.get(".debug_info"), Some(&b"abc"[..]));
            assert_eq!(debug.get(".debug_line"), Some(&b"d"[..]));
            assert_eq!(debug.get(".debug_str"), None);
            assert_eq!(debug.external(), Some("a.b"));
            // One function, of two bytes: no locals, end.
            let start = debug.code_start() as usize;
            assert_eq!(wasm[start..start + 4], [1, 2, 0, 0x0b]);
            assert_eq!(debug.code, Some(&wasm[start..start + 4]));
        }
        for len in 0..wasm.len() {
            let _ = DebugSections::of_file(&wasm[..len]);
        }
    }
}
