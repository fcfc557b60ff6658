//! A command that gets a fresh token on its standard input, as the configuration file names it.

use std::fmt;
use std::time::Duration;

use crate::domain::texts::text::{CodePoint, is_hidden};
use crate::domain::texts::{leak, misplaced};

/// What is public of a fresh token and its key, and may stand in a command's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub owner: String,
    pub name: String,
    pub key_id: String,
    /// The token's public part.
    pub prefix: String,
    /// The public parts of the key's other tokens that go on working beside it.
    pub living: Vec<String>,
}

impl Facts {
    fn get(&self, placeholder: &str) -> &str {
        match placeholder {
            "owner" => &self.owner,
            "name" => &self.name,
            "key_id" => &self.key_id,
            _ => &self.prefix,
        }
    }
}

/// What is replaced in an argument: `{owner}`, …
pub const PLACEHOLDERS: [&str; 4] = ["owner", "name", "key_id", "prefix"];

/// A program with its arguments, no shell.
#[derive(Clone, PartialEq, Eq)]
pub struct SinkCommand {
    program: String,
    arguments: Vec<String>,
    /// Whether a line end follows the token.
    pub newline: bool,
    /// When it is ended, with all that it started.
    pub timeout: Duration,
}

/// Without the arguments, which are the operator's own.
impl fmt::Debug for SinkCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} arguments)", self.program, self.arguments.len())
    }
}

/// How long a command may take, unless it is said.
pub const USUAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Why words are no command. None repeats a word: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkCommandError {
    #[error("there is no program: write it first, then its arguments, each a text of its own")]
    Empty,
    #[error("its program has blanks in it: write each argument as a text of its own, there is no shell")]
    Line,
    #[error("argument {0} contains {1}")]
    Hidden(usize, CodePoint),
    #[error("argument {0} has a secret in it, which whoever lists processes would see")]
    Secret(usize),
    #[error(
        "argument {0} has a placeholder that is not known; known are {{owner}}, {{name}}, {{key_id}} and {{prefix}}; \
         the token is on standard input alone"
    )]
    Placeholder(usize),
    #[error("its program has a placeholder: the program is always the same")]
    Program,
}

impl SinkCommand {
    /// Of a program and its arguments.
    pub fn new(words: impl IntoIterator<Item = String>) -> Result<Self, SinkCommandError> {
        let words: Vec<String> = words.into_iter().collect();
        for (index, word) in words.iter().enumerate() {
            if let Some(odd) = word.chars().find(|c| is_hidden(*c)) {
                return Err(SinkCommandError::Hidden(index, CodePoint(odd)));
            }
            if misplaced::is_in_command(word) || leak::secret_in(word).is_some() {
                return Err(SinkCommandError::Secret(index));
            }
            if placeholders(word).any(|(_, name)| !PLACEHOLDERS.contains(&name)) {
                return Err(SinkCommandError::Placeholder(index));
            }
        }
        let mut words = words.into_iter();
        let program = words.next().filter(|word| !word.trim().is_empty()).ok_or(SinkCommandError::Empty)?;
        let arguments: Vec<String> = words.collect();
        if arguments.is_empty() && program.contains(' ') {
            return Err(SinkCommandError::Line);
        }
        if placeholders(&program).next().is_some() {
            return Err(SinkCommandError::Program);
        }
        Ok(Self { program, arguments, newline: false, timeout: USUAL_TIMEOUT })
    }

    pub fn program(&self) -> &str {
        &self.program
    }

    /// The same with its program elsewhere.
    #[must_use]
    pub(crate) fn with_program(self, program: String) -> Self {
        Self { program, ..self }
    }

    /// What it gets for a token: each placeholder stands for one text, within one argument.
    pub fn arguments(&self, facts: &Facts) -> Vec<String> {
        self.arguments.iter().map(|argument| filled(argument, facts)).collect()
    }
}

fn filled(argument: &str, facts: &Facts) -> String {
    let mut text = String::new();
    let mut at = 0;
    for (start, name) in placeholders(argument) {
        text.push_str(&argument[at..start]);
        text.push_str(facts.get(name));
        at = start + name.len() + 2;
    }
    text.push_str(&argument[at..]);
    text
}

/// Each `{word}` of small letters and `_`, with where it begins. Other braces are the program's own.
fn placeholders(argument: &str) -> impl Iterator<Item = (usize, &str)> {
    argument.match_indices('{').filter_map(|(start, _)| {
        let name = argument[start + 1..].split_once('}')?.0;
        let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        is_word.then_some((start, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> Result<SinkCommand, SinkCommandError> {
        SinkCommand::new(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn placeholders_stand_for_public_facts_in_single_arguments() {
        let facts = Facts {
            owner: "{name}@example.com".to_owned(),
            name: "ci".to_owned(),
            key_id: "key_01".to_owned(),
            prefix: "sks_4fTq9ZkPw2Xa".to_owned(),
            living: Vec::new(),
        };
        let command = command(&[
            "bao",
            "kv",
            "put",
            "secret/{owner}/{name}",
            "id={key_id}",
            "{{prefix}}",
            "{ }",
            "{}",
            "{A}",
        ])
        .expect("a command");
        assert_eq!(
            command.arguments(&facts),
            [
                "kv",
                "put",
                "secret/{name}@example.com/ci",
                "id=key_01",
                "{sks_4fTq9ZkPw2Xa}",
                "{ }",
                "{}",
                "{A}"
            ]
        );
        assert_eq!((command.program(), command.newline, command.timeout.as_secs()), ("bao", false, 30));
    }

    #[test]
    fn what_is_no_command_is_refused_without_being_repeated() {
        let token = "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
        for (words, error) in [
            (&[][..], SinkCommandError::Empty),
            (&[""], SinkCommandError::Empty),
            (&["bao kv put x token=-"], SinkCommandError::Line),
            (&["{owner}", "x"], SinkCommandError::Program),
            (&["bao", "token={token}"], SinkCommandError::Placeholder(1)),
            (&["bao", "a\nb"], SinkCommandError::Hidden(1, CodePoint('\n'))),
            (&["bao", "x", token], SinkCommandError::Secret(2)),
            (
                &[
                    "curl",
                    "Authorization: Bearer sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA",
                ],
                SinkCommandError::Secret(1),
            ),
        ] {
            let refused = command(words).expect_err("refused");
            assert_eq!(refused, error);
            assert!(!refused.to_string().contains("V24M"), "{refused}");
        }
    }
}
