//! The shape of executables, as another reader sees it.

use nativize::link::{LinkOptions, config_object};
use nativize_abi::address::{EXECUTABLE_BASE, EXECUTABLE_END, PAGE_SIZE};
use nativize_abi::symbol;
use object::read::elf::{ElfFile64, FileHeader as _, ProgramHeader as _};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind, elf};

use crate::objects::{self, Builder, IMAGES};
use crate::{CONFIG, link_all, link_with, run};

type Elf<'a> = ElfFile64<'a, object::LittleEndian>;
const LE: object::LittleEndian = object::LittleEndian;

/// A program header's type, flags, offset, address, size in the file and in memory.
#[derive(Clone, Copy, Debug)]
struct Segment {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    file_size: u64,
    memory_size: u64,
}

fn segments(bytes: &[u8]) -> Vec<Segment> {
    let header = elf::FileHeader64::<object::LittleEndian>::parse(bytes).unwrap();
    let headers = header.program_headers(LE, bytes).unwrap();
    headers
        .iter()
        .map(|header| Segment {
            kind: header.p_type(LE),
            flags: header.p_flags(LE),
            offset: header.p_offset(LE),
            address: header.p_vaddr(LE),
            file_size: header.p_filesz(LE),
            memory_size: header.p_memsz(LE),
        })
        .collect()
}

fn loads(bytes: &[u8]) -> Vec<Segment> {
    let mut loads = segments(bytes);
    loads.retain(|segment| segment.kind == elf::PT_LOAD);
    loads
}

fn sample(model: &str) -> Vec<u8> {
    let objects = [
        objects::program(),
        objects::runtime(model),
        config_object(CONFIG, None, ""),
    ];
    link_all(&objects.each_ref().map(Vec::as_slice)).unwrap()
}

fn address(elf: &Elf<'_>, name: &str) -> Option<u64> {
    let symbol = elf
        .symbols()
        .find(|symbol| symbol.name_bytes() == Ok(name.as_bytes()))?;
    Some(symbol.address())
}

#[test]
fn no_segment_is_writable_and_executable() {
    for executable in [
        sample("pie"),
        sample("pic"),
        link_all(&[&objects::exit(0)]).unwrap(),
    ] {
        let segments = segments(&executable);
        assert!(
            segments
                .iter()
                .all(|s| s.flags & (elf::PF_W | elf::PF_X) != elf::PF_W | elf::PF_X)
        );
        let stacks: Vec<_> = segments
            .iter()
            .filter(|s| s.kind == elf::PT_GNU_STACK)
            .collect();
        assert_eq!(stacks.len(), 1);
        assert_eq!(stacks[0].flags, elf::PF_R | elf::PF_W);
        assert!(
            !segments
                .iter()
                .any(|s| matches!(s.kind, elf::PT_INTERP | elf::PT_DYNAMIC))
        );
    }
}

#[test]
fn segments_follow_the_address_map() {
    let executable = sample("pie");
    let mut loads = loads(&executable);
    assert!(loads.is_sorted_by_key(|load| load.address));
    // In the file, images come last.
    loads.sort_by_key(|load| load.offset);
    assert_eq!(loads[0].address, EXECUTABLE_BASE);
    for pair in loads.windows(2) {
        let (first, second) = (pair[0], pair[1]);
        let page = |address: u64| address / PAGE_SIZE;
        if first.address < second.address {
            assert!(
                page(first.address + first.memory_size - 1) < page(second.address),
                "{pair:x?}"
            );
        }
        assert!(first.offset + first.file_size <= second.offset, "{pair:x?}");
    }
    let flags: Vec<u32> = loads.iter().map(|load| load.flags).collect();
    let (r, w, x) = (elf::PF_R, elf::PF_W, elf::PF_X);
    assert_eq!(flags, [r, r | x, r | w, r | w, r | w]);
    for load in &loads {
        assert_eq!(load.address % PAGE_SIZE, load.offset % PAGE_SIZE);
    }
    // No padding between what does not begin on a page of its own, but for alignment.
    assert!(loads[1].offset - (loads[0].offset + loads[0].file_size) < 64);
    assert!(loads[2].offset - (loads[1].offset + loads[1].file_size) < 64);
    assert!(loads[2].address + loads[2].memory_size <= EXECUTABLE_END);
}

