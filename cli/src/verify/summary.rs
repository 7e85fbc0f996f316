//! What functions say of each other: found by proving each of them, and used by proving who calls them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use nativize_abi::program::THREAD_DATA;

use super::origins::Origin;
use super::program::{Memory, Table, records, touch};

/// What every thread has of its own.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Thread {
    /// The address of the record that says it.
    pub record: u64,
    /// What its data begin as: the address and how many bytes. Zeros follow.
    pub data: u64,
    pub data_len: u64,
    pub size: u64,
    /// The first is the one after the program's; records are offsets in the block.
    pub memories: Vec<Memory>,
    pub tables: Vec<Table>,
}

/// What is known of all functions, from the round before.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Summaries {
    /// By function: the bytes of parameters that it takes off the stack; nothing if it never returns.
    pub pops: Vec<Option<u32>>,
    /// By function that never returns: how many it reads.
    pub arguments: Vec<u32>,
    /// By function and register: how many bytes the caller lets it have there, in the caller's frame.
    pub frames: Vec<[u32; 16]>,
    pub entries: HashSet<u32>,
    pub thread_starts: HashSet<u32>,
    pub thread: Option<Thread>,
    /// What the handlers of calls are.
    pub exceptions: Exceptions,
    /// Whether what is passed to functions has to be kept, because some of it has to be references.
    pub keeps_arguments: bool,
}

/// The handlers of calls, by return address.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Exceptions {
    pub record: Option<u64>,
    /// Where they are on their way.
    pub in_flight: Option<u64>,
    pub handlers: HashMap<u64, Vec<Handler>>,
    /// By tag, how many bytes an exception has at least.
    pub sizes: HashMap<u32, u32>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Handler {
    pub tag: u32,
    /// The address of its first instruction.
    pub target: u64,
    pub frame_size: u32,
}

impl Thread {
    /// Whether a range of the block touches the records of memories and tables.
    pub(super) fn touches_records(&self, low: u64, end: u64) -> bool {
        touch(records(&self.memories, &self.tables), low, end)
    }

    /// A range is in the block's data, and not in those records.
    pub(super) fn is_data(&self, low: u64, end: u64) -> bool {
        low >= THREAD_DATA && end <= self.size && !self.touches_records(low, end)
    }
}

impl Summaries {
    pub(super) fn is_entry(&self, function: u32) -> bool {
        self.entries.contains(&function) || self.is_thread_start(function)
    }

    pub(super) fn is_thread_start(&self, function: u32) -> bool {
        self.thread_starts.contains(&function)
    }
}

/// What a reference refers to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Kind {
    Function,
    Exception,
}

/// Something was stored where references may be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Store {
    /// The addresses from the first byte to the one after the last, or another place.
    pub place: Origin,
    /// Where a reference came from, if it may be one.
    pub origins: Option<Vec<Origin>>,
    /// The number is not more than that.
    pub high: u64,
}

/// What proving one function gave.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Outcome {
    pub instructions: u64,
    /// Accesses that only pages keep inside of their memory.
    pub relying: u64,
    /// The functions and the identities of functions of which what they say was used; none is that of all.
    pub callees: BTreeSet<u32>,
    pub classes: BTreeSet<Option<u32>>,
    /// By the offset of a call by a reference whose type was not compared: where the reference can come from.
    pub calls: BTreeMap<u32, BTreeSet<Origin>>,
    pub pop: Option<u32>,
    /// The bytes of parameters on the stack that are accessed, if it never returns.
    pub arguments: u32,
    pub frames: [u32; 16],
    pub thread_starts: Vec<u32>,
    pub threads_record: Option<u64>,
    pub exceptions: Option<u64>,
    /// The tags of exceptions that are thrown, and how many bytes these have.
    pub thrown: Vec<(u32, u32)>,
    /// Where exceptions are on their way to a handler.
    pub in_flight: Option<u64>,
    /// Places that have to hold references, and of what.
    pub demands: BTreeSet<(Kind, Origin)>,
    /// Cells that must never hold more than that.
    pub cell_limits: Vec<(Origin, u64)>,
    /// What was stored in the program's data.
    pub stores: BTreeSet<Store>,
}
