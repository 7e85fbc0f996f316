//! The samples of a program that was built for profiling, as its runtime leaves them in a file.
//!
//! The file is mapped shared, so that whatever ends the process, what was sampled is there. It begins with a [`Header`].
//! The rest is words of 32 bits in the machine's order: a sample is a word with the number of words that follow in its low
//! 16 bits and `SAMPLE_` bits above, then the program counter, the two uppermost words of the stack, and the return
//! addresses of the active calls, from the innermost on. Addresses count from [`BASE`]; those of no code of the executable
//! are 0, as are words of the stack that are no addresses in guest code. A word 0 in a sample's place is no sample.

/// The address from which addresses in samples count. No code is there.
pub const BASE: u64 = crate::address::EXECUTABLE_BASE;

/// The variable that names the file.
pub const VARIABLE: &str = "NATIVIZE_PROFILE";

/// The first bytes of the file.
pub const MAGIC: [u8; 8] = *b"nvzprof\x01";

/// The size that a file gets if it is smaller. Pages that no sample reaches take no room.
pub const FILE_SIZE: u64 = 64 << 20;

/// The beginning of the file.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// The address of the program's [`ProgramHeader`](crate::program::ProgramHeader).
    pub program: u64,
    /// Microseconds of processor time between samples, as far as the kernel's clock is that fine.
    pub interval: u64,
    /// 1 if the time that the kernel takes for the program does not count, else 0.
    pub user_time: u64,
    /// The words that samples took, or would have taken if there had been room.
    pub used: u64,
    /// Samples for which there was no room.
    pub lost: u64,
}

const _: () = assert!(core::mem::size_of::<Header>() == 48);

/// The bits of a sample's first word that count the words that follow.
pub const SAMPLE_LEN: u32 = 0xffff;
/// The program counter was not in guest code: the first return address is that of the guest's call of the runtime.
pub const SAMPLE_HOST: u32 = 1 << 16;
/// There were more active calls.
pub const SAMPLE_DEEP: u32 = 1 << 17;

/// The words of a sample before the return addresses: the program counter, and two of the stack.
pub const SAMPLE_HEAD: usize = 3;

/// How many return addresses a sample has at most.
pub const MAX_CALLS: usize = 500;
