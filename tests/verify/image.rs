//! An executable to damage: its functions, their instructions, and where they are in the file.

use iced_x86::{Decoder, DecoderOptions, Instruction};
use object::read::elf::{ElfFile64, ProgramHeader};
use object::{Endianness, Object, ObjectSection, ObjectSymbol};

pub(crate) struct Image {
    pub(crate) bytes: Vec<u8>,
    /// Addresses that were changed.
    pub(crate) changed: Vec<u64>,
}

impl Image {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Image {
            bytes,
            changed: Vec::new(),
        }
    }

    fn elf(&self) -> ElfFile64<'_, Endianness> {
        ElfFile64::parse(&*self.bytes).expect("it was linked")
    }

    /// The offset in the file of what is at an address.
    pub(crate) fn offset(&self, address: u64) -> usize {
        let elf = self.elf();
        let endian = elf.endian();
        let section = |name| {
            elf.section_by_name(name)
                .map(|section| section.address()..section.address() + section.size())
        };
        // Data is copied to its place at start.
        let address = match (section(".data"), section(".data.image")) {
            (Some(data), Some(image)) if data.contains(&address) => {
                image.start + (address - data.start)
            }
            _ => address,
        };
        let segment = elf.elf_program_headers().iter().find(|segment| {
            let start = segment.p_vaddr(endian);
            segment.p_type(endian) == object::elf::PT_LOAD
                && start <= address
                && address < start + segment.p_filesz(endian)
        });
        let segment = segment.expect("the address is in the file");
        let offset = address - segment.p_vaddr(endian) + segment.p_offset(endian);
        usize::try_from(offset).expect("the file is in memory")
    }

    /// The address and the size of a symbol.
    pub(crate) fn symbol(&self, name: &str) -> (u64, u64) {
        let elf = self.elf();
        let symbol = elf.symbols().find(|symbol| symbol.name() == Ok(name));
        let symbol = symbol.unwrap_or_else(|| panic!("there is no symbol {name}"));
        (symbol.address(), symbol.size())
    }

    /// The instructions of a function, up to its first table.
    pub(crate) fn instructions(&self, function: &str) -> Vec<Instruction> {
        let (start, size) = self.symbol(function);
        let at = self.offset(start);
        let code = &self.bytes[at..at + usize::try_from(size).expect("it is in memory")];
        let decoder = Decoder::with_ip(64, code, start, DecoderOptions::NONE);
        decoder.into_iter().collect()
    }

    /// The first instruction of a function that is as asked for; there has to be one.
    pub(crate) fn find(&self, function: &str, is: impl Fn(&Instruction) -> bool) -> Instruction {
        let mut instructions = self.instructions(function).into_iter();
        instructions
            .find(is)
            .unwrap_or_else(|| panic!("there is no such instruction in {function}"))
    }

    pub(crate) fn write(&mut self, address: u64, bytes: &[u8]) {
        let at = self.offset(address);
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        self.changed.push(address);
    }

    pub(crate) fn read(&self, address: u64, len: usize) -> Vec<u8> {
        let at = self.offset(address);
        self.bytes[at..at + len].to_vec()
    }

    pub(crate) fn read_u32(&self, address: u64) -> u32 {
        let bytes = self.read(address, 4);
        u32::from_le_bytes(bytes.try_into().expect("four bytes"))
    }

    pub(crate) fn read_u64(&self, address: u64) -> u64 {
        let bytes = self.read(address, 8);
        u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
    }

    /// Puts other instructions in the place of one, with `nop`s for what is left.
    pub(crate) fn replace(&mut self, instruction: &Instruction, bytes: &[u8]) {
        assert!(bytes.len() <= instruction.len(), "there is no room");
        let mut padded = bytes.to_vec();
        padded.resize(instruction.len(), 0x90);
        self.write(instruction.ip(), &padded);
    }

    /// Changes the 32 bits at the end of an instruction: a displacement or the distance of a branch.
    pub(crate) fn last_word(&mut self, instruction: &Instruction, change: impl Fn(u32) -> u32) {
        let at = instruction.next_ip() - 4;
        let word = change(self.read_u32(at));
        self.write(at, &word.to_le_bytes());
    }

    /// Lets a RIP-relative operand refer to another address.
    pub(crate) fn retarget(&mut self, instruction: &Instruction, target: u64) {
        assert!(instruction.is_ip_rel_memory_operand());
        let old = instruction.ip_rel_memory_address();
        let distance = (old.wrapping_sub(instruction.next_ip())) as u32;
        let bytes = self.read(instruction.ip(), instruction.len());
        let at = bytes
            .windows(4)
            .position(|window| window == distance.to_le_bytes())
            .expect("the distance is in the instruction");
        let distance = (target.wrapping_sub(instruction.next_ip())) as u32;
        self.write(instruction.ip() + at as u64, &distance.to_le_bytes());
    }

    /// The name of the function that has an address.
    pub(crate) fn function_at(&self, address: u64) -> Option<String> {
        let elf = self.elf();
        let symbol = elf.symbols().find(|symbol| {
            symbol.kind() == object::SymbolKind::Text
                && (symbol.address()..symbol.address() + symbol.size()).contains(&address)
        })?;
        Some(symbol.name().ok()?.to_owned())
    }

    /// The flags of a program header, by what it has to be.
    pub(crate) fn change_flags(&mut self, is: impl Fn(u32, u32) -> bool, flags: u32) {
        // p_flags follows p_type.
        let at = self.program_header(is) + 4;
        self.bytes[at..at + 4].copy_from_slice(&flags.to_le_bytes());
    }

    /// What a program header is.
    pub(crate) fn change_type(&mut self, from: u32, to: u32) {
        let at = self.program_header(|kind, _| kind == from);
        self.bytes[at..at + 4].copy_from_slice(&to.to_le_bytes());
    }

    /// How much memory a program header asks for.
    pub(crate) fn lengthen_segment(&mut self, is: impl Fn(u32, u32) -> bool, by: u64) {
        let at = self.program_header(is) + 40;
        let field = &mut self.bytes[at..at + 8];
        let size = u64::from_le_bytes(field.try_into().expect("8 bytes"));
        field.copy_from_slice(&(size + by).to_le_bytes());
    }

    /// Where a program header has what it describes.
    pub(crate) fn move_segment(&mut self, is: impl Fn(u32, u32) -> bool, address: u64) {
        // p_vaddr follows p_offset.
        let at = self.program_header(is) + 16;
        self.bytes[at..at + 8].copy_from_slice(&address.to_le_bytes());
    }

    /// Makes a segment of memory of the header for unwind information, and brings all in the order of addresses.
    pub(crate) fn add_segment(&mut self, address: u64, flags: u32, size: u64) {
        let at = self.program_header(|kind, _| kind == object::elf::PT_GNU_EH_FRAME);
        let words = [0, address, address, 0, size, 0x1000];
        let header = [
            &object::elf::PT_LOAD.to_le_bytes()[..],
            &flags.to_le_bytes(),
            &words.map(u64::to_le_bytes).concat(),
        ];
        self.bytes[at..at + 56].copy_from_slice(&header.concat());
        let mut headers = self.headers();
        headers.sort_by_key(|header| {
            let is_load = header[..4] == object::elf::PT_LOAD.to_le_bytes();
            let address = header[16..24].try_into().expect("8 bytes");
            (!is_load, u64::from_le_bytes(address))
        });
        self.set_headers(&headers);
    }

    /// Lists the first two segments the other way round.
    pub(crate) fn swap_segments(&mut self) {
        let mut headers = self.headers();
        let load = object::elf::PT_LOAD.to_le_bytes();
        assert!(headers[0][..4] == load && headers[1][..4] == load);
        headers.swap(0, 1);
        self.set_headers(&headers);
    }

    fn headers(&self) -> Vec<[u8; 56]> {
        let count = self.elf().elf_program_headers().len();
        let (headers, _) = self.bytes[64..].as_chunks();
        headers[..count].to_vec()
    }

    fn set_headers(&mut self, headers: &[[u8; 56]]) {
        let bytes = headers.concat();
        self.bytes[64..64 + bytes.len()].copy_from_slice(&bytes);
    }

    /// Leaves a symbol without a type.
    pub(crate) fn hide_symbol(&mut self, name: &str) {
        let elf = self.elf();
        let symbol = elf.symbols().find(|symbol| symbol.name() == Ok(name));
        let index = symbol.expect("there is such a symbol").index().0;
        let table = elf.section_by_name(".symtab").expect("it has symbols");
        let (start, _) = table.file_range().expect("they are in the file");
        let info = usize::try_from(start).expect("the file is in memory") + index * 24 + 4;
        self.bytes[info] &= 0xf0;
    }

    /// The offset of the first program header that is as asked for.
    fn program_header(&self, is: impl Fn(u32, u32) -> bool) -> usize {
        let elf = self.elf();
        let endian = elf.endian();
        let headers = elf.elf_program_headers();
        let index = headers
            .iter()
            .position(|header| is(header.p_type(endian), header.p_flags(endian)))
            .expect("there is such a segment");
        64 + index * 56
    }
}
