//! Which functions can run, and what they do to tables and segments.

use crate::const_expr::{ConstOp, ConstValue};
use crate::facts::Fact;
use crate::module::SegmentMode;
use crate::program::{EntryPoint, FuncId, FunctionKind, InstanceId, Program, TableId};
use cranelift_entity::{EntitySet, SecondaryMap};
use std::collections::{BTreeMap, BTreeSet};

/// A segment of an instance's module.
pub(crate) type SegmentKey = (InstanceId, u32);

/// What the entries of a program can reach.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    /// Functions that can be called; the others are not compiled.
    pub functions: EntitySet<FuncId>,
    /// Functions whose reference exists at run time.
    pub referenced: EntitySet<FuncId>,
    /// Functions that the runtime or an instantiation calls.
    pub entered: EntitySet<FuncId>,
    pub written_tables: EntitySet<TableId>,
    pub grown_tables: EntitySet<TableId>,
    pub used_data: BTreeSet<SegmentKey>,
    pub dropped_data: BTreeSet<SegmentKey>,
    pub used_elements: BTreeSet<SegmentKey>,
    pub dropped_elements: BTreeSet<SegmentKey>,
    /// Instances that start threads, and the function that those run.
    pub threads: BTreeMap<InstanceId, FuncId>,
    /// Instances that are instantiated.
    pub instances: SecondaryMap<InstanceId, bool>,
    queue: Vec<FuncId>,
}

impl Reach {
    pub(crate) fn new(program: &Program<'_>) -> Self {
        let mut reach = Reach::default();
        for entry in &program.entries {
            match *entry {
                EntryPoint::Instantiate(instance) => reach.instance(program, instance),
                EntryPoint::Call(function) => reach.enter(function),
                EntryPoint::ReadGlobal(_) => {}
            }
        }
        for table in program.tables.values() {
            reach.constant(table.init);
        }
        for global in program.globals.values() {
            reach.constant(global.init);
        }
        while let Some(function) = reach.queue.pop() {
            reach.body(program, function);
        }
        reach
    }

    fn call(&mut self, function: FuncId) {
        if self.functions.insert(function) {
            self.queue.push(function);
        }
    }

    fn enter(&mut self, function: FuncId) {
        self.entered.insert(function);
        self.call(function);
    }

    fn reference(&mut self, function: FuncId) {
        self.referenced.insert(function);
        self.call(function);
    }

    fn constant(&mut self, value: ConstValue<FuncId>) {
        if let ConstValue::Function(function) = value {
            self.reference(function);
        }
    }

    fn instance(&mut self, program: &Program<'_>, id: InstanceId) {
        if std::mem::replace(&mut self.instances[id], true) {
            return;
        }
        let instance = &program.instances[id];
        if let Some(start) = instance.module.start {
            self.enter(instance.functions[start as usize]);
        }
        for (index, segment) in (0u32..).zip(&instance.module.elements) {
            if matches!(segment.mode, SegmentMode::Active { .. }) {
                self.elements(program, (id, index));
            }
        }
    }

    /// The functions of an element segment.
    fn elements(&mut self, program: &Program<'_>, (id, index): SegmentKey) {
        let instance = &program.instances[id];
        for item in &instance.module.elements[index as usize].items {
            match item.0.as_slice() {
                [ConstOp::RefFunc(function)] => {
                    self.reference(instance.functions[*function as usize])
                }
                _ => self.constant(program.evaluate(instance, item)),
            }
        }
    }

    fn body(&mut self, program: &Program<'_>, function: FuncId) {
        if let FunctionKind::Host {
            function,
            caller: Some(caller),
        } = program.functions[function].kind
            && function.starts_threads()
            && let Some(start) = program.thread_start(caller)
        {
            self.threads.insert(caller, start);
            self.enter(start);
        }
        let Some((id, body)) = program.body(function) else {
            return;
        };
        let instance = &program.instances[id];
        for fact in body.facts.iter() {
            match fact {
                Fact::Call(index) => self.call(instance.functions[index as usize]),
                Fact::RefFunc(index) => self.reference(instance.functions[index as usize]),
                Fact::WritesTable(index) => {
                    self.written_tables.insert(instance.tables[index as usize]);
                }
                Fact::GrowsTable(index) => {
                    self.grown_tables.insert(instance.tables[index as usize]);
                }
                Fact::UsesData(index) => {
                    self.used_data.insert((id, index));
                }
                Fact::DropsData(index) => {
                    self.dropped_data.insert((id, index));
                }
                Fact::UsesElements(index) => {
                    if self.used_elements.insert((id, index)) {
                        self.elements(program, (id, index));
                    }
                }
                Fact::DropsElements(index) => {
                    self.dropped_elements.insert((id, index));
                }
                Fact::GrowsMemory => {}
            }
        }
    }
}
