//! The command line as it is written: names, values and help of every flag. Nothing is decided here.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::Deserialize;

use crate::unstable::{self, Unstable};

const EXAMPLES: &str = "\
Examples:
  nativize app.wasm -o app                compile app.wasm to the executable app
  nativize app.wasm --dir data::/data:ro  let it read the directory data, as /data
  nativize run app.wasm --verbose x       compile once, and run with these arguments
  nativize inspect app                    what app was built with
  nativize profile app.wasm x             what takes the time when it runs with these arguments
  nativize verify app                     prove that app's code stays inside
  nativize audit app                      whether advisories are known of what app was made with
  nativize explain missing-import         what the code after a message means

What an executable may touch is decided when it is built, by --dir and --env; nothing is granted by default.

Exit status: 0 done, 1 the input is not valid WebAssembly (the help of verify and audit says when else), 2 the command \
line is wrong, 3 a feature is not supported, 4 files or linking, 101 a bug in nativize.";

const RUN_NOTES: &str = "\
Options of nativize come before FILE. All that follows FILE is passed to the program, --help included; one `--` \
right after FILE is dropped.

The executable is kept in $XDG_CACHE_HOME/nativize, or in ~/.cache/nativize.";

const PROFILE_NOTES: &str = "\
Options of nativize come before FILE; all that follows FILE is passed to the program, and one `--` right after FILE is \
dropped. However the program ends, what it did until then is shown, and its exit status is that of the command. \
Options about building and grants are for a module: an executable has its own.";
const VERIFY_NOTES: &str = "\
The code is disassembled and proven function by function, from the file alone: each access to memory stays in a guest \
memory, in the program's data or in the function's frame; each call and branch goes to a function, an instruction of \
the same function or a function that the runtime has for guests; there are no system calls; no segment is writable and \
executable. Each function is proven, unproven (with the reason) or rejected.

Assumed are the runtime (its code, and what it does with arguments), the symbols and tables by which the file says where \
functions, memories and the runtime are, the kernel, the processor and the disassembler. Not covered are side channels \
(Spectre), what host functions grant, and that the code computes what the module says.

Exit status: 0 all is proven, 1 something is unproven or rejected, or the file is not nativize's.";

const AUDIT_NOTES: &str = "\
An executable carries the versions of nativize, of Cranelift and of the other packages that made its code or are part of it, the \
options of its build, and its policy, also when it is stripped. They are checked against the advisories that come with \
nativize and those of --advisories, which are read in the format of RustSec: Markdown that begins with a block of TOML. A given \
advisory replaces a known one with the same id, and a withdrawn one says nothing.

An advisory affects the executable if its package is among those of the executable in a version that is neither patched \
nor unaffected, the code is for one of its architectures and systems, if it names some, and the build had one of its \
options, if it names some. Notices (unmaintained, unsound) are shown and do not count. Cranelift is released with Wasmtime, \
where most advisories about it are published: those that concern Cranelift count, others for that release are shown as related. What the \
note does not say cannot be checked: which functions a program calls, and bugs that nobody published.

Exit status: 0 nothing is known against it, 1 it is affected or damaged, or the file is not nativize's, 2 the \
command line is wrong, 4 a file or a list of advisories cannot be read.";

const BENCH_NOTES: &str = "\
The engines wasmtime, wasmer, wazero, wamrc with iwasm, and wasm2c with clang are measured if they are on PATH. All are \
run in turn, shuffled; the outputs have to agree. The program gets no input and no directories: those of --options are \
granted under nativize only.";

/// Turns a WebAssembly program into a standalone native executable.
#[derive(Parser, Debug)]
#[command(
    name = "nativize",
    bin_name = "nativize",
    version,
    override_usage = "nativize [build] [OPTIONS] FILE\n       nativize run [OPTIONS] FILE [ARGS]...\n       \
                      nativize inspect [OPTIONS] FILE\n       nativize profile [OPTIONS] FILE [ARGS]...\n       \
                      nativize verify [OPTIONS] FILE\n       nativize audit [OPTIONS] FILE\n       nativize bench [OPTIONS] FILE [ARGS]...\n       \
                      nativize explain [CODE]",
    flatten_help = true,
    disable_help_subcommand = true,
    max_term_width = 110,
    after_help = EXAMPLES
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) console: ConsoleArgs,
}

