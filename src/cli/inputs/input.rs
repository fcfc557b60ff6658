//! What comes from standard input: tokens and references, never from the command line. Of each,
//! one line end and outer blanks are taken off here and nowhere else, and a note says so.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;

use zeroize::Zeroizing;

use crate::cli::error::{CliError, Kind};
use crate::cli::terminal::line;
use crate::cli::terminal::ui::Ui;
use crate::domain::keys::key_ref::{KeyRef, KeyRefError};
use crate::domain::texts::bare::{Dress, bare};
use crate::domain::texts::text::counted;

/// Longer input is no token; it is not read to its end.
const LONGEST_TOKEN: u64 = 4200;
/// References and tokens, one a line.
const LONGEST_LIST: u64 = 1024 * 1024;

/// A key as it stands on the command line: a reference, or `-` for standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum KeyArg {
    Ref(KeyRef),
    /// References or whole tokens on standard input, one a line.
    Stdin,
}

impl FromStr for KeyArg {
    type Err = KeyRefError;

    fn from_str(text: &str) -> Result<Self, KeyRefError> {
        if text == "-" { Ok(Self::Stdin) } else { text.parse().map(Self::Ref) }
    }
}

/// Reads one token: hidden at a prompt on a terminal, else standard input to its end. Bytes that
/// are no UTF-8 are replaced, so they match nothing. Several lines are refused: judged as one text,
/// tokens that work would look dead.
pub(in crate::cli) fn read_token(ui: &Ui) -> Result<Zeroizing<String>, CliError> {
    let bytes = match (io::stdin().is_terminal(), Ui::can_ask()) {
        (true, true) => ask_secret("Token")?,
        // Nobody would see the question.
        (true, false) => return Err(nothing("Token")),
        (false, _) => pipe_secret()?,
    };
    let token = trimmed(ui, "token", &bytes);
    if token.trim_ascii().is_empty() {
        return Err(nothing("Token"));
    }
    if token.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(CliError::invalid(
            "standard input has several lines, and one token is meant; nothing was looked up",
            "give one line; or look at each: keyctl verify - < FILE",
        ));
    }
    Ok(Zeroizing::new(String::from_utf8_lossy(token).into_owned()))
}

/// Says that a text is no token alone, where none was found in it: it is not dead.
pub(in crate::cli) fn no_bare_token(line: Option<usize>, dress: Dress) -> CliError {
    let place = line.map_or("the text".to_owned(), |line| format!("line {line}"));
    CliError::invalid(
        format!(
            "{place} on standard input is no token alone: {dress}; nothing is said about the token in it"
        ),
        "give the token and nothing around it; several of them, one a line: keyctl verify - < FILE",
    )
}

/// A text of one line without its end and without outer blanks; says so if that was more than a
/// plain line end.
pub(in crate::cli) fn trimmed<'b>(ui: &Ui, what: &str, bytes: &'b [u8]) -> &'b [u8] {
    let (text, more) = bare(bytes);
    if more && !text.is_empty() {
        ui.note(&format!("took off what stood around the {what}: blanks or a carriage return"));
    }
    text
}

fn ask_secret(prompt: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let typed = line::ask(&format!("{prompt}: "), false);
    typed.map_err(|error| nothing(prompt).because(error))?.ok_or_else(given_up)
}

/// A hidden question that was given up.
pub(in crate::cli) fn given_up() -> CliError {
    CliError::new(Kind::Declined, "given up: nothing was done", "give the answer on standard input")
}

fn pipe_secret() -> Result<Zeroizing<Vec<u8>>, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(512));
    read_bounded(&mut bytes, LONGEST_TOKEN)?;
    refuse_utf16(&bytes)?;
    Ok(bytes)
}

/// What another encoding than UTF-8 holds is not looked up: a token that works would look dead.
fn refuse_utf16(bytes: &[u8]) -> Result<(), CliError> {
    let text =
        bytes.strip_prefix(&[0xff, 0xfe]).or_else(|| bytes.strip_prefix(&[0xfe, 0xff])).unwrap_or(bytes);
    // In each pair of bytes one is zero, the same one: only ASCII is in a token.
    let halves = |at: usize| text.chunks(2).all(|pair| pair.get(at).is_none_or(|byte| *byte == 0));
    if text.len() < 2 || halves(0) == halves(1) {
        return Ok(());
    }
    Err(CliError::invalid(
        "standard input is UTF-16, as PowerShell's > writes it, and not UTF-8; nothing was looked up",
        "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE, or Out-File -Encoding ascii in PowerShell",
    ))
}

fn nothing(what: &str) -> CliError {
    let hint = format!("give the {} on standard input, as in: keyctl verify < FILE", what.to_lowercase());
    CliError::invalid(format!("there is no {} on standard input", what.to_lowercase()), hint)
}

/// The keys meant by the arguments; `-` is replaced by the lines of standard input, of which
/// there must be one.
pub(in crate::cli) fn references(ui: &Ui, keys: &[KeyArg]) -> Result<Vec<KeyRef>, CliError> {
    let references = references_if_any(ui, keys)?;
    if references.is_empty() && keys.contains(&KeyArg::Stdin) {
        let hint = "give ids, owner/name, token prefixes or whole tokens, one a line";
        return Err(CliError::invalid("standard input names no key", hint));
    }
    Ok(references)
}

