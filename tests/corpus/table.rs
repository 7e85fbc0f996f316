//! The table that a run over the corpus ends with.

use std::fmt;
use std::time::Duration;

/// One case.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) wasm_size: usize,
    /// The whole of compiling the module, on all cores.
    pub(crate) compile_time: Duration,
    pub(crate) executable_size: usize,
    pub(crate) native_time: Duration,
    /// Wasmtime's, with the module compiled in advance, where it runs it.
    pub(crate) wasmtime_time: Option<Duration>,
    pub(crate) passed: bool,
}

/// The cases in the order in which they ended.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "{:<18} {:>9} {:>9} {:>9} {:>9} {:>9}  result",
            "program", "wasm KiB", "compile s", "ELF KiB", "native s", "wasmtime"
        )?;
        for row in &self.0 {
            let wasmtime_time = row.wasmtime_time;
            writeln!(
                f,
                "{:<18} {:>9} {:>9.2} {:>9} {:>9.3} {:>9}  {}",
                row.name,
                row.wasm_size.div_ceil(1024),
                row.compile_time.as_secs_f64(),
                row.executable_size.div_ceil(1024),
                row.native_time.as_secs_f64(),
                wasmtime_time.map_or("-".to_owned(), |time| format!("{:.3}", time.as_secs_f64())),
                if row.passed { "matches" } else { "DIFFERS" }
            )?;
        }
        Ok(())
    }
}