#[test]
fn images_are_mapped_at_their_addresses() {
    let executable = sample("pie");
    let images: Vec<Segment> = loads(&executable)
        .into_iter()
        .filter(|load| load.address < EXECUTABLE_BASE)
        .collect();
    let ranges: Vec<_> = images
        .iter()
        .map(|image| (image.address, image.memory_size))
        .collect();
    assert_eq!(ranges, [(IMAGES[0], 0x2000), (IMAGES[2], 0x1000)]);
    for image in images {
        assert_eq!(image.file_size, image.memory_size);
        assert_eq!(image.offset % PAGE_SIZE, 0);
    }
    let elf = Elf::parse(&*executable).unwrap();
    for (index, address) in IMAGES.iter().enumerate() {
        let section = elf
            .section_by_name(&format!(".nvz.image.{address:x}"))
            .unwrap();
        assert_eq!(section.address(), *address);
        let mut page = vec![0; 4096];
        page[index] = index as u8 + 3;
        assert_eq!(section.data().unwrap(), page);
    }
}

#[test]
fn symbols_name_the_functions() {
    let executable = sample("pie");
    let elf = Elf::parse(&*executable).unwrap();
    let text = elf.section_by_name(".text").unwrap();
    // The program's code comes first.
    assert_eq!(address(&elf, "the \"answer\" → 42"), Some(text.address()));
    let memcpys: Vec<_> = elf
        .symbols()
        .filter(|symbol| symbol.name() == Ok("memcpy"))
        .collect();
    assert_eq!(memcpys.len(), 2);
    for symbol in memcpys {
        assert!(symbol.is_local());
        assert_eq!(symbol.kind(), SymbolKind::Text);
        assert_eq!((symbol.address(), symbol.size()), (text.address() + 8, 14));
    }
    assert!(
        elf.symbols()
            .any(|symbol| symbol.name() == Ok("nvz_main_command") && symbol.is_global())
    );
    assert_eq!(Some(elf.entry()), address(&elf, "_start"));
}

#[test]
fn code_that_nothing_refers_to_is_dropped() {
    let executable = sample("pie");
    let elf = Elf::parse(&*executable).unwrap();
    assert!(address(&elf, "nvz_dead").is_none());
    assert!(address(&elf, "nvz_host").is_some());
    assert!(
        !elf.symbols()
            .any(|symbol| symbol.name().unwrap().contains("dead_callee"))
    );
    let rodata = elf.section_by_name(".data").unwrap();
    assert!(
        !rodata
            .data()
            .unwrap()
            .windows(8)
            .any(|window| window == b"deaddata")
    );
}

#[test]
fn stripped_executables_have_no_symbols() {
    let objects = [
        objects::program(),
        objects::runtime("pie"),
        config_object(CONFIG, None, ""),
    ];
    let executable = link_with(
        &objects.each_ref().map(Vec::as_slice),
        &LinkOptions {
            strip: true,
            ..LinkOptions::default()
        },
    )
    .unwrap();
    let elf = Elf::parse(&*executable).unwrap();
    assert_eq!(elf.symbols().count(), 0);
    assert!(
        !elf.sections()
            .any(|section| section.name().unwrap().starts_with(".debug"))
    );
    assert!(elf.section_by_name(".text").is_some());
}

/// The functions that `.eh_frame_hdr` lists: address of the code, and address of the record.
pub(crate) fn unwind_table(bytes: &[u8]) -> Vec<(u64, u64)> {
    let elf = Elf::parse(bytes).unwrap();
    let header = elf.section_by_name(".eh_frame_hdr").unwrap();
    let data = header.data().unwrap();
    let word = |at: usize| i64::from(i32::from_le_bytes(data[at..at + 4].try_into().unwrap()));
    assert_eq!(data[..4], [1, 0x1b, 0x03, 0x3b]);
    let frames = elf.section_by_name(".eh_frame").unwrap();
    assert_eq!(
        (header.address() + 4).wrapping_add_signed(word(4)),
        frames.address()
    );
    let count = word(8) as usize;
    assert_eq!(data.len(), 12 + 8 * count);
    let at = |at: usize| header.address().wrapping_add_signed(word(at));
    (0..count)
        .map(|index| (at(12 + 8 * index), at(16 + 8 * index)))
        .collect()
}

#[test]
fn unwind_records_are_those_of_live_functions() {
    let executable = sample("pic");
    let elf = Elf::parse(&*executable).unwrap();
    let table = unwind_table(&executable);
    assert!(table.is_sorted());
    let mut functions: Vec<u64> = elf
        .symbols()
        .filter(|symbol| symbol.kind() == SymbolKind::Text)
        .map(|symbol| symbol.address())
        .collect();
    functions.sort_unstable();
    functions.dedup();
    let described: Vec<u64> = table.iter().map(|entry| entry.0).collect();
    assert_eq!(described, functions);

    let frames = elf.section_by_name(".eh_frame").unwrap();
    let data = frames.data().unwrap();
    for (code, record) in table {
        let at = (record - frames.address()) as usize;
        let word = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().unwrap());
        let cie = at + 4 - word(at + 4) as usize;
        assert_eq!(word(cie + 4), 0, "not a CIE");
        let field = record + 8;
        assert_eq!(
            field.wrapping_add_signed(i64::from(word(at + 8).cast_signed())),
            code
        );
    }
    assert_eq!(data[data.len() - 4..], [0; 4]);
}

