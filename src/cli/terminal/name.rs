//! What the program was called. Beside the kernel's `keyctl` it is installed as `skeyctl` (docs/install.md): what it
//! says to type must not run the other.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::Path;
use std::sync::OnceLock;

use clap::CommandFactory as _;

use crate::cli::Cli;

const NAME: &str = "keyctl";

/// The only other name that it takes: any could be that of a script, which others do not have.
const OTHER: &str = "skeyctl";

static IS_OTHER: OnceLock<bool> = OnceLock::new();

/// The words that the name stands before.
static COMMANDS: OnceLock<HashSet<String>> = OnceLock::new();

/// Remembers it from the first of the arguments.
pub(in crate::cli) fn remember(called: Option<&OsString>) {
    let name = called.and_then(|path| Path::new(path).file_name());
    let _ = IS_OTHER.set(name.is_some_and(|name| name == OTHER));
}

/// The name that it was called by, of the two that it has.
pub(in crate::cli) fn called() -> &'static str {
    if is_other() { OTHER } else { NAME }
}

pub(in crate::cli) fn is_other() -> bool {
    IS_OTHER.get() == Some(&true)
}

/// A message in which commands begin as they have to be typed. What people named `keyctl`, a schema for example, stays.
pub(super) fn in_message(text: &str) -> Cow<'_, str> {
    if !is_other() || !text.contains(NAME) {
        return Cow::Borrowed(text);
    }
    let commands = COMMANDS.get_or_init(|| {
        Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
    });
    Cow::Owned(renamed(text, |after| {
        let Some(typed) = after.strip_prefix(' ') else { return false };
        let end = typed.find(|letter: char| !letter.is_ascii_lowercase() && letter != '-');
        let word = &typed[..end.unwrap_or(typed.len())];
        word.starts_with('-') || commands.contains(word)
    }))
}

/// Help, in which the name stands alone, too, and between colours.
pub(super) fn in_help(text: &str) -> String {
    renamed(text, |after| !after.starts_with(is_of_word))
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_-./:@".contains(letter)
}

/// Whether a text ends in a sequence that sets a colour.
fn ends_in_color(text: &str) -> bool {
    let Some((_, sequence)) = text.rsplit_once("\x1b[") else { return false };
    sequence
        .strip_suffix('m')
        .is_some_and(|codes| codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'))
}

/// The text with the other name where a word of its own is the usual one, and `is_meant` of what follows.
fn renamed(text: &str, is_meant: impl Fn(&str) -> bool) -> String {
    let mut whole = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(NAME) {
        whole.push_str(before);
        let begins = !whole.ends_with(is_of_word) || ends_in_color(&whole);
        whole.push_str(if begins && is_meant(after) { OTHER } else { NAME });
        rest = after;
    }
    whole.push_str(rest);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_word_of_its_own_is_renamed() {
        let help = "Usage: \x1b[1mkeyctl\x1b[0m mint\n  keyctl list\n/usr/lib/keyctl/bin/keyctl KEYCTL_STORE keyctl.db";
        let renamed = "Usage: \x1b[1mskeyctl\x1b[0m mint\n  skeyctl list\n/usr/lib/keyctl/bin/keyctl KEYCTL_STORE keyctl.db";
        assert_eq!(in_help(help), renamed);
    }
}
