//! The fenced blocks of a Markdown document.

use yaml_rust2::{Yaml, YamlLoader};

/// A block between fences.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// ```` ```console ````: commands, each with what it prints on a terminal.
    Console(Vec<Step>),
    /// ```` ```json ````: what the command in the line before prints, in its fields and types.
    Json { command: String, example: String },
    /// ```` ```yaml ````: one document, which parses.
    Yaml(Yaml),
    /// ```` ```ini ````: a unit of systemd, made of sections, settings and comments.
    Unit(String),
    /// ```` ```sh ```` and ```` ```text ````: shown only, but for the scripts of the recipes.
    NotRun { kind: String, text: String },
    /// `First, [do that](../README.md#that)`: what is shown there is done here.
    First { document: String, heading: String },
}

/// A command and what follows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub command: String,
    pub output: String,
}

/// All blocks in order. A block that is none of the kinds above is an error, so that no
/// example escapes by a typing mistake.
pub(super) fn parse(document: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut before = "";
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            blocks.extend(first(line));
            if !line.trim().is_empty() {
                before = line;
            }
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        blocks.push(block(kind, &body, before)?);
    }
    Ok(blocks)
}

/// A line that sends the reader to a section of another document, which stands beside this one or above.
fn first(line: &str) -> Option<Block> {
    let link = line.strip_prefix("First, [")?.split_once("](")?.1;
    let (document, heading) = link.split_once(')')?.0.split_once('#')?;
    let document = document.strip_prefix("../").map_or_else(|| format!("docs/{document}"), str::to_owned);
    Some(Block::First { document, heading: heading.to_owned() })
}

/// The part of a document that stands under a heading.
pub(super) fn section(document: &str, heading: &str) -> Result<String, String> {
    let (mut is_code, mut level, mut found) = (false, 0, String::new());
    for line in document.lines() {
        is_code ^= line.starts_with("```");
        let depth = if is_code { 0 } else { line.bytes().take_while(|byte| *byte == b'#').count() };
        if level > 0 && depth > 0 && depth <= level {
            break;
        }
        if level > 0 {
            found.push_str(line);
            found.push('\n');
        } else if depth > 0 && heading_name(line[depth..].trim()) == heading {
            level = depth;
        }
    }
    if level > 0 { Ok(found) } else { Err(format!("there is no heading {heading}")) }
}

/// What stands behind `#` in a link to a heading.
pub(super) fn heading_name(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn block(kind: &str, body: &[&str], before: &str) -> Result<Block, String> {
    match kind {
        "console" => steps(body).map(Block::Console),
        "json" => {
            let command = before.split('`').nth(1).filter(|code| code.contains("keyctl "));
            let command = command.ok_or_else(|| format!("no command stands before the JSON: {before}"))?;
            Ok(Block::Json { command: command.to_owned(), example: body.join("\n") })
        }
        "yaml" => yaml(&body.join("\n")).map(Block::Yaml),
        "ini" => unit(body).map(Block::Unit),
        "sh" | "sql" | "text" | "toml" | "rust" | "python" | "js" => {
            Ok(Block::NotRun { kind: kind.to_owned(), text: body.join("\n") })
        }
        other => Err(format!(
            "a block is none of console, json, yaml, ini, sh, sql, text, toml, rust, python, js: {other:?}"
        )),
    }
}

fn yaml(text: &str) -> Result<Yaml, String> {
    let mut documents = YamlLoader::load_from_str(text).map_err(|error| format!("{error} in {text}"))?;
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) if document.as_hash().is_some() => Ok(document),
        _ => Err(format!("this is not one YAML mapping: {text}")),
    }
}

fn unit(body: &[&str]) -> Result<String, String> {
    let is_setting = |line: &str| {
        let name = line.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    let is_section = |line: &str| line.starts_with('[') && line.ends_with(']');
    match body
        .iter()
        .find(|line| !(line.is_empty() || line.starts_with('#') || is_section(line) || is_setting(line)))
    {
        Some(line) => Err(format!("this is no line of a unit: {line:?}")),
        None => Ok(body.join("\n")),
    }
}

fn steps(body: &[&str]) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    for line in body {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => {
                steps.push(Step { command: command.to_owned(), output: String::new() });
            }
            (None, Some(step)) if step.output.is_empty() && step.command.ends_with('\\') => {
                step.command.push('\n');
                step.command.push_str(line);
            }
            (None, Some(step)) => {
                step.output.push_str(line);
                step.output.push('\n');
            }
            (None, None) => return Err(format!("a console block starts with a command, not with {line:?}")),
        }
    }
    Ok(steps)
}

#[test]
fn commands_and_what_they_print_are_told_apart() {
    let step = |command: &str, output: &str| Step { command: command.into(), output: output.into() };
    let document = "\
text\n```console\n$ keyctl a \\\n    --b\none\ntwo\n$ keyctl c\n```\n`keyctl d -o json` prints:\n\n```json\n{}\n```\n";
    let json = Block::Json { command: "keyctl d -o json".into(), example: "{}".into() };
    let console = Block::Console(vec![step("keyctl a \\\n    --b", "one\ntwo\n"), step("keyctl c", "")]);
    assert_eq!(parse(document), Ok(vec![console, json]));
}

#[test]
fn what_is_done_first_is_the_section_under_that_heading() {
    let first = |document: &str| Block::First { document: document.into(), heading: "a-key-of-ours".into() };
    assert_eq!(parse("First, [a](../README.md#a-key-of-ours) or b.\n"), Ok(vec![first("README.md")]));
    assert_eq!(parse("First, [a](x.md#a-key-of-ours).\n"), Ok(vec![first("docs/x.md")]));
    assert_eq!(parse("At first, [a](x.md#a).\nFirst, [a](x.md).\n"), Ok(vec![]));
    let document = "# A\nx\n## A key, of ours\n1\n```sh\n# no heading\n```\n### Below\n2\n## B\n3\n";
    let found = section(document, "a-key-of-ours").expect("a section");
    assert_eq!(found, "1\n```sh\n# no heading\n```\n### Below\n2\n");
    assert!(section(document, "c").is_err());
}

#[test]
fn a_block_that_would_not_be_run_by_mistake_is_an_error() {
    for document in [
        "```bash\nkeyctl a\n```",
        "```yaml\na: [b\n```",
        "```yaml\na\n```",
        "```ini\nkeyctl list\n```",
        "```console\nkeyctl a\n```",
        "prints:\n```json\n{}\n```",
        "```\na\n```",
    ] {
        assert!(parse(document).is_err(), "{document}");
    }
}
