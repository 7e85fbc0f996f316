//! Where the state of a thread is, in a program that starts threads.
//!
//! Data and zero-initialised data are no sections that code accesses but what the state of each thread begins as: the
//! places keep their blocks and offsets, and the pinned register says where the blocks are.

use super::section::{Block, Place, Sections, Target};
use super::state::State;
use crate::Error;
use nativize_abi::program::{Span, THREAD_DATA, Table, Threads};
use std::mem::{offset_of, size_of};

/// Where the blocks of a thread are, counted from its [`nativize_abi::program::Thread`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadPlan {
    /// The [`Threads`] record.
    pub record: Place,
    data: u32,
    bss: u32,
}

impl ThreadPlan {
    /// Writes the record: the data are complete.
    ///
    /// # Errors
    /// [`Error::Limit`] when the state of a thread is larger than offsets reach.
    pub(super) fn new(state: &State, sections: &mut Sections) -> Result<Self, Error> {
        let bss = THREAD_DATA + (sections.data.len() as u64).next_multiple_of(THREAD_DATA);
        let size = bss.saturating_add(sections.bss);
        if sections.overflow || i32::try_from(size).is_err() {
            return Err(Error::Limit {
                message: "the tables and globals of a thread exceed 2 GiB".to_owned(),
            });
        }
        let plan = ThreadPlan {
            record: sections.reserve(Block::Rodata, size_of::<Threads>() as u64, 8),
            data: THREAD_DATA as u32,
            bss: bss as u32,
        };
        for &(record, entries) in &state.table_storage {
            let base = plan.offset(entries).to_le_bytes();
            sections.write(record, offset_of!(Table, base), &base);
        }
        let data = Place {
            block: Block::Data,
            offset: 0,
        };
        sections.address(
            plan.record,
            offset_of!(Threads, data) + offset_of!(Span, address),
            Target::Place(data),
        );
        let (memories, memory_count) = state.thread_memories;
        let (tables, table_count) = state.table_records;
        let words = [
            (
                offset_of!(Threads, data) + offset_of!(Span, len),
                sections.data.len() as u64,
            ),
            (offset_of!(Threads, size), size),
            (
                offset_of!(Threads, memories) + offset_of!(Span, address),
                plan.offset(memories),
            ),
            (
                offset_of!(Threads, memories) + offset_of!(Span, len),
                memory_count,
            ),
            (
                offset_of!(Threads, tables) + offset_of!(Span, address),
                plan.offset(tables),
            ),
            (
                offset_of!(Threads, tables) + offset_of!(Span, len),
                table_count,
            ),
            (offset_of!(Threads, free_slot), state.high_slots),
        ];
        for (at, word) in words {
            sections.write(plan.record, at, &word.to_le_bytes());
        }
        Ok(plan)
    }

    /// Where a block of a thread begins, if it is one.
    pub(crate) fn block(&self, block: Block) -> Option<u32> {
        match block {
            Block::Data => Some(self.data),
            Block::Bss => Some(self.bss),
            Block::Rodata | Block::Shared => None,
        }
    }

    fn offset(&self, place: Place) -> u64 {
        let block = self
            .block(place.block)
            .expect("a thread's state is writable");
        u64::from(block) + u64::from(place.offset)
    }
}