/// The names of the subcommands, for a command line that leaves `build` out.
pub(crate) const COMMANDS: [&str; 10] = [
    "build",
    "run",
    "inspect",
    "profile",
    "verify",
    "audit",
    "bench",
    "explain",
    "completions",
    "man",
];

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Compile a module to an executable (the default)
    Build(BuildArgs),
    /// Compile a module, or take it from the cache, and run it
    Run(RunArgs),
    /// Show what a module needs, or what an executable was built with
    Inspect(InspectArgs),
    /// Run a program under sampling and show what took its time
    Profile(ProfileArgs),
    /// Prove of an executable that its guest code stays inside of its memories, tables and frames
    Verify(VerifyArgs),
    /// Show what an executable was made with, and check that against advisories
    Audit(AuditArgs),
    /// Measure a program under nativize and under the engines on PATH
    Bench(BenchArgs),
    /// Say what a code, an exit status or a message means, and what to do
    Explain(ExplainArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages
    Man(ManArgs),
}

#[derive(Args, Debug)]
#[command(args_override_self = true)]
pub(crate) struct BuildArgs {
    /// The module, binary (.wasm) or text (.wat); `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,

    /// Where to write the result; `-` is standard output [default: FILE without its extension, in the current
    /// directory]
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,

    /// What to write
    #[arg(long, value_enum, value_name = "KIND", default_value = "exe")]
    pub(crate) emit: Emit,

    /// Leave out the symbol table and source lines: smaller, but profilers and debuggers show no function names, and
    /// backtraces no lines
    #[arg(long, conflicts_with = "debug")]
    pub(crate) strip: bool,

    /// Let `nativize profile` take samples of the executable
    #[arg(long)]
    pub(crate) profiling: bool,

    #[command(flatten)]
    pub(crate) program: ProgramArgs,

    #[command(flatten)]
    pub(crate) code: CodeArgs,

    #[command(flatten)]
    pub(crate) grants: GrantArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

#[derive(Args, Debug)]
#[command(
    args_override_self = true,
    override_usage = "nativize run [OPTIONS] FILE [ARGS]...",
    after_help = RUN_NOTES
)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) program: ProgramArgs,

    #[command(flatten)]
    pub(crate) code: CodeArgs,

    #[command(flatten)]
    pub(crate) grants: GrantArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// The module, binary (.wasm) or text (.wat), `-` for standard input, and the program's arguments
    // One list, so that nothing after the file can be taken for an option of nativize.
    #[arg(value_name = "FILE", required = true, num_args = 1.., trailing_var_arg = true)]
    pub(crate) argv: Vec<OsString>,
}

#[derive(Args, Debug)]
#[command(args_override_self = true)]
pub(crate) struct InspectArgs {
    /// A module, or an executable that nativize made; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Write a web page instead: sizes, grants, memory, and code side by side
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) html: Option<PathBuf>,

    /// For the page: the module that the executable was made from
    #[arg(long, value_name = "FILE", requires = "html")]
    pub(crate) module: Option<PathBuf>,

    /// For the page: a profile from `nativize profile`
    #[arg(long, value_name = "FILE", requires = "html")]
    pub(crate) profile: Option<PathBuf>,

    /// For the page: show the code of this function too, by its name or its index; repeatable. Without it, the code of the
    /// hottest and largest is shown
    #[arg(long = "function", value_name = "NAME", requires = "html")]
    pub(crate) functions: Vec<String>,

    /// For the page: read source files below DIR only (without it, below the current directory), none of which is
    /// hidden; DIR may stand for what their paths begin with in the debug information; repeatable
    #[arg(long = "source", value_name = "[FROM=]DIR", requires = "html")]
    pub(crate) sources: Vec<String>,
}

#[derive(Args, Debug)]
#[command(
    args_override_self = true,
    override_usage = "nativize profile [OPTIONS] FILE [ARGS]...",
    after_help = PROFILE_NOTES
)]
pub(crate) struct ProfileArgs {
    /// Where to write the flame graph, which a browser shows [default: NAME.svg]
    #[arg(long, value_name = "FILE")]
    pub(crate) flame_graph: Option<PathBuf>,

    /// Where to write the profile [default: NAME.profile.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,

    /// How many functions to print
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) top: usize,

    /// Samples in a second of processor time; the kernel's clock may allow fewer, often 250
    #[arg(long, value_name = "HZ", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) frequency: u64,

    #[command(flatten)]
    pub(crate) program: ProgramArgs,

    #[command(flatten)]
    pub(crate) code: CodeArgs,

    #[command(flatten)]
    pub(crate) grants: GrantArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// The module, or an executable that was built with --profiling, and the program's arguments
    #[arg(value_name = "FILE", required = true, num_args = 1.., trailing_var_arg = true)]
    pub(crate) argv: Vec<OsString>,
}

