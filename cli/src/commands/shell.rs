//! `nativize completions` and `nativize man`: what a package installs beside the command, from its own definitions.

use std::path::Path;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::{BuildArgs, CommandLine, CompletionsArgs, ManArgs, ShellName};
use crate::error::Failure;
use crate::stdout;

/// Prints the completions for a shell.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<(), Failure> {
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
    };
    // `build` may be left out, so its options stand at the top as well.
    let mut command = BuildArgs::augment_args(CommandLine::command());
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "nativize", &mut script);
    stdout::print(&String::from_utf8_lossy(&script))
}

/// Writes a page for the command and for each of its subcommands.
pub(crate) fn man(args: &ManArgs) -> Result<(), Failure> {
    let folder: &Path = &args.folder;
    std::fs::create_dir_all(folder)
        .and_then(|()| {
            // The flattened help repeats in one page what each has for itself.
            let command = CommandLine::command().flatten_help(false);
            clap_mangen::generate_to(command, folder)
        })
        .map_err(|error| Failure::file("write", folder, &error).help("choose another directory"))
}