/// The same where standard input may be empty.
pub(in crate::cli) fn references_if_any(ui: &Ui, keys: &[KeyArg]) -> Result<Vec<KeyRef>, CliError> {
    let mut references = Vec::with_capacity(keys.len());
    let mut read = false;
    for key in keys {
        match key {
            KeyArg::Ref(reference) => references.push(reference.clone()),
            KeyArg::Stdin if read => {}
            KeyArg::Stdin => {
                references.extend(read_references(ui)?);
                read = true;
            }
        }
    }
    Ok(references)
}

/// The one key meant.
pub(in crate::cli) fn reference(ui: &Ui, key: &KeyArg) -> Result<KeyRef, CliError> {
    let mut found = references(ui, std::slice::from_ref(key))?;
    match (found.pop(), found.is_empty()) {
        (Some(reference), true) => Ok(reference),
        _ => Err(CliError::invalid("one key is meant, and standard input names several", "give one line")),
    }
}

/// Reads several tokens, one a line, each with its line's number; empty lines are left out.
pub(in crate::cli) fn read_tokens(ui: &Ui) -> Result<Vec<(usize, Zeroizing<String>)>, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    read_bounded(&mut bytes, LONGEST_LIST)?;
    refuse_utf16(&bytes)?;
    let tokens: Vec<_> = bare_lines(ui, &bytes)
        .into_iter()
        .map(|(number, line)| (number, Zeroizing::new(String::from_utf8_lossy(line).into_owned())))
        .collect();
    if tokens.is_empty() { Err(nothing("Token")) } else { Ok(tokens) }
}

/// The lines that hold something, with their numbers, without their ends and outer blanks.
fn bare_lines<'b>(ui: &Ui, bytes: &'b [u8]) -> Vec<(usize, &'b [u8])> {
    let mut trimmed = 0;
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n')).filter_map(|(number, line)| {
        let (text, more) = bare(line);
        trimmed += u64::from(more && !text.is_empty());
        (!text.is_empty()).then_some((number, text))
    });
    let lines = lines.collect();
    if trimmed > 0 {
        ui.note(&format!(
            "took off what stood around {}: blanks or carriage returns",
            counted(trimmed, "line")
        ));
    }
    lines
}

/// What stands on the lines, each a reference or a whole token; what is neither names no key.
fn read_references(ui: &Ui) -> Result<Vec<KeyRef>, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    read_bounded(&mut bytes, LONGEST_LIST)?;
    refuse_utf16(&bytes)?;
    let hint = "give ids, owner/name, token prefixes or whole tokens, one a line";
    str::from_utf8(&bytes).map_err(|_| CliError::invalid("standard input is not UTF-8", hint))?;
    let lines = bare_lines(ui, &bytes).into_iter();
    Ok(lines.map(|(number, line)| KeyRef::from_line(&String::from_utf8_lossy(line), number)).collect())
}

/// Standard input to its end, or a little more than `most` bytes of it. For what is no secret.
pub(in crate::cli) fn read_lines(most: u64) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    read_bounded(&mut bytes, most)?;
    Ok(bytes)
}

/// A longer file holds no keys of Mem0.
const LONGEST_FILE: u64 = 4 * 1024 * 1024;

/// Reads a file that holds secrets, or standard input for `-`.
pub(in crate::cli) fn read_text(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let hint = "give a text file in UTF-8, or - for standard input";
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    let (file, name) = open(path)?;
    file.take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::invalid(format!("{name} cannot be read: {error}"), hint).because(error))?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(CliError::invalid(format!("{name} is longer than 4 MiB"), hint));
    }
    let text = str::from_utf8(&bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
        CliError::invalid(format!("{name}: line {line}: this is not UTF-8"), hint)
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// A temporary file that has no name any more, where `TMPDIR` says, else in /tmp.
pub(in crate::cli) fn temporary() -> io::Result<File> {
    let folder = std::env::temp_dir();
    let mut tries = 0;
    loop {
        let path = folder.join(format!(".keyctl-{}-{tries}", std::process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => return std::fs::remove_file(&path).map(|()| file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < 100 => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Opens a file, or standard input for `-`, with a name for messages.
pub(in crate::cli) fn open(path: &Path) -> Result<(File, String), CliError> {
    if path.as_os_str() == "-" {
        // Not through the standard library's buffer, which is never wiped.
        let stdin = io::stdin().as_fd().try_clone_to_owned().map_err(no_stdin)?;
        return Ok((File::from(stdin), "standard input".to_owned()));
    }
    let name = path.display().to_string();
    let is_folder = |file: &File| file.metadata().map(|found| found.is_dir());
    let opened = File::open(path).and_then(|file| {
        if is_folder(&file)? { Err(io::Error::from(io::ErrorKind::IsADirectory)) } else { Ok(file) }
    });
    match opened {
        Ok(file) => Ok((file, name)),
        Err(error) => Err(CliError::invalid(
            format!("{name} cannot be opened: {error}"),
            "name a file that exists and that you may read, or - for standard input",
        )
        .because(error)),
    }
}

fn read_bounded(bytes: &mut Vec<u8>, most: u64) -> Result<(), CliError> {
    // Not through the standard library's buffer, which is never wiped.
    let stdin = io::stdin().as_fd().try_clone_to_owned().map(File::from);
    let read = stdin.and_then(|stdin| stdin.take(most + 1).read_to_end(bytes));
    read.map_err(no_stdin)?;
    if bytes.len() as u64 > most && most == LONGEST_LIST {
        return Err(CliError::invalid("standard input is longer than 1 MiB", "give fewer lines at a time"));
    }
    Ok(())
}

fn no_stdin(error: io::Error) -> CliError {
    let hint = "give a file or a pipe: keyctl … < FILE";
    CliError::invalid(format!("standard input cannot be read: {error}"), hint).because(error)
}
