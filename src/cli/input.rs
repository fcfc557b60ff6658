//! What comes from standard input: tokens and references, never from the command line.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::error::CliError;
use super::terminal::{self, Mode};
use super::ui::{self, Ui};
use crate::domain::key_ref::{KeyRef, KeyRefError};

/// Longer input is no token; it is not read to its end.
const LONGEST_TOKEN: u64 = 4096;
/// References and tokens, one a line.
const LONGEST_LIST: u64 = 1024 * 1024;

/// A key as it stands on the command line: a reference, or `-` for standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyArg {
    /// The reference.
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

/// Reads one secret: hidden at a prompt on a terminal, else standard input to its end without
/// one trailing newline. Bytes that are no UTF-8 are replaced, so they match nothing.
pub(super) fn read_secret(prompt: &str) -> Result<Zeroizing<String>, CliError> {
    let bytes = match (io::stdin().is_terminal(), Ui::can_ask()) {
        (true, true) => ask_secret(prompt)?,
        // Nobody would see the question.
        (true, false) => return Err(nothing(prompt)),
        (false, _) => pipe_secret()?,
    };
    if bytes.is_empty() {
        return Err(nothing(prompt));
    }
    Ok(Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned()))
}

fn ask_secret(prompt: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let typed = terminal::ask(Mode::Hidden, || {
        ui::ask(&format!("{prompt}: "));
        terminal::read_line()
    });
    // The end of the line was not shown, either.
    ui::ask("\n");
    typed.ok().flatten().ok_or_else(|| nothing(prompt))
}

fn pipe_secret() -> Result<Zeroizing<Vec<u8>>, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(512));
    read_bounded(&mut bytes, LONGEST_TOKEN)?;
    if bytes.ends_with(b"\n") {
        bytes.pop();
    }
    Ok(bytes)
}

fn nothing(what: &str) -> CliError {
    let hint = format!("give the {} on standard input, as in: keyctl verify < FILE", what.to_lowercase());
    CliError::invalid(format!("there is no {} on standard input", what.to_lowercase()), hint)
}

/// The keys meant by the arguments; `-` is replaced by the lines of standard input.
pub(super) fn references(keys: &[KeyArg]) -> Result<Vec<KeyRef>, CliError> {
    let mut references = Vec::with_capacity(keys.len());
    let mut read = false;
    for key in keys {
        match key {
            KeyArg::Ref(reference) => references.push(reference.clone()),
            KeyArg::Stdin if read => {}
            KeyArg::Stdin => {
                references.extend(read_references()?);
                read = true;
            }
        }
    }
    Ok(references)
}

/// The one key meant.
pub(super) fn reference(key: &KeyArg) -> Result<KeyRef, CliError> {
    let mut found = references(std::slice::from_ref(key))?;
    match (found.pop(), found.is_empty()) {
        (Some(reference), true) => Ok(reference),
        _ => Err(CliError::invalid("one key is meant, and standard input names several", "give one line")),
    }
}

/// Reads several secrets, one a line; empty lines are left out.
pub(super) fn read_secrets() -> Result<Vec<Zeroizing<String>>, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    read_bounded(&mut bytes, LONGEST_LIST)?;
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let secrets: Vec<Zeroizing<String>> = lines
        .filter(|line| !line.is_empty())
        .map(|line| Zeroizing::new(String::from_utf8_lossy(line).into_owned()))
        .collect();
    if secrets.is_empty() { Err(nothing("Token")) } else { Ok(secrets) }
}

fn read_references() -> Result<Vec<KeyRef>, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    read_bounded(&mut bytes, LONGEST_LIST)?;
    let hint = "give ids, owner/name, token prefixes or whole tokens, one a line";
    let text = str::from_utf8(&bytes).map_err(|_| CliError::invalid("standard input is not UTF-8", hint))?;
    let mut references = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        references.push(
            KeyRef::from_line(line, number).map_err(|_| {
                CliError::invalid(format!("line {number} of standard input names no key"), hint)
            })?,
        );
    }
    if references.is_empty() {
        Err(CliError::invalid("standard input names no key", hint))
    } else {
        Ok(references)
    }
}

/// Standard input to its end, or a little more than `most` bytes of it. For what is no secret.
pub(super) fn read_lines(most: u64) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    read_bounded(&mut bytes, most)?;
    Ok(bytes)
}

/// A longer file holds no keys of Mem0.
const LONGEST_FILE: u64 = 4 * 1024 * 1024;

/// Reads a file that holds secrets, or standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<Zeroizing<String>, CliError> {
    let hint = "give a text file in UTF-8, or - for standard input";
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    let (file, name) = open(path)?;
    file.take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::invalid(format!("{name} cannot be read: {error}"), hint))?;
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
pub(super) fn temporary() -> io::Result<File> {
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
pub(super) fn open(path: &Path) -> Result<(File, String), CliError> {
    if path.as_os_str() == "-" {
        // Not through the standard library's buffer, which is never wiped.
        let stdin = io::stdin().as_fd().try_clone_to_owned()?;
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
        )),
    }
}

fn read_bounded(bytes: &mut Vec<u8>, most: u64) -> Result<(), CliError> {
    // Not through the standard library's buffer, which is never wiped.
    let stdin = io::stdin().as_fd().try_clone_to_owned().map(File::from);
    let read = stdin.and_then(|stdin| stdin.take(most + 1).read_to_end(bytes));
    read.map_err(|error| {
        let hint = "give a file or a pipe: keyctl … < FILE";
        CliError::invalid(format!("standard input cannot be read: {error}"), hint)
    })?;
    if bytes.len() as u64 > most && most == LONGEST_LIST {
        return Err(CliError::invalid("standard input is longer than 1 MiB", "give fewer lines at a time"));
    }
    Ok(())
}
