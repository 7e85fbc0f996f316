//! The executable as the kernel maps it: segments, what is in them, and the symbols.

use std::collections::HashMap;
use std::mem::offset_of;

use nativize_abi::config::Hooks;
use nativize_abi::symbol;
use object::elf;
use object::read::elf::{ElfFile64, FileHeader as _, ProgramHeader as _, Sym as _};
use object::{Endianness, Object as _, ObjectSection as _, ObjectSymbol as _};

/// A part of the address space that the file fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub start: u64,
    pub end: u64,
    /// What is there at start; zeros follow.
    pub bytes: &'a [u8],
    pub writable: bool,
    pub executable: bool,
}

/// A process has the addresses below. What is read of one and added to others does not wrap, then.
pub(super) const ADDRESSES: u64 = 1 << 47;

/// Why a file is none to say anything of.
pub(super) const NO_SYMBOLS: &str = "it has no symbols; build it without --strip";

/// A piece of data with a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub address: u64,
    pub size: u64,
}

#[derive(Default, Debug)]
pub(super) struct File<'a> {
    pub segments: Vec<Segment<'a>>,
    /// Where the kernel maps them, from the first address to the one after the last.
    pub loads: Vec<(u64, u64)>,
    /// The same of what its sections say that variables are.
    pub variables: Vec<(u64, u64)>,
    pub objects: HashMap<&'a str, Object>,
    /// Global functions, which are the runtime's: names of modules are local.
    pub runtime: HashMap<u64, &'a str>,
    /// Names of local functions, by address.
    pub names: HashMap<u64, &'a str>,
    /// Where the process begins.
    pub entry: u64,
    /// What is wrong with the file as a whole.
    pub faults: Vec<String>,
}

impl<'a> File<'a> {
    /// Reads the headers; nothing if it is no ELF file for x86-64.
    pub(super) fn new(bytes: &'a [u8]) -> Result<File<'a>, String> {
        let elf = ElfFile64::<Endianness>::parse(bytes).map_err(|error| error.to_string())?;
        let endian = elf.endian();
        let header = elf.elf_header();
        if header.e_machine(endian) != elf::EM_X86_64 {
            return Err("it is not for x86-64".to_owned());
        }
        let mut file = File {
            entry: header.e_entry(endian),
            ..File::default()
        };
        if header.e_type(endian) != elf::ET_EXEC {
            file.fault("it is not an executable with fixed addresses".to_owned());
        }
        let mut says_of_the_stack = false;
        for segment in elf.elf_program_headers() {
            let flags = segment.p_flags(endian);
            let (writable, executable) = (flags & elf::PF_W != 0, flags & elf::PF_X != 0);
            match segment.p_type(endian) {
                elf::PT_LOAD => {
                    let start = segment.p_vaddr(endian);
                    let content = segment
                        .data(endian, bytes)
                        .map_err(|()| "a segment lies outside of the file".to_owned())?;
                    let end = start.checked_add(segment.p_memsz(endian));
                    let end = end.filter(|&end| end <= ADDRESSES);
                    let end = end.ok_or("a segment is outside of the address space")?;
                    if writable && executable {
                        file.fault(format!(
                            "the segment at {start:#x} is writable and executable"
                        ));
                    }
                    if content.len() as u64 > end - start {
                        return Err("a segment is smaller than its content".to_owned());
                    }
                    // The rest of the last page is what follows in the file: the kernel clears it only where it can write.
                    if !writable && content.len() as u64 != end - start {
                        file.fault(format!(
                            "the segment at {start:#x} is not writable and larger than its content"
                        ));
                    }
                    // Older kernels clear the rest of the last page of the highest only, which they take the last for.
                    if file.loads.last().is_some_and(|before| start < before.0) {
                        file.fault("the segments are not in the order of addresses".to_owned());
                    }
                    file.loads.push((start, end));
                    file.segments.push(Segment {
                        start,
                        end,
                        bytes: content,
                        writable,
                        executable,
                    });
                }
                elf::PT_GNU_STACK => {
                    says_of_the_stack = true;
                    if executable {
                        file.fault("the stack is executable".to_owned());
                    }
                }
                elf::PT_INTERP | elf::PT_DYNAMIC => {
                    file.fault("it is linked dynamically".to_owned());
                }
                _ => {}
            }
        }
        // Otherwise older kernels let all that is read be executed.
        if !says_of_the_stack {
            file.fault("it does not say that the stack is not executable".to_owned());
        }
        file.segments.sort_unstable_by_key(|segment| segment.start);
        file.overlaps();
        for symbol in elf.symbols() {
            let Ok(name) = symbol.name() else { continue };
            let raw = symbol.elf_symbol();
            if symbol.address() > ADDRESSES {
                return Err("a symbol is outside of the address space".to_owned());
            }
            match (raw.st_type(), raw.st_bind()) {
                (elf::STT_OBJECT, _) => {
                    let object = Object {
                        address: symbol.address(),
                        size: raw.st_size(endian),
                    };
                    if file.objects.insert(name, object).is_some() && name.starts_with("nvz_") {
                        file.fault(format!("there are two symbols {name}"));
                    }
                }
                (elf::STT_FUNC, elf::STB_LOCAL) => {
                    file.names.insert(symbol.address(), name);
                }
                (elf::STT_FUNC | elf::STT_NOTYPE, elf::STB_GLOBAL) => {
                    file.runtime.insert(symbol.address(), name);
                }
                _ => {}
            }
        }
        file.fill_data()?;
        for section in elf.sections() {
            let object::SectionFlags::Elf { sh_flags } = section.flags() else {
                continue;
            };
            let (write, execute) = (u64::from(elf::SHF_WRITE), u64::from(elf::SHF_EXECINSTR));
            let (address, size) = (section.address(), section.size());
            if sh_flags & write != 0 && size > 0 {
                file.variables.push((address, address.saturating_add(size)));
            }
            if sh_flags & write != 0 && sh_flags & execute != 0 {
                let name = section.name().unwrap_or("?");
                file.faults.push(format!(
                    "the section {name} is writable and executable by its header"
                ));
            }
        }
        Ok(file)
    }

    pub(super) fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// What the runtime copies to where the stack ends, before anything else, is there at start.
    fn fill_data(&mut self) -> Result<(), String> {
        let Some(&Object { address, .. }) = self.objects.get(symbol::HOOKS) else {
            return Err(NO_SYMBOLS.to_owned());
        };
        let hook = |at: usize| self.number(address + at as u64, 8);
        let (Some(start), Some(image), Some(end)) = (
            hook(offset_of!(Hooks, stack_end)),
            hook(offset_of!(Hooks, data_image)),
            hook(offset_of!(Hooks, data_image_end)),
        ) else {
            return Err("its hooks are outside of the file".to_owned());
        };
        if image == end {
            return Ok(());
        }
        let len = end.wrapping_sub(image);
        let content = self.segment(image, len).filter(|from| !from.writable);
        let content = content.and_then(|_| self.bytes(image, len));
        let whole = self.segment(start, len).copied();
        match (content, whole) {
            (Some(bytes), Some(whole)) if whole.writable && whole.bytes.is_empty() => {
                self.segments.retain(|segment| segment.start != whole.start);
                let part = |start, end, bytes| Segment {
                    start,
                    end,
                    bytes,
                    ..whole
                };
                self.segments.extend([
                    part(whole.start, start, &[][..]),
                    part(start, start + len, bytes),
                    part(start + len, whole.end, &[]),
                ]);
                self.segments.sort_unstable_by_key(|segment| segment.start);
                Ok(())
            }
            _ => Err("what data is at first is not where it can be".to_owned()),
        }
    }

    /// The kernel maps whole pages.
    fn overlaps(&mut self) {
        let page = nativize_abi::address::PAGE_SIZE;
        for index in 1..self.segments.len() {
            let (before, after) = (self.segments[index - 1], self.segments[index]);
            if before.end.next_multiple_of(page) > after.start / page * page {
                self.faults.push(format!(
                    "the segments at {:#x} and {:#x} share a page",
                    before.start, after.start
                ));
            }
        }
    }

    /// The segment that holds all of a range.
    pub(super) fn segment(&self, start: u64, len: u64) -> Option<&Segment<'a>> {
        let index = self
            .segments
            .partition_point(|segment| segment.end <= start);
        let segment = self.segments.get(index)?;
        (segment.start <= start && len <= segment.end - start).then_some(segment)
    }

