//! The DWARF of modules, which describes wasm, made into DWARF that describes the native code: for `gdb` and the like.
//!
//! 1. [`watch`]: before code is generated, which locals of which functions the debug information refers to
//! 2. `translate::trace` and `codegen::places`: what they hold, and where that is in machine code
//! 3. [`sections`]: units, with line programs ([`lines`]), ranges ([`map`]) and locations ([`expression`]) of their own
//!
//! Addresses in linear memory become native ones by adding the memory's base. What cannot be told is left out: a debugger
//! then says that a variable is optimized out, which is better than a wrong value. DWARF is untrusted: what is malformed is
//! left out as well, and a [`Budget`] bounds the work.

mod entries;
mod expression;
mod lines;
mod map;
mod pointer;
mod sections;
mod watch;

pub(crate) use sections::{DebugSection, DebugTarget, sections};
pub(crate) use watch::watch;

use crate::Module;
use gimli::{
    AttributeValue, DebuggingInformationEntry, EndianSlice, LittleEndian, RangeIter, UnitRef,
};

type Slice<'a> = EndianSlice<'a, LittleEndian>;
type Dwarf<'a> = gimli::Dwarf<Slice<'a>>;

/// The DWARF of a module, if it has any.
fn dwarf<'a>(module: &Module<'a>) -> Option<Dwarf<'a>> {
    module.debug.get(".debug_info")?;
    let load = |id: gimli::SectionId| -> Result<Slice<'a>, std::convert::Infallible> {
        let bytes = module.debug.get(id.name()).unwrap_or(&[]);
        Ok(EndianSlice::new(bytes, LittleEndian))
    };
    let Ok(dwarf) = Dwarf::load(load);
    Some(dwarf)
}

/// Where the code of an entry is in wasm, if it is code that was kept: what a linker has dropped has an address near the
/// end of all, from which a length leads beyond it.
fn code_ranges<'a>(
    unit: UnitRef<'_, Slice<'a>>,
    entry: &DebuggingInformationEntry<Slice<'a>>,
) -> Option<RangeIter<Slice<'a>>> {
    let low = match entry.attr_value(gimli::DW_AT_low_pc) {
        Some(AttributeValue::Addr(low)) => Some(low),
        Some(AttributeValue::DebugAddrIndex(index)) => unit.address(index).ok(),
        _ => None,
    };
    let len = entry
        .attr_value(gimli::DW_AT_high_pc)
        .and_then(|high| high.udata_value());
    if let (Some(low), Some(len)) = (low, len) {
        low.checked_add(len)?;
    }
    unit.die_ranges(entry).ok()
}

/// How much may still be done for the debug information of a module: what refers to the same list again and again, or nests
/// without end, is not worth it.
#[derive(Debug)]
struct Budget(u64);

/// It is used up.
#[derive(Debug, Clone, Copy)]
struct Exhausted;

impl Budget {
    fn new(module: &Module<'_>) -> Self {
        let size: usize = [
            ".debug_info",
            ".debug_line",
            ".debug_loc",
            ".debug_loclists",
        ]
        .into_iter()
        .filter_map(|name| module.debug.get(name))
        .map(<[u8]>::len)
        .sum();
        let code: usize = module
            .bodies
            .iter()
            .map(|body| body.code.as_bytes().len())
            .sum();
        Budget(1_000_000 + 32 * (size as u64 + code as u64))
    }

    fn spend(&mut self, amount: usize) -> Result<(), Exhausted> {
        match self.0.checked_sub(amount as u64) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(Exhausted),
        }
    }
}

/// The functions of a module by where the DWARF has them: addresses count from the contents of the code section.
struct Bodies {
    /// Start, end and number among the defined functions, ascending.
    ranges: Vec<(u64, u64, usize)>,
}

impl Bodies {
    fn new(module: &Module<'_>) -> Self {
        let base = module.debug.code_start();
        let ranges = module.bodies.iter().enumerate().map(|(index, body)| {
            let range = body.code.range();
            (range.start - base, range.end - base, index)
        });
        Bodies {
            ranges: ranges.collect(),
        }
    }

    /// The function with code from `low` to `high`. DWARF counts the size before a body to it, or does not.
    fn at(&self, low: u64, high: u64) -> Option<usize> {
        let position = self.ranges.partition_point(|&(start, ..)| start < low);
        let &(start, end, index) = self.ranges.get(position)?;
        // The size takes at most 5 bytes.
        (low != 0 && start - low <= 5 && start < high && high <= end).then_some(index)
    }
}
