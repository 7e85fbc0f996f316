//! Who is compared: nativize with a set of options, and every other engine that is on `PATH`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::CommandLine;
use super::{on_path, wasm2c};

/// Something that runs modules.
#[derive(Clone, Debug)]
pub struct Contender {
    /// What reports call it.
    pub name: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Nativize {
        program: PathBuf,
        options: Vec<String>,
    },
    Wasmtime(PathBuf),
    Wasmer(PathBuf),
    /// WAMR: ahead of time if there is its compiler.
    Wamr {
        iwasm: PathBuf,
        wamrc: Option<PathBuf>,
    },
    Wazero(PathBuf),
    /// An interpreter that takes a module and its arguments.
    Interpreter(PathBuf),
    Wasm2c {
        wasm2c: PathBuf,
        clang: PathBuf,
    },
    /// Executables built from the sources of the modules, by their names.
    Native(PathBuf),
}

/// How a contender runs one module.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What compiles it, in order; empty where nothing does.
    pub compile: Vec<CommandLine>,
    /// The file that is run.
    pub file: PathBuf,
    /// What runs it.
    pub run: CommandLine,
}

impl Contender {
    /// nativize at `program`, with options as one writes them on a command line.
    pub fn nativize(program: &Path, options: &str) -> Self {
        let options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
        Contender {
            name: format!("nativize {}", options.join(" "))
                .trim_end()
                .to_owned(),
            kind: Kind::Nativize {
                program: program.to_owned(),
                options,
            },
        }
    }

    /// The Wasmtime at `program`.
    pub fn wasmtime(program: &Path) -> Self {
        Contender {
            name: "wasmtime".to_owned(),
            kind: Kind::Wasmtime(program.to_owned()),
        }
    }

    /// Executables in `folder`, each called as its module without extension.
    pub fn native(folder: &Path) -> Self {
        Contender {
            name: "native".to_owned(),
            kind: Kind::Native(folder.to_owned()),
        }
    }

    /// The engines that are on `PATH`; interpreters, which take a hundred times as long, only on request.
    pub fn on_path(interpreters: bool) -> Vec<Self> {
        let mut found = Vec::new();
        let mut add = |name: &str, kind: Option<Kind>| {
            if let Some(kind) = kind {
                found.push(Contender {
                    name: name.to_owned(),
                    kind,
                });
            }
        };
        add("wasmtime", on_path("wasmtime").map(Kind::Wasmtime));
        add("wasmer", on_path("wasmer").map(Kind::Wasmer));
        add("wazero", on_path("wazero").map(Kind::Wazero));
        let wamrc = on_path("wamrc");
        if wamrc.is_some() || interpreters {
            let name = if wamrc.is_some() {
                "wamr"
            } else {
                "wamr interpreter"
            };
            add(
                name,
                on_path("iwasm").map(|iwasm| Kind::Wamr { iwasm, wamrc }),
            );
        }
        let clang = ["clang", "clang-22", "clang-19", "clang-16"]
            .into_iter()
            .find_map(on_path);
        let pair = on_path("wasm2c").zip(clang);
        add(
            "wasm2c + clang -O2",
            pair.map(|(wasm2c, clang)| Kind::Wasm2c { wasm2c, clang }),
        );
        if interpreters {
            add("wasm3", on_path("wasm3").map(Kind::Interpreter));
            let wasmi = on_path("wasmi_cli").or_else(|| on_path("wasmi"));
            add("wasmi", wasmi.map(Kind::Interpreter));
        }
        found
    }

    /// Whether it is Wasmtime.
    pub fn is_wasmtime(&self) -> bool {
        matches!(self.kind, Kind::Wasmtime(_))
    }

    /// What it says its version is.
    pub fn version(&self) -> String {
        let program = match &self.kind {
            Kind::Nativize { program, .. }
            | Kind::Wasmtime(program)
            | Kind::Wasmer(program)
            | Kind::Interpreter(program)
            | Kind::Wamr { iwasm: program, .. }
            | Kind::Wasm2c {
                wasm2c: program, ..
            } => program,
            Kind::Wazero(program) => return first_line(program, "version"),
            Kind::Native(_) => return String::new(),
        };
        first_line(program, "--version")
    }

    /// How it runs `module` with `arguments`; what it makes on the way lies in `folder`. `None` where it has nothing that
    /// corresponds to the module.
    pub fn prepare(
        &self,
        module: &Path,
        arguments: &[OsString],
        folder: &Path,
    ) -> Option<Prepared> {
        let command =
            |program: &Path, words: &[&OsStr]| CommandLine::new(self.name.as_str(), program, words);
        let module_os = module.as_os_str();
        let made = |name: &str| folder.join(name);
        let (compile, file, run) = match &self.kind {
            Kind::Nativize { program, options } => {
                let file = made("program");
                let build =
                    CommandLine::new(self.name.as_str(), program, ["build", "-q", "--cache=off"])
                        .with(options)
                        .with([module_os, "-o".as_ref(), file.as_os_str()]);
                let run = command(&file, &[]);
                (vec![build], file, run)
            }
            Kind::Wasmtime(program) => {
                let file = made("module.cwasm");
                let build = [
                    "compile".as_ref(),
                    module_os,
                    "-o".as_ref(),
                    file.as_os_str(),
                ];
                let run = [
                    "run".as_ref(),
                    "--allow-precompiled".as_ref(),
                    file.as_os_str(),
                ];
                (
                    vec![command(program, &build)],
                    file.clone(),
                    command(program, &run),
                )
            }
            Kind::Wasmer(program) => {
                let file = made("module.wasmu");
                let build = [
                    "compile".as_ref(),
                    module_os,
                    "-o".as_ref(),
                    file.as_os_str(),
                ];
                let run = ["run".as_ref(), file.as_os_str(), "--".as_ref()];
                (
                    vec![command(program, &build)],
                    file.clone(),
                    command(program, &run),
                )
            }
            Kind::Wamr {
                iwasm,
                wamrc: Some(wamrc),
            } => {
                let file = made("module.aot");
                let build = ["-o".as_ref(), file.as_os_str(), module_os];
                (
                    vec![command(wamrc, &build)],
                    file.clone(),
                    command(iwasm, &[file.as_os_str()]),
                )
            }
            Kind::Wamr {
                iwasm: program,
                wamrc: None,
            }
            | Kind::Interpreter(program) => (
                Vec::new(),
                module.to_owned(),
                command(program, &[module_os]),
            ),
            Kind::Wazero(program) => {
                let cache = made("cache");
                let build = [
                    "compile".as_ref(),
                    "-cachedir".as_ref(),
                    cache.as_os_str(),
                    module_os,
                ];
                let run = [
                    "run".as_ref(),
                    "-cachedir".as_ref(),
                    cache.as_os_str(),
                    module_os,
                ];
                (
                    vec![command(program, &build)],
                    module.to_owned(),
                    command(program, &run),
                )
            }
            Kind::Wasm2c {
                wasm2c: program,
                clang,
            } => {
                let file = made("program");
                let compile =
                    wasm2c::compile(&self.name, program, clang, module, folder, &file).ok()?;
                (compile, file.clone(), command(&file, &[]))
            }
            Kind::Native(builds) => {
                let file = builds.join(module.file_stem()?);
                if !file.is_file() {
                    return None;
                }
                (Vec::new(), file.clone(), command(&file, &[]))
            }
        };
        let run = run.with(arguments);
        Some(Prepared { compile, file, run })
    }
}

fn first_line(program: &Path, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().next().unwrap_or_default().trim().to_owned()
}
