//! Completion scripts and manual pages, made from the definition of the command line.

use std::io;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, complete};

/// The completion script for a shell. Those for bash, zsh and fish ask the program for candidates.
pub fn completions(shell: Shell) -> Vec<u8> {
    let script = match shell {
        Shell::Bash => complete::BASH,
        Shell::Zsh => complete::ZSH,
        Shell::Fish => complete::FISH,
        _ => return without_store(shell),
    };
    script.as_bytes().to_vec()
}

/// A script that holds the commands and options themselves: the dynamic ones that could be
/// made for these shells run parts of what was typed (PowerShell), or were never tried here.
fn without_store(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keyctl", &mut script);
    script
}

/// A manual page.
#[derive(Clone, Debug)]
pub struct ManPage {
    /// `keyctl`, `keyctl-mint`, `keyctl-store-init` …
    pub name: String,
    /// Its source in roff.
    pub roff: Vec<u8>,
}

/// One page for each command.
pub fn man_pages() -> io::Result<Vec<ManPage>> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, "keyctl", &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<ManPage>) -> io::Result<()> {
    for sub in command.get_subcommands() {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    let mut roff = Vec::new();
    clap_mangen::Man::new(command.clone().name(name.to_owned()))
        .date("")
        .source(concat!("keyctl ", env!("CARGO_PKG_VERSION")))
        .manual("keyctl manual")
        .render(&mut roff)?;
    pages.push(ManPage { name: name.to_owned(), roff });
    Ok(())
}
