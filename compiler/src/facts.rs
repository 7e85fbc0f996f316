//! What the whole-program analysis needs to know of a function body, gathered while it is validated.

use wasmparser::Operator;

/// Something that a body does. Indices are the module's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    Call(u32),
    RefFunc(u32),
    /// `table.set`, `table.fill`, `table.copy` into it, `table.init`.
    WritesTable(u32),
    GrowsTable(u32),
    /// `memory.init` from a segment.
    UsesData(u32),
    DropsData(u32),
    /// `table.init` from a segment.
    UsesElements(u32),
    DropsElements(u32),
    GrowsMemory,
}

/// The facts of one body, sorted and without repetition.
#[derive(Debug, Default)]
pub(crate) struct Facts(Box<[Fact]>);

impl Facts {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Fact> {
        self.0.iter().copied()
    }
}

/// Collects facts operator by operator.
#[derive(Default)]
pub(crate) struct Collector(Vec<Fact>);

impl Collector {
    pub(crate) fn visit(&mut self, op: &Operator<'_>) {
        let facts = &mut self.0;
        match *op {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                facts.push(Fact::Call(function_index));
            }
            Operator::RefFunc { function_index } => facts.push(Fact::RefFunc(function_index)),
            Operator::TableSet { table } | Operator::TableFill { table } => {
                facts.push(Fact::WritesTable(table))
            }
            Operator::TableCopy { dst_table, .. } => facts.push(Fact::WritesTable(dst_table)),
            Operator::TableInit { elem_index, table } => {
                facts.extend([Fact::WritesTable(table), Fact::UsesElements(elem_index)]);
            }
            Operator::MemoryGrow { .. } => facts.push(Fact::GrowsMemory),
            Operator::TableGrow { table } => facts.push(Fact::GrowsTable(table)),
            Operator::MemoryInit { data_index, .. } => facts.push(Fact::UsesData(data_index)),
            Operator::DataDrop { data_index } => facts.push(Fact::DropsData(data_index)),
            Operator::ElemDrop { elem_index } => facts.push(Fact::DropsElements(elem_index)),
            _ => {}
        }
    }

    pub(crate) fn finish(&mut self) -> Facts {
        self.0.sort_unstable();
        self.0.dedup();
        let facts = self.0.as_slice().into();
        self.0.clear();
        Facts(facts)
    }
}
