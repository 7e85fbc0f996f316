//! The codes of failures and of the ends of programs: a name each, and what `nativize explain` says about it.

use nativize_abi::Trap;

use crate::error::Status;

macro_rules! codes {
    ($($variant:ident = $name:literal, $status:ident, $title:literal, $text:literal;)*) => {
        /// Why a command failed. Names are stable: scripts compare them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            pub(crate) const ALL: &[Code] = &[$(Code::$variant),*];

            /// The name, which follows the message in brackets.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// The exit status.
            pub(crate) fn status(self) -> Status {
                match self { $(Code::$variant => Status::$status,)* }
            }

            /// What it means, in a few words.
            pub(crate) fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// What it comes from and what to do.
            pub(crate) fn text(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }
        }
    };
}

codes! {
    NotWasm = "not-wasm", Invalid, "the file is no WebAssembly module",
        "A binary module starts with the bytes `\\0asm`, a module as text with `(module`. Object files of other kinds, \
         archives, JavaScript that embeds a module, and a web page that was downloaded instead of one are common \
         mistakes: `file FILE` or `head -c 16 FILE | xxd` shows what it is.";
    InvalidModule = "invalid-module", Invalid, "the module is damaged or breaks a rule of WebAssembly",
        "The cause names the rule and the offset in the file. `unexpected end` means that the file is cut short: copy, \
         download or build it again. Otherwise the tool that wrote the module has a bug, or the module was changed \
         afterwards.";
    NotOurs = "not-made-by-nativize", Invalid, "an executable that nativize did not make",
        "`nativize inspect` reads modules and the executables that `nativize build` makes; these carry a record of what \
         they were built with.";
    NotForProfiling = "not-built-for-profiling", Usage, "an executable takes no samples of itself",
        "`nativize profile` runs modules, which it builds for that, and executables from `nativize build --profiling`. \
         Others have nothing in them that could take samples.";
    NotProven = "not-proven", Invalid, "code of an executable is not proven to stay inside",
        "`nativize verify` names each function with the reason and the address. Unproven code may be right: the checker \
         does not follow every form. With guard pages (the default) all code is expected to be proven.";
    Rejected = "rejected", Invalid, "an executable breaks a rule of isolation",
        "`nativize verify` found code or a file that nativize does not make: a system call, a branch or a call to where none \
         may go, a write to code, a segment that is writable and executable. Do not run it, and build it again. If it is \
         the output of nativize as it was written, that is a bug: please report it.";
    Affected = "affected", Invalid, "an advisory is about what an executable was made with",
        "`nativize audit` names the advisory, the package and the versions that are patched. Build the program again with a \
         nativize that has one of them. A trap or a wrong result may be what the advisory describes.";
    DamagedNotes = "damaged-notes", Invalid, "an executable or what it says of itself is damaged",
        "nativize writes notes into every executable that it makes. These or the file were changed or cut off since, or another \
         version wrote them. Build it again, or copy it again from where it came from; do not run what somebody else changed.";
    BadAdvisory = "bad-advisory", Files, "an advisory cannot be read",
        "--advisories takes Markdown files that begin with a block ```toml, as RustSec's are: [advisory] with id, package and \
         date, and [versions] with patched and unaffected, lists of version requirements. README.md in cli/advisories \
         describes the form.";
    Usage = "usage", Usage, "the command line is wrong",
        "`nativize --help` lists the options, with examples. Options of nativize come before FILE in `nativize run`; \
         what follows FILE belongs to the program.";
    BadValue = "bad-value", Usage, "an option or a key of a policy has a value of the wrong form",
        "The help line shows the form. `nativize --help` says what each option takes.";
    UnknownTarget = "unknown-target", Usage, "there are no executables for that target",
        "Executables are for x86-64 Linux. `--target x86_64-linux`, the triples x86_64-unknown-linux-gnu and -musl, and \
         `native` on such a machine all mean that; they run on any distribution, since they need no libc. What the \
         processor must have is chosen with --target-cpu.";
    Overwrite = "would-overwrite", Usage, "the output would replace an input or go to the terminal",
        "Choose the output with -o. Without it, the output is FILE without its extension, in the current directory.";
    Unsupported = "unsupported-feature", Unsupported, "the module needs a proposal that is not supported",
        "The cause names the feature and the offset where the module uses it; `nativize inspect FILE` lists all \
         features of a module. Compilers leave most proposals out unless they are asked for: with clang by -mno-NAME, \
         with Rust by -C target-feature=-NAME; binaryen's wasm-opt lowers some.";
    Component = "component", Unsupported, "the file is a component, not a core module",
        "Components (WASI 0.2) are not supported. Build for WASI preview 1: Rust with --target wasm32-wasip1, C with \
         --target=wasm32-wasip1 of wasi-sdk, TinyGo with -target=wasip1. `wasm-tools component unbundle` takes the core modules \
         out of a component, but these import the functions of WASI 0.2 then.";
    TooLarge = "too-large", Unsupported, "the program is larger than an implementation limit",
        "The cause names the limit. README.md lists the limits of executables.";
    MissingImport = "missing-import", Files, "nothing provides a function, memory, table, global or tag that the module imports",
        "WASI preview 1 is always there. Other imports come from modules that are linked with --link NAME=FILE. An import \
         from `env` is mostly a function that was undefined when the module was linked. If it is never called, \
         --unknown-imports=trap builds the program all the same: it then traps with the import's name when it is.";
    ImportType = "import-type", Files, "an import is there, but has another type",
        "Who imports and who exports were built against different versions of an interface, or by toolchains with \
         different calling conventions. Rebuild both with the same.";
    ModuleCycle = "module-cycle", Files, "linked modules import from each other in a cycle",
        "Modules are instantiated one after the other, so no two can need each other. Move what they share into a module \
         of its own.";
    NotALibrary = "not-a-library", Files, "a linked module is a program",
        "It exports `_start`. Build it as a reactor: clang -mexec-model=reactor, or a Rust cdylib.";
    NoEntryPoint = "no-entry-point", Files, "there is nothing to run in the module",
        "A program exports `_start`. --invoke NAME runs another exported function; the program's arguments are its \
         arguments then, and its results are printed.";
    CannotRead = "cannot-read", Files, "a file cannot be read",
        "The cause is what the operating system says. A relative path starts at the current directory.";
    DebugFile = "debug-file", Files, "a file has no debug information, or that of another module",
        "--debug-file takes the file to which a module's sections .debug_* were split out, e.g. by emscripten's \
         -gseparate-dwarf or llvm-objcopy --only-keep-debug, or the module as it was before it was stripped. The code \
         must be the same: a module that was optimized after the split has other offsets than the file tells.";
    CannotEmbed = "cannot-embed", Files, "a directory cannot become part of the executable",
        "--embed-dir takes files, directories and symbolic links, of 1 GiB at most. --dir grants what is read when the \
         program runs instead.";
    CannotWrite = "cannot-write", Files, "the output cannot be written",
        "The cause is what the operating system says. Nothing is left behind: an output appears whole or not at all. -o \
         chooses another place.";
    CannotRun = "cannot-run", Files, "the program was compiled, but cannot be executed here",
        "The file system of the cache may forbid execution (noexec): set XDG_CACHE_HOME, or use `nativize build -o` into \
         another directory.";
    NoSamples = "no-samples", Files, "a program ended before samples were taken",
        "What it said is above the message: it may not start here, or be built with --no-knobs, which leaves nobody a say \
         in how it runs. A program that ends by a trap or by a signal leaves its samples all the same.";
    Bench = "bench-failed", Files, "a measurement failed",
        "The cause names the engine and what it said. `nativize run` shows whether the program itself works.";
    Bug = "bug", Bug, "a bug in nativize",
        "The program may well be right. Please report it, with the module, the command line and the version. \
         RUST_BACKTRACE=1 adds where it happened; `-Z no-passes` or `-O0` may avoid it.";
}

