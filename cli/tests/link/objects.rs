//! Sample objects: a program written by hand, and a runtime compiled by the Rust that runs the tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use nativize_abi::symbol;
use object::write::{Object, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind,
    SymbolFlags, SymbolKind, SymbolScope, elf,
};

/// Builds an object section by section.
pub(crate) struct Builder(pub(crate) Object<'static>);

impl Builder {
    pub(crate) fn new() -> Self {
        Builder(Object::new(
            BinaryFormat::Elf,
            Architecture::X86_64,
            Endianness::Little,
        ))
    }

    pub(crate) fn section(
        &mut self,
        name: &str,
        kind: SectionKind,
        align: u64,
        data: &[u8],
    ) -> SectionId {
        let section = self.0.add_section(Vec::new(), name.into(), kind);
        self.0.append_section_data(section, data, align);
        section
    }

    pub(crate) fn text(&mut self, name: &str, code: &[u8]) -> SectionId {
        self.section(name, SectionKind::Text, 16, code)
    }

    pub(crate) fn flags(&mut self, section: SectionId, sh_flags: u32) {
        self.0.section_mut(section).flags = SectionFlags::Elf {
            sh_flags: sh_flags.into(),
        };
    }

    pub(crate) fn symbol(
        &mut self,
        name: &[u8],
        kind: SymbolKind,
        local: bool,
        section: Option<SectionId>,
        value: u64,
        size: u64,
    ) -> SymbolId {
        self.0.add_symbol(Symbol {
            name: name.into(),
            value,
            size,
            kind,
            scope: match (section, local) {
                (None, _) => SymbolScope::Unknown,
                (_, true) => SymbolScope::Compilation,
                (_, false) => SymbolScope::Dynamic,
            },
            weak: false,
            section: section.map_or(SymbolSection::Undefined, SymbolSection::Section),
            flags: SymbolFlags::None,
        })
    }

    pub(crate) fn global(&mut self, name: &str, section: SectionId) -> SymbolId {
        self.symbol(
            name.as_bytes(),
            SymbolKind::Text,
            false,
            Some(section),
            0,
            1,
        )
    }

    pub(crate) fn local(
        &mut self,
        name: &[u8],
        section: SectionId,
        value: u64,
        size: u64,
    ) -> SymbolId {
        self.symbol(name, SymbolKind::Text, true, Some(section), value, size)
    }

    pub(crate) fn undefined(&mut self, name: &str) -> SymbolId {
        self.symbol(name.as_bytes(), SymbolKind::Unknown, false, None, 0, 0)
    }

    pub(crate) fn relocate(
        &mut self,
        section: SectionId,
        offset: u64,
        r_type: u32,
        symbol: SymbolId,
        addend: i64,
    ) {
        let flags = RelocationFlags::Elf { r_type };
        self.0
            .add_relocation(
                section,
                Relocation {
                    offset,
                    symbol,
                    addend,
                    flags,
                },
            )
            .unwrap();
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.write().unwrap()
    }
}

/// Where [`program`] has its images: the first two are adjacent.
pub(crate) const IMAGES: [u64; 3] = [0x4000_0000, 0x4000_1000, 0x4010_0000];
/// What the sample prints when it is linked with the configuration `[1, 2, 250]`.
pub(crate) const OUTPUT: &str = "config [1, 2, 250], image 7, answer 42, two\n";
/// Its exit status.
pub(crate) const STATUS: i32 = 3;

/// A program as the compiler would make it: local symbols with names from the module, a header, images.
pub(crate) fn program() -> Vec<u8> {
    let mut program = Builder::new();
    let text = program.text(
        ".text",
        &[
            0xe8, 0, 0, 0, 0, // 0: call memcpy
            0xc3, 0x90, 0x90, //
            0x48, 0x83, 0xec, 0x08, // 8: sub $8, %rsp
            0xe8, 0, 0, 0, 0, // c: call nvz_host
            0x48, 0x83, 0xc4, 0x08, // 11: add $8, %rsp
            0xc3, // 15: ret
        ],
    );
    let answer = program.local("the \"answer\" → 42".as_bytes(), text, 0, 8);
    // A name that the runtime may have too, and twice.
    let memcpy = program.local(b"memcpy", text, 8, 14);
    program.local(b"memcpy", text, 8, 14);
    let host = program.undefined("nvz_host");
    program.relocate(text, 1, elf::R_X86_64_PLT32, memcpy, -4);
    program.relocate(text, 0xd, elf::R_X86_64_PLT32, host, -4);

    let mut images = Vec::new();
    for (index, address) in IMAGES.iter().enumerate() {
        let name = format!("{}{address:x}", symbol::IMAGE_SECTION_PREFIX);
        let mut page = vec![0; 4096];
        page[index] = index as u8 + 3;
        images.push(program.section(&name, SectionKind::Data, 4096, &page));
    }
    let image = program.symbol(b"image", SymbolKind::Data, true, Some(images[0]), 0, 8192);

    let header = program.section(".rodata", SectionKind::ReadOnlyData, 8, &[0; 32]);
    let root = program.global(symbol::PROGRAM, header);
    program.0.symbol_mut(root).kind = SymbolKind::Data;
    program.0.symbol_mut(root).size = 32;
    let main = program.undefined(symbol::MAIN_COMMAND);
    program.relocate(header, 0, elf::R_X86_64_64, main, 0);
    program.relocate(header, 8, elf::R_X86_64_64, answer, 0);
    program.relocate(header, 16, elf::R_X86_64_64, image, 0);
    let at = program.0.section_mut(header).data_mut();
    at[24..].copy_from_slice(&8192u64.to_le_bytes());
    add_unwind(&mut program, &[(text, 0, 8), (text, 8, 14)]);
    program.finish()
}

/// Adds an `.eh_frame` that describes pieces of sections: (section, offset, length).
pub(crate) fn add_unwind(builder: &mut Builder, pieces: &[(SectionId, u64, u32)]) {
    // version 1, "zR", code alignment 1, data alignment -8, return address 16, DW_EH_PE_pcrel | sdata4,
    // CFA = rsp + 8, return address at CFA - 8.
    let mut data = vec![
        20, 0, 0, 0, 0, 0, 0, 0, 1, b'z', b'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0,
    ];
    let mut relocations = Vec::new();
    for &(section, offset, length) in pieces {
        let start = data.len();
        data.extend([16, 0, 0, 0]);
        data.extend((start as u32 + 4).to_le_bytes());
        relocations.push((data.len() as u64, section, offset));
        data.extend([0; 4]);
        data.extend(length.to_le_bytes());
        data.extend([0; 4]);
    }
    let frames = builder.section(".eh_frame", SectionKind::ReadOnlyData, 8, &data);
    for (at, section, offset) in relocations {
        let symbol = builder.0.section_symbol(section);
        builder.relocate(frames, at, elf::R_X86_64_PC32, symbol, offset.cast_signed());
    }
}

/// An object that only exits with a status.
pub(crate) fn exit(status: u8) -> Vec<u8> {
    let mut object = Builder::new();
    // mov $231, %eax; mov $status, %edi; syscall
    let text = object.text(
        ".text._start",
        &[0xb8, 231, 0, 0, 0, 0xbf, status, 0, 0, 0, 0x0f, 0x05],
    );
    object.global(symbol::START, text);
    object.finish()
}

/// The miniature runtime in `sample/`, as one object. `model` is a relocation model of rustc.
pub(crate) fn runtime(model: &str) -> Vec<u8> {
    let directory = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/link/sample/runtime.rs");
    let status = rustc()
        // Where it leaves intermediate files, under names that are always the same.
        .current_dir(directory.path())
        .args([
            "--edition=2024",
            "--crate-type=staticlib",
            "--emit=obj=runtime.o,link=runtime.a",
        ])
        .args([
            "-Cpanic=abort",
            "-Clto=fat",
            "-Copt-level=s",
            "-Ccodegen-units=1",
        ])
        .args(["-Ctarget-cpu=x86-64-v2", "-Cdebuginfo=1"])
        .arg(format!("-Crelocation-model={model}"))
        .arg(source)
        .status()
        .unwrap();
    assert!(status.success());
    std::fs::read(directory.path().join("runtime.o")).unwrap()
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// The lld that comes with Rust. Distributions may leave it out: then the tests that need it say so and pass.
pub(crate) fn lld() -> Option<&'static Path> {
    static LLD: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = LLD.get_or_init(|| {
        let output = rustc().args(["--print", "sysroot"]).output().ok()?;
        let sysroot = String::from_utf8(output.stdout).ok()?;
        let path =
            Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
        path.exists().then_some(path)
    });
    if found.is_none() {
        crate::skip::skipped("rust-lld");
    }
    found.as_deref()
}
