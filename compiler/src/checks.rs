//! What accesses are to, for the messages of their traps: the bytes of each, and of those that are compared first what
//! the number stands for that was compared.
//!
//! The operators say it, found again by their offsets: translation and the passes do not have to carry it through.

use crate::codegen::{Compare, Kind};
use crate::module::IndexType;
use crate::optimize::Scope;
use crate::plan::{Length, Plan, TablePlan};
use crate::program::{FuncId, InstanceId, MemoryId, Program, TableId};
use crate::translate::Unit;
use nativize_abi::Trap;
use nativize_abi::address::SLOT_SIZE;
use nativize_abi::checks::{Check, Limit, Operand, What};
use nativize_abi::program::Table;
use nativize_abi::sites::Site;
use std::mem::size_of;
use wasmparser::{MemArg, MemArgTarget, Operator};

/// The accesses of one unit.
pub(crate) struct Accesses<'p, 'a> {
    program: &'p Program<'a>,
    plan: &'p Plan,
    unit: Unit,
    scopes: &'p [Scope],
}

/// A number that is compared: what for, the bytes of the access, what makes it the one that people know, and its limit.
struct Meaning {
    what: What,
    /// Only 32 bits of it count, whatever the instruction says.
    narrow: bool,
    bytes: u8,
    bias: i64,
    limit: Limit,
}

impl<'p, 'a> Accesses<'p, 'a> {
    /// Those of `unit`, with the bodies in the place of its calls.
    pub(crate) fn new(
        program: &'p Program<'a>,
        plan: &'p Plan,
        unit: Unit,
        scopes: &'p [Scope],
    ) -> Self {
        Accesses {
            program,
            plan,
            unit,
            scopes,
        }
    }

    /// The sites, with the bytes of accesses to memory.
    pub(crate) fn with_widths(&self, sites: &[Site]) -> Vec<Site> {
        let width = |site: &Site| {
            if site.trap != Some(Trap::MemoryOutOfBounds) {
                return None;
            }
            let (_, operator) = self.operator(site)?;
            width(&memarg(&operator)?)
        };
        let sites = sites.iter().map(|site| Site {
            bytes: width(site).unwrap_or(0),
            ..*site
        });
        sites.collect()
    }

    /// What is compared before traps of `sites`, which count from `start`.
    pub(crate) fn checks(
        &self,
        sites: &[Site],
        compares: &[Compare],
        start: u32,
    ) -> impl Iterator<Item = Check> {
        compares.iter().filter_map(move |compare| {
            let at = sites.partition_point(|site| site.pc < compare.pc);
            let site = sites[at..].iter().find(|site| site.trap.is_some())?;
            let meaning = self.meaning(site, compare)?;
            // What is not zero is one too much: an index for a length of 1, the end of a range for a length of 0.
            let at_most = match meaning.what {
                What::Range | What::DataRange | What::Elements | What::SegmentElements => 0,
                What::Access | What::Element | What::Alignment | What::Callee => 1,
            };
            if compare.kind == Kind::NotZero && meaning.limit != Limit::Constant(at_most) {
                return None;
            }
            Some(Check {
                pc: start + compare.pc,
                what: meaning.what,
                value: Some(if meaning.narrow {
                    narrow(compare.value)
                } else {
                    compare.value
                }),
                carry: compare.kind == Kind::Carry,
                bytes: meaning.bytes,
                bias: meaning.bias,
                limit: meaning.limit,
            })
        })
    }

    /// The operator that a site comes from, with the instance of its function.
    fn operator(&self, site: &Site) -> Option<(InstanceId, Operator<'a>)> {
        let function: FuncId = match (site.scope.checked_sub(1), self.unit) {
            (Some(scope), _) => self.scopes.get(scope as usize)?.function,
            (None, Unit::Function(id)) => id,
            (None, _) => return None,
        };
        let (instance, body) = self.program.body(function)?;
        let body = &body.code;
        let at = u64::from(site.wasm_offset).checked_sub(body.range().start)?;
        let rest = body.as_bytes().get(usize::try_from(at).ok()?..)?;
        let reader = wasmparser::BinaryReader::new(rest, 0);
        let operator = wasmparser::OperatorsReader::new(reader).read().ok()?;
        Some((instance, operator))
    }

