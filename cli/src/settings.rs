//! Raw arguments -> what to do: every default chosen, every value checked.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nativize_compiler::{BoundsChecks, OptLevel, Options, Passes, RelaxedSimd, UnknownImports};

use crate::args;
use crate::cache::functions::Place;
use crate::code::Code;
use crate::error::Failure;
use crate::output::Target;
use crate::policy::{self, Policy, Sandbox};
use crate::target;
use crate::target_cpu;
use crate::unstable;

/// How to compile a module and what to grant the program.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) input: Source,
    /// Modules whose exports others import by name, in the order of the command line. The names differ.
    pub(crate) links: Vec<Link>,
    /// Where the main module's debug information was split out to.
    pub(crate) debug_file: Option<PathBuf>,
    pub(crate) options: Options,
    pub(crate) policy: Policy,
    pub(crate) invoke: Option<String>,
    /// What becomes of functions that nothing provides.
    pub(crate) unknown_imports: UnknownImports,
    pub(crate) strip: bool,
    /// Where code of functions is kept between builds.
    pub(crate) cache: Place,
}

/// A linked module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The name by which it is imported from.
    pub(crate) name: String,
    pub(crate) source: Source,
}

/// Where a module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

/// `nativize build`.
#[derive(Debug)]
pub(crate) struct Build {
    pub(crate) settings: Settings,
    pub(crate) emit: args::Emit,
    pub(crate) target: Target,
}

/// `nativize run`.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) settings: Settings,
    /// argv of the program: the module as it was named, then the arguments.
    pub(crate) argv: Vec<OsString>,
}

/// `nativize profile`.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) run: Run,
    pub(crate) flame_graph: PathBuf,
    pub(crate) data: PathBuf,
    /// Rows of the table.
    pub(crate) top: usize,
}

impl Source {
    pub(crate) fn new(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Source::Stdin
        } else {
            Source::File(path)
        }
    }

    /// The file's name without folders and extension. It is the only part of the path that enters an output, so
    /// that the same file gives the same bytes wherever it lies.
    fn stem(&self) -> Option<&std::ffi::OsStr> {
        match self {
            Source::Stdin => None,
            Source::File(path) => path.file_stem(),
        }
    }
}

impl Build {
    pub(crate) fn new(args: args::BuildArgs) -> Result<Self, Failure> {
        let input = Source::new(args.input);
        let target = match args.output {
            Some(path) => Target::new(path),
            None => default_target(&input, args.emit)?,
        };
        let mut policy = policy(args.grants, args.limits)?;
        policy.profile = args.profiling.then_some(PROFILE_INTERVAL);
        let settings = settings(input, args.program, args.code, policy, args.strip)?;
        if let Target::File(output) = &target {
            settings.refuse_inputs(output)?;
        }
        Ok(Build {
            settings,
            emit: args.emit,
            target,
        })
    }
}

impl Settings {
    /// An input must not be replaced by an output: one without extension would be by its own executable.
    ///
    /// # Errors
    /// `output` is one of the files that are read.
    pub(crate) fn refuse_inputs(&self, output: &Path) -> Result<(), Failure> {
        let links = self.links.iter().map(|link| &link.source);
        let files = std::iter::once(&self.input)
            .chain(links)
            .filter_map(Source::path);
        for input in files.chain(self.debug_file.as_deref()) {
            refuse_same_file(input, output)?;
        }
        Ok(())
    }
}

impl Run {
    pub(crate) fn new(args: args::RunArgs) -> Result<Self, Failure> {
        let mut argv = args.argv;
        if argv.get(1).is_some_and(|argument| argument == "--") {
            argv.remove(1);
        }
        let input = Source::new(PathBuf::from(&argv[0]));
        Ok(Run {
            settings: settings(
                input,
                args.program,
                args.code,
                policy(args.grants, args.limits)?,
                false,
            )?,
            argv,
        })
    }
}

/// Microseconds between samples when the command line says nothing else.
const PROFILE_INTERVAL: u64 = 1000;

