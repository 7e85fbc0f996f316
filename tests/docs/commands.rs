//! Runs the commands of a chapter in a folder of its own.

use std::collections::HashMap;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::blocks::{Block, matches};
use crate::skip::skipped;

/// Tools that a chapter may need: the command that succeeds where the tool is, and whether it is too large to ask for.
///
/// Of a tool that may have a version in its name, such a one is taken if the plain name is none that works.
const TOOLS: [(&str, &str, bool); 6] = [
    (
        "clang",
        "echo 'int main(void){return 0;}' | clang --target=wasm32-wasi -x c - -o .probe",
        false,
    ),
    (
        "clang++",
        "printf '#include <map>\\nint main(){}' | clang++ --target=wasm32-wasi -fno-exceptions -x c++ - -o .probe",
        false,
    ),
    (
        "rust",
        "test -d \"$(rustc --print target-libdir --target wasm32-wasip1)\"",
        true,
    ),
    ("go", "go version", true),
    ("zig", "zig version", true),
    ("npm", "npm --version", true),
];

/// The versions of tools whose names may have one.
const VERSIONS: std::ops::Range<u32> = 14..30;

/// A chapter that is being run.
pub(crate) struct Chapter {
    page: String,
    folder: TempDir,
    /// Kept apart, so that the chapter's folder is empty at first.
    cache: TempDir,
    /// Tools under the names that the chapter has for them.
    names: TempDir,
    tools: HashMap<&'static str, bool>,
}

impl Chapter {
    pub(crate) fn new(page: &str) -> Self {
        let folder = || tempfile::tempdir().expect("a temporary directory can be made");
        Chapter {
            page: page.to_owned(),
            folder: folder(),
            cache: folder(),
            names: folder(),
            tools: HashMap::new(),
        }
    }

    /// Runs a block and gives the number of its commands.
    pub(crate) fn run(&mut self, block: &Block<'_>) -> Result<usize, String> {
        if let Some(name) = block.file {
            let path = self.folder.path().join(name);
            fs::write(path, &block.content).map_err(|error| error.to_string())?;
        }
        if block.language != "console" || !block.needs.is_none_or(|tool| self.has(tool)) {
            return Ok(0);
        }
        let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in block.content.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command, Vec::new())),
                (None, Some((_, expected))) => expected.push(line),
                (None, None) => return Err("the block does not begin with a command".to_owned()),
            }
        }
        for (command, expected) in &commands {
            let output = self.shell(command);
            let text = String::from_utf8_lossy(&output.stdout);
            let found: Vec<&str> = text.lines().collect();
            if !output.status.success() || !matches(expected, &found) {
                let expected = expected.join("\n");
                return Err(format!(
                    "$ {command}\n{}: it printed\n{text}\nand not\n{expected}",
                    output.status
                ));
            }
        }
        Ok(commands.len())
    }

    /// Whether a tool is there. Its absence is said once.
    fn has(&mut self, tool: &str) -> bool {
        let known = TOOLS.iter().find(|known| known.0 == tool);
        let &(name, probe, large) = known.unwrap_or_else(|| panic!("no tool is called {tool}"));
        if let Some(&there) = self.tools.get(name) {
            return there;
        }
        let is_wanted =
            !large || std::env::var_os("NATIVIZE_DOCS").is_some_and(|which| which == "all");
        let there = is_wanted
            && (self.shell(probe).status.success()
                || VERSIONS
                    .rev()
                    .any(|version| self.is_there_as(name, version, probe)));
        let _ = fs::remove_file(self.folder.path().join(".probe"));
        match (is_wanted, there) {
            (true, true) => {}
            (true, false) => skipped(&format!("{name} ({})", self.page)),
            // (As `skipped`, but it is not asked for.)
            (false, _) => {
                let _ = writeln!(
                    stderr(),
                    "{}: {name} only with NATIVIZE_DOCS=all",
                    self.page
                );
            }
        }
        self.tools.insert(name, there);
        there
    }

    /// Whether a version of a tool is there, which then has the plain name.
    fn is_there_as(&self, tool: &str, version: u32, probe: &str) -> bool {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut found = std::env::split_paths(&path).map(|at| at.join(format!("{tool}-{version}")));
        let Some(found) = found.find(|found| found.is_file()) else {
            return false;
        };
        let link = self.names.path().join(tool);
        let _ = fs::remove_file(&link);
        let is_made = std::os::unix::fs::symlink(found, &link).is_ok();
        let works = is_made && self.shell(probe).status.success();
        if !works {
            let _ = fs::remove_file(&link);
        }
        works
    }

    /// Runs a command line; its standard error goes where its standard output goes.
    fn shell(&self, line: &str) -> Output {
        let nativize = Path::new(env!("CARGO_BIN_EXE_nativize"));
        let mut path = self.names.path().as_os_str().to_owned();
        path.push(":");
        path.push(nativize.parent().expect("it lies in a folder"));
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        Command::new("bash")
            .args(["-c", &format!("exec 2>&1\n{line}")])
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("XDG_CACHE_HOME", self.cache.path())
            .env_remove("NO_COLOR")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .output()
            .expect("bash starts")
    }
}
