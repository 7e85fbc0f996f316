//! Runs functions on the processor: an executable of its own calls each with each set of values and writes what came out.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::{BASE_CELL, CODE, DATA, FRAME, LENGTH_CELL, SIZE_CELLS, SLOTS, TABLE_BASE};

/// What a function starts with, or leaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    /// That of the stack pointer is not used at start.
    pub registers: [u64; 16],
    /// The frame, from its lowest place on.
    pub slots: [u64; SLOTS],
    /// How much the memories have.
    pub sizes: [u64; 2],
    /// How much the table has.
    pub length: u64,
}

/// 64-bit numbers of a [`Machine`].
const WORDS: usize = 16 + SLOTS + 3;

impl Machine {
    fn words(&self) -> Vec<u64> {
        let mut words = self.registers.to_vec();
        words.extend(self.slots);
        words.extend(self.sizes);
        words.push(self.length);
        words
    }

    fn read(bytes: &[u8]) -> Option<Machine> {
        let word = |at: usize| {
            let bytes = bytes[at * 8..at * 8 + 8].try_into();
            u64::from_le_bytes(bytes.expect("eight bytes"))
        };
        let machine = Machine {
            registers: std::array::from_fn(word),
            slots: std::array::from_fn(|slot| word(16 + slot)),
            sizes: [word(16 + SLOTS), word(17 + SLOTS)],
            length: word(18 + SLOTS),
        };
        // No memory has nothing.
        (machine.sizes[0] > 0).then_some(machine)
    }
}

/// A function, made for the address at which it is, and what to start it with.
pub(super) struct Case {
    pub code: Box<dyn Fn(u64) -> Vec<u8>>,
    pub starts: Vec<Machine>,
}

/// Where the stack pointer is when a function is entered, with the return address there.
pub(super) const ENTRY: u64 = DATA + 0x2000;
/// The lowest place of the frame.
pub(super) const LOWEST: u64 = ENTRY - FRAME;
/// Cells of the driver: what is read next, what is written next, and a register.
const NEXT: u64 = DATA + 0x3000;
const OUTPUT: u64 = NEXT + 8;
const SAVED: u64 = NEXT + 16;
const STARTS: u64 = DATA + 0x4000;

/// Bytes of the file before its code.
const HEADER: u64 = 64 + 2 * 56;

struct Assembly {
    bytes: Vec<u8>,
}

impl Assembly {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// `register` is rax or rcx.
    fn constant(&mut self, register: u8, value: u64) {
        self.put(&[0x48, 0xb8 | register]);
        self.put(&value.to_le_bytes());
    }

    fn load_rax(&mut self, address: u64) {
        self.put(&[0x48, 0xa1]);
        self.put(&address.to_le_bytes());
    }

    fn store_rax(&mut self, address: u64) {
        self.put(&[0x48, 0xa3]);
        self.put(&address.to_le_bytes());
    }

    /// A load of a register from a word after the address in another, or a store there.
    fn word(&mut self, opcode: u8, register: u8, base: u8, word: usize) {
        self.put(&[
            0x48 | (register >> 3) << 2,
            opcode,
            0x80 | (register & 7) << 3 | base,
        ]);
        self.put(&(word as u32 * 8).to_le_bytes());
    }

    /// The distance of a branch whose last byte comes after it.
    fn distance(&mut self, target: usize) {
        let distance = target.wrapping_sub(self.bytes.len() + 4) as u32;
        self.put(&distance.to_le_bytes());
    }
}

/// What is restored and read besides registers, in the order of [`Machine::words`].
fn places() -> impl Iterator<Item = (usize, u64)> {
    let slots = (0..SLOTS as u64).map(|slot| LOWEST + slot * 8);
    (16..).zip(slots.chain(SIZE_CELLS).chain([LENGTH_CELL]))
}

const LOAD: u8 = 0x8b;
const STORE: u8 = 0x89;
const RAX: u8 = 0;
const RCX: u8 = 1;
const RSI: u8 = 6;

