//! The same inputs through lld.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use nativize::link::{config_object, linker_script, read_notes};
use nativize_abi::symbol;
use object::read::elf::ElfFile64;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind};

use crate::layout::unwind_table;
use crate::objects::{self, OUTPUT, STATUS};
use crate::{CONFIG, link_all, run};

type Elf<'a> = ElfFile64<'a, object::LittleEndian>;

/// Links `objects` by lld with a script. `None` without lld.
fn lld(objects: &[&[u8]], script: &str, options: &[&str]) -> Option<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(objects::lld()?);
    command
        .current_dir(directory.path())
        .args([
            "-flavor",
            "gnu",
            "--gc-sections",
            "--eh-frame-hdr",
            "--fatal-warnings",
        ])
        .args(["-T", "script", "-o", "program"])
        .args(options);
    std::fs::write(directory.path().join("script"), script).unwrap();
    for (index, object) in objects.iter().enumerate() {
        let name = format!("{index}.o");
        std::fs::write(directory.path().join(&name), object).unwrap();
        command.arg(name);
    }
    let status = command.status().unwrap();
    assert!(status.success(), "{script}");
    Some(std::fs::read(directory.path().join("program")).unwrap())
}

fn sample(model: &str) -> [Vec<u8>; 3] {
    [
        objects::program(),
        objects::runtime(model),
        config_object(CONFIG, None, ""),
    ]
}

#[test]
fn the_linker_script_makes_an_executable_that_runs() {
    for model in ["pie", "pic"] {
        let objects = sample(model);
        let script = linker_script(&objects[0]).unwrap();
        let Some(executable) = lld(&objects.each_ref().map(Vec::as_slice), &script, &[]) else {
            return;
        };
        let output = run(&executable);
        assert_eq!(String::from_utf8_lossy(&output.stdout), OUTPUT);
        assert_eq!(output.status.code(), Some(STATUS));
        assert_eq!(read_notes(&executable).unwrap().config, CONFIG);
    }
}

/// A script that gives each section the address that it has in `executable`.
fn script_with_addresses_of(executable: &Elf<'_>) -> String {
    let mut sections = String::new();
    let mut in_order: Vec<_> = executable.sections().collect();
    in_order.sort_by_key(|section| section.address());
    for section in in_order {
        let name = section.name().unwrap();
        let inputs = match name {
            ".rodata" => "*(.rodata .rodata.* .data.rel.ro .data.rel.ro.*)".to_owned(),
            ".text" | ".data" | ".bss" => format!("*({name} {name}.*)"),
            _ if section.address() == 0 => continue,
            _ => format!("KEEP(*({name}))"),
        };
        writeln!(sections, "{name} {:#x} : {{ {inputs} }}", section.address()).unwrap();
    }
    // What the linker defines where data has a segment of its own.
    let edges = [
        symbol::STACK_END,
        symbol::DATA_IMAGE,
        symbol::DATA_IMAGE_END,
    ];
    let edges: String = edges.map(|edge| format!("{edge} = 0; ")).concat();
    format!("ENTRY(_start) {edges}SECTIONS {{ {sections} /DISCARD/ : {{ *(.comment) }} }}")
}

/// Functions and objects: their addresses and sizes. Those of the same name and place are listed once.
fn symbols(executable: &Elf<'_>) -> BTreeMap<(String, u64), u64> {
    executable
        .symbols()
        .filter(|symbol| matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Data))
        .map(|symbol| {
            (
                (symbol.name().unwrap().to_owned(), symbol.address()),
                symbol.size(),
            )
        })
        .filter(|((name, _), _)| !name.starts_with(".L"))
        .collect()
}

#[test]
fn with_the_same_addresses_the_bytes_are_the_same() {
    let objects = sample("pie");
    let objects = objects.each_ref().map(Vec::as_slice);
    let ours = link_all(&objects).unwrap();
    let ours = Elf::parse(&*ours).unwrap();
    // -O0: without merging strings, which this linker does not do.
    let Some(theirs) = lld(&objects, &script_with_addresses_of(&ours), &["-O0"]) else {
        return;
    };
    let theirs = Elf::parse(&*theirs).unwrap();
    assert_eq!(ours.entry(), theirs.entry());
    assert_eq!(symbols(&ours), symbols(&theirs));
    let mut compared = 0;
    for section in ours.sections() {
        let name = section.name().unwrap();
        // The order of unwind records is each linker's own; the next test compares what they say.
        if name.is_empty() || name.starts_with(".eh_frame") || name.ends_with("tab") {
            continue;
        }
        let other = theirs
            .section_by_name(name)
            .unwrap_or_else(|| panic!("lld made no {name}"));
        assert_eq!(
            (section.address(), section.size()),
            (other.address(), other.size()),
            "{name}"
        );
        assert!(section.data().unwrap() == other.data().unwrap(), "{name}");
        compared += 1;
    }
    assert!(compared >= 12);
}

#[test]
fn unwind_tables_list_the_same_functions() {
    for model in ["pie", "pic"] {
        let objects = sample(model);
        let objects = objects.each_ref().map(Vec::as_slice);
        let ours = link_all(&objects).unwrap();
        let elf = Elf::parse(&*ours).unwrap();
        let Some(theirs) = lld(&objects, &script_with_addresses_of(&elf), &["-O0"]) else {
            return;
        };
        let functions = |bytes| {
            unwind_table(bytes)
                .into_iter()
                .map(|entry| entry.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(functions(&ours), functions(&theirs));
    }
}