    /// Nothing writes a range of addresses, and the file has all of it.
    pub(super) fn is_constant(&self, start: u64, len: u64) -> bool {
        let segment = self.segment(start, len);
        let stays = segment.is_some_and(|segment| !segment.writable);
        len == 0 || stays && self.bytes(start, len).is_some()
    }

    /// The array that a record names at an address, with its length behind it, is in the file, and nothing writes it. Its elements have
    /// so many bytes.
    pub(super) fn names_constants(&self, span: Option<u64>, size: usize) -> bool {
        let array = span.and_then(|span| {
            let first = self.number(span, 8)?;
            let len = self.number(span.checked_add(8)?, 8)?;
            Some((first, len.checked_mul(size as u64)?))
        });
        array.is_some_and(|(first, bytes)| self.is_constant(first, bytes))
    }

    /// What the file has at a range of addresses; nothing where there are zeros that it does not hold.
    pub(super) fn bytes(&self, start: u64, len: u64) -> Option<&'a [u8]> {
        let segment = self.segment(start, len)?;
        let at = usize::try_from(start - segment.start).ok()?;
        segment.bytes.get(at..)?.get(..usize::try_from(len).ok()?)
    }

    /// Up to where the file has what is at a range of addresses: zeros follow in it. Nothing if the range is not in a segment.
    pub(super) fn filled_to(&self, start: u64, len: u64) -> Option<u64> {
        let segment = self.segment(start, len)?;
        Some((segment.start + segment.bytes.len() as u64).clamp(start, start + len))
    }

    /// A number of up to 8 bytes, zeros included.
    pub(super) fn number(&self, start: u64, width: u64) -> Option<u64> {
        let segment = self.segment(start, width)?;
        let at = usize::try_from(start - segment.start).ok()?;
        let content = segment.bytes.get(at..).unwrap_or(&[]);
        let mut word = [0; 8];
        for (byte, from) in word.iter_mut().zip(content).take(width as usize) {
            *byte = *from;
        }
        Some(u64::from_le_bytes(word))
    }
}