#[test]
fn data_without_contents_takes_no_room() {
    // mov counter(%rip), %edi; mov $231, %eax; syscall
    let code = [0x8b, 0x3d, 0, 0, 0, 0, 0xb8, 231, 0, 0, 0, 0x0f, 0x05];
    let mut object = Builder::new();
    let text = object.text(".text", &code);
    object.global("_start", text);
    let bss = object.0.add_section(
        Vec::new(),
        b".bss".to_vec(),
        object::SectionKind::UninitializedData,
    );
    object.0.append_section_bss(bss, 1 << 20, 64);
    let counter = object.local(b"counter", bss, (1 << 20) - 4, 4);
    object.relocate(text, 2, elf::R_X86_64_PC32, counter, -4);
    // A section that is part of the executable and empty changes nothing.
    let empty = object.section(".data", object::SectionKind::Data, 64, &[]);
    object.flags(empty, elf::SHF_ALLOC | elf::SHF_WRITE | elf::SHF_GNU_RETAIN);
    let executable = link_all(&[&object.finish()]).unwrap();
    assert!(executable.len() < 2048);
    let data = *loads(&executable).last().unwrap();
    assert_eq!((data.file_size, data.memory_size), (0, 1 << 20));
    assert_eq!(data.address % PAGE_SIZE, 0);
    assert_eq!(run(&executable).status.code(), Some(0));
}

/// The entry point copies `.data` as the runtime does, and ends with what is in it then.
#[test]
fn data_shares_a_segment_with_the_stack() {
    let code: &[u8] = &[
        0x48, 0xbe, 0, 0, 0, 0, 0, 0, 0, 0, // 0: movabs $nvz_data_image, %rsi
        0x48, 0xbf, 0, 0, 0, 0, 0, 0, 0, 0, // a: movabs $nvz_stack_end, %rdi
        0x48, 0xb9, 0, 0, 0, 0, 0, 0, 0, 0, // 14: movabs $nvz_data_image_end, %rcx
        0x48, 0x29, 0xf1, 0xf3, 0xa4, // 1e: sub %rsi, %rcx; rep movsb
        0x8b, 0x3d, 0, 0, 0, 0, // 23: mov value(%rip), %edi
        0x03, 0x3d, 0, 0, 0, 0, // 29: add zero(%rip), %edi
        0xb8, 231, 0, 0, 0, 0x0f, 0x05, // 2f: mov $231, %eax; syscall
    ];
    let build = |data: u64| {
        let mut object = Builder::new();
        let text = object.text(".text", code);
        object.global("_start", text);
        for (offset, name) in [
            (2, symbol::DATA_IMAGE),
            (0xc, symbol::STACK_END),
            (0x16, symbol::DATA_IMAGE_END),
        ] {
            let edge = object.undefined(name);
            object.relocate(text, offset, elf::R_X86_64_64, edge, 0);
        }
        let mut content = vec![0; data as usize];
        content[0] = 42;
        let section = object.section(".data", object::SectionKind::Data, 64, &content);
        let value = object.local(b"value", section, 0, 4);
        object.relocate(text, 0x25, elf::R_X86_64_PC32, value, -4);
        let kind = object::SectionKind::UninitializedData;
        let bss = object.0.add_section(Vec::new(), b".bss".to_vec(), kind);
        object.0.append_section_bss(bss, 1 << 16, 64);
        let zero = object.local(b"zero", bss, 0, 4);
        object.relocate(text, 0x2b, elf::R_X86_64_PC32, zero, -4);
        object.finish()
    };
    let link = |data, stack| {
        let options = LinkOptions {
            stack,
            ..LinkOptions::default()
        };
        let executable = link_with(&[&build(data)], &options).unwrap();
        assert_eq!(run(&executable).status.code(), Some(42));
        executable
    };
    let stack = 1 << 20;
    let executable = link(100, Some(stack));
    let load = loads(&executable)[0];
    assert_eq!((load.flags, load.file_size), (elf::PF_R | elf::PF_W, 0));
    assert_eq!((load.offset, load.address % PAGE_SIZE), (0, 0));
    let elf = Elf::parse(&*executable).unwrap();
    let data = elf.section_by_name(".data").unwrap();
    assert_eq!(data.kind(), object::SectionKind::UninitializedData);
    assert_eq!(data.address() % 64, 0);
    assert!(data.address() >= load.address + stack && data.address() < EXECUTABLE_BASE);
    let bss = elf.section_by_name(".bss").unwrap();
    assert_eq!(bss.address() + bss.size(), load.address + load.memory_size);
    assert!(load.address + load.memory_size <= EXECUTABLE_BASE);
    let file = object::File::parse(&*executable).unwrap();
    let content = nativize::link::initial_bytes(&file, data.address(), 100).unwrap();
    assert_eq!(content[..2], [42, 0]);

    // Data that is soon copied, and stacks that every system maps: other ones have segments of their own.
    for (data, stack) in [(5000, Some(stack)), (100, Some(64 << 20)), (100, None)] {
        let executable = link(data, stack);
        let loads = loads(&executable);
        assert_eq!(loads[0].address, EXECUTABLE_BASE);
        assert!(loads.last().unwrap().file_size >= data);
        let elf = Elf::parse(&*executable).unwrap();
        assert!(elf.section_by_name(".data.image").is_none());
    }
}

