//! Secrets that stand where a place is expected: a path, a command, a store's address.
//!
//! Whatever is one is refused before anything is done with it, since the error of a file that is
//! not there, of a shell or of a name server would repeat it.

use super::credentials::{KEY_DIGITS, has_credentials, is_master_key, is_mixed, is_padded};
use super::leak::{self, KNOWN_STARTS};

/// Shorter than this, a text with a known start is more likely a name.
const SHORTEST_KNOWN: usize = 16;

/// What is pasted along with a secret at its ends.
const OUTER: [char; 6] = [' ', '\t', '\r', '\n', '"', '\''];

/// Whether a text has the form of a secret: a token or its secret part in any word of it, or as a
/// whole or behind a name a master key or a provider's key, or a master key where a path begins. The
/// rule is part of the contract (`tests/vectors/README.md`).
pub(crate) fn is_secret(text: &str) -> bool {
    let text = text.trim_matches(OUTER);
    let value = behind_name(text).trim_matches(OUTER);
    // A provider's key behind it is more likely a name: `./sk-store-2027`.
    let behind = ["./", "../", "~/", "/"].iter().find_map(|start| value.strip_prefix(start));
    let is_key = |text| is_master_key(text) || is_provider_key(text);
    has_token(text) || is_key(text) || is_key(value) || behind.is_some_and(is_master_key)
}

/// What stands behind `NAME=`, `NAME:` or `export NAME=`.
fn behind_name(text: &str) -> &str {
    let may_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match text.strip_prefix("export ").unwrap_or(text).split_once(['=', ':']) {
        Some((name, value)) if !name.is_empty() && name.chars().all(may_name) => value,
        _ => text,
    }
}

/// Whether a text that should be a path is a secret, or has one in it.
pub(crate) fn is_no_path(text: &str) -> bool {
    // Base64 of another length, with its padding.
    let is_padded = text.ends_with('=') && leak::looks_secret(text);
    is_secret(text) || has_credentials(text) || is_padded
}

/// What a shell takes for the ends of a word.
fn words(command: &str) -> impl Iterator<Item = &str> {
    command.split(|c: char| c.is_whitespace() || "\"'`();|&<>".contains(c)).filter(|word| !word.is_empty())
}

/// Whether a command is none but a secret: what a shell would look for as a program, and repeat.
pub(crate) fn is_no_command(command: &str) -> bool {
    is_secret(command) || words(command).next().is_some_and(is_master_key)
}

/// Whether a command is a secret or has one in it, which whoever lists processes would see.
pub(crate) fn is_in_command(command: &str) -> bool {
    // Hex without its prefix is no master key, and may be the id of a container or a commit.
    let is_key = |word: &str| is_master_key(word) && (word.len() != KEY_DIGITS || is_padded(word));
    is_no_command(command) || words(command).any(|word| is_key(word) || is_key(behind_equals(word)))
}

fn behind_equals(word: &str) -> &str {
    word.split_once('=').map_or("", |(_, value)| value)
}

fn has_token(text: &str) -> bool {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c)));
    words.into_iter().any(|word| leak::holds_token(word) || word.split(['_', '-']).any(is_part))
}

/// What a token hides, which a capital, a small letter and a digit tell from a long name.
fn is_part(text: &str) -> bool {
    text.len() == leak::SECRET_PART && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_mixed(text)
}

fn is_provider_key(text: &str) -> bool {
    let is_numbered = text.len() >= SHORTEST_KNOWN && text.bytes().any(|byte| byte.is_ascii_digit());
    let is_word = |dots: bool| {
        let may = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte) || (dots && byte == b'.');
        text.bytes().all(may)
    };
    let starts = |start: &&str| text.starts_with(*start) && is_word(*start == "eyJ");
    is_numbered && KNOWN_STARTS.iter().any(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=";

    #[test]
    fn a_command_that_is_or_shows_a_key_is_told() {
        let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for command in [
            KEY.to_owned(),
            format!("\"{KEY}\""),
            format!("{KEY}\n"),
            hex.to_owned(),
            format!("hex:{hex}"),
            format!("echo {KEY}"),
            format!("echo '{KEY}'"),
            format!("printf %s hex:{hex}"),
            format!("KEY={KEY} env"),
            "sk-ant-api03-Xk3Jq9ZkPw2XaT7vRb1LmN8cDfGh5yUe".to_owned(),
        ] {
            assert!(is_in_command(&command), "{command}");
            let is_argument =
                command.starts_with("echo") || command.starts_with("printf") || command.ends_with("env");
            assert_eq!(is_no_command(&command), !is_argument, "{command}");
        }
        for command in [
            "pass show keyctl/master".to_owned(),
            format!("docker exec {hex} cat /run/key"),
            "vault kv get -field=key -mount=secret keyctl".to_owned(),
            "cat /run/secrets/Master-Key-2027".to_owned(),
        ] {
            assert!(!is_in_command(&command), "{command}");
        }
    }
}
