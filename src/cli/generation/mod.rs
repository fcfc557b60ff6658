//! Completion scripts, manual pages and the reference, made from the definition of the command
//! line.

mod man;
#[cfg(feature = "internals")]
mod markdown;
mod page;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, completion};
use page::Page;

/// The completion script for a shell. Those for bash, zsh and fish ask the program for candidates.
pub fn completions(shell: Shell) -> Vec<u8> {
    let script = match shell {
        Shell::Bash => completion::BASH,
        Shell::Zsh => completion::ZSH,
        Shell::Fish => completion::FISH,
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

#[derive(Clone, Debug)]
pub struct ManPage {
    /// `keyctl`, `keyctl-mint`, `keyctl-store-init` …
    pub name: String,
    pub roff: String,
}

/// One page for each command, the tool itself first.
pub fn man_pages() -> Vec<ManPage> {
    let pages = pages();
    pages.iter().map(|page| ManPage { name: page.file(), roff: man::render(page, &pages) }).collect()
}

/// The reference of all commands, in Markdown.
#[cfg(feature = "internals")]
pub fn reference() -> String {
    markdown::render(&pages())
}

fn pages() -> Vec<Page> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    Page::all(&mut command)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// The words of a call of keyctl in a line of shell, without a remark, a pipe or a redirection.
    fn words(example: &str) -> Vec<String> {
        let call = &example[example.find("keyctl ").expect("a call of keyctl")..];
        let end = [" |", " >", " <", ")", "  "].iter().filter_map(|mark| call.find(mark)).min();
        let call = &call[..end.unwrap_or(call.len())];
        let mut words = vec![String::new()];
        let mut is_quoted = false;
        for char in call.chars() {
            match (char, words.last_mut()) {
                ('\'' | '"', _) => is_quoted = !is_quoted,
                (' ', _) if !is_quoted => words.push(String::new()),
                (_, Some(word)) => word.push(char),
                (_, None) => {}
            }
        }
        words
    }

    #[test]
    fn every_command_has_examples_and_each_can_be_typed() {
        let mut faults = Vec::new();
        for page in pages().iter().filter(|page| page.commands.is_empty()) {
            if page.examples.is_empty() {
                faults.push(format!("{} has no examples", page.name));
            }
            for example in &page.examples {
                let words = words(example);
                let parsed = Cli::try_parse_from(&words);
                faults.extend(parsed.err().map(|error| format!("{example}: {error}")));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
