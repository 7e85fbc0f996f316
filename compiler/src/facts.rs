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

/// The direct calls of one function in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Calls {
    /// The function that is called, by its index in the module.
    pub function: u32,
    /// How many there are.
    pub count: u32,
    /// In how many loops the innermost is.
    pub loop_depth: u8,
    /// Every one is an ordinary call that is no part of a `try`.
    pub plain: bool,
    /// After every one comes `unreachable`.
    pub diverge: bool,
}

/// The facts of one body.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Sorted and without repetition.
    facts: Box<[Fact]>,
    /// Ascending by function.
    pub calls: Box<[Calls]>,
    /// Operators, without those that become no instruction.
    pub cost: u32,
    /// It throws or catches.
    pub exceptional: bool,
    /// It makes tail calls.
    pub tail_calls: bool,
    /// It has loops: so many, one in the other. 255 stands for more too.
    pub loop_depth: u8,
    /// It ends with `unreachable`.
    pub diverges: bool,
}

impl Facts {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Fact> {
        self.facts.iter().copied()
    }
}

/// What a block of the body is to the operators in it.
#[derive(Clone, Copy, Default)]
struct Scope {
    loop_depth: u8,
    in_try: bool,
}

/// Collects facts operator by operator.
#[derive(Default)]
pub(crate) struct Collector {
    facts: Vec<Fact>,
    calls: Vec<Calls>,
    /// The blocks that are open.
    outer: Vec<Scope>,
    scope: Scope,
    cost: u32,
    exceptional: bool,
    tail_calls: bool,
    loop_depth: u8,
    after_call: bool,
    after_unreachable: bool,
    diverges: bool,
}

impl Collector {
    pub(crate) fn visit(&mut self, op: &Operator<'_>) {
        self.shape(op);
        let facts = &mut self.facts;
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

    /// Follows blocks and calls, and what the body costs.
    fn shape(&mut self, op: &Operator<'_>) {
        use Operator as O;
        let unreachable = matches!(op, O::Unreachable);
        if std::mem::take(&mut self.after_call)
            && unreachable
            && let Some(call) = self.calls.last_mut()
        {
            call.diverge = true;
        }
        self.diverges = std::mem::replace(&mut self.after_unreachable, unreachable);
        match op {
            O::Block { .. } | O::If { .. } => self.outer.push(self.scope),
            O::Loop { .. } => {
                self.outer.push(self.scope);
                self.scope.loop_depth = self.scope.loop_depth.saturating_add(1);
                self.loop_depth = self.loop_depth.max(self.scope.loop_depth);
            }
            O::TryTable { .. } | O::Try { .. } => {
                self.outer.push(self.scope);
                self.scope.in_try = true;
                self.exceptional = true;
            }
            // The last one is the body's.
            O::End => self.scope = self.outer.pop().unwrap_or_default(),
            O::Delegate { .. } => {
                self.scope = self.outer.pop().unwrap_or_default();
                self.exceptional = true;
            }
            O::Throw { .. } | O::ThrowRef | O::Rethrow { .. } => self.exceptional = true,
            O::Call { function_index } | O::ReturnCall { function_index } => {
                let plain = matches!(op, O::Call { .. }) && !self.scope.in_try;
                self.after_call = true;
                self.calls.push(Calls {
                    function: *function_index,
                    count: 1,
                    loop_depth: self.scope.loop_depth,
                    plain,
                    diverge: false,
                });
            }
            _ => {}
        }
        self.tail_calls |= matches!(
            op,
            O::ReturnCall { .. } | O::ReturnCallIndirect { .. } | O::ReturnCallRef { .. }
        );
        let free = matches!(
            op,
            O::Block { .. }
                | O::Loop { .. }
                | O::End
                | O::Else
                | O::Nop
                | O::Drop
                | O::Unreachable
                | O::LocalGet { .. }
                | O::LocalSet { .. }
                | O::LocalTee { .. }
                | O::I32Const { .. }
                | O::I64Const { .. }
        );
        self.cost += u32::from(!free);
    }

    pub(crate) fn finish(&mut self) -> Facts {
        self.facts.sort_unstable();
        self.facts.dedup();
        self.calls.sort_unstable();
        let mut calls: Vec<Calls> = Vec::new();
        for call in self.calls.drain(..) {
            match calls.last_mut() {
                Some(last) if last.function == call.function => {
                    last.count += 1;
                    last.loop_depth = last.loop_depth.max(call.loop_depth);
                    last.plain &= call.plain;
                    last.diverge &= call.diverge;
                }
                _ => calls.push(call),
            }
        }
        let facts = Facts {
            facts: self.facts.as_slice().into(),
            calls: calls.into(),
            cost: self.cost,
            exceptional: self.exceptional,
            tail_calls: self.tail_calls,
            loop_depth: self.loop_depth,
            diverges: self.diverges,
        };
        self.facts.clear();
        let (facts_buffer, calls_buffer) = (
            std::mem::take(&mut self.facts),
            std::mem::take(&mut self.calls),
        );
        *self = Collector {
            facts: facts_buffer,
            calls: calls_buffer,
            ..Collector::default()
        };
        facts
    }
}