#[derive(Args, Debug)]
#[command(args_override_self = true, after_help = VERIFY_NOTES)]
pub(crate) struct VerifyArgs {
    /// An executable that nativize made, with its symbols; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Threads to prove on [default: one for each core]
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

#[derive(Args, Debug)]
#[command(args_override_self = true, after_help = AUDIT_NOTES)]
pub(crate) struct AuditArgs {
    /// An executable that nativize made; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: PathBuf,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// More advisories: a file, or a directory with all that is below it, e.g. a checkout of RustSec's; repeatable
    #[arg(long, value_name = "PATH")]
    pub(crate) advisories: Vec<PathBuf>,
}

#[derive(Args, Debug)]
#[command(
    args_override_self = true,
    override_usage = "nativize bench [OPTIONS] FILE [ARGS]...",
    after_help = BENCH_NOTES
)]
pub(crate) struct BenchArgs {
    /// How often to run the program under each engine
    #[arg(long, value_name = "N", default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,

    /// Options for the build, separated by spaces; repeat it to compare sets of them
    #[arg(
        long,
        value_name = "OPTIONS",
        default_value = "-O2",
        allow_hyphen_values = true
    )]
    pub(crate) options: Vec<String>,

    /// Include interpreters (wasm3, wasmi, iwasm)
    #[arg(long)]
    pub(crate) interpreters: bool,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Also write a web page with plots
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// The module and the program's arguments
    #[arg(value_name = "FILE", required = true, num_args = 1.., trailing_var_arg = true)]
    pub(crate) argv: Vec<OsString>,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// A code (in brackets after a message), an exit status or a message; all codes are listed without it
    #[arg(value_name = "CODE")]
    pub(crate) topic: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: ShellName,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// The directory for them, which is made if there is none
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum ShellName {
    Bash,
    Zsh,
    Fish,
}

/// What the program consists of besides the main module.
#[derive(Args, Debug)]
#[command(next_help_heading = "Program")]
pub(crate) struct ProgramArgs {
    /// Resolve imports from the module NAME by the exports of FILE (.wasm or .wat); repeatable. Linked modules may
    /// import from each other and from WASI
    #[arg(long = "link", value_name = "NAME=FILE")]
    pub(crate) links: Vec<OsString>,

    /// Take the module's debug information from FILE, to which it was split out, so that backtraces show source lines
    /// [default: the file beside the module that the module names]
    #[arg(long, value_name = "FILE")]
    pub(crate) debug_file: Option<PathBuf>,

    /// What becomes of imported functions that nothing provides: `error` refuses the program, `trap` lets them trap with
    /// their name when they are called
    #[arg(long, value_enum, value_name = "WHAT", default_value = "error")]
    pub(crate) unknown_imports: UnknownImports,

    /// Call this export instead of _start; its arguments are the program's, its results are printed
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,
}

/// How code is generated.
#[derive(Args, Debug)]
#[command(next_help_heading = "Code generation")]
pub(crate) struct CodeArgs {
    /// How much to optimize, 0 to 3
    #[arg(
        short = 'O',
        long,
        value_enum,
        value_name = "LEVEL",
        default_value = "2"
    )]
    pub(crate) opt_level: OptLevel,

    /// Make the module's debug information native: gdb then knows its lines, functions, variables and types
    #[arg(short = 'g', long)]
    pub(crate) debug: bool,

    /// Hold memory accesses inside by page protection, or by a compare before each
    #[arg(long, value_enum, value_name = "HOW", default_value = "guard")]
    pub(crate) bounds_checks: BoundsChecks,

    /// What the executable is for: x86_64-linux, also as a triple of clang or rustc, or native
    #[arg(long, value_name = "TARGET", default_value = "x86_64-linux")]
    pub(crate) target: String,

    /// What the executable may use beyond x86-64-v2: v2, v3, v4 or native (this machine), then any of ,+FEATURE
    /// (e.g. v3,+avxvnni). It refuses to start on a lesser machine
    #[arg(long, value_name = "CPU", default_value = "v2")]
    pub(crate) target_cpu: String,

    /// What relaxed SIMD gives where the specification leaves a choice
    #[arg(long, value_enum, value_name = "HOW", default_value = "fast")]
    pub(crate) relaxed_simd: RelaxedSimd,

    /// Threads to compile on [default: one for each core]; the result is the same for any number
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,

    /// Where code of functions is kept for later builds: a directory, or `off` [default: functions in
    /// $XDG_CACHE_HOME/nativize, or in ~/.cache/nativize]; at most 1 GiB. The result is the same with any content
    #[arg(long, value_name = "DIR|off")]
    pub(crate) cache: Option<OsString>,

    /// Options for the development of nativize, which may change or go; repeatable. no-PASS or
    /// no-passes: leave passes of the optimizer out. valgrind: the executable runs under valgrind; UNSAFE: its memory
    /// ends earlier, and an access past that is not caught
    #[arg(short = 'Z', value_name = "NAME", value_parser = unstable::parse)]
    pub(crate) unstable: Vec<Unstable>,
}

