//! The functions of a module: in the module's bytes, in the executable, or in both.

use std::collections::BTreeMap;

use nativize_abi::program::TRAMPOLINE;
use wasmparser::{ImportSectionReader, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::profile::{Image, Profile};

/// The longest part of a name that is shown: many functions may have one.
const LONGEST_NAME: usize = 1000;

/// A function.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its index, imported functions included.
    pub(crate) index: u32,
    pub(crate) name: String,
    /// Bytes of its body in the module.
    pub(crate) wasm: Option<u64>,
    /// Bytes of its machine code.
    pub(crate) code: Option<u64>,
    /// Samples in it.
    pub(crate) own: u64,
}

impl Found {
    /// Its size, where it is known to be largest.
    pub(crate) fn size(&self) -> u64 {
        self.code.or(self.wasm).unwrap_or(0)
    }
}

/// The functions of the main module, by index.
#[derive(Debug, Default)]
pub(crate) struct Functions(BTreeMap<u32, Found>);

impl Functions {
    /// Those of a module, an executable, and a profile of it.
    pub(crate) fn new(
        module: Option<&[u8]>,
        image: Option<&Image<'_>>,
        profile: Option<&Profile>,
    ) -> Self {
        let mut functions = Functions::default();
        if let Some(bytes) = module {
            functions.add_module(bytes);
        }
        if let Some(image) = image {
            for (function, code) in image.functions() {
                if function.index == TRAMPOLINE || function.instance != 0 {
                    continue;
                }
                let found = functions.entry(function.index);
                found.code = Some(code.len() as u64);
                if let Some(name) = image.name(function.name) {
                    found.name = name.chars().take(LONGEST_NAME).collect();
                }
            }
        }
        for frame in profile.iter().flat_map(|profile| &profile.frames) {
            if let (Some(0), Some(index)) = (frame.instance, frame.index) {
                functions.entry(index).own = frame.own;
            }
        }
        functions
    }

    fn entry(&mut self, index: u32) -> &mut Found {
        self.0.entry(index).or_insert_with(|| Found {
            index,
            name: format!("wasm function {index}"),
            wasm: None,
            code: None,
            own: 0,
        })
    }

    /// The bodies and names of a module that was validated before; a damaged name section has no names.
    fn add_module(&mut self, bytes: &[u8]) {
        let mut index = 0;
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
            match payload {
                Payload::ImportSection(imports) => index += imported_functions(imports),
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    self.entry(index).wasm = Some(range.end - range.start);
                    index += 1;
                }
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(sections) = custom.as_known() {
                        for section in sections.into_iter().map_while(Result::ok) {
                            if let Name::Function(map) = section {
                                names.extend(map.into_iter().map_while(Result::ok));
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        for naming in names {
            if let Some(found) = self.0.get_mut(&naming.index) {
                found.name = nativize_compiler::demangle(naming.name);
            }
        }
    }

    /// The function with an index.
    pub(crate) fn find(&self, index: u32) -> Option<&Found> {
        self.0.get(&index)
    }

    /// Those of a name, or of an index that is written as a number.
    pub(crate) fn named<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a Found> {
        let index = wanted.parse().ok();
        self.0
            .values()
            .filter(move |found| found.name == wanted || Some(found.index) == index)
    }

    /// The largest first.
    pub(crate) fn by_size(&self) -> Vec<&Found> {
        let mut found: Vec<&Found> = self.0.values().filter(|found| found.size() > 0).collect();
        found.sort_by_key(|found| (std::cmp::Reverse(found.size()), found.index));
        found
    }

    /// Those that are worth their room in a page: the hottest, then the largest, `count` of them.
    pub(crate) fn worthwhile(&self, count: usize) -> Vec<u32> {
        let mut found: Vec<&Found> = self.0.values().collect();
        found.sort_by_key(|found| (std::cmp::Reverse((found.own, found.size())), found.index));
        found.iter().take(count).map(|found| found.index).collect()
    }
}

/// How many functions a section imports.
pub(super) fn imported_functions(imports: ImportSectionReader<'_>) -> u32 {
    let is_function = |ty: TypeRef| matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
    let imports = imports.into_imports().map_while(Result::ok);
    imports.filter(|import| is_function(import.ty)).count() as u32
}