    fn meaning(&self, site: &Site, compare: &Compare) -> Option<Meaning> {
        use Operator as Op;
        let (instance, operator) = self.operator(site)?;
        let (memories, tables) = {
            let instance = &self.program.instances[instance];
            (&instance.memories, &instance.tables)
        };
        if let Some(memarg) = memarg(&operator) {
            let MemArgTarget::Memory(index) = memarg.target else {
                return None;
            };
            let memory = memories[index as usize];
            return match site.trap? {
                Trap::UnalignedAtomic => {
                    let index = self.program.memories[memory].ty.index;
                    alignment(&memarg, index)
                }
                _ => self.access(memory, &memarg),
            };
        }
        let range = |what, limit| Meaning {
            what,
            narrow: false,
            bytes: 0,
            bias: 0,
            limit,
        };
        let table = |index: u32| self.table(tables[index as usize]);
        let memory = |index: u32| self.memory(memories[index as usize]);
        Some(match operator {
            Op::MemoryFill { mem } => range(What::Range, memory(mem)),
            Op::MemoryCopy { src_mem, .. } if compare.second => range(What::Range, memory(src_mem)),
            Op::MemoryCopy { dst_mem, .. } => range(What::Range, memory(dst_mem)),
            Op::MemoryInit { mem, .. } if compare.second => range(What::Range, memory(mem)),
            Op::MemoryInit { data_index, .. } => {
                let len = self.plan.state.data[&(instance, data_index)].len;
                range(What::DataRange, segment(len, compare))
            }
            Op::TableGet { table: index } | Op::TableSet { table: index } => {
                range(What::Element, table(index))
            }
            Op::CallIndirect { table_index, .. } | Op::ReturnCallIndirect { table_index, .. } => {
                match compare.kind {
                    Kind::Callee => range(What::Callee, Limit::Unknown),
                    _ => range(What::Element, table(table_index)),
                }
            }
            Op::TableFill { table: index } => range(What::Elements, table(index)),
            Op::TableCopy { src_table, .. } if compare.second => {
                range(What::Elements, table(src_table))
            }
            Op::TableCopy { dst_table, .. } => range(What::Elements, table(dst_table)),
            Op::TableInit { table: index, .. } if compare.second => {
                range(What::Elements, table(index))
            }
            Op::TableInit { elem_index, .. } => {
                let len = self.plan.state.elements[&(instance, elem_index)].len;
                range(What::SegmentElements, segment(len, compare))
            }
            _ => return None,
        })
    }

    /// What `translate::heap` compares before an access.
    fn access(&self, memory: MemoryId, memarg: &MemArg) -> Option<Meaning> {
        let plan = self.plan.state.memories[memory]?;
        let bytes = width(memarg)?;
        let end = memarg.offset.checked_add(u64::from(bytes))?;
        let bias = if plan.index == IndexType::I32 {
            -i64::from(bytes)
        } else if end <= plan.min_size {
            i64::try_from(memarg.offset).ok()?
        } else if end <= SLOT_SIZE {
            -i64::from(bytes)
        } else {
            return None;
        };
        Some(Meaning {
            what: What::Access,
            narrow: false,
            bytes,
            bias,
            limit: self.memory(memory),
        })
    }

    fn memory(&self, memory: MemoryId) -> Limit {
        match self.plan.state.memories[memory] {
            // Records are in the order of the memories.
            Some(plan) if !plan.per_thread => Limit::Memory(memory.as_u32()),
            _ => Limit::Unknown,
        }
    }

    fn table(&self, table: TableId) -> Limit {
        match self.plan.state.tables[table] {
            Some(TablePlan::Fixed { len, .. }) => Limit::Constant(len),
            // (Each thread has records of its own.)
            Some(TablePlan::Growable { record }) if self.plan.threads.is_none() => {
                let (first, _) = self.plan.state.table_records;
                Limit::Table((record.offset - first.offset) / size_of::<Table>() as u32)
            }
            _ => Limit::Unknown,
        }
    }
}

/// The length of a segment. One that may be dropped has none that the object could say, but for one that surely was.
fn segment(len: Length, compare: &Compare) -> Limit {
    match len {
        Length::Constant(len) => Limit::Constant(len),
        Length::Cell(_) if compare.kind == Kind::NotZero => Limit::Constant(0),
        Length::Cell(_) => Limit::Unknown,
    }
}

/// What `translate::atomic` tests: the index, or with an offset that matters the address.
fn alignment(memarg: &MemArg, index: IndexType) -> Option<Meaning> {
    let bytes = width(memarg)?;
    let is_index = memarg.offset & (u64::from(bytes) - 1) == 0;
    let bias = if is_index {
        memarg.offset.cast_signed()
    } else {
        0
    };
    Some(Meaning {
        what: What::Alignment,
        narrow: is_index && index == IndexType::I32,
        bytes,
        bias,
        limit: Limit::Unknown,
    })
}

fn narrow(value: Operand) -> Operand {
    match value {
        Operand::Register { number, .. } => Operand::Register {
            number,
            wide: false,
        },
        other => other,
    }
}

/// The bytes of an access: as many as its largest alignment.
fn width(memarg: &MemArg) -> Option<u8> {
    1u8.checked_shl(memarg.max_align.into())
}

/// An operand that is one.
trait IsMemArg {
    fn memarg(&self) -> Option<MemArg>;
}

/// Any other operand, one reference away: a method of the operand itself comes first.
trait IsOther {
    fn memarg(&self) -> Option<MemArg> {
        None
    }
}

impl IsMemArg for MemArg {
    fn memarg(&self) -> Option<MemArg> {
        Some(*self)
    }
}

impl<T> IsOther for &T {}

macro_rules! define_memarg {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// The address that an operator accesses, if it does.
        fn memarg(operator: &Operator<'_>) -> Option<MemArg> {
            match operator {
                $(Operator::$op { $($($arg),*)? } => None$($(.or_else(|| $arg.memarg()))*)?,)*
                _ => None,
            }
        }
    };
}
wasmparser::for_each_operator!(define_memarg);
