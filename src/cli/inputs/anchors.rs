//! Anchors of the audit log, from the command line, a file or standard input.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use std::str::FromStr;

use rustix::fs::{Mode, OFlags};

use super::input;
use crate::cli::error::CliError;
use crate::domain::audit::anchor::{Anchor, AnchorError};

/// Longer input is no list of anchors; it is not read to its end.
const LONGEST: u64 = 1024 * 1024;

const HINT: &str = "give lines as keyctl audit checkpoint prints them";

/// Where anchors stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum AnchorArg {
    Text(Anchor),
    /// `@FILE`, one a line.
    File(PathBuf),
    /// `-`: standard input, one a line.
    Stdin,
}

impl FromStr for AnchorArg {
    type Err = AnchorError;

    fn from_str(text: &str) -> Result<Self, AnchorError> {
        match text.strip_prefix('@') {
            Some("") => Err(AnchorError::Empty),
            Some(path) => Ok(Self::File(path.into())),
            None if text == "-" => Ok(Self::Stdin),
            None => Anchor::from_line(text).map(Self::Text),
        }
    }
}

/// All anchors meant; each argument means at least one.
pub(in crate::cli) fn read(arguments: &[AnchorArg]) -> Result<Vec<Anchor>, CliError> {
    let mut anchors = Vec::new();
    for argument in arguments {
        match argument {
            AnchorArg::Text(anchor) => anchors.push(*anchor),
            AnchorArg::File(path) => {
                let name = path.display().to_string();
                let bytes = read_file(path).map_err(|error| {
                    CliError::invalid(
                        format!("{name} cannot be read: {error}"),
                        "name a file with anchors in it",
                    )
                    .because(error)
                })?;
                anchors.extend(parse(&name, &bytes)?);
            }
            AnchorArg::Stdin => anchors.extend(parse("standard input", &input::read_lines(LONGEST)?)?),
        }
    }
    Ok(anchors)
}

/// Reads a file or a pipe; a FIFO that nobody writes is empty.
fn read_file(path: &PathBuf) -> std::io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = rustix::fs::open(path, flags, Mode::empty())?;
    rustix::fs::fcntl_setfl(&file, OFlags::empty())?;
    let mut bytes = Vec::new();
    File::from(file).take(LONGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(source: &str, bytes: &[u8]) -> Result<Vec<Anchor>, CliError> {
    if bytes.len() as u64 > LONGEST {
        return Err(CliError::invalid(format!("{source} is longer than 1 MiB"), HINT));
    }
    let text =
        str::from_utf8(bytes).map_err(|_| CliError::invalid(format!("{source} is not UTF-8"), HINT))?;
    let mut anchors = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let anchor = Anchor::from_line(line.trim_ascii());
        anchors.push(anchor.map_err(|error| {
            CliError::invalid(format!("line {number} of {source} is no anchor: {error}"), HINT)
        })?);
    }
    if anchors.is_empty() {
        return Err(CliError::invalid(format!("{source} holds no anchor"), HINT));
    }
    Ok(anchors)
}
