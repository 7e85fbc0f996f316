//! Reports as text: the text format's notation for types, one item a line.

use std::fmt;

use super::{Executable, Memory, Module, Report, Table};
use crate::console::Size;
use crate::error::Printable;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Report::Module(module) => module.fmt(f),
            Report::Executable(executable) => executable.fmt(f),
        }
    }
}

impl fmt::Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "WebAssembly module, {}", Size(self.size))?;
        if let Some(name) = &self.name {
            writeln!(f, "name: {}", Printable(name))?;
        }
        writeln!(f, "entry: {}", list(&self.entry))?;
        writeln!(f, "features beyond 1.0: {}", list(&self.features))?;
        writeln!(f, "functions: {} with a body", self.functions)?;
        heading(f, "sections", self.sections.len())?;
        for section in &self.sections {
            let (name, size) = (Printable(&section.name).to_string(), section.size);
            writeln!(f, "  {:#010x} {size:>10}  {name}", section.offset)?;
        }
        heading(f, "memories", self.memories.len())?;
        for memory in &self.memories {
            writeln!(f, "  {memory}")?;
        }
        heading(f, "tables", self.tables.len())?;
        for table in &self.tables {
            writeln!(f, "  {table}")?;
        }
        heading(f, "globals", self.globals.len())?;
        for global in &self.globals {
            writeln!(f, "  {global}")?;
        }
        heading(f, "types", self.types.len())?;
        for ty in &self.types {
            writeln!(f, "  {ty}")?;
        }
        heading(f, "imports", self.imports.len())?;
        for import in &self.imports {
            let (module, name) = (Printable(&import.module), Printable(&import.name));
            writeln!(f, "  {module} {name} {}", import.ty)?;
        }
        heading(f, "exports", self.exports.len())?;
        for export in &self.exports {
            writeln!(f, "  {} {}", Printable(&export.name), export.ty)?;
        }
        Ok(())
    }
}

impl fmt::Display for Executable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "executable, {}", Size(self.size))?;
        writeln!(f, "made by: nativize {}", Printable(&self.compiler))?;
        writeln!(f, "name: {}", Printable(&self.name))?;
        writeln!(f, "stack: {}", Size(self.stack_size))?;
        if let Some(bytes) = self.max_memory {
            writeln!(f, "memory at most: {}", Size(bytes))?;
        }
        if let Some(count) = self.max_fds {
            writeln!(f, "descriptors at most: {count}")?;
        }
        if let Some(time) = self.timeout_ms {
            writeln!(f, "time at most: {time} ms")?;
        }
        if let Some(time) = self.cpu_timeout_ms {
            writeln!(f, "processor time at most: {time} ms")?;
        }
        if self.no_knobs {
            writeln!(f, "NATIVIZE_* variables: ignored, but for NATIVIZE_DENY")?;
        }
        if self.coredump {
            writeln!(f, "core dumps: to the file in NATIVIZE_COREDUMP")?;
        }
        writeln!(f, "sandbox: {}", self.sandbox)?;
        if let Some(calls) = &self.system_calls {
            writeln!(f, "system calls: {}", calls.join(", "))?;
        }
        heading(f, "directories", self.directories.len())?;
        for directory in &self.directories {
            let (host, guest) = (Printable(&directory.host), Printable(&directory.guest));
            let access = if directory.read_only {
                "read only"
            } else {
                "read and write"
            };
            writeln!(f, "  {host} as {guest}, {access}")?;
        }
        if self.inherit_env {
            writeln!(f, "environment: all of it, when the program starts")?;
        }
        heading(f, "environment variables", self.env.len())?;
        for variable in &self.env {
            let key = Printable(&variable.key);
            match &variable.value {
                Some(value) => writeln!(f, "  {key}={}", Printable(value))?,
                None => writeln!(f, "  {key}, as it is when the program starts")?,
            }
        }
        for embedded in &self.embedded {
            let guest = Printable(&embedded.guest);
            writeln!(f, "inside: {guest}, {}", Size(embedded.size))?;
        }
        for address in &self.tcp_listen {
            writeln!(f, "listens at: {address}")?;
        }
        if self.listen_fds {
            writeln!(f, "sockets: those that it is started with (LISTEN_FDS)")?;
        }
        Ok(())
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        limits(f, self.index_bits, self.initial, self.maximum)?;
        if self.shared {
            f.write_str(" shared")?;
        }
        if self.page_size != 1 << 16 {
            write!(f, " (pagesize {})", self.page_size)?;
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        limits(f, self.index_bits, self.initial, self.maximum)?;
        write!(f, " {}", self.element)
    }
}

fn limits(
    f: &mut fmt::Formatter<'_>,
    index_bits: u8,
    initial: u64,
    maximum: Option<u64>,
) -> fmt::Result {
    if index_bits == 64 {
        f.write_str("i64 ")?;
    }
    write!(f, "{initial}")?;
    match maximum {
        Some(maximum) => write!(f, " {maximum}"),
        None => Ok(()),
    }
}

fn heading(f: &mut fmt::Formatter<'_>, name: &str, count: usize) -> fmt::Result {
    writeln!(f, "{name}: {count}")
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