impl Profile {
    pub(crate) fn new(args: args::ProfileArgs) -> Result<Self, Failure> {
        let mut run = Run::new(args::RunArgs {
            program: args.program,
            code: args.code,
            grants: args.grants,
            limits: args.limits,
            argv: args.argv,
        })?;
        run.settings.policy.profile = Some(1_000_000 / args.frequency);
        run.settings.options.profiling = true;
        let beside = |extension: &str| {
            let stem = run.settings.input.stem();
            let mut name = stem.map_or_else(|| OsString::from("program"), ToOwned::to_owned);
            name.push(extension);
            PathBuf::from(name)
        };
        Ok(Profile {
            flame_graph: args.flame_graph.unwrap_or_else(|| beside(".svg")),
            data: args.data.unwrap_or_else(|| beside(".profile.json")),
            top: args.top,
            run,
        })
    }
}

fn settings(
    input: Source,
    program: args::ProgramArgs,
    code: args::CodeArgs,
    mut policy: Policy,
    strip: bool,
) -> Result<Settings, Failure> {
    use std::os::unix::ffi::OsStrExt;
    policy.name = input
        .stem()
        .map_or_else(|| b"program".to_vec(), |stem| stem.as_bytes().to_vec());
    target::check(&code.target)?;
    let cache = match code.cache {
        None => Place::Default,
        Some(place) if place == "off" => Place::Nowhere,
        Some(folder) => Place::Folder(PathBuf::from(folder)),
    };
    let mut options = Options {
        opt_level: match code.opt_level {
            args::OptLevel::O0 => OptLevel::O0,
            args::OptLevel::O1 => OptLevel::O1,
            args::OptLevel::O2 => OptLevel::O2,
            args::OptLevel::O3 => OptLevel::O3,
        },
        bounds_checks: match code.bounds_checks {
            args::BoundsChecks::Guard => BoundsChecks::Guard,
            args::BoundsChecks::Explicit => BoundsChecks::Explicit,
        },
        target_cpu: target_cpu::parse(&code.target_cpu)?,
        relaxed_simd: match code.relaxed_simd {
            args::RelaxedSimd::Fast => RelaxedSimd::Fast,
            args::RelaxedSimd::Deterministic => RelaxedSimd::Deterministic,
        },
        disabled_passes: Passes::default(),
        coredump: policy.coredump,
        strip,
        threads: code.threads.map(std::num::NonZeroUsize::get),
        debug: code.debug,
        valgrind: false,
        profiling: policy.profile.is_some(),
    };
    unstable::apply(&code.unstable, &mut options);
    Ok(Settings {
        input,
        links: links(&program.links)?,
        debug_file: program.debug_file,
        options,
        policy,
        invoke: program.invoke,
        unknown_imports: match program.unknown_imports {
            args::UnknownImports::Error => UnknownImports::Refuse,
            args::UnknownImports::Trap => UnknownImports::Trap,
        },
        strip,
        cache,
    })
}

