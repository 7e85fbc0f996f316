//! The host functions that a module may import, from the contract's table.

use wasmparser::{FuncType, ValType};

/// A host function: an index in [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HostFunction(u16);

struct Row {
    module: &'static str,
    name: &'static str,
    symbol: &'static str,
    params: &'static [ValType],
    results: &'static [ValType],
}

macro_rules! value_type {
    (i32) => {
        ValType::I32
    };
    (i64) => {
        ValType::I64
    };
}

macro_rules! define_table {
    ($($module:literal, $name:literal, $symbol:ident($($param:tt),*) $(-> $result:tt)?;)*) => {
        static TABLE: &[Row] = &[$(Row {
            module: $module,
            name: $name,
            symbol: stringify!($symbol),
            params: &[$(value_type!($param)),*],
            results: &[$(value_type!($result))?],
        }),*];
    };
}
nativize_abi::for_each_wasi_p1!(define_table);

impl HostFunction {
    /// The host function of a module name and a name.
    pub(crate) fn find(module: &str, name: &str) -> Option<Self> {
        let index = TABLE
            .iter()
            .position(|row| row.module == module && row.name == name)?;
        Some(HostFunction(
            u16::try_from(index).expect("the table is short"),
        ))
    }

    fn row(self) -> &'static Row {
        &TABLE[usize::from(self.0)]
    }

    /// The name for a backtrace.
    pub(crate) fn name(self) -> String {
        format!("{}.{}", self.row().module, self.row().name)
    }

    /// Its type as the guest sees it.
    pub(crate) fn ty(self) -> FuncType {
        FuncType::new(
            self.row().params.iter().copied(),
            self.row().results.iter().copied(),
        )
    }

    /// Whether it is that of wasi-threads, by which a program starts a thread.
    pub(crate) fn starts_threads(self) -> bool {
        self.row().module == "wasi"
    }

    /// Its index in the table.
    pub(crate) fn index(self) -> u32 {
        u32::from(self.0)
    }

    /// The symbol of the host function of an index.
    pub(crate) fn symbol_of(index: u32) -> &'static str {
        TABLE[index as usize].symbol
    }

    /// Whether any host function has this module name.
    pub(crate) fn has_module(module: &str) -> bool {
        TABLE.iter().any(|row| row.module == module)
    }
}
