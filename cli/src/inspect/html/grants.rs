//! What a program imports, and what each import can do with what was granted.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use nativize_abi::system_call::{Given, USES};

use super::Page;
use crate::html::escape;
use crate::inspect::Executable;

macro_rules! symbols {
    ($($module:literal, $name:literal, $symbol:ident($($parameter:ident),*) $(-> $result:ident)?;)*) => {
        /// Module, name and symbol of every host function.
        const HOST_FUNCTIONS: &[(&str, &str, &str)] = &[$(($module, $name, stringify!($symbol))),*];
    };
}
nativize_abi::for_each_wasi_p1!(symbols);

/// Writes the part of the page.
pub(super) fn section(out: &mut String, page: &Page<'_>) {
    let executable = page.executable;
    out.push_str("<h2>Imports and grants</h2>\n");
    if let Some(executable) = executable {
        grants(out, executable);
    }
    let rows = rows(page);
    if rows.is_empty() {
        out.push_str("<p>It imports no function.</p>\n");
        return;
    }
    out.push_str("<div class=scroll><table><tr><th>import<th class=left>type<th class=left>what it can reach\n");
    for (import, ty, symbol) in rows {
        let _ = writeln!(
            out,
            "<tr><td>{}<td class=left><code>{}</code><td class=left>{}",
            escape(&import),
            escape(&ty),
            symbol.map_or_else(
                || "another module, or nothing: see --link".to_owned(),
                |symbol| reach(symbol, executable)
            )
        );
    }
    out.push_str("</table></div>\n");
}

/// Import, type and symbol of the runtime.
fn rows(page: &Page<'_>) -> Vec<(String, String, Option<&'static str>)> {
    let symbol = |module: &str, name: &str| {
        let mut functions = HOST_FUNCTIONS.iter();
        let function = functions.find(|function| (function.0, function.1) == (module, name))?;
        Some(function.2)
    };
    if let Some(module) = page.module {
        let row = |import: &crate::inspect::Import| {
            let shown = format!("{} {}", import.module, import.name);
            (
                shown,
                import.ty.clone(),
                symbol(&import.module, &import.name),
            )
        };
        return module.imports.iter().map(row).collect();
    }
    // What an executable has of the runtime is what its program calls.
    let Some(image) = page.image else {
        return Vec::new();
    };
    let there: BTreeSet<&str> = image.runtime().collect();
    let mut seen = BTreeSet::new();
    HOST_FUNCTIONS
        .iter()
        .filter(|function| there.contains(function.2) && seen.insert(function.2))
        .map(|function| {
            (
                format!("{} {}", function.0, function.1),
                "(func)".to_owned(),
                Some(function.2),
            )
        })
        .collect()
}

/// What a function of the runtime can reach, given the grants of an executable.
fn reach(symbol: &str, executable: Option<&Executable>) -> String {
    let rows: Vec<_> = USES.iter().filter(|row| row.symbol == symbol).collect();
    let needs = |given| {
        rows.iter()
            .any(|row| row.given == given && !row.calls.is_empty())
    };
    let mut parts = Vec::new();
    if needs(Given::Directory) || needs(Given::Embedded) {
        parts.push(match executable {
            None => "directories, if any are granted".to_owned(),
            Some(executable) => {
                let host = executable
                    .directories
                    .iter()
                    .map(|directory| &directory.guest);
                let inside = executable.embedded.iter().map(|embedded| &embedded.guest);
                let names: Vec<String> = host.chain(inside).map(|name| escape(name)).collect();
                match names.is_empty() {
                    true => "nothing: no directory is granted".to_owned(),
                    false => names.join(", "),
                }
            }
        });
    }
    if needs(Given::Descriptor) {
        parts.push("open files and connections".to_owned());
    }
    let calls: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| row.calls)
        .map(|call| call.name())
        .collect();
    if parts.is_empty() {
        parts.push(
            if calls.is_empty() {
                "the program itself"
            } else {
                "always"
            }
            .to_owned(),
        );
    }
    let calls: Vec<&str> = calls.into_iter().collect();
    match calls.is_empty() {
        true => parts.join("; "),
        false => format!(
            "{} <span class=dim>by {}</span>",
            parts.join("; "),
            calls.join(", ")
        ),
    }
}

fn grants(out: &mut String, executable: &Executable) {
    out.push_str("<ul>");
    for directory in &executable.directories {
        let access = if directory.read_only {
            "read only"
        } else {
            "read and write"
        };
        let (host, guest) = (escape(&directory.host), escape(&directory.guest));
        let _ = write!(out, "<li>the directory {host} as {guest}, {access}");
    }
    for embedded in &executable.embedded {
        let _ = write!(
            out,
            "<li>{} inside of the executable",
            escape(&embedded.guest)
        );
    }
    for variable in &executable.env {
        let _ = write!(out, "<li>the variable {}", escape(&variable.key));
    }
    if executable.inherit_env {
        out.push_str("<li>the whole environment");
    }
    for address in &executable.tcp_listen {
        let _ = write!(out, "<li>to listen at {}", escape(address));
    }
    if executable.listen_fds {
        out.push_str("<li>the sockets that it is started with");
    }
    let _ = write!(
        out,
        "<li>standard streams and arguments; sandbox: {}",
        executable.sandbox
    );
    if let Some(calls) = &executable.system_calls {
        let _ = write!(out, ", system calls: {}", calls.join(", "));
    }
    out.push_str("</ul>\n");
}