/// So that small variables share the page on which data with contents ends.
#[test]
fn small_variables_come_before_large_buffers() {
    let mut object = Builder::new();
    let text = object.text(".text", &[0x90; 16]);
    object.global("_start", text);
    let sizes = [(1 << 16, "buffer"), (8, "first"), (8, "second")];
    for (index, (size, name)) in sizes.into_iter().enumerate() {
        let section_name = format!(".bss.{name}").into_bytes();
        let kind = object::SectionKind::UninitializedData;
        let bss = object.0.add_section(Vec::new(), section_name, kind);
        object.0.append_section_bss(bss, size, 8);
        let symbol = object.local(name.as_bytes(), bss, 0, size);
        object.relocate(text, index as u64 * 4, elf::R_X86_64_PC32, symbol, 0);
    }
    let executable = link_all(&[&object.finish()]).unwrap();
    let elf = Elf::parse(&*executable).unwrap();
    let [buffer, first, second] =
        ["buffer", "first", "second"].map(|name| address(&elf, name).unwrap());
    assert!(first < second && second < buffer);
}

/// `call` and `jmp` through the table, loads of addresses from it, and uses that have no other form.
#[test]
fn table_accesses_are_rewritten_where_they_can_be() {
    let code: &[u8] = &[
        0xff, 0x15, 0, 0, 0, 0, // 0: call *two@GOTPCREL(%rip)
        0x48, 0x8b, 0x0d, 0, 0, 0, 0, // 6: mov value@GOTPCREL(%rip), %rcx
        0x03, 0x01, // d: add (%rcx), %eax
        0x48, 0x3b, 0x0d, 0, 0, 0, 0, // f: cmp value@GOTPCREL(%rip), %rcx
        0x75, 0x08, // 16: jne 20
        0x89, 0xc7, // 18: mov %eax, %edi
        0xff, 0x25, 0, 0, 0, 0, // 1a: jmp *exit@GOTPCREL(%rip)
        0x0f, 0x0b, // 20: ud2
    ];
    let mut first = Builder::new();
    let text = first.text(".text", code);
    first.global("_start", text);
    let names = ["two", "value", "exit"].map(|name| first.undefined(name));
    for (offset, r_type, name) in [
        (2, elf::R_X86_64_GOTPCRELX, 0),
        (9, elf::R_X86_64_REX_GOTPCRELX, 1),
        (0x12, elf::R_X86_64_REX_GOTPCRELX, 1),
        (0x1c, elf::R_X86_64_GOTPCRELX, 2),
    ] {
        first.relocate(text, offset, r_type, names[name], -4);
    }
    let mut second = Builder::new();
    let two = second.text(".text.two", &[0xb8, 2, 0, 0, 0, 0xc3]);
    second.global("two", two);
    let exit = second.text(".text.exit", &[0xb8, 231, 0, 0, 0, 0x0f, 0x05]);
    second.global("exit", exit);
    let value = second.section(".data", object::SectionKind::Data, 8, &40u32.to_le_bytes());
    second.global("value", value);

    let executable = link_all(&[&first.finish(), &second.finish()]).unwrap();
    assert_eq!(run(&executable).status.code(), Some(42));
    let elf = Elf::parse(&*executable).unwrap();
    let text = elf.section_by_name(".text").unwrap().data().unwrap();
    assert_eq!(text[..2], [0x67, 0xe8]);
    assert_eq!(text[6..9], [0x48, 0x8d, 0x0d]);
    assert_eq!(text[0xf..0x12], [0x48, 0x3b, 0x0d]);
    assert_eq!((text[0x1a], text[0x1f]), (0xe9, 0x90));
    // Only the comparison needs the table.
    let table = elf.section_by_name(".got").unwrap();
    assert_eq!(
        table.data().unwrap(),
        address(&elf, "value").unwrap().to_le_bytes()
    );
}