/// How a program's run can end, by the words that it prints, and what `nativize explain` says about it.
///
/// The first item is the code, which is printed nowhere: the message is looked for as well.
pub(crate) const ENDS: &[(&str, &[&str], &str)] = &[
    (
        "stack-exhausted",
        &[Trap::StackExhausted.message()],
        "The calls that were active at once needed more than the stack, which is 8 MiB unless it was chosen. If the \
         backtrace repeats the same functions, the recursion has no end; otherwise build with a larger stack: \
         nativize app.wasm --stack-size 64M.",
    ),
    (
        "out-of-bounds",
        &[Trap::MemoryOutOfBounds.message()],
        "The program accessed an address past the end of its memory: mostly through a null or stale pointer with a large \
         offset, or an index that was not checked. The backtrace names the functions; build the module with their \
         names (without -s, -Wl,--strip-all, or strip = true), and with -g and -O1 if it is still too short because of \
         inlining.",
    ),
    (
        "unreachable",
        &[Trap::Unreachable.message()],
        "The program ended itself: abort(), a failed assertion, a Rust panic with panic=abort (the message is above), or code \
         that the compiler took for unreachable, e.g. after undefined behaviour. A release build prints less: build the \
         module with names and debug assertions to see which.",
    ),
    (
        "table-out-of-bounds",
        &[Trap::TableOutOfBounds.message()],
        "An index into a table was past its end.",
    ),
    (
        "undefined-element",
        &[Trap::UndefinedElement.message()],
        "A call through a function pointer whose value is no function of the program: the pointer was overwritten, \
         or cast from an integer.",
    ),
    (
        "uninitialized-element",
        &[Trap::UninitializedElement.message()],
        "A call through a null function pointer.",
    ),
    (
        "indirect-call-type-mismatch",
        &[Trap::IndirectCallTypeMismatch.message()],
        "A function was called through a pointer of another type, which C allows to write but WebAssembly does not allow \
         to execute. Declare it with the type that it is called by; clang warns with -Wcast-function-type.",
    ),
    (
        "divide-by-zero",
        &[Trap::IntegerDivideByZero.message()],
        "An integer was divided by zero.",
    ),
    (
        "integer-overflow",
        &[Trap::IntegerOverflow.message()],
        "The smallest integer was divided by -1, or a float that is too large was converted to an integer. clang \
         -mnontrapping-fptoint converts without traps.",
    ),
    (
        "invalid-conversion",
        &[Trap::InvalidConversionToInteger.message()],
        "NaN was converted to an integer. clang -mnontrapping-fptoint converts without traps.",
    ),
    (
        "uncaught-exception",
        &[Trap::UncaughtException.message()],
        "An exception left the program's entry point. The tag in parentheses tells whose it is, e.g. __cpp_exception.",
    ),
    (
        "unknown-import",
        &[Trap::UnknownImport.message()],
        "The program was built with --unknown-imports=trap and called a function that nothing provides. Link the module \
         that exports it with --link.",
    ),
    (
        "directory-missing",
        &["error: --dir"],
        "A directory that was granted at build cannot be opened at start. A relative path starts at the current directory of \
         whoever starts the program. Create it, start the program elsewhere, or build it with another --dir; \
         NATIVIZE_DENY=dir:GUEST starts it without that directory.",
    ),
    (
        "not-granted",
        &[
            "Permission denied",
            "Operation not permitted",
            "Capabilities insufficient",
            "pre-opened",
        ],
        "The program asked for what its build did not grant, and got an error that it reports in its own words. \
         `nativize inspect app` shows what was granted. Grant more with \
         --dir HOST::GUEST (without `:ro` for writing), --env NAME or --tcp-listen ADDR. NATIVIZE_DENY takes grants away \
         at start.",
    ),
    (
        "limit-reached",
        &["limit of"],
        "The program was built with --max-memory, --max-fds, --timeout or --cpu-timeout, and needed more. The message names \
         the flag; build it with a larger value.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let ends = ENDS.iter().map(|end| end.0);
        let mut names: Vec<_> = Code::ALL
            .iter()
            .map(|code| code.name())
            .chain(ends)
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