/// What the program is granted.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Granted to the program")]
pub(crate) struct GrantArgs {
    /// Give access to a directory, which the program sees as GUEST [default: HOST as written]; `:ro` allows
    /// reading only. A relative HOST is resolved when the program starts
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro]")]
    pub(crate) dirs: Vec<OsString>,

    /// Set an environment variable, or with K alone pass its value through when the program starts
    #[arg(long = "env", value_name = "K[=V]")]
    pub(crate) env: Vec<OsString>,

    /// Pass the whole environment through when the program starts
    #[arg(long)]
    pub(crate) inherit_env: bool,

    /// Put a directory into the executable as it is now: the program sees it as GUEST, and nothing can change it
    #[arg(long = "embed-dir", value_name = "HOST::GUEST")]
    pub(crate) embed_dirs: Vec<OsString>,

    /// Listen at ADDR, an address and a port, when the program starts; it gets the socket as a descriptor after those of
    /// its directories; repeatable
    #[arg(long = "tcp-listen", value_name = "ADDR")]
    pub(crate) tcp_listen: Vec<String>,

    /// Pass on the sockets that systemd starts the program with (LISTEN_FDS), before those of --tcp-listen
    #[arg(long)]
    pub(crate) listen_fds: bool,

    /// Give access to the current directory and to the whole environment of whoever starts the program: what an
    /// ordinary command-line tool has. The same as --dir . --inherit-env
    #[arg(long)]
    pub(crate) grant_cwd_and_env: bool,

    /// Take grants and limits from a TOML file whose keys are these flags, e.g. dir = ["data::/data:ro"]
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) policy: Option<PathBuf>,
}

/// How the program is held to that, and to what else.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Enforcement and limits")]
pub(crate) struct LimitArgs {
    /// Let the kernel enforce the grants too (seccomp, Landlock): auto is as far as it can, strict does not start
    /// where it cannot [default: auto]
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) sandbox: Option<SandboxMode>,

    /// Size of the stack, in bytes or with K, M or G [default: 8M]
    #[arg(long, value_name = "SIZE")]
    pub(crate) stack_size: Option<String>,

    /// End the program when its memories need more than this
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_memory: Option<String>,

    /// End the program when it has more descriptors open, standard streams and granted directories included
    #[arg(long, value_name = "N")]
    pub(crate) max_fds: Option<u64>,

    /// End the program after that time, in seconds or with ms, s, m or h
    #[arg(long, value_name = "TIME")]
    pub(crate) timeout: Option<String>,

    /// End the program after that much processor time
    #[arg(long, value_name = "TIME")]
    pub(crate) cpu_timeout: Option<String>,

    /// Ignore NATIVIZE_* variables when the program starts, but for NATIVIZE_DENY
    #[arg(long)]
    pub(crate) no_knobs: bool,

    /// Let a trap write a core dump, with all of its memory, to the file that NATIVIZE_COREDUMP names when the program
    /// starts
    #[arg(long, conflicts_with = "no_knobs")]
    pub(crate) coredump: bool,
}

/// What is said on the terminal.
#[derive(Args, Debug)]
pub(crate) struct ConsoleArgs {
    /// Report phases, times and sizes
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Report nothing but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// When to use colors; auto is on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        global = true
    )]
    pub(crate) color: ColorChoice,

    /// How messages are written: for people, or as one JSON object a line
    #[arg(
        long,
        value_enum,
        value_name = "FORM",
        default_value = "human",
        global = true
    )]
    pub(crate) message_format: MessageFormat,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MessageFormat {
    #[default]
    Human,
    Json,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emit {
    /// An executable
    Exe,
    /// Relocatable objects, the linker script and the command that links them
    Obj,
    /// Cranelift's intermediate code, as text
    Clif,
    /// Assembly, as text
    Asm,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum OptLevel {
    #[value(name = "0")]
    O0,
    #[value(name = "1")]
    O1,
    #[value(name = "2")]
    O2,
    #[value(name = "3")]
    O3,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum UnknownImports {
    Error,
    Trap,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum BoundsChecks {
    Guard,
    Explicit,
}

#[derive(ValueEnum, Clone, Copy, Debug)]
pub(crate) enum RelaxedSimd {
    /// What takes the fewest instructions on the target
    Fast,
    /// The same on every target
    Deterministic,
}

#[derive(ValueEnum, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SandboxMode {
    Auto,
    Strict,
    Off,
}

#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}