/// The policy of a program that has no name yet.
pub(crate) fn policy(
    mut grants: args::GrantArgs,
    mut limits: args::LimitArgs,
) -> Result<Policy, Failure> {
    if let Some(path) = grants.policy.take() {
        policy::file::apply(&path, &mut grants, &mut limits)?;
    }
    let mut directories = grants
        .dirs
        .iter()
        .map(|dir| policy::parse_directory(dir))
        .collect::<Result<Vec<_>, _>>()?;
    if grants.grant_cwd_and_env {
        directories.push(policy::parse_directory(".".as_ref())?);
    }
    let time = |flag, value: Option<String>| {
        let time = |text: String| policy::values::time(flag, &text);
        value.map(time).transpose()
    };
    Ok(Policy {
        name: Vec::new(),
        directories,
        env: grants
            .env
            .iter()
            .map(|env| policy::parse_env(env))
            .collect::<Result<_, _>>()?,
        inherit_env: grants.inherit_env || grants.grant_cwd_and_env,
        embedded: grants
            .embed_dirs
            .iter()
            .map(|dir| policy::tree::read(dir))
            .collect::<Result<_, _>>()?,
        tcp_listen: grants
            .tcp_listen
            .iter()
            .map(|address| policy::parse_address(address))
            .collect::<Result<_, _>>()?,
        listen_fds: grants.listen_fds,
        stack_size: limits
            .stack_size
            .as_deref()
            .map(policy::values::stack_size)
            .transpose()?,
        sandbox: match limits.sandbox {
            None | Some(args::SandboxMode::Auto) => Sandbox::Auto,
            Some(args::SandboxMode::Strict) => Sandbox::Strict,
            Some(args::SandboxMode::Off) => Sandbox::Off,
        },
        max_memory: limits
            .max_memory
            .as_deref()
            .map(policy::values::max_memory)
            .transpose()?,
        max_fds: limits.max_fds,
        timeout: time("--timeout", limits.timeout)?,
        cpu_timeout: time("--cpu-timeout", limits.cpu_timeout)?,
        no_knobs: limits.no_knobs,
        profile: None,
        coredump: limits.coredump,
    })
}

/// Each `NAME=FILE`.
fn links(values: &[OsString]) -> Result<Vec<Link>, Failure> {
    use std::os::unix::ffi::OsStrExt;
    let mut links: Vec<Link> = Vec::new();
    for value in values {
        let refuse = |why: &str, help: &str| {
            let value = value.display();
            let failure = Failure::new(
                Code::BadValue,
                format!("invalid value `{value}` for `--link`"),
            );
            Err(failure.cause(why).help(help))
        };
        const FORM: &str = "write it as NAME=FILE, e.g. --link env=env.wasm";
        let bytes = value.as_bytes();
        let Some(at) = bytes.iter().position(|&byte| byte == b'=') else {
            return refuse("it has no `=`", FORM);
        };
        let (name, file) = (&bytes[..at], &bytes[at + 1..]);
        let Ok(name) = std::str::from_utf8(name) else {
            return refuse("the name is not UTF-8, so nothing can import from it", FORM);
        };
        if file.is_empty() {
            return refuse("the file's path is empty", FORM);
        }
        if file == b"-" {
            return refuse(
                "only the main module is read from standard input",
                "name a file; one that is called `-` is `./-`",
            );
        }
        if links.iter().any(|link| link.name == name) {
            return refuse(
                "a module of this name is linked already",
                "give each linked module a name of its own",
            );
        }
        links.push(Link {
            name: name.to_owned(),
            source: Source::File(PathBuf::from(std::ffi::OsStr::from_bytes(file))),
        });
    }
    Ok(links)
}

/// The input's stem in the current directory; standard output for standard input.
fn default_target(input: &Source, emit: args::Emit) -> Result<Target, Failure> {
    let Source::File(path) = input else {
        return Ok(Target::Stdout);
    };
    let Some(stem) = input.stem().filter(|_| !path.is_dir()) else {
        return Err(Failure::file(
            "read",
            path,
            &std::io::Error::from(std::io::ErrorKind::IsADirectory),
        ));
    };
    let mut name = stem.to_owned();
    name.push(match emit {
        args::Emit::Exe => "",
        args::Emit::Obj => ".o",
        args::Emit::Clif => ".clif",
        args::Emit::Asm => ".s",
    });
    Ok(Target::File(PathBuf::from(name)))
}

/// Fails if both are one file.
pub(crate) fn refuse_same_file(input: &Path, output: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let (Ok(a), Ok(b)) = (input.metadata(), output.metadata()) else {
        return Ok(());
    };
    if !a.is_file() || (a.dev(), a.ino()) != (b.dev(), b.ino()) {
        return Ok(());
    }
    Err(Failure::new(
        Code::Overwrite,
        format!("the output would replace the input `{}`", input.display()),
    )
    .help("choose another output with -o"))
}
