//! Table instructions.

use super::function::Translator;
use super::{Body, second_trap_code, trap_code};
use crate::builtin::Builtin;
use crate::module::IndexType;
use crate::plan::{Length, TablePlan};
use crate::program::{InstanceId, TableId};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, TrapCode, Value, types};
use nativize_abi::Trap;
use nativize_abi::program::Table;
use std::mem::offset_of;

/// The binary logarithm of an entry's size.
const ENTRY_SHIFT: i64 = 3;

impl Body<'_> {
    fn table_plan(&self, table: TableId) -> TablePlan {
        self.environment.plan.state.tables[table].expect("every table has a plan")
    }

    fn table_index(&self, table: TableId) -> IndexType {
        self.environment.program.tables[table].ty.index
    }

    /// Entries now, as an i64.
    pub(super) fn table_size(&mut self, table: TableId) -> Value {
        match self.table_plan(table) {
            TablePlan::Fixed { len, .. } => self.ins().iconst(types::I64, len.cast_signed()),
            TablePlan::Growable { record } => {
                self.load_state(types::I64, record, offset_of!(Table, len))
            }
        }
    }

    fn table_base(&mut self, table: TableId) -> Value {
        match self.table_plan(table) {
            TablePlan::Fixed { entries, .. } => self.address(entries),
            TablePlan::Growable { record } => {
                self.load_state(types::I64, record, offset_of!(Table, base))
            }
        }
    }

    /// The address of entry `index` (i64, zero-extended), unchecked.
    fn entry_address(&mut self, table: TableId, index: Value) -> Value {
        let base = self.table_base(table);
        let offset = self.ins().ishl_imm_u(index, ENTRY_SHIFT);
        self.ins().iadd(base, offset)
    }

    /// The address of entry `index` (of the table's index type), or a trap.
    pub(super) fn checked_entry(&mut self, table: TableId, index: Value, trap: Trap) -> Value {
        let index = self.extend(index);
        let len = self.table_size(table);
        let outside = self
            .ins()
            .icmp(IntCC::UnsignedGreaterThanOrEqual, index, len);
        self.trap_if(outside, trap);
        self.entry_address(table, index)
    }

    pub(super) fn table_flags(&self) -> MemFlagsData {
        MemFlagsData::trusted().with_alias_region(Some(self.regions.table))
    }

    /// The address of `len` entries from `start` (both i64), or a trap.
    fn entry_range(&mut self, table: TableId, start: Value, len: Value, trap: TrapCode) -> Value {
        let size = self.table_size(table);
        let index = self.table_index(table);
        self.check_range(index, start, len, size, trap);
        self.entry_address(table, start)
    }

    /// `table.init` of a segment whose current length is `available`.
    pub(super) fn table_init(
        &mut self,
        (instance, segment): (InstanceId, u32),
        table: TableId,
        [destination, source, len]: [Value; 3],
        available: Length,
    ) {
        let plan = self.environment.plan.state.elements[&(instance, segment)];
        let available = self.length(available);
        self.check_range(
            IndexType::I32,
            source,
            len,
            available,
            trap_code(Trap::TableOutOfBounds),
        );
        let trap = second_trap_code(Trap::TableOutOfBounds);
        let destination = self.entry_range(table, destination, len, trap);
        let content = self.address(plan.content);
        let source = self.ins().ishl_imm_u(source, ENTRY_SHIFT);
        let source = self.ins().iadd(content, source);
        let bytes = self.ins().ishl_imm_u(len, ENTRY_SHIFT);
        self.call_builtin(Builtin::MemoryCopy, &[destination, source, bytes]);
    }
}

impl Translator<'_> {
    pub(super) fn table(&self, index: u32) -> TableId {
        self.body.environment.program.instances[self.instance].tables[index as usize]
    }

    pub(super) fn table_get(&mut self, index: u32) {
        let position = self.pop();
        let address = self
            .body
            .checked_entry(self.table(index), position, Trap::TableOutOfBounds);
        let flags = self.body.table_flags();
        let value = self.body.ins().load(types::I64, flags, address, 0);
        self.push(value);
    }

    pub(super) fn table_set(&mut self, index: u32) {
        let (position, value) = self.pop2();
        let address = self
            .body
            .checked_entry(self.table(index), position, Trap::TableOutOfBounds);
        let flags = self.body.table_flags();
        self.body.ins().store(flags, value, address, 0);
    }

    pub(super) fn table_size(&mut self, index: u32) {
        let table = self.table(index);
        let size = self.body.table_size(table);
        let size = self.body.reduce(size, self.body.table_index(table));
        self.push(size);
    }

    pub(super) fn table_grow(&mut self, index: u32) {
        let (init, delta) = self.pop2();
        let delta = self.body.extend(delta);
        let table = self.table(index);
        let TablePlan::Growable { record } = self.body.table_plan(table) else {
            unreachable!("a table that a reachable function grows is growable")
        };
        let record = self.body.address(record);
        let old = self
            .body
            .call_builtin(Builtin::TableGrow, &[record, delta, init])
            .expect("it has a result");
        let old = self.body.reduce(old, self.body.table_index(table));
        self.push(old);
    }

    pub(super) fn table_fill(&mut self, index: u32) {
        let (start, value, len) = self.pop3();
        let (start, len) = (self.body.extend(start), self.body.extend(len));
        let trap = trap_code(Trap::TableOutOfBounds);
        let first = self.body.entry_range(self.table(index), start, len, trap);
        self.body
            .call_builtin(Builtin::TableFill, &[first, value, len]);
    }

    pub(super) fn table_copy(&mut self, destination: u32, source: u32) {
        let [to, from, len] = self.pop_range();
        let trap = trap_code(Trap::TableOutOfBounds);
        let to = self
            .body
            .entry_range(self.table(destination), to, len, trap);
        let trap = second_trap_code(Trap::TableOutOfBounds);
        let from = self.body.entry_range(self.table(source), from, len, trap);
        let bytes = self.body.ins().ishl_imm_u(len, ENTRY_SHIFT);
        self.body
            .call_builtin(Builtin::MemoryCopy, &[to, from, bytes]);
    }

    pub(super) fn table_init(&mut self, segment: u32, index: u32) {
        let operands = self.pop_range();
        let key = (self.instance, segment);
        let len = self.body.environment.plan.state.elements[&key].len;
        self.body.table_init(key, self.table(index), operands, len);
    }

    pub(super) fn elem_drop(&mut self, segment: u32) {
        let plan = self
            .body
            .environment
            .plan
            .state
            .elements
            .get(&(self.instance, segment))
            .copied();
        self.body.drop_segment(plan);
    }
}