/// What comes out of each case and start; nothing where the function is left early.
pub(super) fn run(cases: &[Case]) -> Vec<Vec<Option<Machine>>> {
    let mut assembly = Assembly { bytes: Vec::new() };
    let mut words: Vec<u64> = Vec::new();
    for case in cases {
        let again = assembly.bytes.len();
        assembly.load_rax(NEXT);
        // mov rsi, rax
        assembly.put(&[0x48, 0x89, 0xc6]);
        for (word, address) in places() {
            assembly.word(LOAD, RAX, RSI, word);
            assembly.store_rax(address);
        }
        // mov rsp, ENTRY + 8
        assembly.put(&[0x48, 0xbc]);
        assembly.put(&(ENTRY + 8).to_le_bytes());
        for register in (0..16).filter(|register| ![4, RSI].contains(register)) {
            assembly.word(LOAD, register, RSI, register.into());
        }
        assembly.word(LOAD, RSI, RSI, RSI.into());
        // call the function, which is next
        assembly.put(&[0xe8, 0, 0, 0, 0]);
        let address = CODE + HEADER + assembly.bytes.len() as u64;
        assembly.put(&(case.code)(address));
        // What left early leaves nothing.
        assembly.put(&[0xe9, 15, 0, 0, 0]);
        assembly.load_rax(OUTPUT);
        assembly.put(&[0xe9, 0, 0, 0, 0]);
        let over = assembly.bytes.len();
        assembly.store_rax(SAVED);
        assembly.load_rax(OUTPUT);
        for register in 1..16 {
            assembly.word(STORE, register, RAX, register.into());
        }
        assembly.constant(RCX, SAVED);
        assembly.word(LOAD, RCX, RCX, 0);
        assembly.word(STORE, RCX, RAX, 0);
        for (word, address) in places() {
            assembly.constant(RCX, address);
            assembly.word(LOAD, RCX, RCX, 0);
            assembly.word(STORE, RCX, RAX, word);
        }
        let distance = (assembly.bytes.len() - over) as u32;
        assembly.bytes[over - 4..over].copy_from_slice(&distance.to_le_bytes());
        let len = WORDS as u32 * 8;
        // add rax, len
        assembly.put(&[0x48, 0x05]);
        assembly.put(&len.to_le_bytes());
        assembly.store_rax(OUTPUT);
        assembly.load_rax(NEXT);
        assembly.put(&[0x48, 0x05]);
        assembly.put(&len.to_le_bytes());
        assembly.store_rax(NEXT);
        words.extend(case.starts.iter().flat_map(Machine::words));
        assembly.constant(RCX, STARTS + words.len() as u64 * 8);
        // cmp rax, rcx; jb again
        assembly.put(&[0x48, 0x39, 0xc8, 0x0f, 0x82]);
        assembly.distance(again);
    }
    let len = words.len() as u64 * 8;
    let results = STARTS + len;
    // write(1, results, len); exit(0)
    assembly.put(&[0xbf, 1, 0, 0, 0, 0x48, 0xbe]);
    assembly.put(&results.to_le_bytes());
    assembly.put(&[0xba]);
    assembly.put(&(len as u32).to_le_bytes());
    assembly.put(&[0xb8, 1, 0, 0, 0, 0x0f, 0x05]);
    assembly.put(&[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]);
    let mut data = vec![0; (STARTS - DATA) as usize];
    let mut cell = |address: u64, value: u64| {
        let at = (address - DATA) as usize;
        data[at..at + 8].copy_from_slice(&value.to_le_bytes());
    };
    cell(NEXT, STARTS);
    cell(OUTPUT, results);
    cell(BASE_CELL, TABLE_BASE);
    data.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    let output = execute(&executable(&assembly.bytes, &data, len));
    assert_eq!(output.len() as u64, len, "the functions run to their end");
    let mut machines = output.chunks(WORDS * 8).map(Machine::read);
    let starts = cases.iter().map(|case| case.starts.len());
    starts
        .map(|count| machines.by_ref().take(count).collect())
        .collect()
}

/// An ELF file of code and of data with zeros after them.
fn executable(code: &[u8], data: &[u8], zeros: u64) -> Vec<u8> {
    let entry = CODE + HEADER;
    assert!(
        entry + (code.len() as u64) < DATA,
        "there is room for the code"
    );
    let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1];
    file.resize(16, 0);
    file.extend([2, 0, 62, 0, 1, 0, 0, 0]);
    for word in [entry, 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend([0, 0, 0, 0, 64, 0, 56, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    let end = HEADER + code.len() as u64;
    let at = end.next_multiple_of(4096);
    let data_len = data.len() as u64;
    for (flags, offset, address, size, all) in [
        (5_u32, 0, CODE, end, end),
        (6, at, DATA, data_len, data_len + zeros),
    ] {
        file.extend(1_u32.to_le_bytes());
        file.extend(flags.to_le_bytes());
        for word in [offset, address, address, size, all, 4096] {
            file.extend(word.to_le_bytes());
        }
    }
    file.extend(code);
    file.resize(at as usize, 0);
    file.extend(data);
    file
}

fn execute(executable: &[u8]) -> Vec<u8> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(executable)
        .expect("a temporary file is written");
    let path = file.into_temp_path();
    let permissions = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(&path, permissions).expect("it is ours");
    let output = Command::new(&*path).output().expect("it is started");
    assert!(
        output.status.success(),
        "the functions ended by {}",
        output.status
    );
    output.stdout
}
