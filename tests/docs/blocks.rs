//! The fenced blocks of a Markdown document.

/// A block between fences.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// ```` ```console ````: commands, each with what it prints on a terminal.
    Console(Vec<Step>),
    /// ```` ```json ````: what the command in the line before prints, in its fields and types.
    Json { command: String, example: String },
    /// ```` ```sh ```` and ```` ```text ````: shown only.
    NotRun(String),
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

fn block(kind: &str, body: &[&str], before: &str) -> Result<Block, String> {
    match kind {
        "console" => steps(body).map(Block::Console),
        "json" => {
            let command = before.split('`').nth(1).filter(|code| code.contains("keyctl "));
            let command = command.ok_or_else(|| format!("no command stands before the JSON: {before}"))?;
            Ok(Block::Json { command: command.to_owned(), example: body.join("\n") })
        }
        "sh" | "text" => Ok(Block::NotRun(body.join("\n"))),
        other => Err(format!("a block is none of console, json, sh, text: {other:?}")),
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
fn a_block_that_would_not_be_run_by_mistake_is_an_error() {
    for document in
        ["```bash\nkeyctl a\n```", "```console\nkeyctl a\n```", "prints:\n```json\n{}\n```", "```\na\n```"]
    {
        assert!(parse(document).is_err(), "{document}");
    }
}
