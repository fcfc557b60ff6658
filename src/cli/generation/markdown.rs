//! The reference of the command line in Markdown.

use std::fmt::Write as _;

use super::page::{Item, Page};
use crate::cli::arguments::help::{EXIT_CODES, NONZERO, VARIABLES};

const HEAD: &str = "# Command line

The commands of keyctl with their arguments and options. This page is made from the program's own help:
`keyctl COMMAND --help` says the same, and so does `keyctl man COMMAND`.
";

/// All commands, and then what they have in common.
pub(super) fn render(pages: &[Page]) -> String {
    let mut text = HEAD.to_owned();
    let Some((tool, commands)) = pages.split_first() else { return text };
    text.push('\n');
    for page in commands {
        let _ = writeln!(text, "- [{}](#{}): {}", page.name, page.file(), escape(&page.about));
    }
    for page in commands {
        command(&mut text, page);
    }
    text.push_str("\n## Global options\n\nEvery command takes these, and `--help`.\n\n");
    items(&mut text, &tool.global);
    text.push_str("\n## Environment\n\n| Variable | Meaning |\n|---|---|\n");
    for (names, meaning) in VARIABLES {
        let names: Vec<String> = names.split(", ").map(|name| format!("`{name}`")).collect();
        let _ = writeln!(text, "| {} | {} |", names.join(", "), escape(meaning));
    }
    text.push_str("\n## Exit codes\n\n| Code | Meaning |\n|---|---|\n");
    for (code, _, meaning) in EXIT_CODES {
        let _ = writeln!(text, "| {code} | {} |", escape(meaning));
    }
    let _ = writeln!(text, "\n{NONZERO}");
    text
}

fn command(text: &mut String, page: &Page) {
    let _ = writeln!(text, "\n## {}\n\n{}.", page.name, escape(&page.about));
    for paragraph in &page.details {
        let _ = writeln!(text, "\n{}", escape(paragraph));
    }
    for alias in &page.aliases {
        let _ = writeln!(text, "\nThe same as `{alias}`.");
    }
    let _ = writeln!(text, "\n```text\n{}\n```", page.usage);
    let own = || page.arguments.iter().filter(|item| !item.is_standard);
    if own().next().is_some() {
        text.push('\n');
        items(text, own());
    }
    if !page.examples.is_empty() {
        let lines: Vec<String> = page.examples.iter().map(|example| as_shell(example)).collect();
        let _ = writeln!(text, "\n```sh\n{}\n```", lines.join("\n"));
    }
}

fn items<'p>(text: &mut String, items: impl IntoIterator<Item = &'p Item>) {
    for item in items {
        let _ = write!(text, "- `{}`: {}", item.term, escape(&item.help));
        if let Some(default) = &item.default {
            let _ = write!(text, " \\[default: {default}\\]");
        }
        if let Some(values) = item.bare_values() {
            let _ = writeln!(text, " \\[one of {values}\\]");
            continue;
        }
        text.push('\n');
        for (value, meaning) in &item.values {
            let _ = writeln!(text, "  - `{value}`: {}", escape(meaning));
        }
    }
}

/// The remark behind an example becomes a comment.
fn as_shell(example: &str) -> String {
    match example.split_once("  ") {
        Some((command, remark)) => format!("{command}  # {}", remark.trim()),
        None => example.to_owned(),
    }
}

/// Keeps Markdown from taking a text's own marks for its own.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if "\\*<>[]|`".contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}
